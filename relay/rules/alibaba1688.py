"""`alibaba1688_3min`, 1688 旺旺 3 分钟响应率: messages validly answered within three minutes, asked from 9 to 21.

Persons and 店小蜜 in any mode answer; canned texts and other robots do not. The platform's 7x24 service and its
notices of a failed handover have no field in the log and are not modelled.

Read from a forum post of the platform and a merchants' page, neither dated; 2022-01-01 stands in for a date.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.laws import VersionedRule
from relay.rules.limits import LIMIT_KEYS, RuleVersion
from relay.rules.message_law import MessageLaw
from relay.rules.messages import Body
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.single_sentences import SingleWords, explain
from relay.rules.singles import SingleNote, SingleTerms, SingleWalk
from relay.rules.walks import Sentence, Unit
from relay.rules.wording import Remark, Said

ALIBABA1688_3MIN = RuleVersion(
    id="alibaba1688_3min", valid_from="2022-01-01", window_from_h=9, window_to_h=21, verified=False
)
_OFFICIAL = "dianxiaomi"
_WORDS = SingleWords(
    "X.own",
    "X.valid",
    (
        Remark(
            SingleNote.machine, "X.valid", Said("店小蜜的回复算有效回复", "店小蜜 answered, which is valid in any mode")
        ),
        Remark(Note.approved, "X.valid", Said("机器人起草、人工发出，以发出时间为准", "a draft that a person sent")),
        Remark(Note.canned, "X.invalid", Said("自动回复属于无效回复", "a canned text is no answer")),
        Remark(Note.robot, "X.invalid", Said("其他机器人的消息不算回复", "another robot's text is no answer")),
        Remark(Note.muted, "X.invalid", Said("机器消息不算回复，也不影响判定", "a machine text counted for nothing")),
    ),
)


class Alibaba1688Law(MessageLaw):
    """The rule with its options: see `walks.Law`."""

    unit: Unit = "message"
    limit_clause = "X.formula"
    validity_clause = "X.valid"
    class_clause = "X.own"
    certain = frozenset({"X.own", "X.window"})

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.terms = SingleTerms(limit=self.limit, formula="X.formula", window="X.window")

    def walk(self) -> SingleWalk:
        return SingleWalk(self.terms)

    def machine(self, body: Body, hand: Hand) -> Judgement:
        """店小蜜 in any mode, and no other (X.valid, X.invalid)."""
        if body.bot == _OFFICIAL:
            return Judgement(Effect.answers, SingleNote.machine)
        return Judgement(Effect.noted, Note.robot)

    def explain(self, entry: Entry) -> Sentence:
        return explain(entry, self.terms, _WORDS)


ALIBABA1688 = VersionedRule(ALIBABA1688_3MIN, LIMIT_KEYS, Alibaba1688Law)
