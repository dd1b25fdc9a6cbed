"""Persons' days: the rounds of one thread, folded into one entry for each natural day on which the buyer asked.

    state \\ event    question in hours        question outside     valid answer      24:00
    no round          opens one                -                    -                 the person's day is over
    open              joins                    -                    closes it         settled; the day is over

Laws: a question outside the hours neither opens a round nor joins one; the clock of a round is its first question's
and a later one never moves it; a day is settled at 24:00, so an answer on a later day leaves a miss. Whether the
buyer is a consumer is asked once a day, of the first question in hours. What the rounds of a day add up to is the
`Fold`: the one round that decides gives the person its verdict, clause, clock and answer.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Literal, Self

import msgspec

from relay.rules.entries import Entry
from relay.rules.instants import CHINA, DAY, end_of_day
from relay.rules.limits import Limit
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense

_HIT, _MISS, _UNDETERMINED, _PENDING = Verdict.hit, Verdict.miss, Verdict.undetermined, Verdict.pending
_ASKS, _ANSWERS = Effect.asks, Effect.answers
_REPEATED, _EARLIER = int(Note.repeated), int(Note.earlier)

Fold = Literal["all", "first", "any"]
"""How rounds make a person: all must be in time, the first decides, or any one in time is enough."""

_RANKS: Mapping[Fold, Mapping[Verdict, int]] = {
    "all": {_MISS: 0, _UNDETERMINED: 1, _PENDING: 2, _HIT: 3},
    "first": {},
    "any": {_HIT: 0, _PENDING: 1, _UNDETERMINED: 2, _MISS: 3},
}


class PersonNote(IntEnum):
    """What the explanation of a person's day should name beside the bits of `Note`."""

    later = 128  # answered, but on a later day
    taken = 256  # answered, but the buyer had the last word
    unsure = 512  # nobody knows who wrote the text that answered, or whether it was sent
    queued = 1024  # left in the queue
    sure = 2048  # in time whoever wrote the texts of unknown author


def decides(rounds: Sequence[Entry], fold: Fold) -> Entry:
    """The round that decides; the earliest where several would. Excluded rounds come alone and never mixed."""
    ranks = _RANKS[fold]
    return min(rounds, key=lambda one: ranks.get(one.verdict, 0))


def person(rounds: Sequence[Entry], deciding: Entry) -> Entry:
    """A person's day. A single round is its own day and needs no parts."""
    first = rounds[0]
    if len(rounds) == 1:
        return first
    clock = None if deciding is first else deciding.opened
    return Entry(
        first.opened,
        deciding.answered,
        deciding.verdict,
        deciding.clause,
        deciding.notes,
        deciding.until,
        clock,
        parts=tuple(rounds),
    )


class PersonTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What moves a verdict: limit and hours, the fold, and the clause of every verdict that hangs on them."""

    limit: Limit
    clause: str
    fold: Fold = "all"


class PersonWalk:
    """One thread. `_rounds` are the closed rounds of the day so far and `_deciding` the one that decides them.

    `_out` is the clause by which the buyer's class takes the day out; `_outside` says that a question outside the
    hours waits unanswered.
    """

    __slots__ = (
        "_day_end", "_deciding", "_notes", "_opened", "_out", "_outside", "_rounds", "_skew", "_terms", "closed",
    )  # fmt: skip

    def __init__(self, terms: PersonTerms) -> None:
        self._terms = terms
        self.closed: list[Entry] = []
        self._day_end: int | None = None
        self._opened: int | None = None
        self._notes = self._skew = 0
        self._rounds: list[Entry] = []
        self._deciding: Entry | None = None
        self._out: str | None = None
        self._outside = False

    def fork(self) -> Self:
        twin = type(self)(self._terms)
        twin._day_end, twin._opened, twin._out = self._day_end, self._opened, self._out
        twin._notes, twin._skew, twin._outside = self._notes, self._skew, self._outside
        twin._rounds, twin._deciding = self._rounds.copy(), self._deciding
        return twin

    def step(self, at: int, sense: Sense) -> None:
        if self._day_end is None or at >= self._day_end:
            self._end_day(sense)
            self._day_end = end_of_day(at)
        effect = sense.effect
        if effect is _ASKS:
            self._ask(at, sense)
        elif effect is _ANSWERS:
            self._outside = False
            if self._opened is not None:
                self._close(self._answered(self._opened, at, sense))
        else:
            self._notes |= sense.note

    def ending(self, as_of: int) -> tuple[Entry, ...]:
        opened, end = self._opened, self._day_end
        if opened is None or end is None:
            return () if self._deciding is None else (person(self._rounds, self._deciding),)
        if self._out is None and as_of < end and as_of - opened < self._terms.limit.ms:
            one = Entry(opened, None, _PENDING, self._terms.clause, self._notes, end)
        else:
            one = self._unanswered(opened, end, self._notes)
        deciding = one if self._deciding is None else decides((self._deciding, one), self._terms.fold)
        return (person([*self._rounds, one], deciding),)

    def _end_day(self, sense: Sense) -> None:
        """24:00 has passed: what is open is settled, and the person's day is closed. `sense` is what came next."""
        if self._opened is not None and self._day_end is not None:
            later = PersonNote.later if sense.effect is _ANSWERS else 0
            self._close(self._unanswered(self._opened, self._day_end, self._notes | later))
        if self._deciding is not None:
            self.closed.append(person(self._rounds, self._deciding))
        self._rounds, self._deciding, self._out, self._notes = [], None, None, 0

    def _ask(self, at: int, sense: Sense) -> None:
        limit = self._terms.limit
        if not limit.window_from <= (at + CHINA) % DAY < limit.window_to:
            self._outside = True
        elif self._opened is not None:
            self._notes |= _REPEATED
        else:
            if self._deciding is None:
                self._out = sense.excludes
            self._opened, self._skew = at, sense.skew
            self._notes = _EARLIER if self._outside else 0

    def _close(self, one: Entry) -> None:
        self._rounds.append(one)
        self._deciding = one if self._deciding is None else decides((self._deciding, one), self._terms.fold)
        self._opened, self._notes = None, 0

    def _answered(self, opened: int, at: int, sense: Sense) -> Entry:
        notes, clause = self._notes | sense.note, self._terms.clause
        if self._out is not None:
            return Entry(opened, at, Verdict.excluded, self._out, notes, at)
        wait, limit, skew = at - opened, self._terms.limit, self._skew + sense.skew
        if skew and abs(wait - limit.ms) <= skew:
            return Entry(opened, at, _UNDETERMINED, clause, notes, at)
        return Entry(opened, at, _HIT if limit.kept(wait) else _MISS, clause, notes, at)

    def _unanswered(self, opened: int, end: int, notes: int) -> Entry:
        """A round without a valid answer, as it stands at the end of its day or at the moment of looking."""
        if self._out is not None:
            return Entry(opened, None, Verdict.excluded, self._out, notes, end)
        return Entry(opened, None, _MISS, self._terms.clause, notes, end)
