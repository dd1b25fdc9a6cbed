"""Why a round of `taobao_ww3` has its verdict, in one Chinese and one English sentence.

A sentence names the clause that decided; `also` are the clauses that mattered beside it.
"""

from relay.rules.entries import Entry
from relay.rules.report import Verdict
from relay.rules.rounds import RoundTerms
from relay.rules.senses import Note
from relay.rules.walks import Sentence
from relay.rules.wording import span


def explain(entry: Entry, terms: RoundTerms) -> Sentence:
    """Say why; `terms` are those the round was judged under."""
    zh, en = _verdict(entry, terms)
    notes = [(clause, zh, en) for note, clause, zh, en in _NOTES if entry.notes & note and clause != entry.clause]
    zh += "".join(f"；{text}" for _, text, _ in notes) + "。"
    en += "".join(f"; {text}" for _, _, text in notes) + "."
    return Sentence(zh, en, tuple(dict.fromkeys(clause for clause, _, _ in notes)))


_NOTES = (
    (Note.assist, "A.valid", "回复由智能辅助模式的机器人发出，算有效回复", "answered by a named robot in assist mode"),
    (Note.approved, "A.valid", "机器人起草、人工发出，以发出时间为准", "a draft that a person sent, timed at sending"),
    (Note.robot, "A.invalid", "机器人非辅助模式的消息不算回复", "a robot's text outside assist mode is no answer"),
    (Note.muted, "A.invalid", "机器消息不算回复，也不影响判定", "a machine text counted for nothing"),
    (Note.canned, "A.valid", "自动回复不算回复", "a canned text is no answer"),
    (Note.repeated, "A.ex1", "买家再次发问不重新计时", "the buyer asked again, which does not restart the clock"),
    (
        Note.earlier,
        "A.window",
        "首问在考核时段外，从时段内第一问起算",
        "first asked outside the hours, timed from inside",
    ),
)

_REASONS = {
    "A.excl.a": ("只有机器人回复，没有人工回复，不计入", "only a robot answered, so the round is not counted"),
    "A.excl.b": ("问与答不在同一自然日，不计入", "question and answer fall on different days, so it is not counted"),
    "A.excl.c": (
        "对方是子账号或商家账号，不计入",
        "the other side is a sub-account or a merchant, so it is not counted",
    ),
    "A.excl.d": ("对方是平台小二，不计入", "the other side is platform staff, so it is not counted"),
}


def _verdict(entry: Entry, terms: RoundTerms) -> tuple[str, str]:
    limit = span(terms.limit.ms)
    wait = None if entry.answered is None else span(entry.answered - entry.opened)
    if entry.clause == "A.window":
        first, last = terms.limit.window_from // 3_600_000, terms.limit.window_to // 3_600_000
        return f"首问不在 {first} 点至 {last} 点之间，不计入", f"asked outside {first}:00 to {last}:00, not counted"
    if entry.clause in _REASONS:
        return _REASONS[entry.clause]
    match entry.verdict:
        case Verdict.hit:
            return f"首问后 {wait} 内有效回复", f"validly answered {wait} after the first question"
        case Verdict.pending:
            return f"尚未回复，未到 {limit}", f"not answered yet and younger than {limit}"
        case Verdict.undetermined if entry.clause == "A.valid":
            return (
                "无法得知回复由谁发出，判定不确定",
                "nobody knows who or whether someone answered; it may go either way",
            )
        case Verdict.undetermined:
            return "记录有缺口或时间误差，判定不确定", "a gap in the log or the clock error leaves it open"
        case _ if wait is None:
            return "当日没有有效回复", "no valid answer by the end of the day"
        case _ if entry.clause == "A.ex3":
            return f"次日才回复（{wait}），24 点已结算", f"answered after {wait} on a later day; settled at 24:00"
        case _:
            return (
                f"首问后 {wait} 才有效回复，超过 {limit}",
                f"validly answered {wait} after the first question, over {limit}",
            )
