"""§7, L7, L9: the conditions of the machine's reply that come from the channel, the owner, the clock and the buyer."""

import pytest
from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.confirming import is_confirmed, mode_of, terms_of
from relay.domain.settings import Shop
from tests.domain import world as w
from tests.domain.world import TEN, World, agreed, small

SHOP = w.ShopId("shop")
DAY_S = 86_400


def unread(world: World, ago: float = 60, **more: bool) -> list[f.DeskFact]:
    """The channel may have missed what came so many seconds ago, up to now."""
    to_at = world.server_now
    return world.do(i.ReportGap(shop=SHOP, from_at=w.Millis(to_at - round(ago * 1000)), to_at=to_at, **more))


def holds_at(world: World) -> list[int]:
    """When holds began to be sent, in seconds from the start."""
    return [(one.at - TEN) // 1000 for one in world.all(f.SendStarted, machine=True)]


def why(world: World) -> str:
    told: f.HoldWithheld = world.last(f.HoldWithheld)
    return told.why


# --- the channel


def test_a_gap_that_nobody_reads_keeps_silent_past_the_deadline_and_is_named() -> None:
    world = small()
    unread(world)
    world.say()
    world.advance(200)
    assert (holds_at(world), why(world)) == ([], "gap")


@pytest.mark.parametrize("how", ["recovered", "unrecoverable"])
def test_a_gap_that_was_read_or_given_up_lets_the_hold_go_at_once(how: str) -> None:
    world = small()
    world.say()
    world.advance(100)
    gap = unread(world)[0]
    world.advance(70)
    world.do(i.ReportGap(shop=SHOP, from_at=gap.from_at, to_at=gap.to_at, **{how: True}))
    world.advance(1)
    assert holds_at(world) == [170]


def test_a_gap_ends_by_its_bound_and_is_not_renewed_by_being_told_again() -> None:
    world = small()
    gap = unread(world)[0]
    assert gap.silent_until == TEN + 300_000
    world.advance(100)
    again = world.do(i.ReportGap(shop=SHOP, from_at=gap.from_at, to_at=gap.to_at))[0]
    assert again.silent_until == TEN + 300_000
    world.advance(40)
    world.say()
    world.advance(160)
    assert holds_at(world) == [300]


def test_a_part_that_was_read_does_not_close_the_whole() -> None:
    world = small()
    gap = unread(world)[0]
    world.say()
    world.advance(20)
    world.do(i.ReportGap(shop=SHOP, from_at=w.Millis(gap.from_at + 1), to_at=gap.to_at, recovered=True))
    world.advance(180)
    assert holds_at(world) == []


def test_a_restart_forgets_no_gap_and_a_clock_set_back_prolongs_none() -> None:
    world = small()
    unread(world)
    world.restart()
    world.do(i.ConnectChannel(shop=SHOP))
    assert world.desk.state.shops[SHOP].has_gap(world.now)
    world.step_clock(-3600)
    world.advance(299)
    assert world.desk.state.shops[SHOP].has_gap(world.now)
    world.advance(1)
    assert not world.desk.state.shops[SHOP].has_gap(world.now)


def test_a_gap_of_one_shop_is_none_of_another() -> None:
    world = small()
    world.shop("other")
    world.do(i.ReportGap(shop=w.ShopId("other"), from_at=w.Millis(TEN - 9), to_at=TEN))
    world.say()
    world.advance(170)
    assert holds_at(world) == [160]


def test_silent_while_the_channel_says_nothing_and_the_reason_is_named() -> None:
    world = small()
    world.say()
    world.do(i.NoteSilence(shop=SHOP))
    world.advance(200)
    assert (holds_at(world), why(world)) == ([], "channel_silent")


@pytest.mark.parametrize("sign", [i.NoteHeard(shop=SHOP), i.ConnectChannel(shop=SHOP)])
def test_a_channel_that_is_heard_again_in_time_lets_the_hold_go(sign: i.Input) -> None:
    world = small()
    world.say()
    world.do(i.NoteSilence(shop=SHOP))
    world.advance(165)
    world.do(sign)
    world.advance(1)
    assert holds_at(world) == [165]


@pytest.mark.parametrize(("given", "reason"), [("gap", "gap"), ("silence", "channel_silent")])
def test_what_falls_between_intent_and_sending_is_asked_again(given: str, reason: str) -> None:
    world = small()
    world.hold_back = True
    world.say()
    world.advance(160)
    if given == "gap":
        unread(world)
    else:
        world.do(i.NoteSilence(shop=SHOP))
    world.carry()
    assert world.last(f.SendEnded).why == reason
    assert holds_at(world) == []


# --- the owner's word

BASE = Shop(SHOP, w.DESK, assist="assist")
UNCONFIRMED = [
    ("nobody", {}),
    ("no person", {"assist_confirmed_by": None}),
    ("no date", {"assist_confirmed_on": None}),
    ("no statement", {"assist_confirmed_statement": None}),
    ("another statement", {"assist_confirmed_statement": "0123456789ab-text"}),
    ("another rule since", {"rule": "tejia_3min"}),
    ("other options since", {"rule_options": {"limit_s": "120"}}),
    ("another platform since", {"platform": "kuaishou"}),
]


@pytest.mark.parametrize("change", [case[1] for case in UNCONFIRMED[1:]], ids=[case[0] for case in UNCONFIRMED[1:]])
def test_no_confirmation_outlives_what_it_was_about(change: dict[str, object]) -> None:
    assert is_confirmed(agreed(BASE))
    assert mode_of(replace(agreed(BASE), **change)) == "suggest"


@pytest.mark.parametrize("change", [case[1] for case in UNCONFIRMED], ids=[case[0] for case in UNCONFIRMED])
def test_without_an_owners_word_nothing_leaves_by_itself(change: dict[str, object]) -> None:
    world = small()
    world.set(replace(agreed(BASE), **change) if change else BASE)
    world.say()
    world.advance(200)
    assert holds_at(world) == []
    assert world.count(f.HoldWithheld, why="suggest") == 1


def test_a_word_that_ends_between_intent_and_sending_stops_the_text() -> None:
    world = small()
    world.hold_back = True
    world.say()
    world.advance(160)
    world.set(replace(agreed(BASE), rule_options={"robot_only": "miss"}))
    world.carry()
    assert world.last(f.SendEnded).why == "stopped"


def test_the_other_modes_need_no_word() -> None:
    for mode in ("off", "shadow", "suggest"):
        assert mode_of(replace(BASE, assist=mode)) == mode


def test_the_terms_are_the_same_in_whatever_order_the_options_stand() -> None:
    one, other = {"limit_s": "1", "cross_day": "miss"}, {"cross_day": "miss", "limit_s": "1"}
    assert terms_of(replace(BASE, rule_options=one)) == terms_of(replace(BASE, rule_options=other))


# --- time

LEADS = [(0, 160), (2_000, 160), (7_000, 160), (8_000, 159), (10_000, 155), (20_000, 135), (30_000, 115)]


@pytest.mark.parametrize(("p95_ms", "second"), LEADS)
def test_the_hold_stands_twice_the_time_of_sending_and_five_seconds_before_the_deadline(
    p95_ms: int, second: int
) -> None:
    world = small()
    world.do(i.NoteSending(shop=SHOP, p95_ms=p95_ms))
    world.say()
    world.advance(200)
    assert holds_at(world) == [second]


def test_sending_that_becomes_slow_moves_the_holds_that_wait() -> None:
    world = small()
    world.say()
    world.advance(140)
    world.do(i.NoteSending(shop=SHOP, p95_ms=20_000))
    world.advance(1)
    assert holds_at(world) == [140]


@pytest.mark.parametrize(("at_s", "reason"), [(149, ""), (150, ""), (151, "too_late_to_arrive")])
def test_nothing_is_begun_later_than_sending_takes(at_s: int, reason: str) -> None:
    world = small()
    world.do(i.NoteSending(shop=SHOP, p95_ms=30_000))
    world.hold_back = True
    world.say()
    world.advance(115)
    world.sleep(at_s - 115)
    world.carry()
    if reason:
        assert (holds_at(world), world.last(f.SendEnded).why) == ([], reason)
    else:
        assert holds_at(world) == [at_s]


def test_a_channel_that_comes_back_too_late_for_its_own_speed_is_not_used() -> None:
    world = small()
    world.do(i.NoteSending(shop=SHOP, p95_ms=30_000))
    world.say()
    world.do(i.LoseChannel(shop=SHOP))
    world.advance(160)
    world.do(i.ConnectChannel(shop=SHOP))
    world.advance(1)
    assert (holds_at(world), why(world)) == ([], "too_late_to_arrive")


@pytest.mark.parametrize(("p95_ms", "second"), [(0, 172), (5_000, 172), (10_000, 168), (20_000, 158)])
def test_a_draft_is_waited_for_only_as_long_as_the_text_still_arrives(p95_ms: int, second: int) -> None:
    world = small()
    world.do(i.NoteSending(shop=SHOP, p95_ms=p95_ms))
    world.say()
    world.advance(120)
    for _ in range(30):
        world.types()
        world.advance(2)
    assert holds_at(world) == [second]


# --- the buyer


@pytest.mark.parametrize(
    ("guard", "reason", "calls"),
    [
        ("ad", "advertisement", False),
        ("complaint", "complaint", True),
        ("dispute", "dispute", True),
        ("person", "wants_a_person", True),
        ("injury", "injury", True),
        ("threat", "threat", True),
    ],
)
@pytest.mark.parametrize("tag", [None, "vip"])
def test_what_the_shops_lists_read_keeps_silent_and_calls_at_once(
    guard: str, reason: str, calls: bool, tag: str | None
) -> None:
    world = small()
    world.say(guard=guard, tag=tag)
    assert [one.what for one in world.alerts] == ([reason] if calls else [])
    world.advance(20)
    world.say()
    world.advance(200)
    assert (holds_at(world), why(world)) == ([], reason)
    assert len({one.key for one in world.alerts if one.what == reason}) == calls


@pytest.mark.parametrize(
    ("tag", "guard", "reason"),
    [
        ("dispute", "ad", "dispute"),
        ("dispute", "threat", "dispute"),
        ("ad", "threat", "threat"),
        ("ad", None, "advertisement"),
    ],
)
def test_which_word_stands_where_both_speak(tag: str, guard: str | None, reason: str) -> None:
    world = small()
    world.say(tag=tag, guard=guard)
    world.advance(200)
    assert why(world) == reason


def test_a_dispute_that_the_lists_read_has_its_head_start() -> None:
    world = small(seats=0)
    world.say(guard="dispute")
    assert world.conv().head_start_s == 60


def held_and_answered(world: World, ago_s: float = 0) -> None:
    world.say()
    world.advance(165)
    world.answer()
    world.advance(ago_s)


def test_the_same_words_do_not_come_twice_within_a_day() -> None:
    world = small()
    world.reply("other", text="马上", valid_to=w.Millis(TEN + 600_000))
    for _ in range(3):
        held_and_answered(world, 200)
    assert [one.reply for one in world.all(f.SendStarted, machine=True)] == ["other", "wait"]
    assert why(world) == "daily_limit"
    held_and_answered(world, DAY_S - 4 * 365)
    assert world.count(f.SendStarted, machine=True) == 2


def test_and_a_day_later_they_may() -> None:
    world = small()
    held_and_answered(world, DAY_S - 6)
    held_and_answered(world)
    assert [one.reply for one in world.all(f.SendStarted, machine=True)] == ["wait", "wait"]


def test_an_hour_before_that_they_may_not_though_it_is_another_day() -> None:
    world = small()
    held_and_answered(world, DAY_S - 3_600)
    held_and_answered(world)
    assert world.count(f.SendStarted, machine=True) == 1
    assert why(world) == "no_approved_reply"


def test_a_new_version_with_other_words_is_another_text() -> None:
    world = small()
    held_and_answered(world)
    world.reply("wait", version=2, text="马上为您查询")
    held_and_answered(world)
    assert world.count(f.SendStarted, machine=True) == 2


@pytest.mark.parametrize("text", ["稍等！", "稍 等", "稍等~"])
def test_a_sign_more_makes_no_other_text(text: str) -> None:
    world = small()
    held_and_answered(world)
    world.reply("wait-2", text=text)
    held_and_answered(world)
    assert world.count(f.SendStarted, machine=True) == 1


@pytest.mark.parametrize(("setting", "sent"), [(0, 0), (1, 1), (2, 2), (3, 2), (100, 2)])
def test_two_a_day_at_most_whatever_the_setting_says(setting: int, sent: int) -> None:
    world = small(holds_per_day=setting)
    for number in range(5):
        world.reply(f"w{number}", text=f"稍等{number}")
    for _ in range(4):
        held_and_answered(world, 60)
    assert world.count(f.SendStarted, machine=True) == sent
    assert why(world) == "daily_limit"


def test_a_limit_that_is_lowered_between_intent_and_sending_holds() -> None:
    world = small()
    world.reply("other", text="马上")
    held_and_answered(world)
    world.hold_back = True
    world.say()
    world.advance(161)
    world.set(replace(agreed(BASE), holds_per_day=1))
    world.carry()
    assert world.last(f.SendEnded).why == "daily_limit"


# --- sent once

ENDS = [
    ("confirmed", w.confirmed, 1),
    ("refused for good", w.refused, 1),
    ("refused, may be tried again", w.retryable, 4),
    ("not sent", w.not_sent, 1),
    ("unknown", w.unknown, 1),
    ("no answer", w.silent, 1),
]


@pytest.mark.parametrize(("outcome", "attempts"), [pytest.param(*case[1:], id=case[0]) for case in ENDS])
def test_it_is_tried_again_only_where_it_provably_did_not_leave(outcome: object, attempts: int) -> None:
    world = small()
    world.outcome = outcome  # type: ignore[assignment]
    world.say()
    world.advance(400)
    assert world.count(f.SendStarted, machine=True) == attempts
    assert world.count(f.HoldIntended) == 1


@pytest.mark.parametrize("when", ["before the outcome", "after an unknown"])
def test_no_restart_sends_it_again(when: str) -> None:
    world = small()
    world.outcome = w.silent if when == "before the outcome" else w.unknown
    world.say()
    world.advance(161)
    world.restart()
    world.do(i.ConnectChannel(shop=SHOP))
    world.advance(100)
    assert world.count(f.SendStarted, machine=True) == 1
    assert world.desk.state.sends[world.last(f.SendStarted).send].status == "unknown"


def test_an_unknown_outcome_calls_in_the_same_commit() -> None:
    world = small()
    world.outcome = w.unknown
    world.say()
    world.advance(160)
    ended = world.last(f.SendEnded)
    assert (ended.outcome, ended.machine, ended.at) == ("unknown", True, TEN + 160_000)
    assert [one.what for one in world.alerts if one.key == f"{ended.send}:unknown"] == ["send_unknown"]
