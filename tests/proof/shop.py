"""The shops of the world, and how their settings change while relay runs."""

from functools import cache
from typing import Any

import msgspec

from relay.domain.names import DeskId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import (
    DEFAULT_DEBT_LADDER,
    DEFAULT_LADDER,
    DebtStep,
    Desk,
    Grant,
    GroupRule,
    LadderStep,
    Notice,
    Person,
    Purpose,
    QuickReply,
    Seat,
    Shift,
    Shop,
)
from relay.insight.statement import confirmed
from relay.testing.chance import Chance
from relay.testing.virtual import TEN

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHOPS = {"a": "desk", "b": "desk", "c": "late", "d": "desk"}
"""Each shop's desk. `c` comes later; `b` is on the wire that takes a key once; in `d` the platform places."""
BOSS = PersonId("boss")
LONG_AGO = Millis(TEN - 86_400_000)
GROUPS = (GroupRule("aftersale", order_states=("paid",), head_start_s=20), GroupRule("care", follow_up=True))
RESCUE = (*DEFAULT_LADDER[:2], LadderStep("reroute", after_s=100), *DEFAULT_LADDER[2:])
OWED = (DebtStep("remind", 30), DebtStep("alert", 60), DebtStep("reroute", 90))
SLOTTED: tuple[tuple[str, Purpose, str], ...] = (
    ("called", "hold", "{buyer_name}，请稍等"),
    ("served", "hold", "{agent}马上为您查询"),
    ("hello", "greeting", "{buyer_name|亲}您好，{agent}为您服务"),
    ("busy", "queue_notice", "您在第{position}位"),
    ("night", "after_hours", "{opening}上班"),
)
"""Texts with slots: a hold that only some buyers' names can fill, one that only a seat can, and a text a notice."""
EVERY_NOTICE: dict[str, Notice] = {"greeting": "on", "queue_notice": "on", "after_hours": "on"}
ONE_SEAT_FOR = {"a": 36, "b": 60, "c": 60, "d": 60}
"""Conversations of a run per seat of a shop: caps are full in a rush, and hardly otherwise."""


