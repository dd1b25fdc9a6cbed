"""What the facts of the `office` stream add up to.

Laws of this module:
* `apply` is the only way the state changes, and it is total: what was recorded happened, however odd it looks now.
* One live value per id; of a quick reply two versions at most: the one in force, and the newest if that is still to be
  approved. What must hold for ever is remembered beyond a removal: the desk of a shop, the shop of a seat, every
  version of a reply, and which desks have ever been told of a reply or an event.
* One live token per person; only its digest is known. A removed person's token ends with them.
"""

from dataclasses import dataclass, field
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
from relay.domain.library import take_version
from relay.domain.names import DeskId, EventId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office.published import PublishedBook
from relay.domain.settings import Desk, Event, Person, QuickReply, Seat, Shop, Sort, Subject

SORTS: tuple[Sort, ...] = ("desk", "person", "shop", "seat", "reply", "event")
"""In this order each sort names only what came before it."""
EPOCH = Millis(0)


class Settings(msgspec.Struct, frozen=True):
    """A whole set of settings, as a file holds it."""

    desks: tuple[Desk, ...] = ()
    persons: tuple[Person, ...] = ()
    shops: tuple[Shop, ...] = ()
    seats: tuple[Seat, ...] = ()
    replies: tuple[QuickReply, ...] = ()
    events: tuple[Event, ...] = ()

    def of(self, sort: Sort) -> tuple[Subject, ...]:
        """All subjects of one sort, in the order of the file."""
        match sort:
            case "desk":
                return self.desks
            case "person":
                return self.persons
            case "shop":
                return self.shops
            case "seat":
                return self.seats
            case "reply":
                return self.replies
            case "event":
                return self.events

    def ordered(self) -> "Settings":
        """The same settings, each sort by id: equal sets compare equal."""
        return Settings(
            desks=tuple(sorted(self.desks, key=lambda one: one.id)),
            persons=tuple(sorted(self.persons, key=lambda one: one.id)),
            shops=tuple(sorted(self.shops, key=lambda one: one.id)),
            seats=tuple(sorted(self.seats, key=lambda one: one.id)),
            replies=tuple(sorted(self.replies, key=lambda one: (one.id, one.version))),
            events=tuple(sorted(self.events, key=lambda one: one.id)),
        )


@dataclass(slots=True)
class OfficeState:
    """The office as of `seq`. The maps are ordered by first appearance."""

    seq: int = 0
    at: Millis = EPOCH
    desks: dict[DeskId, Desk] = field(default_factory=dict)
    persons: dict[PersonId, Person] = field(default_factory=dict)
    shops: dict[ShopId, Shop] = field(default_factory=dict)
    seats: dict[SeatId, Seat] = field(default_factory=dict)
    replies: dict[ReplyId, QuickReply] = field(default_factory=dict)
    """The newest version of each."""
    approved: dict[ReplyId, QuickReply] = field(default_factory=dict)
    """The version in force of each that has one."""
    events: dict[EventId, Event] = field(default_factory=dict)
    tokens: dict[str, PersonId] = field(default_factory=dict)
    token_of: dict[PersonId, str] = field(default_factory=dict)
    published: PublishedBook = field(default_factory=PublishedBook)
    # beyond a removal
    desk_of_shop: dict[ShopId, DeskId] = field(default_factory=dict)
    shop_of_seat: dict[SeatId, ShopId] = field(default_factory=dict)
    versions: dict[ReplyId, dict[int, QuickReply]] = field(default_factory=dict)
    told_all: set[ReplyId] = field(default_factory=set)
    told: dict[ReplyId, set[ShopId]] = field(default_factory=dict)
    told_event: dict[EventId, set[ShopId]] = field(default_factory=dict)

    def get(self, sort: Sort, name: str) -> Subject | None:
        """The live subject of this sort and id, or None; of a quick reply its newest version."""
        match sort:
            case "desk":
                return self.desks.get(DeskId(name))
            case "person":
                return self.persons.get(PersonId(name))
            case "shop":
                return self.shops.get(ShopId(name))
            case "seat":
                return self.seats.get(SeatId(name))
            case "reply":
                return self.replies.get(ReplyId(name))
            case "event":
                return self.events.get(EventId(name))

    def live(self, name: ReplyId) -> tuple[QuickReply, ...]:
        """The versions of a reply that still matter: the one in force, and the newest unless it was turned down."""
        newest, approved = self.replies.get(name), self.approved.get(name)
        if newest is None or approved is None:
            return (newest,) if newest is not None else ()
        is_beside = newest.version != approved.version and newest.status != "retired"
        return (approved, newest) if is_beside else (approved,)

    def version_of(self, reply: QuickReply, live: bool = True) -> QuickReply | None:
        """The version of that number as it is now; with `live` only if it still matters."""
        if live:
            return next((one for one in self.live(reply.id) if one.version == reply.version), None)
        return self.versions.get(reply.id, {}).get(reply.version)


