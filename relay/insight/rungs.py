"""How rounds ended after each rung of the ladder: answered before the deadline, after it, not at all, or still open.

Laws: a round is counted once for each action that was told in it, under whatever end it came to; a round in which no
rung was told is under `none`. So every round that ended, or is open still, is in at least one row. The deadline is that
of the desk's clock as it stood when the round ended; a round without one has no deadline to miss.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.domain.settings import Action
from relay.insight.lately import Lately
from relay.rules.instants import day_of

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
    at: Millis
    due_at: Millis | None
    told: set[str]


class Rungs:
    """Takes the facts of a desk in order."""

    def __init__(self) -> None:
        self._open: dict[tuple[ShopId, BuyerRef], _Open] = {}
        self._dropped = Lately[_Open]()
        self._ended: Counter[tuple[ShopId, int, str, End]] = Counter()

    def take(self, fact: f.DeskFact) -> None:
        match fact:
            case f.RoundOpened(again=True) if (was := self._dropped.pop((fact.shop, fact.buyer))) is not None:
                _count(self._ended, fact.shop, was, "dropped", -1)
                self._open[fact.shop, fact.buyer] = was
            case f.RoundOpened():
                self._open[fact.shop, fact.buyer] = _Open(fact.opened_at, _due(fact), set())
            case f.RoundMoved():
                still = self._open.setdefault((fact.shop, fact.buyer), _Open(fact.opened_at, None, set()))
                still.at, still.due_at = fact.opened_at, _due(fact)
            case f.LadderStepped():
                self._open.setdefault((fact.shop, fact.buyer), _Open(fact.round_at, fact.due_at, set())).told.update(
                    fact.told
                )
            case f.RoundAnswered():
                ended = self._open.pop((fact.shop, fact.buyer), None)
                if ended is not None:
                    late = ended.due_at is not None and fact.answered_at > ended.due_at
                    _count(self._ended, fact.shop, ended, "late" if late else "in_time")
            case f.RoundDropped():
                ended = self._open.pop((fact.shop, fact.buyer), None)
                if ended is not None:
                    _count(self._ended, fact.shop, ended, "dropped")
                    self._dropped.put((fact.shop, fact.buyer), fact.at, ended)
            case _:
                pass

    def rows(self, shop: ShopId, on: Callable[[int], bool] = lambda _day: True) -> list[RungRow]:
        """In the order of the ladder; what was never told is left out. `on`: of rounds that opened on these days."""
        counts = self._ended.copy()
        for (of, _), still in self._open.items():
            _count(counts, of, still, "open")
        found: dict[str, dict[End, int]] = {}
        for (of, day, do, end), number in counts.items():
            if of == shop and on(day):
                ends = found.setdefault(do, {})
                ends[end] = ends.get(end, 0) + number
        return [RungRow(do, **found[do]) for do in ORDER if do in found]


def _count(counts: Counter[tuple[ShopId, int, str, End]], shop: ShopId, ended: _Open, end: End, by: int = 1) -> None:
    for do in ended.told or (NONE,):
        counts[shop, day_of(ended.at), do, end] += by


def _due(fact: f.RoundOpened | f.RoundMoved) -> Millis | None:
    return fact.due_at if fact.due_at is not None else fact.service_due_at
