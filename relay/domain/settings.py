"""What people change while relay runs: desks, shops, seats, persons, quick replies and events, as frozen values.

They live as facts on the `office` stream; each desk takes over what concerns it, in office order. The values carry
no message text and no buyer. Checking a whole set of them against each other is `relay.domain.office`'s work.
"""

from typing import Literal

import msgspec

from relay.domain.names import ChannelName, DeskId, EventId, Millis, PersonId, ReplyId, SeatId, ShopId

Role = Literal["agent", "cs_admin", "approver", "operations", "owner", "auditor"]
Assist = Literal["off", "shadow", "suggest", "assist"]
Placement = Literal["relay", "transfer", "platform", "observe"]
"""Who decides where a buyer goes (分配方式): relay; the platform, and relay moves by transfer; the platform, and relay
advises; the platform, and relay neither sends nor moves."""
Moves = Literal["advise", "auto"]
Purpose = Literal["greeting", "hold", "answer", "after_hours", "queue_notice", "closing"]
NoticePurpose = Literal["greeting", "queue_notice", "after_hours"]
Notice = Literal["off", "platform", "on"]
"""An automatic notice: none, none because the platform sends its own, or relay's."""
Action = Literal["badge", "sound", "alert", "approve", "wall", "hold", "reroute"]
DebtAction = Literal["remind", "alert", "reroute"]
"""What an answer that is owed asks for: of its seat, of the supervisors, of another seat."""
Category = Literal["refund", "exchange", "invoice", "lost_parcel", "compensation", "call_back", "other"]
"""What a follow-up is about (跟进类别)."""
Presence = Literal["online", "away", "offline"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ReplyStatus = Literal["draft", "pending", "approved", "retired"]
Approval = Literal["two_person", "owner_self"]
"""How a text was approved: by somebody who did not write it, or by an owner who has nobody else to ask."""


class Desk(msgspec.Struct, frozen=True, tag="desk", omit_defaults=True):
    """The shops that share agents: the unit of ordering, ownership and journal (客服台)."""

    id: DeskId
    name: str = ""


class LadderStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rung of the ladder (催办阶梯): `do` at `after_s` of an unanswered round, or `before_s` its deadline."""

    do: Action
    after_s: int | None = None
    before_s: int | None = None


DEFAULT_LADDER = (
    LadderStep("badge", after_s=60),
    LadderStep("sound", after_s=90),
    LadderStep("alert", after_s=120),
    LadderStep("wall", after_s=150),
    LadderStep("hold", before_s=20),
)


class DebtStep(msgspec.Struct, frozen=True):
    """One rung of the ladder of an answer that is owed (欠答阶梯): `do`, `after_s` seconds after the hold."""

    do: DebtAction
    after_s: int


DEFAULT_DEBT_LADDER = (DebtStep("remind", 180), DebtStep("alert", 300), DebtStep("reroute", 600))
"""What a shop's settings file means where it says nothing. In facts no ladder means none: so it was before there was
one, and a shop's old facts go on meaning that."""
DEFAULT_PROMISES = (
    "查一下", "核实一下", "核实后", "确认一下", "查询后", "查到后", "问一下", "咨询一下", "反馈一下",
    "回您", "回你", "回复您", "回复你", "答复您", "答复你", "给您答复", "给你答复", "给您回复", "给你回复", "给您回电",
    "回电", "联系您", "联系你", "通知您", "告知您", "告诉您", "跟进",
    "get back to you", "let you know", "call you back", "look into", "follow up",
)  # fmt: skip


class Phrases(msgspec.Struct, frozen=True):
    """The shop's own words for what a text does. A text matches when it holds nothing else but such a phrase."""

    hold: tuple[str, ...] = (
        "稍等",
        "请稍等",
        "稍等一下",
        "马上",
        "马上为您查询",
        "正在为您查询",
        "one moment",
        "please wait",
    )
    acknowledgement: tuple[str, ...] = ("好的", "嗯", "嗯嗯", "好", "收到", "ok", "okay")
    thanks: tuple[str, ...] = (
        "谢谢",
        "谢谢你",
        "谢谢您",
        "多谢",
        "再见",
        "拜拜",
        "thanks",
        "thank you",
        "bye",
    )


GuardName = Literal["thanks", "ad", "complaint", "dispute", "person", "injury", "threat"]
"""What a buyer's text may be in which no machine speaks; but for `thanks` also the channel's own tags."""


class Guard(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shop's own words for one guard.

    `add` and `without` change the list that relay ships, `only` stands in its place. `innocent`: longer words in which
    one of the list means something else.
    """

    add: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    innocent: tuple[str, ...] = ()


class GroupRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the table that says which group a buyer belongs to (分组规则): see `relay.domain.groups`.

    `order_states` and `entries` are the channel's own words, `keywords` stand in the buyer's text, `follow_up` means
    that an answer is still owed, or a follow-up still open. `head_start_s` counts as seconds already waited.
    """

    group: str
    order_states: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    follow_up: bool = False
    head_start_s: int = 0


class HeadStart(msgspec.Struct, frozen=True):
    """A buyer whose message carries this tag counts as having waited so many seconds already."""

    tag: str
    seconds: int


class Relaxation(msgspec.Struct, frozen=True, omit_defaults=True):
    """After so many seconds of waiting the seats of these groups may take the buyer too; `*` is every seat."""

    after_s: int
    to: tuple[str, ...] = ("*",)


class MakeUpDay(msgspec.Struct, frozen=True):
    """A date (YYYY-MM-DD) on which the shop works the hours of another weekday (调休)."""

    date: str
    works_as: Weekday


class Shop(msgspec.Struct, frozen=True, tag="shop", omit_defaults=True):
    """A store on one platform (店铺), with its guiding rule, its ladder and what the machine may do there."""

    id: ShopId
    desk: DeskId
    name: str = ""
    platform: str = "taobao"
    channel: ChannelName = ChannelName("")
    zone: str = "Asia/Shanghai"
    rule: str = "taobao_ww3"
    rule_options: dict[str, str] = {}
    rule_confirmed_by: PersonId | None = None
    rule_confirmed_on: str | None = None
    assist: Assist = "suggest"
    assist_confirmed_by: PersonId | None = None
    assist_confirmed_on: str | None = None
    ladder: tuple[LadderStep, ...] = DEFAULT_LADDER
    phrases: Phrases = Phrases()
    service_s: int = 180
    debt_after_s: int = 120
    idle_release_s: int = 600
    sticky_s: int = 24 * 3600
    grace_s: int = 30
    holds_per_day: int = 3
    stopped: bool = False
    groups: tuple[GroupRule, ...] = ()
    relaxations: tuple[Relaxation, ...] = (Relaxation(45),)
    head_starts: tuple[HeadStart, ...] = (HeadStart("vip", 30), HeadStart("dispute", 60))
    debt_seat_s: int = 60
    drain_s: int = 0
    holidays: tuple[str, ...] = ()
    make_up_days: tuple[MakeUpDay, ...] = ()
    moves: Moves = "advise"
    aftersale_release_s: int = 1800
    ladders: dict[str, tuple[LadderStep, ...]] = {}
    first_reaction_s: int = 10
    rule_confirmed_link: str | None = None
    assist_confirmed_statement: str | None = None
    guards: dict[GuardName, Guard] = {}
    debt_ladder: tuple[DebtStep, ...] = ()
    promises: tuple[str, ...] = DEFAULT_PROMISES
    follow_up_s: int = 3600
    follow_up_alert_s: int = 900
    greeting: Notice = "off"
    queue_notice: Notice = "off"
    after_hours: Notice = "off"
    slow_reply_s: int = 60
    long_reception_s: int = 1800
    goal_percent: int | None = None
    """The rate that the shop wants to keep by its guiding rule; None: the threshold that the platform publishes."""


class Shift(msgspec.Struct, frozen=True):
    """One weekly stretch of work, in the shop's zone, as HH:MM; an end not after start is next day."""

    days: tuple[Weekday, ...]
    start: str
    end: str


class Hours(msgspec.Struct, frozen=True, order=True):
    """One stretch of a date's work as HH:MM, in the shop's zone; an end not after the start is next day."""

    start: str
    end: str


class SeatDay(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one seat works on one date (YYYY-MM-DD) instead of what it usually does; no hours means off.

    `swap`: the seat whose work this is in exchange for its own (换班); that seat names this one for the same date.
    """

    date: str
    hours: tuple[Hours, ...] = ()
    swap: SeatId | None = None


class Seat(msgspec.Struct, frozen=True, tag="seat", omit_defaults=True):
    """A place that can talk to buyers in one shop (子账号). No shift at all means always on shift."""

    id: SeatId
    shop: ShopId
    agent: PersonId
    account: str = ""
    cap: int = 5
    weight: int = 1000
    role: Literal["agent", "cs_admin"] = "agent"
    shifts: tuple[Shift, ...] = ()
    groups: tuple[str, ...] = ()
    exceptions: tuple[SeatDay, ...] = ()
    vendor: str = ""
    """The outsourcing firm that serves it (外包公司); empty: the shop's own staff."""


class Grant(msgspec.Struct, frozen=True):
    """One role in one shop."""

    shop: ShopId
    role: Role


class Person(msgspec.Struct, frozen=True, tag="person", omit_defaults=True):
    """Who acts: agent, supervisor, approver, owner or auditor. `cap` bounds the open conversations over all seats."""

    id: PersonId
    name: str = ""
    roles: tuple[Grant, ...] = ()
    cap: int | None = None
    disabled: bool = False


class QuickReply(msgspec.Struct, frozen=True, tag="reply", omit_defaults=True):
    """One immutable version of a quick reply (快捷短语). No shop named means every shop of the desk, and so for groups.

    `topics` and `goods` say what it is about: where any is named, the machine uses it only in a conversation that is
    known to be about one of them. `stopped` is the emergency stop: nobody sends it from then on, person or machine.
    A version that was refused is retired and says by whom and why, for whoever wrote it.
    """

    id: ReplyId
    version: int
    text: str
    purpose: Purpose = "hold"
    status: ReplyStatus = "draft"
    shops: tuple[ShopId, ...] = ()
    author: PersonId | None = None
    approved_by: PersonId | None = None
    valid_from: Millis | None = None
    valid_to: Millis | None = None
    approval: Approval | None = None
    groups: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    stopped: bool = False
    refused_by: PersonId | None = None
    refused_why: str = ""

    @property
    def is_approved(self) -> bool:
        """An approval is somebody's: a version that names no approver has none."""
        return self.status == "approved" and self.approved_by is not None

    def usable(self, shop: ShopId, at: Millis) -> bool:
        """L8: approved, not stopped, in force at `at`, and meant for this shop."""
        return (
            self.is_approved
            and not self.stopped
            and (not self.shops or shop in self.shops)
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_to is None or at < self.valid_to)
        )

    def serves(self, group: str) -> bool:
        """Whether it is meant for this group's buyers."""
        return not self.groups or group in self.groups

    def is_about(self, topic: str | None, goods: str | None) -> bool:
        """Whether what it says of a topic or of goods is known to be what the conversation is about."""
        return (not self.topics or topic in self.topics) and (not self.goods or goods in self.goods)


class CapChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event makes of a cap: another number (`to`), so many places more (`add`), or a `percent` of what it is.

    `of` every seat (`*`), the seats that name a group, one seat, or an agent (`name` is an id, or `*` for each of
    them). Exactly one of the three is set.
    """

    of: Literal["*", "group", "seat", "agent"]
    name: str = ""
    to: int | None = None
    add: int | None = None
    percent: int | None = None


class ExtraHours(msgspec.Struct, frozen=True, omit_defaults=True):
    """Work beside the usual, on one date (YYYY-MM-DD) or on these weekdays, while an event is on."""

    of: Literal["*", "group", "seat"]
    hours: tuple[Hours, ...]
    name: str = ""
    date: str | None = None
    days: tuple[Weekday, ...] = ()


class Event(msgspec.Struct, frozen=True, tag="event", omit_defaults=True):
    """A promotion (活动): what its shops do differently from `starts` to `ends`, and not a moment longer.

    Both are wall-clock times of each shop's zone, `YYYY-MM-DD HH:MM`. A key that a shop has too stands in for the
    shop's; None leaves that as it is. `replies`: the only holds that the machine may use meanwhile.
    """

    id: EventId
    shops: tuple[ShopId, ...]
    starts: str
    ends: str
    name: str = ""
    caps: tuple[CapChange, ...] = ()
    shifts: tuple[ExtraHours, ...] = ()
    replies: tuple[ReplyId, ...] | None = None
    ladder: tuple[LadderStep, ...] | None = None
    groups: tuple[GroupRule, ...] | None = None
    relaxations: tuple[Relaxation, ...] | None = None
    head_starts: tuple[HeadStart, ...] | None = None
    service_s: int | None = None
    debt_after_s: int | None = None
    idle_release_s: int | None = None
    sticky_s: int | None = None
    grace_s: int | None = None
    holds_per_day: int | None = None
    debt_seat_s: int | None = None
    drain_s: int | None = None
    ladders: dict[str, tuple[LadderStep, ...]] | None = None
    aftersale_release_s: int | None = None
    debt_ladder: tuple[DebtStep, ...] | None = None


Subject = Desk | Shop | Seat | Person | QuickReply | Event
DeskSubject = Shop | Seat | Person | QuickReply | Event
"""What a desk takes over."""
Sort = Literal["desk", "shop", "seat", "person", "reply", "event"]


def sort_of(subject: Subject) -> Sort:
    """The word by which this sort of setting is called in facts and in the settings file."""
    match subject:
        case Desk():
            return "desk"
        case Shop():
            return "shop"
        case Seat():
            return "seat"
        case Person():
            return "person"
        case QuickReply():
            return "reply"
        case Event():
            return "event"
