"""Automatic notices (自动提示): a greeting, a word from the queue, and one truthful text after hours.

They are canned words of author kind `auto`: they answer no round under any rule, open and close no debt, and never use
up the machine's one reply (L7). Each is its own switch of the shop, whatever `assist` says; with `shadow` it is only
recorded.

Laws:
* A notice is decided at a buyer's own message that begins a round, never at a transfer; at most one a message. Closed
  hours come before the queue, and the queue before a greeting.
* Each purpose reaches a buyer once in 12 hours. The queue's may come a second time, two minutes after the first, if
  the buyer has come forward by then; after hours there is none again before the opening that the first one named.
* An after-hours text names the opening that the calendar gives, and is never sent where that is unknown.
* None in an aftersale case: the buyer's group is the aftersale group, or an answer is owed.
* A notice that is on and due leaves a fact either way, and one that ended before a byte left is due again.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain.due import TYPING_LEASE_MS
from relay.domain.estimate import estimate
from relay.domain.model import Conversation, Past, Send
from relay.domain.names import HOUR, MINUTE, Millis, ReplyId
from relay.domain.opening import is_closed, opening_at
from relay.domain.rounds import SILENT_TAGS
from relay.domain.settings import NoticePurpose, QuickReply, Shop
from relay.domain.slots import needed
from relay.domain.step import Step
from relay.domain.wording import can_fill, filling_of, in_scope, still_true

APART_MS: Final = 12 * HOUR
LATE_MS: Final = 3 * MINUTE
"""What reaches relay, or comes due, later than this, as after an outage or a sleep, is no occasion any more."""
AFTERSALE: Final = frozenset({"aftersale", "售后"})
"""What a shop may call the group of those who have bought."""


def notify(step: Step, conv: Conversation, begins_reception: bool) -> None:
    """At a message that begins a round: the notice that is due to its buyer, if one is."""
    purpose = _due(step, conv, begins_reception)
    if purpose is not None:
        _decide(step, conv, purpose)


def notify_again(step: Step, conv: Conversation) -> None:
    """Some minutes after the queue notice, for one who still waits."""
    place = _place(step, conv)
    if switch_of(step.state.shops[conv.shop].setting, "queue_notice") != "on":
        _withhold(step, conv, "queue_notice", "switched_off", again=True)
    elif conv.told_again_at is None or step.at - conv.told_again_at > LATE_MS:
        _withhold(step, conv, "queue_notice", "too_late", again=True)
    elif place is None or conv.told_place is None or place >= conv.told_place:
        _withhold(step, conv, "queue_notice", "no_better_place", again=True)
    else:
        _decide(step, conv, "queue_notice", again=True)


def switch_of(shop: Shop, purpose: NoticePurpose) -> str:
    """How the shop has set this notice."""
    return {"greeting": shop.greeting, "queue_notice": shop.queue_notice, "after_hours": shop.after_hours}[purpose]


def _due(step: Step, conv: Conversation, begins_reception: bool) -> NoticePurpose | None:
    """Which notice this is the occasion for, if the shop has it on and its time has come."""
    shop = step.state.shops[conv.shop].setting
    if "on" not in (shop.after_hours, shop.queue_notice, shop.greeting):
        return None
    purpose = _occasion(step, conv, begins_reception)
    if purpose is None or switch_of(shop, purpose) != "on":
        return None
    if conv.round is None or step.at - conv.round.opened_at > LATE_MS:
        return None
    return None if conv.past is not None and _was_told(conv.past, purpose, step.at) else purpose


def _occasion(step: Step, conv: Conversation, begins_reception: bool) -> NoticePurpose | None:
    if is_closed(step.state, conv.shop) and not _is_served(step, conv):
        return "after_hours"
    if conv.queued_at is not None:
        return "queue_notice"
    return "greeting" if begins_reception and conv.seat is not None else None


def _was_told(past: Past, purpose: NoticePurpose, at: Millis) -> bool:
    last = past.notices.get(purpose)
    if last is not None and at - last < APART_MS:
        return True
    return purpose == "after_hours" and past.night is not None and at < past.night


def _is_served(step: Step, conv: Conversation) -> bool:
    """Whether somebody who is there has the buyer, whatever the shifts say."""
    seat = step.state.seats.get(conv.seat) if conv.seat is not None else None
    return seat is not None and seat.presence == "online"


def _decide(step: Step, conv: Conversation, purpose: NoticePurpose, again: bool = False) -> None:
    opening = opening_at(step.state, conv.shop, step.at) if purpose == "after_hours" else None
    why = _obstacle_to_deciding(step, conv)
    if why is None and purpose == "after_hours" and opening is None:
        why = "opening_unknown"
    chosen = choose_notice(step, conv, purpose) if why is None else None
    if chosen is None:
        _withhold(step, conv, purpose, why or "no_approved_reply", again)
        return
    assert chosen.approved_by is not None
    shop = step.state.shops[conv.shop].setting
    step.emit(
        f.NoticeIntended(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            purpose=purpose,
            reply=chosen.id,
            version=chosen.version,
            approved_by=chosen.approved_by,
            office_seq=step.state.office_seq,
            seat=conv.seat,
            shadow=shop.assist == "shadow",
            again=again,
            place=_place(step, conv) if purpose == "queue_notice" else None,
            opening=opening,
            filling=filling_of(step.state, step.lanes, conv, step.at, chosen.text),
        )
    )
    step.touch(conv)


def _withhold(step: Step, conv: Conversation, purpose: NoticePurpose, why: str, again: bool = False) -> None:
    step.emit(
        f.NoticeWithheld(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            purpose=purpose,
            why=why,
            seat=conv.seat,
            again=again,
        )
    )
    step.touch(conv)


def choose_notice(step: Step, conv: Conversation, purpose: NoticePurpose) -> QuickReply | None:
    """An approved text of this purpose without gaps; after hours one that names the opening."""
    for reply in in_scope(step.state.replies.values(), purpose, conv, step.at):
        names_opening = purpose != "after_hours" or "opening" in needed(reply.text)
        if names_opening and can_fill(step.state, step.lanes, conv, step.at, reply.text):
            return reply
    return None


def obstacle_to_notice(step: Step, conv: Conversation, send: Send) -> str | None:
    """Why an intended notice must not go now; None if it may."""
    assert send.notice is not None
    shop, reply = step.state.shops[conv.shop].setting, step.state.replies.get(send.reply or ReplyId(""))
    if conv.round is None:
        return "answered"
    if switch_of(shop, send.notice) != "on":
        return "switched_off"
    if shop.assist == "shadow":
        return "shadow"
    if reply is None or reply.version != send.version or not reply.usable(conv.shop, step.at):
        return "reply_withdrawn"
    if not reply.serves(conv.group):
        return "group_changed"
    return _obstacle(step, conv) or _overtaken(step, conv, send)


def _overtaken(step: Step, conv: Conversation, send: Send) -> str | None:
    """What was so when it was decided, and must be so when it goes."""
    if conv.transfer is not None or conv.seat != send.seat:
        return "moved"
    if send.notice == "queue_notice" and conv.queued_at is None:
        return "left_queue"
    if send.notice == "after_hours" and opening_at(step.state, conv.shop, step.at) != send.opening:
        return "opening_changed"
    return None if still_true(step.state, step.lanes, conv, step.at, send) else "no_longer_true"


def _obstacle_to_deciding(step: Step, conv: Conversation) -> str | None:
    if conv.last_tone in ("thanks", "acknowledgement"):
        return "thanks"
    if any(step.state.sends[send].notice is not None for send in conv.sends):
        return "notice_on_its_way"
    if conv.transfer is not None:
        return "moving"
    return _obstacle(step, conv)


def _obstacle(step: Step, conv: Conversation) -> str | None:
    """What forbids both deciding and sending."""
    shop = step.state.shops[conv.shop]
    if shop.setting.stopped:
        return "stopped"
    if shop.placement == "observe":
        return "observe"
    if not shop.connected:
        return "channel_lost"
    if conv.group in AFTERSALE:
        return "aftersale"
    if conv.debt is not None:
        return "debt_open"
    if conv.last_tag in SILENT_TAGS:
        return SILENT_TAGS[conv.last_tag]
    if any(not step.state.sends[send].machine for send in conv.sends):
        return "answer_on_its_way"
    if conv.typed_at is not None and conv.typed_at <= step.at < conv.typed_at + TYPING_LEASE_MS:
        return "typing"
    return None


def _place(step: Step, conv: Conversation) -> int | None:
    queue = estimate(step.state, step.lanes, conv, step.at)
    return queue.place if queue is not None else None
