"""The first settings, from what a shop's owner types into the first page: one desk, one shop, its people and seats.

Assist begins at `suggest`: nothing leaves without a keystroke until an owner has confirmed what counts.
"""

from typing import Final, Literal

import msgspec

from relay.domain.names import ChannelName, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import DEFAULT_DEBT_LADDER, Desk, Grant, Person, QuickReply, Seat, Shop
from relay.insight.statement import PUBLISHED

DESK: Final = DeskId("main")
SHOP: Final = ShopId("shop1")
HOLDS: Final = {
    "hold-checking": "您好，正在为您查询，请稍等，马上回复您。",
    "hold-busy": "亲，现在咨询的人比较多，请您稍等，我会尽快回复您。",
}
"""The holds a shop begins with; its owner reads them on the first page, and so approves them."""


class SeatWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sub-account of the shop, and who sits at it. `person` is the name they log in with."""

    person: str
    name: str = ""
    account: str = ""
    cap: int = 5


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the first page asks. `owner` is the name the owner logs in with."""

    owner: str
    password: str
    shop: str
    owner_name: str = ""
    platform: Literal["taobao", "tmall", "tejia", "kuaishou"] = "taobao"
    channel: str = ""
    seats: tuple[SeatWish, ...] = ()

    def __repr__(self) -> str:
        """Never the password."""
        return f"Wish(owner={self.owner!r}, shop={self.shop!r})"


def founded(wish: Wish) -> Settings:
    """The settings that this wish makes. What is wrong with them, their check will say."""
    owner = PersonId(wish.owner)
    people = {owner: Person(owner, name=wish.owner_name, roles=(Grant(SHOP, "owner"),))}
    seats = []
    for number, one in enumerate(wish.seats, 1):
        person = PersonId(one.person)
        people.setdefault(person, Person(person, name=one.name, roles=(Grant(SHOP, "agent"),)))
        seats.append(Seat(SeatId(f"{SHOP}-{number}"), SHOP, person, account=one.account, cap=one.cap))
    shop = Shop(
        SHOP,
        DESK,
        name=wish.shop,
        platform=wish.platform,
        channel=ChannelName(wish.channel),
        rule=PUBLISHED.get(wish.platform, PUBLISHED["taobao"])[0],
        debt_ladder=DEFAULT_DEBT_LADDER,
        holds_per_day=2,
    )
    return Settings(
        desks=(Desk(DESK, name=wish.shop),),
        persons=tuple(people.values()),
        shops=(shop,),
        seats=tuple(seats),
        replies=tuple(
            QuickReply(ReplyId(name), 1, text, status="approved", shops=(SHOP,), author=owner, approved_by=owner)
            for name, text in HOLDS.items()
        ),
    )
