"""Sessions judged by the mean wait of their rounds; how sessions begin is said in `sessions`.

A round opens at the first question without an answer and closes at the next valid one. Laws: the mean is within the
limit or the session is lost whole; a round without an answer loses it; the verdict is final when the next session
begins, and until then stands as it is. The last question is pending while younger than the limit.

An entry's parts are its rounds, so that a gap touches the session only where it touches a round. A part with an
answer is a `hit`, whatever it waited; one without is `pending`, and its end is where no answer could save the
session any more.
"""

from collections.abc import Sequence

from relay.rules.entries import Entry
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense
from relay.rules.sessions import SessionTerms, begins

_ASKS, _ANSWERS, _SILENT = Effect.asks, Effect.answers, Effect.silent


def mean_ms(rounds: Sequence[Entry]) -> int | None:
    """The mean wait in whole milliseconds; None where a round has no answer. Verdicts never use the rounded value."""
    waits = [one.wait for one in rounds if one.wait is not None]
    return round(sum(waits) / len(waits)) if len(waits) == len(rounds) else None


def session(
    rounds: Sequence[Entry], terms: SessionTerms, unreplied: str, skew: int = 0, *, young: bool = False
) -> Entry:
    """A session from its rounds, `skew` the error of their summed waits, `young` while its last may still be answered.

    A session whose known waits are too long even if the rest took no time stays lost, whatever a gap hides.
    """
    last, waits = rounds[-1], [one.wait for one in rounds if one.wait is not None and one.verdict is Verdict.hit]
    over, clause = sum(waits) - terms.limit.ms * len(rounds), terms.clause
    close = skew > 0 and abs(over) <= skew and len(waits) == len(rounds)
    lost = not close and (over > 0 or (over == 0 and not terms.limit.inclusive))
    unsure = close or any(one.verdict is Verdict.undetermined for one in rounds)
    if rounds[0].verdict is Verdict.excluded:
        verdict, clause = Verdict.excluded, rounds[0].clause
    elif unsure and not lost:
        verdict = Verdict.undetermined
    elif last.answered is None:
        verdict, clause = (Verdict.pending, clause) if young else (Verdict.miss, unreplied)
    else:
        verdict = Verdict.miss if lost else Verdict.hit
    notes = 0
    for one in rounds:
        notes |= one.notes
    return Entry(rounds[0].opened, last.answered, verdict, clause, notes, last.until, parts=tuple(rounds))


class MeanSessionWalk:
    """One thread. `_rounds` are the answered ones of the session, `_asked` is the open one's first question."""

    __slots__ = ("_asked", "_last", "_notes", "_out", "_rounds", "_skew", "_skews", "_terms", "_unreplied", "closed")

    def __init__(self, terms: SessionTerms, unreplied: str) -> None:
        self._terms, self._unreplied = terms, unreplied
        self.closed: list[Entry] = []
        self._rounds: list[Entry] = []
        self._asked: int | None = None
        self._last: int | None = None
        self._out: str | None = None
        self._notes = self._skew = self._skews = 0

    def fork(self) -> "MeanSessionWalk":
        twin = MeanSessionWalk(self._terms, self._unreplied)
        twin._rounds = self._rounds.copy()
        twin._asked, twin._last, twin._out = self._asked, self._last, self._out
        twin._notes, twin._skew, twin._skews = self._notes, self._skew, self._skews
        return twin

    def step(self, at: int, sense: Sense) -> None:
        effect = sense.effect
        if effect is _SILENT or (self._last is None and effect is not _ASKS):
            return
        if effect is _ASKS:
            self._ask(at, sense)
        elif self._asked is not None:
            self._notes |= sense.note
            if effect is _ANSWERS:
                self._rounds.append(self._round(self._asked, at, at))
                self._skews += self._skew + sense.skew
                self._asked = None
        self._last = at

    def ending(self, as_of: int) -> tuple[Entry, ...]:
        if self._last is None:
            return ()
        young = self._asked is not None and as_of - self._asked < self._terms.limit.ms
        return (self._session(young=young),)

    def _ask(self, at: int, sense: Sense) -> None:
        if begins(self._last, at):
            if self._last is not None:
                self.closed.append(self._session(young=False))
            self._rounds, self._asked, self._skews = [], None, 0
            self._out = sense.excludes or (None if self._terms.limit.assessed(at) else self._terms.window)
        if self._asked is None:
            self._asked, self._skew, self._notes = at, sense.skew, 0
        else:
            self._notes |= Note.repeated

    def _session(self, *, young: bool) -> Entry:
        rounds = self._rounds
        if self._asked is not None:
            rounds = [*rounds, self._round(self._asked, None, self._lost_at(self._asked))]
        return session(rounds, self._terms, self._unreplied, self._skews, young=young)

    def _lost_at(self, asked: int) -> int:
        """From when on no answer brings the mean back within the limit."""
        waited = sum(one.answered - one.opened for one in self._rounds if one.answered is not None)
        slack = self._terms.limit.ms * (len(self._rounds) + 1) - waited
        return asked + max(0, slack + 1 if self._terms.limit.inclusive else slack)

    def _round(self, asked: int, answered: int | None, until: int) -> Entry:
        if self._out is not None:
            return Entry(asked, answered, Verdict.excluded, self._out, self._notes, until)
        verdict = Verdict.pending if answered is None else Verdict.hit
        return Entry(asked, answered, verdict, self._terms.clause, self._notes, until)
