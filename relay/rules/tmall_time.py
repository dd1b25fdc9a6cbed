"""`tmall_avg_human_time`, 旺旺人工平响时长: the mean wait of the rounds that persons served, from 8 to 23.

A thread is one buyer with one seat, so a buyer handed on unanswered costs the first seat the whole ten minutes.
Valid are persons and six named robots in assist mode; an exchange that only another machine served is out. What
relay's own machine sends is transparent: it answers nothing and takes nothing out.

Read from a page on the figure as of March 2022, hence the date; no document of the platform was at hand.
"""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.instants import end_of_day
from relay.rules.laws import VersionedRule
from relay.rules.limits import RuleVersion
from relay.rules.means import HANDED, MeanTerms, MeanWalk
from relay.rules.message_law import MessageLaw
from relay.rules.messages import Body
from relay.rules.report import Extras, Figure, Verdict
from relay.rules.rows import MOST_WAIT, MeanRow, mean_wait
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.walks import Sentence
from relay.rules.wording import GAP_OR_SKEW, NO_CONSUMER, UNKNOWN_AUTHOR, Remark, Said, hours, remarked, span

TMALL_AVG_HUMAN_TIME = RuleVersion(
    id="tmall_avg_human_time",
    valid_from="2022-03-01",
    window_from_h=8,
    window_to_h=23,
    limit_ms=MOST_WAIT,
    verified=False,
)
KEYS = frozenset({"as_of", "bundle"})
ASSISTANTS = frozenset({"dianxiaomi", "leyan", "xiaowei", "xiaoduo", "chitu", "guangyun"})
_REMARKS = (
    Remark(
        Note.assist,
        "V.valid",
        Said("由智能辅助模式的机器人回复，算有效回复", "answered by a named robot in assist mode"),
    ),
    Remark(Note.approved, "V.valid", Said("机器人起草、人工发出，以发出时间为准", "a draft that a person sent")),
    Remark(Note.robot, "V.auto", Said("机器人全自动的消息不算回复", "an autonomous robot's text is no answer")),
    Remark(Note.muted, "V.valid", Said("机器消息不算回复，也不影响判定", "a machine text counted for nothing")),
    Remark(Note.canned, "V.valid", Said("自动回复不算回复", "a canned text is no answer")),
    Remark(Note.repeated, "V.def", Said("追问不重新计时", "the buyer asked again, which does not restart the clock")),
    Remark(HANDED, "V.unreplied", Said("未回复即转给其他子账号", "handed to another seat unanswered")),
)


class TmallTimeLaw(MessageLaw):
    """The rule with its options: see `walks.Law`. The limit is the cap of a wait."""

    limit_clause = "V.def"
    validity_clause = "V.valid"
    class_clause = "V.own"
    certain = frozenset({"V.own", "V.window"})
    by_sub_account = True
    seats = True
    row = MeanRow

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.limit_inclusive = False  # from the cap on, an answer that a gap hides would change nothing
        self.terms = MeanTerms(limit=self.limit)

    def walk(self) -> MeanWalk:
        return MeanWalk(self.terms)

    def settled_by(self, at: int) -> int:
        return min(at + self.limit_ms, end_of_day(at))

    def machine(self, body: Body, hand: Hand) -> Judgement:
        """Named robots in assist mode answer (V.valid); others serve for nothing (V.auto), relay's not even that."""
        if hand == Hand.assist and body.bot in ASSISTANTS:
            return Judgement(Effect.answers, Note.assist)
        if body.bot == "relay":
            return Judgement(Effect.noted, Note.muted)
        return Judgement(Effect.robot, Note.robot)

    def shown_wait(self, entry: Entry) -> int | None:
        return mean_wait(entry) if entry.verdict == Verdict.counted else entry.wait

    def extras(self, figure: Figure, entries: Sequence[Entry]) -> Extras:
        return Extras(mean_s=figure.rate, unverified=True)

    def explain(self, entry: Entry) -> Sentence:
        outside = entry.clause in self.certain
        return remarked([self._said(entry)], () if outside else _REMARKS, entry)

    def _said(self, entry: Entry) -> Said:
        cap, wait = span(self.limit_ms), span(mean_wait(entry))
        match entry.clause:
            case "V.own":
                return NO_CONSUMER
            case "V.window":
                first, last = hours(self.limit.window_from, self.limit.window_to)
                return Said(
                    f"首问不在 {first} 点至 {last} 点之间，不计入",
                    f"asked outside {first}:00 to {last}:00, not counted",
                )
            case "V.auto":
                return Said("只有机器人接待，不计入", "only a robot served it, so it is not counted")
            case "V.unreplied" if entry.answered is not None:
                return Said(f"次日才回复，当日按未回复记为 {cap}", f"answered on a later day only, so counted as {cap}")
            case "V.unreplied":
                return Said(f"当日没有有效回复，记为 {cap}", f"no valid answer that day, counted as {cap}")
            case "V.valid":
                return UNKNOWN_AUTHOR
            case _ if entry.verdict == Verdict.pending:
                return Said(f"尚未回复，未到 {cap}", f"not answered yet and younger than {cap}")
            case _ if entry.verdict == Verdict.undetermined:
                return GAP_OR_SKEW
            case "V.cap":
                return Said(f"有效回复在首问 {cap} 之后，按 {cap} 计", f"answered later than {cap}, counted as {cap}")
            case _:
                return Said(f"首问后 {wait} 有效回复", f"validly answered {wait} after the first question")


TMALL_TIME = VersionedRule(TMALL_AVG_HUMAN_TIME, KEYS, TmallTimeLaw)
