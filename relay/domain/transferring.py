"""A transfer on its way: asked of the platform, asked again, ended (L3, L4).

Laws:
* From the first request to the outcome the source is the owner and the target keeps a place; one at a time per buyer.
* Asked again is asked for the same target, so that twice is once; after `ATTEMPTS` the outcome is unknown for good, and
  only the platform's own word on where the buyer is can still move them.
* Whatever ends the wait (outcome, close, removed seat, another placement) is a fact, and the kept place is free.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.marks import transfer_id
from relay.domain.model import Conversation, SeatState
from relay.domain.names import Millis, ShopId
from relay.domain.placing import assign, note_overdrafts
from relay.domain.refusal import Refusal
from relay.domain.routing import Choice
from relay.domain.step import Step

ATTEMPTS: Final = 3
FIRST_RETRY_MS: Final = 2_000


def end_transfer(step: Step, given: i.EndTransfer) -> None:
    """The channel said what became of a transfer, or could not say."""
    key = step.state.transfers.get(given.transfer)
    conv = step.state.conversations[key] if key is not None else None
    if conv is None or conv.transfer is None or conv.transfer.retry_at is not None:
        raise Refusal("unknown_transfer")
    moved, retry_at = conv.transfer, None
    if given.retryable and given.outcome != "confirmed" and moved.attempt < ATTEMPTS:
        retry_at = Millis(step.at + FIRST_RETRY_MS * 2 ** (moved.attempt - 1))
    end(step, conv, given.outcome, given.why, retry_at)
    if given.outcome == "confirmed":
        arrive(step, conv, step.state.seats[moved.to], moved.reason)


def ask_again(step: Step, conv: Conversation) -> None:
    """The next attempt of a transfer has come due: to the same target, so that twice is once."""
    moved = conv.transfer
    assert moved is not None
    _ask(step, conv, Choice(moved.to, moved.reason), "again", moved.attempt + 1)


def end_transfers_of(step: Step, shop: ShopId, why: str) -> None:
    """Nothing is known any more of what was asked of a channel that works in another way now."""
    for key in list(step.state.transfers.values()):
        if key[0] == shop:
            end(step, step.state.conversations[key], "unknown", why)


def end_transfer_of(step: Step, conv: Conversation, why: str) -> None:
    """The conversation ends while its transfer is on its way: the kept place is free again."""
    if conv.transfer is not None:
        end(step, conv, "unknown", why)


def request(step: Step, conv: Conversation, choice: Choice, why: str) -> None:
    """Ask the platform to carry out this choice."""
    _ask(step, conv, choice, why, 1)


def _ask(step: Step, conv: Conversation, choice: Choice, why: str, attempt: int) -> None:
    assert choice.seat is not None
    step.emit(
        f.TransferRequested(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            transfer=conv.transfer.id if conv.transfer is not None else transfer_id(step.state.seq + 1),
            seat=conv.seat,
            to=choice.seat,
            account=step.account(choice.seat) or choice.seat,
            from_account=step.account(conv.seat),
            reason=choice.reason,
            why=why,
            attempt=attempt,
            winner=choice.winner,
            runner_up=choice.runner_up,
            rejected=choice.rejected,
        )
    )
    step.touch(conv)


def end(step: Step, conv: Conversation, outcome: f.TransferOutcome, why: str, retry_at: Millis | None = None) -> None:
    """What became of the transfer that is on its way; there must be one."""
    moved = conv.transfer
    assert moved is not None
    step.emit(
        f.TransferEnded(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            transfer=moved.id,
            seat=conv.seat,
            to=moved.to,
            outcome=outcome,
            why=why,
            retry_at=retry_at,
        )
    )
    step.touch(conv)


def arrive(step: Step, conv: Conversation, seat: SeatState, reason: f.AssignReason) -> None:
    """The buyer is on the target's list from now on, whatever stands there already (L4)."""
    assign(step, conv, Choice(seat.setting.id, reason))
    note_overdrafts(step, seat, "transferred")
