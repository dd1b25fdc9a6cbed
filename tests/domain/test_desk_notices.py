"""Automatic notices (自动提示): when each is due, what forbids it, what it says, and what it leaves alone."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import Millis, ShopId
from relay.domain.settings import ExtraHours, GroupRule, Hours, MakeUpDay, SeatDay, Shift
from tests.domain import world as w
from tests.domain.world import TEN, World, small

HOUR = 3_600
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = (Shift(EVERY_DAY, "08:00", "18:00"),)
GROUPS = (GroupRule("aftersale", order_states=("paid",)), GroupRule("care", keywords=("护理",)))
ON = {"greeting": "on", "queue_notice": "on", "after_hours": "on"}
TEXTS = {
    "hello": ("greeting", "您好"),
    "busy": ("queue_notice", "第{position}位"),
    "night": ("after_hours", "{opening}上班"),
}


def shop(seats: int = 1, cap: int = 5, shifts: Any = (), now: int = TEN, **more: Any) -> World:
    """A shop with every notice on and a text for each."""
    world = small(now, seats=0, **{**ON, **more})
    for number in range(1, seats + 1):
        world.seat(f"s{number}", cap=cap, shifts=shifts)
    for name, (purpose, text) in TEXTS.items():
        world.reply(name, purpose=purpose, text=text)
    return world


def given(world: World) -> list[str]:
    return [one.purpose for one in world.all(f.NoticeIntended)]


def withheld(world: World) -> list[tuple[str, str]]:
    return [(one.purpose, one.why) for one in world.all(f.NoticeWithheld)]


def full(**more: Any) -> World:
    """One seat with one place, which is taken."""
    world = shop(cap=1, **more)
    world.say("first")
    return world


# --- the greeting


def test_a_buyer_is_greeted_once_in_twelve_hours() -> None:
    world = shop()
    world.say()
    assert given(world) == ["greeting"]
    world.answer()
    world.close()
    for _ in range(3):
        world.advance(3 * HOUR)
        world.say()
        world.answer()
        world.close()
    assert given(world) == ["greeting"]
    world.advance(3 * HOUR + 1)
    world.say()
    assert given(world) == ["greeting", "greeting"]
    assert withheld(world) == []
    assert world.rerun()


def test_more_words_of_a_reception_are_not_greeted_again() -> None:
    world = shop()
    world.say(tone="thanks")
    world.say()
    world.answer()
    world.say()
    assert given(world) == []
    assert withheld(world) == [("greeting", "thanks")]


@pytest.mark.parametrize(
    ("more", "asks", "why"),
    [
        ({"stopped": True}, {}, "stopped"),
        ({"groups": GROUPS}, {"order_state": "paid"}, "aftersale"),
        ({}, {"tag": "ad"}, "advertisement"),
        ({}, {"tag": "complaint"}, "complaint"),
        ({}, {"tag": "dispute"}, "dispute"),
        ({}, {"tag": "person"}, "wants_a_person"),
        ({}, {"tone": "acknowledgement"}, "thanks"),
    ],
)
def test_what_forbids_a_notice_is_said(more: dict[str, Any], asks: dict[str, Any], why: str) -> None:
    world = shop(**more)
    world.say(**asks)
    assert given(world) == []
    assert withheld(world) == [("greeting", why)]


def test_who_is_moved_by_their_first_message_is_not_greeted() -> None:
    """The platform gave the buyer to one seat, and their first message names another."""
    world = shop(seats=2)
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="platform"))
    world.do(i.TakePlacement(shop="shop", buyer="b1", sent_at=TEN, account="s1"))
    world.advance(1)
    world.say(account="s2")
    assert world.conv().seat == "s2"
    assert given(world) == []


def test_a_message_that_comes_late_is_no_occasion() -> None:
    world = shop()
    world.say("b1", ago=179)
    world.say("b2", ago=181)
    assert [one.buyer for one in world.all(f.NoticeIntended)] == ["b1"]
    assert world.count(f.NoticeWithheld) == 0


def test_while_an_agent_types_and_while_the_buyer_is_moved_nothing_is_said() -> None:
    world = shop(seats=2, cap=1)
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="transfer"))
    world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, assist="assist", moves="auto", **ON))
    world.transfer_outcome = None
    world.say("b0", account="s1")
    world.say("b1", account="s1")
    assert world.conv("b1").transfer is not None
    assert withheld(world) == [("greeting", "moving")]
    world = shop()
    world.hold_back = True
    world.say()
    world.types()
    world.prepare(next(iter(world.desk.state.sends)))
    assert world.last(f.SendEnded).why == "typing"


def test_a_lost_channel_and_one_that_is_only_watched_bring_no_notice() -> None:
    world = shop()
    world.do(i.LoseChannel(shop=ShopId("shop")))
    world.say("b1")
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="observe"))
    world.say("b2", account="s1")
    assert given(world) == []
    assert withheld(world) == [("greeting", "channel_lost"), ("greeting", "observe")]


@pytest.mark.parametrize("switch", ["off", "platform"])
def test_a_notice_that_is_off_leaves_no_fact(switch: str) -> None:
    world = shop(greeting=switch, queue_notice=switch, after_hours=switch, shifts=DAYS)
    world.say()
    world.at("19:00:00")
    world.say("b2")
    assert world.count(f.NoticeIntended) == world.count(f.NoticeWithheld) == 0


@pytest.mark.parametrize(
    "change",
    [{"status": "retired"}, {"stopped": True}, {"valid_to": TEN}, {"approved_by": None}, {"groups": ("care",)}],
)
def test_only_a_text_that_is_approved_for_this_buyer_is_used(change: dict[str, Any]) -> None:
    world = shop(groups=GROUPS)
    world.reply("hello", purpose="greeting", text="您好", **change)
    world.say()
    assert withheld(world) == [("greeting", "no_approved_reply")]


@pytest.mark.parametrize(
    ("assist", "shadow"), [("off", False), ("suggest", False), ("assist", False), ("shadow", True)]
)
def test_the_mode_of_assist_does_not_switch_notices_but_shadow_only_records(assist: str, shadow: bool) -> None:
    world = shop(assist=assist)
    world.say()
    assert [one.shadow for one in world.all(f.NoticeIntended)] == [shadow]
    assert world.count(f.SendStarted) == (0 if shadow else 1)


def test_who_is_passed_on_is_not_greeted() -> None:
    world = shop(seats=2, greeting="off")
    world.say()
    world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, assist="assist", **ON))
    world.move(f"p-{world.conv().seat}", reason="asked")
    world.say()
    assert given(world) == []


def test_a_transfer_by_the_platform_counts_as_received() -> None:
    world = shop(seats=2)
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="platform"))
    world.do(i.TakePlacement(shop="shop", buyer="b1", sent_at=TEN, account="s1", from_account="s9", transfer=True))
    world.do(i.TakePlacement(shop="shop", buyer="b2", sent_at=TEN, account="s1"))
    world.say("b1")
    world.say("b2")
    assert [one.buyer for one in world.all(f.NoticeIntended)] == ["b2"]


# --- what a notice leaves alone


def test_a_notice_answers_nothing_and_takes_nothing_from_the_machines_reply() -> None:
    world = shop()
    world.say()
    [ended] = world.all(f.SendEnded)
    assert (ended.outcome, ended.author.kind, ended.author.trigger) == ("confirmed", "auto", "machine")
    assert world.conv().round is not None
    world.advance(170)
    assert [one.reply for one in world.all(f.SendStarted)] == ["hello", "wait"]
    assert world.count(f.DebtOpened) == 1
    assert world.count(f.DebtClosed) == world.count(f.RoundAnswered) == 0
    assert world.conv().past.holds == 1


def test_a_notice_on_its_way_does_not_hold_the_machine_back() -> None:
    world = shop()
    world.outcome = w.silent
    world.say()
    world.advance(170)
    assert world.count(f.HoldIntended) == 1


def test_a_notice_never_closes_a_debt() -> None:
    world = shop(greeting="off")
    world.say()
    world.answer(tone="hold")
    world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, assist="assist", **ON))
    world.say()
    assert world.conv().debt is not None
    assert given(world) == []


# --- just before the first byte


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (lambda world: world.answer(), "answer_on_its_way"),
        (lambda world: world.seen(), "answered"),
        (lambda world: world.move("p-s1" if world.conv().seat == "s1" else "p-s2", reason="asked"), "moved"),
        (lambda world: world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, **{**ON, "greeting": "off"})), "switched_off"),
        (lambda world: world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, assist="shadow", **ON)), "shadow"),
        (lambda world: world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, stopped=True, **ON)), "stopped"),
        (lambda world: world.do(i.LoseChannel(shop=ShopId("shop"))), "channel_lost"),
        (lambda world: world.reply("hello", 1, purpose="greeting", text="您好", status="retired"), "reply_withdrawn"),
        (lambda world: world.say(tag="complaint"), "complaint"),
        (lambda world: world.remove("shop", "shop"), "switched_off"),
    ],
)
def test_every_condition_is_asked_again(happens: Any, why: str) -> None:
    world = shop(seats=2)
    world.hold_back = True
    world.say()
    happens(world)
    send = next(one.id for one in world.desk.state.sends.values() if one.notice is not None)
    world.prepare(send)
    assert world.last(f.SendEnded, send=send).why == why
    assert world.count(f.SendStarted) == 0
    assert "greeting" not in world.conv().past.notices


def test_what_the_channel_refused_is_not_said_twice_all_the_same() -> None:
    world = shop()
    world.outcome = w.refused
    world.say()
    world.outcome = w.confirmed
    world.answer()
    world.close()
    world.say()
    assert given(world) == ["greeting"]


def test_a_restart_sends_an_intended_notice_once() -> None:
    world = shop()
    world.hold_back = True
    world.say()
    world.restart()
    world.do(i.ConnectChannel(shop=ShopId("shop")), carry=False)
    world.hold_back = False
    world.carry()
    assert world.count(f.SendStarted) == 1
    world.restart()
    world.carry()
    assert world.count(f.SendStarted) == 1


# --- the queue


def test_who_finds_no_seat_is_told_their_place_and_gets_no_greeting_beside_it() -> None:
    world = full()
    world.say("b1")
    notice = world.last(f.NoticeIntended)
    assert (notice.purpose, notice.place, notice.seat) == ("queue_notice", 1, None)
    assert [world.said[one.send] for one in world.all(f.SendStarted, buyer="b1")] == ["第1位"]


def test_it_is_told_once_more_to_who_has_come_forward() -> None:
    world = full(groups=GROUPS, head_starts=())
    for buyer in ("b1", "b2"):
        world.say(buyer)
    world.advance(60)
    world.close(buyer="first", reason="done")
    world.advance(59)
    assert [one.buyer for one in world.all(f.NoticeIntended, purpose="queue_notice")] == ["b1", "b2"]
    world.advance(2)
    again = world.last(f.NoticeIntended)
    assert (again.buyer, again.again, again.place) == ("b2", True, 1)
    world.advance(3 * HOUR)
    assert world.count(f.NoticeIntended, buyer="b2") == 2
    assert world.rerun()


def test_a_machine_that_slept_gives_no_second_word_of_yesterday() -> None:
    world = full(groups=GROUPS, head_starts=())
    for buyer in ("b1", "b2"):
        world.say(buyer)
    world.advance(60)
    world.close(buyer="first", reason="done")
    world.sleep(15 * HOUR)
    world.advance(1)
    assert [(one.why, one.again) for one in world.all(f.NoticeWithheld, buyer="b2")] == [("too_late", True)]
    assert world.count(f.NoticeIntended, buyer="b2") == 1


def test_a_second_word_that_never_left_takes_nothing_from_the_first() -> None:
    world = full(groups=GROUPS, head_starts=())
    for buyer in ("b1", "b2"):
        world.say(buyer)
    world.advance(60)
    world.close(buyer="first", reason="done")
    world.hold_back = True
    world.advance(61)
    assert world.last(f.NoticeIntended).again
    world.seen("b2")
    world.hold_back = False
    world.carry()
    assert (world.last(f.SendEnded).outcome, world.last(f.SendEnded).checked) == ("not_sent", True)
    world.advance(60)
    world.say("b2")
    assert world.last(f.Queued).buyer == "b2"
    assert world.count(f.NoticeIntended, buyer="b2") == 2


def test_who_has_not_come_forward_is_told_nothing_more() -> None:
    world = full()
    world.say("b1")
    world.advance(HOUR)
    assert [(one.why, one.again) for one in world.all(f.NoticeWithheld)] == [("no_better_place", True)]
    assert world.count(f.NoticeIntended, buyer="b1") == 1


def test_it_is_not_told_again_where_it_was_switched_off_or_never_told() -> None:
    for change, told in (
        (lambda world: world.set(w.Shop(id=ShopId("shop"), desk=w.DESK, **{**ON, "queue_notice": "off"})), 1),
        (lambda world: None, 0),
    ):
        world = full()
        world.outcome = w.confirmed if told else w.refused
        for buyer in ("b1", "b2"):
            world.say(buyer)
        change(world)
        world.close(buyer="first", reason="done")
        world.advance(150)
        assert [one.why for one in world.all(f.NoticeWithheld)] == ["switched_off"] * told
        assert world.count(f.NoticeIntended, again=True) == 0


def test_who_was_taken_meanwhile_is_not_told_of_the_queue() -> None:
    world = full()
    world.hold_back = True
    world.say("b1")
    world.close(buyer="first", reason="done")
    world.hold_back = False
    world.carry()
    assert [one.why for one in world.all(f.SendEnded, buyer="b1")] == ["moved"]


# --- after hours


@pytest.mark.parametrize(
    ("clock", "says", "more"),
    [
        ("19:00:00", "明天08:00上班", {}),
        ("07:00:00", "08:00上班", {}),
        ("19:00:00", "3月4日08:00上班", {"holidays": ("2026-03-03",)}),
        ("19:00:00", "明天08:00上班", {"holidays": ("2026-03-03",), "make_up_days": (MakeUpDay("2026-03-03", "sun"),)}),
    ],
)
def test_after_hours_a_buyer_is_told_when_the_shop_opens(clock: str, says: str, more: dict[str, Any]) -> None:
    if "make_up_days" in more:
        more = {**more, "holidays": ()}
    world = shop(shifts=DAYS, **more)
    world.at(clock)
    world.say()
    assert given(world)[-1:] == ["after_hours"]
    assert world.said[world.last(f.SendStarted).send] == says


def test_one_a_night_whatever_the_buyer_writes() -> None:
    world = shop(shifts=DAYS)
    world.at("18:30:00")
    world.say()
    world.seen()
    world.advance(HOUR)
    world.say()
    world.at("07:30:00")
    world.seen()
    world.say()
    assert given(world) == ["after_hours"]
    world.presence("s1", "offline")
    world.at("18:30:00")
    world.seen()
    world.say()
    assert given(world) == ["after_hours", "after_hours"]


def test_a_long_night_has_one_text_too() -> None:
    world = shop(shifts=(Shift(("mon",), "08:00", "18:00"),))
    world.at("18:30:00")
    world.say()
    world.seen()
    world.advance(26 * HOUR)
    world.say()
    assert given(world) == ["after_hours"]


@pytest.mark.parametrize(
    ("shifts", "exceptions", "expected"),
    [
        ((), (), ["greeting"]),
        (DAYS, (SeatDay("2026-03-02", (Hours("18:00", "20:00"),)),), ["greeting"]),
    ],
)
def test_a_shop_that_is_open_has_no_night(shifts: Any, exceptions: Any, expected: list[str]) -> None:
    world = shop(seats=0)
    world.seat("s1", shifts=shifts, exceptions=exceptions)
    world.at("19:00:00")
    world.say()
    assert given(world) == expected


def test_an_opening_that_nobody_knows_is_not_told() -> None:
    world = shop(shifts=(Shift((), "08:00", "18:00"),))
    world.say()
    assert given(world) == []
    assert withheld(world) == [("after_hours", "opening_unknown")]


def test_no_opening_is_told_while_a_clock_that_was_set_back_is_not_noticed_yet() -> None:
    """By the clock as it is now somebody is at work, although their seats still stand as an hour later had them."""
    world = shop(shifts=DAYS)
    world.at("18:30:00")
    world.now = Millis(world.now - HOUR * 1000)
    world.say()
    assert given(world) == []


def test_a_text_that_names_no_opening_is_never_sent_after_hours() -> None:
    world = shop(shifts=DAYS)
    world.reply("night", 2, purpose="after_hours", text="休息了，{opening|明天}上班")
    world.at("19:00:00")
    world.say()
    assert withheld(world) == [("after_hours", "no_approved_reply")]


def test_an_event_that_opens_earlier_is_what_is_told() -> None:
    world = shop(shifts=DAYS)
    world.event("sale", "2026-03-03 05:00", "2026-03-03 23:00", shifts=())
    extra = ExtraHours("*", (Hours("06:00", "08:00"),), date="2026-03-03")
    world.event("sale", "2026-03-03 05:00", "2026-03-03 23:00", shifts=(extra,))
    world.at("19:00:00")
    world.say()
    assert world.said[world.last(f.SendStarted).send] == "明天06:00上班"


def test_a_shift_that_was_moved_meanwhile_takes_the_text_back() -> None:
    world = shop(shifts=DAYS)
    world.at("19:00:00")
    world.hold_back = True
    world.say()
    world.seat("s1", online=False, shifts=(Shift(EVERY_DAY, "10:00", "18:00"),))
    world.hold_back = False
    world.carry()
    assert world.last(f.SendEnded).why == "opening_changed"
    assert world.count(f.SendStarted) == 0


def test_who_is_served_after_hours_is_greeted_and_not_sent_away() -> None:
    world = shop(shifts=DAYS)
    world.seat("boss", "p-boss", role="cs_admin")
    world.at("19:00:00")
    world.say()
    assert world.conv().seat == "boss"
    assert given(world) == ["greeting"]
