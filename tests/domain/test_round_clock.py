"""Where a round's clock stands (L6), beside the plainest way to say it: over every question, however many."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.guiding import Author
from relay.domain.model import Round
from relay.domain.names import Millis
from relay.domain.rounds import RuleClock, opening_of, rule_clock
from relay.rules.guiding import guiding

DAY = 86_400_000
MIDNIGHT = 1_772_380_800_000  # 2026-03-02 00:00 in China
INSTANTS = st.integers(0, 3 * DAY).map(lambda ms: Millis(MIDNIGHT + ms))
QUESTIONS = st.lists(INSTANTS, min_size=1, max_size=30).map(sorted)


@given(QUESTIONS, st.sampled_from(["taobao_ww3", "tejia_3min", "kuaishou_shop_3min"]))
def test_the_clock_is_what_a_look_at_every_question_says(instants: Sequence[Millis], name: str) -> None:
    rule = guiding(name, {})
    round_ = Round([(at, seq) for seq, at in enumerate(instants)], instants[0], None)
    opening = opening_of(rule, round_)
    newest = rule.day_of(instants[-1])
    assert opening == min(at for at in instants if rule.day_of(at) == newest)
    dues = [RuleClock(due, at) for at in instants if at >= opening and (due := rule.due_at(at)) is not None]
    assert rule_clock(rule, round_, opening) == min(dues, default=RuleClock(None, None))


class _Counted:
    """A rule that knows how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    charges_first_seat = False

    def opens_at(self, at: Millis) -> Millis:
        return at

    def answers(self, author: Author) -> bool:
        return True

    def due_at(self, question_at: Millis) -> Millis | None:
        self.asked += 1
        return Millis(question_at + 180_000)

    def day_of(self, at: Millis) -> int:
        self.asked += 1
        return at // DAY


@pytest.mark.parametrize("border", [0, 1, 5_000, 9_999])
def test_a_buyer_who_never_stops_writing_costs_no_more(border: int) -> None:
    """10,000 unanswered questions, of which those before `border` are of the day before."""
    questions = [(Millis(DAY + 1_000 * (number - border)), number) for number in range(10_000)]
    round_ = Round(questions, questions[0][0], None)
    rule = _Counted()
    opening = opening_of(rule, round_)
    assert opening == DAY
    assert rule_clock(rule, round_, opening) == (DAY + 180_000, DAY)
    assert rule.asked < 40
