"""Changes of settings as people are told them: key by key, what it was and what it is, by whom and when.

Law: of a person who also has roles in other shops these are not told (L14), and a change in which nothing else differs
is not told at all.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from relay.domain.names import Millis, PersonId, ShopId
from relay.domain.office import Change, OfficeState
from relay.domain.office.changes import default_of, lines_of
from relay.domain.office.past import Past, taken_back
from relay.domain.settings import Event, Person, QuickReply, Seat, Shop, Sort, Subject

What = Literal["added", "changed", "removed"]


class Key(msgspec.Struct, frozen=True):
    """One key that differs, with its values as JSON has them."""

    key: str
    before: Any
    after: Any


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change. `lines`: the same as a settings file has it. The rest is of changes that were made."""

    sort: Sort
    id: str
    name: str
    what: What
    keys: list[Key]
    lines: list[str]
    seq: int | None = None
    at: Millis | None = None
    by: PersonId | None = None
    by_name: str = ""
    back: bool = False
    """Whether going back to it would change anything."""


def told_change(change: Change, mine: frozenset[ShopId]) -> Told | None:
    """A change that is wanted or was just made, as far as it is these shops'."""
    return _told(change.sort, change.id, _trimmed(change.was, mine), _trimmed(change.subject, mine))


def told_past(past: Past, state: OfficeState, mine: frozenset[ShopId]) -> Told | None:
    """A change of the past; None if nothing differs of what these shops may know."""
    told = _told(past.sort, past.id, past.before, past.after)
    if told is None:
        return None
    now = _trimmed(state.get(past.sort, past.id), mine)
    by = state.persons.get(past.by)
    return msgspec.structs.replace(
        told,
        seq=past.seq,
        at=past.at,
        by=past.by,
        by_name=by.name if by is not None else "",
        back=past.meant is not None and past.sort != "desk" and taken_back(past.meant, now) != now,
    )


def seen_past(past: Iterable[Past], mine: frozenset[ShopId]) -> Iterator[Past]:
    """Those that are about these shops; of persons only their roles there."""
    for one in past:
        if any(_is_of(side, mine) for side in (one.before, one.after) if side is not None):
            yield msgspec.structs.replace(one, before=_trimmed(one.before, mine), after=_trimmed(one.after, mine))


def within(person: Person, shops: frozenset[ShopId]) -> Person:
    """The person with the roles of these shops alone."""
    return msgspec.structs.replace(person, roles=tuple(one for one in person.roles if one.shop in shops))


def works_in(person: Person, shops: frozenset[ShopId]) -> bool:
    """Whether they have a role in one of these shops, or none at all yet."""
    return not person.roles or any(one.shop in shops for one in person.roles)


def _trimmed(subject: Any, mine: frozenset[ShopId]) -> Any:
    return within(subject, mine) if isinstance(subject, Person) else subject


def _is_of(subject: Subject, mine: frozenset[ShopId]) -> bool:
    match subject:
        case Shop():
            return subject.id in mine
        case Seat():
            return subject.shop in mine
        case Person():
            return works_in(subject, mine)
        case Event():
            return mine.issuperset(subject.shops)
    return False


def _told(sort: Sort, name: str, was: Subject | None, now: Subject | None) -> Told | None:
    shown = now if now is not None else was
    called = "" if shown is None or isinstance(shown, Seat | QuickReply) else shown.name
    if now is None:
        return Told(sort, name, called, "removed", [], [f"- {sort} {name}"])
    if was == now:
        return None
    return Told(
        sort, name, called, "added" if was is None else "changed", list(_keys(was, now)), list(lines_of(sort, was, now))
    )


def _keys(was: Subject | None, now: Subject) -> Iterator[Key]:
    for field in msgspec.structs.fields(now):
        before = getattr(was, field.name) if was is not None else default_of(field)
        after = getattr(now, field.name)
        if field.name != "id" and before != after:
            old = None if was is None else msgspec.to_builtins(before)
            yield Key(field.name, old, msgspec.to_builtins(after))
