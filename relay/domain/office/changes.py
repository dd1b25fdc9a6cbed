"""From what is to what is wanted: the facts in an order that never names what is not there yet, and lines for people.

Sets come first (desk, person, shop, seat, reply), removals last and the other way round. The lines are what
`relay settings apply --dry-run` shows: `+` new, `~` one changed key, `-` removed.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from relay.domain.facts import OfficeFact, SettingRemoved, SettingSet, TokenIssued
from relay.domain.names import DeskId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office.rights import may, shops_where
from relay.domain.office.state import SORTS, OfficeState, Settings
from relay.domain.office.words import grant_word, shift_word, step_word
from relay.domain.settings import Desk, Grant, LadderStep, Person, QuickReply, Seat, Shift, Shop, Sort, Subject, sort_of


class Change(msgspec.Struct, frozen=True):
    """One setting to be set (`subject`) or removed (None), with its lines for people."""

    sort: Sort
    id: str
    subject: Subject | None
    lines: tuple[str, ...]

    def fact(self, at: Millis, by: PersonId) -> SettingSet | SettingRemoved:
        """The fact that makes this change."""
        if self.subject is None:
            return SettingRemoved(at=at, by=by, sort=self.sort, id=self.id)
        return SettingSet(at=at, by=by, subject=self.subject)


def diff(state: OfficeState, wanted: Settings) -> list[Change]:
    """What leads from the state to the wanted settings; empty if they are equal."""
    changes = [
        Change(sort, subject.id, subject, _lines(sort, state.get(sort, subject.id), subject))
        for sort in SORTS
        for subject in wanted.of(sort)
        if state.get(sort, subject.id) != subject
    ]
    for sort in reversed(SORTS):
        kept = {subject.id for subject in wanted.of(sort)}
        changes += [Change(sort, name, None, (f"- {sort} {name}",)) for name in _names(state, sort) if name not in kept]
    return changes


def _names(state: OfficeState, sort: Sort) -> list[str]:
    match sort:
        case "desk":
            return sorted(state.desks)
        case "person":
            return sorted(state.persons)
        case "shop":
            return sorted(state.shops)
        case "seat":
            return sorted(state.seats)
        case "reply":
            return sorted(state.replies)


def _lines(sort: Sort, old: Subject | None, new: Subject) -> tuple[str, ...]:
    keys = [key for key in new.__struct_fields__ if key != "id"]
    if old is None:
        told = [f"{key}={_show(getattr(new, key))}" for key in keys if getattr(new, key) not in ("", None, (), {})]
        return (" ".join([f"+ {sort} {new.id}", *told]),)
    return tuple(
        f"~ {sort} {new.id} {key}: {_show(getattr(old, key))} → {_show(getattr(new, key))}"
        for key in keys
        if getattr(old, key) != getattr(new, key)
    )


def _show(value: object) -> str:
    match value:
        case None:
            return "(none)"
        case bool():
            return str(value).lower()
        case str():
            text = value.replace("\n", "⏎")
            return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"' if " " in text or not text else text
        case Shift():
            return shift_word(value)
        case Grant():
            return grant_word(value)
        case LadderStep():
            return step_word(value)
        case tuple():
            return f"[{'; '.join(_show(item) for item in value)}]"
        case dict():
            return f"[{'; '.join(f'{key}={_show(item)}' for key, item in value.items())}]"
        case msgspec.Struct():
            return f"[{'; '.join(f'{key}={_show(getattr(value, key))}' for key in value.__struct_fields__)}]"
    return str(value)


def concerns(fact: OfficeFact, state: OfficeState, desk: DeskId) -> bool:
    """Whether this desk must take over this change. `state` is the office just after the fact was applied.

    A desk hears of its shops, their seats, every person, and each reply that could ever be used in one of its shops:
    also of the change that takes the shop from the reply.
    """
    sort: Sort
    name: str
    match fact:
        case TokenIssued():
            return False
        case SettingSet():
            sort, name = sort_of(fact.subject), fact.subject.id
        case SettingRemoved():
            sort, name = fact.sort, fact.id
        case _:
            assert_never(fact)
    match sort:
        case "desk":
            return False
        case "person":
            return True
        case "shop":
            return state.desk_of_shop.get(ShopId(name)) == desk
        case "seat":
            shop = state.shop_of_seat.get(SeatId(name))
            return shop is not None and state.desk_of_shop.get(shop) == desk
        case "reply":
            told = state.told.get(ReplyId(name), ())
            return ReplyId(name) in state.told_all or any(state.desk_of_shop.get(shop) == desk for shop in told)


def not_allowed(state: OfficeState, person: Person | None, changes: Iterable[Change]) -> list[Change]:
    """The changes that this person may not make (L14): each shop a change touches needs the right `settings` there.

    A shop that is not known yet may be made, staffed and granted by whoever may change settings anywhere.
    """
    anywhere = bool(shops_where(person, "settings"))

    def allowed(change: Change) -> bool:
        touched = _touched(state, change.sort, state.get(change.sort, change.id), change.subject)
        known = [shop for shop in touched if shop in state.shops]
        return anywhere and all(may(person, shop, "settings") for shop in known)

    return [change for change in changes if not allowed(change)]


def _touched(state: OfficeState, sort: Sort, old: Subject | None, new: Subject | None) -> set[ShopId]:
    """The shops whose people or buyers feel this change."""
    both = [subject for subject in (old, new) if subject is not None]
    shops: set[ShopId] = set()
    for subject in both:
        match subject:
            case Desk():
                shops.update(shop.id for shop in state.shops.values() if shop.desk == subject.id)
            case Shop():
                shops.add(subject.id)
            case Seat():
                shops.add(subject.shop)
            case QuickReply():
                shops.update(subject.shops or state.shops)
            case Person():
                shops.update(grant.shop for grant in subject.roles)
    if isinstance(old, Person) and isinstance(new, Person) and _same_but_roles(old, new):
        changed = set(old.roles) ^ set(new.roles)
        return {grant.shop for grant in changed}
    return shops


def _same_but_roles(old: Person, new: Person) -> bool:
    return msgspec.structs.replace(old, roles=()) == msgspec.structs.replace(new, roles=())
