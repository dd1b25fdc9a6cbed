"""`douyin_3min_human`, 抖音飞鸽 3 分钟人工回复率: sessions whose rounds waited three minutes or less on average.

A session counts whole or not at all: its mean wait is within the limit or it is not, and one round without an answer
fails it (F.unreplied). Persons answer, and robots in assist mode of any provider; welcome and canned texts and
autonomous robots do not. A card from the buyer is a question. Session and hours are those of its first question,
from 8:00:00 to 22:59:59. That ten minutes of silence part two sessions is relay's reading; no page says where a
session ends.

Read from merchants' pages, none of them dated, which disagree (another fails a session on one wait over three
minutes); 2022-01-01 stands in for a date.
"""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.laws import VersionedRule
from relay.rules.limits import LIMIT_KEYS, RuleVersion
from relay.rules.message_law import MessageLaw
from relay.rules.messages import Body
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.session_means import MeanSessionWalk, mean_ms, session
from relay.rules.sessions import SessionTerms
from relay.rules.walks import Sentence, Unit
from relay.rules.wording import GAP_OR_SKEW, NO_CONSUMER, UNKNOWN_AUTHOR, Remark, Said, hours, remarked, span

DOUYIN_3MIN_HUMAN = RuleVersion(
    id="douyin_3min_human", valid_from="2022-01-01", window_from_h=8, window_to_h=23, verified=False
)
_REMARKS = (
    Remark(Note.assist, "F.valid", Said("智能辅助的回复算人工回复", "an answer in assist mode counts as a person's")),
    Remark(Note.approved, "F.valid", Said("机器人起草、人工发出，以发出时间为准", "a draft that a person sent")),
    Remark(Note.robot, "F.valid", Said("机器人全自动的消息不算回复", "an autonomous robot's text is no answer")),
    Remark(Note.canned, "F.valid", Said("欢迎语和自动回复不算回复", "a welcome or canned text is no answer")),
    Remark(Note.muted, "F.valid", Said("机器消息不算回复，也不影响判定", "a machine text counted for nothing")),
)


class DouyinLaw(MessageLaw):
    """The rule with its options: see `walks.Law`."""

    unit: Unit = "session"
    limit_clause = "F.def"
    validity_clause = "F.valid"
    class_clause = "F.own"
    certain = frozenset({"F.own", "F.window"})
    lines = True

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.terms = SessionTerms(limit=self.limit, clause="F.def", window="F.window")

    def walk(self) -> MeanSessionWalk:
        return MeanSessionWalk(self.terms, "F.unreplied")

    def person(self, parts: Sequence[Entry]) -> Entry:
        """The session from its rounds, some of which a gap has left open."""
        return session(parts, self.terms, "F.unreplied")

    def machine(self, body: Body, hand: Hand) -> Judgement:
        """Assist texts of any provider (F.valid)."""
        return Judgement(Effect.answers, Note.assist) if hand == Hand.assist else Judgement(Effect.noted, Note.robot)

    def shown_wait(self, entry: Entry) -> int | None:
        """The mean wait of its rounds, where each has an answer."""
        return None if entry.answered is None else mean_ms(entry.parts)

    def explain(self, entry: Entry) -> Sentence:
        outside = entry.clause in self.certain
        return remarked([self._said(entry)], () if outside else _REMARKS, entry)

    def _said(self, entry: Entry) -> Said:
        limit, rounds = span(self.limit_ms), len(entry.parts)
        match entry.clause:
            case "F.own":
                return NO_CONSUMER
            case "F.window":
                first, last = hours(self.limit.window_from, self.limit.window_to)
                return Said(
                    f"会话不是在 {first} 点至 {last} 点之间开始的，不计入",
                    f"the session began outside {first}:00 to {last}:00, not counted",
                )
            case "F.unreplied":
                return Said(
                    "会话中有未回复的轮次，整个会话不达标", "a round of it went unanswered, which fails the session"
                )
            case "F.valid":
                return UNKNOWN_AUTHOR
            case _ if entry.verdict == Verdict.pending:
                return Said(
                    f"最近一问尚未回复，未到 {limit}", f"its last question is not answered yet; younger than {limit}"
                )
            case _ if entry.verdict == Verdict.undetermined:
                return GAP_OR_SKEW
        wait = self.shown_wait(entry)
        if wait is None:
            if entry.verdict == Verdict.hit:
                return Said(
                    f"不论由谁回复，平均都在 {limit} 内", f"within {limit} on average, whichever texts were answers"
                )
            return Said(f"不论由谁回复，平均都超过 {limit}", f"over {limit} on average, whichever texts were answers")
        if entry.verdict == Verdict.hit:
            return Said(
                f"会话 {rounds} 轮，平均 {span(wait)} 回复",
                f"rounds: {rounds}, answered after {span(wait)} on average",
            )
        return Said(
            f"会话 {rounds} 轮，平均 {span(wait)} 才回复，未在 {limit} 内",
            f"rounds: {rounds}, answered after {span(wait)} on average, not within {limit}",
        )


DOUYIN = VersionedRule(DOUYIN_3MIN_HUMAN, LIMIT_KEYS, DouyinLaw)
