"""effects_of(fact): what must now be done outside, read off the fact alone. Effects name refs, never text or address.

A *once* effect (Deliver) follows its own committed `sending` and is never issued again; the others are repeatable and
are issued again from the state after a restart (`pending`).
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from relay.domain import facts as f
from relay.domain.marks import day_of, send_id
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, Millis, ReplyId, SeatId, SendId, ShopId, TransferId
from relay.domain.rounds import CALLS_SUPERVISOR, SILENT_TAGS, asks, silent_tag


class Prepare(msgspec.Struct, frozen=True):
    """Ask the desk for the `sending` of this intent. With `filling`, the slots of its text are filled in first."""

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    reply: ReplyId | None = None
    version: int | None = None
    filling: f.Filling | None = None


class Deliver(msgspec.Struct, frozen=True):
    """Once: hand the text to the channel. It is content of the intent's fact, or the named version of a quick reply; or
    content of the fact `filled`, where the slots of that version were filled in.
    """

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    machine: bool
    reply: ReplyId | None
    version: int | None
    filled: int | None = None


class Transfer(msgspec.Struct, frozen=True):
    """Ask the platform to move the buyer to this account. Repeatable: twice to the same target is once."""

    transfer: TransferId
    shop: ShopId
    buyer: BuyerRef
    account: str
    from_account: str | None


class Alert(msgspec.Struct, frozen=True):
    """Tell the supervisors of a shop; the key makes it one alert however often it is issued."""

    key: str
    shop: ShopId
    what: str
    buyer: BuyerRef | None = None
    round_at: Millis | None = None
    due_at: Millis | None = None


OF_NO_CONSEQUENCE = frozenset({"closed", "placed_elsewhere", "placement_changed"})
"""Why a transfer may end without an outcome that anybody must look into."""
Effect = Prepare | Deliver | Transfer | Alert


def effects_of(seq: int, fact: f.AnyFact) -> tuple[Effect, ...]:
    """What this committed fact asks for; the commonest ask for nothing, and none for two things."""
    row = _TABLE.get(type(fact))
    effect = row(seq, fact) if row is not None else None
    return (effect,) if effect is not None else ()


def alert_of(seq: int, fact: f.AnyFact) -> Alert | None:
    """The same, of the alerts alone."""
    row = _ALERTS.get(type(fact))
    return row(seq, fact) if row is not None else None


def pending(state: DeskState) -> tuple[Prepare | Transfer | Alert, ...]:
    """After a restart: the intents that still wait for their `sending`, the transfers without an outcome, and the
    unknowns that nobody has looked at."""
    prepare = [
        Prepare(send.id, send.shop, send.buyer, send.reply, send.version, send.filling)
        for send in state.sends.values()
        if send.status == "intended"
    ]
    unknown = [_unknown(send.id, send.shop, send.buyer) for send in state.sends.values() if send.status == "unknown"]
    return (*prepare, *_transfers(state), *unknown)


def _transfers(state: DeskState) -> list[Transfer]:
    found = []
    for transfer_id, key in state.transfers.items():
        conv = state.conversations[key]
        target = state.seats.get(conv.transfer.to) if conv.transfer is not None else None
        if conv.transfer is not None and conv.transfer.retry_at is None and target is not None:
            source = state.seats.get(conv.seat) if conv.seat is not None else None
            account = source.account if source is not None else None
            found.append(Transfer(transfer_id, *key, target.account, account))
    return found


# --- what is to be done


def _reply_intended(seq: int, fact: f.ReplyIntended) -> Prepare:
    return Prepare(send_id(seq), fact.shop, fact.buyer)


def _text_intended(seq: int, fact: f.HoldIntended | f.NoticeIntended) -> Prepare | None:
    if fact.shadow:
        return None
    return Prepare(send_id(seq), fact.shop, fact.buyer, fact.reply, fact.version, fact.filling)


def _requeued(_seq: int, fact: f.SendRequeued) -> Prepare:
    return Prepare(fact.send, fact.shop, fact.buyer, fact.reply, fact.version, fact.filling)


def _started(seq: int, fact: f.SendStarted) -> Deliver:
    filled = seq if fact.digest else None
    return Deliver(fact.send, fact.shop, fact.buyer, fact.seat, fact.machine, fact.reply, fact.version, filled)


def _transfer(_seq: int, fact: f.TransferRequested) -> Transfer:
    return Transfer(fact.transfer, fact.shop, fact.buyer, fact.account, fact.from_account)


# --- whom it alerts of what


def _send_ended(_seq: int, fact: f.SendEnded) -> Alert | None:
    if fact.retry_at is not None:
        return None
    if fact.outcome == "unknown":
        return _unknown(fact.send, fact.shop, fact.buyer)
    if fact.outcome == "refused":
        return Alert(f"{fact.send}:refused", fact.shop, "send_refused", fact.buyer)
    return None


def _unknown(send: SendId, shop: ShopId, buyer: BuyerRef) -> Alert:
    return Alert(f"{send}:unknown", shop, "send_unknown", buyer)


def _stepped(_seq: int, fact: f.LadderStepped) -> Alert | None:
    if "alert" not in fact.told:
        return None
    key = f"{fact.shop}:{fact.buyer}:{fact.round_at}" + (":service" if fact.clock == "service" else "")
    return Alert(key, fact.shop, "unanswered", fact.buyer, fact.round_at, fact.due_at)


def _guarded(_seq: int, fact: f.BuyerWrote) -> Alert | None:
    """A supervisor is called when it is written, not when a machine would have answered it."""
    if (fact.tag is None and fact.guard is None) or not asks(fact.kind, fact.content, fact.buyer_class):
        return None
    why = SILENT_TAGS.get(silent_tag(fact.tag, fact.guard) or "")
    return _called(fact, why) if why in CALLS_SUPERVISOR else None


def _withheld(_seq: int, fact: f.HoldWithheld) -> Alert | None:
    return _called(fact, fact.why) if fact.why in CALLS_SUPERVISOR else None


def _called(fact: f.BuyerWrote | f.HoldWithheld, why: str | None) -> Alert:
    return Alert(f"{fact.shop}:{fact.buyer}:{why}:{day_of(fact.at)}", fact.shop, why or "", fact.buyer)


def _reminded(_seq: int, fact: f.DebtReminded) -> Alert | None:
    if fact.do == "remind" and fact.seat is not None:
        return None
    return Alert(f"{fact.shop}:{fact.buyer}:debt:{fact.times}", fact.shop, "debt", fact.buyer)


def _follow_up_due(_seq: int, fact: f.FollowUpDue) -> Alert | None:
    if fact.rung != "supervisor" and fact.owner is not None:
        return None
    return Alert(f"{fact.follow_up}:{fact.due_at}:{fact.rung}", fact.shop, "follow_up_due", fact.buyer)


def _follow_up_changed(seq: int, fact: f.FollowUpChanged) -> Alert | None:
    if fact.owner is not None or fact.by is not None:
        return None
    return Alert(f"{fact.follow_up}:{seq}:ownerless", fact.shop, "follow_up_ownerless", fact.buyer)


def _transfer_ended(_seq: int, fact: f.TransferEnded) -> Alert | None:
    if fact.outcome == "confirmed" or fact.retry_at is not None or fact.why in OF_NO_CONSEQUENCE:
        return None
    return Alert(f"{fact.transfer}:{fact.outcome}", fact.shop, f"transfer_{fact.outcome}", fact.buyer)


def _advised(seq: int, fact: f.MoveAdvised) -> Alert:
    return Alert(f"{fact.shop}:{fact.buyer}:{seq}:advised", fact.shop, "move_advised", fact.buyer)


def _move_withheld(seq: int, fact: f.MoveWithheld) -> Alert:
    return Alert(f"{fact.shop}:{fact.buyer}:{seq}:{fact.why}", fact.shop, fact.why, fact.buyer)


def _lost(_seq: int, fact: f.ChannelLost) -> Alert:
    return Alert(f"{fact.shop}:lost", fact.shop, "channel_lost")


def _silent(_seq: int, fact: f.ChannelSilent) -> Alert:
    return Alert(f"{fact.shop}:silent", fact.shop, "channel_silent")


def figure_key(shop: ShopId, date: str) -> str:
    """The key of the alert that the figure of this date falls: while it is open the date is known to be told."""
    return f"{shop}:figure:{date}"


def _foreseen(_seq: int, fact: f.FigureForeseen) -> Alert | None:
    return Alert(figure_key(fact.shop, fact.date), fact.shop, "figure_falling") if fact.falling else None


def _queued(_seq: int, fact: f.Queued) -> Alert | None:
    if "full" in fact.rejected or "agent_full" in fact.rejected:
        return None
    return Alert(f"{fact.shop}:nobody", fact.shop, "nobody_online", fact.buyer)


_DOES: Final[dict[type, Callable[[int, Any], Prepare | Deliver | Transfer | None]]] = {
    f.ReplyIntended: _reply_intended,
    f.HoldIntended: _text_intended,
    f.NoticeIntended: _text_intended,
    f.SendRequeued: _requeued,
    f.SendStarted: _started,
    f.TransferRequested: _transfer,
}
_ALERTS: Final[dict[type, Callable[[int, Any], Alert | None]]] = {
    f.BuyerWrote: _guarded,
    f.ChannelLost: _lost,
    f.ChannelSilent: _silent,
    f.FollowUpChanged: _follow_up_changed,
    f.FollowUpDue: _follow_up_due,
    f.SendEnded: _send_ended,
    f.LadderStepped: _stepped,
    f.HoldWithheld: _withheld,
    f.DebtReminded: _reminded,
    f.TransferEnded: _transfer_ended,
    f.MoveAdvised: _advised,
    f.MoveWithheld: _move_withheld,
    f.Queued: _queued,
    f.FigureForeseen: _foreseen,
}
_TABLE: Final[dict[type, Callable[[int, Any], Effect | None]]] = {**_DOES, **_ALERTS}
RAISES: Final = frozenset(_ALERTS)
"""The facts that may ask for an alert."""
