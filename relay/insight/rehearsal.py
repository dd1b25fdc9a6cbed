"""An event before it happens: what changes at its start, shop by shop, and what returns at its end.

Laws:
* It is computed by the very functions by which the desk lays an event over its settings (`relay.domain.events`).
* Nothing is forecast: there are places and hours in it, and no buyers.
* Places are what relay may fill: the seats of agents who are not disabled, no more per agent than their own cap. CS
  admin seats serve only when no agent does, and do not count.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from relay.domain.events import SHOP_KEYS, is_of, person_during, seat_during, shop_during, span
from relay.domain.names import Millis, PersonId
from relay.domain.office import Settings
from relay.domain.office.changes import show
from relay.domain.office.event_words import extra_word
from relay.domain.office.versions import by_name
from relay.domain.settings import Event, Person, Seat, Shop
from relay.domain.shifts import between
from relay.insight.spans import Span

MOST_NAMED: Final = 4
Stage = Literal["ahead", "on", "over"]


class Changed(msgspec.Struct, frozen=True):
    """One value: as it usually is, and while the event is on. `key` is one of the shop's, or a seat's or agent's id."""

    key: str
    usual: str
    during: str


class Stretch(msgspec.Struct, frozen=True):
    """A time in which the same seats are on shift, by the shop's clock."""

    start: str
    end: str
    seats: int
    seats_during: int
    places: int
    places_during: int


class Caution(msgspec.Struct, frozen=True):
    """Something to look at before the event, in both languages."""

    en: str
    zh: str


class ShopRehearsal(msgspec.Struct, frozen=True):
    """One shop. `seats` and `agents` have whoever's cap changes; `hours` is the whole time of the event.

    `then`: the event that follows without a gap, so that the return is to that one.
    """

    shop: str
    name: str
    stage: Stage
    starts: str
    ends: str
    hours_long: float
    places: int
    places_during: int
    seats: list[Changed]
    agents: list[Changed]
    hours: list[Stretch]
    keys: list[Changed]
    holds: list[str]
    holds_during: list[str]
    then: str | None
    cautions: list[Caution]


class _Side:
    """The shop as it usually is, or as the event has it."""

    def __init__(
        self, shop: Shop, seats: list[Seat], persons: Mapping[PersonId, Person], when: Span, event: Event | None
    ) -> None:
        self.shop = shop_during(shop, event)
        self.seats = [seat_during(self.shop, seat, event) for seat in seats]
        on = [event] if event is not None else []
        self.persons = {seat.agent: person_during(persons[seat.agent], on) for seat in seats if seat.agent in persons}
        self.serving = [
            seat
            for seat in self.seats
            if seat.role == "agent" and seat.agent in self.persons and not self.persons[seat.agent].disabled
        ]
        self.work = {seat.id: list(between(self.shop, seat, *when)) for seat in self.serving}

    def places(self, seats: Iterable[Seat]) -> int:
        by_agent: dict[PersonId, int] = {}
        for seat in seats:
            by_agent[seat.agent] = by_agent.get(seat.agent, 0) + seat.cap
        caps = {agent: self.persons[agent].cap for agent in by_agent}
        return sum(places if (cap := caps[agent]) is None else min(places, cap) for agent, places in by_agent.items())

    def there(self, at: Millis) -> list[Seat]:
        return [seat for seat in self.serving if any(start <= at < end for start, end in self.work[seat.id])]


def rehearse(settings: Settings, event: Event, now: Millis) -> list[ShopRehearsal]:
    """The event in each of its shops that these settings know."""
    return [_shop(settings, event, shop, now) for shop in settings.shops if shop.id in event.shops]


def stage_of(when: Span, now: Millis) -> Stage:
    """Whether a time has yet to come."""
    return "ahead" if now < when[0] else "on" if now < when[1] else "over"


def _shop(settings: Settings, event: Event, shop: Shop, now: Millis) -> ShopRehearsal:
    when = span(event, shop.zone)
    seats = [seat for seat in settings.seats if seat.shop == shop.id]
    persons = {person.id: person for person in settings.persons}
    usual, during = (_Side(shop, seats, persons, when, one) for one in (None, event))
    hours = list(_stretches(usual, during, when, shop.zone))
    follows = (one.id for one in settings.events if shop.id in one.shops and span(one, shop.zone)[0] == when[1])
    holds, holds_during = _holds(settings, shop, when, None), _holds(settings, shop, when, event)
    found = ShopRehearsal(
        shop=shop.id,
        name=shop.name,
        stage=stage_of(when, now),
        starts=_local(when[0], shop.zone).isoformat(),
        ends=_local(when[1], shop.zone).isoformat(),
        hours_long=(when[1] - when[0]) / 3_600_000,
        places=usual.places(usual.serving),
        places_during=during.places(during.serving),
        seats=[
            Changed(one.id, str(one.cap), str(other.cap))
            for one, other in zip(usual.seats, during.seats, strict=True)
            if one.cap != other.cap
        ],
        agents=[
            Changed(name, show(person.cap), show(during.persons[name].cap))
            for name, person in usual.persons.items()
            if person.cap != during.persons[name].cap
        ],
        hours=hours,
        keys=[
            Changed(key, show(getattr(usual.shop, key)), show(getattr(during.shop, key)))
            for key in SHOP_KEYS
            if getattr(usual.shop, key) != getattr(during.shop, key)
        ],
        holds=holds,
        holds_during=holds_during,
        then=next(follows, None),
        cautions=[],
    )
    cautions = [
        *_of_staff(event, usual, during, hours),
        *_of_the_machine(settings, event, during.shop, when, found),
    ]
    if not (found.seats or found.agents or found.keys or holds != holds_during or usual.work != during.work):
        cautions.insert(0, Caution("nothing changes in this shop", "这个店铺没有任何变化"))
    return msgspec.structs.replace(found, cautions=cautions)


