"""One step of a desk: the instant, the facts it has left so far, and the state they have already changed.

The first fact of a step is its observation; every later one is derived and names it as its cause. A step that must be
refused raises before its first fact, so that a refusal changes nothing.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain.apply import apply
from relay.domain.guiding import GuidingRule, GuidingRules
from relay.domain.lanes import Lanes
from relay.domain.model import Conversation, DeskState, Key, ShopState
from relay.domain.names import BuyerRef, Millis, SeatId, ShopId
from relay.domain.ranking import Ranking
from relay.domain.refusal import Refusal
from relay.domain.settings import Shop
from relay.domain.turns import Turns, event_turned, turned

MAKES_ROOM: Final = frozenset(
    {
        f.ConversationClosed,
        f.PresenceSet,
        f.OfficeTaken,
        f.ShiftTurned,
        f.Assigned,
        f.Queued,
        f.ChannelConnected,
        f.Grouped,
        f.GroupRelaxed,
        f.WaitEnded,
        f.DebtClosed,
        f.FlappingEnded,
        f.TransferEnded,
        f.GuardLifted,
        f.EventTurned,
    }
)


class Step:
    """What the deciding functions work on. `touched`: the conversations and seats whose next due may have moved."""

    __slots__ = ("_rules", "_turns", "at", "cause", "facts", "lanes", "ranking", "room", "state", "touched")

    def __init__(
        self, state: DeskState, ranking: Ranking, lanes: Lanes, turns: Turns, at: Millis, rules: "RuleBook"
    ) -> None:
        self.state, self.ranking, self.lanes, self.at, self._rules = state, ranking, lanes, at, rules
        self._turns = turns
        self.facts: list[f.DeskFact] = []
        self.cause = 0
        self.room = False
        self.touched: dict[Key | SeatId, None] = {}

    def emit(self, fact: f.DeskFact) -> int:
        """Leave a fact and apply it; returns its seq. The first of a step becomes the cause of the rest.

        After the first, the shops and seats that are to turn by now do, so that the step decides as of its own instant.
        """
        self.facts.append(fact)
        apply(self.state, fact)
        self.ranking.note(self.state, fact)
        self.lanes.note(self.state, fact)
        self._turns.note(self.state, fact)
        if type(fact) in MAKES_ROOM:
            self.room = True
        seq = self.state.seq
        if self.cause == 0:
            self.cause = seq
            while (shop := self._turns.take_event(self.state, self.at)) is not None:
                self.turn_event(shop)
            while (seat := self._turns.take(self.state, self.at)) is not None:
                self.turn(seat)
        return seq

    def turn(self, seat_id: SeatId) -> None:
        """Say how this seat stands now, if the state has it otherwise: its flapping and its shift may end at once."""
        while (fact := turned(self.state, self.state.seats[seat_id], self.at, self.cause)) is not None:
            self.touched[seat_id] = None
            self.emit(fact)

    def turn_event(self, shop_id: ShopId) -> None:
        """Say which event is on in this shop, if the state has it otherwise. It moves whatever is due there."""
        fact = event_turned(self.state, self.state.shops[shop_id], self.at, self.cause)
        if fact is not None:
            self.touched |= dict.fromkeys(key for key in self.state.conversations if key[0] == shop_id)
            self.touched |= dict.fromkeys(self.state.shops[shop_id].seats)
            self.emit(fact)

    def touch(self, conv: Conversation) -> None:
        self.touched[conv.key] = None

    def shop(self, shop: ShopId) -> ShopState:
        found = self.state.shops.get(shop)
        if found is None:
            raise Refusal("unknown_shop")
        return found

    def conversation(self, shop: ShopId, buyer: BuyerRef) -> Conversation:
        found = self.state.conversations.get((shop, buyer))
        if found is None:
            raise Refusal("unknown_conversation")
        return found

    def account(self, seat: SeatId | None) -> str | None:
        """What the platform calls this seat; None for none, or one that is no more."""
        known = self.state.seats.get(seat) if seat is not None else None
        return known.account if known is not None else None

    def rule(self, shop: ShopId) -> GuidingRule:
        return self._rules.of(self.state.shops[shop])


class RuleBook:
    """The guiding rule of each shop, built once per rule and options."""

    __slots__ = ("_build", "_built", "_of")

    def __init__(self, build: GuidingRules) -> None:
        self._build = build
        self._built: dict[tuple[str, tuple[tuple[str, str], ...]], GuidingRule] = {}
        self._of: dict[ShopId, tuple[Shop, GuidingRule]] = {}
        """The rule found last for each shop, under the very settings for which it was."""

    def of(self, shop: ShopState) -> GuidingRule:
        setting = shop.setting
        last = self._of.get(setting.id)
        if last is not None and last[0] is setting:
            return last[1]
        key = (setting.rule, tuple(sorted(setting.rule_options.items())))
        found = self._built.get(key)
        if found is None:
            found = self._built[key] = self._build(setting.rule, setting.rule_options)
        self._of[setting.id] = setting, found
        return found
