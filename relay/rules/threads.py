"""One thread of a ledger: its messages as they came, and its entries however they came.

A thread walks each message as it arrives while messages come in order and nothing of them is unknown. A message that
comes late, again or is recalled makes it stale: it is sorted and walked anew once, when it is next looked at. A
thread with unknowns is walked once per reading when it is looked at. From its first machine-triggered text on a
thread keeps a second walk, `bare`, that never sees one.
"""

from collections.abc import Iterable
from operator import attrgetter

import msgspec

from relay.rules.authors import TRANSPARENT, Reading, readings
from relay.rules.gaps import Gap, through
from relay.rules.readings import merge
from relay.rules.senses import Sense
from relay.rules.tally import Listing, Posted
from relay.rules.walks import Law, Walk

END = 1 << 62
"""Later than any instant."""


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A message in a thread. `stamp` orders it: four times the instant, plus 0 buyer, 1 system, 2 merchant."""

    stamp: int
    sense: Sense
    id: str | None
    digest: int


Recalls = dict[str, list[tuple[int, str | None]]]
"""Message id to (instant of the recall, buyer it names) for each recall of it."""
_stamp = attrgetter("stamp")


class Thread:
    """`sub_account` is None unless it is part of the thread's key."""

    __slots__ = (
        "axes", "bare", "buyer", "log", "posted", "shop", "stale", "stamp", "sub_account", "touched", "walk",
    )  # fmt: skip

    def __init__(self, shop: str | None, buyer: str, sub_account: str | None, walk: Walk) -> None:
        self.shop, self.buyer, self.sub_account = shop, buyer, sub_account
        self.walk = walk
        self.bare: Walk | None = None
        self.log: list[Taken] = []
        self.stamp = -END
        self.axes = 0
        self.stale = self.touched = False
        self.posted: tuple[Posted | None, Posted | None] = (None, None)

    def step(self, at: int, sense: Sense) -> None:
        """Walk a message that comes in order."""
        if self.bare is not None:
            if not sense.machine:
                self.bare.step(at, sense)
        elif sense.machine:
            self.bare = self.walk.fork()
        self.walk.step(at, sense)

    def seen(self, id: str, digest: int, stamp: int) -> bool:
        """Whether this very message is here already with this or an earlier instant."""
        return any(one.id == id and one.digest == digest and one.stamp <= stamp for one in reversed(self.log))

    def listings(self, law: Law, recalls: Recalls, gaps: list[Gap], as_of: int) -> tuple[Listing, Listing]:
        """What the thread contributes as of an instant, with and without its machine-triggered texts."""
        if gaps:
            gaps = [gap for gap in gaps if gap.since <= as_of and gap.touches(self.shop, self.buyer)]
        if self.axes or self.stamp // 4 > as_of:
            kept = self._kept(recalls, as_of)
            whole = _read(kept, law, gaps, as_of)
            bare = [one for one in kept if not one.sense.machine]
            return whole, whole if len(bare) == len(kept) else _read(bare, law, gaps, as_of)
        if self.stale:
            self._walk_anew(law, recalls)
        whole = _listing(self.walk, gaps, law, as_of)
        return whole, whole if self.bare is None else _listing(self.bare, gaps, law, as_of)

    def _walk_anew(self, law: Law, recalls: Recalls) -> None:
        self.walk, self.bare = law.walk(), None
        for one in self._kept(recalls, END):
            self.step(one.stamp // 4, one.sense)
        self.stale = False

    def _kept(self, recalls: Recalls, as_of: int) -> list[Taken]:
        """The messages up to an instant in server-time order, without copies and without what was recalled."""
        known: set[tuple[str, int]] = set()
        kept: list[Taken] = []
        self.log.sort(key=_stamp)
        for one in self.log:
            if one.stamp // 4 > as_of:
                break
            if one.id is not None:
                if (one.id, one.digest) in known:
                    continue
                known.add((one.id, one.digest))
                if one.id in recalls and self._recalled(recalls[one.id], as_of):
                    continue
            kept.append(one)
        return kept

    def _recalled(self, found: list[tuple[int, str | None]], as_of: int) -> bool:
        return any(at <= as_of and buyer in (None, self.buyer) for at, buyer in found)


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
    return Listing(entries, None, rows)


def _walked(kept: Iterable[Taken], law: Law, reading: Reading) -> Walk:
    walk = law.walk()
    for one in kept:
        walk.step(one.stamp // 4, one.sense.under(reading))
    return walk


def _listing(walk: Walk, gaps: list[Gap], law: Law, as_of: int) -> Listing:
    listing = Listing(walk.closed, walk.ending(as_of))
    return Listing([through(entry, gaps, law) for entry in listing.entries()]) if gaps else listing
