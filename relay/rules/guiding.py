"""What the desk asks of a shop's guiding rule, answered by the rule itself under its strict bundle.

Law: whatever the shop's options say, the bundle is strict here, so ladder and debt never lean on a reading that
flatters. A text of which kind, mode or outcome is unknown is no answer, and relay's own machine-triggered text
never is. A question near midnight is due before 24:00: answered later it is lost.
"""

from collections.abc import Mapping

import msgspec

from relay.domain.guiding import Author, GuidingRule
from relay.domain.names import Millis
from relay.rules.authors import TRANSPARENT, Hand, by_relay, hand, open_axes
from relay.rules.instants import day_of, end_of_day
from relay.rules.messages import Body
from relay.rules.senses import Effect
from relay.rules.taobao import TAOBAO_WW3, TAOBAO_WW3_2023, TaobaoLaw, TaobaoRule

_RULES = {one.id: TaobaoRule(one) for one in (TAOBAO_WW3, TAOBAO_WW3_2023)}


class TaobaoGuiding:
    """`taobao_ww3` as the desk sees it."""

    def __init__(self, law: TaobaoLaw) -> None:
        self._law = law
        self._limit = law.limit
        self._known: dict[Author, bool] = {}

    def answers(self, author: Author) -> bool:
        """Whether a text by this author is a valid answer under the strict bundle; there are few sorts of authors."""
        found = self._known.get(author)
        if found is None:
            found = self._known[author] = self._answers(author)
        return found

    def _answers(self, author: Author) -> bool:
        try:
            body = _body(author)
        except msgspec.ValidationError:  # a word that no log knows: nothing is claimed for it
            return False
        if open_axes(body) or by_relay(body):
            return False
        by = hand(body, TRANSPARENT)
        return by != Hand.silent and self._law.judge(body, by).effect == Effect.answers

    def due_at(self, question_at: Millis) -> Millis | None:
        """The last instant at which an answer is in time; None outside the assessed hours."""
        if not self._limit.assessed(question_at):
            return None
        last = question_at + self._limit.ms - (0 if self._limit.inclusive else 1)
        return Millis(min(last, end_of_day(question_at) - 1))

    def day_of(self, at: Millis) -> int:
        """The natural day in China, as days since 1970-01-01."""
        return day_of(at)


def guiding(rule_id: str, options: Mapping[str, str]) -> GuidingRule:
    """The guiding rule of a shop (`relay.domain.guiding.GuidingRules`); raises `ValueError` on what is unknown."""
    rule = _RULES.get(rule_id)
    if rule is None:
        names = ", ".join(sorted(_RULES))
        raise ValueError(f"unknown guiding rule {rule_id!r}; there are {names} / 没有规则 {rule_id!r}，可用：{names}")
    return TaobaoGuiding(rule.law({**options, "bundle": "strict"}))


def _body(author: Author) -> Body:
    """The author as the log would show it; raises `msgspec.ValidationError` on a word the log form does not know."""
    return msgspec.convert(
        {
            "role": "merchant",
            "kind": author.kind.value,
            "bot": author.provider,
            "mode": author.mode,
            "trigger": author.trigger,
            "path": author.path,
            "origin": author.origin,
        },
        Body,
    )