def _holds(settings: Settings, shop: Shop, when: Span, event: Event | None) -> list[str]:
    """The holds that the machine may use at the start of the event (L8)."""
    among = event.replies if event is not None else None
    return [
        reply.id
        for reply in settings.replies
        if reply.purpose == "hold" and reply.usable(shop.id, when[0]) and (among is None or reply.id in among)
    ]


def _stretches(usual: _Side, during: _Side, when: Span, zone: str) -> Iterator[Stretch]:
    """The time of the event, cut wherever somebody comes or goes."""
    edges = {edge for side in (usual, during) for spans in side.work.values() for one in spans for edge in one}
    borders = sorted({*edges, *when})
    told: list[tuple[Millis, Millis, tuple[int, int, int, int]]] = []
    for start, end in pairwise(borders):
        was, now = usual.there(start), during.there(start)
        counts = (len(was), len(now), usual.places(was), during.places(now))
        if told and told[-1][2] == counts:
            told[-1] = (told[-1][0], end, counts)
        else:
            told.append((start, end, counts))
    for start, end, counts in told:
        yield Stretch(_local(start, zone).isoformat(), _local(end, zone).isoformat(), *counts)


def _of_staff(event: Event, usual: _Side, during: _Side, hours: list[Stretch]) -> Iterator[Caution]:
    empty, fewer = (
        [one for one in hours if not one.seats_during],
        [one for one in hours if one.places_during < one.places],
    )
    if empty:
        yield Caution(f"nobody is on shift: {_named(empty)}", f"无人在班：{_named(empty)}")
    if fewer:
        yield Caution(f"fewer places than usual: {_named(fewer)}", f"接待位比平时少：{_named(fewer)}")
    for name, person in during.persons.items():
        mine = [seat for seat in during.serving if seat.agent == name]
        before = sum(seat.cap for seat in usual.serving if seat.agent == name)
        total = sum(seat.cap for seat in mine)
        if person.cap is not None and total > max(before, person.cap):
            yield Caution(
                f'agent "{name}" may have {person.cap} in all, so the {total} places of their seats are not all used; '
                f'add "agent {name} …" to caps',
                f'客服 "{name}" 合计上限 {person.cap}，其子账号的 {total} 个接待位用不满；'
                f'可在 caps 中加 "agent {name} …"',
            )
    for extra in event.shifts:
        about = [seat for seat in usual.serving if is_of(extra, seat)]
        if about and all(usual.work[seat.id] == during.work[seat.id] for seat in about):
            word = extra_word(extra)
            yield Caution(f'"{word}" adds nothing: they work then anyway', f'"{word}" 没有增加任何时间：本来就在班')


def _of_the_machine(
    settings: Settings, event: Event, shop: Shop, when: Span, found: ShopRehearsal
) -> Iterator[Caution]:
    for reply in by_name(settings.replies).values():
        if event.replies is None or reply.id not in event.replies:
            continue
        if not reply.usable(shop.id, when[0]):
            yield Caution(
                f'the reply "{reply.id}" is not approved and in force for this shop at the start; it is not sent',
                f'短语 "{reply.id}" 在活动开始时未批准、未生效或不用于本店，不会发送',
            )
        elif not reply.usable(shop.id, Millis(when[1] - 1)):
            yield Caution(
                f'the reply "{reply.id}" expires before the event ends', f'短语 "{reply.id}" 在活动结束前失效'
            )
    speaks = any(rung.do == "hold" for rung in shop.ladder)
    if shop.assist == "assist" and speaks and not found.holds_during:
        yield Caution("no hold may be sent: the machine stays silent", "没有可用的稍等话术，机器不会发言")
    if shop.assist == "assist" and not speaks and any(one.key == "ladder" for one in found.keys):
        yield Caution("the ladder has no hold: the machine stays silent", "阶梯中没有 hold，机器不会发言")
    if shop.assist != "assist" and event.replies:
        yield Caution(
            f"assist = {shop.assist}: the machine sends none of the replies by itself",
            f"assist = {shop.assist}：机器不会自行发送这些话术",
        )


def _named(stretches: list[Stretch]) -> str:
    told = [hours_word(one) for one in stretches[:MOST_NAMED]]
    return "; ".join(told) + (" …" if len(stretches) > MOST_NAMED else "")


def hours_word(one: Stretch) -> str:
    """`11-11 18:00 – 11-12 00:00`."""
    return f"{one.start[5:16].replace('T', ' ')} – {one.end[5:16].replace('T', ' ')}"


def _local(at: Millis, zone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))
