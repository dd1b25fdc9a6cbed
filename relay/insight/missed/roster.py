"""Who of each shop could have taken a buyer at which instant: on shift, online, with room.

Laws: a seat is what the desk holds it for (`relay.domain.ranking.obstacle`), after every fact; a number is the same
that a count over all seats would give. CS admins serve only where no agent does, as in routing, and are on no rota
unless there is nobody else.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from relay.domain import facts as f
from relay.domain.model import DeskState, SeatState
from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.ranking import agent_load, obstacle

_CHANGES: Final = frozenset(
    {
        f.Assigned, f.Queued, f.ConversationClosed, f.RoundAnswered, f.RoundDropped, f.PresenceSet, f.ShiftTurned,
        f.FlappingBegan, f.FlappingEnded, f.TransferRequested, f.TransferEnded,
    }
)  # fmt: skip
_ANEW: Final = frozenset({f.OfficeTaken, f.EventTurned})


class _Is(IntEnum):
    """How a seat stands to new buyers, the nearest to taking one last."""

    off_shift = 0
    absent = 1
    full = 2
    free = 3


class Standing(NamedTuple):
    """So many seats of a shop, or of one group in it, are on shift, online among them, and with room among those."""

    on_shift: int = 0
    online: int = 0
    free: int = 0


class _Sort(NamedTuple):
    """Seats that count together."""

    groups: tuple[str, ...]
    is_agent: bool

    def fits(self, group: str | None) -> bool:
        return group is None or not self.groups or group in self.groups


class Roster:
    """The seats of one desk, counted. Tell it each fact after it was applied; it says which shops changed."""

    def __init__(self) -> None:
        self._seats: dict[SeatId, tuple[ShopId, _Sort, _Is]] = {}
        self._counts: dict[ShopId, dict[_Sort, list[int]]] = {}

    def note(self, state: DeskState, fact: f.DeskFact) -> set[ShopId]:
        """The shops of which a number may have changed by this fact."""
        if type(fact) in _ANEW:
            before = {*self._counts, *state.shops}
            self._seats.clear()
            self._counts.clear()
            for agent in state.person_seats:
                self._refresh(state, agent)
            return before
        changed: set[ShopId] = set()
        if type(fact) in _CHANGES:
            for name in {getattr(fact, "seat", None), getattr(fact, "previous", None), getattr(fact, "to", None)}:
                seat = state.seats.get(name) if name is not None else None
                if seat is not None:
                    changed.update(self._refresh(state, seat.setting.agent))
        return changed

    def standing(self, shop: ShopId, group: str | None = None) -> Standing:
        """The numbers of a shop now; of those seats alone that serve this group, where one is named."""
        agents, admins = [0, 0, 0, 0], [0, 0, 0, 0]
        for sort, counts in self._counts.get(shop, {}).items():
            if sort.fits(group):
                into = agents if sort.is_agent else admins
                for one in _Is:
                    into[one] += counts[one]
        serving = agents if agents[_Is.full] + agents[_Is.free] else admins
        rota = agents if sum(agents) else admins
        online = serving[_Is.full] + serving[_Is.free]
        return Standing(max(rota[_Is.absent] + rota[_Is.full] + rota[_Is.free], online), online, serving[_Is.free])

    def _refresh(self, state: DeskState, agent: PersonId) -> Iterator[ShopId]:
        """An agent's cap counts over all their seats, so all of them change together."""
        found = []
        for name in state.person_seats.get(agent, ()):
            seat = state.seats[name]
            known = self._seats.get(name)
            now = (seat.setting.shop, _Sort(seat.setting.groups, seat.setting.role == "agent"), _is(state, seat))
            if known != now:
                for one, by in ((known, -1), (now, 1)):
                    if one is not None:
                        counts = self._counts.setdefault(one[0], {}).setdefault(one[1], [0, 0, 0, 0])
                        counts[one[2]] += by
                self._seats[name] = now
                found.append(now[0])
        return iter(found)


def _is(state: DeskState, seat: SeatState) -> _Is:
    why = obstacle(state, seat, agent_load(state, seat)[1])
    if why == "no_agent" or not seat.shift_on or seat.draining:
        return _Is.off_shift
    if why in ("offline", "away", "flapping"):
        return _Is.absent
    return _Is.free if why is None else _Is.full
