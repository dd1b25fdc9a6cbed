"""Who works when and whose connection flaps, said again plainly and slowly: a model that shares no code with relay.

Time goes by in whole minutes of UTC. A stretch of a date begins in the first minute in which the wall clock of the
zone has reached its start, and ends in the first in which it has reached its end.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from relay.domain.settings import Seat, Shop

MINUTE = 60_000
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def wall(zone: str, at: int) -> str:
    """What the clock on the wall shows, date first: comparing the texts compares the times."""
    return datetime.fromtimestamp(at // 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@cache
def first_minute(zone: str, day: str, clock: str) -> int:
    """The first minute in which the wall shows this date and time, or more. No zone is 15 hours ahead of UTC."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    at = int((midnight - timedelta(hours=15)).timestamp()) * 1000
    while wall(zone, at) < f"{day} {clock}":
        at += MINUTE
    return at


def hours(shop: Shop, seat: Seat, day: date) -> tuple[tuple[str, str], ...]:
    """What the seat works on a date: its own say, then the shop's holidays, then the week."""
    for own in seat.exceptions:
        if own.date == str(day):
            return tuple((one.start, one.end) for one in own.hours)
    if str(day) in shop.holidays:
        return ()
    if not seat.shifts:
        return (("00:00", "24:00"),)
    weekday = {one.date: one.works_as for one in shop.make_up_days}.get(str(day), WEEKDAYS[day.weekday()])
    return tuple((one.start, one.end) for one in seat.shifts if weekday in one.days)


@cache
def stretches(zone: str, day: date, worked: tuple[tuple[str, str], ...]) -> list[tuple[int, int]]:
    """The first minutes in and after each stretch of a date."""
    found = []
    for start, end in worked:
        over = day if end > start and end != "24:00" else day + timedelta(days=1)
        until = "00:00" if end == "24:00" else end
        found.append((first_minute(zone, str(day), start), first_minute(zone, str(over), until)))
    return found


def is_on(shop: Shop, seat: Seat, at: int) -> bool:
    """Whether the seat is on shift in this minute."""
    today = datetime.fromtimestamp(at // 1000, ZoneInfo(shop.zone)).date()
    for back in (3, 2, 1, 0, -1):
        day = today - timedelta(days=back)
        if any(start <= at < end for start, end in stretches(shop.zone, day, hours(shop, seat, day))):
            return True
    return False


def is_draining(shop: Shop, seat: Seat, at: int) -> bool:
    """Whether the seat is on shift and will not be within `drain_s`."""
    ahead = range((at // MINUTE + 1) * MINUTE, at + shop.drain_s * 1000 + 1, MINUTE)
    return is_on(shop, seat, at) and not all(is_on(shop, seat, later) for later in ahead)


class Line:
    """One seat's connection: what was told of it, and what follows. `until` is the end of its grace; 0: none runs."""

    def __init__(self) -> None:
        self.connected = False
        self.counted: list[int] = []
        self.flapping = False
        self.last = 0
        self.spent, self.until = 0, 0

    def tell(self, at: int, connected: bool, grace_ms: int = 0) -> None:
        """A return counts as a change only where a change within a minute came before it."""
        if connected == self.connected:
            return
        if connected:
            self.spent = self.spent + max(0, at - self.last) if self.until else 0
            self.until = 0
        else:
            self.spent = 0 if at - self.last >= 60_000 else self.spent
            self.until = at + max(0, grace_ms - self.spent)
        self.connected, self.last = connected, at
        recent = [one for one in self.counted if at - 60_000 < one <= at]
        self.counted = [*recent, at] if recent or not connected else []

    def lose_all(self, at: int, grace_ms: int = 0) -> None:
        """relay began anew: that is no fault of this line."""
        self.spent, self.until = 0, at + grace_ms
        self.connected, self.last, self.counted = False, at, []

    def set_back(self, by_ms: int) -> None:
        self.last += by_ms
        self.until += by_ms if self.until else 0
        self.counted = [one + by_ms for one in self.counted]

    @property
    def flaps(self) -> bool:
        return len(self.counted) >= 3

    def over_at(self) -> int:
        """When it is over: steady for 20 s, or gone for a minute."""
        return self.last + (20_000 if self.connected else 60_000)
