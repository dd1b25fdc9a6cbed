"""L7, L8, §7: the machine's one reply near the deadline, and everything that keeps it silent."""

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.settings import GroupRule
from tests.domain import world as w
from tests.domain.world import TEN, World, small

HOLD_AT = TEN + 160_000


def waiting(seconds: float = 160, **more: object) -> World:
    """A question unanswered until the hold is intended and its sending waits."""
    world = small(**more)
    world.hold_back = True
    world.say()
    world.advance(seconds)
    assert world.count(f.HoldIntended) == 1
    return world


def why_not(world: World) -> str:
    """How the waiting intent ended when its sending was asked for."""
    world.carry()
    assert world.count(f.SendStarted, machine=True) == 0
    ended: f.SendEnded = world.last(f.SendEnded, machine=True)
    assert ended.outcome == "not_sent"
    return ended.why


def test_the_hold_goes_out_twenty_seconds_before_the_deadline_exactly_once() -> None:
    world = small()
    world.say()
    world.advance(600)
    assert [one.at for one in world.all(f.HoldIntended)] == [HOLD_AT]
    assert [one.at for one in world.all(f.SendStarted)] == [HOLD_AT]


def test_the_fact_names_version_approver_office_round_and_last_message() -> None:
    world = small()
    world.say()
    world.advance(10)
    world.say()
    world.advance(160)
    hold = world.last(f.HoldIntended)
    last = max(seq for seq, fact in enumerate(world.facts, 1) if isinstance(fact, f.BuyerWrote))
    assert (hold.reply, hold.version, hold.approved_by, hold.office_seq) == ("wait", 1, "boss", world.office)
    assert (hold.round_at, hold.due_at, hold.last_message) == (TEN, TEN + 180_000, f"m{last}")


def test_superseded_if_an_agent_answered_before_the_sending() -> None:
    world = waiting()
    world.seen()
    assert why_not(world) == "answered"


def test_superseded_if_an_agent_answered_in_the_same_millisecond() -> None:
    world = waiting()
    world.answer()
    assert why_not(world) == "answer_on_its_way"
    assert world.count(f.RoundAnswered) == 1


def test_superseded_if_the_buyer_wrote_before_the_sending() -> None:
    world = waiting()
    world.say()
    assert why_not(world) == "buyer_wrote"


def test_superseded_if_the_deadline_has_passed() -> None:
    world = waiting()
    world.sleep(20)
    assert why_not(world) == "deadline_passed"


def test_superseded_if_the_channel_was_lost() -> None:
    world = waiting()
    world.do(i.LoseChannel(shop=w.ShopId("shop")))
    assert why_not(world) == "channel_lost"


@pytest.mark.parametrize("change", [{"stopped": True}, {"assist": "off"}])
def test_superseded_if_the_shop_was_stopped(change: dict[str, object]) -> None:
    world = waiting()
    world.shop(connected=False, **change)
    assert why_not(world) == "stopped"


@pytest.mark.parametrize("mode", ["suggest", "shadow"])
def test_superseded_if_the_mode_no_longer_lets_a_machine_send(mode: str) -> None:
    world = waiting()
    world.shop(connected=False, assist=mode)
    why_not(world)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1, "status": "retired"},
        {"version": 2, "text": "马上"},
        {"version": 1, "valid_to": HOLD_AT},
        {"version": 1, "shops": ("other",)},
        {"version": 1, "approved_by": None},
    ],
)
def test_superseded_if_the_version_is_no_longer_in_force(change: dict[str, object]) -> None:
    world = waiting()
    world.reply("wait", **change)
    assert why_not(world) == "reply_withdrawn"


def test_superseded_if_a_person_gave_a_hold_meanwhile() -> None:
    world = waiting()
    world.seen(tone="hold", author=w.ASSIST_LEYAN)
    assert why_not(world) == "answered"


