"""The shops of the world, and how their settings change while relay runs."""

import random
from typing import Any

import msgspec

from relay.domain.names import DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Desk, Grant, Person, QuickReply, Seat, Shift, Shop

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHOPS = {"a": "desk", "b": "desk", "c": "late"}
"""Each shop's desk. `c` comes later; `b` is on the wire that takes a key once."""
SEATS = {
    "a1": ("a", "ann"),
    "a2": ("a", "bob"),
    "ad": ("a", "mia"),
    "b1": ("b", "ann"),
    "b2": ("b", "cid"),
    "c1": ("c", "eve"),
}
AGENTS = ("ann", "bob", "cid", "mia", "eve")


def wire_of(shop: str) -> Any:
    """The channel of a shop."""
    return "safe" if shop == "b" else "once"


def first_settings() -> Settings:
    """Two shops on one desk that share an agent, a CS admin, two approved holds, caps that soon are full."""
    boss = PersonId("boss")
    shops = (ShopId("a"), ShopId("b"))
    seats = [
        Seat(
            SeatId(seat),
            ShopId(shop),
            PersonId(agent),
            account=f"acc-{seat}",
            cap=2,
            role="cs_admin" if seat == "ad" else "agent",
            shifts=(Shift(EVERY_DAY, "08:00", "23:50"),) if seat == "a2" else (),
        )
        for seat, (shop, agent) in SEATS.items()
        if shop in shops
    ]
    return Settings(
        desks=(Desk(DeskId("desk")),),
        persons=(
            Person(boss, roles=tuple(Grant(shop, "owner") for shop in shops)),
            *(_agent(one, seats) for one in AGENTS),
        ),
        shops=tuple(
            Shop(shop, DeskId("desk"), channel=wire_of(shop), assist="assist", debt_after_s=60, idle_release_s=300)
            for shop in shops
        ),
        seats=tuple(seats),
        replies=(
            QuickReply(ReplyId("wait"), 1, "请稍等", status="approved", approved_by=boss),
            QuickReply(ReplyId("wait2"), 1, "马上为您查询", status="approved", approved_by=boss, shops=shops[:1]),
        ),
    )


def _agent(name: str, seats: list[Seat]) -> Person:
    roles = tuple(Grant(seat.shop, seat.role) for seat in seats if seat.agent == name)
    return Person(PersonId(name), roles=roles, cap=3 if name == "ann" else None)


def with_late_shop(wanted: Settings) -> Settings:
    """A new shop on a new desk, under another rule."""
    shop, roles = ShopId("c"), {"eve": Grant(ShopId("c"), "agent"), "boss": Grant(ShopId("c"), "owner")}
    persons = tuple(
        msgspec.structs.replace(one, roles=(*one.roles, roles[one.id])) if one.id in roles else one
        for one in wanted.persons
    )
    return msgspec.structs.replace(
        wanted,
        desks=(*wanted.desks, Desk(DeskId("late"))),
        persons=persons,
        shops=(
            *wanted.shops,
            Shop(shop, DeskId("late"), channel=wire_of(shop), assist="assist", rule="taobao_ww3_2023"),
        ),
        seats=(*wanted.seats, Seat(SeatId("c1"), shop, PersonId("eve"), cap=3)),
    )


def changed(wanted: Settings, chance: random.Random) -> Settings:
    """One change, as people make them."""
    new = msgspec.structs.replace
    seat, reply, shop = chance.choice(wanted.seats), chance.choice(wanted.replies), chance.choice(wanted.shops)
    person = chance.choice([one for one in wanted.persons if one.id != "boss"])
    match chance.choice(("cap", "agent", "reply", "new_text", "shop", "rule", "shift")):
        case "cap":
            other = new(seat, cap=chance.choice((1, 2, 4)), weight=chance.choice((1000, 1500)))
            return new(wanted, seats=_swap(wanted.seats, other))
        case "agent":
            return new(wanted, persons=_swap(wanted.persons, new(person, disabled=not person.disabled)))
        case "reply":
            status = "retired" if reply.status == "approved" else "approved"
            return new(wanted, replies=_swap(wanted.replies, new(reply, status=status)))
        case "new_text":
            next_one = new(reply, version=reply.version + 1, text=f"请稍等{reply.version}", status="approved")
            return new(wanted, replies=_swap(wanted.replies, next_one))
        case "shop":
            mode = chance.choice(("assist", "assist", "suggest", "shadow"))
            return new(wanted, shops=_swap(wanted.shops, new(shop, assist=mode, stopped=chance.random() < 0.2)))
        case "rule":
            options = chance.choice(({}, {"bundle": "strict"}))  # the figure is counted anew; the desk is strict anyway
            return new(wanted, shops=_swap(wanted.shops, new(shop, rule_options=options)))
        case _:
            shifts = () if seat.shifts else (Shift(EVERY_DAY, "07:50", "23:40"),)
            return new(wanted, seats=_swap(wanted.seats, new(seat, shifts=shifts)))


def _swap(all_: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    return tuple(one if other.id == one.id else other for other in all_)
