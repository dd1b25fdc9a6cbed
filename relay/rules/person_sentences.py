"""Why a person's day has its verdict, in one Chinese and one English sentence.

A sentence speaks of the round that decided, names the wait where there is one, and the clauses that mattered beside
the deciding one: that every message must be in time, that hours or authors took something out of account, that the
last word was the buyer's.
"""

from collections.abc import Iterator
from typing import NamedTuple

from relay.rules.entries import Entry
from relay.rules.instants import end_of_day
from relay.rules.persons import PersonNote, PersonTerms
from relay.rules.report import Verdict
from relay.rules.senses import Note
from relay.rules.walks import Sentence
from relay.rules.wording import EITHER, GAP_OR_SKEW, NO_CONSUMER, UNKNOWN_AUTHOR, Remark, Said, remarked, span


class Words(NamedTuple):
    """The clauses of one rule, and what it says of a valid machine text."""

    formula: str
    valid: str
    window: str
    every: str
    machine: Said = Said("机器人回复算有效", "a robot answered, which is valid here")


_NOBODY = Said("当日没有有效回复", "no valid answer by the end of the day")
_LATER = Said("次日才回复，24 点已结算", "answered on a later day only, and the day was settled at 24:00")
_ROBOT_ONLY = Said("当日只遇到机器人，没有接入人工，不计入", "met only a robot that day and no person, so not counted")
_QUEUE_ONLY = Said("当日停留在队列，没有接入人工，不计入", "left in the queue with no person that day, so not counted")
_CANNED = Said("自动回复不算回复", "a canned text is no answer")
_ROBOT = Said("机器人消息不算有效回复", "a robot's text is no valid answer here")
_APPROVED = Said("机器人起草、人工发出，以发出时间为准", "a draft that a person sent, timed at sending")
_REPEATED = Said("追问不重新计时", "the buyer asked again, which does not restart the clock")
_EACH = Said("当日逐轮判定", "the rounds of the day are judged one by one")
_OUTSIDE = Said("时段外的提问不计，从时段内首问起算", "asked outside the hours too, timed from inside")


def explain(entry: Entry, words: Words, terms: PersonTerms) -> Sentence:
    """A person's day made of rounds with a limit."""
    return remarked([_verdict(entry, words, terms)], list(_remarks(entry, words, terms)), entry)


def _remarks(entry: Entry, words: Words, terms: PersonTerms) -> Iterator[Remark]:
    if entry.verdict == Verdict.excluded:
        return
    if entry.parts:
        yield Remark(0, words.every, _folded(entry, terms))
    yield Remark(Note.assist, words.valid, words.machine)
    yield Remark(Note.approved, words.valid, _APPROVED)
    yield Remark(Note.robot, words.valid, _ROBOT)
    yield Remark(Note.canned, words.valid, _CANNED)
    yield Remark(Note.repeated, words.formula, _REPEATED)
    yield Remark(Note.earlier, words.window, _OUTSIDE)


def _verdict(entry: Entry, words: Words, terms: PersonTerms) -> Said:
    limit, wait = span(terms.limit.ms), None if entry.wait is None else span(entry.wait)
    match entry.verdict:
        case Verdict.excluded if entry.clause == words.formula:
            return NO_CONSUMER
        case Verdict.excluded:
            return _ROBOT_ONLY if entry.notes & Note.robot else _QUEUE_ONLY
        case Verdict.pending:
            return Said(f"尚未回复，未到 {limit}", f"not answered yet and younger than {limit}")
        case Verdict.undetermined:
            return _open(entry, words, wait)
        case Verdict.hit if wait is None:
            return Said(f"不论由谁回复，都在 {limit} 内", f"answered within {limit}, whichever text was the answer")
        case Verdict.hit:
            return Said(f"提问后 {wait} 内有效回复", f"validly answered {wait} after the question")
        case _ if wait is not None:
            return Said(
                f"提问后 {wait} 才有效回复，未在 {limit} 内", f"validly answered after {wait}, not within {limit}"
            )
        case _ if entry.notes & PersonNote.later:
            return _LATER
        case _ if entry.until != end_of_day(entry.opened):
            return Said(f"不论由谁回复，都未在 {limit} 内", f"not within {limit}, whichever text was the answer")
        case _:
            return _NOBODY


