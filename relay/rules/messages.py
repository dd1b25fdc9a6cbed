"""The message log: one JSON object a line, its typed form, and the way there and back.

Laws:
* what `encode` writes, `decode` reads back equal, and `encode` of that is the same bytes again (L13);
* an unknown key is ignored, a known key with a value of the wrong kind is an error that names its line: a value
  that was guessed would move a figure unseen;
* `at` is the channel's server time in integer milliseconds; time without offset needs a zone.

`Body` is what a message and a raw line share. `Message` has its instants parsed and is what the rest of relay
holds. `scan` is the quick way through a file: it yields the instant beside the raw line and builds a `Message`
only for the lines that carry a second instant.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from relay.rules.instants import InstantReader, InstantWriter, NaiveTimeError

Role = Literal["buyer", "merchant", "system"]
MessageKind = Literal[
    "human", "assist", "bot", "auto", "helper", "system", "unknown", "transfer", "assign", "recall", "gap"
]
Mode = Literal["assist", "auto", "unknown"]
Trigger = Literal["person", "machine"]
BuyerClass = Literal["consumer", "shop_sub_account", "merchant_account", "xiaoer"]
_BOM = b"\xef\xbb\xbf"


class LogError(ValueError):
    """A line of a message log cannot be read; says which, why and what to do, in Chinese and English."""

    def __init__(self, number: int | None, zh: str, en: str) -> None:
        self.number, self.zh, self.en = number, zh, en
        where = ("", "") if number is None else (f"line {number}: ", f"第 {number} 行：")
        super().__init__(f"{where[0]}{en} / {where[1]}{zh}")


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


def scan(lines: Iterable[bytes], zone: ZoneInfo | None = None) -> Iterator[tuple[int, Body]]:
    """Instant and body of every line, in file order. Blank lines and a byte-order mark are skipped."""
    reader = InstantReader(zone)
    dates, times, tails = reader.dates, reader.times, reader.tails
    parse = _DECODER.decode
    for number, line in enumerate(lines, 1):
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
            at = _instant(reader, t, "t", number)
        if raw.buyer is None or raw.kind in _RARE:
            yield at, _message(raw, at, reader, number)
        else:
            yield at, raw


_DECODER = msgspec.json.Decoder(Line)
_ENCODER = msgspec.json.Encoder()
_RARE = frozenset({"gap", "recall"})
_BODY_KEYS = Body.__struct_fields__


def _parse(decoder: msgspec.json.Decoder[Line], line: bytes, number: int | None) -> Line:
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        raise LogError(number, f"内容不符合消息日志格式（{error}）", f"not a message: {error}") from None
    except msgspec.DecodeError as error:
        raise LogError(number, f"不是有效的 JSON（{error}）", f"not valid JSON: {error}") from None
    except UnicodeDecodeError:
        raise LogError(number, "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8; save the file as UTF-8") from None


def _instant(reader: InstantReader, text: str, key: str, number: int | None) -> int:
    try:
        return reader.read(text)
    except NaiveTimeError:
        raise LogError(
            number,
            f"时间 {key}={text!r} 没有时区，请用 --timezone 指明，例如 Asia/Shanghai",
            f"{key}={text!r} has no offset from UTC; name its zone with --timezone, for example Asia/Shanghai",
        ) from None
    except ValueError as error:
        raise LogError(
            number,
            f"{key}={text!r} 不是有效时间，应如 2022-01-07T10:00:00+08:00",
            f"{key}={text!r} is no instant ({error}); write it like 2022-01-07T10:00:00+08:00",
        ) from None


def _message(raw: Line, at: int, reader: InstantReader, number: int | None) -> Message:
    _check(raw, number)
    to = None if raw.to is None else _instant(reader, raw.to, "to", number)
    drafted = None if raw.drafted_at is None else _instant(reader, raw.drafted_at, "drafted_at", number)
    if raw.kind == "gap" and to is not None and to < at:
        raise LogError(number, "gap 的结束时间 to 早于开始时间 t", "a gap ends before it begins: `to` is before `t`")
    shared = {key: getattr(raw, key) for key in _BODY_KEYS}
    return Message(at=at, to=to, drafted_at=drafted, **shared)


def _check(raw: Line, number: int | None) -> None:
    if raw.kind == "gap":
        if raw.to is None:
            raise LogError(number, "gap 行缺少结束时间 to", "a gap line needs its end in `to`")
    elif raw.kind == "recall":
        if raw.recalls is None:
            raise LogError(number, "recall 行缺少被撤回消息的 recalls", "a recall line needs `recalls`, an id")
    elif raw.buyer is None and raw.role != "system":
        raise LogError(number, "缺少买家 buyer", "the buyer is missing")


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
