"""The machine's one reply near the deadline: whether, and which approved text (L7, L8).

It is decided in the same step as its intent, against the round and the buyer's last message; the same conditions are
asked again at `sending`. Every silence has a named reason on the ledger.

Where it only records (`shadow`) it is decided by the same conditions, over what it would have said and would owe, and
also where relay only watches: nothing leaves there either way.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain.confirming import mode_of
from relay.domain.due import TYPING_LEASE_MS, last_call_ms
from relay.domain.holding import obstacle_to_hold
from relay.domain.lanes import Lanes
from relay.domain.marks import day_of, message_id
from relay.domain.model import Conversation, DeskState, Send
from relay.domain.names import Millis
from relay.domain.notices import obstacle_to_notice
from relay.domain.rounds import SILENT_TAGS
from relay.domain.saying import supposed_lately, was_said, was_supposed
from relay.domain.settings import QuickReply
from relay.domain.step import Step
from relay.domain.wording import can_fill, filling_of, in_scope, still_true

MOST_A_DAY: Final = 2
"""To one buyer, whatever the shop's setting says: holding words that come again and again answer nobody."""


def decide_hold(step: Step, conv: Conversation) -> None:
    """At the `hold` rung of the ladder: intend the reply, record what would have been sent, or say why not."""
    assert conv.round is not None
    mode = mode_of(step.state.shops[conv.shop].setting)
    why = _obstacle_to_deciding(step, conv)
    chosen = None if why is not None else choose_reply(step, conv)
    if why is None and chosen is None:
        why = "no_approved_reply"
    if why is None and mode == "suggest":
        why = "suggest"
    if why is not None:
        step.emit(
            f.HoldWithheld(at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, why=why, seat=conv.seat)
        )
        return
    assert chosen is not None
    assert chosen.approved_by is not None
    assert conv.round.due_at is not None
    step.emit(
        f.HoldIntended(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            reply=chosen.id,
            version=chosen.version,
            approved_by=chosen.approved_by,
            office_seq=step.state.office_seq,
            round_at=conv.round.opened_at,
            last_message=message_id(conv.last_message),
            due_at=conv.round.due_at,
            seat=conv.seat,
            shadow=mode == "shadow",
            filling=filling_of(step.state, step.lanes, conv, step.at, chosen.text),
        )
    )


def choose_reply(step: Step, conv: Conversation) -> QuickReply | None:
    """The hold that would be sent now."""
    return best_hold(step.state, step.lanes, conv, step.at)


def best_hold(state: DeskState, lanes: Lanes, conv: Conversation, at: Millis) -> QuickReply | None:
    """An approved hold of this shop whose slots can be filled and whose words this buyer has not had within a day.

    One that names the buyer's goods, topic or group comes before one for all; by id for the rest. While an event names
    the holds it is among those.
    """
    among = state.shops[conv.shop].holds
    only_records = mode_of(state.shops[conv.shop].setting) == "shadow"
    for reply in in_scope(state.replies.values(), "hold", conv, at):
        said = was_said(conv.past, reply, at) or (only_records and was_supposed(conv.past, reply, at))
        allowed = (among is None or reply.id in among) and not said
        if allowed and can_fill(state, lanes, conv, at, reply.text):
            return reply
    return None


def obstacle_to_sending(step: Step, conv: Conversation, send: Send) -> str | None:
    """Why an intended text must not go now; None if it may. Of a person's texts only a hold by key is asked again."""
    if not send.machine:
        return obstacle_to_hold(step, conv, send) if send.question else None
    if send.notice is not None:
        return obstacle_to_notice(step, conv, send)
    reply = step.state.replies.get(send.reply) if send.reply is not None else None
    if conv.round is None:
        return "answered"
    if conv.last_message != send.last_message:
        return "buyer_wrote"
    if conv.round.opened_at != send.round_at:
        return "round_moved"
    if mode_of(step.state.shops[conv.shop].setting) != "assist":
        return "stopped"
    if conv.debt is not None and send.id not in conv.debt.holds:
        return "debt_open"
    if _is_typing(step, conv):
        return "typing"
    if reply is None or reply.version != send.version or not reply.usable(conv.shop, step.at):
        return "reply_withdrawn"
    if not reply.serves(conv.group):
        return "group_changed"
    among = step.state.shops[conv.shop].holds
    if among is not None and reply.id not in among:
        return "reply_withdrawn"
    if send.attempt == 0:
        if was_said(conv.past, reply, step.at):
            return "same_words"
        if _is_limit_reached(step, conv):
            return "daily_limit"
    if not still_true(step.state, step.lanes, conv, step.at, send):
        return "no_longer_true"
    return _obstacle(step, conv)


def _is_limit_reached(step: Step, conv: Conversation) -> bool:
    past = conv.past
    today = past.holds if past is not None and past.hold_day == day_of(step.at) else 0
    if _only_records(step, conv):
        today += sum(day_of(at) == day_of(step.at) for at, _ in supposed_lately(past, step.at))
    return today >= min(step.state.shops[conv.shop].setting.holds_per_day, MOST_A_DAY)


def _only_records(step: Step, conv: Conversation) -> bool:
    return mode_of(step.state.shops[conv.shop].setting) == "shadow"


def _is_typing(step: Step, conv: Conversation) -> bool:
    """Whether a person typed within the lease, and there is still time to wait for them."""
    assert conv.round is not None
    if conv.typed_at is None or conv.round.due_at is None:
        return False
    return step.at < min(conv.typed_at + TYPING_LEASE_MS, conv.round.due_at - last_call_ms(step.state.shops[conv.shop]))


def _obstacle_to_deciding(step: Step, conv: Conversation) -> str | None:
    assert conv.round is not None
    if conv.round.machine:
        return "used"
    if conv.debt is not None or (
        _only_records(step, conv) and conv.past is not None and conv.past.would_owe is not None
    ):
        return "debt_open"
    if any(one.machine and one.notice is None for one in (step.state.sends[send] for send in conv.sends)):
        return "machine_reply_on_its_way"
    if _is_limit_reached(step, conv):
        return "daily_limit"
    return _obstacle(step, conv)


def _obstacle(step: Step, conv: Conversation) -> str | None:
    """What forbids both deciding and sending."""
    assert conv.round is not None
    shop, due_at = step.state.shops[conv.shop], conv.round.due_at
    if conv.last_tone in ("thanks", "acknowledgement"):
        return "thanks"
    if conv.last_tag in SILENT_TAGS:
        return SILENT_TAGS[conv.last_tag]
    if shop.setting.stopped or shop.setting.assist == "off":
        return "stopped"
    if shop.placement == "observe" and not _only_records(step, conv):
        return "observe"
    if not shop.connected:
        return "channel_lost"
    if shop.silent:
        return "channel_silent"
    if shop.has_gap(step.at):
        return "gap"
    if due_at is None or step.at >= due_at:
        return "deadline_passed"
    if step.at > due_at - shop.sending_ms:
        return "too_late_to_arrive"
    if any(not step.state.sends[send].machine for send in conv.sends):
        return "answer_on_its_way"
    return None
