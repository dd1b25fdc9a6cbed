"""Each cause by a small world worked out by hand, on both sides of its border. Every world misses exactly one round.

The default question comes at 10:00:00 and is due at 10:03:00; a shop holds nothing, so that nothing hides the wait.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relay.domain import inputs as i
from relay.domain.names import PersonId, ShopId
from relay.domain.settings import GroupRule, Relaxation, Shift
from relay.insight.causes import Judged
from relay.insight.causes.sentences import clock
from relay.insight.log import final_ends, messages_of
from relay.insight.missed import WORDS, MissCause, cause_name
from relay.insight.round_ids import RoundIds
from relay.rules.report import Verdict
from tests.domain import world as w
from tests.domain.world import World, small
from tests.insight.missed_worlds import TERMS, misses, witness_of

C = MissCause
EVERY_DAY: Any = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Expected = tuple[MissCause, str | None]
Case = tuple[str, Expected, Callable[[], World]]


def quiet(seats: int = 1, **more: Any) -> World:
    """A shop whose machine says nothing."""
    return small(seats=seats, assist="off", **more)


def late(world: World) -> World:
    """The world after its deadlines."""
    world.advance(400)
    return world


def advertises(**more: Any) -> World:
    world = quiet()
    world.say(**more)
    return late(world)


def advert_after_a_question() -> World:
    world = quiet()
    world.say()
    world.advance(10)
    world.say(tag="ad")
    return late(world)


def advert_that_was_answered_and_a_question() -> World:
    """The tagged line was answered; what was left is a question."""
    world = quiet()
    world.say(tag="ad")
    world.advance(5)
    world.answer()
    world.advance(5)
    world.say()
    return late(world)


def thanked(**more: Any) -> World:
    world = quiet()
    world.say(**more)
    return late(world)


def acknowledged(answered: bool, **more: Any) -> World:
    world = quiet()
    if answered:
        world.say()
        world.advance(20)
        world.answer()
        world.advance(20)
    world.say(**more)
    return late(world)


def thanked_and_asked() -> World:
    world = quiet()
    world.say(tone="thanks")
    world.advance(5)
    world.say()
    return late(world)


def sent(outcome: Callable[..., Any], after: float = 60) -> World:
    world = quiet()
    world.say()
    world.advance(after)
    world.outcome = outcome
    world.answer()
    world.outcome = w.confirmed
    return late(world)


def arrived_late(after: float, took: float) -> World:
    world = quiet()
    world.say()
    world.advance(after)
    world.outcome = w.silent
    world.answer()
    [send] = world.desk.state.sends
    world.advance(took)
    world.end(send, outcome="confirmed", sent_at=world.server_now)
    return late(world)


def robot(followed: float | None = None, author: Any = w.BOT) -> World:
    """Judged with `robot_only=miss`, so that it counts at all."""
    world = quiet()
    world.say()
    world.advance(3)
    world.seen(author=author)
    if followed is not None:
        world.advance(followed)
        world.answer()
    return late(world)


def robot_next_day() -> World:
    """A person follows after 24:00: that is no help for this day."""
    world = quiet(now=w.TEN + 11 * 3_600_000)
    world.say()
    world.advance(3)
    world.seen(author=w.BOT)
    world.at("00:00:10")
    world.seen()
    return world


def passed_on(after: float, by: str = "p-s1") -> World:
    world = quiet(seats=2)
    world.say()
    world.advance(after)
    world.move(by, to="s2" if world.conv().seat == "s1" else "s1")
    return late(world)


def moved_and_taken_back() -> World:
    """Whoever passes a buyer on and takes it back within the minute has passed nobody on."""
    world = quiet(seats=2)
    world.say()
    here = str(world.conv().seat)
    world.advance(30)
    world.move(f"p-{here}", to="s2" if here == "s1" else "s1")
    world.advance(5)
    world.do(i.TakeBack(of=next(reversed(world.desk.state.deeds)), by=PersonId(f"p-{here}")))
    assert world.conv().seat == here
    return late(world)


def moved_by_the_platform() -> World:
    world = small(assist="off", seats=0)
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="platform"))
    world.seat("s1")
    world.seat("s2")
    world.say(account="s1")
    world.advance(30)
    given: Any = {"shop": "shop", "buyer": "b1", "sent_at": world.server_now, "account": "s2", "transfer": True}
    world.do(i.TakePlacement(**given, from_account="s1"))
    return late(world)


def cut_off(down: float, at: float = 30) -> World:
    """The channel is lost at so many seconds of the wait, for so long."""
    world = quiet()
    world.say()
    world.advance(at)
    world.do(i.LoseChannel(shop=ShopId("shop")))
    world.advance(down)
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="relay"))
    return late(world)


def silent_channel() -> World:
    world = quiet()
    world.say()
    world.advance(10)
    world.do(i.NoteSilence(shop=ShopId("shop")))
    return late(world)


def came_late(seconds: float) -> World:
    """The channel brings the question only after so long."""
    world = quiet()
    world.say(ago=seconds)
    return late(world)


def stopped(seconds: float) -> World:
    """relay itself is not running from the tenth second on; nothing is noted in between."""
    world = quiet()
    world.say()
    world.advance(10)
    world.types()
    world.sleep(seconds)
    world.restart()
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="relay"))
    return late(world)


def off_shift(until: str) -> World:
    """The only seat's shift begins at this time; it is online all along, and takes the buyer when it begins."""
    world = small(seats=0, assist="off")
    world.seat("s1", shifts=(Shift(EVERY_DAY, until, "20:00"),))
    world.say()
    return late(world)