def apply(state: OfficeState, fact: OfficeFact) -> None:
    """Take one fact of the `office` stream, in order."""
    match fact:
        case SettingSet():
            _set(state, fact.subject)
        case SettingRemoved():
            _remove(state, fact.sort, fact.id)
        case TokenIssued():
            _end_token(state, fact.person)
            state.tokens[fact.digest] = fact.person
            state.token_of[fact.person] = fact.digest
        case TokenEnded():
            _end_token(state, fact.person)
        case PasswordSet() | ContentRead() | BuyerExported() | QuarantineErased():
            pass  # on the ledger for its readers; nothing follows from it here
        case PlatformFigureRecorded() | PlatformFigureWithdrawn():
            state.published.take(state.seq + 1, fact)
        case ReadingAdopted():
            state.published.take(state.seq + 1, fact, state.shops.get(fact.shop))
        case _:
            assert_never(fact)
    state.seq += 1
    state.at = fact.at


def _set(state: OfficeState, subject: Subject) -> None:
    match subject:
        case Desk():
            state.desks[subject.id] = subject
        case Person():
            state.persons[subject.id] = subject
        case Shop():
            state.shops[subject.id] = subject
            state.desk_of_shop[subject.id] = subject.desk
        case Seat():
            state.seats[subject.id] = subject
            state.shop_of_seat[subject.id] = subject.shop
        case QuickReply():
            _set_reply(state, subject)
            if subject.shops:
                state.told.setdefault(subject.id, set()).update(subject.shops)
            else:
                state.told_all.add(subject.id)
        case Event():
            state.events[subject.id] = subject
            state.told_event.setdefault(subject.id, set()).update(subject.shops)
        case _:
            assert_never(subject)


def _set_reply(state: OfficeState, told: QuickReply) -> None:
    """The newest version stays the newest, whatever becomes of an older one; an approval retires the one before."""
    versions, former = state.versions.setdefault(told.id, {}), state.approved.get(told.id)
    take_version(state.approved, told)
    if former is not None and state.approved.get(told.id, former) is not former:
        versions[former.version] = _retired(former)
    versions[told.version] = told
    newest = state.replies.get(told.id, told)
    state.replies[told.id] = versions[max(newest.version, told.version)]


def _retired(reply: QuickReply) -> QuickReply:
    return msgspec.structs.replace(reply, status="retired")


def _remove(state: OfficeState, sort: Sort, name: str) -> None:
    match sort:
        case "desk":
            state.desks.pop(DeskId(name), None)
        case "person":
            state.persons.pop(PersonId(name), None)
            _end_token(state, PersonId(name))
        case "shop":
            state.shops.pop(ShopId(name), None)
        case "seat":
            state.seats.pop(SeatId(name), None)
        case "reply":
            state.replies.pop(ReplyId(name), None)
            state.approved.pop(ReplyId(name), None)
            versions = state.versions.get(ReplyId(name), {})
            versions.update({number: _retired(one) for number, one in versions.items()})
        case "event":
            state.events.pop(EventId(name), None)
        case _:
            assert_never(sort)


def _end_token(state: OfficeState, person: PersonId) -> None:
    digest = state.token_of.pop(person, None)
    if digest is not None:
        state.tokens.pop(digest, None)


def settings_of(state: OfficeState) -> Settings:
    """The live settings, each sort by id."""
    return Settings(
        desks=tuple(state.desks.values()),
        persons=tuple(state.persons.values()),
        shops=tuple(state.shops.values()),
        seats=tuple(state.seats.values()),
        replies=tuple(version for name in state.replies for version in state.live(name)),
        events=tuple(state.events.values()),
    ).ordered()
