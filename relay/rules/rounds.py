"""Dialogue rounds under `taobao_ww3` (A.round): one thread as a small machine.

    state \\ event    question                          valid answer        invalid robot text
    no round          opens one                         -                   -
    open              joins                             closes it           spoke: the round is the robot's
    open, robot's     settled (A.excl.a); opens one     closes it           -
    open, day over    settled at 24:00; opens one       closes it (below)   -

Laws: the clock is the first question's and a later one never moves it (A.ex1), except that under
`window_on=first_in_window_message` a round opened outside the hours starts at its first question inside them. A day
is settled at 24:00 on what exists by then (A.ex3); under `cross_day=exclude` a valid answer on a later day takes the
round out (A.excl.b). Precedence: class (A.excl.c, A.excl.d), hours, b, a, then hit or miss.
"""

import msgspec

from relay.rules.entries import Entry
from relay.rules.instants import CHINA, DAY
from relay.rules.limits import Limit
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense

_HIT, _MISS, _EXCLUDED = Verdict.hit, Verdict.miss, Verdict.excluded
_ASKS, _ANSWERS, _ROBOT = Effect.asks, Effect.answers, Effect.robot
_REPEATED = int(Note.repeated)


class RoundTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What moves a verdict: limit and assessed hours, and two readings of the text."""

    limit: Limit
    first_in_window: bool
    cross_day_miss: bool


class RoundWalk:
    """One thread. `opened` is None while no round is open; `_out` is the clause by which buyer or hour take it out."""

    __slots__ = ("_day_end", "_notes", "_out", "_robot", "_skew", "_terms", "closed", "opened")

    def __init__(self, terms: RoundTerms) -> None:
        self._terms = terms
        self.closed: list[Entry] = []
        self.opened: int | None = None
        self._day_end = self._skew = self._notes = 0
        self._robot = False
        self._out: str | None = None

    def fork(self) -> "RoundWalk":
        twin = RoundWalk(self._terms)
        twin.opened = self.opened
        twin._day_end, twin._skew, twin._notes = self._day_end, self._skew, self._notes
        twin._robot, twin._out = self._robot, self._out
        return twin

    def step(self, at: int, sense: Sense) -> None:
        effect = sense.effect
        opened = self.opened
        if effect is _ASKS:
            if opened is None:
                self._open(at, sense)
            elif self._robot or at >= self._day_end:
                self.closed.append(self._unanswered(opened, min(at, self._day_end)))
                self._open(at, sense)
            elif self._terms.first_in_window:
                self._join(opened, at, sense)
            else:
                self._notes |= _REPEATED
        elif opened is None:
            return
        elif effect is _ANSWERS:
            self.closed.append(self._answered(opened, at, sense))
            self.opened = None
        elif at < self._day_end:
            self._notes |= sense.note
            if effect is _ROBOT:
                self._robot = True

    def ending(self, as_of: int) -> tuple[Entry, ...]:
        opened = self.opened
        if opened is None:
            return ()
        if as_of < self._day_end and as_of - opened < self._terms.limit.ms and self._out is None:
            return (Entry(opened, None, Verdict.pending, "A.def", self._notes, self._day_end),)
        return (self._unanswered(opened, self._day_end),)

    def _open(self, at: int, sense: Sense) -> None:
        terms = self._terms
        of_day = (at + CHINA) % DAY
        self.opened = at
        self._day_end = at - of_day + DAY
        self._skew = sense.skew
        self._notes = 0
        self._robot = False
        self._out = sense.excludes
        if self._out is None and not terms.limit.window_from <= of_day < terms.limit.window_to:
            self._out = "A.window"

    def _join(self, opened: int, at: int, sense: Sense) -> None:
        """A further question where the clock starts at the first one inside the hours."""
        if not self._terms.limit.assessed(opened) and self._terms.limit.assessed(at):
            notes = self._notes
            self._open(at, sense)
            self._notes = notes | Note.earlier
        else:
            self._notes |= _REPEATED

    def _answered(self, opened: int, at: int, sense: Sense) -> Entry:
        notes = self._notes | sense.note
        if self._out is not None:
            return Entry(opened, at, _EXCLUDED, self._out, notes, at)
        if at >= self._day_end:
            return self._answered_later(opened, at, notes)
        terms = self._terms
        over = at - opened - terms.limit.ms
        skew = self._skew + sense.skew
        if skew and -skew <= over <= skew:
            verdict = Verdict.undetermined
        elif over > 0 or (over == 0 and not terms.limit.inclusive):
            verdict = _MISS
        else:
            verdict = _HIT
        return Entry(opened, at, verdict, "A.def", notes, at)

    def _answered_later(self, opened: int, at: int, notes: int) -> Entry:
        """A valid answer on a later day than the question."""
        if not self._terms.cross_day_miss:
            return Entry(opened, at, _EXCLUDED, "A.excl.b", notes, at)
        if self._robot:
            return Entry(opened, at, _EXCLUDED, "A.excl.a", notes, self._day_end)
        return Entry(opened, at, _MISS, "A.ex3", notes, self._day_end)

    def _unanswered(self, opened: int, until: int) -> Entry:
        out = self._out or ("A.excl.a" if self._robot else None)
        if out is not None:
            return Entry(opened, None, _EXCLUDED, out, self._notes, until)
        return Entry(opened, None, _MISS, "A.ex3", self._notes, until)
