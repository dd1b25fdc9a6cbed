"""The way from a log and its judged entries to the causes: first what was missed, then one pass over the messages.

Laws: every miss gets exactly one cause and nothing else gets any; the order in which messages and entries come
changes nothing, and neither does a copy of a line; no text is kept. A pass costs a message a few look-ups, a miss a
few bisections and the lines of its own wait. What a recall took back still shows that somebody wrote.
"""

from collections.abc import Iterable
from functools import partial

import msgspec

from relay.insight.causes.activity import ShopActivity
from relay.insight.causes.clues import gather
from relay.insight.causes.deciding import Surroundings, missed
from relay.insight.causes.finding import Finding, Ground
from relay.insight.causes.findings import findings
from relay.insight.causes.load import Load
from relay.insight.causes.records import Judged, Missed, Seat, Terms
from relay.insight.causes.threads import Hand, Thread, hand_of
from relay.insight.causes.totals import Totals, total
from relay.insight.causes.waits import SeatRow, Waits, per_seat, waits_of
from relay.rules.messages import Body, Message
from relay.rules.report import Verdict

_CONTROL = frozenset({"transfer", "assign", "gap", "recall"})
Candidate = tuple[int, bool, str]
"""Who may have written an answer, the likelier the smaller: hand, whether no seat is named, the seat."""


class Explained(msgspec.Struct, frozen=True):
    """All that is known of the misses. `misses` are in the order of a report: opening, buyer, shop, seat."""

    misses: list[Missed]
    totals: Totals
    seats: list[SeatRow]
    waits: Waits
    findings: list[Finding]


class Inquiry:
    """Open it with the entries of a rule, give it the messages in any order, then `close` it once."""

    def __init__(self, judged: Iterable[Judged], terms: Terms) -> None:
        self._judged = sorted(judged, key=_place)
        self._terms = terms
        self._shops: dict[str, ShopActivity] = {}
        self._threads: dict[tuple[str, str], Thread] = {}
        self._wanted: dict[int, list[int]] = {}
        self._answerers: list[Candidate | None] = [None] * len(self._judged)
        self._candidates: dict[Candidate, Candidate] = {}
        self._gaps: list[tuple[int, int, str | None]] = []
        for number, one in enumerate(self._judged):
            if one.answered is not None:
                self._wanted.setdefault(one.answered, []).append(number)
            if one.verdict is Verdict.miss:
                self._thread(one).misses.append(one)
        for thread in self._threads.values():
            thread.watch(terms)

    def take_all(self, lines: Iterable[tuple[int, Body]]) -> None:
        """Everything of a log as `messages.scan` yields it."""
        take = self.take
        for at, body in lines:
            take(at, body)

    def take(self, at: int, body: Body) -> None:
        """Take one message. A gap line must be a `Message`; any other `Body` will do."""
        if self._terms.as_of is not None and at > self._terms.as_of:
            return
        shop, buyer = body.shop or "", body.buyer or ""
        hand = None
        if body.kind in _CONTROL:
            self._control(at, body, shop)
        elif body.role == "merchant":
            hand = hand_of(body)
            if hand is None:
                return
            self._written(at, body, shop, buyer, hand)
        thread = self._threads.get((shop, buyer))
        if thread is not None:
            thread.take(at, body, hand)

    def close(self) -> Explained:
        """Decide every miss."""
        for since, to, name in self._gaps:
            for shop in self._shops if name is None else (name,):
                self._activity(shop).gap(since, to)
        for activity in self._shops.values():
            activity.settle()
        for (shop, _), thread in self._threads.items():
            thread.settle(self._shops[shop].is_seat)
        answers = [(one, self._seat(one, found)) for one, found in zip(self._judged, self._answerers, strict=True)]
        misses = self._decided(answers)
        ground = Ground(self._judged, answers, misses, self._shops, self._terms)
        return Explained(misses, total(misses), per_seat(answers, misses), waits_of(self._judged), findings(ground))

    def _decided(self, answers: list[tuple[Judged, Seat | None]]) -> list[Missed]:
        load = Load(answers)
        around = {
            name: Surroundings(name, activity, partial(_waiting, load, name)) for name, activity in self._shops.items()
        }
        found = []
        for one, seat in answers:
            if one.verdict is Verdict.miss:
                thread, here = self._threads[one.shop, one.buyer], around[one.shop]
                clues = gather(one, None if seat is None else seat.name, thread, here.activity, self._terms)
                found.append(missed(clues, here, self._terms.limit))
        return found

    def _written(self, at: int, body: Body, shop: str, buyer: str, hand: Hand) -> None:
        """A text of the shop's side: it may show that a person was there, and be an answer that the rule found."""
        seat = body.sub_account or ""
        if hand is Hand.person:
            self._activity(shop).wrote(at, seat, buyer)
        elif hand is Hand.unknown:
            self._activity(shop).doubtful(at, seat)
        for number in self._wanted.get(at, ()):
            one = self._judged[number]
            if one.buyer == buyer and one.shop == shop:
                self._candidate(number, (int(hand), not seat, seat))

    def _candidate(self, number: int, candidate: Candidate) -> None:
        best = self._answerers[number]
        if best is None or candidate < best:
            self._answerers[number] = self._candidates.setdefault(candidate, candidate)

    def _control(self, at: int, body: Body, shop: str) -> None:
        if body.kind == "gap":
            # A gap of one buyer's conversation hides nothing of what the shop's people wrote elsewhere.
            if isinstance(body, Message) and body.to is not None and body.buyer is None:
                self._gaps.append((at, body.to, body.shop))
        elif body.kind in ("transfer", "assign") and body.sub_account:
            self._activity(shop).placed(body.sub_account)

    def _seat(self, one: Judged, found: Candidate | None) -> Seat | None:
        """The seat that answered: as the log has it, else the one that the rule charges."""
        if one.answered is None:
            return None
        name = found[2] if found is not None else one.sub_account
        return Seat(one.shop, name) if name else None

    def _thread(self, one: Judged) -> Thread:
        self._activity(one.shop)
        key = one.shop, one.buyer
        thread = self._threads.get(key)
        if thread is None:
            thread = self._threads[key] = Thread(self._terms.phrases)
        return thread

    def _activity(self, shop: str) -> ShopActivity:
        activity = self._shops.get(shop)
        if activity is None:
            activity = self._shops[shop] = ShopActivity()
        return activity


def _place(one: Judged) -> tuple[int, str, str, str, bool, int, str, str]:
    """The order of a report, made total so that the order of the entries given changes nothing."""
    known = one.answered is not None
    return (
        one.opened, one.buyer, one.shop, one.sub_account or "", known, one.answered or 0, one.verdict.value, one.clause,
    )  # fmt: skip


def _waiting(load: Load, shop: str, seat: str, at: int) -> int:
    return load.waiting(Seat(shop, seat), at)
