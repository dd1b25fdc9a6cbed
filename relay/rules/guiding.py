"""What the desk asks of a shop's guiding rule, answered by the rule itself under its strict bundle.

Law: whatever the shop's options say, the bundle is strict here, so ladder and debt never lean on a reading that
flatters. A text of which kind, mode or outcome is unknown is an answer only where it is one whatever the unknown, and
relay's own machine-triggered text never is. Any law with a limit and hours can guide; where its day is settled at
24:00, a question near midnight is due before it, since answered later it is lost. So can a law that says what an
answer is and sets no limit, as Tmall's: the shop's own service standard is then the only clock.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from relay.domain.guiding import Author, GuidingRule
from relay.domain.names import Millis
from relay.rules.alibaba1688 import ALIBABA1688
from relay.rules.authors import Hand, by_relay, hand, open_axes, readings
from relay.rules.human_days import KUAISHOU_2021, KUAISHOU_2023, PDD
from relay.rules.instants import day_of, end_of_day
from relay.rules.kuaishou import SHOP as KUAISHOU_SHOP
from relay.rules.laws import RuleLaw
from relay.rules.messages import Body
from relay.rules.senses import Effect
from relay.rules.taobao import TAOBAO_WW3, TAOBAO_WW3_2023, TaobaoRule
from relay.rules.tejia import TEJIA
from relay.rules.tmall import TMALL, TMALL_ACCOUNT


class GuidableRule(Protocol):
    """A rule whose law, opened with a shop's options, judges texts; nearly all have a limit and hours."""

    @property
    def id(self) -> str: ...

    def law(self, options: Mapping[str, str], zone: ZoneInfo | None = None) -> RuleLaw: ...


class Guide(NamedTuple):
    """A rule that can guide. `until_midnight`: an answer after 24:00 of the question's day is none.

    `limited`: it says how long a single question may wait.
    """

    rule: GuidableRule
    until_midnight: bool = True
    limited: bool = True


_GUIDES = {
    one.rule.id: one
    for one in (
        Guide(TaobaoRule(TAOBAO_WW3)),
        Guide(TaobaoRule(TAOBAO_WW3_2023)),
        Guide(TEJIA),
        Guide(KUAISHOU_SHOP, until_midnight=False),
        Guide(KUAISHOU_2021),
        Guide(KUAISHOU_2023),
        Guide(PDD),
        Guide(ALIBABA1688, until_midnight=False),
        Guide(TMALL, limited=False),
        Guide(TMALL_ACCOUNT, limited=False),
    )
}
"""One whose unit is the session or whose figure is a mean cannot: what it counts is no single question."""


def guides() -> list[str]:
    """The ids of the rules that can guide a shop."""
    return list(_GUIDES)


class LimitlessGuiding:
    """A rule that says what an answer is and by no instant when it is due."""

    def __init__(self, law: RuleLaw) -> None:
        self._law = law
        self._known: dict[Author, bool] = {}

    @property
    def charges_first_seat(self) -> bool:
        """Whether the rule counts by seat, so that an unanswered buyer stays the first seat's to have answered."""
        return self._law.by_sub_account

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
        if by_relay(body):
            return False
        return all(self._answered_by(body, hand(body, reading)) for reading in readings(open_axes(body)))

    def _answered_by(self, body: Body, by: Hand) -> bool:
        return by != Hand.silent and self._law.judge(body, by).effect == Effect.answers

    def due_at(self, question_at: Millis) -> Millis | None:
        """Never."""
        return None

    def opens_at(self, at: Millis) -> Millis:
        """No hours, so every instant is as good as another."""
        return at

    def day_of(self, at: Millis) -> int:
        """The natural day in China, as days since 1970-01-01."""
        return day_of(at)


class LimitGuiding(LimitlessGuiding):
    """A rule with a limit and hours as the desk sees it."""

    def __init__(self, law: RuleLaw, *, until_midnight: bool) -> None:
        super().__init__(law)
        self._limit = law.limit
        self._until_midnight = until_midnight

    def due_at(self, question_at: Millis) -> Millis | None:
        """The last instant at which an answer is in time; None outside the assessed hours."""
        if not self._limit.assessed(question_at):
            return None
        last = question_at + self._limit.ms - (0 if self._limit.inclusive else 1)
        return Millis(min(last, end_of_day(question_at) - 1) if self._until_midnight else last)

    def opens_at(self, at: Millis) -> Millis:
        """`at` itself inside the assessed hours, else when they next begin."""
        return Millis(self._limit.opens_at(at))


def guiding(rule_id: str, options: Mapping[str, str]) -> GuidingRule:
    """The guiding rule of a shop (`relay.domain.guiding.GuidingRules`); raises `ValueError` on what is unknown."""
    guide = _GUIDES.get(rule_id)
    if guide is None:
        names = ", ".join(sorted(_GUIDES))
        raise ValueError(f"unknown guiding rule {rule_id!r}; there are {names} / 没有规则 {rule_id!r}，可用：{names}")
    law = guide.rule.law({**options, "bundle": "strict"})
    return LimitGuiding(law, until_midnight=guide.until_midnight) if guide.limited else LimitlessGuiding(law)


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
