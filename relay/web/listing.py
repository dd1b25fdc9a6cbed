"""The fresh list: everything a scope may see, as of now, in parts that a line can carry.

What the frames say is taken at once; they are encoded as they are sent.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from relay.domain.estimate import estimate
from relay.domain.lanes import Lanes
from relay.domain.model import Conversation, DeskState, Key
from relay.domain.names import Millis
from relay.web import frames as w
from relay.web.gate import Scope
from relay.web.telling import NEWEST, alert_now, conversation_of, reply_info
from relay.web.threads import Threads

PART_BYTES: Final = 128 * 1024
MANY: Final = 500
"""Above so many conversations a list brings only `FEW` messages of each; `history` has the rest."""
FEW: Final = 3


def list_frames(
    state: DeskState, threads: Threads, lanes: Lanes, scope: Scope, keys: Sequence[Key], note: str, now: Millis
) -> Iterator[bytes]:
    """The frames of a list of these conversations."""
    newest = NEWEST if len(keys) <= MANY else FEW
    found = [state.conversations[key] for key in keys]
    conversations = [
        conversation_of(state, conv, threads.get(conv.key), newest, estimate(state, lanes, conv, now)) for conv in found
    ]
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
            for one in (state.alerts.open[name] for name in state.alerts.of_shop.values())
            if one.shop in scope.all_of
        ],
    )
    return _parts(head, conversations)


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


def seats_now(state: DeskState, scope: Scope) -> list[w.SeatNow]:
    """The seats that this scope sees, with what changes by the minute."""
    now = []
    for info in scope.visible:
        seat = state.seats[info.seat]
        given = {name: getattr(info, name) for name in info.__struct_fields__}
        now.append(
            w.SeatNow(
                **given,
                presence=seat.presence,
                shift_on=seat.shift_on,
                open=len(seat.open),
                draining=seat.draining,
                flapping=seat.flapping_until is not None,
            )
        )
    return now


def _replies(state: DeskState, scope: Scope) -> list[w.QuickReplyInfo]:
    return [
        reply_info(reply)
        for reply in state.replies.values()
        if not reply.stopped and (not reply.shops or not scope.some_of.isdisjoint(reply.shops))
    ]


def _parts(head: w.List, conversations: list[w.Conversation]) -> Iterator[bytes]:
    """The list in parts that a line can carry."""
    part: list[msgspec.Raw] = []
    size = 0
    for conversation in conversations:
        data = w.encode(conversation)
        if part and size + len(data) > PART_BYTES:
            yield w.encode(msgspec.structs.replace(head, more=True, conversations=part))
            head = msgspec.structs.replace(head, part=head.part + 1, shops=(), seats=[], replies=[], overnight=[])
            part, size = [], 0
        part.append(msgspec.Raw(data))
        size += len(data)
    yield w.encode(msgspec.structs.replace(head, conversations=part))