def _open(entry: Entry, words: Words, wait: str | None) -> Said:
    if wait is not None:
        zh, en = f"提问后 {wait} 回复，但", f"answered after {wait}, but "
        return Said(zh + GAP_OR_SKEW.zh, en + GAP_OR_SKEW.en)
    if words.valid == words.formula:
        return EITHER
    return UNKNOWN_AUTHOR if entry.clause == words.valid else GAP_OR_SKEW


def _folded(entry: Entry, terms: PersonTerms) -> Said:
    if entry.verdict == Verdict.undetermined:
        return _EACH
    rounds, number = len(entry.parts), 1 + _place(entry)
    match terms.fold:
        case "first":
            return Said(f"当日 {rounds} 轮，以首轮为准", f"the first of {rounds} rounds decides")
        case "any":
            return Said(
                f"当日 {rounds} 轮，任一轮及时即可，以第 {number} 轮为准",
                f"one of {rounds} rounds in time is enough; round {number} decides",
            )
        case "all" if entry.verdict == Verdict.hit:
            return Said(f"当日 {rounds} 轮全部及时，此为首轮", f"all {rounds} rounds were in time; this was the first")
        case "all":
            return Said(
                f"当日 {rounds} 轮须全部及时，第 {number} 轮决定结果",
                f"all {rounds} rounds must be in time, and round {number} decides",
            )


def _place(entry: Entry) -> int:
    """Which of its rounds decided."""
    return next((number for number, one in enumerate(entry.parts) if one.opened == entry.started), 0)


_REPLY_REMARKS = (
    Remark(PersonNote.taken, "B.last", Said("最后一句须由客服发出", "the last word must be the shop's")),
    Remark(
        PersonNote.later, "B.offline", Said("次日才回复，不算当日回复", "a reply on a later day does not count for it")
    ),
    Remark(Note.assist, "B.valid", Said("店小蜜回复算有效", "店小蜜 replied, which is valid in any mode")),
    Remark(Note.approved, "B.valid", _APPROVED),
    Remark(Note.robot, "B.valid", _ROBOT),
    Remark(Note.canned, "B.invalid", _CANNED),
    Remark(Note.repeated, "B.unit", Said("多次提问只计一人", "however often the buyer asked, it is one person")),
)
_LAST_WORD = Remark(Note.repeated, "B.last", Said("最后一句由客服发出", "the shop had the last word"))
_BY_ACCOUNT = Remark(0, "B.unit", Said("每个子账号分别计人", "a buyer counts once for each seat"))


def explain_reply(entry: Entry, *, by_account: bool, last_word: bool) -> Sentence:
    """A person's day under a rule that asks for a reply on the same day."""
    remarks = [] if entry.verdict == Verdict.excluded else [*_REPLY_REMARKS]
    if last_word and entry.verdict == Verdict.hit:
        remarks.append(_LAST_WORD)
    if by_account and remarks:
        remarks.append(_BY_ACCOUNT)
    return remarked([_replied(entry)], remarks, entry)


def _replied(entry: Entry) -> Said:
    wait = None if entry.wait is None else span(entry.wait)
    match entry.verdict:
        case Verdict.excluded:
            return NO_CONSUMER
        case Verdict.pending if entry.notes & PersonNote.taken:
            return Said("最后一句是买家的，当日 24 点前仍可回复", "the buyer spoke last, and the day is not over")
        case Verdict.pending:
            return Said("尚未回复，当日 24 点前仍可回复", "not replied to yet, and the day is not over")
        case Verdict.undetermined if wait is not None:
            zh, en = f"首问后 {wait} 回复，但", f"replied to {wait} after the first question, but "
            return Said(zh + GAP_OR_SKEW.zh, en + GAP_OR_SKEW.en)
        case Verdict.undetermined:
            return UNKNOWN_AUTHOR if entry.clause == "B.valid" else GAP_OR_SKEW
        case Verdict.hit if wait is None:
            return Said("当日已回复，不论由谁", "replied to on the day, whichever text was the reply")
        case Verdict.hit:
            return Said(f"当日首问后 {wait} 回复", f"replied to on the day, {wait} after the first question")
        case _ if wait is not None:
            return Said(
                f"首问后 {wait} 回复过，但最后一句是买家的",
                f"replied to {wait} after the first question, but the last word was the buyer's",
            )
        case _ if entry.notes & PersonNote.taken:
            return Said("不论由谁回复过，最后一句是买家的", "the last word was the buyer's, whoever replied before")
        case _:
            return _NOBODY
