"""Online, away and break times of the seats, from the facts: what `relay attendance` tells one by one, as sums.

Laws:
* A stay lasts from the fact that began it to the one that ended it; one that is open, as far as the ledger goes.
* A person is online if any of their seats is, and away if any is and none is online. Seats of a shop or vendor add up.
* A break is the time between two stays online of one day, whatever it was; what comes before the first and after the
  last is none. It counts in the hour in which it began.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from relay.domain.marks import day_of
from relay.domain.names import HOUR, Millis, SeatId, ShopId
from relay.domain.settings import Presence
from relay.insight.kpi.roster import By, Holder
from relay.insight.kpi.sums import Sums
from relay.insight.kpi.when import hour_of, start_of
from relay.insight.spans import Span, cut, joined, without


class Stay(msgspec.Struct):
    shop: ShopId
    who: Holder
    presence: Presence
    since: Millis
    until: Millis | None = None


class Presences:
    """The stays of all seats, in order."""

    def __init__(self) -> None:
        self.stays: list[Stay] = []
        self._open: dict[SeatId, Stay] = {}

    def begin(self, shop: ShopId, seat: SeatId, who: Holder, presence: Presence, at: Millis) -> None:
        known = self._open.get(seat)
        if known is not None:
            if (known.who, known.presence) == (who, presence):
                return
            known.until = at
            del self._open[seat]
        if presence != "offline":
            self._open[seat] = stay = Stay(shop, who, presence, at)
            self.stays.append(stay)

    def rename(self, shop: ShopId, seat: SeatId, who: Holder, at: Millis) -> None:
        """The seat is another's from now on."""
        if (known := self._open.get(seat)) is not None:
            self.begin(shop, seat, who, known.presence, at)

    def end(self, seat: SeatId, at: Millis) -> None:
        """The seat is no more."""
        if (known := self._open.pop(seat, None)) is not None:
            known.until = at

    def told(self, as_of: Millis) -> Iterator[tuple[int, int, By, str, Sums]]:
        """Day, hour, dimension, name and sums."""
        of_seat: dict[tuple[ShopId, Holder], list[Stay]] = {}
        of_agent: dict[str, list[Stay]] = {}
        for stay in self.stays:
            of_seat.setdefault((stay.shop, stay.who), []).append(stay)
            of_agent.setdefault(stay.who.agent, []).append(stay)
        for (shop, who), stays in of_seat.items():
            for day, hour, sums in _days(stays, as_of):
                yield day, hour, "seat", who.seat, sums
                yield day, hour, "vendor", who.vendor, sums
                yield day, hour, "shop", shop, sums
        for agent, stays in of_agent.items():
            for day, hour, sums in _days(stays, as_of):
                yield day, hour, "agent", agent, sums

    def forget(self, before: Millis) -> None:
        """Let go of the stays that ended before this instant."""
        self.stays = [stay for stay in self.stays if stay.until is None or stay.until > before]


def _days(stays: list[Stay], as_of: Millis) -> Iterator[tuple[int, int, Sums]]:
    online = joined(_spans(stays, "online", as_of))
    away = without(_spans(stays, "away", as_of), online)
    for day in sorted({day for span in (*online, *away) for day in _touched(span)}):
        start, end = start_of(day), start_of(day + 1)
        there = cut(online, start, end)
        for (_, begin), (finish, _) in pairwise(there):
            yield day, hour_of(begin), Sums(breaks=1, break_ms=finish - begin)
        for begin, _ in (one for one in away if start <= one[0] < end):
            yield day, hour_of(begin), Sums(aways=1)
        for name, spans in (("online_ms", there), ("away_ms", cut(away, start, end))):
            for begin, finish in _by_hour(spans):
                yield day, hour_of(begin), Sums(**{name: finish - begin})


def _touched(span: Span) -> range:
    """The days that the span touches."""
    return range(day_of(span[0]), day_of(Millis(span[1] - 1)) + 1)


def _spans(stays: Iterable[Stay], presence: Presence, as_of: Millis) -> Iterator[Span]:
    for stay in stays:
        if stay.presence == presence:
            yield stay.since, stay.until if stay.until is not None else as_of


def _by_hour(spans: Iterable[Span]) -> Iterator[Span]:
    for start, end in spans:
        while start < end:
            border = Millis(min(end, (start // HOUR + 1) * HOUR))
            yield start, border
            start = border
