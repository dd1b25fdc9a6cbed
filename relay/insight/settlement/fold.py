"""The settlement of one desk's shops, a fold of its facts (`relay.insight.projecting`).

Laws:
* A day is settled by the first of the shop's facts that was recorded at or after its instant (`days.settles_at`), with
  the facts before that one: by the ledger alone, whenever it is computed. A machine that was off for days settles each
  missed day once, in order, before it takes the fact that told it so.
* What a fact recorded later changes of a settled day is a restatement with that fact's seq, exact to the fact: the same
  whether one fact was taken at a time or a million.
* A settled figure is the rule's own as of the instant by which the rule calls the day decided (`Law.settled_by`), so an
  answer of the next day that was recorded before the settling is a restatement, too (A.excl.b).
* `tell(now)` shows the days that are due while no fact has come since; the next fact takes that back and settles them.

A buyer's thread is kept as the seqs of its facts and is read from the ledger when it is weighed anew. Most messages
cost nothing until their day is settled: a message that comes in order cannot change a day that is closed.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from relay.domain import facts as f
from relay.domain.names import DeskId, Millis, ShopId
from relay.domain.settings import Shop
from relay.insight.projecting import Facts, Projection, Shelf
from relay.insight.settlement.books import SHOWS, Books, Change
from relay.insight.settlement.cells import Sheet
from relay.insight.settlement.days import last_settled, settles_at
from relay.insight.settlement.lateness import Lateness
from relay.insight.settlement.reasons import reason
from relay.insight.settlement.records import Terms
from relay.insight.settlement.terms import OpenLaw, terms_of
from relay.insight.settlement.threads import Kept, Line, Talk, Thread, Threads
from relay.insight.settlement.weighing import NEVER, Weighed, weigh
from relay.rules.instants import day_of
from relay.rules.messages import Message
from relay.rules.threads import END
from relay.rules.walks import Law

AT_ONCE: Final = 500
"""Threads that are weighed together."""
NOT_BEGUN: Final = -(1 << 31)
_SORTS: Final = (
    f.BuyerWrote, f.ShopWrote, f.SendStarted, f.SendEnded, f.MessageRecalled, f.PlatformPlaced, f.Assigned,
    f.ChannelGap,
)  # fmt: skip
_pack = msgspec.msgpack.Encoder().encode
_terms = msgspec.json.Decoder(list[Terms]).decode


class GapTold(msgspec.Struct, array_like=True):
    """A gap of the shop's channel, when it was recorded, and whether it has been read since."""

    seq: int
    at: Millis
    since: Millis
    to: Millis
    read: bool = False


class Standing(msgspec.Struct):
    """How far one shop has come. `first` is the first day that is settled at all, `sealed` the last one that was;
    `recent` are the buyers who wrote on each day after it.
    """

    first: int
    sealed: int
    gaps: list[GapTold] = []
    recent: dict[int, list[str]] = {}


_standing = msgspec.msgpack.Decoder(Standing).decode


def first_day(shelf: Shelf, shop: ShopId) -> int | None:
    """The first day that a shop lived through with relay; None if nothing has come yet."""
    found = shelf.get("shop", shop)
    first = NOT_BEGUN if found is None else _standing(found).first
    return None if first == NOT_BEGUN else first


class Settling:
    """The kind of projection."""

    name: Final = "settlement"
    version: Final = 1
    shows: Final = SHOWS
    wants: Final = frozenset(f"{one.__name__}@1" for one in _SORTS)

    def __init__(self, open_law: OpenLaw) -> None:
        self._open_law = open_law

    @property
    def open_law(self) -> OpenLaw:
        """The rules by which it settles."""
        return self._open_law

    def terms(self, shops: Sequence[Shop]) -> bytes:
        return msgspec.json.encode(terms_of(shops, self._open_law))

    def open(self, desk: DeskId, terms: bytes, shelf: Shelf, facts: Facts) -> Projection:
        return Settlement(desk, _terms(terms), self._open_law, shelf, facts)


class Settlement:
    """The fold. See the module."""

    def __init__(self, desk: DeskId, terms: Iterable[Terms], open_law: OpenLaw, shelf: Shelf, facts: Facts) -> None:
        self._shops = {one.shop: _Shop(desk, one, open_law, shelf, facts) for one in terms}

    def take(self, seq: int, fact: f.DeskFact) -> None:
        shop = self._shops.get(getattr(fact, "shop", ShopId("")))
        if shop is not None:
            shop.take(seq, fact)

    def tell(self, now: Millis) -> None:
        for shop in self._shops.values():
            shop.tell(now)

    def keep(self) -> None:
        for shop in self._shops.values():
            shop.keep()


