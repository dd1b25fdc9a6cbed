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
_MOVES = frozenset({"transfer", "assign"})
_CONTROL = frozenset({"recall", "gap"}) | _MOVES
_MOST_SENSES = 50_000


class Effect(IntEnum):
    """What a message does to a thread under a rule."""

    silent = 0  # nothing at all
    asks = 1  # a question
    answers = 2  # a valid answer
    robot = 3  # an invalid machine text that closes the exchange
    noted = 4  # counts for nothing, but the explanation names it
    moves = 5  # the conversation goes to another seat


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
    """A message as one rule sees it. `excludes` is the clause that takes a round out which this message opens.

    `seat`, `queued` and `from_seat` say whose it is, for the rules that ask: see `Senses`.
    """

    __slots__ = (
        "_under",
        "axes",
        "effect",
        "excludes",
        "from_seat",
        "machine",
        "note",
        "queued",
        "rank",
        "seat",
        "skew",
    )

    def __init__(self, effect: Effect, note: int, body: Body, excludes: str | None) -> None:
        self.effect = effect
        self.note = note
        self.rank = _RANK[body.role]
        self.skew = body.skew_ms
        self.excludes = excludes
        self.machine = by_machine(body)
        self.seat, self.from_seat, self.queued = body.sub_account, body.from_sub, bool(body.queued)
        self.axes = 0
        self._under: dict[Reading, Sense] = {}

    def under(self, reading: Reading) -> "Sense":
        """This message with its unknowns settled by a reading; itself where nothing of it is unknown."""
        return self._under.get(reading, self)

    def seat_of(self, body: Body) -> str | None:
        """Whose thread a message lies in: a transfer ends the one it leaves."""
        return body.from_sub if self.effect is Effect.moves else body.sub_account

    def open(self, axes: int, under: "dict[Reading, Sense]") -> None:
        self.axes, self._under = axes, under


SenseKey = tuple[object, ...]
"""role, kind, bot, mode, trigger, origin, outcome, content, buyer_class, skew_ms; with `seats` whose, and queued"""


class Judgement(NamedTuple):
    """What a rule decides of an author: the effect of the text and the notes that go with it."""

    effect: Effect
    note: int = 0


class Senses:
    """The senses of one rule with one set of options.

    `judge` says what a text of this hand does; `exclude` names the clause that takes out what this buyer's message
    opens. Under `strict` relay's own machine-triggered texts are heard by no rule. With `moves` a transfer or an
    assignment has a sense too, and with `lines` every line of either side, so that a silence can be measured. `made`
    is open to the ledger's tight loop, which looks a message up by the fields that a sense depends on.
    """

    def __init__(
        self,
        judge: Callable[[Body, Hand], Judgement],
        exclude: Callable[[Body], str | None],
        *,
        strict: bool,
        moves: bool = False,
        lines: bool = False,
    ) -> None:
        self._judge, self._exclude, self._strict = judge, exclude, strict
        self._moves, self._lines = moves, lines
        self.made: dict[SenseKey, Sense | None] = {}

    def learn(self, key: SenseKey, body: Body) -> Sense | None:
        """The sense of a message whose key is not in `made` yet; None where it does nothing to a thread."""
        if len(self.made) >= _MOST_SENSES:
            self.made.clear()
        sense = self.made[key] = self._make(body)
        return sense

    def _make(self, body: Body) -> Sense | None:
        if self._moves and body.kind in _MOVES and body.buyer is not None:
            return Sense(Effect.moves, 0, body, None)
        if body.kind in _CONTROL or body.role == "system":
            return None
        if body.role == "buyer":
            if asks(body):
                return Sense(Effect.asks, 0, body, self._exclude(body))
            return Sense(Effect.noted, 0, body, None) if self._lines else None
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
        elif self._lines and body.kind in ("helper", "system") and (body.outcome != "unknown" or reading.sent):
            judged = Judgement(Effect.noted)
        return Sense(judged.effect, judged.note, body, None)
