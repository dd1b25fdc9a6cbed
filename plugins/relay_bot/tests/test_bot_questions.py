"""What is open with a bot: nothing said after a question's end is a draft (L7), and everything is bounded."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contracts import DraftText
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_bot.numbers import MessageNumbers, user_of
from relay_bot.questions import DOUBT, DOUBT_S, MOST_KNOWN, MOST_OPEN, Questions, TooManyQuestionsError
from relay_bot.tests.asking import House, question


def draft(text: str = "今天发出") -> DraftText:
    return DraftText(text=text, provider="shopbot")


def test_a_buyer_has_one_number_for_ever_and_another_in_another_shop_or_for_another_bot() -> None:
    one = user_of("shopbot", question())
    assert one == user_of("shopbot", question("别的话")) == 1_515_774_873_193_675
    others = {
        user_of("other", question()),
        user_of("shopbot", question(buyer="b2")),
        user_of("shopbot", question(shop="shop-2")),
    }
    assert len(others | {one}) == 4


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_number_fits_where_bots_keep_it(bot: str, buyer: str) -> None:
    assert 10_000 <= user_of(bot, question(buyer=buyer)) < 2**52 + 10_000


def test_message_numbers_go_round_within_31_bits() -> None:
    class AtTheEnd(SeededEntropy):
        def bytes(self, count: int) -> bytes:
            return (2**31 - 2).to_bytes(4)

    numbers = MessageNumbers(AtTheEnd())
    assert [numbers.next() for _ in range(3)] == [2**31 - 1, 1, 2]


def test_what_is_said_while_a_question_is_open_is_its_draft() -> None:
    house = House()
    asked = house.questions.ask(question())
    assert house.questions.offer(asked.user, draft()) == "taken"
    assert house.questions.offer(asked.user, draft("明天到"), asked.message) == "taken"


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        (lambda house, asked: (asked.user + 1, None), "foreign"),
        (lambda house, asked: (asked.user, asked.message + 1), "void"),
        (lambda house, asked: (house.questions.ask(question(buyer="b2")).user, asked.message), "foreign"),
    ],
)
def test_what_is_said_to_somebody_else_or_about_something_else_is_none(
    case: Callable[..., tuple[int, int | None]], verdict: str
) -> None:
    house = House()
    asked = house.questions.ask(question())
    user, about = case(house, asked)
    assert house.questions.offer(user, draft(), about) == verdict
    assert asked.silent


def test_the_end_of_a_question_is_the_end_of_its_drafts() -> None:
    house = House()
    asked = house.questions.ask(question())
    house.questions.close(asked)
    assert house.questions.offer(asked.user, draft()) == "void"
    assert house.questions.offer(asked.user, draft(), asked.message) == "void"


async def test_a_later_question_of_the_buyer_ends_the_earlier_one() -> None:
    house = House()
    first = house.questions.ask(question("在吗"))
    second = house.questions.ask(question("在吗\n什么时候发货"))
    assert await first.next() is None
    assert first.user == second.user
    assert house.questions.offer(first.user, draft(), first.message) == "void"
    house.questions.close(first)  # as its own asker does, late
    assert house.questions.offer(second.user, draft(), second.message) == "taken"


async def test_the_same_words_twice_are_one_draft_and_more_than_enough_is_refused() -> None:
    house = House(most_drafts=2)
    asked = house.questions.ask(question())
    said = [house.questions.offer(asked.user, draft(text)) for text in ("一", "一", "二", "三")]
    assert said == ["taken", "same", "taken", "enough"]
    got = [await asked.next() for _ in range(3)]
    assert [each.text if each else None for each in got] == ["一", "二", None]
    house.questions.close(asked)
    assert house.questions.offer(asked.user, draft("四")) == "enough"


async def test_an_error_comes_after_what_was_offered_before_it() -> None:
    house = House()
    asked = house.questions.ask(question())
    asked.offer(draft())
    asked.end("void", ConnectionError("gone"))
    assert await asked.next() == draft()
    with pytest.raises(ConnectionError, match="gone"):
        await asked.next()


async def test_who_waits_is_woken() -> None:
    house = House()
    asked = house.questions.ask(question())
    waiting = asyncio.create_task(asked.next())
    await asyncio.sleep(0)
    house.questions.offer(asked.user, draft())
    assert await waiting == draft()


@pytest.mark.parametrize(
    ("said", "later_s", "named", "doubtful"),
    [
        (False, 1.0, False, True),
        (False, 1.0, True, False),
        (True, 1.0, False, False),
        (False, DOUBT_S + 1, False, False),
    ],
)
async def test_a_plain_message_soon_after_an_unanswered_question_says_what_it_may_be(
    said: bool, later_s: float, named: bool, doubtful: bool
) -> None:
    house = House()
    first = house.questions.ask(question("在吗"))
    if said:
        first.offer(draft("在的"))
    house.questions.close(first)
    house.clock.advance(int(later_s * 1000))
    second = house.questions.ask(question("在吗\n什么时候发货"))
    house.questions.offer(second.user, draft(), second.message if named else None)
    got = await second.next()
    assert got is not None
    assert (got.reason == DOUBT) is doubtful


def test_there_is_an_end_to_open_questions() -> None:
    house = House()
    for number in range(MOST_OPEN):
        house.questions.ask(question(buyer=f"b{number}"))
    with pytest.raises(TooManyQuestionsError, match="提问过多"):
        house.questions.ask(question(buyer="one more"))


def test_what_is_remembered_is_bounded() -> None:
    house = House()
    first = house.questions.ask(question(buyer="first"))
    house.questions.close(first)
    for number in range(MOST_KNOWN):
        house.questions.close(house.questions.ask(question(buyer=f"b{number}")))
    assert not house.questions.known(first.user)
    assert house.questions.offer(first.user, draft()) == "foreign"
    assert house.questions.users() == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "close", "say", "answer"]), st.integers(0, 2), st.integers(0, 3)), max_size=40
)


@given(STEPS)
def test_in_any_order_a_draft_belongs_to_the_open_question_of_its_buyer(steps: list[tuple[str, int, int]]) -> None:
    questions = Questions("shopbot", 2, FakeClock(), SeededEntropy(1))
    asked = {}
    opened = []
    for number, (what, buyer, old) in enumerate(steps):
        match what:
            case "ask":
                asked[buyer] = questions.ask(question(buyer=f"b{buyer}"))
                opened.append(asked[buyer])
            case "close" if buyer in asked:
                questions.close(asked.pop(buyer))
            case "say" | "answer" if opened:
                one = opened[old % len(opened)]
                about = one.message if what == "answer" else None
                is_open = asked.get(int(one.question.buyer[1:])) is one
                verdict = questions.offer(one.user, draft(f"{number}"), about)
                if what == "answer" and not is_open:
                    assert verdict in {"void", "enough"}
                if verdict == "taken":
                    assert any(each.user == one.user for each in asked.values())
            case _:
                pass
    assert len(questions.users()) == len(asked)
