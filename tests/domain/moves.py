"""Everything that can happen to a desk, as moves with open choices: a seeded run and a search by Hypothesis share them.

`choose(options)` picks one of a sequence. A move that is not possible now is refused by the desk; that is a result.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from relay.domain import inputs as i
from relay.domain.facts import Promise
from relay.domain.guiding import Author, Kind
from relay.domain.names import AlertId, PersonId
from relay.domain.refusal import Refusal
from relay.domain.settings import (
    DEFAULT_LADDER,
    CapChange,
    DebtStep,
    Event,
    ExtraHours,
    Grant,
    GroupRule,
    Hours,
    LadderStep,
    MakeUpDay,
    Person,
    QuickReply,
    Relaxation,
    SeatDay,
    Shift,
    Shop,
)
from tests.domain import world as w
from tests.domain.duty import wall
from tests.domain.world import DESK, World

T = TypeVar("T")
Choose = Callable[[Sequence[Any]], Any]

SHOPS = ("a", "b")
BUYERS = ("b1", "b2", "b3", "b4")
SEATS = {"a1": ("a", "ann"), "a2": ("a", "bob"), "b1": ("b", "ann"), "b2": ("b", "cid"), "ad": ("a", "mia")}
AGENTS = ("ann", "bob", "cid", "mia")
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STARTS = (
    w.TEN,
    w.TEN + (13 * 3600 + 58 * 60) * 1000,  # 23:58
    w.TEN - (2 * 3600 + 120) * 1000,  # 07:58
    w.TEN - (2 * 3600 + 120) * 1000,
    w.TEN + (12 * 3600 + 58 * 60) * 1000,  # 22:58
)
LADDERS = (
    {},
    {},
    {"aftersale": (LadderStep("sound", after_s=20), LadderStep("badge", after_s=60), LadderStep("hold", before_s=30))},
    {"care": (), "presale": (LadderStep("badge", after_s=60), LadderStep("alert", before_s=60))},
)
DEBT_LADDERS = (
    (),
    (DebtStep("remind", 20), DebtStep("alert", 45), DebtStep("reroute", 90)),
    (DebtStep("reroute", 30), DebtStep("alert", 30)),
)
RULES = ("taobao_ww3", "taobao_ww3", "taobao_ww3", "tmall_reply", "alibaba1688_3min", "tejia_3min")
SHIFTS = (
    (),
    (),
    (Shift(EVERY_DAY, "08:00", "10:05"), Shift(EVERY_DAY, "22:00", "00:00")),
    (Shift(EVERY_DAY, "10:05", "22:00"), Shift(("sun",), "23:00", "09:59")),
)
GROUPS = (
    GroupRule("aftersale", order_states=("paid",), head_start_s=20),
    GroupRule("care", follow_up=True),
)
CAPS = (
    (),
    (CapChange("*", add=2),),
    (CapChange("*", add=-2), CapChange("seat", "a1", to=3)),
    (CapChange("group", "presale", percent=150), CapChange("agent", "*", to=2)),
    (CapChange("agent", "ann", add=1), CapChange("agent", "*", percent=50), CapChange("*", to=1)),
)
EXTRA = (
    (),
    (ExtraHours("*", (Hours("09:00", "10:20"),), date="2026-03-02"),),
    (ExtraHours("seat", (Hours("21:00", "03:00"),), "a2", days=EVERY_DAY),),
)
NOTICES = {"hello": "greeting", "busy": "queue_notice", "night": "after_hours"}
SAYINGS = {
    "greeting": ("您好", "您好，{agent}为您服务", "{buyer_name}您好", "{buyer_name|亲}您好，{shop|小店}欢迎您"),
    "queue_notice": (
        "请排队",
        "前面还有{position}位",
        "您在第{position}位，约{minutes}分钟",
        "{order_no|您的订单}请排队",
    ),
    "after_hours": ("休息了", "{opening}上班", "{buyer_name}，{opening}上班"),
    "hold": (
        "马上",
        "马上为您查询",
        "{buyer_name}，马上",
        "{agent|客服}马上为您查询",
        "{agent}马上来",
        "第{position}位，马上",
    ),
}
SPANS = (0.5, 1, 5, 9, 20, 31, 60, 101, 165, 175, 200, 610)
AUTHORS = (
    w.HUMAN,
    w.HUMAN,
    w.ASSIST_LEYAN,
    w.BOT,
    w.AUTO,
    Author(Kind.assist, provider="dianxiaomi", mode="assist", trigger="person"),
    Author(Kind.unknown),
)
OUTCOMES = (w.confirmed, w.confirmed, w.refused, w.retryable, w.not_sent, w.unknown, w.silent)


def furnish(world: World, choose: Choose) -> None:
    """Two shops that share an agent, a CS admin, two approved holds, caps that soon are full."""
    world.do(i.StartDesk(epoch=0))
    for shop in SHOPS:
        world.shop(
            shop,
            placement=choose(("relay", "relay", "relay", "transfer", "platform")),
            moves=choose(("advise", "auto")),
            idle_release_s=choose((60, 600)),
            debt_after_s=choose((30, 120)),
            groups=choose(((), (), GROUPS)),
            ladders=choose(LADDERS),
            rule=choose(RULES),
            debt_ladder=choose(DEBT_LADDERS),
            **notices(choose),
        )
    world.person("ann", cap=choose((None, 1, 3)))
    for seat in SEATS:
        set_seat(world, seat, choose)
        world.presence(seat, "online")
    for name, text in (("wait", "稍等"), ("wait2", "请稍等")):
        world.reply(name, text=text)
    for name, purpose in NOTICES.items():
        world.reply(name, purpose=purpose, text=choose(SAYINGS[purpose]))
    world.personal = choose(({}, {"buyer_name": "橘猫"}))


def notices(choose: Choose) -> dict[str, Any]:
    """Which automatic notices a shop has on: in half of the worlds none."""
    if choose((True, False)):
        return {}
    return {purpose: choose(("on", "on", "platform", "off")) for purpose in ("greeting", "queue_notice", "after_hours")}


def set_seat(world: World, seat: str, choose: Choose) -> None:
    shop, agent = SEATS[seat]
    world.seat(
        seat,
        agent,
        shop,
        online=False,
        cap=choose((1, 2, 4)),
        role="cs_admin" if seat == "ad" else "agent",
        weight=choose((1000, 1000, 2000)),
        groups=choose(((), (), ("presale",), ("aftersale", "care"))),
        shifts=choose(SHIFTS),
        exceptions=choose(((), (), (SeatDay("2026-03-02"),), (SeatDay("2026-03-02", (Hours("09:58", "10:04"),)),))),
    )


class Moves:
    """The moves of one run. Every public method is one; `choose` supplies its choices."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[tuple[str, str, str]] = []
        self.keys = 0

    @classmethod
    def names(cls) -> list[str]:
        return [name for name in vars(cls) if not name.startswith("_") and name not in ("names", "make")]

    def make(self, name: str, choose: Choose) -> bool:
        """One move; False if the desk refused it."""
        try:
            getattr(self, name)(choose)
        except Refusal:
            return False
        return True

    def _thread(self, choose: Choose) -> tuple[str, str]:
        known = list(self.world.desk.state.conversations)
        if known and choose((True, True, False)):
            shop, buyer = choose(known)
            return str(shop), str(buyer)
        return choose(SHOPS), choose(BUYERS)

    def _whose(self, shop: str, buyer: str, choose: Choose) -> str:
        """Mostly the agent who has the buyer."""
        state = self.world.desk.state
        conv = state.conversations.get((shop, buyer))
        if conv is not None and conv.seat in state.seats and choose((True, True, False)):
            return str(state.seats[conv.seat].setting.agent)
        return str(choose(AGENTS))

    def ask(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        name = f"q{len(self.asked)}"
        self.asked.append((name, shop, buyer))
        self.world.say(
            buyer,
            shop=shop,
            name=name,
            tone=choose(("question", "question", "question", "thanks")),
            order_state=choose((None, None, "paid")),
            topic=choose((None, None, "care")),
            goods=choose((None, None, "g1")),
            tag=choose((None, None, None, "vip")),
            account=choose((None, *(seat for seat in SEATS if SEATS[seat][0] == shop))),
        )

    def ask_out_of_order(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        name = f"q{len(self.asked)}"
        self.asked.append((name, shop, buyer))
        ago = choose((1, 30, 90, 170, 300, 7200, -3, -30))
        self.world.say(buyer, shop=shop, name=name, ago=ago)

    def peer_or_card(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        more = choose(({"kind": "system"}, {"content": "refund_card"}, {"buyer_class": "xiaoer"}, {"content": "emoji"}))
        self.world.say(buyer, shop=shop, **more)

    def tagged(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        tag, guard = choose((("ad", None), ("vip", "complaint"), (None, "injury"), ("person", "ad"), (None, "dispute")))
        self.world.say(buyer, shop=shop, tag=tag, guard=guard)

    def recall(self, choose: Choose) -> None:
        if self.asked:
            name, shop, buyer = choose(self.asked)
            self.world.recall(name, buyer, shop)

    def agent_answers(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.keys += 1
        key = choose(("", f"k{self.keys}", f"k{self.keys - 1}"))
        tone = choose(("answer", "answer", "hold", "acknowledgement"))
        self.world.answer(
            self._whose(shop, buyer, choose), buyer, tone, shop, key=key, reply=choose((None, None, "wait"))
        )

    def holds_by_key(self, choose: Choose) -> None:
        """The hold that stood on somebody's screen, for what the buyer said last or for an older message."""
        shop, buyer = self._thread(choose)
        if self.world.knows(buyer, shop):
            last = self.world.conv(buyer, shop).last_message
            self.world.hold_by_key(
                self._whose(shop, buyer, choose),
                buyer,
                shop,
                reply=choose(("wait", "wait", "wait2")),
                version=choose((1, 1, 1, 2)),
                question=f"m{max(1, last - choose((0, 0, 0, 1)))}",
                tone=choose(("hold", "hold", "hold", "answer")),
            )

    def notes(self, choose: Choose) -> None:
        """Somebody notes something of a buyer, words it anew or takes it away, whoever wrote it."""
        shop, buyer = self._thread(choose)
        by, there = self._whose(shop, buyer, choose), list(self.world.desk.state.notes.get((shop, buyer), ()))
        match choose(("write", "write", "reword", "remove")):
            case "write":
                self.world.note(by, buyer, shop)
            case "reword":
                self.world.note(by, buyer, shop, replaces=choose([*there, "n1"]))
            case _:
                self.world.unnote(choose([*there, "n1"]), by, buyer, shop)

    def drafted(self, choose: Choose) -> None:
        """A draft for what a buyer said last, or for an older message."""
        shop, buyer = self._thread(choose)
        conv = self.world.desk.state.conversations.get((shop, buyer))
        message = (conv.last_message if conv is not None else 1) - choose((0, 0, 0, 1, 3))
        more = choose(({}, {}, {"confidence": 900}, {"reply": "wait", "version": 1}))
        self.world.draft(buyer, shop, message=message, mark=choose("pqrst"), **more)

    def draft_is_used(self, choose: Choose) -> None:
        """Somebody approves, edits or rejects a draft, which may be void or another conversation's by now."""
        having = [key for key, conv in self.world.desk.state.conversations.items() if conv.drafts]
        shop, buyer = choose(having) if having and choose((True, True, False)) else self._thread(choose)
        offered = [seq for seq, fact in enumerate(self.world.facts, 1) if isinstance(fact, w.f.DraftOffered)]
        conv = self.world.desk.state.conversations.get((shop, buyer))
        live = [draft.id for draft in conv.drafts] if conv is not None else []
        draft = choose([*live, *live, *(f"d{seq}" for seq in offered[-3:])] or ["d1"])
        by = self._whose(shop, buyer, choose)
        if choose((True, True, False)):
            self.world.answer(by, buyer, "answer", shop, draft=draft, edited=choose((False, False, True)))
        else:
            self.world.reject(draft, by, buyer, shop)

    def seen_elsewhere(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        tone = choose(("answer", "hold", "acknowledgement"))
        self.world.seen(
            buyer, tone, choose(AUTHORS), shop=shop, ago=choose((0, 0, 2, 40, 200)), account=choose(("a1", None))
        )

    def echo(self, choose: Choose) -> None:
        started = self.world.all(w.f.SendStarted)
        if started:
            one = choose(started[-4:])
            self.world.seen(one.buyer, shop=one.shop, author=w.HUMAN, echo_of=one.send, ago=choose((0, 1)))

    def outcome_changes(self, choose: Choose) -> None:
        self.world.outcome = choose(OUTCOMES)

    def outcome_comes(self, choose: Choose) -> None:
        flying = [send.id for send in self.world.desk.state.sends.values() if send.status == "sending"]
        if flying:
            told = choose(OUTCOMES[:-1])(self.world, None)
            self.world.end(choose(flying), **told)

    def outcome_by_relays_clock(self, choose: Choose) -> None:
        flying = [send.id for send in self.world.desk.state.sends.values() if send.status == "sending"]
        if flying:
            self.world.end(choose(flying), outcome="confirmed", basis="relay", skew_ms=500)

    def unknown_may_be_tried_again(self, choose: Choose) -> None:
        flying = [send.id for send in self.world.desk.state.sends.values() if send.status == "sending"]
        if flying:
            self.world.end(choose(flying), outcome="unknown", why="timeout", retryable=True)

    def person_has_looked(self, choose: Choose) -> None:
        unknown = [send.id for send in self.world.desk.state.sends.values() if send.status == "unknown"]
        if unknown:
            self.world.do(i.ResolveSend(send=choose(unknown), by="ann", reached=choose((True, False))))

    def effects_wait(self, choose: Choose) -> None:
        self.world.hold_back = True

    def effects_go_on(self, choose: Choose) -> None:
        self.world.hold_back = False
        self.world.carry()

    def types(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.types(choose([seat for seat in SEATS if SEATS[seat][0] == shop]), buyer, shop)

    def close(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.close(choose(AGENTS), buyer, choose(("", "done")), shop)

    def settle(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.do(i.SettleDebt(shop=shop, buyer=buyer, by=choose(AGENTS), reason=choose(("", "phoned"))))

    def takes_back(self, choose: Choose) -> None:
        """Whoever did something lately, mostly; else another, who may not."""
        of, deed = choose(list(self.world.desk.state.deeds.items()) or [(1, None)])
        by = deed.by if deed is not None and choose((True, True, False)) else choose(AGENTS)
        self.world.do(i.TakeBack(of=of, by=PersonId(by)))

    def _follow_up(self, choose: Choose) -> Any:
        return choose(list(self.world.desk.state.follow_ups.values()) or [None])

    def _due(self, choose: Choose) -> Any:
        return w.Millis(self.world.now + choose((-1, 1, 30, 90, 400, 4000)) * 1000)

    def promises_by_reply(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        tone = choose(("answer", "answer", "answer", "hold"))
        promise = Promise(self._due(choose), choose(("other", "invoice")), choose((True, False)))
        self.world.answer(self._whose(shop, buyer, choose), buyer, tone, shop, promise=promise)

    def promises_elsewhere(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.seen(
            buyer,
            "answer",
            choose(AUTHORS),
            shop=shop,
            account=choose(("a1", None)),
            promise=Promise(self._due(choose)),
        )

    def follows_up(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.promise(
            self._whose(shop, buyer, choose),
            buyer,
            shop,
            due_at=self._due(choose),
            owner=choose((None, None, *AGENTS)),
            offered=choose((True, False)),
        )

    def dismisses(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.do(i.DismissOffer(shop=shop, buyer=buyer, by=self._whose(shop, buyer, choose)))

    def changes_follow_up(self, choose: Choose) -> None:
        if (one := self._follow_up(choose)) is not None:
            due_at, owner = choose((None, self._due(choose))), choose((None, *AGENTS))
            self.world.do(i.ChangeFollowUp(follow_up=one.id, by=choose(AGENTS), due_at=due_at, owner=owner))

    def ends_follow_up(self, choose: Choose) -> None:
        if (one := self._follow_up(choose)) is not None:
            ends = choose((i.FinishFollowUp, i.DropFollowUp))
            self.world.do(
                ends(follow_up=one.id, by=choose((one.owner or "mia", *AGENTS)), reason=choose(("", "phoned")))
            )

    def keeps_by_reply(self, choose: Choose) -> None:
        if (one := self._follow_up(choose)) is not None:
            by = choose((one.owner or "mia", one.owner or "mia", *AGENTS))
            tone = choose(("answer", "answer", "hold"))
            promise = choose((None, None, Promise(self._due(choose))))
            self.world.answer(by, one.buyer, tone, one.shop, keeps=one.id, promise=promise)

    def time_passes(self, choose: Choose) -> None:
        self.world.advance(choose(SPANS))

    def clock_steps(self, choose: Choose) -> None:
        self.world.step_clock(choose((-3600, -30, -2, 2, 30, 3600)))

    def machine_sleeps(self, choose: Choose) -> None:
        span = choose((10, 190, 900))
        self.world.sleep(span)
        if choose((True, False)):
            self.world.do(i.NoteClockStep(by_ms=span * 1000))

    def presence(self, choose: Choose) -> None:
        self.world.presence(choose(list(SEATS)), choose(("online", "online", "away", "offline")))

    def connection_flaps(self, choose: Choose) -> None:
        seat = choose(list(SEATS))
        for presence in ("offline", "online") * choose((1, 2, 3)):
            self.world.presence(seat, presence)
            self.world.advance(choose((0.5, 4, 12, 25)))

    def channel(self, choose: Choose) -> None:
        shop = choose(SHOPS)
        self.world.do(choose((i.LoseChannel(shop=shop), i.ConnectChannel(shop=shop), i.ConnectChannel(shop=shop))))

    def gap(self, choose: Choose) -> None:
        now, ago = self.world.server_now, choose((9_000, 9_000, 60_000))
        told = choose(({}, {}, {"recovered": True}, {"unrecoverable": True}))
        self.world.do(i.ReportGap(shop=choose(SHOPS), from_at=w.Millis(now - ago), to_at=now, **told))

    def gaps_are_read(self, choose: Choose) -> None:
        shop = choose(SHOPS)
        for gap in self.world.desk.state.shops[shop].gaps[: choose((1, 9))]:
            self.world.do(i.ReportGap(shop=shop, from_at=gap.from_at, to_at=gap.to_at, recovered=True))

    def channel_falls_silent(self, choose: Choose) -> None:
        self.world.do(i.NoteSilence(shop=choose(SHOPS)))

    def channel_is_heard(self, choose: Choose) -> None:
        self.world.do(i.NoteHeard(shop=choose(SHOPS)))

    def sending_is_measured(self, choose: Choose) -> None:
        self.world.do(i.NoteSending(shop=choose(SHOPS), p95_ms=choose((0, 2_000, 9_000, 30_000))))

    def placed_by_platform(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        self.world.do(
            i.TakePlacement(shop=shop, buyer=buyer, sent_at=self.world.server_now, account=choose(list(SEATS)))
        )

    def placement_changes(self, choose: Choose) -> None:
        placement = choose(("relay", "relay", "transfer", "transfer", "platform", "observe"))
        self.world.do(i.ConnectChannel(shop=choose(SHOPS), placement=placement))

    def passes_on(self, choose: Choose) -> None:
        shop, buyer = self._thread(choose)
        to = choose([None, *(seat for seat in SEATS if SEATS[seat][0] == shop)])
        self.world.move(
            self._whose(shop, buyer, choose),
            buyer,
            shop,
            to=to,
            group=choose((None, None, "aftersale")),
            reason=choose(("", "asked")),
        )

    def transfer_answers_change(self, choose: Choose) -> None:
        self.world.transfer_outcome = choose(("confirmed", "refused", "unknown", None, None))

    def transfer_answer_comes(self, choose: Choose) -> None:
        if self.world.to_transfer:
            outcome = choose(("confirmed", "confirmed", "refused", "unknown"))
            self.world.transferred(outcome, retryable=choose((True, False)))

    def seat_changes(self, choose: Choose) -> None:
        set_seat(self.world, choose(list(SEATS)), choose)

    def seat_goes(self, choose: Choose) -> None:
        seat = choose(list(SEATS))
        if seat in self.world.desk.state.seats:
            self.world.remove("seat", seat)

    def person_changes(self, choose: Choose) -> None:
        name = choose(AGENTS)
        roles = (Grant("a", choose(("agent", "cs_admin"))), Grant("b", "agent"))
        self.world.set(
            Person(
                id=name,
                name=choose((name, name, "")),
                roles=roles,
                cap=choose((None, 1, 2, 5)),
                disabled=choose((False, False, False, True)),
            )
        )

    def shop_changes(self, choose: Choose) -> None:
        shop, confirms = choose(SHOPS), choose((w.agreed, w.agreed, w.agreed, lambda one: one))
        told = Shop(
            id=shop,
            desk=DESK,
            assist=choose(("assist", "assist", "suggest", "shadow", "off")),
            stopped=choose((False, False, True)),
            grace_s=choose((30, 0)),
            sticky_s=choose((24 * 3600, 0)),
            idle_release_s=choose((60, 600)),
            drain_s=choose((0, 0, 90, 600)),
            rule=self.world.desk.state.shops[shop].setting.rule,
            service_s=choose((180, 180, 40, 600)),
            groups=choose(((), GROUPS)),
            ladders=choose(LADDERS),
            relaxations=choose(((Relaxation(45),), (Relaxation(20, ("care",)), Relaxation(200)), ())),
            debt_seat_s=choose((60, 60, 0)),
            holidays=choose(((), (), ("2026-03-02",), ("2026-03-03",))),
            make_up_days=choose(((), (MakeUpDay("2026-03-03", "sun"),))),
            moves=choose(("advise", "auto", "auto")),
            debt_ladder=choose(DEBT_LADDERS),
            follow_up_alert_s=choose((60, 900)),
            **notices(choose),
            ladder=choose((DEFAULT_LADDER, (LadderStep("reroute", after_s=100), *DEFAULT_LADDER))),
        )
        self.world.set(confirms(told))

    def record_changes(self, choose: Choose) -> None:
        """What the store knows of buyers comes and is erased."""
        self.world.personal = choose(({}, {"buyer_name": "橘猫"}, {"buyer_name": "橘猫", "order_no": "1001"}))

    def reply_changes(self, choose: Choose) -> None:
        name = choose(("wait", "wait2", *NOTICES))
        purpose = NOTICES.get(name, "hold")
        old = self.world.desk.state.replies.get(name)
        is_edit = old is None or choose((True, True, False))
        self.world.set(
            QuickReply(
                id=name,
                version=(old.version if old is not None else 0) + is_edit,
                text=choose(SAYINGS[purpose]) if is_edit or old is None else old.text,
                purpose=purpose,
                topics=choose(((), (), ("care",))),
                goods=choose(((), (), ("g1", "g2"))),
                status=choose(("approved", "approved", "retired", "pending")),
                approved_by=choose(("boss", "boss", None)),
                groups=choose(((), (), ("presale",), ("aftersale",))),
                stopped=choose((False, False, False, True)),
                valid_to=choose((None, None, w.Millis(self.world.now + 100_000))),
            )
        )

    def reply_goes(self, choose: Choose) -> None:
        self.world.remove("reply", choose(("wait", "wait2", *NOTICES)))

    def event_changes(self, choose: Choose) -> None:
        name = choose(("sale", "eve", "other"))
        begin = self.world.now + choose((-30, -1, 0, 1, 2, 10)) * 60_000
        starts, ends = (wall("Asia/Shanghai", at) for at in (begin, begin + choose((1, 3, 10, 31, 90)) * 60_000))
        self.world.set(
            Event(
                id=name,
                shops={"sale": ("a",), "eve": ("b",), "other": choose((("a", "b"), ("b",)))}[name],
                starts=starts,
                ends=ends,
                caps=choose(CAPS),
                shifts=choose(EXTRA),
                replies=choose((None, None, ("wait",), ())),
                ladder=choose((None, (LadderStep("badge", after_s=30), LadderStep("hold", before_s=40)), ())),
                groups=choose((None, None, GROUPS)),
                relaxations=choose((None, (Relaxation(10),))),
                service_s=choose((None, 60)),
                idle_release_s=choose((None, 120)),
                holds_per_day=choose((None, 0)),
                drain_s=choose((None, None, 60)),
            )
        )

    def event_goes(self, choose: Choose) -> None:
        self.world.remove("event", choose(("sale", "eve", "other")))

    def alerts_are_seen_and_told(self, choose: Choose) -> None:
        """A supervisor acknowledges, or a notifier says how a message ended."""
        book = self.world.desk.state.alerts.open
        some = tuple(choose(list(book)) for _ in range(2)) if book else (AlertId("a1"),)
        told = book.get(some[0])
        if told is not None and choose((True, False)):
            boss = PersonId("mia")
            self.world.do(i.AcknowledgeAlerts(shop=told.shop, buyer=told.buyer, by=boss, alerts=some))
        else:
            outcome = choose(("confirmed", "refused", "unknown", "not_sent"))
            self.world.do(i.NoteAlertsTold(notifier="group", outcome=outcome, alerts=some))

    def erasure(self, choose: Choose) -> None:
        self.world.do(i.Erase(by="boss", contents=(choose((1, 2)),)))

    def restart(self, choose: Choose) -> None:
        self.world.restart(back=choose((True, True, False)), restored=choose((False, False, False, True)))
