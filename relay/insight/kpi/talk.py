"""One buyer's day with one shop: what was said, and what it counts for whom.

Laws:
* A buyer's day is judged from its own messages, by the channel's server time in China (buyers first on ties), in
  whatever order they came: no later day changes it, so days can be settled and added. Of an earlier day it knows one
  thing: that a question was left over from it, and was answered.
* A round runs from the first unanswered question to the first text of a person that follows it. Machines, canned texts
  and texts of unknown authors answer nothing here and end nothing.
* An answer is whose sent it. A round without one is of the seat that had its last question when the day ended.
* A seat's clock runs from the question or from the entry into its list, whichever is later; the shop's runs from the
  question.
* The figures of persons leave out who only advertised, who is no consumer, and who asked nothing that day or earlier.
  They are counted apart, as machines' texts are; the platform's own figure (`relay report`) knows nothing of it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Literal, NamedTuple

import msgspec

from relay.domain.names import BuyerRef, Millis, ShopId
from relay.insight.kpi.roster import HOLDERS, By, Holder, Limits
from relay.insight.kpi.sums import Counts, square
from relay.insight.kpi.when import hour_of

SOON_MS = 30_000
Sort = Literal["question", "own", "person", "machine", "unknown"]


class Line(msgspec.Struct):
    """One message. `lists`: on whose lists the question has stood unanswered; `owner`: who has it now.

    `entered`: since when the buyer is on the list of the sender's seat, agent and vendor.
    """

    at: Millis
    seq: int
    sort: Sort
    group: str
    who: Holder | None = None
    ad: bool = False
    hold: bool = False
    lists: tuple[Holder, ...] = ()
    owner: Holder | None = None
    entered: dict[str, Millis] = {}


class Departure(NamedTuple):
    """A buyer leaves a seat for another or for the pool (`to` None); `unanswered`: with a question, and no word."""

    at: Millis
    who: Holder
    to: Holder | None
    group: str
    unanswered: bool


class Arrival(NamedTuple):
    """A seat gets a buyer, from another if `came`, even by way of the pool."""

    at: Millis
    who: Holder
    came: Holder | None
    group: str


class Round(NamedTuple):
    opening: Line
    last: Line
    answer: Line | None


class Piece(NamedTuple):
    """A part of a subject's sums, and the hour of the day in which it began."""

    hour: int
    counts: Counts


class BuyerDay(msgspec.Struct):
    """`limits` are those when its first message or move came; `carried`: a question of an earlier day was answered."""

    shop: ShopId
    buyer: BuyerRef
    day: int
    limits: Limits
    lines: list[Line] = []
    moves: list[Departure | Arrival] = []
    carried: bool = False


class View(NamedTuple):
    """The part of a buyer's day that is a subject's own. `by` is a holder's dimension, or "shop" for all or a group."""

    by: By
    name: str
    says: Callable[[Line], bool]
    number: int | None = None
    """Of the holder's dimension; None for all or a group."""

    def is_of(self, who: Holder | None) -> bool:
        """Whether this is the subject's own, as a holder."""
        return self.number is not None and who is not None and who[self.number] == self.name


def tally(day: BuyerDay) -> Iterator[tuple[By, str, Iterable[Piece]]]:
    """What the day counts for each subject that had to do with it; "shop" is the whole."""
    told = _Told(day)
    yield "shop", "", told.pieces(View("shop", "", lambda line: True))
    for group in sorted({line.group for line in day.lines} | {move.group for move in day.moves}):
        yield "group", group, told.pieces(View("group", group, lambda line, group=group: line.group == group))  # type: ignore[misc]
    for number, by in enumerate(HOLDERS):
        holders = chain((move.who for move in day.moves), *map(_touches, day.lines))
        for name in sorted({holder[number] for holder in holders} - {""}):
            yield by, name, told.pieces(View(by, name, _says(number, name), number))


def _touches(line: Line) -> Iterable[Holder]:
    return (line.who,) if line.who is not None else line.lists


def _says(number: int, name: str) -> Callable[[Line], bool]:
    return lambda line: any(holder[number] == name for holder in _touches(line))


