"""Exports are read more than once: first who is there, then who says what, then the messages.

So a source is anything that can be iterated again; what can be iterated only once is kept in memory. A file whose
conversations do not run forward in time (many tables stand newest first) is kept and sorted.
"""

from collections.abc import Callable, Iterable, Iterator

from relay.insight.utterances import Unread, Utterance
from relay.rules.instants import CHINA_ZONE, InstantReader
from relay.rules.messages import LogError

Item = Utterance | Unread
_MOST_MINUTES = 100_000


class Again:
    """A source that opens its file anew each time: `Again(lambda: reader.read(path, columns))`."""

    def __init__(self, open_it: Callable[[], Iterable[Item]]) -> None:
        self._open = open_it

    def __iter__(self) -> Iterator[Item]:
        return iter(self._open())


def again(items: Iterable[Item]) -> Iterable[Item]:
    """The same, sure to give everything a second time."""
    return list(items) if iter(items) is items else items


class Stamps:
    """Instants of an export. Without a zone, times that lack an offset are read as China's: spans do not care."""

    def __init__(self, reader: InstantReader | None = None) -> None:
        self._reader = reader or InstantReader(CHINA_ZONE)
        self._minutes: dict[str, int] = {}

    def read(self, t: str) -> int:
        """Milliseconds; raises as `InstantReader.read`. Whole seconds without an offset cost two look-ups."""
        second = _SECONDS.get(t[16:])
        if second is None:
            tables = self._reader
            try:
                return tables.dates[t[:11]] + tables.times[t[11:19]] + tables.tails[t[19:]]
            except KeyError:
                return tables.read(t)
        minute = self._minutes.get(t[:16])
        if minute is None:
            if len(self._minutes) >= _MOST_MINUTES:
                self._minutes.clear()
            minute = self._minutes[t[:16]] = self._reader.read(t[:16])
        return minute + second

    def maybe(self, t: str) -> int | None:
        """None for a text that is no time."""
        try:
            return self.read(t)
        except ValueError:
            return None


_SECONDS = {f":{second:02}": second * 1000 for second in range(60)}


def said(items: Iterable[Item]) -> Iterator[Utterance]:
    """The utterances alone."""
    return (one for one in items if isinstance(one, Utterance))


def in_time_order(items: Iterable[Item], *, newest_first: bool) -> list[Item]:
    """Everything sorted by time; within one instant as the file has it, from its end if that is newest first."""
    stamps = Stamps()
    kept = [(stamps.maybe(one.t) or 0, one) for one in said(items)]
    if newest_first:
        kept.reverse()
    kept.sort(key=lambda pair: pair[0])
    return [one for _, one in kept]


def no_zone(where: int, t: str) -> LogError:
    """The error for a time without an offset where nobody named a zone."""
    return LogError(
        where,
        f'时间 {t!r} 没有时区；请用 --timezone 指明，或在身份文件中写 timezone = "Asia/Shanghai"',
        f"the time {t!r} has no offset from UTC; name its zone with --timezone, or write "
        'timezone = "Asia/Shanghai" into the who-is-who file',
    )
