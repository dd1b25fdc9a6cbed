"""The follow-ups in the order in which their time comes (L11).

Derived from the state, never part of it: when a follow-up is next to be told of is read off the state alone, and an
entry that was overtaken is let go when it comes up.
"""

from heapq import heapify, heappop
from typing import Final, Literal

from relay.domain import facts as f
from relay.domain.model import DeskState, FollowUp
from relay.domain.names import FollowUpId, Millis

Rung = Literal["owner", "supervisor"]
_MOVES: Final = frozenset({f.FollowUpMade, f.FollowUpChanged, f.FollowUpDue, f.OfficeTaken})


def due_of(state: DeskState, follow_up: FollowUp) -> tuple[Millis, Rung] | None:
    """When it is next told of, and to whom: at its time to its owner, later to the supervisors; then no more."""
    if follow_up.told == 0:
        return follow_up.due_at, "owner"
    if follow_up.told == 1:
        later_s = state.shops[follow_up.shop].setting.follow_up_alert_s
        return Millis(follow_up.due_at + later_s * 1000), "supervisor"
    return None


class Agenda:
    """The next due of every open follow-up of one desk."""

    __slots__ = ("_heap",)

    def __init__(self) -> None:
        self._heap: list[tuple[Millis, FollowUpId]] = []

    def rebuild(self, state: DeskState) -> None:
        """Everything anew, as after a replay or a change of settings."""
        dues = ((due_of(state, one), one.id) for one in state.follow_ups.values())
        self._heap = [(due[0], name) for due, name in dues if due is not None]
        heapify(self._heap)

    def note(self, state: DeskState, facts: list[f.DeskFact]) -> None:
        """These facts were applied: what they name may be due at another time now."""
        if (state.follow_ups or self._heap) and any(type(fact) in _MOVES for fact in facts):
            self.rebuild(state)

    def next_due(self, state: DeskState) -> Millis | None:
        """When a follow-up is next to be told of."""
        while self._heap:
            at, name = self._heap[0]
            follow_up = state.follow_ups.get(name)
            due = due_of(state, follow_up) if follow_up is not None else None
            if due is not None and due[0] == at:
                return at
            heappop(self._heap)
        return None

    def first(self, state: DeskState) -> FollowUp:
        """The follow-up of `next_due`, which must have found one."""
        return state.follow_ups[self._heap[0][1]]
