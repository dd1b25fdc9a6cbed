"""effects_of(fact): what must now be done outside, read off the fact alone. Effects name refs, never text or address.

A *once* effect (Deliver) follows its own committed `sending` and is never issued again; the others are repeatable and
are issued again from the state after a restart (`pending`).
"""

from typing import Final

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
_SILENT: Final = frozenset({f.RoundOpened, f.Assigned, f.ShopWrote, f.RoundAnswered})
"""The commonest facts, which ask for nothing: told by a glance."""
RAISES: Final = frozenset(
    {
        f.BuyerWrote,
        f.ChannelLost,
        f.ChannelSilent,
        f.FollowUpChanged,
        f.FollowUpDue,
        f.SendEnded,
        f.LadderStepped,
        f.HoldWithheld,
        f.DebtReminded,
        f.TransferEnded,
        f.MoveAdvised,
        f.MoveWithheld,
        f.Queued,
    }
)
"""The facts that may ask for an alert, so that `relay.domain.apply_alerts` knows them by a glance (a test compares)."""


def effects_of(seq: int, fact: f.AnyFact) -> tuple[Effect, ...]:
    """What this committed fact asks for, in order."""
    if type(fact) in _SILENT:
        return ()
    if type(fact) is f.BuyerWrote:
        return _guarded(fact)
    match fact:
        case f.ReplyIntended():
            return (Prepare(send_id(seq), fact.shop, fact.buyer),)
        case f.HoldIntended(shadow=False) | f.NoticeIntended(shadow=False):
            return (Prepare(send_id(seq), fact.shop, fact.buyer, fact.reply, fact.version, fact.filling),)
        case f.SendRequeued():
            return (Prepare(fact.send, fact.shop, fact.buyer, fact.reply, fact.version, fact.filling),)
        case f.SendStarted():
            filled = seq if fact.digest else None
            return (
                Deliver(fact.send, fact.shop, fact.buyer, fact.seat, fact.machine, fact.reply, fact.version, filled),
            )
        case f.SendEnded(outcome="unknown", retry_at=None):
            return (_unknown(fact.send, fact.shop, fact.buyer),)
        case f.SendEnded(outcome="refused", retry_at=None):
            return (Alert(f"{fact.send}:refused", fact.shop, "send_refused", fact.buyer),)
        case f.LadderStepped() if "alert" in fact.told:
            key = f"{fact.shop}:{fact.buyer}:{fact.round_at}" + (":service" if fact.clock == "service" else "")
            return (Alert(key, fact.shop, "unanswered", fact.buyer, fact.round_at, fact.due_at),)
        case f.HoldWithheld() if fact.why in CALLS_SUPERVISOR:
            return (_called(fact, fact.why),)
        case f.DebtReminded() if fact.do != "remind" or fact.seat is None:
            return (Alert(f"{fact.shop}:{fact.buyer}:debt:{fact.times}", fact.shop, "debt", fact.buyer),)
        case f.FollowUpDue() if fact.rung == "supervisor" or fact.owner is None:
            return (Alert(f"{fact.follow_up}:{fact.due_at}:{fact.rung}", fact.shop, "follow_up_due", fact.buyer),)
        case f.FollowUpChanged(owner=None, by=None):
            return (Alert(f"{fact.follow_up}:{seq}:ownerless", fact.shop, "follow_up_ownerless", fact.buyer),)
        case f.TransferRequested():
            return (Transfer(fact.transfer, fact.shop, fact.buyer, fact.account, fact.from_account),)
        case f.TransferEnded(outcome="refused" | "unknown", retry_at=None) if fact.why not in OF_NO_CONSEQUENCE:
            return (Alert(f"{fact.transfer}:{fact.outcome}", fact.shop, f"transfer_{fact.outcome}", fact.buyer),)
        case f.MoveAdvised():
            return (Alert(f"{fact.shop}:{fact.buyer}:{seq}:advised", fact.shop, "move_advised", fact.buyer),)
        case f.MoveWithheld():
            return (Alert(f"{fact.shop}:{fact.buyer}:{seq}:{fact.why}", fact.shop, fact.why, fact.buyer),)
        case f.ChannelLost():
            return (Alert(f"{fact.shop}:lost", fact.shop, "channel_lost"),)
        case f.ChannelSilent():
            return (Alert(f"{fact.shop}:silent", fact.shop, "channel_silent"),)
        case f.Queued() if "full" not in fact.rejected and "agent_full" not in fact.rejected:
            return (Alert(f"{fact.shop}:nobody", fact.shop, "nobody_online", fact.buyer),)
        case _:
            return ()


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


def _guarded(fact: f.BuyerWrote) -> tuple[Alert, ...]:
    """A supervisor is called when it is written, not when a machine would have answered it."""
    if not asks(fact.kind, fact.content, fact.buyer_class):
        return ()
    why = SILENT_TAGS.get(silent_tag(fact.tag, fact.guard) or "")
    return (_called(fact, why),) if why in CALLS_SUPERVISOR else ()


def _called(fact: f.BuyerWrote | f.HoldWithheld, why: str | None) -> Alert:
    return Alert(f"{fact.shop}:{fact.buyer}:{why}:{day_of(fact.at)}", fact.shop, why or "", fact.buyer)


def _unknown(send: SendId, shop: ShopId, buyer: BuyerRef) -> Alert:
    return Alert(f"{send}:unknown", shop, "send_unknown", buyer)
