"""What a notice says: counts that miss nobody, the most urgent first, nothing of a buyer, names that are only names."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.contracts import Notice
from relay.domain import facts as f
from relay.domain.effects import Alert, effects_of
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import Person, Seat, Shop
from relay.runtime.notices.desks import DeskBook
from relay.runtime.notices.wording import NAME_LIMIT, NAMED, WORDS, Item, Tally, compose, plain, span, urgency
from relay.runtime.port import Committed
from tests.domain.test_golden_facts import GOLDEN, decode
from tests.domain.world import TEN, World, small

HOSTILE = (
    "@所有人",
    '<at user_id="all"></at>',
    "<@all>",
    "[点我](http://evil.example)",
    "**粗** _斜_ `代码` # 标题 > 引用",
    '<font color="warning">红</font>',
    "www.evil.example/a?b=c",
    "\u202e反\u2066转\u200b隐\ufeff形",
    "行一\n\n# 行二\r\n- 行三",
    "\x1b[31m\x00\x07",
    "\ud800",
    "x" * 500,
    "e\u0301" * 50 + "\u0489" * 50,
    "",
)
MARKUP = set("`*_~[]()<>#!|\\@&:/.{}=\n\r\t")
WHATS = (*WORDS, "something_new")


def items(*whats: str, ago_s: int = 100) -> list[Item]:
    return [Item(what, "店", f"s{number}", Millis(TEN - ago_s * 1000)) for number, what in enumerate(whats)]


def composed(some: list[Item], resolved: int = 0, at: Millis = TEN, budget: int = 4_096, zh: bool = True) -> Notice:
    """As the room does it: everything counted, the most urgent named."""
    tally = Tally()
    for one in some:
        tally.add(one.what, one.waits_from, False)
    first = sorted(some, key=lambda one: urgency(one.what, one.due_at, one.waits_from))[:NAMED]
    return compose("n1", tally, first, resolved, at, "http://relay.example/", budget, zh)


def text_of(notice: Notice) -> str:
    return "\n".join((notice.title, *notice.lines))


@given(st.text(max_size=80) | st.sampled_from(HOSTILE))
@example("\ud800")
@settings(max_examples=500, deadline=None)
def test_a_name_is_one_short_line_without_anything_to_act_on(name: str) -> None:
    shown = plain(name)
    assert not set(shown) & MARKUP
    assert shown.isprintable() or not shown
    assert len(shown) <= NAME_LIMIT
    assert plain(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("name", "shown"), [("旗舰店", "旗舰店"), ("小红-2 号", "小红-2 号"), ("a_b.c", "a＿b．c"), ("@所有人", "＠所有人")]
)
def test_a_name_stays_readable(name: str, shown: str) -> None:
    assert plain(name) == shown


@given(
    st.lists(st.tuples(st.sampled_from(WHATS), st.integers(0, 9_000), st.none() | st.integers(-300, 300)), max_size=40),
    st.integers(0, 9),
    st.integers(300, 8_192),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_whatever_there_is_to_say_fits_and_its_counts_miss_nobody(
    given_: list[tuple[str, int, int | None]], resolved: int, budget: int, chinese_first: bool
) -> None:
    some = [
        Item(
            what,
            plain("旗舰店" * 9),
            plain("客服" * 9),
            Millis(TEN - ago * 1000),
            None if due is None else Millis(TEN + due * 1000),
        )
        for what, ago, due in given_
    ]
    if not some and not resolved:
        return
    told = composed(some, resolved, budget=budget, zh=chinese_first)
    heads = [told.title.removeprefix("relay · "), *(line for line in told.lines if not line.startswith("·"))]
    counts = [
        int(number) for line in heads for number in re.findall(r"\d+", line)[:1] if not line.startswith(("另有", "and"))
    ]
    assert sum(counts) == len(some) + resolved
    assert all(line.count(" / ") >= 1 for line in (told.title, *told.lines))
    named = [line for line in told.lines if line.startswith("·")]
    assert len(named) <= NAMED
    heads_bytes = sum(
        len(line.encode()) + 1 for line in (told.title, *(line for line in told.lines if line not in named))
    )
    assert sum(len(line.encode()) + 1 for line in (told.title, *told.lines)) <= max(budget, heads_bytes)


def test_what_has_a_deadline_goes_first_and_the_nearest_of_them() -> None:
    some = [
        Item("complaint", "店", "c", Millis(TEN - 900_000)),
        Item("unanswered", "店", "b", Millis(TEN - 100_000), Millis(TEN + 80_000)),
        Item("unanswered", "店", "a", Millis(TEN - 170_000), Millis(TEN + 10_000)),
        Item("unanswered", "店", "d", Millis(TEN - 200_000), Millis(TEN - 20_000)),
    ]
    told = composed(some)
    assert [line[4] for line in told.lines if line.startswith("·")] == ["d", "a", "b", "c"]
    assert told.title == "relay · 3 位买家在等，最久 3 分 20 秒 / 3 buyers wait, longest 3 min 20 s"
    assert told.lines[0] == "1 位买家投诉 / 1 complaints"
    assert "已超时 20 秒" in told.lines[1]
    assert "10 s left" in told.lines[2]


@pytest.mark.parametrize(
    ("ms", "zh", "en"),
    [
        (-5, "0 秒", "0 s"),
        (999, "0 秒", "0 s"),
        (160_000, "2 分 40 秒", "2 min 40 s"),
        (3_600_000, "1 小时", "1 h"),
        (3_661_000, "1 小时 1 分", "1 h 1 min"),
    ],
)
def test_a_span_is_said_in_two_parts_at_most(ms: int, zh: str, en: str) -> None:
    assert span(ms) == (zh, en)


@pytest.mark.parametrize("what", WHATS)
def test_every_kind_of_alert_has_its_words_in_both_languages(what: str) -> None:
    told = composed(items(what))
    zh, _, en = told.title.removeprefix("relay · ").partition(" / ")
    assert re.search("[\u4e00-\u9fff]", zh)
    assert en.isascii()


def test_every_alert_that_a_fact_can_raise_has_words_of_its_own() -> None:
    raised = set()
    for bodies in GOLDEN.values():
        for one in bodies:
            raised |= {
                each.what for each in effects_of(1, decode(str(one["bytes"]).encode())) if isinstance(each, Alert)
            }
    assert raised <= set(WORDS)
    assert raised


# --- nothing of a buyer


@given(
    buyer=st.text(st.sampled_from("0123456789abcdefXYZ_-"), min_size=6, max_size=22),
    shop=st.sampled_from(HOSTILE),
    agent=st.sampled_from(HOSTILE),
)
@settings(max_examples=60, deadline=None)
def test_no_buyer_is_in_what_is_told_whatever_shop_and_seat_are_called(buyer: str, shop: str, agent: str) -> None:
    world = small(assist="suggest", check=False)
    clean = [name.encode("utf-8", "replace").decode() for name in (shop, agent)]
    world.set(Shop(id=ShopId("shop"), desk=world.desk.state.desk, name=clean[0], assist="suggest"))
    world.set(Person(id=PersonId("p-s1"), name=clean[1]))
    world.say(f"Q{buyer}")
    world.advance(150)
    told = text_of(composed(_items(world), at=world.now))
    assert f"Q{buyer}" not in told
    assert not set(told.replace("relay · ", "").replace(" / ", "")) & (MARKUP - {"\n", ":", "."})


def _items(world: World) -> list[Item]:
    book = DeskBook(world.desk.state)
    found = [book.item(alert) for alert in book.alerts.open.values()]
    assert found
    return found


def test_a_seat_is_called_by_its_agents_name_as_the_settings_have_it_now() -> None:
    state = DeskState(small(check=False).desk.state.desk)
    book = DeskBook(state)
    for number, subject in enumerate(
        (
            Shop(ShopId("shop"), state.desk, name="旗舰店"),
            Person(PersonId("ann"), name="小红"),
            Seat(SeatId("s1"), ShopId("shop"), PersonId("ann"), account="旗舰店:小红"),
            Seat(SeatId("s2"), ShopId("shop"), PersonId("x"), account="旗舰店:小明"),
        ),
        1,
    ):
        fact = f.OfficeTaken(at=TEN, office_seq=number, subject=subject)
        assert book.take([Committed(number, fact)]) == []
    stepped = f.LadderStepped(
        at=TEN, shop=ShopId("shop"), buyer=BuyerRef("b"), do="alert", round_at=TEN, due_at=None, seat=SeatId("s1")
    )
    [(_, turn)] = book.take([Committed(5, stepped)])
    [alert] = turn.opened
    assert (book.item(alert).shop, book.item(alert).seat) == ("旗舰店", "小红 s1")
    alert.seat = SeatId("s2")
    assert book.item(alert).seat == "旗舰店：小明"
    alert.seat = None
    assert book.item(alert).seat == ""
