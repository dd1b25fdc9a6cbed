"""The machine's reply with slots, topics and goods: what the desk chooses, fills in, and does when a gap stays (L8)."""

from typing import Any

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain.settings import GroupRule
from tests.domain import world as w
from tests.domain.world import World, small

ROWS = (GroupRule("refund", keywords=("退款",)), GroupRule("shipping", keywords=("物流",)))


def asked(text: str, *others: str, known: dict[str, str] | None = None, **asks: Any) -> World:
    """A question that is answered by nobody until its deadline is past; the holds are `b`, then `c` and so on."""
    world = small()
    world.set(msgspec.structs.replace(world.desk.state.shops["shop"].base, name="小店"))
    world.remove("reply", "wait")
    for name, words in zip("bcdefg", (text, *others), strict=False):
        world.reply(name, text=words)
    world.personal = known or {}
    world.say(**asks)
    world.advance(200)
    return world


def sent(world: World) -> list[str]:
    return [world.said.get(one.send) or world.texts[one.reply, 1] for one in world.all(f.SendStarted)]


@pytest.mark.parametrize(
    ("texts", "known", "said"),
    [
        (("稍等",), {}, ["稍等"]),
        (("{agent}稍等",), {}, ["p-s1稍等"]),
        (("{shop}稍等",), {}, ["小店稍等"]),
        (("{buyer_name}稍等",), {"buyer_name": "橘猫"}, ["橘猫稍等"]),
        (("{buyer_name|亲}稍等",), {}, ["亲稍等"]),
        (("{buyer_name}稍等",), {}, []),
        (("{buyer_name}稍等", "稍等"), {}, ["稍等"]),
        (("{buyer_name}稍等", "{order_no}稍等", "稍等"), {}, ["稍等"]),
        (("第{position}位稍等", "稍等"), {}, ["稍等"]),
        (("{opening}上班", "稍等"), {}, ["稍等"]),
    ],
)
def test_a_hold_says_what_is_known_and_leaves_no_gap(
    texts: tuple[str, ...], known: dict[str, str], said: list[str]
) -> None:
    world = asked(*texts, known=known)
    assert sent(world) == said
    assert world.rerun()


def test_the_facts_say_what_was_missing_and_the_next_text_is_chosen_at_once() -> None:
    world = asked("{buyer_name}稍等", "稍等")
    [ended] = world.all(f.SendEnded, why="slot_unfilled")
    assert (ended.outcome, ended.checked, ended.unfilled) == ("not_sent", True, ("buyer_name",))
    assert [one.reply for one in world.all(f.HoldIntended)] == ["b", "c"]
    assert world.last(f.SendStarted).at == ended.at
    assert world.count(f.DebtOpened) == 1


def test_where_every_text_has_a_gap_the_machine_says_nothing_and_says_why() -> None:
    world = asked("{buyer_name}稍等")
    assert world.count(f.SendStarted) == 0
    assert world.last(f.HoldWithheld).why == "no_approved_reply"


def test_the_text_that_goes_out_is_bound_and_no_name_is_in_a_fact() -> None:
    world = asked("{buyer_name}，{agent}稍等", known={"buyer_name": "橘猫"})
    started, intent = world.last(f.SendStarted), world.last(f.HoldIntended)
    assert started.digest
    assert world.last(f.SendEnded).digest == started.digest
    assert intent.filling == f.Filling(known={"agent": "p-s1"}, wanted=("buyer_name",))
    assert all("橘猫".encode() not in w.encode(fact) for fact in world.facts)


def test_a_text_without_slots_binds_nothing_new() -> None:
    world = asked("稍等")
    assert world.last(f.HoldIntended).filling is None
    assert world.last(f.SendStarted).digest == ""


def test_a_retry_is_filled_in_anew() -> None:
    world = small()
    world.reply(text="{agent}稍等", version=2)
    world.outcome = w.retryable
    world.say()
    world.advance(160.5)
    world.outcome = w.confirmed
    world.advance(10)
    assert [one.attempt for one in world.all(f.SendStarted)] == [1, 2]
    assert world.last(f.SendRequeued).filling == world.last(f.HoldIntended).filling
    assert all(one.digest for one in world.all(f.SendStarted))


def test_what_is_no_longer_so_is_chosen_anew() -> None:
    """Between intent and sending the buyer went to another seat: its agent's name would be a wrong one."""
    world = small(seats=2)
    world.reply(text="{agent}稍等", version=2)
    world.hold_back = True
    world.say()
    world.advance(161)
    first = world.conv().seat
    world.move(f"p-{first}", to="s2" if first == "s1" else "s1", reason="asked")
    world.hold_back = False
    world.carry()
    world.advance(1)
    assert world.all(f.SendEnded, why="no_longer_true")
    agent = world.desk.state.seats[world.conv().seat].setting.agent
    assert [world.said[one.send] for one in world.all(f.SendStarted)] == [f"{agent}稍等"]


@pytest.mark.parametrize(
    ("topics", "goods", "asks", "chosen"),
    [
        ((), (), {}, "b"),
        (("refund",), (), {}, "c"),
        (("refund",), (), {"topic": "refund"}, "b"),
        (("refund",), (), {"topic": "shipping"}, "c"),
        ((), ("g1",), {}, "c"),
        ((), ("g1",), {"goods": "g1"}, "b"),
        ((), ("g1",), {"goods": "g2"}, "c"),
        (("refund",), ("g1",), {"topic": "refund", "goods": "g1"}, "b"),
        (("refund",), ("g1",), {"topic": "refund"}, "c"),
    ],
)
def test_what_names_a_topic_or_goods_is_for_those_alone(
    topics: tuple[str, ...], goods: tuple[str, ...], asks: dict[str, Any], chosen: str
) -> None:
    world = small(groups=ROWS)
    world.remove("reply", "wait")
    world.reply("b", text="正在查", topics=topics, goods=goods)
    world.reply("c", text="稍等")
    world.say(**asks)
    world.advance(170)
    assert world.last(f.HoldIntended).reply == chosen


def test_the_most_particular_text_comes_first_and_a_topic_stays_until_another() -> None:
    world = small(groups=ROWS)
    for name, more in (
        ("a", {}),
        ("b", {"groups": ("refund",)}),
        ("c", {"topics": ("refund",)}),
        ("d", {"goods": ("g1",)}),
    ):
        world.reply(name, text=f"正在查{name}", **more)
    world.say(topic="refund")
    world.say(goods="g1")
    assert (world.conv().topic, world.conv().goods) == ("refund", "g1")
    world.advance(170)
    assert world.last(f.HoldIntended).reply == "d"
