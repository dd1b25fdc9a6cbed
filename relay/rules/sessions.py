"""Sessions of a thread: they begin with a question after ten minutes of silence, and so end the one before.

    event                no session        session
    question             begins one        continues it; after the silence begins the next
    any other line       -                 breaks the silence

Laws: a line of either side breaks the silence, a merchant's line begins nothing; system lines are no lines of a
side. The session's hour and class are those of its first question. No midnight settles anything: what comes before
the next session belongs to this one.

`FirstReplyWalk` asks of a session when its first valid answer came.
"""

import msgspec

from relay.domain.names import MINUTE
from relay.rules.entries import Entry
from relay.rules.limits import Limit
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense
from relay.rules.threads import END

SILENCE = 10 * MINUTE
_ASKS, _ANSWERS, _SILENT = Effect.asks, Effect.answers, Effect.silent


def begins(last: int | None, at: int) -> bool:
    """Whether a question begins a session; `last` is the last line of either side, None before the first session."""
    return last is None or at - last > SILENCE


class SessionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What moves a verdict: limit and hours, and the two clauses that name them."""

    limit: Limit
    clause: str
    window: str


class FirstReplyWalk:
    """One thread. `opened` is the session's first question while it has no answer.

    `_last` is None until the first session begins: what a merchant says before it is part of none.
    """

    __slots__ = ("_last", "_notes", "_out", "_skew", "_terms", "closed", "opened")

    def __init__(self, terms: SessionTerms) -> None:
        self._terms = terms
        self.closed: list[Entry] = []
        self.opened: int | None = None
        self._last: int | None = None
        self._skew = self._notes = 0
        self._out: str | None = None

    def fork(self) -> "FirstReplyWalk":
        twin = FirstReplyWalk(self._terms)
        twin.opened, twin._last, twin._out = self.opened, self._last, self._out
        twin._skew, twin._notes = self._skew, self._notes
        return twin

    def step(self, at: int, sense: Sense) -> None:
        effect = sense.effect
        if effect is _SILENT or (self._last is None and effect is not _ASKS):
            return
        if effect is _ASKS:
            self._ask(at, sense)
        elif self.opened is not None:
            if effect is _ANSWERS:
                self.closed.append(self._answered(self.opened, at, sense))
                self.opened = None
            else:
                self._notes |= sense.note
        self._last = at

    def ending(self, as_of: int) -> tuple[Entry, ...]:
        if self.opened is None:
            return ()
        young = as_of - self.opened < self._terms.limit.ms
        return (self._entry(self.opened, None, Verdict.pending if young else Verdict.miss, END),)

    def _ask(self, at: int, sense: Sense) -> None:
        if not begins(self._last, at):
            self._notes |= Note.repeated
            return
        if self.opened is not None:
            self.closed.append(self._entry(self.opened, None, Verdict.miss, at))
        self.opened, self._skew, self._notes = at, sense.skew, 0
        self._out = sense.excludes or (None if self._terms.limit.assessed(at) else self._terms.window)

    def _answered(self, opened: int, at: int, sense: Sense) -> Entry:
        limit, skew = self._terms.limit, self._skew + sense.skew
        self._notes |= sense.note
        if skew and abs(at - opened - limit.ms) <= skew:
            return self._entry(opened, at, Verdict.undetermined, at)
        return self._entry(opened, at, Verdict.hit if limit.kept(at - opened) else Verdict.miss, at)

    def _entry(self, opened: int, answered: int | None, verdict: Verdict, until: int) -> Entry:
        if self._out is not None:
            return Entry(opened, answered, Verdict.excluded, self._out, self._notes, until)
        return Entry(opened, answered, verdict, self._terms.clause, self._notes, until)
