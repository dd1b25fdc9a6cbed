"""The message log: one JSON object a line, its typed form, and the way there and back.

Laws:
* what `encode` writes, `decode` reads back equal, and `encode` of that is the same bytes again (L13);
* an unknown key is ignored, a known key with a value of the wrong kind is an error that names its line: a value
  that was guessed would move a figure unseen;
* a line is never dropped in silence: a scan raises at the first bad one, or names every one to the `Watch` it is given;
* `at` is the channel's server time in integer milliseconds; time without offset needs a zone.

`Body` is what a message and a raw line share. `Message` has its instants parsed and is what the rest of relay
holds. `scan` is the quick way through a file: it yields the instant beside the raw line and builds a `Message`
only for the lines that carry a second instant.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from relay.rules.flaws import MOST_LINE, Flaw, Watch
from relay.rules.flaws import LogError as LogError  # it is told of messages, and found beside them
from relay.rules.instants import InstantReader, InstantWriter, NaiveTimeError

Role = Literal["buyer", "merchant", "system"]
MessageKind = Literal[
    "human", "assist", "bot", "auto", "helper", "system", "unknown", "transfer", "assign", "recall", "gap"
]
Mode = Literal["assist", "auto", "unknown"]
Trigger = Literal["person", "machine"]
BuyerClass = Literal["consumer", "shop_sub_account", "merchant_account", "xiaoer"]
_BOM = b"\xef\xbb\xbf"

_MOST_SHOWN = 60


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The keys of a log line that are no instants. The order here is the order in which they are written."""

    role: Role
    kind: MessageKind
    buyer: str | None = None
    sub_account: str | None = None
    shop: str | None = None
    id: str | None = None
    bot: str | None = None
    mode: Mode | None = None
    trigger: Trigger | None = None
    path: str | None = None
    origin: str | None = None
    outcome: Literal["unknown"] | None = None
    content: str | None = None
    text: str | None = None
    tag: str | None = None
    buyer_class: BuyerClass | None = None
    queued: bool | None = None
    from_sub: str | None = None
    recalls: str | None = None
    skew_ms: Annotated[int, msgspec.Meta(ge=0)] = 0


class Message(Body, frozen=True, kw_only=True, gc=False):
    """One message. `at`, `to` (the end of a gap) and `drafted_at` are milliseconds since 1970 UTC.

    `outcome: unknown` is relay's own key: a send of which nobody knows whether it reached the buyer.
    """

    at: int
    to: int | None = None
    drafted_at: int | None = None


class Line(Body, frozen=True, kw_only=True, gc=False):
    """A log line as it stands, its instants still text."""

    t: str
    to: str | None = None
    drafted_at: str | None = None


def decode(line: bytes, zone: ZoneInfo | None = None, number: int | None = None) -> Message:
    """Read one log line; `zone` is that of times without offset, `number` the line's place for the error."""
    reader = InstantReader(zone)
    raw = _parse(_DECODER, line, number)
    return _message(raw, _instant(reader, raw.t, "t", number), reader, number)


def encode(message: Message, zone: ZoneInfo | None = None) -> bytes:
    """The canonical line of a message, without line end; times in the offset of `zone`, else UTC as `Z`."""
    return _ENCODER.encode(_written(message, InstantWriter(zone)))


def encode_all(messages: Iterable[Message], zone: ZoneInfo | None = None) -> Iterator[bytes]:
    """The canonical lines of many messages, each with its line end."""
    writer = InstantWriter(zone)
    for message in messages:
        yield _ENCODER.encode(_written(message, writer)) + b"\n"


def scan(
    lines: Iterable[bytes], zone: ZoneInfo | None = None, watch: Watch | None = None
) -> Iterator[tuple[int, Body]]:
    """Instant and body of every line, in file order. Blank lines and a byte-order mark are skipped."""
    reader = InstantReader(zone)
    dates, times, tails = reader.dates, reader.times, reader.tails
    parse = _DECODER.decode
    for number, line in enumerate(lines, 1):
        try:
            try:
                raw = parse(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                bare = line.removeprefix(_BOM) if number == 1 else line
                if not bare.strip():
                    continue
                raw = _parse(_DECODER, bare, number)
            t = raw.t
            try:
                at = dates[t[:11]] + times[t[11:19]] + tails[t[19:]]
            except KeyError:
                at = _instant(reader, t, "t", number, watch)
            body: Body = raw
            if raw.buyer is None or raw.kind in _RARE:
                body = _message(raw, at, reader, number, watch)
        except LogError as error:
            if watch is None:
                raise
            watch.refuse(error)
            continue
        yield at, body


_DECODER = msgspec.json.Decoder(Line)
_ENCODER = msgspec.json.Encoder()
_RARE = frozenset({"gap", "recall"})
_BODY_KEYS = Body.__struct_fields__


def _parse(decoder: msgspec.json.Decoder[Line], line: bytes, number: int | None) -> Line:
    if len(line) > MOST_LINE:
        raise LogError(
            number,
            f"超过 {MOST_LINE >> 20} MiB，多半缺少换行；每行应是一条消息",
            f"longer than {MOST_LINE >> 20} MiB, probably without line ends; write one message a line",
            Flaw.too_long,
        )
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), number) from None
    except msgspec.DecodeError as error:
        raise LogError(number, f"不是有效的 JSON（{error}）", f"not valid JSON: {error}", Flaw.not_json) from None
    except UnicodeDecodeError:
        raise LogError(
            number, "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8; save the file as UTF-8", Flaw.not_utf8
        ) from None