def test_superseded_if_a_debt_was_opened_meanwhile() -> None:
    world = waiting()
    world.seen(tone="hold", ago=170)
    assert why_not(world) == "debt_open"


def test_superseded_if_part_of_the_round_was_answered() -> None:
    world = small()
    world.hold_back = True
    world.say()
    world.advance(100)
    world.say()
    world.advance(60)
    world.seen(ago=110)
    why_not(world)


def test_a_person_who_typed_within_eight_seconds_is_waited_for() -> None:
    world = small()
    world.say()
    world.advance(157)
    world.types()
    world.advance(20)
    assert world.last(f.HoldIntended).at == TEN + 165_000


def test_a_draft_that_goes_on_is_waited_for_only_until_eight_seconds_before_the_deadline() -> None:
    world = small()
    world.say()
    world.advance(155)
    for _ in range(9):
        world.types()
        world.advance(2)
    assert world.last(f.HoldIntended).at == TEN + 172_000


def test_a_retry_waits_for_a_person_who_has_begun_to_type() -> None:
    world = small()
    world.outcome = w.retryable
    world.say()
    world.advance(160)
    world.types()
    world.advance(2)
    assert world.count(f.SendStarted) == 1


@pytest.mark.parametrize("tone", ["thanks", "acknowledgement"])
def test_silent_after_thanks_and_goodbye(tone: str) -> None:
    world = small()
    world.say()
    world.say(tone=tone)
    world.advance(200)
    assert world.last(f.HoldWithheld).why == "thanks"


@pytest.mark.parametrize(
    "tag",
    ["ad", "complaint", "dispute", "person"],
)
def test_silent_to_an_advertiser_and_into_a_complaint_a_dispute_or_a_request_for_a_person(tag: str) -> None:
    world = small()
    world.say(tag=tag)
    world.advance(200)
    assert world.count(f.HoldIntended) == 0


@pytest.mark.parametrize("when", ["before the hold", "between intent and sending"])
def test_no_machine_speaks_for_a_shop_that_was_removed(when: str) -> None:
    """Its buyers are still on the list to be answered; they are called out, and nothing is sent by itself."""
    world = small()
    world.hold_back = True
    world.say()
    world.advance(160 if when == "between intent and sending" else 100)
    world.remove("seat", "s1")
    world.remove("shop", "shop")
    world.carry()
    world.say("b2")
    world.advance(300)
    world.carry()
    assert world.count(f.SendStarted) == 0
    assert world.count(f.LadderStepped, buyer="b2", do="alert") == 1
    world.shop(connected=False)
    world.say("b3")
    world.advance(170)
    world.carry()
    assert [one.buyer for one in world.all(f.SendStarted)] == ["b3"]


@pytest.mark.parametrize("tag", ["ad", "complaint", "dispute", "person"])
@pytest.mark.parametrize("later", [None, "vip"])
def test_a_complaint_stays_one_whatever_the_buyer_writes_after_it(tag: str, later: str | None) -> None:
    """The channel tags the message that complains, not the 在吗 that follows: no machine speaks in that round."""
    world = small()
    world.say(tag=tag)
    world.advance(20)
    world.say(tag=later)
    world.advance(200)
    assert world.count(f.HoldIntended) == 0
    assert world.last(f.HoldWithheld).why in ("advertisement", "complaint", "dispute", "wants_a_person")


def test_and_is_over_when_a_person_has_answered_it() -> None:
    world = small()
    world.say(tag="complaint")
    world.answer()
    world.say()
    world.advance(200)
    assert world.count(f.SendStarted, machine=True) == 1


@pytest.mark.parametrize(
    ("mode", "intended", "started", "withheld"),
    [("off", 0, 0, 0), ("shadow", 1, 0, 0), ("suggest", 0, 0, 1), ("assist", 1, 1, 0)],
)
def test_what_leaves_in_each_mode(mode: str, intended: int, started: int, withheld: int) -> None:
    world = small(assist=mode)
    world.say()
    world.advance(200)
    got = (world.count(f.HoldIntended), world.count(f.SendStarted), world.count(f.HoldWithheld))
    assert got == (intended, started, withheld)


