"""Messages in, verdicts out: one streaming implementation for the live table, the audit and the export.

Laws: arrival order changes nothing, server-time order decides (buyer, system, merchant on ties, then arrival); the
same id with the same body is one message, with another body it is a message of its own and flagged (L2); messages
and recalls after `as_of` are not there; what a message costs is constant while messages come in order, and one that
comes late, again or is recalled costs its own thread and no other.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from msgspec import UNSET, UnsetType

from relay.rules.entries import Entry
from relay.rules.gaps import Gap
from relay.rules.instants import CHINA_ZONE, InstantWriter, date_text, day_of, end_of, end_of_day, seconds
from relay.rules.messages import Body, Message
from relay.rules.report import Counts, Report, RoundVerdict, Verdict
from relay.rules.restating import Moved, Restatement, Restating
from relay.rules.senses import Sense, SenseKey
from relay.rules.tally import Days, Listing, Tally
from relay.rules.threads import END, Recalls, Taken, Thread
from relay.rules.walks import Law

Key = str | tuple[str, str | None]


Placed = tuple[int, str, str, str, Entry, Thread]
"""Opening, buyer, shop, sub-account: the order of a report. Then the entry and its thread."""
_PLACE = itemgetter(0, 1, 2, 3)


class _Shop:
    """The messages of one shop: threads, recalls, and the body that each id came with first."""

    __slots__ = ("bodies", "conflicts", "recalls", "threads")

    def __init__(self) -> None:
        self.threads: dict[Key, Thread] = {}
        self.bodies: dict[str, int] = {}
        self.recalls: Recalls = {}
        self.conflicts: set[str] = set()


class Ledger:
    """All threads of a log under one law. Build it with `Rule.open`."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._until = END if law.as_of is None else law.as_of
        self._latest = -END
        self._senses = law.senses.made
        self._by_sub_account = law.by_sub_account
        self._seats = law.seats
        self._shops: dict[str | None, _Shop] = {}
        self._gaps: list[Gap] = []
        self._touched: list[Thread] = []
        self._tallies = (Tally(law.row), Tally(law.row))
        self._restating = Restating()
        self._counted_at = END
        self._counting = False  # an audit that never asks for counts need not remember what has changed

    def take(self, message: Message) -> None:
        self.take_at(message.at, message)

    def take_all(self, lines: Iterable[tuple[int, Body]]) -> None:
        """Everything of a log as `messages.scan` yields it."""
        take_at = self.take_at
        for at, body in lines:
            take_at(at, body)

    def take_at(self, at: int, body: Body) -> None:
        """Take one message. A gap or recall line must be a `Message`; any other `Body` will do."""
        if at > self._until:
            return
        if at > self._latest:
            self._latest = at
        shop = self._shops.get(body.shop)
        if shop is None:
            shop = self._shops[body.shop] = _Shop()
        id, digest, again = body.id, 0, False
        if id is not None:
            digest = hash((body.role, body.kind, body.buyer, body.sub_account, body.text, body.content))
            first = shop.bodies.setdefault(id, digest)
            if first is not digest:  # not the object just put in: the id was there before
                again = True
                if first != digest:
                    shop.conflicts.add(id)
        key: SenseKey = (
            body.role, body.kind, body.bot, body.mode, body.trigger, body.origin, body.outcome, body.content,
            body.buyer_class, body.skew_ms,
        )  # fmt: skip
        if self._seats:
            key = (*key, body.sub_account, body.queued, body.from_sub)
        try:
            sense = self._senses[key]
        except KeyError:
            sense = self.law.senses.learn(key, body)
        if sense is None:
            self._control(at, body, shop)
            return
        place: Key = (body.buyer or "", sense.seat_of(body)) if self._by_sub_account else body.buyer or ""
        thread = shop.threads.get(place)
        if thread is None:
            thread = shop.threads[place] = self._thread(body, sense)
        stamp = at * 4 + sense.rank
        if again and id is not None and thread.seen(id, digest, stamp):
            return
        thread.log.append(Taken(stamp, sense, id, digest))
        if stamp < thread.stamp or thread.stale < END or sense.axes or shop.recalls:
            self._in_doubt(thread, stamp, sense, id, shop)
        else:
            thread.stamp = stamp
            if stamp >= thread.border:
                thread.begin_day(at, len(thread.log) - 1)
            bare = thread.bare
            if bare is not None:
                if not sense.machine:
                    bare.step(at, sense)
            elif sense.machine:
                thread.bare = thread.walk.fork()
                thread.bare.closed = thread.walk.closed.copy()
            thread.walk.step(at, sense)
        if self._counting and not thread.touched:
            thread.touched = True
            self._touched.append(thread)

    def rounds(self, as_of: int | None = None) -> list[Placed]:
        """Every entry, by opening time, then buyer."""
        return self._list(self._instant(as_of))[0]

    def report(self, as_of: int | None = None) -> Report:
        """The whole report as of an instant; by default the end of the log's last day or the option `as_of`."""
        placed, whole, plain = self._list(self._instant(as_of))
        figure = whole.figure()
        extras = self.law.extras(figure, [one[4] for one in placed])
        conflicts = sorted(id for shop in self._shops.values() for id in shop.conflicts)
        writer = InstantWriter(CHINA_ZONE)
        return Report(
            rule=self.law.rule,
            version=self.law.version,
            numerator=figure.numerator,
            denominator=figure.denominator,
            rate=figure.rate,
            rate_low=figure.rate_low,
            rate_high=figure.rate_high,
            days=whole.day_counts(),
            rounds=[self.verdict(one, writer) for one in placed],
            items=extras.items,
            mean_s=extras.mean_s,
            rate_any=extras.rate_any,
            below_threshold=extras.below_threshold,
            unverified=extras.unverified,
            conflicts=conflicts or UNSET,
            without_automation=plain.figure(),
        )

    def counts(self, as_of: int | None = None) -> Counts:
        """The figure alone. Costs what has changed since the last call, unless `as_of` lies in the past."""
        instant = self._instant(as_of)
        if instant < self._latest:
            _, whole, plain = self._list(instant)
            return Counts(whole.figure(), plain.figure(), whole.day_counts(), plain.day_counts())
        if instant < self._counted_at:
            self._touch(one for shop in self._shops.values() for one in shop.threads.values())
        self._counted_at, self._counting = instant, True
        whole, plain = self._tallies
        again: list[Thread] = []
        for thread in self._touched:
            self._post(thread, instant)
            thread.touched = instant < self.law.settled_by(thread.stamp // 4)
            if thread.touched:
                again.append(thread)
        self._touched = again
        self._restating.settle(whole.days, instant)
        return Counts(whole.figure(), plain.figure(), whole.day_counts(), plain.day_counts())

    def listings(self, as_of: int) -> Iterator[tuple[Thread, Listing, Listing]]:
        """Every thread and what it contributes as of an instant, with and without its machine-triggered texts."""
        for shop in self._shops.values():
            for thread in shop.threads.values():
                yield thread, *thread.listings(self.law, shop.recalls, self._gaps, as_of)

    def day_rows(self, as_of: int | None = None, *, without_automation: bool = False) -> Days:
        """The row of each day (days since 1970 in China), with what its undetermined rounds could add."""
        _, whole, bare = self._list(self._instant(as_of))
        return (bare if without_automation else whole).days

    def restatements(self) -> list[Restatement]:
        """The days that were settled when they were counted before and have moved since; each is told once."""
        return self._restating.told()

    def restated(self) -> list[Restatement]:
        """The days whose figure has moved since their own 24:00, by server time: what a daily batch showed, and now.

        Costs the threads that reach over several days, once for each of their days.
        """
        as_of = self._instant(None)
        moved = Moved(self.law.row)
        for shop in self._shops.values():
            for thread in shop.threads.values():
                days = thread.days()
                now = self._rows(thread, shop, as_of) if len(days) > 1 else {}
                for day in days[:-1]:
                    moved.compare(day, self._rows(thread, shop, end_of(day)).get(day), now.get(day), thread)
        return moved.restatements(self._list(as_of)[1].days)

    def _rows(self, thread: Thread, shop: _Shop, as_of: int) -> Days:
        tally = Tally(self.law.row)
        tally.add(thread.listings(self.law, shop.recalls, self._gaps, as_of)[0])
        return tally.days

    def _instant(self, as_of: int | None) -> int:
        if as_of is None:
            as_of = self.law.as_of
        if as_of is None:
            return end_of_day(self._latest) if self._latest > -END else 0
        return min(as_of, self._until)

    def _thread(self, body: Body, sense: Sense) -> Thread:
        assert body.buyer is not None, "decode refuses a message without a buyer"
        sub_account = sense.seat_of(body) if self._by_sub_account else None
        return Thread(body.shop, body.buyer, sub_account, self.law.walk())

    def _in_doubt(self, thread: Thread, stamp: int, sense: Sense, id: str | None, shop: _Shop) -> None:
        """A message that the walk may not simply take: late, unknown, recalled, or in a thread already in doubt."""
        thread.axes |= sense.axes
        recalled = shop.recalls.get(id, ()) if id is not None else ()
        if recalled or stamp < thread.stamp or sense.axes:
            thread.doubt(stamp)
        elif thread.stale == END:
            if stamp >= thread.border:
                thread.begin_day(stamp // 4, len(thread.log) - 1)
            thread.step(stamp // 4, sense)
        for at, _ in recalled:
            thread.stamp = max(thread.stamp, at * 4)
        thread.stamp = max(thread.stamp, stamp)

    def _control(self, at: int, body: Body, shop: _Shop) -> None:
        if body.kind == "gap" and isinstance(body, Message) and body.to is not None:
            gap = Gap(at, body.to, body.shop, body.buyer)
            self._gaps.append(gap)
            touched = [one for shop in self._shops.values() for one in shop.threads.values()]
            self._touch(one for one in touched if gap.touches(one.shop, one.buyer))
        elif body.kind == "recall" and body.recalls is not None:
            shop.recalls.setdefault(body.recalls, []).append((at, body.buyer))
            for thread in self._holding(shop, body.recalls, body.buyer):
                thread.doubt(min((one.stamp for one in thread.log if one.id == body.recalls), default=END))
                thread.stamp = max(thread.stamp, at * 4)
                self._touch([thread])

    def _holding(self, shop: _Shop, id: str, buyer: str | None) -> list[Thread]:
        if buyer is not None and not self.law.by_sub_account:
            thread = shop.threads.get(buyer)
            return [] if thread is None else [thread]
        return [
            thread
            for thread in shop.threads.values()
            if buyer in (None, thread.buyer) and any(one.id == id for one in thread.log)
        ]

    def _touch(self, threads: Iterable[Thread]) -> None:
        for thread in threads:
            if not thread.touched:
                thread.touched = True
                self._touched.append(thread)

    def _post(self, thread: Thread, as_of: int) -> None:
        """Bring the running tallies up to date with one thread."""
        whole, bare = self._tallies
        new = thread.listings(self.law, self._shops[thread.shop].recalls, self._gaps, as_of)
        with_machines, changed = whole.post(new[0], thread.posted[0])
        without, _ = bare.post(new[1], thread.posted[1])
        thread.posted = with_machines, without
        self._restating.note(changed, thread.shop, thread.buyer)

    def _list(self, as_of: int) -> tuple[list[Placed], Tally, Tally]:
        placed: list[Placed] = []
        whole, bare = Tally(self.law.row), Tally(self.law.row)
        for shop in self._shops.values():
            for thread in shop.threads.values():
                with_machines, without = thread.listings(self.law, shop.recalls, self._gaps, as_of)
                whole.add(with_machines)
                bare.add(without)
                buyer, name, sub_account = thread.buyer, thread.shop or "", thread.sub_account or ""
                for entry in with_machines.entries():
                    placed.append((entry.opened, buyer, name, entry.seat or sub_account, entry, thread))
        placed.sort(key=_PLACE)
        return placed, whole, bare

    def verdict(self, placed: Placed, writer: InstantWriter) -> RoundVerdict:
        """An entry as a report shows it."""
        _, buyer, _, _, entry, thread = placed
        law, opened, answered = self.law, entry.started, entry.answered
        wait = law.shown_wait(entry)
        seat: str | UnsetType | None = UNSET
        if self._by_sub_account:
            seat = thread.sub_account
        elif law.seats and law.unit == "message":
            seat = entry.seat
        return RoundVerdict(
            buyer,
            seat,
            UNSET if thread.shop is None else thread.shop,
            writer.write(opened),
            None if answered is None else writer.write(answered),
            None if wait is None else seconds(wait),
            entry.verdict,
            entry.clause,
            True if wait is not None and self._on_edge(entry, wait) else UNSET,
            date_text(day_of(entry.opened)) if law.unit == "person" else UNSET,
            writer.write(entry.opened) if law.unit == "message" else UNSET,
        )

    def _on_edge(self, entry: Entry, wait: int) -> bool:
        if abs(wait - self.law.limit_ms) > 1000 or entry.verdict not in (Verdict.hit, Verdict.miss):
            return False
        return entry.started % 1000 == 0 and wait % 1000 == 0
