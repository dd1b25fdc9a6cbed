"""One thread of a ledger: its messages as they came, and its entries however they came.

A thread walks each message as it arrives while messages come in order and nothing of them is unknown. At each day
border it leaves a mark, from where it can go on again: a message that comes late, again or is recalled is sorted in
and walked anew from the mark of its day, once, when the thread is next looked at. A thread with unknowns is walked
once per reading when it is looked at. From its first machine-triggered text on a thread keeps a second walk, `bare`,
that never sees one.
"""

from collections.abc import Iterable
from operator import attrgetter

import msgspec

from relay.rules.authors import TRANSPARENT, Reading, readings
from relay.rules.gaps import Gap, through
from relay.rules.instants import DAY, day_of, end_of_day
from relay.rules.readings import merge
from relay.rules.senses import Sense
from relay.rules.tally import Listing, Posted
from relay.rules.walks import Law, Walk

END = 1 << 62
"""Later than any instant and any stamp."""


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A message in a thread. `stamp` orders it: four times the instant, plus 0 buyer, 1 system, 2 merchant."""

    stamp: int
    sense: Sense
    id: str | None
    digest: int


class Mark(msgspec.Struct, frozen=True, gc=False):
    """Where the walk stood when a day began: the first `length` messages were walked and left the first entries."""

    stamp: int
    length: int
    walk: Walk
    closed: int
    bare: Walk | None
    bare_closed: int


Recalls = dict[str, list[tuple[int, str | None]]]
"""Message id to (instant of the recall, buyer it names) for each recall of it."""
_stamp = attrgetter("stamp")


class Thread:
    """`sub_account` is None unless it is part of the thread's key. `stale` is the stamp from which to walk anew."""

    __slots__ = (
        "axes", "bare", "border", "buyer", "log", "marks", "posted", "shop", "stale", "stamp", "sub_account",
        "touched", "walk",
    )  # fmt: skip

    def __init__(self, shop: str | None, buyer: str, sub_account: str | None, walk: Walk) -> None:
        self.shop, self.buyer, self.sub_account = shop, buyer, sub_account
        self.walk = walk
        self.bare: Walk | None = None
        self.log: list[Taken] = []
        self.marks: list[Mark] = []
        self.stamp = -END
        self.border = -END
        self.axes = 0
        self.stale = END
        self.touched = False
        self.posted: tuple[Posted | None, Posted | None] = (None, None)

    def step(self, at: int, sense: Sense) -> None:
        """Walk a message that comes in order."""
        if self.bare is not None:
            if not sense.machine:
                self.bare.step(at, sense)
        elif sense.machine:
            self.bare = self.walk.fork()
            self.bare.closed = self.walk.closed.copy()
        self.walk.step(at, sense)

    def begin_day(self, at: int, length: int) -> None:
        """The next message to walk, number `length`, is the first of another day."""
        if self.border > -END:
            bare = self.bare
            self.marks.append(
                Mark(
                    stamp=4 * (end_of_day(at) - DAY),
                    length=length,
                    walk=self.walk.fork(),
                    closed=len(self.walk.closed),
                    bare=None if bare is None else bare.fork(),
                    bare_closed=0 if bare is None else len(bare.closed),
                )
            )
        self.border = 4 * end_of_day(at)

    def seen(self, id: str, digest: int, stamp: int) -> bool:
        """Whether this very message is here already with this or an earlier instant; a later copy of it goes."""
        for place in range(len(self.log) - 1, -1, -1):
            one = self.log[place]
            if one.id == id and one.digest == digest:
                if one.stamp <= stamp:
                    return True
                del self.log[place]
                self._reset_from(stamp)
                return False
        return False

    def days(self) -> list[int]:
        """The days on which it has messages, or on which one was recalled last; first day first."""
        return sorted({day_of(self.stamp // 4), *(day_of(one.stamp // 4) for one in self.log)})

    def doubt(self, stamp: int) -> None:
        """What was walked from this stamp on no longer holds."""
        if stamp < self.stale:
            self.stale = stamp

    def listings(self, law: Law, recalls: Recalls, gaps: list[Gap], as_of: int) -> tuple[Listing, Listing]:
        """What the thread contributes as of an instant, with and without its machine-triggered texts."""
        if gaps:
            gaps = [gap for gap in gaps if gap.since <= as_of and gap.touches(self.shop, self.buyer)]
        if self.axes or self.stamp // 4 > as_of:
            kept = self._kept(recalls, as_of)
            whole = _read(kept, law, gaps, as_of)
            bare = [one for one in kept if not one.sense.machine]
            return whole, whole if len(bare) == len(kept) else _read(bare, law, gaps, as_of)
        if self.stale < END:
            self._walk_anew(law, recalls)
        whole = _listing(self.walk, gaps, law, as_of)
        return whole, whole if self.bare is None else _listing(self.bare, gaps, law, as_of)

    def _reset_from(self, stamp: int) -> None:
        """A message was taken out of the log behind this stamp: the marks behind it count messages wrongly."""
        self.doubt(stamp)
        while self.marks and self.marks[-1].stamp > stamp:
            self.marks.pop()

    def _walk_anew(self, law: Law, recalls: Recalls) -> None:
        """Go back to the mark before what changed, and walk on from there."""
        while self.marks and self.marks[-1].stamp > self.stale:
            self.marks.pop()
        closed, bare_closed = self.walk.closed, [] if self.bare is None else self.bare.closed
        start = 0
        self.walk, self.bare, self.border = law.walk(), None, -END
        if self.marks:
            mark = self.marks[-1]
            start, self.border = mark.length, mark.stamp + 4 * DAY
            self.walk = mark.walk.fork()
            self.walk.closed = closed[: mark.closed]
            if mark.bare is not None:
                self.bare = mark.bare.fork()
                self.bare.closed = bare_closed[: mark.bare_closed]
        tail = sorted(self.log[start:], key=_stamp)
        self.log[start:] = tail
        for length, one in enumerate(tail, start):
            if not self._recalled(one, recalls, END):
                if one.stamp >= self.border:
                    self.begin_day(one.stamp // 4, length)
                self.step(one.stamp // 4, one.sense)
        self.stale = END

    def _kept(self, recalls: Recalls, as_of: int) -> list[Taken]:
        """The messages up to an instant in server-time order, without what was recalled."""
        if self.stale < END:
            self._reset_from(self.stale)
            self.log.sort(key=_stamp)
        return [one for one in self.log if one.stamp // 4 <= as_of and not self._recalled(one, recalls, as_of)]

    def _recalled(self, one: Taken, recalls: Recalls, as_of: int) -> bool:
        if one.id is None or one.id not in recalls:
            return False
        return any(at <= as_of and buyer in (None, self.buyer) for at, buyer in recalls[one.id])


def _read(kept: list[Taken], law: Law, gaps: list[Gap], as_of: int) -> Listing:
    """A listing of messages in order, over all readings of what is unknown in them."""
    axes = 0
    for one in kept:
        axes |= one.sense.axes
    cuts = [_listing(_walked(kept, law, one), gaps, law, as_of).entries() for one in readings(axes)]
    if not axes:
        return Listing(cuts[0])
    transparent = _listing(_walked(kept, law, TRANSPARENT), gaps, law, as_of).entries()
    entries, rows = merge(cuts, transparent, law)
    return Listing(entries, rows=rows)


def _walked(kept: Iterable[Taken], law: Law, reading: Reading) -> Walk:
    walk = law.walk()
    for one in kept:
        walk.step(one.stamp // 4, one.sense.under(reading))
    return walk


def _listing(walk: Walk, gaps: list[Gap], law: Law, as_of: int) -> Listing:
    listing = Listing(walk.closed, tuple(walk.ending(as_of)))
    return Listing([through(entry, gaps, law) for entry in listing.entries()]) if gaps else listing
