"""Two shops on one desk that share their agents. They differ in one choice: whether the machine's reply counts.

Both let an approved hold be sent near the deadline; the demo confirms that as their owner when it begins. Only the
owner of the first has chosen that a text by relay is an answer under the shop's rule (`assist_providers`); so in the
first the figure with automation is the higher one, and in the second there is nothing between them.
"""

from typing import Final

from relay.domain.names import ChannelName, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Desk, Grant, Person, QuickReply, Seat, Shop

DESK: Final = DeskId("main")
CHANNEL: Final = ChannelName("main")
HOME, WORKSHOP = SHOPS = ShopId("mianli"), ShopId("shanlan")
NAMES: Final = {HOME: "棉里家居", WORKSHOP: "山岚数码"}
OWNER, SUPERVISOR, AUDITOR, VISITOR = (PersonId(name) for name in ("boss", "wujing", "fangyuan", "you"))
AGENTS: Final = tuple(PersonId(name) for name in ("linxiao", "zhouning", "suran", "chenguo", "hefan"))
COUNTS: Final = {"assist_providers": "dianxiaomi,leyan,xiaowei,xiaoduo,relay"}
_PEOPLE: Final = {
    AGENTS[0]: ("林晓", 5, {HOME: 3, WORKSHOP: 3}),
    AGENTS[1]: ("周宁", 4, {HOME: 3, WORKSHOP: 2}),
    AGENTS[2]: ("苏然", 4, {HOME: 2, WORKSHOP: 3}),
    AGENTS[3]: ("陈果", None, {HOME: 4}),
    AGENTS[4]: ("何帆", None, {WORKSHOP: 4}),
    VISITOR: ("您自己", 2, {HOME: 2, WORKSHOP: 2}),
}
"""Name, cap over all seats, and the seats with their caps."""


def settings(today: str) -> Settings:
    """What the demo begins with. `today` (2026-11-22) is when the owner confirmed the rule."""
    return Settings(
        desks=(Desk(DESK, name="共用客服台"),),
        persons=(
            Person(OWNER, name="店主", roles=tuple(Grant(shop, "owner") for shop in SHOPS)),
            Person(SUPERVISOR, name="吴静", roles=tuple(Grant(shop, "cs_admin") for shop in SHOPS)),
            Person(AUDITOR, name="方圆", roles=tuple(Grant(shop, "auditor") for shop in SHOPS)),
            *(
                Person(person, name=name, roles=tuple(Grant(shop, "agent") for shop in caps), cap=cap)
                for person, (name, cap, caps) in _PEOPLE.items()
            ),
        ),
        shops=tuple(_shop(shop, today) for shop in SHOPS),
        seats=tuple(
            Seat(SeatId(f"{shop}-{person}"), shop, person, account=f"{NAMES[shop]}:{name}", cap=cap)
            for person, (name, _, caps) in _PEOPLE.items()
            for shop, cap in caps.items()
        ),
        replies=(
            _hold("hold-looking", "您好，正在为您核实，请稍等，马上回复您。"),
            _hold("hold-busy", "亲，咨询的人有点多，请您稍等，我会尽快给您答复。"),
        ),
    )


def _shop(shop: ShopId, today: str) -> Shop:
    return Shop(
        shop,
        DESK,
        name=NAMES[shop],
        channel=CHANNEL,
        rule_options=COUNTS if shop == HOME else {},
        rule_confirmed_by=OWNER,
        rule_confirmed_on=today,
        assist="assist",
    )


def _hold(name: str, text: str) -> QuickReply:
    return QuickReply(ReplyId(name), 1, text, status="approved", shops=SHOPS, author=OWNER, approved_by=OWNER)
