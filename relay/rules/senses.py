"""What a rule makes of one message, interned: a log has few kinds of message and very many messages.

A `Sense` carries all that a walk through a thread needs of a message beside its instant. Where something of the
message is unknown it holds one sense per reading. `Senses` makes each distinct one once.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from relay.rules.authors import (
    EVERY_AXIS,
    TRANSPARENT,
    Hand,
    Reading,
    asks,
    by_machine,
    by_relay,
    hand,
    open_axes,
    readings,
)
from relay.rules.messages import Body

_RANK = {"buyer": 0, "system": 1, "merchant": 2}
_CONTROL = frozenset({"recall", "gap", "transfer", "assign"})
_MOST_SENSES = 50_000


class Effect(IntEnum):
    """What a message does to a thread under a rule."""

    silent = 0  # nothing at all
    asks = 1  # a question
    answers = 2  # a valid answer
    robot = 3  # an invalid machine text that closes the exchange
    noted = 4  # counts for nothing, but the explanation names it


class Note(IntEnum):
    """What the explanation of a round should name; a set of them is the sum of its bits."""

    repeated = 1  # the buyer wrote again while waiting
    robot = 2  # an invalid machine text closed or accompanied the round
    canned = 4  # a canned text came first
    assist = 8  # answered by a machine text in assist mode
    approved = 16  # answered by a robot's draft that a person sent
    earlier = 32  # asked outside the hours first, the clock starts at the repetition
    muted = 64  # a machine text that counts for nothing


class Sense:
    """A message as one rule sees it. `excludes` is the clause that takes a round out which this message opens."""

    __slots__ = ("_under", "axes", "effect", "excludes", "machine", "note", "rank", "skew")

    def __init__(self, effect: Effect, note: int, body: Body, excludes: str | None) -> None:
        self.effect = effect
        self.note = note
        self.rank = _RANK[body.role]
        self.skew = body.skew_ms
        self.excludes = excludes
        self.machine = by_machine(body)
        self.axes = 0
        self._under: dict[Reading, Sense] = {}

    def under(self, reading: Reading) -> "Sense":
        """This message with its unknowns settled by a reading; itself where nothing of it is unknown."""
        return self._under.get(reading, self)

    def open(self, axes: int, under: "dict[Reading, Sense]") -> None:
        self.axes, self._under = axes, under


SenseKey = tuple[object, ...]
"""role, kind, bot, mode, trigger, outcome, content, buyer_class, skew_ms"""


class Judgement(NamedTuple):
    """What a rule decides of an author: the effect of the text and the notes that go with it."""

    effect: Effect
    note: int = 0


class Senses:
    """The senses of one rule with one set of options.

    `judge` says what a text of this hand does; `exclude` names the clause that takes out what this buyer's message
    opens. Under `strict` relay's own machine-triggered texts are heard by no rule. `made` is open to the ledger's
    tight loop, which looks a message up by the fields that a sense depends on.
    """

    def __init__(
        self, judge: Callable[[Body, Hand], Judgement], exclude: Callable[[Body], str | None], *, strict: bool
    ) -> None:
        self._judge, self._exclude, self._strict = judge, exclude, strict
        self.made: dict[SenseKey, Sense | None] = {}

    def learn(self, key: SenseKey, body: Body) -> Sense | None:
        """The sense of a message whose key is not in `made` yet; None where it does nothing to a thread."""
        if len(self.made) >= _MOST_SENSES:
            self.made.clear()
        sense = self.made[key] = self._make(body)
        return sense

    def _make(self, body: Body) -> Sense | None:
        if body.kind in _CONTROL or body.role == "system":
            return None
        if body.role == "buyer":
            return Sense(Effect.asks, 0, body, self._exclude(body)) if asks(body) else None
        axes = open_axes(body)
        under = {reading: self._read(body, reading) for reading in readings(axes)}
        first, *rest = under.values()
        if axes and any(sense.effect != first.effect for sense in rest):
            # A thread's reading may settle more axes than this text has open, so there is an entry for each.
            whole = {one: self._read(body, one) for one in (*readings(EVERY_AXIS), TRANSPARENT)}
            first.open(axes, whole)
        elif first.effect == Effect.silent:
            return None
        return first

    def _read(self, body: Body, reading: Reading) -> Sense:
        author = hand(body, reading)
        judged = Judgement(Effect.silent)
        if author != Hand.silent:
            judged = self._judge(body, author)
            if self._strict and by_relay(body):
                judged = Judgement(Effect.noted, Note.muted)
        return Sense(judged.effect, judged.note, body, None)
