"""`jd_first30s`, 京东咚咚首次 30 秒应答率: sessions whose first reply by a person came within thirty seconds.

A session belongs to the hour of its first question, from 9 to 23. Only a person's text is a reply; a robot's and a
canned one keep the session alive and answer nothing. Messages left while every agent is offline (留言) are outside
the published figure, but the log has no field for them.

Read from merchants' pages, none of them dated; 2022-01-01 stands in for a date.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.laws import VersionedRule
from relay.rules.limits import LIMIT_KEYS, RuleVersion
from relay.rules.message_law import MessageLaw
from relay.rules.messages import Body
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.sessions import FirstReplyWalk, SessionTerms
from relay.rules.walks import Sentence, Unit
from relay.rules.wording import EITHER, NO_CONSUMER, Remark, Said, hours, remarked, span

JD_FIRST30S = RuleVersion(
    id="jd_first30s", valid_from="2022-01-01", window_from_h=9, window_to_h=23, limit_ms=30_000, verified=False
)
_FIRST, _WINDOW = "J.first", "J.window"
_REMARKS = (
    Remark(Note.approved, _FIRST, Said("机器人起草、人工发出，以发出时间为准", "a draft that a person sent")),
    Remark(Note.robot, _FIRST, Said("机器人的消息不算人工回复", "a robot's text is no person's reply")),
    Remark(Note.canned, _FIRST, Said("自动回复不算人工回复", "a canned text is no person's reply")),
    Remark(Note.muted, _FIRST, Said("机器消息不算人工回复", "a machine text is no person's reply")),
    Remark(Note.repeated, _FIRST, Said("追问属于同一会话，不重新计时", "asked again within the session, same clock")),
)


class JdLaw(MessageLaw):
    """The rule with its options: see `walks.Law`."""

    unit: Unit = "session"
    limit_clause = _FIRST
    validity_clause = _FIRST
    class_clause = _FIRST
    certain = frozenset({_FIRST, _WINDOW})
    lines = True

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.terms = SessionTerms(limit=self.limit, clause=_FIRST, window=_WINDOW)

    def walk(self) -> FirstReplyWalk:
        return FirstReplyWalk(self.terms)

    def machine(self, body: Body, hand: Hand) -> Judgement:
        return Judgement(Effect.noted, Note.robot)

    def explain(self, entry: Entry) -> Sentence:
        if entry.verdict == Verdict.excluded:
            return remarked([self._excluded(entry)], (), entry)
        return remarked([self._said(entry)], _REMARKS, entry)

    def _excluded(self, entry: Entry) -> Said:
        if entry.clause == _FIRST:
            return NO_CONSUMER
        first, last = hours(self.limit.window_from, self.limit.window_to)
        return Said(
            f"会话不是在 {first} 点至 {last} 点之间开始的，不计入",
            f"the session began outside {first}:00 to {last}:00, not counted",
        )

    def _said(self, entry: Entry) -> Said:
        limit, wait = span(self.limit.ms), None if entry.wait is None else span(entry.wait)
        match entry.verdict:
            case Verdict.undetermined:
                return EITHER
            case Verdict.pending:
                return Said(f"尚无人工回复，未到 {limit}", f"no person has replied yet; younger than {limit}")
            case Verdict.hit if wait is None:
                return Said(
                    f"不论由谁回复，都在 {limit} 内", f"replied to within {limit}, whichever text was the reply"
                )
            case Verdict.hit:
                return Said(f"会话开始后 {wait} 内人工首次回复", f"a person first replied {wait} into the session")
            case _ if wait is None:
                return Said(f"会话开始后 {limit} 内没有人工回复", f"no person replied within {limit}")
            case _:
                return Said(
                    f"会话开始后 {wait} 才有人工首次回复，未在 {limit} 内",
                    f"a person first replied {wait} into the session, not within {limit}",
                )


JD = VersionedRule(JD_FIRST30S, LIMIT_KEYS, JdLaw)