class _Shop:
    """One shop of the desk."""

    def __init__(self, desk: DeskId, terms: Terms, open_law: OpenLaw, shelf: Shelf, facts: Facts) -> None:
        self._terms, self._shelf = terms, shelf
        self._laws: list[Law] = [open_law(one.rule, dict(one.options)) for one in terms.readings]
        self._moves = any(law.seats for law in self._laws)
        self._books = Books(terms, self._laws, shelf)
        self._threads = Threads(desk, terms.shop, shelf, facts)
        found = shelf.get("shop", terms.shop)
        self._standing = Standing(first=NOT_BEGUN, sealed=NOT_BEGUN) if found is None else _standing(found)
        self._next_at = END if found is None else settles_at(self._standing.sealed + 1, terms.zone)
        self._met = {day: set(buyers) for day, buyers in self._standing.recent.items()}

    # --- what comes

    def take(self, seq: int, fact: f.DeskFact) -> None:
        self._books.take_back()
        standing = self._standing
        if standing.first == NOT_BEGUN:
            standing.sealed = last_settled(fact.at, self._terms.zone)
            standing.first = standing.sealed + 1
            self._next_at = settles_at(standing.first, self._terms.zone)
        while fact.at >= self._next_at:
            self._settle(standing.sealed + 1, seq)
        if isinstance(fact, f.ChannelGap):
            self._take_gap(seq, fact)
        elif isinstance(fact, Talk) and (self._moves or not isinstance(fact, f.Assigned | f.PlatformPlaced)):
            self._take_line(seq, fact)

    def tell(self, now: Millis) -> None:
        """Show the days that are due; nothing is settled by it."""
        self._books.take_back()
        for day in sorted(self._standing.recent):
            if settles_at(day, self._terms.zone) <= now:
                with self._books.until_taken_back():
                    self._write(day)

    def keep(self) -> None:
        self._threads.keep()
        if self._standing.first != NOT_BEGUN:
            self._shelf.put("shop", self._terms.shop, _pack(self._standing))

    # --- a line of a thread

    def _take_line(self, seq: int, fact: Talk) -> None:
        standing, thread, at = self._standing, self._threads[fact.buyer], _instant(fact)
        if isinstance(fact, f.BuyerWrote):
            day = day_of(at)
            thread.kept.first_day = min(thread.kept.first_day, day)
            if day > standing.sealed and fact.buyer not in self._met.setdefault(day, set()):
                self._met[day].add(fact.buyer)
                standing.recent.setdefault(day, []).append(fact.buyer)
        concerns = thread.kept.first_day <= standing.sealed and not isinstance(fact, f.SendStarted)
        if not concerns or self._passes(thread.kept, fact, at):
            thread.append(seq, fact, at)
            return
        before = self._weighed(thread)
        thread.append(seq, fact, at)
        change = Change(seq, fact.at, self._laws)
        self._move(change, thread, before)
        self._restate(change, fact, at)

    def _passes(self, kept: Kept, fact: Talk, at: int) -> bool:
        """Whether it comes in order while every settled day of the thread is closed."""
        if kept.unsure or at <= kept.newest_at or kept.open_day <= self._standing.sealed:
            return False
        match fact:
            case f.BuyerWrote():
                return day_of(Millis(at)) > self._standing.sealed
            case f.ShopWrote():
                return fact.echo_of is None
            case f.SendEnded():
                return fact.outcome == "confirmed" and fact.sent_at is not None
            case _:
                return isinstance(fact, f.Assigned | f.PlatformPlaced)

    def _move(self, change: Change, thread: Thread, before: Sequence[Weighed]) -> None:
        """Add to the change what the thread's days have become since it was weighed before."""
        after = self._weighed(thread)
        for place, (was, now) in enumerate(zip(before, after, strict=True)):
            change.move(place, was.sheet, now.sheet, until=self._standing.sealed)
        self._threads.note(thread.buyer, after)

    def _restate(self, change: Change, fact: f.DeskFact, at: int) -> None:
        spans = [(gap.since, gap.to) for gap in self._standing.gaps]
        for place in change.places():
            why = reason(fact, at, place.day, spans)
            self._books.restate(change, place, why, settled=place.day >= self._standing.first)

    def _weighed(self, thread: Thread) -> list[Weighed]:
        """The thread's part of now, by law."""
        if thread.weighed is None:
            lines = self._threads.lines(thread.buyer)
            talk = {thread.buyer: [line for _, line in lines]}
            gaps = [gap for _, gap in self._touching(lines)]
            thread.weighed = [weigh(law, talk, gaps, END)[thread.buyer] for law in self._laws]
        return thread.weighed

    # --- a gap

    def _take_gap(self, seq: int, fact: f.ChannelGap) -> None:
        """Told or read: every thread that it may touch is weighed before and after."""
        gaps = self._standing.gaps
        within = [one for one in gaps if not one.read and fact.from_at <= one.since and one.to <= fact.to_at]
        if fact.recovered and not within:
            gaps.append(GapTold(seq, fact.at, fact.from_at, fact.to_at, read=True))
            return
        touched = self._threads.reached(min(one.since for one in within) if fact.recovered else fact.from_at)
        before = {buyer: self._weighed(self._threads[buyer]) for buyer in touched}
        if fact.recovered:
            for one in within:
                one.read = True
        else:
            gaps.append(GapTold(seq, fact.at, fact.from_at, fact.to_at))
        self._threads.forget_weights()
        change = Change(seq, fact.at, self._laws)
        for buyer in touched:
            self._move(change, self._threads[buyer], before[buyer])
        self._restate(change, fact, fact.from_at)

    def _touching(self, lines: Sequence[Line]) -> list[Line]:
        """The gaps that are not read and end after the thread begins, as lines."""
        begins = min((line.at for _, line in lines), default=END)
        shop = self._terms.shop
        return [
            (gap.seq, Message(at=gap.since, role="system", kind="gap", shop=shop, to=gap.to))
            for gap in self._standing.gaps
            if not gap.read and gap.to > begins
        ]

    # --- the settling of a day

    def _settle(self, day: int, seq: int) -> None:
        weighed = self._write(day)
        self._standing.sealed = day
        self._next_at = settles_at(day + 1, self._terms.zone)
        for buyer, parts in weighed.items():
            self._threads.note(buyer, parts)
        self._standing.recent.pop(day, None)
        self._met.pop(day, None)
        self._books.seal(day, seq)

    def _write(self, day: int) -> dict[str, list[Weighed]]:
        """The day's rows as the facts so far give them, and what was told too late for the day."""
        buyers = self._standing.recent.get(day, [])
        totals = [Sheet(law.row) for law in self._laws]
        late = Lateness(day, self._laws)
        weighed: dict[str, list[Weighed]] = {}
        for start in range(0, len(buyers), AT_ONCE):
            weighed |= self._weigh_some(buyers[start : start + AT_ONCE], late)
        for buyer, parts in weighed.items():
            settled = late.settled.get(buyer) or [part.sheet for part in parts]
            for total, sheet in zip(totals, settled, strict=True):
                total.add_day(sheet, day)
        self._books.write(day, totals)
        for change, fact, at in late.changes():
            self._restate(change, fact, at)
        return weighed

    def _weigh_some(self, buyers: Sequence[str], late: Lateness) -> dict[str, list[Weighed]]:
        """Each buyer's part of now. Who has a gap or a line after the day is looked at alone, all others together."""
        self._threads.load(buyers)
        plain: dict[str, list[Message]] = {}
        for buyer in buyers:
            thread, lines = self._threads[buyer], self._threads.lines(buyer)
            gaps = self._touching(lines)
            if late.concerns(lines, gaps):
                late.look(buyer, lines, gaps, dict(thread.facts or ()) | self._gap_facts())
            if not gaps and thread.weighed is None:
                plain[buyer] = [line for _, line in lines]
        if plain:
            together = [weigh(law, plain, (), END) for law in self._laws]
            for buyer in plain:
                self._threads[buyer].weighed = [one[buyer] for one in together]
        return {buyer: self._weighed(self._threads[buyer]) for buyer in buyers}

    def _gap_facts(self) -> dict[int, f.DeskFact]:
        shop = self._terms.shop
        return {
            one.seq: f.ChannelGap(at=one.at, shop=shop, from_at=one.since, to_at=one.to) for one in self._standing.gaps
        }


def _instant(fact: Talk) -> Millis:
    """The instant of its line, as far as the fact alone says it; the beginning of a send has none."""
    if isinstance(fact, f.SendEnded):
        return fact.sent_at if fact.outcome == "confirmed" and fact.sent_at is not None else fact.at
    if isinstance(fact, f.SendStarted):
        return Millis(NEVER)
    return fact.at if isinstance(fact, f.Assigned) else fact.sent_at
