"""Dialogue rounds whose waits are averaged, per buyer and seat, each counted up to a cap.

    state \\ event    question                      valid answer     invalid robot text     transfer away
    no round          opens one                     -                -                      -
    open              joins                         closes it        spoke                  settles it
    open, robot's     settled, out; opens one       closes it        -                      settles it, out
    open, day over    settled at 24:00; opens one   shown, no help   -                      settled at 24:00

Laws: the clock is the first question's; a wait counts at most the cap (V.cap), a day without a valid answer counts
the cap whole (V.unreplied), and an answer on a later day changes nothing of it but is shown. A round that only a
robot served is out (V.auto). Precedence: class, hours, then these.
"""

import msgspec

from relay.rules.entries import Entry
from relay.rules.instants import end_of_day
from relay.rules.limits import Limit
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense

_COUNTED, _EXCLUDED = Verdict.counted, Verdict.excluded
_ASKS, _ANSWERS, _ROBOT, _MOVES = Effect.asks, Effect.answers, Effect.robot, Effect.moves
HANDED = 128
"""The note of a round that was handed to another seat unanswered."""


class MeanTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The cap and the hours."""

    limit: Limit


class MeanWalk:
    """One thread. `opened` is None while no round is open; `_out` is the clause by which buyer or hour take it out."""

    __slots__ = ("_day_end", "_notes", "_out", "_robot", "_terms", "closed", "opened")

    def __init__(self, terms: MeanTerms) -> None:
        self._terms = terms
        self.closed: list[Entry] = []
        self.opened: int | None = None
        self._day_end = self._notes = 0
        self._robot = False
        self._out: str | None = None

    def fork(self) -> "MeanWalk":
        twin = MeanWalk(self._terms)
        twin.opened, twin._day_end, twin._notes = self.opened, self._day_end, self._notes
        twin._robot, twin._out = self._robot, self._out
        return twin

    def step(self, at: int, sense: Sense) -> None:
        effect, opened = sense.effect, self.opened
        if effect is _ASKS:
            if opened is None or self._robot or at >= self._day_end:
                self._settle(at)
                self._open(at, sense)
            else:
                self._notes |= Note.repeated
        elif opened is None:
            return
        elif effect is _ANSWERS:
            self.closed.append(self._answered(opened, at, sense.note))
            self.opened = None
        elif effect is _MOVES:
            if sense.from_seat is not None:
                self._notes |= HANDED if at < self._day_end else 0
                self._settle(at)
        elif at < self._day_end:
            self._notes |= sense.note
            if effect is _ROBOT:
                self._robot = True

    def ending(self, as_of: int) -> tuple[Entry, ...]:
        opened = self.opened
        if opened is None:
            return ()
        if self._out is None and as_of < self._day_end and as_of - opened < self._terms.limit.ms:
            return (Entry(opened, None, Verdict.pending, "V.def", self._notes, self._day_end),)
        return (self._unanswered(opened, self._day_end),)

    def _open(self, at: int, sense: Sense) -> None:
        self.opened, self._day_end = at, end_of_day(at)
        self._notes, self._robot = 0, False
        self._out = sense.excludes or (None if self._terms.limit.assessed(at) else "V.window")

    def _settle(self, at: int) -> None:
        if self.opened is not None:
            self.closed.append(self._unanswered(self.opened, min(at, self._day_end)))
            self.opened = None

    def _answered(self, opened: int, at: int, note: int) -> Entry:
        if self._out is not None:
            return Entry(opened, at, _EXCLUDED, self._out, self._notes | note, at)
        if at >= self._day_end:
            return self._unanswered(opened, self._day_end, at)
        clause = "V.def" if at - opened <= self._terms.limit.ms else "V.cap"
        return Entry(opened, at, _COUNTED, clause, self._notes | note, at)

    def _unanswered(self, opened: int, until: int, answered: int | None = None) -> Entry:
        """A round without a valid answer on its day; `answered` is the one of a later day."""
        out = self._out or ("V.auto" if self._robot else None)
        if out is not None:
            return Entry(opened, answered, _EXCLUDED, out, self._notes, until)
        return Entry(opened, answered, _COUNTED, "V.unreplied", self._notes, until)
