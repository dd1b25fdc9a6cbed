"""The ladder (催办阶梯): which rungs an unanswered round has, and when each of them stands.

A shop has one ladder, and a group may have its own in its place. Two clocks may climb it, each for itself: the guiding
rule's and the service clock. Neither takes a rung from the other, so a message that starts the rule's clock in the
morning postpones nothing that the service clock had begun.

Law: the machine's hold is for the rule's deadline alone. No platform counts an answer against a shop's own standard, so
under the service clock there is nothing that a machine's text could save: that clock calls people.
"""

from typing import NamedTuple

from relay.domain.facts import ClockName
from relay.domain.model import Round
from relay.domain.names import Millis
from relay.domain.settings import LadderStep, Shop


class Climb(NamedTuple):
    """One clock of a round: from when its rungs count, its deadline, and the rungs that were taken."""

    clock: ClockName
    from_at: Millis
    due_at: Millis
    done: tuple[str, ...]


def ladder_of(shop: Shop, group: str) -> tuple[LadderStep, ...]:
    """The ladder of this group's buyers."""
    return shop.ladders.get(group, shop.ladder)


def climbs(round_: Round) -> list[Climb]:
    """The clocks that run for a round, or will."""
    found = []
    if round_.due_at is not None:
        started = round_.due_from if round_.due_from is not None else round_.opened_at
        found.append(Climb("rule", started, round_.due_at, round_.done))
    if round_.service_from is not None and round_.service_due_at is not None:
        found.append(Climb("service", round_.service_from, round_.service_due_at, round_.service_done))
    return found


def serves(rung: LadderStep, clock: ClockName) -> bool:
    """Whether this rung stands on the ladder of this clock at all."""
    return clock == "rule" or rung.do != "hold"


def stands_at(rung: LadderStep, from_at: Millis, due_at: Millis) -> Millis:
    """Never before its clock begins, however short that is: a day's end or a shop's standard may leave few seconds."""
    after_s = rung.after_s
    if after_s is not None:
        return Millis(from_at + after_s * 1000)
    return max(Millis(due_at - (rung.before_s or 0) * 1000), from_at)
