"""Which changes of settings a person may make (L14), and that an approval is the approver's own act (L8).

Each shop that a change touches needs the right there: `settings`, or for a quick reply what
`relay.domain.office.signing` says. To stop a shop's machine replies `stop` is enough; to let them go on it is not. For
a seat's cap, and for when an event begins and ends, `staff` is enough. A
shop that is not known yet may be made, staffed and granted by whoever may change settings anywhere. That a machine may
send is confirmed by an owner of the shop in their own name.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from relay.domain.names import ShopId
from relay.domain.office.changes import Change
from relay.domain.office.rights import grants, may, may_everywhere
from relay.domain.office.signing import reply_allowed
from relay.domain.office.state import OfficeState
from relay.domain.settings import Desk, Event, Person, QuickReply, Seat, Shop, Subject


def not_allowed(state: OfficeState, person: Person | None, changes: Iterable[Change]) -> list[Change]:
    """The changes that this person may not make; none if all is well. Nobody (None) may make none."""
    return [change for change in changes if person is None or not _allowed(state, person, change)]


def _allowed(state: OfficeState, person: Person, change: Change) -> bool:
    if change.sort == "reply":
        return reply_allowed(state, person, change.id, change.subject)
    old = state.get(change.sort, change.id)
    if isinstance(old, Shop) and change.subject == msgspec.structs.replace(old, stopped=True):
        return may(person, old.id, "stop")
    if _is_staffing(old, change.subject):
        return may_everywhere(state, person, "staff", _touched(state, old, change.subject))
    if isinstance(change.subject, Shop) and not _own_word(person, old, change.subject):
        return False
    return may_everywhere(state, person, "settings", _touched(state, old, change.subject))


def _is_staffing(old: Subject | None, new: Subject | None) -> bool:
    """Whether nothing but a seat's cap, or the times of an event, is another."""
    if isinstance(old, Seat) and isinstance(new, Seat):
        return new == msgspec.structs.replace(old, cap=new.cap)
    if isinstance(old, Event) and isinstance(new, Event):
        return new == msgspec.structs.replace(old, starts=new.starts, ends=new.ends)
    return False


def _own_word(person: Person, old: Subject | None, new: Shop) -> bool:
    """Nobody confirms in another's name that a machine may send (§7)."""
    was = old if isinstance(old, Shop) else Shop(new.id, new.desk)
    if _word(new) in (_word(was), (None, None, None)):
        return True
    is_owner = old is None or "owner" in grants(person).get(new.id, ())  # a new shop's owner comes with it
    return new.assist_confirmed_by == person.id and is_owner


def _word(shop: Shop) -> tuple[str | None, str | None, str | None]:
    return shop.assist_confirmed_by, shop.assist_confirmed_on, shop.assist_confirmed_statement


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
