"""The facts of one desk once more, beside a picture of its state: what shadow recorded, and what it left unsaid.

Laws:
* The state is the desk's own, brought forward by `apply`; whom relay would have chosen is asked of the desk's own
  `choose`, just before the platform's word is applied.
* A placement is the platform's first word on a buyer who has no seat; where it only moves them, nothing is compared.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from relay.domain import facts as f
from relay.domain.apply import apply
from relay.domain.model import Conversation, DeskState, Key
from relay.domain.names import BuyerRef, DeskId, Millis, ReplyId, SeatId, ShopId
from relay.domain.ranking import Ranking
from relay.domain.routing import choose
from relay.domain.settings import Shop

CARRIED_MS: Final = 5_000
"""How long a text may take to arrive where nothing was ever sent, so that nothing was measured."""


class Supposed(msgspec.Struct):
    """A hold that would have gone out at `at` and been with the buyer at most `late_ms` later. `paid_at` is when a
    person really answered; `closed`: the conversation was closed over it.
    """

    seq: int
    shop: ShopId
    buyer: BuyerRef
    reply: ReplyId
    at: Millis
    late_ms: int
    round_at: Millis
    due_at: Millis
    account: str | None
    paid_at: Millis | None = None
    closed: bool = False

    @property
    def surely_in_time(self) -> bool:
        return self.at + self.late_ms <= self.due_at


class Withheld(msgspec.Struct, frozen=True):
    """The machine came to its rung and stayed silent."""

    shop: ShopId
    buyer: BuyerRef
    at: Millis
    round_at: Millis
    why: str


class Placement(msgspec.Struct):
    """The platform gave a buyer to `seat`; relay would have given them to `chosen`, None for the queue.

    `opened` and `cap` are that seat's, with this buyer. `waited_ms`: until the question was answered.
    """

    shop: ShopId
    buyer: BuyerRef
    at: Millis
    seat: SeatId
    chosen: SeatId | None
    opened: int
    cap: int
    waited_ms: int | None = None


class Lived:
    """Takes the facts in seq order."""

    def __init__(self, desk: DeskId, unmeasured_ms: int = CARRIED_MS) -> None:
        self.state = DeskState(desk)
        self.supposed: list[Supposed] = []
        self.withheld: list[Withheld] = []
        self.placements: list[Placement] = []
        self._ranking = Ranking()
        self._unmeasured_ms = unmeasured_ms
        self._owing: dict[Key, Supposed] = {}
        self._waiting: dict[Key, Placement] = {}

    @property
    def shops(self) -> Iterable[Shop]:
        """As they are set now, outside events."""
        return [shop.base for shop in self.state.shops.values()]

    def take(self, seq: int, fact: f.DeskFact) -> None:
        chosen = self._would_choose(fact) if isinstance(fact, f.Assigned) else None
        if isinstance(fact, f.HoldIntended) and fact.shadow:
            self._suppose(seq, fact)
        elif isinstance(fact, f.HoldWithheld):
            round_ = self.state.conversations[fact.shop, fact.buyer].round
            round_at = round_.opened_at if round_ is not None else fact.at
            self.withheld.append(Withheld(fact.shop, fact.buyer, fact.at, round_at, fact.why))
        apply(self.state, fact)
        self._ranking.note(self.state, fact)
        if chosen is not None and isinstance(fact, f.Assigned):
            self._place(fact, chosen[0])
        if isinstance(fact, f.RoundAnswered):
            self._answered(fact)
        if isinstance(fact, f.ShopWrote | f.SendEnded | f.ConversationClosed):
            self._pay((fact.shop, fact.buyer), fact)

    def _suppose(self, seq: int, fact: f.HoldIntended) -> None:
        seat = self.state.seats.get(fact.seat) if fact.seat is not None else None
        one = Supposed(
            seq, fact.shop, fact.buyer, fact.reply, fact.at,
            self.state.shops[fact.shop].sending_ms or self._unmeasured_ms,
            fact.round_at, fact.due_at, seat.account if seat is not None else None,
        )  # fmt: skip
        self.supposed.append(one)
        self._owing[fact.shop, fact.buyer] = one

    def _pay(self, key: Key, fact: f.DeskFact) -> None:
        """Whether the answer that would be owed to this buyer was given, or is asked for no more."""
        one, conv = self._owing.get(key), self.state.conversations.get(key)
        past = conv.past if conv is not None else self.state.past.get(key)
        if one is None or past is None or past.would_owe is not None:
            return
        del self._owing[key]
        if isinstance(fact, f.ConversationClosed):
            one.closed = True
        else:
            one.paid_at = fact.at

    def _would_choose(self, fact: f.Assigned) -> tuple[SeatId | None] | None:
        """None where there is nothing to compare."""
        if fact.reason != "platform" or fact.previous is not None:
            return None
        key = (fact.shop, fact.buyer)
        conv = self.state.conversations.get(key) or Conversation(
            fact.shop, fact.buyer, since=fact.at, last_at=fact.at, past=self.state.past.get(key)
        )
        return (choose(self.state, self._ranking, conv, fact.at).seat,)

    def _place(self, fact: f.Assigned, chosen: SeatId | None) -> None:
        seat = self.state.seats[fact.seat]
        one = Placement(fact.shop, fact.buyer, fact.at, fact.seat, chosen, len(seat.open), seat.setting.cap)
        self.placements.append(one)
        self._waiting[fact.shop, fact.buyer] = one

    def _answered(self, fact: f.RoundAnswered) -> None:
        one = self._waiting.pop((fact.shop, fact.buyer), None)
        if one is not None:
            one.waited_ms = max(0, fact.answered_at - fact.opened_at)
