"""Which rounds two readings of the same ledger judge differently: other rules, other options, or another moment.

Laws: a round that both readings list with every word alike is in neither; every other round of either is in exactly
one `Differs`. So the left sides are the rounds of A that B has not, as often as A has them, and the right sides those
of B that A has not. Rounds are put side by side by shop, buyer and opening, in the order of the reports.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET

from relay.rules.report import Amount, Report, RoundVerdict

What = Literal["verdict", "detail", "only_a", "only_b"]
"""Another verdict; the same verdict by another clause, answer or wait; a round that only one reading has."""


class Differs(msgspec.Struct, frozen=True):
    """A round as each reading has it; None where it has none."""

    what: What
    a: RoundVerdict | None
    b: RoundVerdict | None

    @property
    def shown(self) -> RoundVerdict:
        """The round by which to name it."""
        one = self.a if self.a is not None else self.b
        assert one is not None
        return one


class Sum(msgspec.Struct, frozen=True):
    """A reading's figure."""

    rule: str
    version: str
    numerator: Amount
    denominator: int
    rate: float | None


class Difference(msgspec.Struct, frozen=True):
    """Two readings side by side. `by_what` counts the rounds; `turned` counts verdicts as `miss → hit`.

    The net change is B less A; of the rate only where both have one.
    """

    a: Sum
    b: Sum
    net_numerator: Amount
    net_denominator: int
    net_rate: float | None
    by_what: dict[str, int]
    turned: dict[str, int]
    rounds: Sequence[Differs]


class _Name(NamedTuple):
    shop: str
    buyer: str
    opened: str


def differences(a: Report, b: Report) -> Difference:
    """Everything in which two reports of the same messages differ."""
    rounds = list(_differing(a.rounds, b.rounds))
    turned = Counter(
        f"{'–' if one.a is None else one.a.verdict.value} → {'–' if one.b is None else one.b.verdict.value}"
        for one in rounds
        if one.what != "detail"
    )
    rate = None if a.rate is None or b.rate is None else b.rate - a.rate
    return Difference(
        _sum(a),
        _sum(b),
        b.numerator - a.numerator,
        b.denominator - a.denominator,
        rate,
        dict(sorted(Counter(one.what for one in rounds).items())),
        dict(sorted(turned.items())),
        rounds,
    )


def _sum(report: Report) -> Sum:
    return Sum(report.rule, report.version, report.numerator, report.denominator, report.rate)


def _differing(a: Sequence[RoundVerdict], b: Sequence[RoundVerdict]) -> Iterator[Differs]:
    both = Counter(map(_whole, a)) & Counter(map(_whole, b))
    left, right = _rest(a, both.copy()), _rest(b, both)
    for name in sorted({*left, *right}, key=lambda one: (one.opened, one.buyer, one.shop)):
        ours, theirs = left.get(name, []), right.get(name, [])
        for number in range(max(len(ours), len(theirs))):
            yield _beside(
                ours[number] if number < len(ours) else None, theirs[number] if number < len(theirs) else None
            )


def _rest(rounds: Sequence[RoundVerdict], both: "Counter[bytes]") -> dict[_Name, list[RoundVerdict]]:
    """The rounds that the other reading has not, by name."""
    rest: dict[_Name, list[RoundVerdict]] = {}
    for one in rounds:
        whole = _whole(one)
        if both[whole]:
            both[whole] -= 1
        else:
            shop = "" if one.shop is UNSET else one.shop
            rest.setdefault(_Name(shop, one.buyer, one.opened), []).append(one)
    return rest


def _beside(a: RoundVerdict | None, b: RoundVerdict | None) -> Differs:
    if a is None:
        return Differs("only_b", a, b)
    if b is None:
        return Differs("only_a", a, b)
    return Differs("verdict" if a.verdict is not b.verdict else "detail", a, b)


def _whole(one: RoundVerdict) -> bytes:
    """All that a report says of the round."""
    return msgspec.json.encode(one)