def offline(seconds: float) -> World:
    """The only seat comes online after so many seconds."""
    world = small(seats=0, assist="off")
    world.seat("s1", online=False)
    world.say()
    world.advance(seconds)
    world.presence("s1", "online")
    return late(world)


def nobody_but_an_admin_off_the_rota() -> World:
    """An admin without shifts is no rota: the agent's shift has not begun."""
    world = small(seats=0, assist="off")
    world.seat("s1", shifts=(Shift(EVERY_DAY, "12:00", "20:00"),), online=False)
    world.seat("boss", role="cs_admin", online=False)
    world.say()
    return late(world)


def full(seconds: float) -> World:
    """The only place is taken for so many seconds by a buyer who was answered."""
    world = quiet(cap=1)
    world.say("b0")
    world.answer(buyer="b0")
    world.say()
    world.advance(seconds)
    world.close(buyer="b0")
    return late(world)


def grouped(own: bool, other_room: bool) -> World:
    """The buyer's group is aftersale. `own`: a seat of it is there, and full; `other_room`: a presale seat has room."""
    rules = (GroupRule("aftersale", order_states=("paid",)),)
    world = small(seats=0, assist="off", groups=rules, relaxations=(Relaxation(170),))
    world.seat("s1", cap=1, groups=("aftersale",), online=own)
    world.seat("s2", cap=2 if other_room else 1, groups=("presale",))
    if own:
        world.say("b8", order_state="paid")
        world.answer(buyer="b8")
    world.say("b9")
    world.answer(buyer="b9")
    world.say(order_state="paid")
    return late(world)


def left_alone(seconds: float, presence: str = "away") -> World:
    """The platform placed the buyer; the seat goes away for so many seconds of the wait."""
    world = small(seats=0, assist="off")
    world.do(i.ConnectChannel(shop=ShopId("shop"), placement="platform"))
    world.seat("s1")
    world.say(account="s1")
    world.presence("s1", presence)
    world.advance(seconds)
    world.presence("s1", "online")
    return late(world)


def slow() -> World:
    world = quiet()
    world.say()
    world.advance(200)
    world.answer()
    return late(world)


def closed_over() -> World:
    world = quiet()
    world.say()
    world.advance(5)
    world.close(reason="the buyer called")
    return late(world)


