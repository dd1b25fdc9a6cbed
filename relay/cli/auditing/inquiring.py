"""The misses of a log asked for their causes, and the rounds for who answered them.

This takes a second reading, since which conversations matter is known only when all verdicts are.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import UNSET

from relay.cli.auditing.judging import Asked, Audit, conflicts, other_bundle, read
from relay.cli.auditing.source import Source
from relay.errors import BadInputError
from relay.insight.causes import Inquiry, Judged, Seat, Terms
from relay.insight.causes.threads import hand_of
from relay.rules.catalogue import Catalogue
from relay.rules.flaws import Watch
from relay.rules.ledger import Ledger, Placed
from relay.rules.limits import Limit
from relay.rules.messages import Body
from relay.rules.report import RoundVerdict

Take = Callable[[int, Body], None]


class Listener(Protocol):
    """Somebody who asks about rounds: is told them, then hears every message of the second reading."""

    def resolve(self, rounds: Sequence[Placed]) -> None: ...

    def take(self, at: int, body: Body) -> None: ...


def audit(source: Source, catalogue: Catalogue, asked: Asked, listener: Listener | None = None) -> Audit:
    """Two readings: everything. Raises as `figure` does, what the listener raises, and BadInputError for a log without
    a message: nobody looks at the table of nothing."""
    ledger = catalogue.open(asked.rule_id, asked.options, asked.zone)
    other = catalogue.open(asked.rule_id, other_bundle(asked.options), asked.zone)
    watch, empty = read(source, [ledger, other], lenient=asked.lenient)
    if empty:
        raise BadInputError(f"{source.name}: 没有消息，无法核算 / there is no message in it, so there is no figure")
    report, rounds = ledger.report(), ledger.rounds()
    judged = [_judged(one, shown) for one, shown in zip(rounds, report.rounds, strict=True)]
    inquiry, answerers = Inquiry(judged, terms(ledger)), Answerers(judged)
    hearers: list[Take] = [inquiry.take, answerers.take]
    if listener is not None:
        listener.resolve(rounds)
        hearers.append(listener.take)
    for at, body in source.messages(Watch(lenient=True)):
        for take in hearers:
            take(at, body)
    why = inquiry.close()
    causes = {miss.round: miss for miss in why.misses}
    missed = {place: causes[one] for place, one in enumerate(judged) if one in causes}
    return Audit(
        ledger=ledger,
        report=report,
        rounds=rounds,
        rule=catalogue.rule(asked.rule_id),
        options=asked.options,
        other=other,
        beside=other.counts().with_automation,
        watch=watch,
        conflicts=conflicts(source, report),
        why=why,
        missed=missed,
        seats=[missed[place].seat if place in missed else found for place, found in enumerate(answerers.seats())],
    )


def terms(ledger: Ledger) -> Terms:
    """What of a law bears on causes."""
    law = ledger.law
    limit = getattr(law, "limit", None)  # a rule without hours need not have one
    if isinstance(limit, Limit):
        return Terms(limit_ms=law.limit_ms, as_of=law.as_of, assessed=limit.assessed)
    return Terms(limit_ms=law.limit_ms, as_of=law.as_of)


def _judged(placed: Placed, shown: RoundVerdict) -> Judged:
    _, buyer, shop, _, entry, _ = placed
    seat = None if shown.sub_account is UNSET else shown.sub_account
    return Judged(shop, buyer, seat, entry.started, entry.answered, entry.verdict, entry.clause)


class Answerers:
    """Who wrote the answer of each round: the likeliest author at that instant, a named seat before an unnamed."""

    def __init__(self, judged: Sequence[Judged]) -> None:
        self._judged = judged
        self._wanted: dict[int, list[int]] = {}
        self._found: dict[int, tuple[int, str]] = {}
        for place, one in enumerate(judged):
            if one.answered is not None:
                self._wanted.setdefault(one.answered, []).append(place)

    def take(self, at: int, body: Body) -> None:
        places = self._wanted.get(at)
        if places is None or body.role != "merchant" or not body.sub_account:
            return
        hand = hand_of(body)
        if hand is None:
            return
        for place in places:
            one = self._judged[place]
            if one.buyer == body.buyer and one.shop == (body.shop or ""):
                candidate = int(hand), body.sub_account
                self._found[place] = min(candidate, self._found.get(place, candidate))

    def seats(self) -> list[Seat | None]:
        """In the order of the rounds; the seat that the rule charges where the log names no author."""
        seats = []
        for place, one in enumerate(self._judged):
            name = self._found[place][1] if place in self._found else one.sub_account
            seats.append(Seat(one.shop, name) if name else None)
        return seats