def _invalid(why: str, number: int | None) -> LogError:
    """The decoder's own words are cut from the left: its place, `$.kind`, stands at their end."""
    key = why.rpartition("`$.")[2].rstrip("`")
    brief = why if len(why) <= 2 * _MOST_SHOWN else f"{why[:_MOST_SHOWN]}…{why[-_MOST_SHOWN:]}"
    if why.startswith("Invalid enum value"):
        words = ", ".join(str(one) for one in _WORDS.get(key, ()))
        return LogError(
            number,
            f"{key} 的值不认识（{brief}），可用：{words}",
            f"not a message: {brief}; there are {words}",
            Flaw.unknown_word,
        )
    flaw = Flaw.missing if "missing required" in why else Flaw.wrong_type
    return LogError(number, f"内容不符合消息日志格式（{brief}）", f"not a message: {brief}", flaw)


_WORDS: Final = {
    "role": get_args(Role),
    "kind": get_args(MessageKind),
    "mode": get_args(Mode),
    "trigger": get_args(Trigger),
    "buyer_class": get_args(BuyerClass),
    "outcome": ("unknown",),
}


def _instant(reader: InstantReader, text: str, key: str, number: int | None, watch: Watch | None = None) -> int:
    shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    try:
        at = reader.read(text)
    except NaiveTimeError:
        raise LogError(
            number,
            f"时间 {key}={shown!r} 没有时区，请用 --timezone 指明，例如 Asia/Shanghai",
            f"{key}={shown!r} has no offset from UTC; name its zone with --timezone, for example Asia/Shanghai",
            Flaw.no_zone,
        ) from None
    except ValueError as error:
        raise LogError(
            number,
            f"{key}={shown!r} 不是有效时间，应如 2022-01-07T10:00:00+08:00",
            f"{key}={shown!r} is no instant ({error}); write it like 2022-01-07T10:00:00+08:00",
            Flaw.bad_time,
        ) from None
    if watch is not None:
        if at not in watch.within:
            reader.dates.pop(text[:11], None)  # so that the next line of this date comes by here too
            raise LogError(
                number,
                f"时间 {key}={shown!r} 不在 2003 至 2099 年之间，请检查导出",
                f"{key}={shown!r} is not in the years 2003 to 2099; check the export",
                Flaw.far_time,
            )
        watch.offsets.setdefault(_offset(text), number)
    return at


def _offset(text: str) -> str:
    """`+0800` of a time that was read; empty where it has none. A reader sees each new one once at least."""
    offset = text[16:].lstrip(":.,0123456789").replace(":", "").upper()
    return "+0000" if offset == "Z" else offset.ljust(5, "0") if offset else ""


def _message(raw: Line, at: int, reader: InstantReader, number: int | None, watch: Watch | None = None) -> Message:
    _check(raw, number)
    to = None if raw.to is None else _instant(reader, raw.to, "to", number, watch)
    drafted = None if raw.drafted_at is None else _instant(reader, raw.drafted_at, "drafted_at", number, watch)
    if raw.kind == "gap" and to is not None and to < at:
        raise LogError(
            number, "gap 的结束时间 to 早于开始时间 t", "a gap ends before it begins: `to` is before `t`", Flaw.bad_time
        )
    shared = {key: getattr(raw, key) for key in _BODY_KEYS}
    return Message(at=at, to=to, drafted_at=drafted, **shared)


def _check(raw: Line, number: int | None) -> None:
    if raw.kind == "gap":
        if raw.to is None:
            raise LogError(number, "gap 行缺少结束时间 to", "a gap line needs its end in `to`", Flaw.missing)
    elif raw.kind == "recall":
        if raw.recalls is None:
            raise LogError(
                number, "recall 行缺少被撤回消息的 recalls", "a recall line needs `recalls`, an id", Flaw.missing
            )
    elif raw.buyer is None and raw.role != "system":
        raise LogError(number, "缺少买家 buyer", "the buyer is missing", Flaw.missing)


def _written(message: Message, writer: InstantWriter) -> dict[str, str | int | bool]:
    """The line as an object: the time first, then the keys of `Body` that say anything, then further instants."""
    written: dict[str, str | int | bool] = {"t": writer.write(message.at)}
    for key in _BODY_KEYS:
        value = getattr(message, key)
        if value is not None and not (key == "skew_ms" and value == 0):
            written[key] = value
    if message.to is not None:
        written["to"] = writer.write(message.to)
    if message.drafted_at is not None:
        written["drafted_at"] = writer.write(message.drafted_at)
    return written
