"""Which changes of settings a person may make (L14), and that an approval is the approver's own act (L8).

Each shop that a change touches needs the right there: `settings`, or for a quick reply `propose` while it is a draft
and `approve` from then on. A shop that is not known yet may be made, staffed and granted by whoever may change
settings anywhere.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from relay.domain.names import ShopId
from relay.domain.office.changes import Change
from relay.domain.office.rights import Right, may, shops_where
from relay.domain.office.state import OfficeState
from relay.domain.settings import Desk, Event, Person, QuickReply, Seat, Shop, Subject


def not_allowed(state: OfficeState, person: Person | None, changes: Iterable[Change]) -> list[Change]:
    """The changes that this person may not make; none if all is well. Nobody (None) may make none."""
    return [change for change in changes if person is None or not _allowed(state, person, change)]


def _allowed(state: OfficeState, person: Person, change: Change) -> bool:
    old = state.get(change.sort, change.id)
    right: Right = "settings"
    if change.sort == "reply":
        right = _right_for_reply(old, change.subject)
        if isinstance(change.subject, QuickReply) and not _own_words(state, person, old, change.subject):
            return False
    known = [shop for shop in _touched(state, old, change.subject) if shop in state.shops]
    return bool(shops_where(person, right)) and all(may(person, shop, right) for shop in known)


def _right_for_reply(old: Subject | None, new: Subject | None) -> Right:
    """What is approved now, or becomes so, is the approvers'; a draft is anybody's who may propose."""
    drafts = all(
        one is None or (isinstance(one, QuickReply) and one.status in ("draft", "pending")) for one in (old, new)
    )
    return "propose" if drafts else "approve"


def _own_words(state: OfficeState, person: Person, old: Subject | None, new: QuickReply) -> bool:
    """Nobody signs for another: neither as the author of a new text nor as its approver.

    An owner may name the author, who need not have an account at that hour: approving alone is theirs anyway.
    """
    is_new_text = (new.id, new.version) not in state.texts
    if is_new_text and new.author not in (None, person.id) and not shops_where(person, "settings"):
        return False
    was = old if isinstance(old, QuickReply) else None
    as_before = was is not None and (was.status, was.version, was.approved_by, was.shops) == (
        new.status,
        new.version,
        new.approved_by,
        new.shops,
    )
    return new.status != "approved" or as_before or new.approved_by == person.id


def _touched(state: OfficeState, old: Subject | None, new: Subject | None) -> set[ShopId]:
    """The shops whose people or buyers feel this change."""
    if isinstance(old, Person) and isinstance(new, Person) and _same_but_roles(old, new):
        return {grant.shop for grant in set(old.roles) ^ set(new.roles)}
    return _shops_of(state, old) | _shops_of(state, new)


def _shops_of(state: OfficeState, subject: Subject | None) -> set[ShopId]:
    match subject:
        case None:
            return set()
        case Desk():
            return {shop.id for shop in state.shops.values() if shop.desk == subject.id}
        case Shop():
            return {subject.id}
        case Seat():
            return {subject.shop}
        case QuickReply():
            return set(subject.shops or state.shops)
        case Person():
            return {grant.shop for grant in subject.roles}
        case Event():
            return set(subject.shops).union(*(_shops_of(state, agent) for agent in _agents_of(state, subject)))
        case _:
            assert_never(subject)


def _agents_of(state: OfficeState, event: Event) -> list[Person]:
    """Whose cap over all their seats, in other shops too, the event changes."""
    named = {change.name for change in event.caps if change.of == "agent"}
    there = {seat.agent for seat in state.seats.values() if seat.shop in event.shops}
    return [person for person in state.persons.values() if person.id in there and named & {person.id, "*"}]


def _same_but_roles(old: Person, new: Person) -> bool:
    return msgspec.structs.replace(old, roles=()) == msgspec.structs.replace(new, roles=())
