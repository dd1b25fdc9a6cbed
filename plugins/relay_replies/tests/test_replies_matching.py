"""The matcher: what it finds, when it is silent, and that its confidence is what was measured."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.testing.contracts_responder import approved
from relay_replies.matching import CALIBRATION, Matcher, confidence_of
from relay_replies.tests.questions import FIRST, LIBRARY, SECOND

MATCHER = Matcher(approved(name, text, topics=topics) for name, (text, topics) in LIBRARY.items())
DOCS = Path(__file__).parents[3] / "docs" / "drafts.md"


def best(question: str) -> tuple[str | None, int]:
    """The reply that would be offered first, and its confidence; none where nothing is offered."""
    fits = [one for one in MATCHER.ask(question) if one.confidence]
    return (fits[0].reply.id, fits[0].confidence) if fits else (None, 0)


def test_the_confidence_is_what_was_measured_on_the_first_questions() -> None:
    borders = [least for least, _ in CALIBRATION]
    for place, (least, stated) in enumerate(CALIBRATION):
        until = borders[place + 1] if place + 1 < len(borders) else 2.0
        firsts = [(MATCHER.ask(question, 1), right) for question, right in FIRST]
        there = [(fits[0], right) for fits, right in firsts if fits and least <= fits[0].score < until]
        right_ones = sum(fit.reply.id == right for fit, right in there)
        assert stated == (right_ones + 1) * 100 // (len(there) + 2) * 10, (least, right_ones, len(there))


def test_on_the_second_questions_it_is_as_good_as_the_documentation_says() -> None:
    found = [(best(question)[0], right) for question, right in SECOND]
    asked = sum(right is not None for _, right in found)
    offered = sum(one is not None for one, _ in found)
    correct = sum(one == right for one, right in found if one is not None)
    said = re.search(r"(\d+) of (\d+) offered first replies were right, for (\d+) questions that have one", _docs())
    assert said, "docs/drafts.md does not say how good the matching is"
    assert tuple(map(int, said.groups())) == (correct, offered, asked)
    assert correct / offered >= 0.9


def _docs() -> str:
    return " ".join(DOCS.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("question", [question for question, right in SECOND if right is None])
def test_to_what_the_library_does_not_answer_nothing_is_offered(question: str) -> None:
    assert best(question) == (None, 0)


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("退伙怎么弄", "return-how"),  # the same sounds in other characters
        ("發貨時間", "ship-time"),  # traditional characters
        ("可 以 开 发 票 吗", "invoice"),
        ("ＱＱ，请问发什么快递？？", "ship-express"),
    ],
)
def test_it_finds_what_is_written_otherwise(question: str, right: str) -> None:
    assert best(question)[0] == right


def test_only_answers_without_gaps_are_matched() -> None:
    replies = [
        approved("hold", "稍等，正在查询发货时间", purpose="hold"),
        approved("gap", "您的订单{单号}今天发货", topics=("发货",)),
    ]
    assert Matcher(replies).ask("什么时候发货") == []


def test_a_reply_for_another_group_is_left_out() -> None:
    matcher = Matcher([approved("care", "售后发货说明", topics=("发货",), groups=("aftersale",))])
    assert matcher.ask("发货", group="presale") == []
    assert matcher.ask("发货", group="aftersale")
    assert matcher.ask("发货")


def test_equal_ones_keep_the_librarys_order() -> None:
    matcher = Matcher([approved("b", "今天发货"), approved("a", "今天发货")])
    assert [fit.reply.id for fit in matcher.ask("今天发货吗")] == ["b", "a"]


@given(st.text(max_size=300))
def test_any_text_has_scores_between_nothing_and_one(text: str) -> None:
    fits = MATCHER.ask(text)
    assert all(0 < fit.score <= 1 and fit.confidence == confidence_of(fit.score) for fit in fits)
    assert fits == sorted(fits, key=lambda fit: -fit.score)
    assert fits == MATCHER.ask(text)