def test_shadow_opens_no_debt_and_sends_nothing() -> None:
    world = small(assist="shadow")
    world.say()
    world.advance(200)
    assert world.last(f.HoldIntended).shadow
    assert world.conv().debt is None
    assert not world.desk.state.sends


def test_none_while_a_debt_is_open() -> None:
    world = small()
    world.say()
    world.answer(tone="hold")
    world.advance(5)
    world.say()
    world.advance(200)
    assert world.count(f.HoldIntended) == 0
    assert world.last(f.HoldWithheld).why == "debt_open"


def test_at_most_one_in_a_round_however_long_it_lasts() -> None:
    world = small()
    world.reply("other")
    world.say()
    for _ in range(20):
        world.advance(60)
        world.say()
    assert world.count(f.SendStarted, machine=True) == 1


def test_not_the_same_text_twice_running_to_one_buyer() -> None:
    world = small()
    world.reply("other", text="请稍等")
    for _ in range(2):
        world.say()
        world.advance(161)
        world.answer()
        world.advance(1)
    assert [one.reply for one in world.all(f.HoldIntended)] == ["other", "wait"]


def test_the_same_words_under_another_name_are_the_same_text() -> None:
    world = small()
    world.reply("wait-2")
    for _ in range(2):
        world.say()
        world.advance(170)
        world.answer()
    assert [one.reply for one in world.all(f.SendStarted, machine=True)] == ["wait"]
    assert world.last(f.HoldWithheld).why == "no_approved_reply"


def test_not_more_than_the_days_limit_to_one_buyer() -> None:
    world = small(holds_per_day=1)
    world.reply("other")
    for _ in range(2):
        world.say()
        world.advance(161)
        world.answer()
        world.advance(1)
    assert world.count(f.HoldIntended) == 1
    assert world.last(f.HoldWithheld).why == "daily_limit"


def test_a_text_with_an_unfilled_slot_is_never_chosen() -> None:
    world = small()
    world.reply(text="{name}请稍等")
    world.say()
    world.advance(200)
    assert world.last(f.HoldWithheld).why == "no_approved_reply"


@pytest.mark.parametrize("status", ["draft", "pending", "retired"])
def test_only_an_approved_version_is_chosen(status: str) -> None:
    world = small()
    world.reply(status=status)
    world.say()
    world.advance(200)
    assert world.count(f.HoldIntended) == 0


def test_a_version_that_expires_before_the_instant_is_not_chosen() -> None:
    world = small()
    world.reply(valid_to=HOLD_AT)
    world.say()
    world.advance(200)
    assert world.count(f.HoldIntended) == 0


def test_a_deadline_that_passed_while_the_machine_slept_is_recorded_and_nothing_is_sent() -> None:
    world = small()
    world.say()
    world.sleep(300)
    world.advance(0)
    assert world.last(f.HoldWithheld).why == "deadline_passed"
    assert world.count(f.SendStarted) == 0


def test_a_deadline_that_passed_before_the_restart_is_recorded_and_nothing_is_sent() -> None:
    world = small()
    world.say()
    world.advance(100)
    world.sleep(100)
    world.restart()
    world.advance(0)
    assert world.last(f.HoldWithheld).why in ("deadline_passed", "channel_lost")
    assert world.count(f.SendStarted) == 0


def test_a_channel_that_comes_back_in_time_lets_the_hold_go() -> None:
    world = small()
    world.say()
    world.advance(100)
    world.do(i.LoseChannel(shop=w.ShopId("shop")))
    world.advance(70)
    assert world.count(f.HoldIntended) == 0
    world.do(i.ConnectChannel(shop=w.ShopId("shop")))
    world.advance(1)
    assert world.last(f.HoldIntended).at == TEN + 170_000


