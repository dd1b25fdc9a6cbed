"""What a desk knows: plain mutable records that only `relay.domain.apply` changes.

Message text is never here. A conversation that is over leaves a `Past` of a few words (who served, which holds were
used), so that memory follows the open conversations and not the history.
"""

from typing import Final

import msgspec

from relay.domain.facts import Tone
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, ReplyId, SeatId, SendId, ShopId
from relay.domain.settings import Person, Placement, Presence, QuickReply, Seat, Shop

Key = tuple[ShopId, BuyerRef]
ELSEWHERE: Final = "elsewhere"
"""In a debt's holds: a hold that a person gave in another client."""


class Round(msgspec.Struct, gc=False):
    """The open round: every unanswered question as (server time, seq), earliest first.

    `done` names the rungs of the ladder that were taken; `machine` says that the machine's one reply is used (L7).
    """

    questions: list[tuple[Millis, int]]
    opened_at: Millis
    due_at: Millis | None
    done: tuple[str, ...] = ()
    machine: bool = False


class Debt(msgspec.Struct, gc=False):
    """An answer owed since a hold (L10). `holds` are those that may have reached the buyer: sends, or `elsewhere`."""

    since: Millis
    remind_at: Millis
    holds: dict[str, None]
    asked_at: Millis = Millis(0)
    times: int = 0


class Send(msgspec.Struct, gc=False):
    """A text on its way: `intended`, `sending`, `waiting` (for a retry) or `unknown`. What ended otherwise is gone.

    `doubt`: an earlier attempt had an unknown outcome, so that nothing can be claimed of the whole without evidence.
    """

    id: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    status: str
    machine: bool
    tone: Tone
    digest: str = ""
    by: PersonId | None = None
    reply: ReplyId | None = None
    version: int | None = None
    last_message: int = 0
    round_at: Millis | None = None
    due_at: Millis | None = None
    attempt: int = 0
    started_at: Millis | None = None
    doubt: bool = False
    retry_at: Millis | None = None


class Conversation(msgspec.Struct, gc=False):
    """One (shop, buyer) thread as long as it has a seat, a place in the queue, a round, a debt or a send."""

    shop: ShopId
    buyer: BuyerRef
    since: Millis
    last_at: Millis
    seat: SeatId | None = None
    queued_at: Millis | None = None
    round: Round | None = None
    debt: Debt | None = None
    sends: dict[SendId, None] = {}
    ended: dict[SendId, Send] = {}
    last_message: int = 0
    last_tone: Tone = "question"
    last_tag: str | None = None
    typed_at: Millis | None = None
    past: "Past | None" = None
    armed: Millis | None = None
    group: str = "presale"
    head_start_s: int = 0
    relaxed: int = 0
    waits_for: SeatId | None = None
    wait_until: Millis | None = None
    real_until: Millis | None = None

    @property
    def key(self) -> Key:
        return self.shop, self.buyer


class Past(msgspec.Struct, gc=False):
    """What is remembered of a buyer between receptions: who served, up to when they were answered by server time, which
    frames brought the last replies, and the machine's holds of the day.
    """

    seat: SeatId | None
    at: Millis
    hold_day: int = 0
    holds: int = 0
    last_hold: ReplyId | None = None
    answered_until: Millis | None = None
    keys: tuple[str, ...] = ()


class SeatState(msgspec.Struct):
    """A seat, its presence, and its reception list. `waiting` counts the conversations with an unanswered buyer.

    `changes` are its recent losses and returns of connection, `absent_ms` what it has spent of its grace (see
    `relay.domain.connection`); `border` is when its shift next turns.
    """

    setting: Seat
    presence: Presence = "offline"
    open: dict[Key, None] = {}
    waiting: int = 0
    last_assigned_at: Millis = Millis(0)
    grace_until: Millis | None = None
    shift_on: bool = True
    border: Millis | None = None
    overdrawn: bool = False
    armed: Millis | None = None
    draining: bool = False
    flapping_until: Millis | None = None
    changes: list[Millis] = []
    changed_at: Millis = Millis(0)
    absent_ms: int = 0

    @property
    def on_duty(self) -> bool:
        """Whether new buyers may come to it at all, as long as it has room."""
        return self.presence == "online" and self.shift_on and not self.draining and self.flapping_until is None


class ShopState(msgspec.Struct):
    setting: Shop
    connected: bool = False
    placement: Placement = "relay"
    seats: dict[SeatId, None] = {}
    queue: dict[BuyerRef, None] = {}
    savable_in_a_row: int = 0


class DeskState(msgspec.Struct):
    """All that a desk decides by. Every dict is in ledger order, so that no choice depends on hashing (L16)."""

    desk: DeskId
    seq: int = 0
    office_seq: int = 0
    epoch: int = 0
    shops: dict[ShopId, ShopState] = {}
    seats: dict[SeatId, SeatState] = {}
    persons: dict[PersonId, Person] = {}
    person_seats: dict[PersonId, dict[SeatId, None]] = {}
    replies: dict[ReplyId, QuickReply] = {}
    conversations: dict[Key, Conversation] = {}
    past: dict[Key, Past] = {}
    sends: dict[SendId, Send] = {}
    left: dict[SeatId, None] = {}
    """The seats whose shift is over and that still have unanswered buyers."""
