"""apply, for buyers on their way from one seat to another: what was asked, kept free, advised and withheld."""

from relay.domain import facts as f
from relay.domain.lists import drop_transfer, let_go, past_of
from relay.domain.model import Conversation, DeskState, Past, Transfer
from relay.domain.names import Millis


def platform_placed(state: DeskState, fact: f.PlatformPlaced) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None:
        note_placed(conv, fact.sent_at, fact.at)
    if fact.transfer:  # who comes from another seat was received there: nobody greets them again
        past = past_of(conv, fact.at) if conv is not None else _past(state, fact)
        past.notices["greeting"] = fact.at


def _past(state: DeskState, fact: f.PlatformPlaced) -> Past:
    return state.past.setdefault((fact.shop, fact.buyer), Past(None, fact.at))


def note_placed(conv: Conversation, sent_at: Millis, at: Millis) -> None:
    """The platform said where the buyer is; the newest word by its own time counts, none from the future."""
    said_at = min(sent_at, at)
    conv.placed_at = said_at if conv.placed_at is None else max(conv.placed_at, said_at)


def transfer_requested(state: DeskState, fact: f.TransferRequested) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.transfer = Transfer(fact.transfer, fact.to, fact.reason, fact.attempt)
    state.transfers[fact.transfer] = conv.key
    state.seats[fact.to].expected[conv.key] = None


def transfer_ended(state: DeskState, fact: f.TransferEnded) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    assert conv.transfer is not None
    if fact.retry_at is not None:
        conv.transfer.retry_at = fact.retry_at
        return
    reason = conv.transfer.reason
    drop_transfer(state, conv)
    if fact.outcome == "confirmed":
        conv.moved_at = fact.at
    else:
        conv.moves += reason == "rescue"
        let_go(state, conv)


def move_advised(state: DeskState, fact: f.MoveAdvised) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    if conv.round is not None:  # for a debt it is said once, by its rung
        conv.stays_on = fact.seat


def move_withheld(state: DeskState, fact: f.MoveWithheld) -> None:
    """Only what would be withheld again at once is remembered; that nobody was there, or was answering, passes."""
    conv = state.conversations[fact.shop, fact.buyer]
    if fact.why == "answer_first":
        conv.stays_on, conv.guarded_until = fact.seat, fact.until
    elif fact.why == "bounced" and conv.round is not None and state.shops[fact.shop].placement != "relay":
        conv.stays_on = fact.seat


def guard_lifted(state: DeskState, fact: f.GuardLifted) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.stays_on = conv.guarded_until = None
