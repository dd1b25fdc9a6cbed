"""How a person at a seat works: how soon they turn to a question, how long reading and typing takes, what they put off.

All spans are seconds of real time, shortened by `haste` alone (tests are in a hurry, the demo is not).
"""

import random
from typing import Final

import msgspec

from relay_demo.talk import Effort

Span = tuple[float, float]
TURN: Final[Span] = (1.0, 6.0)
WORK: Final[dict[Effort, Span]] = {"quick": (4, 10), "normal": (9, 24), "look_up": (8, 16), "put_off": (8, 14)}
HOLD_WORK: Final[Span] = (2.0, 4.0)
LOOK_UP: Final[Span] = (35.0, 70.0)
PUT_OFF: Final[Span] = (188.0, 222.0)
"""Beyond the three minutes: what is put off is what the ladder and the machine's hold are for."""
CLOSE: Final[Span] = (24.0, 40.0)
MEND: Final[Span] = (4.0, 9.0)
LOOK: Final[Span] = (25.0, 40.0)
PAUSE_EVERY: Final[Span] = (90.0, 240.0)
PAUSE: Final[Span] = (20.0, 45.0)
LOST: Final[Span] = (36.0, 48.0)
LOST_SHARE: Final = 0.2
REPLY: Final[Span] = (6.0, 22.0)
"""How soon a buyer goes on after an answer."""


class Plan(msgspec.Struct, frozen=True):
    """What to do about a question: turn to it in `turn_s`; with `hold` say so first and answer `then_s` later."""

    turn_s: float
    work_s: float
    hold: bool = False
    then_s: float = 0.0


class Manner:
    """One person's ways: seeded, so that the same questions in the same order are worked on alike."""

    def __init__(self, seed: str, haste: float = 1.0) -> None:
        self.rng = random.Random(seed)  # noqa: S311  (a seeded world)
        self._haste = haste

    def span(self, given: Span) -> float:
        return self.rng.uniform(*given) * self._haste

    def plan(self, effort: Effort) -> Plan:
        """How a question of this effort will be dealt with."""
        turn_s, work_s = self.span(TURN), self.span(WORK[effort])
        if effort == "put_off":
            return Plan(self.span(PUT_OFF), work_s)
        if effort == "look_up":
            return Plan(turn_s, self.span(HOLD_WORK), hold=True, then_s=self.span(LOOK_UP))
        return Plan(turn_s, work_s)

    def loses_the_line(self) -> bool:
        """Whether this pause is not a pause but a lost connection."""
        return self.rng.random() < LOST_SHARE
