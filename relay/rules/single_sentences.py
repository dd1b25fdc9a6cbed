"""Why a message has its verdict, in one Chinese and one English sentence.

A sentence says from when the wait ran, since that is where the rules of single messages differ: from the sending,
from the first message of a run, or from the entry into a seat's list.
"""

from collections.abc import Sequence
from typing import NamedTuple

from relay.rules.entries import Entry
from relay.rules.report import Verdict
from relay.rules.singles import SingleNote, SingleTerms
from relay.rules.walks import Sentence
from relay.rules.wording import (
    GAP_OR_SKEW,
    NO_CONSUMER,
    UNKNOWN_AUTHOR,
    Remark,
    Said,
    hours,
    remarked,
    span,
)


class SingleWords(NamedTuple):
    """The clauses of one rule that a sentence tells apart, and what its notes say."""

    own: str
    valid: str
    remarks: Sequence[Remark]


_SCOPE = Said(
    "消息发出时还在队列中，或不属于任何客服，客服口径不计",
    "it waited in the queue or belonged to no seat, so it counts for none",
)
_NOT_ENTERED = Said(
    "回复前没有进入任何客服的接待列表，客服口径不计",
    "it was in no seat's reception list before it was answered, so it counts for none",
)


def explain(entry: Entry, terms: SingleTerms, words: SingleWords) -> Sentence:
    """Say why; `terms` are those the message was judged under."""
    if entry.verdict == Verdict.excluded:
        return remarked([_excluded(entry, terms, words)], (), entry)
    return remarked([_verdict(entry, terms, words)], words.remarks, entry)


def _excluded(entry: Entry, terms: SingleTerms, words: SingleWords) -> Said:
    if entry.clause == terms.window:
        first, last = hours(terms.limit.window_from, terms.limit.window_to)
        return Said(
            f"消息不在 {first} 点至 {last} 点之间，不计入", f"sent outside {first}:00 to {last}:00, not counted"
        )
    if entry.clause == words.own:
        return NO_CONSUMER
    return _NOT_ENTERED if terms.from_entry else _SCOPE


def _verdict(entry: Entry, terms: SingleTerms, words: SingleWords) -> Said:
    limit = span(terms.limit.ms)
    if entry.verdict == Verdict.undetermined:
        return UNKNOWN_AUTHOR if entry.clause == words.valid else GAP_OR_SKEW
    if entry.verdict == Verdict.pending:
        return Said(f"尚未回复，未到 {limit}", f"not answered yet and younger than {limit}")
    if entry.wait is None:
        if entry.verdict == Verdict.hit:
            return Said(f"不论由谁回复，都在 {limit} 内", f"answered within {limit}, whichever text was the answer")
        return Said(f"{limit} 内没有有效回复", f"no valid answer within {limit}")
    since, wait = _since(entry), span(entry.wait)
    if entry.verdict == Verdict.hit:
        return Said(f"{since.zh} {wait} 内有效回复", f"validly answered {wait} after {since.en}")
    return Said(
        f"{since.zh} {wait} 才有效回复，未在 {limit} 内",
        f"validly answered {wait} after {since.en}, not within {limit}",
    )


def _since(entry: Entry) -> Said:
    if entry.notes & SingleNote.run:
        return Said("连续咨询的首条消息后", "the first message of its run")
    if entry.notes & SingleNote.entered:
        return Said("进入接待列表后", "it entered the reception list")
    return Said("消息发出后", "it was sent")
