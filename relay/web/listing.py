"""The fresh list: everything a scope may see, as of now, in parts that a line can carry.

What the frames say is taken at once; they are encoded as they are sent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from relay.domain.model import Conversation, DeskState, Key, Round
from relay.domain.names import Millis
from relay.web import frames as w
from relay.web.book import Book
from relay.web.gate import Scope
from relay.web.promised import seen_by
from relay.web.quick import reply_info
from relay.web.seating import seats_now
from relay.web.telling import NEWEST, alert_now, conversation_of

PART_BYTES: Final = 128 * 1024
MANY: Final = 500
"""Above so many conversations a list brings only `FEW` messages of each; `history` has the rest."""
FEW: Final = 3
Item = w.OwedAnswer | w.FollowUp | w.Conversation | w.WaitingBuyer


def list_frames(book: Book, scope: Scope, keys: Sequence[Key], note: str, now: Millis) -> Iterator[bytes]:
    """The frames of a list of these conversations."""
    newest, state = NEWEST if len(keys) <= MANY else FEW, book.state
    found = [state.conversations[key] for key in keys]
    conversations = [conversation_of(book, conv, newest, now) for conv in found]
    waiting, late = unanswered(found, now)
    head = w.List(
        seq=state.seq,
        server_now=now,
        note=note,
        part=0,
        more=False,
        shops=scope.shops,
        seats=seats_now(state, scope),
        replies=_replies(state, scope),
        conversations=[],
        overnight=overnight_buyers(found),
        alerts=[
            w.ShopAlert(one.shop, alert_now(one))
            for one in state.alerts.open.values()
            if one.shop in scope.all_of and (one.buyer is None or (one.shop, one.buyer) not in state.conversations)
        ],
    )
    items: dict[str, Sequence[Item]] = {
        "waiting": waiting,
        "late": late,
        "debts": owed_answers(found),
        "follow_ups": [book.promised.told(one) for one in seen_by(state, scope)],
        "conversations": conversations,
    }
    return _parts(head, items)


def unanswered(conversations: Iterable[Conversation], now: Millis) -> tuple[list[w.WaitingBuyer], list[w.WaitingBuyer]]:
    """Those of them who wait for an answer and are not overnight buyers: who can still be answered in time, by the
    seconds left, and who cannot, the oldest first.
    """
    asked = [(conv, conv.round) for conv in conversations if conv.round is not None]
    found = [_waiting(conv, round_) for conv, round_ in asked if not round_.overnight]
    savable = [one for one in found if one.due_at is None or one.due_at > now]
    late = [one for one in found if one.due_at is not None and one.due_at <= now]
    last = Millis(1 << 60)
    savable.sort(key=lambda one: (one.due_at if one.due_at is not None else last, one.opened_at, one.shop, one.buyer))
    late.sort(key=lambda one: (one.opened_at, one.shop, one.buyer))
    return savable, late


def _waiting(conv: Conversation, round_: Round) -> w.WaitingBuyer:
    return w.WaitingBuyer(
        shop=conv.shop,
        buyer=conv.buyer,
        seat=conv.seat,
        queued=conv.queued_at is not None,
        opened_at=round_.opened_at,
        due_at=round_.deadline,
        clock="rule" if round_.due_at is not None else "service",
        questions=len(round_.questions),
    )


def owed_answers(conversations: Iterable[Conversation]) -> list[w.OwedAnswer]:
    """Those of them that are owed an answer, the oldest first."""
    found = [
        w.OwedAnswer(conv.shop, conv.buyer, conv.seat, conv.debt.since, conv.debt.remind_at, conv.debt.times)
        for conv in conversations
        if conv.debt is not None
    ]
    return sorted(found, key=lambda one: (one.since, one.shop, one.buyer))


def overnight_buyers(conversations: Iterable[Conversation]) -> list[w.OvernightBuyer]:
    """Those of them who wrote outside the assessed hours and are unanswered: whose clock begins first first."""
    found = [
        w.OvernightBuyer(
            conv.shop,
            conv.buyer,
            conv.seat,
            conv.round.opened_at,
            conv.round.service_from,
            conv.round.service_due_at,
        )
        for conv in conversations
        if conv.round is not None and conv.round.overnight
        if conv.round.service_from is not None and conv.round.service_due_at is not None
    ]
    return sorted(found, key=lambda one: (one.service_from, one.opened_at, one.shop, one.buyer))


def keys_of(state: DeskState, scope: Scope) -> list[Key]:
    """The open conversations that this scope sees."""
    if scope.all_of:
        return [conv.key for conv in state.conversations.values() if scope.sees(conv.shop, conv.seat)]
    return [key for seat in sorted(scope.seats) for key in state.seats[seat].open]


def _replies(state: DeskState, scope: Scope) -> list[w.QuickReplyInfo]:
    return [
        reply_info(reply)
        for reply in state.replies.values()
        if not reply.stopped and (not reply.shops or not scope.some_of.isdisjoint(reply.shops))
    ]


def _parts(head: w.List, items: Mapping[str, Sequence[Item]]) -> Iterator[bytes]:
    """The list in parts that a line can carry, one sort of items after the other."""
    part: dict[str, list[msgspec.Raw]] = {name: [] for name in items}
    size = 0
    for name, ones in items.items():
        for one in ones:
            data = w.encode(one)
            if size and size + len(data) > PART_BYTES:
                yield w.encode(msgspec.structs.replace(head, more=True, **part))
                head = msgspec.structs.replace(head, part=head.part + 1, shops=(), seats=[], replies=[], overnight=[])
                part, size = {name: [] for name in items}, 0
            part[name].append(msgspec.Raw(data))
            size += len(data)
    yield w.encode(msgspec.structs.replace(head, **part))