def test_a_hold_can_be_sent_from_the_queue() -> None:
    world = small(seats=0)
    world.say()
    world.advance(161)
    assert world.last(f.SendStarted).seat is None
    assert world.conv().queued_at is not None


def test_a_hold_that_never_left_may_be_decided_anew_with_the_same_text() -> None:
    world = waiting()
    world.say()
    world.hold_back = False
    world.carry()
    world.advance(1)
    assert world.count(f.SendStarted, machine=True) == 1


def test_a_hold_that_never_left_does_not_use_up_the_days_limit() -> None:
    world = waiting(holds_per_day=1)
    world.reply("other")
    world.say()
    world.hold_back = False
    world.carry()
    world.advance(1)
    assert world.count(f.SendStarted, machine=True) == 1


def test_a_shop_that_allows_no_hold_a_day_sends_none() -> None:
    world = small(holds_per_day=0)
    world.say()
    world.advance(170)
    assert world.last(f.HoldWithheld).why == "daily_limit"


def test_while_an_edit_is_pending_the_approved_version_keeps_sending() -> None:
    world = small()
    world.reply(version=2, text="请稍等", status="pending", approved_by=None)
    world.say()
    world.advance(200)
    assert world.last(f.HoldIntended).version == 1


def test_l8_a_proposal_that_is_turned_down_leaves_the_approved_version_alone() -> None:
    world = small()
    world.reply(version=2, text="请稍等", status="pending", approved_by=None)
    world.reply(version=2, text="请稍等", status="retired", approved_by=None)
    world.say()
    world.advance(200)
    assert world.last(f.HoldIntended).version == 1


SCOPES: list[tuple[str, dict[str, tuple[str, ...]], str, str | None]] = [
    ("one for all groups", {"a": ()}, "presale", "a"),
    ("the group's own before one for all", {"a": (), "z": ("presale",)}, "presale", "z"),
    ("another group's own is not used", {"a": (), "b": ("aftersale",)}, "presale", "a"),
    ("by id among the group's own", {"z": ("presale", "aftersale"), "y": ("presale",)}, "presale", "y"),
    ("another group's own alone", {"b": ("aftersale",)}, "presale", None),
    ("the other group gets it", {"a": (), "b": ("aftersale",)}, "aftersale", "b"),
]


@pytest.mark.parametrize(("holds", "group", "chosen"), [pytest.param(*case[1:], id=case[0]) for case in SCOPES])
def test_l8_a_hold_goes_to_the_groups_it_is_for(
    holds: dict[str, tuple[str, ...]], group: str, chosen: str | None
) -> None:
    world = small(groups=(GroupRule("aftersale", keywords=("退款",)),))
    world.remove("reply", "wait")
    for name, groups in holds.items():
        world.reply(name, text=f"稍等{name}", groups=groups)
    world.say(topic="aftersale" if group == "aftersale" else "")
    world.advance(170)
    assert [one.reply for one in world.all(f.SendStarted, machine=True)] == ([chosen] if chosen else [])
    if chosen is None:
        assert world.last(f.HoldWithheld).why == "no_approved_reply"


def test_l8_a_stopped_reply_is_not_chosen_and_one_on_its_way_does_not_leave() -> None:
    world = small()
    world.hold_back = True
    world.say("b1")
    world.advance(160)
    world.reply(stopped=True)
    world.carry()
    assert world.last(f.SendEnded).why == "reply_withdrawn"
    world.hold_back = False
    world.say("b2")
    world.advance(170)
    assert world.count(f.SendStarted) == 0
    assert world.last(f.HoldWithheld, buyer="b2").why == "no_approved_reply"


def test_silent_while_the_channel_has_a_gap_that_is_not_yet_read() -> None:
    world = small()
    world.do(i.ReportGap(shop=w.ShopId("shop"), from_at=w.Millis(TEN - 60_000), to_at=TEN))
    world.say()
    world.advance(200)
    assert world.count(f.HoldIntended) == 0
