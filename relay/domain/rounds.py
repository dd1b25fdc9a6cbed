"""What happens to a conversation's round when somebody writes (L6). Pure questions over the state; the desk decides.

The clock of a round is its earliest unanswered question by server time. A question that arrives late with an earlier
stamp moves it back; a recall may move it on; a question on a later natural day of the rule begins anew, because the
platform settles the old round at the border. Nothing else moves it: a buyer who keeps writing postpones nothing.
"""

from bisect import bisect_left
from itertools import islice

from relay.domain.guiding import GuidingRule
from relay.domain.model import Round
from relay.domain.names import Millis

QUESTION_CONTENTS_EXCLUDED = frozenset({"refund_card", "system_card", "tip"})
CONSUMERS_EXCLUDED = frozenset({"shop_sub_account", "merchant_account", "xiaoer"})


def asks(kind: str, content: str | None, buyer_class: str | None) -> bool:
    """Whether a buyer-side line is a question of a consumer at all: system lines, notice cards and peers are not."""
    return kind != "system" and content not in QUESTION_CONTENTS_EXCLUDED and buyer_class not in CONSUMERS_EXCLUDED


def due_of(rule: GuidingRule, round_: Round, opened_at: Millis) -> Millis | None:
    """The earliest deadline among the questions from this opening on; None if none of them is assessed.

    No later question is due before an earlier one (`GuidingRule.due_at`), so it is that of the first assessed one.
    """
    first = bisect_left(round_.questions, (opened_at,))
    dues = (rule.due_at(at) for at, _ in islice(round_.questions, first, None))
    return next((due for due in dues if due is not None), None)


def opening_of(rule: GuidingRule, round_: Round) -> Millis:
    """Where the clock of the round stands: its earliest question on the latest natural day that has one."""
    questions = round_.questions
    newest_day = rule.day_of(questions[-1][0])
    if rule.day_of(questions[0][0]) == newest_day:
        return questions[0][0]
    return questions[bisect_left(questions, newest_day, key=lambda question: rule.day_of(question[0]))][0]


def unanswered_after(round_: Round, answered_at: Millis) -> list[tuple[Millis, int]]:
    """The questions that an answer of this server time leaves open (buyer first on ties)."""
    return [question for question in round_.questions if question[0] > answered_at]
