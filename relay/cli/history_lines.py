"""A log as the lines of an import: looked at once as a whole, then given out a few at a time.

Memory follows neither lines nor buyers of a message log: what is remembered of it is a line for every day, and of
lines without an id the last `WINDOW`, among which lines that are alike are counted.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

from msgspec.msgpack import encode
from msgspec.structs import replace

from relay.cli.auditing.judging import UnreadableLogError
from relay.cli.auditing.source import Source
from relay.contracts.history import MOST_LINES, HistoryLine
from relay.domain.marks import day_of
from relay.domain.names import Millis
from relay.errors import BadInputError
from relay.rules.flaws import LogError, Watch
from relay.rules.messages import Body, Message

WINDOW: Final = 100_000
MOST_TEXT: Final = 1 << 20
"""Bytes of text in one call, about."""
_KEYS: Final = Body.__struct_fields__


class Survey(NamedTuple):
    """What one reading of the log found. `days` are lines by natural day, `others` lines of other shops."""

    lines: int
    first_at: Millis | None
    last_at: Millis | None
    days: Counter[int]
    others: int
    watch: Watch


def survey(source: Source, of: str | None, shop: str, *, lenient: bool) -> tuple[Survey, str | None]:
    """Read it once; also which of the shops that its lines name is meant. Raises BadInputError, before any line is
    taken."""
    watch = Watch(lenient=lenient)
    shops: Counter[str | None] = Counter()
    days: dict[str | None, Counter[int]] = {}
    ends: dict[str | None, tuple[int, int]] = {}
    try:
        for at, body in source.messages(watch):
            name = body.shop
            shops[name] += 1
            days.setdefault(name, Counter())[day_of(Millis(at))] += 1
            first, last = ends.get(name, (at, at))
            ends[name] = min(first, at), max(last, at)
    except LogError:
        raise UnreadableLogError(watch) from None
    if watch.flaws and not (lenient and shops):
        raise UnreadableLogError(watch)
    meant = _meant(source.name, [name for name in shops if name is not None], of, shop)
    taken = {None, meant} & {*shops}
    total: Counter[int] = Counter()
    for name in taken:
        total.update(days[name])
    lines = sum(shops[name] for name in taken)
    spans = [ends[name] for name in taken]
    first_at = Millis(min(one for one, _ in spans)) if spans else None
    last_at = Millis(max(one for _, one in spans)) if spans else None
    return Survey(lines, first_at, last_at, total, shops.total() - lines, watch), meant


def _meant(name: str, shops: list[str], of: str | None, shop: str) -> str | None:
    if of is not None:
        if of not in shops:
            known = ", ".join(sorted(shops)) or "–"
            raise BadInputError(f"{name}: 没有店铺 {of!r} 的行，有 {known} / no line is of {of!r}; there are {known}")
        return of
    if shop in shops:
        return shop
    if len(shops) > 1:
        known = ", ".join(sorted(shops))
        raise BadInputError(
            f"{name}: 有多个店铺：{known}；用 --of 指明是哪一个"
            f" / it is of several shops: {known}; say with --of which of them is meant"
        )
    return shops[0] if shops else None


def parts(source: Source, meant: str | None, *, lenient: bool) -> Iterator[list[HistoryLine]]:
    """The lines of the shop that is meant and those that name none, so many at a time."""
    some: list[HistoryLine] = []
    size = 0
    alike, seated = _Alike(), source.seated
    for at, body in source.messages(Watch(lenient=lenient)):
        if body.shop is not None and body.shop != meant:
            continue
        message = body if isinstance(body, Message) else Message(at=at, **{key: getattr(body, key) for key in _KEYS})
        message = _whole(message)
        addressed = None if seated is None else seated(message).sub_account
        again = alike.count(message) if message.id is None else 0
        some.append(HistoryLine(message, again, addressed if addressed != message.sub_account else None))
        size += len(message.text or "")
        if len(some) == MOST_LINES or size > MOST_TEXT:
            yield some
            some, size = [], 0
    if some:
        yield some


def _whole(message: Message) -> Message:
    """Half of a surrogate pair, which an export may hold and no ledger does, is spelled out."""
    try:
        encode(message)
    except UnicodeEncodeError:
        texts = {key: value for key in _KEYS if isinstance(value := getattr(message, key), str)}
        return replace(message, **{key: text.encode(errors="backslashreplace").decode() for key, text in texts.items()})
    return message


class _Alike:
    """How many lines like this one came before it."""

    def __init__(self) -> None:
        self._met: OrderedDict[bytes, int] = OrderedDict()

    def count(self, message: Message) -> int:
        digest = blake2b(encode(message), digest_size=16).digest()
        before = self._met.pop(digest, 0)
        self._met[digest] = before + 1
        if len(self._met) > WINDOW:
            self._met.popitem(last=False)
        return before
