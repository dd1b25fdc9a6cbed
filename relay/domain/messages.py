"""What a message does to rounds, debts and placement: the desk's answer to what the channel brings."""

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.answering import (
    move_round,
    note_answer,
    open_debt,
    open_round,
    void_drafts,
)
from relay.domain.follow_ups import offer
from relay.domain.groups import Signals, group_of
from relay.domain.guiding import is_persons
from relay.domain.lists import was_answered
from relay.domain.model import Conversation, Send
from relay.domain.moving import follow, keep_or_move
from relay.domain.names import MINUTE, Millis, SendId
from relay.domain.notices import notify
from relay.domain.placing import ensure_placed, seat_of_account
from relay.domain.rounds import asks
from relay.domain.sending import prove_send
from relay.domain.step import Step


def take_buyer_message(step: Step, given: i.TakeBuyerMessage) -> None:
    """A buyer wrote: open a round or join the open one, and see that somebody has the buyer."""
    step.shop(given.shop)
    known = step.state.conversations.get((given.shop, given.buyer))
    first_words = known is None or known.last_message == 0
    seq = step.emit(
        f.BuyerWrote(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            sent_at=given.sent_at,
            digest=given.digest,
            seat=known.seat if known else None,
            queued=given.queued or (known is not None and known.queued_at is not None),
            seen=given.seen,
            tone=given.tone,
            content=given.content,
            buyer_class=given.buyer_class,
            tag=given.tag,
            account=given.account,
            kind=given.kind,
            skew_ms=given.skew_ms,
            order_state=given.order_state,
            entry=given.entry,
            topic=given.topic,
            guard=given.guard,
            goods=given.goods,
        )
    )
    if known is not None:
        step.touch(known)
    if not asks(given.kind, given.content, given.buyer_class):
        return
    if known is not None:
        void_drafts(step, known, "buyer_wrote")
    if was_answered(step.state, given.shop, given.buyer, given.sent_at):
        return  # the platform counts it as answered; whoever has the conversation is shown it all the same
    conv = step.state.conversations[given.shop, given.buyer]
    step.touch(conv)
    if not _is_old_news(step, conv, given.sent_at):
        _follow_account(step, conv, given.account)
    begins = conv.round is None
    if begins:
        open_round(step, conv, given.sent_at, seq)
    else:
        move_round(step, conv)
    _group(step, conv, given)
    ensure_placed(step, conv)
    if begins:
        keep_or_move(step, conv)
        notify(step, conv, begins_reception=first_words and not conv.passed_on)


def _group(step: Step, conv: Conversation, given: i.TakeBuyerMessage) -> None:
    """The message may say to which group its buyer belongs, or that they must not wait as long."""
    shop = step.state.shops[conv.shop].setting
    group, head_start = group_of(
        shop, conv, Signals(given.order_state, given.entry, given.topic), promised=conv.key in step.state.promised
    )
    marks = (given.tag, given.guard)
    head_start = max([head_start, *(one.seconds for one in shop.head_starts if one.tag in marks)])
    if (group, head_start) != (conv.group, conv.head_start_s):
        step.emit(
            f.Grouped(
                at=step.at,
                cause=step.cause,
                shop=conv.shop,
                buyer=conv.buyer,
                group=group,
                head_start_s=head_start,
                seat=conv.seat,
            )
        )


