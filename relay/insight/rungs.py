"""How rounds ended after each rung of the ladder: answered before the deadline, after it, not at all, or still open.

Laws: a round is counted once for each action that was told in it, under whatever end it came to; a round in which no
rung was told is under `none`. So every round that ended, or is open still, is in at least one row. The deadline is that
of the desk's clock as it stood when the round ended; a round without one has no deadline to miss.
"""

from typing import Final, Literal

import msgspec

from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.domain.settings import Action

End = Literal["in_time", "late", "dropped", "open"]
ENDS: Final[tuple[End, ...]] = ("in_time", "late", "dropped", "open")
NONE: Final = "none"
ORDER: Final[tuple[Action | Literal["none"], ...]] = (
    NONE, "badge", "sound", "alert", "approve", "hold", "wall", "reroute",
)  # fmt: skip


class RungRow(msgspec.Struct, frozen=True):
    """The rounds in which this action was told, by how they ended."""

    do: Action | Literal["none"]
    in_time: int = 0
    late: int = 0
    dropped: int = 0
    open: int = 0


class _Open(msgspec.Struct):
    due_at: Millis | None
    told: set[str]


class Rungs:
    """Takes the facts of a desk in order."""

    def __init__(self) -> None:
        self._open: dict[tuple[ShopId, BuyerRef], _Open] = {}
        self._counts: dict[tuple[ShopId, str], dict[End, int]] = {}

    def take(self, fact: f.DeskFact) -> None:
        match fact:
            case f.RoundOpened():
                self._open[fact.shop, fact.buyer] = _Open(_due(fact), set())
            case f.RoundMoved():
                self._open.setdefault((fact.shop, fact.buyer), _Open(None, set())).due_at = _due(fact)
            case f.LadderStepped():
                self._open.setdefault((fact.shop, fact.buyer), _Open(fact.due_at, set())).told.update(fact.told)
            case f.RoundAnswered():
                ended = self._open.pop((fact.shop, fact.buyer), None)
                if ended is not None:
                    late = ended.due_at is not None and fact.answered_at > ended.due_at
                    self._count(self._counts, fact.shop, ended, "late" if late else "in_time")
            case f.RoundDropped():
                ended = self._open.pop((fact.shop, fact.buyer), None)
                if ended is not None:
                    self._count(self._counts, fact.shop, ended, "dropped")
            case _:
                pass

    def rows(self, shop: ShopId) -> list[RungRow]:
        """In the order of the ladder; what was never told is left out."""
        counts = {key: {**ends} for key, ends in self._counts.items()}
        for (of, _), still in self._open.items():
            self._count(counts, of, still, "open")
        return [RungRow(do, **counts[shop, do]) for do in ORDER if (shop, do) in counts]

    @staticmethod
    def _count(counts: dict[tuple[ShopId, str], dict[End, int]], shop: ShopId, ended: _Open, end: End) -> None:
        for do in ended.told or (NONE,):
            ends = counts.setdefault((shop, do), {})
            ends[end] = ends.get(end, 0) + 1


def _due(fact: f.RoundOpened | f.RoundMoved) -> Millis | None:
    return fact.due_at if fact.due_at is not None else fact.service_due_at
