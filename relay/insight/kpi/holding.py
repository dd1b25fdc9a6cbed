"""Who has which buyer on their list, as the facts have it: where questions stand, who leaves, how many at once.

Laws:
* A stay is on one seat's list from one `Assigned` to what ends it; the pool is nobody's list.
* A buyer is handed over if they come to a seat from another, by way of the pool or not, before the conversation closed.
* Relay's own clock may be set back; here it then stands still.
"""

from collections.abc import Callable, Iterator

import msgspec

from relay.domain.marks import day_of
from relay.domain.names import BuyerRef, Millis, SeatId, ShopId
from relay.insight.kpi.roster import HOLDERS, By, Holder
from relay.insight.kpi.talk import Arrival, Departure, Line
from relay.insight.kpi.when import hour_number

FIRST_GROUP = "presale"
Key = tuple[ShopId, BuyerRef]


class Thread(msgspec.Struct):
    """One conversation while anything of it is remembered.

    `since`: from when the seat, agent and vendor have it. `came`: who had it last since it was closed. `wrote`: a
    person at this seat has written in this stay. `open`: the questions that nobody has answered.
    """

    group: str = FIRST_GROUP
    who: Holder | None = None
    since: dict[str, Millis] = {}
    came: Holder | None = None
    wrote: bool = False
    open: dict[int, Line] = {}
    answered_until: Millis = Millis(-1)


class Holding:
    """`moved` is told of every departure and arrival."""

    def __init__(self, moved: Callable[[Key, Departure | Arrival], None]) -> None:
        self.threads: dict[Key, Thread] = {}
        self.peaks = Peaks()
        self._moved = moved

    def thread(self, key: Key) -> Thread:
        found = self.threads.get(key)
        if found is None:
            found = self.threads[key] = Thread()
        return found

    def assign(self, key: Key, who: Holder, at: Millis) -> None:
        """The buyer stands on this seat's list now."""
        thread = self.thread(key)
        if thread.who is not None and thread.who.seat == who.seat:
            return
        before = thread.who
        if before is not None:
            self._leave(key, thread, who, at)
        self._moved(key, Arrival(at, who, thread.came, thread.group))
        thread.since = {
            by: thread.since[by] if before is not None and before[number] == who[number] else at
            for number, by in enumerate(HOLDERS)
        }
        thread.who = thread.came = who
        thread.wrote = False
        for line in _asked_on_the_day(thread, at):
            line.owner = who
            if who not in line.lists:
                line.lists = (*line.lists, who)
        self.peaks.count(key[0], who, thread.group, +1)

    def unplace(self, key: Key, at: Millis) -> None:
        """The buyer waits in the pool, on nobody's list."""
        thread = self.thread(key)
        if thread.who is not None:
            self._leave(key, thread, None, at)
            thread.who = None
        for line in _asked_on_the_day(thread, at):
            line.owner = None

    def close(self, key: Key) -> None:
        """The conversation is over; what comes next begins anew."""
        thread = self.threads.pop(key, None)
        if thread is not None and thread.who is not None:
            self.peaks.count(key[0], thread.who, thread.group, -1)

    def regroup(self, key: Key, group: str) -> None:
        thread = self.thread(key)
        if thread.who is not None:
            self.peaks.count(key[0], thread.who, thread.group, -1)
            self.peaks.count(key[0], thread.who, group, +1)
        thread.group = group

    def rename(self, seat: SeatId, who: Holder, at: Millis) -> None:
        """The seat is another's now: its buyers stay on its list, and nobody moved."""
        for key, thread in self.threads.items():
            if thread.who is not None and thread.who.seat == seat and thread.who != who:
                self.peaks.count(key[0], thread.who, thread.group, -1)
                self.peaks.count(key[0], who, thread.group, +1)
                thread.since = {
                    by: thread.since[by] if thread.who[number] == who[number] else at
                    for number, by in enumerate(HOLDERS)
                }
                thread.who = thread.came = who
                for line in _asked_on_the_day(thread, at):
                    line.owner = who
                    line.lists = (*line.lists, who)

    def remove(self, seat: SeatId, at: Millis) -> None:
        """The seat is no more."""
        for key in [key for key, one in self.threads.items() if one.who is not None and one.who.seat == seat]:
            self.unplace(key, at)

    def ask(self, key: Key, line: Line) -> None:
        """A question has come."""
        thread = self.thread(key)
        if thread.who is not None:
            line.lists, line.owner = (thread.who,), thread.who
        if line.at > thread.answered_until:
            thread.open[line.seq] = line

    def answer(self, key: Key, line: Line) -> bool:
        """A person has written. Whether that answers a question of an earlier day."""
        thread = self.thread(key)
        who = line.who
        if who is not None and thread.who is not None:
            thread.wrote = thread.wrote or who.seat == thread.who.seat
            line.entered = {
                by: thread.since[by] for number, by in enumerate(HOLDERS) if who[number] == thread.who[number] != ""
            }
        thread.answered_until = max(thread.answered_until, line.at)
        answered = [asked for asked in thread.open.values() if asked.at <= line.at]
        for asked in answered:
            del thread.open[asked.seq]
        return any(day_of(asked.at) < day_of(line.at) for asked in answered)

    def _leave(self, key: Key, thread: Thread, to: Holder | None, at: Millis) -> None:
        assert thread.who is not None
        unanswered = bool(thread.open) and not thread.wrote
        self._moved(key, Departure(at, thread.who, to, thread.group, unanswered))
        self.peaks.count(key[0], thread.who, thread.group, -1)


def _asked_on_the_day(thread: Thread, at: Millis) -> Iterator[Line]:
    """The open questions of this day: one of a day that is over stays where it stood then."""
    return (line for line in thread.open.values() if day_of(line.at) == day_of(at))


class Peaks:
    """How many receptions stood on lists at once, at most, by day; for the shops together by hour, too."""

    def __init__(self) -> None:
        self.highest: dict[tuple[int, By, str], int] = {}
        """Hour number, dimension, name."""
        self._now: dict[tuple[By, str], int] = {}
        self._hour: int | None = None

    def pass_to(self, at: Millis) -> None:
        """Time goes on: what stands on lists stands there in the new hour, too."""
        hour = hour_number(at)
        if self._hour is None:
            self._hour = hour
        while self._hour < hour:
            self._hour += 1
            for (by, name), count in self._now.items():
                if count:
                    self.highest[self._hour, by, name] = count

    def count(self, shop: ShopId, who: Holder, group: str, change: int) -> None:
        for place in _places(shop, who, group):
            now = self._now[place] = self._now.get(place, 0) + change
            if change > 0 and self._hour is not None:
                spot = (self._hour, *place)
                self.highest[spot] = max(self.highest.get(spot, 0), now)


def _places(shop: ShopId, who: Holder, group: str) -> Iterator[tuple[By, str]]:
    for number, by in enumerate(HOLDERS):
        if who[number]:
            yield by, who[number]
    yield "group", group
    yield "shop", shop
    yield "day", ""
