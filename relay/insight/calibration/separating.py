"""The rounds that two readings judge differently: what a person has to look at to know which of the two is right."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from relay.insight.calibration.space import Reading
from relay.insight.calibration.talks import Talks
from relay.insight.calibration.trying import Space, walk_both
from relay.rules.catalogue import Catalogue
from relay.rules.instants import date_text, day_of
from relay.rules.ledger import Ledger
from relay.rules.report import Verdict

_COUNTED: Final = frozenset({Verdict.hit, Verdict.miss, Verdict.counted, Verdict.undetermined})
Spot = tuple[int, str, str, str]
"""Opening, shop, buyer, account."""


class Separating(NamedTuple):
    """One round under two readings; None and no clause where a reading has no such round."""

    shop: str
    buyer: str
    account: str
    opened: int
    date: str
    one: Verdict | None
    one_clause: str
    other: Verdict | None
    other_clause: str


def separating(
    one: Reading, other: Reading, where: Space, catalogue: Catalogue, talks: Talks, most: int = 20
) -> tuple[Sequence[Separating], int]:
    """The first so many of them by opening, and how many there are: those that count in one of the two, with another
    verdict in the other."""
    found = sorted(
        _differing(one, other, where, catalogue, talks), key=lambda each: (each.opened, each.shop, each.buyer)
    )
    return found[:most], len(found)


def _differing(one: Reading, other: Reading, where: Space, catalogue: Catalogue, talks: Talks) -> Iterator[Separating]:
    for pair in walk_both(one, other, where, catalogue, talks):
        alike = pair[0].law.by_sub_account == pair[1].law.by_sub_account
        left, right = (_verdicts(ledger, talks.as_of, by_account=alike) for ledger in pair)
        for spot in left.keys() | right.keys():
            verdict, clause = left.get(spot, (None, ""))
            against, its_clause = right.get(spot, (None, ""))
            if verdict is not against and _COUNTED & {verdict, against}:
                opened, shop, buyer, account = spot
                yield Separating(
                    shop, buyer, account, opened, date_text(day_of(opened)), verdict, clause, against, its_clause
                )


def _verdicts(ledger: Ledger, as_of: int, *, by_account: bool) -> dict[Spot, tuple[Verdict, str]]:
    """By spot; where only one of the two readings counts by account, the accounts are left out."""
    return {
        (opened, shop, buyer, seat if by_account else ""): (entry.verdict, entry.clause)
        for opened, buyer, shop, seat, entry, _ in ledger.rounds(as_of)
    }
