"""A person closes a conversation, or settles a debt: what is open is named, and ended by facts of its own (L3, L10)."""

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.answering import close_debt, void_drafts
from relay.domain.refusal import Refusal
from relay.domain.sending import answering_seat
from relay.domain.step import Step
from relay.domain.transferring import end_transfer_of


def close(step: Step, given: i.CloseConversation) -> None:
    conv = step.conversation(given.shop, given.buyer)
    answering_seat(step, conv, given.by)
    if (conv.round is not None or conv.debt is not None) and not given.reason.strip():
        raise Refusal("needs_reason")
    step.emit(
        f.ConversationClosed(
            at=step.at, shop=conv.shop, buyer=conv.buyer, seat=conv.seat, by=given.by, reason=given.reason
        )
    )
    end_transfer_of(step, conv, "closed")
    void_drafts(step, conv, "closed")
    if conv.debt is not None:
        close_debt(step, conv, "closed")
    if conv.round is not None:
        step.emit(
            f.RoundDropped(
                at=step.at,
                cause=step.cause,
                shop=conv.shop,
                buyer=conv.buyer,
                opened_at=conv.round.opened_at,
                why="closed",
                seat=conv.seat,
            )
        )


def settle(step: Step, given: i.SettleDebt) -> None:
    conv = step.conversation(given.shop, given.buyer)
    answering_seat(step, conv, given.by)
    if conv.debt is None:
        raise Refusal("no_debt")
    if not given.reason.strip():
        raise Refusal("needs_reason")
    step.emit(
        f.DebtSettled(at=step.at, shop=conv.shop, buyer=conv.buyer, by=given.by, reason=given.reason, seat=conv.seat)
    )
    close_debt(step, conv, "settled")