@cache
def seats(conversations: int) -> dict[str, tuple[str, str]]:
    """Every seat with its shop and its agent. `ann` has one in two shops; `ad` is the CS admin's."""
    found = {"ad": ("a", "mia"), "a1": ("a", "ann"), "b1": ("b", "ann")}
    for shop, each in ONE_SEAT_FOR.items():
        for number in range(1 if shop in "cd" else 2, 3 + conversations // each):
            found.setdefault(f"{shop}{number}", (shop, f"p-{shop}{number}"))
    return found


def wire_of(shop: str) -> Any:
    """The channel of a shop."""
    return {"b": "safe", "d": "moves"}.get(shop, "once")


def first_settings(conversations: int) -> Settings:
    """Three shops on one desk, two with a common agent, a CS admin, two approved holds, caps that soon are full."""
    shops = (ShopId("a"), ShopId("b"), ShopId("d"))
    people = {agent: [] for _, agent in seats(conversations).values()}  # type: ignore[var-annotated]
    for seat, (shop, agent) in seats(conversations).items():
        if shop != "c":
            people[agent].append(Grant(ShopId(shop), "cs_admin" if seat == "ad" else "agent"))
    return Settings(
        desks=(Desk(DeskId("desk")),),
        persons=(
            Person(BOSS, roles=tuple(Grant(shop, "owner") for shop in shops)),
            *(Person(PersonId(agent), agent, tuple(roles), cap=3 if agent == "ann" else None)
              for agent, roles in people.items()),
        ),
        shops=(
            _sends(Shop(shops[0], DeskId("desk"), channel=wire_of("a"), debt_after_s=60, idle_release_s=120,
                        ladder=(*DEFAULT_LADDER, LadderStep("hold", before_s=12)), drain_s=300, debt_ladder=OWED,
                        follow_up_s=120, follow_up_alert_s=60)),
            _sends(Shop(shops[1], DeskId("desk"), channel=wire_of("b"), debt_after_s=60, idle_release_s=300,
                        groups=GROUPS, drain_s=300, ladder=RESCUE, debt_ladder=OWED[1:], follow_up_s=240,
                        **EVERY_NOTICE)),
            _sends(Shop(shops[2], DeskId("desk"), channel=wire_of("d"), debt_after_s=60, idle_release_s=120,
                        drain_s=300, ladder=RESCUE, moves="auto", debt_ladder=OWED)),
        ),
        seats=tuple(_seat(seat, shop, agent) for seat, (shop, agent) in seats(conversations).items() if shop != "c"),
        replies=(
            QuickReply(ReplyId("a-draft"), 1, "稍等", status="retired", approved_by=BOSS),
            QuickReply(ReplyId("a-spring"), 1, "稍等一下", status="approved", approved_by=BOSS, valid_to=LONG_AGO),
            QuickReply(ReplyId("wait"), 1, "请稍等", status="approved", approved_by=BOSS),
            QuickReply(ReplyId("wait2"), 1, "马上为您查询", status="approved", approved_by=BOSS, shops=shops[:1]),
            *(QuickReply(ReplyId(name), 1, text, purpose, status="approved", approved_by=BOSS)
              for name, purpose, text in SLOTTED),
            QuickReply(ReplyId("about"), 1, "商品正在查", status="approved", approved_by=BOSS, goods=("g1",)),
        ),
    )  # fmt: skip


def _sends(shop: Shop) -> Shop:
    """In assist mode, on its owner's word."""
    return confirmed(msgspec.structs.replace(shop, assist="assist"), BOSS, "2026-03-01")


def _seat(seat: str, shop: str, agent: str) -> Seat:
    return Seat(
        SeatId(seat),
        ShopId(shop),
        PersonId(agent),
        account=f"acc-{seat}",
        cap=2,
        role="cs_admin" if seat == "ad" else "agent",
        shifts=(Shift(EVERY_DAY, "08:00", "23:50"),) if seat in ("a2", "b3") or shop == "c" else (),
        groups={"b2": ("aftersale", "care"), "b3": ("presale",)}.get(seat, ()),
    )


def with_late_shop(wanted: Settings, conversations: int) -> Settings:
    """A new shop on a new desk, under another rule."""
    shop = ShopId("c")
    own = {seat: agent for seat, (where, agent) in seats(conversations).items() if where == "c"}
    persons = tuple(
        msgspec.structs.replace(one, roles=(*one.roles, Grant(shop, "owner" if one.id == BOSS else "agent")))
        if one.id == BOSS or one.id in own.values()
        else one
        for one in wanted.persons
    )
    return msgspec.structs.replace(
        wanted,
        desks=(*wanted.desks, Desk(DeskId("late"))),
        persons=persons,
        shops=(
            *wanted.shops,
            _sends(
                Shop(
                    shop,
                    DeskId("late"),
                    channel=wire_of(shop),
                    rule="taobao_ww3_2023",
                    debt_ladder=DEFAULT_DEBT_LADDER,
                    **EVERY_NOTICE,
                )
            ),
        ),
        seats=(*wanted.seats, *(_seat(seat, shop, agent) for seat, agent in own.items())),
    )


def changed(wanted: Settings, chance: Chance, number: int, now: Millis) -> Settings:
    """One change, as people make them at this instant."""
    new = msgspec.structs.replace

    def pick(options: Any, what: str) -> Any:
        return chance.pick(options, number, what)

    library = [one for one in wanted.replies if not one.id.startswith("a-")]
    seat, reply, shop = pick(wanted.seats, "seat"), pick(library, "reply"), pick(wanted.shops, "shop")
    person = pick([one for one in wanted.persons if one.id != BOSS], "person")
    if chance.roll(number, "notices") < 0.15:
        switches = {one: pick(("on", "on", "off"), one) for one in ("greeting", "queue_notice", "after_hours")}
        return new(wanted, shops=_swap(wanted.shops, new(shop, **switches)))
    match pick(("cap", "agent", "reply", "new_text", "ends", "shop", "rule", "shift"), "change"):
        case "cap":
            other = new(seat, cap=pick((1, 2, 4), "cap"), weight=pick((1000, 1500), "weight"))
            return new(wanted, seats=_swap(wanted.seats, other))
        case "agent":
            return new(wanted, persons=_swap(wanted.persons, new(person, disabled=not person.disabled)))
        case "reply":
            status = "retired" if reply.status == "approved" else "approved"
            return new(wanted, replies=_swap(wanted.replies, new(reply, status=status)))
        case "new_text":
            text = f"{reply.text.rstrip('0123456789')}{reply.version}"
            next_one = new(reply, version=reply.version + 1, text=text, status="approved", valid_to=None)
            return new(wanted, replies=_swap(wanted.replies, next_one))
        case "ends":
            ends = new(reply, version=reply.version + 1, valid_to=Millis(now + pick((20_000, 200_000), "ends")))
            return new(wanted, replies=_swap(wanted.replies, ends))
        case "shop":
            mode = pick(("assist", "assist", "suggest", "shadow"), "mode")
            return new(wanted, shops=_swap(wanted.shops, new(shop, assist=mode, stopped=pick(range(5), "stop") == 0)))
        case "rule":
            options = pick(({}, {"bundle": "strict"}), "options")  # the figure is counted anew
            other = new(shop, rule_options=options)  # its owner reads anew what counts, or does not yet
            anew = pick((True, False), "reads anew")
            return new(wanted, shops=_swap(wanted.shops, confirmed(other, BOSS, "2026-03-02") if anew else other))
        case _:
            shifts = () if seat.shifts else (Shift(EVERY_DAY, "07:50", "23:55"),)
            return new(wanted, seats=_swap(wanted.seats, new(seat, shifts=shifts)))


def _swap(all_: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    return tuple(one if other.id == one.id else other for other in all_)
