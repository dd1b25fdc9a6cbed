"""Single messages: one entry for every question of a thread, each with its own wait to the next valid answer.

    event                effect on what waits
    question             waits, and belongs to whoever it was sent to
    valid answer         ends every wait, whoever gave it
    assign or transfer   names the seat of what comes without one; takes in what has no seat (`from_entry`)
    other text           counts for nothing; the explanation names it

Laws: the wait runs from the sending, or from the entry into a seat's list, or from the first counted message of a
run; class and hours are those of the sending. No midnight settles anything: an answer on a later day still ends the
wait, and what is unanswered is lost as soon as it is as old as the limit. A run is over one owner's counted messages
of one day that no answer parts; its clock is the earliest of theirs. Precedence: class, hours, scope, then the wait.
"""

from enum import IntEnum
from typing import NamedTuple

import msgspec

from relay.rules.entries import Entry
from relay.rules.instants import day_of
from relay.rules.limits import Limit
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Sense
from relay.rules.threads import END

_ASKS, _ANSWERS, _MOVES = Effect.asks, Effect.answers, Effect.moves


class SingleNote(IntEnum):
    """What the explanation of a message should name beside the bits of `Note`."""

    machine = 128  # answered by a machine text, which is valid
    run = 256  # timed from the first message of its run
    entered = 512  # timed from the entry into the seat's list


class SingleTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What moves a verdict. `formula`, `window` and `scope` are clauses.

    With a `scope` a message counts only for the seat it belongs to; `agent` lists that seat's and nobody's alone.
    """

    limit: Limit
    formula: str
    window: str
    scope: str | None = None
    run_first: bool = False
    from_entry: bool = False
    agent: str | None = None


class Waiting(NamedTuple):
    """A question without an answer; `out` is the clause by which class or hour take it out."""

    opened: int
    clock: int
    skew: int
    seat: str | None
    out: str | None
    notes: int = 0


Clock = tuple[int, int]
"""When a wait starts, and the error of that instant."""


class SingleWalk:
    """One thread. `_pool` are the places in `_waiting` of messages that nobody has taken in yet.

    `_heard` says of each noted text how many messages were waiting when it came last: those it accompanied.
    """

    __slots__ = ("_heard", "_pool", "_runs", "_seat", "_terms", "_waiting", "closed")

    def __init__(self, terms: SingleTerms) -> None:
        self._terms = terms
        self.closed: list[Entry] = []
        self._waiting: list[Waiting] = []
        self._pool: list[int] = []
        self._runs: dict[tuple[str | None, int], Clock] = {}
        self._heard: dict[int, int] = {}
        self._seat: str | None = None

    def fork(self) -> "SingleWalk":
        twin = SingleWalk(self._terms)
        twin._waiting, twin._pool = self._waiting.copy(), self._pool.copy()
        twin._runs, twin._heard = self._runs.copy(), self._heard.copy()
        twin._seat = self._seat
        return twin

    def step(self, at: int, sense: Sense) -> None:
        effect = sense.effect
        if effect is _ASKS:
            self._ask(at, sense)
        elif effect is _MOVES:
            self._move(at, sense)
        elif self._waiting:
            if effect is _ANSWERS:
                self._answer(at, sense)
            elif sense.note:
                self._heard[sense.note] = len(self._waiting)

    def ending(self, as_of: int) -> list[Entry]:
        return [self._unanswered(place, one, as_of) for place, one in enumerate(self._waiting) if self._listed(one)]

    def _ask(self, at: int, sense: Sense) -> None:
        terms = self._terms
        out = sense.excludes or (None if terms.limit.assessed(at) else terms.window)
        one = Waiting(at, at, sense.skew, self._owner(sense), out)
        if terms.scope is None or one.seat is not None:
            one = self._timed(one)
        elif terms.from_entry:
            self._pool.append(len(self._waiting))
        self._waiting.append(one)

    def _owner(self, sense: Sense) -> str | None:
        """Whose a message is when it is sent: what waits in the queue is nobody's."""
        if self._terms.scope is None or sense.queued:
            return None
        return sense.seat or self._seat

    def _move(self, at: int, sense: Sense) -> None:
        self._seat = sense.seat
        if sense.seat is None:
            return
        for place in self._pool:
            one = self._waiting[place]
            entered = Waiting(one.opened, at, sense.skew, sense.seat, one.out, one.notes | SingleNote.entered)
            self._waiting[place] = self._timed(entered)
        self._pool.clear()

    def _timed(self, one: Waiting) -> Waiting:
        """The message with the clock of its run, where a counted message has one."""
        if not self._terms.run_first or one.out is not None:
            return one
        clock, skew = self._runs.setdefault((one.seat, day_of(one.opened)), (one.clock, one.skew))
        if clock == one.clock:
            return one
        return one._replace(clock=clock, skew=skew, notes=one.notes | SingleNote.run)

    def _answer(self, at: int, sense: Sense) -> None:
        for place, one in enumerate(self._waiting):
            if self._listed(one):
                self.closed.append(self._answered(place, one, at, sense))
        for held in (self._waiting, self._pool, self._runs, self._heard):
            held.clear()

    def _listed(self, one: Waiting) -> bool:
        agent = self._terms.agent
        return agent is None or one.seat is None or one.seat == agent

    def _answered(self, place: int, one: Waiting, at: int, sense: Sense) -> Entry:
        terms, wait, skew = self._terms, at - one.clock, one.skew + sense.skew
        if skew and abs(wait - terms.limit.ms) <= skew:
            verdict = Verdict.undetermined
        else:
            verdict = Verdict.hit if terms.limit.kept(wait) else Verdict.miss
        return self._entry(place, one, at, verdict, sense.note)

    def _unanswered(self, place: int, one: Waiting, as_of: int) -> Entry:
        young = as_of - one.clock < self._terms.limit.ms
        return self._entry(place, one, None, Verdict.pending if young else Verdict.miss, 0)

    def _entry(self, place: int, one: Waiting, answered: int | None, verdict: Verdict, note: int) -> Entry:
        terms = self._terms
        out = one.out or (terms.scope if one.seat is None else None)
        notes = one.notes | note
        for heard, length in self._heard.items():
            if place < length:
                notes |= heard
        return Entry(
            one.opened,
            answered,
            verdict if out is None else Verdict.excluded,
            out or terms.formula,
            notes,
            END if answered is None else answered,
            None if one.clock == one.opened else one.clock,
            one.seat,
        )
