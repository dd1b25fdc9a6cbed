"""From what is to what is wanted: the facts in an order that never names what is not there yet, and lines for people.

A quick reply is its versions: one that is not named stays as it is while another version of it is named.

Sets come first (desk, person, shop, seat, reply, event), removals last and the other way round. The lines are what
`relay settings apply --dry-run` shows: `+` new, `~` one changed key, `-` removed.
"""

from collections.abc import Iterator
from typing import assert_never

import msgspec

from relay.domain.facts import (
    BuyerExported,
    ContentRead,
    OfficeFact,
    PasswordSet,
    PlatformFigureRecorded,
    PlatformFigureWithdrawn,
    QuarantineErased,
    ReadingAdopted,
    SettingRemoved,
    SettingSet,
    TokenEnded,
    TokenIssued,
)
from relay.domain.library import signed
from relay.domain.names import DeskId, EventId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office.event_words import cap_word, extra_word
from relay.domain.office.state import SORTS, OfficeState, Settings
from relay.domain.office.words import grant_word, shift_word, step_word
from relay.domain.settings import CapChange, ExtraHours, Grant, LadderStep, Shift, Sort, Subject, sort_of


class Change(msgspec.Struct, frozen=True):
    """One setting to be set (`subject`) or removed (None), with its lines for people; `was`: what it is until then."""

    sort: Sort
    id: str
    subject: Subject | None
    lines: tuple[str, ...]
    was: Subject | None = None

    def fact(self, at: Millis, by: PersonId) -> SettingSet | SettingRemoved:
        """The fact that makes this change."""
        if self.subject is None:
            return SettingRemoved(at=at, by=by, sort=self.sort, id=self.id)
        return SettingSet(at=at, by=by, subject=self.subject)


def diff(state: OfficeState, wanted: Settings) -> list[Change]:
    """What leads from the state to the wanted settings; empty if they are equal."""
    changes = [
        Change(sort, subject.id, subject, lines_of(sort, was, subject), was)
        for sort in SORTS
        for was, subject in _wanted(state, wanted, sort)
        if was != subject
    ]
    for sort in reversed(SORTS):
        kept = {subject.id for subject in wanted.of(sort)}
        gone = (name for name in _names(state, sort) if name not in kept)
        changes += [Change(sort, name, None, (f"- {sort} {name}",), state.get(sort, name)) for name in gone]
    return changes


def _wanted(state: OfficeState, wanted: Settings, sort: Sort) -> Iterator[tuple[Subject | None, Subject]]:
    """Every subject of one sort with what it is now.

    Of quick replies the newest comes first, so that an approved edit takes over and leaves no gap.
    """
    if sort != "reply":
        yield from ((state.get(sort, subject.id), subject) for subject in wanted.of(sort))
        return
    newest: dict[ReplyId, int] = {}
    for reply in sorted(wanted.replies, key=lambda one: -one.version):
        is_newest = newest.setdefault(reply.id, reply.version) == reply.version
        yield state.version_of(reply, live=is_newest) or state.replies.get(reply.id), signed(reply)


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
        case "event":
            return sorted(state.events)


def lines_of(sort: Sort, old: Subject | None, new: Subject) -> tuple[str, ...]:
    """What differs, a line a key; of something new everything that is not as usual, in one."""
    keys = [key for key in new.__struct_fields__ if key != "id"]
    if old is None:
        usual = {field.name: default_of(field) for field in msgspec.structs.fields(new)}
        told = [f"{key}={show(getattr(new, key))}" for key in keys if getattr(new, key) != usual[key]]
        return (" ".join([f"+ {sort} {new.id}", *told]),)
    return tuple(
        f"~ {sort} {new.id} {key}: {show(getattr(old, key))} → {show(getattr(new, key))}"
        for key in keys
        if getattr(old, key) != getattr(new, key)
    )


def default_of(field: msgspec.structs.FieldInfo) -> object:
    """What a key is where nothing is said."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def show(value: object) -> str:
    """A value of a setting as a line for people has it."""
    match value:
        case None:
            return "(none)"
        case bool():
            return str(value).lower()
        case str():
            text = value.replace("\n", "\\n")
            return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"' if " " in text or not text else text
        case Shift():
            return shift_word(value)
        case Grant():
            return grant_word(value)
        case LadderStep():
            return step_word(value)
        case CapChange():
            return cap_word(value)
        case ExtraHours():
            return extra_word(value)
        case tuple():
            return f"[{'; '.join(show(item) for item in value)}]"
        case dict():
            return f"[{'; '.join(f'{key}={show(item)}' for key, item in value.items())}]"
        case msgspec.Struct():
            return f"[{'; '.join(f'{key}={show(getattr(value, key))}' for key in value.__struct_fields__)}]"
    return str(value)


def concerns(fact: OfficeFact, state: OfficeState, desk: DeskId) -> bool:
    """Whether this desk must take over this change. `state` is the office just after the fact was applied.

    A desk hears of its shops, their seats, every person, and each reply and event that could ever be used in one of its
    shops: also of the change that takes the shop from it.
    """
    sort: Sort
    name: str
    match fact:
        case TokenIssued() | TokenEnded() | PasswordSet() | ContentRead() | BuyerExported() | QuarantineErased():
            return False
        case PlatformFigureRecorded() | PlatformFigureWithdrawn() | ReadingAdopted():
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
        case "event":
            return any(state.desk_of_shop.get(shop) == desk for shop in state.told_event.get(EventId(name), ()))