def take_shop_message(step: Step, given: i.TakeShopMessage) -> None:
    """A merchant-side text was seen: proof of our own send, or an answer from elsewhere."""
    step.shop(given.shop)
    conv = step.state.conversations.get((given.shop, given.buyer))
    seat = seat_of_account(step, given.shop, given.account)
    own = _own_send(step, conv, given.echo_of)
    step.emit(
        f.ShopWrote(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            sent_at=given.sent_at,
            digest=given.digest,
            author=given.author,
            account=given.account,
            seat=(conv.seat if conv else None) or (seat.setting.id if seat else None),
            seen=given.seen,
            tone=given.tone,
            content=given.content,
            echo_of=given.echo_of,
            skew_ms=given.skew_ms,
            answers=given.echo_of is None and not given.unsure and step.rule(given.shop).answers(given.author),
            promise=given.promise,
            by_platform=given.by_platform,
            unsure=given.unsure,
        )
    )
    if conv is not None:
        step.touch(conv)
    if own is not None:
        prove_send(step, own, given.sent_at)
    elif given.echo_of is None and not given.unsure:
        if _promises(conv, given):
            open_debt(step, given.shop, given.buyer, None, given.sent_at)
            conv = step.state.conversations[given.shop, given.buyer]
            ensure_placed(step, conv)
        if conv is not None:
            note_answer(step, conv, given.sent_at, given.author, given.tone, given.account)
            if is_persons(given.author) and given.tone == "answer":
                writer = seat.setting if seat is not None else None
                offer(step, conv, given.promise, writer.agent if writer else None, writer.id if writer else conv.seat)


def _promises(conv: Conversation | None, given: i.TakeShopMessage) -> bool:
    """Whether a person's hold opens a debt here: not if it arrives after the real answer that followed it."""
    if not is_persons(given.author) or given.tone != "hold":
        return False
    return conv is None or (conv.debt is None and given.sent_at >= (conv.real_until or 0))


def take_recall(step: Step, given: i.TakeRecall) -> None:
    """A message was withdrawn: an unanswered question that is gone may move the clock or end the round."""
    step.shop(given.shop)
    conv = step.state.conversations.get((given.shop, given.buyer))
    step.emit(
        f.MessageRecalled(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            message=given.message,
            sent_at=given.sent_at,
            seat=conv.seat if conv else None,
        )
    )
    if conv is None or conv.round is None:
        return
    step.touch(conv)
    void_drafts(step, conv, "recalled")
    if not conv.round.questions:
        step.emit(
            f.RoundDropped(
                at=step.at,
                cause=step.cause,
                shop=conv.shop,
                buyer=conv.buyer,
                opened_at=conv.round.opened_at,
                why="recall",
                seat=conv.seat,
            )
        )
    else:
        move_round(step, conv, "recall")


def take_placement(step: Step, given: i.TakePlacement) -> None:
    """The platform placed or moved the buyer; where relay does not place, its own picture follows."""
    shop = step.shop(given.shop)
    seat = seat_of_account(step, given.shop, given.account)
    step.emit(
        f.PlatformPlaced(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            sent_at=given.sent_at,
            account=given.account,
            seat=seat.setting.id if seat else None,
            from_account=given.from_account,
            transfer=given.transfer,
            skew_ms=given.skew_ms,
        )
    )
    known = step.state.conversations.get((given.shop, given.buyer))
    if seat is not None and shop.placement != "relay" and not (known and _is_old_news(step, known, given.sent_at)):
        follow(step, given.shop, given.buyer, seat)


def _own_send(step: Step, conv: Conversation | None, echo_of: SendId | None) -> Send | None:
    """Our own send that this echo proves, also one that the channel had refused before."""
    if echo_of is None:
        return None
    return step.state.sends.get(echo_of) or (conv.ended.get(echo_of) if conv is not None else None)


def _is_old_news(step: Step, conv: Conversation, sent_at: Millis) -> bool:
    """Whether a word on where the buyer is, of this server time, was overtaken by a newer one.

    Words of the platform are ordered by its own time. A transfer that it confirmed has relay's time alone, which may be
    wrong by any span: so that outranks what is stamped before it for a minute only.
    """
    if conv.placed_at is not None and sent_at < conv.placed_at:
        return True
    return conv.moved_at is not None and sent_at < conv.moved_at and step.at - conv.moved_at <= MINUTE


def _follow_account(step: Step, conv: Conversation, account: str | None) -> None:
    """Where relay does not place, the account that a message names has the buyer."""
    if step.state.shops[conv.shop].placement == "relay":
        return
    seat = seat_of_account(step, conv.shop, account)
    if seat is not None:
        follow(step, conv.shop, conv.buyer, seat)
