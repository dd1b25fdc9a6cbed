"""Settings changed piece by piece, as the console does it: whole subjects in the place of those of the same id.

Laws: one sees and changes what belongs to shops in which one may change settings (L14); of a person who also has roles
elsewhere these are neither shown nor touched. A change is checked like a settings file and written like one.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from relay.domain.names import ShopId
from relay.domain.office import OfficeState, Settings, diff, not_allowed, settings_of
from relay.domain.office.rights import shops_where
from relay.domain.settings import Event, Person, Seat, Shop, Sort
from relay.errors import BadInputError, ForbiddenError
from relay.runtime.office import Office

Changed = Person | Shop | Seat | Event
Checked = Callable[[Settings], Settings]
_LISTS: dict[str, str] = {"person": "persons", "shop": "shops", "seat": "seats", "event": "events"}


class Removal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seat or an event that is no more. Persons are disabled instead, so that what they did keeps its name."""

    sort: Sort
    id: str


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is put in its place, what is taken away; with `dry_run` only said."""

    put: tuple[Changed, ...] = ()
    remove: tuple[Removal, ...] = ()
    dry_run: bool = False


class Changing:
    """The settings of one office, for people."""

    def __init__(self, office: Office, checked: Checked) -> None:
        self._office, self._checked = office, checked

    def seen(self, person: Person) -> dict[str, Any]:
        """What this person may change, and every shop that they may see. Raises ForbiddenError if there is nothing."""
        mine = shops_where(person, "settings")
        if not mine:
            raise ForbiddenError
        state = self._office.state
        return {
            "shops": [one for one in state.shops.values() if one.id in mine],
            "seats": [one for one in state.seats.values() if one.shop in mine],
            "persons": [_within(one, mine) for one in state.persons.values() if _works_in(one, mine)],
            "events": [one for one in state.events.values() if mine.issuperset(one.shops)],
        }

    async def change(self, person: Person, wanted: Changes) -> list[str]:
        """Do it, or with `dry_run` say it: the lines of the difference. Raises ConfigError, ForbiddenError."""
        if not shops_where(person, "settings"):
            raise ForbiddenError
        if wanted.dry_run:
            state = self._office.state
            changes = diff(state, self._checked(_settings(state, person, wanted)))
            if not_allowed(state, person, changes):
                raise ForbiddenError
        else:
            changes = await self._office.change_settings(
                lambda state: self._checked(_settings(state, person, wanted)), person
            )
        return [line for change in changes for line in change.lines]


def _settings(state: OfficeState, by: Person, wanted: Changes) -> Settings:
    mine = shops_where(by, "settings")
    now = settings_of(state)
    lists: dict[str, dict[str, Any]] = {name: {one.id: one for one in getattr(now, name)} for name in _LISTS.values()}
    for one in wanted.put:
        if isinstance(one, Person):
            one = _merged(state.persons.get(one.id), one, mine)
        lists[_LISTS[type(one).__name__.lower()]][one.id] = one
    for gone in wanted.remove:
        if gone.sort not in ("seat", "event"):
            raise BadInputError(
                "only seats and events are removed; disable a person / 只能删除子账号和活动；人员请停用"
            )
        if lists[_LISTS[gone.sort]].pop(gone.id, None) is None:
            raise BadInputError(f"there is no {gone.sort} {gone.id!r} / 没有 {gone.id!r}")
    return msgspec.structs.replace(now, **{name: tuple(found.values()) for name, found in lists.items()})


def _within(person: Person, shops: frozenset[ShopId]) -> Person:
    return msgspec.structs.replace(person, roles=tuple(one for one in person.roles if one.shop in shops))


def _merged(old: Person | None, new: Person, mine: frozenset[ShopId]) -> Person:
    """The roles that whoever changes this person cannot see stay as they are."""
    hidden = tuple(one for one in old.roles if one.shop not in mine) if old is not None else ()
    return msgspec.structs.replace(new, roles=(*hidden, *new.roles))


def _works_in(person: Person, shops: frozenset[ShopId]) -> bool:
    return not person.roles or any(one.shop in shops for one in person.roles)