class _Told:
    """A buyer's day in order, cut into rounds."""

    def __init__(self, day: BuyerDay) -> None:
        self.day = day
        self.lines = sorted(day.lines, key=lambda line: (line.at, line.sort not in ("question", "own"), line.seq))
        self.rounds = list(_rounds(self.lines))
        self.asked = [line for line in self.lines if line.sort == "question"]
        self.apart = self._apart()

    def _apart(self) -> str:
        """Why this is nobody's reception; empty if it is one."""
        if not self.asked:
            if any(line.sort == "own" for line in self.lines):
                return "own_accounts"
            return "" if self.day.carried else "one_way"
        return "ads" if all(line.ad for line in self.asked) else ""

    def pieces(self, view: View) -> Iterator[Piece]:
        mine = [line for line in self.lines if view.says(line)]
        yield from self._moves(view)
        if mine:
            yield from self._messages(view, mine)
            yield self._person(view, mine)
            if not self.apart:
                yield from (Piece(hour_of(one.opening.at), self._round(view, one)) for one in self._own(view))

    def _own(self, view: View) -> list[Round]:
        """The rounds that are this subject's."""
        if view.number is None:
            return [one for one in self.rounds if view.says(one.opening)]
        return [one for one in self.rounds if view.is_of(_whose(one))]

    def _person(self, view: View, mine: list[Line]) -> Piece:
        counts = {"consulted": 1}
        written = [line for line in mine if line.sort == "person"]
        if self.apart:
            counts[self.apart] = 1
        elif written or not self._is_gone(view):
            unanswered = self._is_unanswered(mine, written)
            counts |= {
                "received": 1,
                "transferred_in": self._came_by_transfer(view),
                "unanswered": unanswered,
                "machine_only": unanswered and self._machine_spoke(),
                **self._length(mine),
                **self._pace(view),
            }
        return Piece(hour_of(mine[0].at), counts)

    def _is_unanswered(self, mine: list[Line], written: list[Line]) -> bool:
        """Whether there was a question here, and no person of the subject wrote anything from the first one on."""
        asked = next((line for line in mine if line.sort == "question"), None)
        return asked is not None and not any(line.at >= asked.at for line in written)

    def _machine_spoke(self) -> bool:
        return bool(self.asked) and any(line.sort == "machine" and line.at >= self.asked[0].at for line in self.lines)

    def _length(self, mine: list[Line]) -> Counts:
        spoken = [line.at for line in mine if line.sort in ("question", "own", "person")]
        length = spoken[-1] - spoken[0] if spoken else 0
        is_long = length > self.day.limits.long_ms
        return {"reception_ms": length, "reception_squares": square(length), "long": is_long}

    def _pace(self, view: View) -> Counts:
        waits = [wait for one in self._own(view) if (wait := _wait(one, view.by)) is not None]
        if not waits:
            return {}
        is_slow = sum(waits) > self.day.limits.slow_ms * len(waits)
        return {"first_replies": 1, "first_ms": waits[0], "first_squares": square(waits[0]), "slow": is_slow}

    def _round(self, view: View, one: Round) -> Counts:
        wait = _wait(one, view.by)
        if wait is None:
            return {"rounds": 1}
        soon = wait <= SOON_MS
        return {"rounds": 1, "replies": 1, "reply_ms": wait, "reply_squares": square(wait), "within_30s": soon}

    def _messages(self, view: View, mine: list[Line]) -> Iterator[Piece]:
        for line in mine:
            hour = hour_of(line.at)
            match line.sort:
                case "question" if not self.apart and self._is_first(view, line):
                    yield Piece(hour, {"buyer_messages": 1})
                case "person" if not self.apart:
                    yield Piece(hour, {"agent_messages": 1, "holds": line.hold})
                case "machine":
                    yield Piece(hour, {"machine_messages": 1, "machine_holds": line.hold})
                case "unknown":
                    yield Piece(hour, {"unknown_messages": 1})
                case _:
                    pass

    def _is_first(self, view: View, line: Line) -> bool:
        """A question counts once in each dimension: for the list on which it stood first."""
        return view.number is None or view.is_of(line.lists[0])

    # --- moves

    def _moves(self, view: View) -> Iterator[Piece]:
        left = False
        for move in self.day.moves:
            if isinstance(move, Departure) and _leaves(view, move):
                counts = {"transfers": 1, "transfers_unanswered": move.unanswered, "transferred_out": not left}
                left = True
                yield Piece(hour_of(move.at), counts)

    def _is_gone(self, view: View) -> bool:
        """Whether the subject gave the buyer away last, and has them no more."""
        gone = False
        for move in self.day.moves:
            if isinstance(move, Departure):
                gone = gone or _leaves(view, move)
            elif view.is_of(move.who):
                gone = False
        return gone and view.number is not None

    def _came_by_transfer(self, view: View) -> bool:
        arrivals = [move for move in self.day.moves if isinstance(move, Arrival) and _arrives(view, move)]
        if view.number is not None:
            return bool(arrivals) and arrivals[0].came is not None
        return any(move.came is not None and move.came.seat != move.who.seat for move in arrivals)


def _leaves(view: View, move: Departure) -> bool:
    if view.number is None:
        return view.by == "shop" or move.group == view.name
    return view.is_of(move.who) and not view.is_of(move.to)


def _arrives(view: View, move: Arrival) -> bool:
    if view.number is None:
        return view.by == "shop" or move.group == view.name
    return view.is_of(move.who) and not view.is_of(move.came)


def _rounds(lines: list[Line]) -> Iterator[Round]:
    opening = last = None
    for line in lines:
        if line.sort == "question":
            opening, last = opening or line, line
        elif line.sort == "person" and opening is not None and last is not None:
            yield Round(opening, last, line)
            opening = last = None
    if opening is not None and last is not None:
        yield Round(opening, last, None)


def _whose(one: Round) -> Holder | None:
    return one.answer.who if one.answer is not None else one.last.owner


def _wait(one: Round, by: By) -> int | None:
    """How long the question waited by the clock of this dimension; None if nobody answered."""
    if one.answer is None:
        return None
    entered = one.answer.entered.get(by, one.opening.at)
    return max(0, one.answer.at - max(one.opening.at, entered))
