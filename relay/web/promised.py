"""The follow-ups as agents see them: the desk's own, with the words of their notes and the buyers' names.

Neither is desk state. A note comes with the fact that brings it and is read again from the store when this room opens;
what was erased is forgotten here too.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from relay.domain import facts as f
from relay.domain.marks import follow_up_id
from relay.domain.model import DeskState, FollowUp, Key
from relay.domain.names import FollowUpId
from relay.runtime.port import Committed, Port
from relay.web import frames as w
from relay.web.gate import Scope
from relay.web.threads import printable

NAME_LIMIT: Final = 100
NAMED: Final = frozenset({f.FollowUpMade, f.FollowUpChanged, f.FollowUpDue})
"""The facts whose frames show a follow-up in full, with its buyer's name."""


class Promised:
    """Notes by follow-up, and names by buyer."""

    __slots__ = ("_names", "_notes")

    def __init__(self) -> None:
        self._notes: dict[FollowUpId, str] = {}
        self._names: dict[Key, str] = {}

    def take(self, committed: Committed, state: DeskState) -> None:
        """Carry a fact in; the state has it already."""
        match committed.fact:
            case f.FollowUpMade():
                self._note(follow_up_id(committed.seq), committed.text)
            case f.FollowUpChanged(digest=digest) if digest:
                self._note(committed.fact.follow_up, committed.text)
            case f.FollowUpDone() | f.FollowUpDropped():
                self._notes.pop(committed.fact.follow_up, None)
                key = (committed.fact.shop, committed.fact.buyer)
                if key not in state.promised:
                    self._names.pop(key, None)
            case _:
                pass

    def _note(self, name: FollowUpId, text: str | None) -> None:
        self._notes.pop(name, None)
        if text is not None:
            self._notes[name] = printable(text)

    def warm(self, state: DeskState, port: Port) -> None:
        """Read the notes of the open follow-ups from the store."""
        for one in state.follow_ups.values():
            for committed in port.read(one.note, one.note) if one.note else ():
                self._note(one.id, committed.text)

    def learn(self, port: Port, keys: Iterable[Key]) -> None:
        """Ask once for the names of all these buyers that are not known yet."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._names]
        found = port.buyer_names(list(dict.fromkeys(buyer for _, buyer in wanted))) if wanted else {}
        for key in wanted:
            if key[1] in found:
                self._names[key] = printable(found[key[1]][:NAME_LIMIT])

    def forget(self, state: DeskState, erased: Sequence[int]) -> None:
        """The content of these facts was erased: the notes among it are gone, and so are all names."""
        for one in state.follow_ups.values():
            if one.note in erased:
                self._notes.pop(one.id, None)
        self._names.clear()

    def told(self, one: FollowUp) -> w.FollowUp:
        return w.FollowUp(
            one.id,
            one.shop,
            one.buyer,
            self._names.get(one.key),
            one.owner,
            one.seat,
            one.category,
            one.due_at,
            one.made_at,
            one.told,
            self._notes.get(one.id),
        )

    def of(self, state: DeskState, key: Key) -> list[w.FollowUp]:
        """The open follow-ups of this buyer, the nearest first."""
        return [self.told(one) for one in in_order(state.follow_ups[name] for name in state.promised.get(key, ()))]


def in_order(follow_ups: Iterable[FollowUp]) -> list[FollowUp]:
    """By due, and of one instant as they were made."""
    return sorted(follow_ups, key=lambda one: (one.due_at, int(one.id[1:])))


def sees(state: DeskState, scope: Scope, one: FollowUp) -> bool:
    """L14: its owner's seat, whoever has the buyer now, and whoever sees all of the shop."""
    conv = state.conversations.get(one.key)
    return scope.sees(one.shop, one.seat) or (conv is not None and scope.sees(one.shop, conv.seat))


def seen_by(state: DeskState, scope: Scope) -> list[FollowUp]:
    """The open follow-ups that this scope sees, by due."""
    return in_order(one for one in state.follow_ups.values() if sees(state, scope, one))
