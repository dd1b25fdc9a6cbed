"""What every `Rule` promises, as one test class: subclass it and give it a fixture `rule`.

class TestMyRule(RuleContract):
    @pytest.fixture
    def rule(self) -> Rule:
        return MyRule()

`GuidingContract` is the same for what a desk asks of its guiding rule, with a fixture `guide`.
"""

import json
import random
import re

import pytest

from relay.domain.guiding import Author, GuidingRule, Kind
from relay.domain.names import HOUR, ID_PATTERN, MINUTE, Millis
from relay.rules.catalogue import Catalogue, Rule
from relay.rules.ledger import Ledger
from relay.rules.messages import Message

NOON = 1_767_585_600_000
"""2026-01-05 12:00 in Shanghai, a Monday."""
REQUIRED = ("rule", "version", "numerator", "denominator", "rate", "rate_low", "rate_high", "days", "rounds")


def chat(seed: int = 1, buyers: int = 12, lines: int = 240) -> list[Message]:
    """An hour of questions and answers by persons and machines, some twice, in the order of their time."""
    chance = random.Random(seed)
    messages = []
    for number in range(lines):
        buyer, at = f"b{chance.randrange(buyers)}", NOON + number * 15_000 + chance.randrange(15_000)
        if chance.random() < 0.55:
            messages.append(
                Message(at=at, role="buyer", kind="human", buyer=buyer, id=f"q{number}", text="?", sub_account="s1")
            )
        else:
            kind = chance.choice(("human", "human", "auto", "bot"))
            bot = "other" if kind == "bot" else None
            messages.append(
                Message(at=at, role="merchant", kind=kind, buyer=buyer, id=f"a{number}", bot=bot, sub_account="s1")  # type: ignore[arg-type]
            )
        if chance.random() < 0.05:
            messages.append(messages[-1])
    return messages


class RuleContract:
    """Arrival order, repetition and streaming change nothing; the report has the shape that others build on."""

    def filled(self, rule: Rule, messages: list[Message]) -> Ledger:
        ledger = rule.open({})
        for message in messages:
            ledger.take(message)
        return ledger

    def test_it_has_an_id_and_a_dated_version(self, rule: Rule) -> None:
        assert re.fullmatch(ID_PATTERN, rule.id)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", rule.version.valid_from)
        assert rule.version.valid_to is None or rule.version.valid_to > rule.version.valid_from

    def test_an_unknown_option_is_refused_with_its_name(self, rule: Rule) -> None:
        with pytest.raises(ValueError, match="no_such_option"):
            rule.open({"no_such_option": "1"})

    def test_an_empty_log_has_no_rate(self, rule: Rule) -> None:
        report = rule.open({}).report()
        assert (report.numerator, report.denominator, report.rate) == (0, 0, None)

    def test_the_report_has_the_shape_that_others_build_on(self, rule: Rule) -> None:
        told = json.loads(self.filled(rule, chat()).report().to_json())
        assert tuple(told)[: len(REQUIRED)] == REQUIRED
        assert told["rule"] == rule.id
        assert told["version"] == f"{rule.id}@{rule.version.valid_from}"
        assert told["rate_low"] <= told["rate_high"]

    def test_arrival_order_changes_nothing(self, rule: Rule) -> None:
        messages = chat(2)
        shuffled = messages[:]
        random.Random(3).shuffle(shuffled)
        assert self.filled(rule, shuffled).report().to_json() == self.filled(rule, messages).report().to_json()

    def test_a_log_read_twice_is_read_once(self, rule: Rule) -> None:
        messages = chat(4)
        assert self.filled(rule, messages * 2).report().to_json() == self.filled(rule, messages).report().to_json()

    def test_the_running_figure_equals_the_report(self, rule: Rule) -> None:
        ledger = rule.open({})
        for message in chat(5):
            ledger.take(message)
            ledger.counts(message.at)
        report, counts = ledger.report(), ledger.counts()
        assert (counts.with_automation.numerator, counts.with_automation.denominator) == (
            report.numerator,
            report.denominator,
        )

    def test_a_catalogue_takes_it(self, rule: Rule) -> None:
        catalogue = Catalogue(())
        catalogue.add(rule)
        assert catalogue.ids == [rule.id]


class GuidingContract:
    """Hours, deadlines and days agree with each other, and a person always answers."""

    def instants(self) -> list[Millis]:
        """Every quarter of an hour of two days, the instants around it, and some of no round number."""
        quarters = [NOON + number * 15 * MINUTE for number in range(2 * 96)]
        chance = random.Random(6)
        return [
            *(Millis(at + by) for at in quarters for by in (-1, 0, 1)),
            *(Millis(NOON + chance.randrange(48 * HOUR)) for _ in range(200)),
        ]

    def test_a_deadline_lies_after_its_question(self, guide: GuidingRule) -> None:
        dues = [(at, guide.due_at(at)) for at in self.instants()]
        assert all(due is None or due >= at for at, due in dues)

    def test_hours_open_at_the_first_instant_that_has_a_deadline(self, guide: GuidingRule) -> None:
        instants = sorted(self.instants())
        limited = any(guide.due_at(at) is not None for at in instants)
        for at in instants:
            opens = guide.opens_at(at)
            assert at <= opens <= at + 24 * HOUR
            assert guide.opens_at(opens) == opens
            assert (guide.due_at(opens) is not None) is limited
            assert opens == at or all(guide.due_at(one) is None for one in instants if at <= one < opens)
            assert opens == at or guide.due_at(Millis(opens - 1)) is None

    def test_days_follow_each_other(self, guide: GuidingRule) -> None:
        instants = sorted(self.instants())
        days = [guide.day_of(at) for at in instants]
        assert days == sorted(days)
        assert days[-1] - days[0] in (2, 3)

    def test_a_person_answers_and_a_canned_text_does_not(self, guide: GuidingRule) -> None:
        assert guide.answers(Author(Kind.human))
        assert not guide.answers(Author(Kind.auto))
