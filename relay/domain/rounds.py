"""What happens to a conversation's round when somebody writes (L6). Pure questions over the state; the desk decides.

The clock of a round is its earliest unanswered question by server time. A question that arrives late with an earlier
stamp moves it back; a recall may move it on; a question on a later natural day of the rule begins anew, because the
platform settles the old round at the border. Nothing else moves it: a buyer who keeps writing postpones nothing.

A question for which the rule sets no deadline, because it comes from outside the assessed hours or the rule has none,
has the service clock: from the opening, or from itself, for as long as the shop's own standard allows. It stands beside
the rule's clock and never in its place.
"""

from bisect import bisect_left
from itertools import islice
from typing import Final, NamedTuple

from relay.domain.guiding import GuidingRule
from relay.domain.model import Conversation, Round
from relay.domain.names import Millis

QUESTION_CONTENTS_EXCLUDED = frozenset({"refund_card", "system_card", "tip"})
CONSUMERS_EXCLUDED = frozenset({"shop_sub_account", "merchant_account", "xiaoer"})
SILENT_TAGS: Final = {
    "ad": "advertisement",
    "complaint": "complaint",
    "dispute": "dispute",
    "person": "wants_a_person",
    "injury": "injury",
    "threat": "threat",
}
"""What a message may be that no machine answers, by the channel's tag or the shop's guards."""
CALLS_SUPERVISOR: Final = frozenset(SILENT_TAGS.values()) - {"advertisement"}


def silent_tag(tag: str | None, guard: str | None) -> str | None:
    """The one tag that stands for both words on a message: one before which a machine is silent, if either is.

    The channel's own goes first, but for an advertisement, which calls nobody.
    """
    if guard is None or (tag in SILENT_TAGS and tag != "ad"):
        return tag
    return guard


def asks(kind: str, content: str | None, buyer_class: str | None) -> bool:
    """Whether a buyer-side line is a question of a consumer at all: system lines, notice cards and peers are not."""
    return kind != "system" and content not in QUESTION_CONTENTS_EXCLUDED and buyer_class not in CONSUMERS_EXCLUDED


def tag_after(conv: Conversation, tag: str | None) -> str | None:
    """The tag that stands after a message with this one: a complaint stays one while its round is open (§7), whatever
    the buyer writes after it.
    """
    if conv.round is None or conv.last_tag not in SILENT_TAGS or tag in SILENT_TAGS:
        return tag
    return conv.last_tag


class RuleClock(NamedTuple):
    """The guiding rule's clock: the earliest deadline and the question that has it; both None if none is assessed."""

    due_at: Millis | None
    asked_at: Millis | None


class ServiceClock(NamedTuple):
    """The shop's own clock: when it begins, and by when it wants an answer; both None where the rule has one."""

    from_at: Millis | None
    due_at: Millis | None


NO_SERVICE: Final = ServiceClock(None, None)


def rule_clock(rule: GuidingRule, round_: Round, opened_at: Millis) -> RuleClock:
    """The earliest deadline among the questions from this opening on.

    No later question is due before an earlier one (`GuidingRule.due_at`), so it is that of the first assessed one.
    """
    first = bisect_left(round_.questions, (opened_at,))
    for at, _ in islice(round_.questions, first, None):
        due_at = rule.due_at(at)
        if due_at is not None:
            return RuleClock(due_at, at)
    return RuleClock(None, None)


def service_clock(rule: GuidingRule, opened_at: Millis, service_s: int) -> ServiceClock:
    """The service clock of a round with this earliest question."""
    if rule.due_at(opened_at) is not None:
        return NO_SERVICE
    from_at = rule.opens_at(opened_at)
    return ServiceClock(from_at, Millis(from_at + service_s * 1000))


def opening_of(rule: GuidingRule, round_: Round) -> Millis:
    """Where the clock of the round stands: its earliest question on the latest natural day that has one."""
    questions = round_.questions
    newest_day = rule.day_of(questions[-1][0])
    if rule.day_of(questions[0][0]) == newest_day:
        return questions[0][0]
    return questions[bisect_left(questions, newest_day, key=lambda question: rule.day_of(question[0]))][0]