SLOW: Expected = (C.seat_slow, "s1")
CASES: list[Case] = [
    ("tagged by the channel", (C.advertisement, "s1"), lambda: advertises(tag="ad")),
    ("read by the shop's list", (C.advertisement, "s1"), lambda: advertises(guard="ad")),
    ("a complaint is none", SLOW, lambda: advertises(guard="complaint")),
    ("an advert beside a question", (C.advertisement, "s1"), advert_after_a_question),
    ("the advert was answered", SLOW, advert_that_was_answered_and_a_question),
    ("thanks", (C.ended_with_thanks, "s1"), lambda: thanked(tone="thanks")),
    ("thanks and a question", SLOW, thanked_and_asked),
    ("ok after an answer", (C.ended_with_thanks, "s1"), lambda: acknowledged(True, tone="acknowledgement")),
    ("ok out of nothing", SLOW, lambda: acknowledged(False, tone="acknowledgement")),
    ("a picture after an answer", (C.ended_with_thanks, "s1"), lambda: acknowledged(True, content="emoji")),
    ("a photograph after an answer", SLOW, lambda: acknowledged(True, content="image")),
    ("refused", (C.send_failed, "s1"), lambda: sent(w.refused)),
    ("not sent", (C.send_failed, "s1"), lambda: sent(w.not_sent)),
    ("given at the last moment", (C.send_failed, "s1"), lambda: sent(w.refused, 179.999)),
    ("given at the deadline", SLOW, lambda: sent(w.refused, 180)),
    ("eleven seconds on its way", (C.send_failed, "s1"), lambda: arrived_late(175, 11)),
    ("ten seconds on its way", SLOW, lambda: arrived_late(175, 10)),
    ("moved at 30 s", (C.transferred_unanswered, "s2"), lambda: passed_on(30)),
    ("moved after the deadline", SLOW, lambda: passed_on(181)),
    ("moved and taken back", SLOW, moved_and_taken_back),
    ("moved by the platform", (C.transferred_unanswered, "s2"), moved_by_the_platform),
    ("cut off for 91 s", (C.channel_silent, None), lambda: cut_off(91)),
    ("cut off for half", (C.channel_silent, None), lambda: cut_off(90)),
    ("cut off for 89 s", SLOW, lambda: cut_off(89)),
    ("silent", (C.channel_silent, None), silent_channel),
    ("came after 90 s", (C.channel_silent, None), lambda: came_late(90)),
    ("came after 89 s", SLOW, lambda: came_late(89)),
    ("came after the deadline", (C.channel_silent, None), lambda: came_late(200)),
    ("relay did not run for 90 s", (C.channel_silent, None), lambda: stopped(90)),
    ("relay did not run for 80 s", SLOW, lambda: stopped(80)),
    ("shift begins in 2 min", (C.nobody_on_shift, None), lambda: off_shift("10:02")),
    ("shift begins in 1 min", SLOW, lambda: off_shift("10:01")),
    ("an admin is no rota", (C.nobody_on_shift, None), nobody_but_an_admin_off_the_rota),
    ("offline for half", (C.nobody_online, None), lambda: offline(90)),
    ("offline for less", SLOW, lambda: offline(89)),
    ("full for half", (C.all_full, None), lambda: full(90)),
    ("full for less", SLOW, lambda: full(89)),
    ("group full, others with room", (C.group_empty, None), lambda: grouped(True, True)),
    ("group full, others full", (C.all_full, None), lambda: grouped(True, False)),
    ("group not there, others full", (C.group_empty, None), lambda: grouped(False, False)),
    ("seat away for half", (C.seat_absent, "s1"), lambda: left_alone(90)),
    ("seat away for less", SLOW, lambda: left_alone(89)),
    ("seat offline for half", (C.seat_absent, "s1"), lambda: left_alone(100, "offline")),
    ("slow", SLOW, slow),
    ("closed over", SLOW, closed_over),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "build"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_the_cause(expected: Expected, build: Callable[[], World]) -> None:
    [miss] = [one for one in misses(build()) if one.round.buyer == "b1"][-1:]
    assert (miss.cause, miss.seat) == expected, miss
    assert sum(one.ms for one in miss.proof.spent) == miss.proof.wait_ms == 180_000
    assert miss.zh.startswith(clock(miss.round.opened))
    assert miss.en.startswith(clock(miss.round.opened))


ROBOTS: list[tuple[str, Expected, Callable[[], World]]] = [
    ("a robot alone", (C.robot_only, "s1"), robot),
    ("a person the same day", SLOW, lambda: robot(300)),
    ("a person the next day", (C.robot_only, "s1"), robot_next_day),
    ("a canned line", SLOW, lambda: robot(author=w.AUTO)),
]


@pytest.mark.parametrize(("expected", "build"), [one[1:] for one in ROBOTS], ids=[one[0] for one in ROBOTS])
def test_a_robot_alone(expected: Expected, build: Callable[[], World]) -> None:
    [miss] = misses(build(), robot_only="miss", cross_day="miss")
    assert (miss.cause, miss.seat) == expected, miss


def test_an_unknown_send_is_a_failure_once_somebody_says_that_it_never_arrived() -> None:
    """While nobody knows, the rule leaves the round open: it is no miss, and has no cause."""
    world = quiet()
    world.say()
    world.advance(60)
    world.outcome = w.unknown
    world.answer()
    late(world)
    assert misses(world) == []
    [send] = world.desk.state.sends
    world.do(i.ResolveSend(send=send, reached=False, by=PersonId("boss")))
    [miss] = misses(world)
    assert (miss.cause, miss.seat) == (C.send_failed, "s1")


def test_a_question_that_the_ledger_does_not_have() -> None:
    world = quiet()
    miss = witness_of(world).explain(Judged("shop", "b9", None, w.TEN, None, Verdict.miss, "A.ex3"), TERMS)
    assert (miss.cause, miss.seat, miss.id, miss.proof.known) == (C.other, None, None, False)


def test_what_a_person_answered_in_time_and_the_rule_did_not_count() -> None:
    """A rule that charges seats may lose a round that somebody else answered."""
    world = quiet()
    world.say()
    world.advance(20)
    world.answer()
    miss = witness_of(world).explain(Judged("shop", "b1", "s9", w.TEN, None, Verdict.miss, "K"), TERMS)
    assert (miss.cause, miss.seat, miss.proof.answered_in_time) == (C.other, None, True)


def test_a_rounds_id_is_the_message_that_its_clock_starts_with() -> None:
    world = quiet()
    world.say(name="first")
    world.advance(5)
    world.say()
    late(world)
    [miss] = misses(world)
    assert miss.id == "r" + world.messages["first"][1:]


def test_every_cause_has_its_words_in_both_languages() -> None:
    for cause in MissCause:
        words = WORDS[cause]
        assert words.do_en.isascii()
        assert any("\u4e00" <= sign <= "\u9fff" for sign in words.zh)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in words.do_zh)
        assert cause_name(cause) == f"{words.zh} {words.en}"


def test_every_cause_is_tried_here() -> None:
    assert {one[1][0] for one in (*CASES, *ROBOTS)} == set(MissCause) - {C.other}


def test_the_page_has_every_cause_in_order_with_its_chinese_name() -> None:
    page = (Path(__file__).parents[2] / "docs" / "causes.md").read_text("utf-8").partition("by the ledger")[2]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \|", page, re.MULTILINE)
    assert rows == [(cause.value, WORDS[cause].zh) for cause in MissCause]


def test_a_witness_and_a_report_call_a_round_the_same() -> None:
    world = quiet()
    world.say("b1")
    world.say("b2", ago=20)
    late(world)
    ids = RoundIds(several=False)
    numbered = list(enumerate(world.facts, 1))
    for message in messages_of(w.DESK, numbered, final_ends(numbered)):
        ids.take(message)
    found = misses(world)
    assert len(found) == 2
    assert [one.id for one in found] == [ids.of(one.round.shop, one.round.buyer, one.round.opened) for one in found]
