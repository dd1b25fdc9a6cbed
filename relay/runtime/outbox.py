"""Carrying out what committed facts ask for: preparing sends, handing texts to channels, moving buyers, alerting.

A text is handed to a channel only by a committed `sending`, once (L9). What a channel raises, or does not say in time,
is an unknown outcome; nothing a channel does can harm another send or the desk.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

import structlog

from relay.contracts import Channel, Clock, Outgoing, Restored, SendResult, Store, TransferResult
from relay.contracts import Transfer as TransferOrder
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import Alert, Deliver, Effect, Prepare, Transfer, effects_of
from relay.domain.model import DeskState
from relay.domain.names import ChannelName, DeskId, ReplyId, SeatId, ShopId
from relay.domain.settings import QuickReply, Seat, Shop
from relay.domain.slots import fill
from relay.errors import RefusedError, RelayError
from relay.runtime.filling import filled_in
from relay.runtime.keys import outgoing_key, transfer_key
from relay.runtime.pace import SendingPace
from relay.runtime.plugin_calls import PluginCalls
from relay.runtime.port import Committed
from relay.runtime.skew import SkewMeter

log = structlog.get_logger("relay.outbox")
SEND_LIMIT_S = 30.0


class Desk(Protocol):
    """What the outbox asks of its desk."""

    def post(self, given: i.Input, text: str | None = None) -> "asyncio.Future[Sequence[Committed]]": ...


class Outbox:
    """The outbox of one desk. It knows the desk's settings from the facts it is shown."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        channels: Mapping[ChannelName, Channel],
        skew: SkewMeter,
        alerts: "AlertSink",
        calls: PluginCalls | None = None,
    ) -> None:
        self._calls = calls or PluginCalls()
        self._store, self._clock, self._channels, self._skew, self._alerts = store, clock, channels, skew, alerts
        self._desk: Desk | None = None
        self._name = DeskId("")
        self._channel_of: dict[ShopId, ChannelName] = {}
        self._account_of: dict[SeatId, str] = {}
        self._texts: dict[tuple[ReplyId, int], str] = {}
        self._pace = SendingPace()
        self._restored: Sequence[Restored] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def attach(self, desk: Desk, state: DeskState) -> None:
        """Serve this desk, whose state was just recovered."""
        self._desk, self._name = desk, state.desk
        self._restored = self._store.restored(state.desk)
        for shop in state.shops.values():
            self._learn(shop.setting)
            self._pace.begin(shop.setting.id, shop.sending_ms)
        for seat in state.seats.values():
            self._learn(seat.setting)
        for reply in state.replies.values():
            self._learn(reply)

    def __call__(self, committed: Sequence[Committed]) -> None:
        for one in committed:
            if isinstance(one.fact, f.OfficeTaken):
                self._learn(one.fact.subject)
            for effect in effects_of(one.seq, one.fact):
                self.carry_out(effect)

    def carry_out(self, effect: Effect) -> None:
        """Begin what this effect asks for."""
        match effect:
            case Prepare():
                if not self._closing:
                    self._prepare(effect)
            case Deliver():
                self._begin(self._deliver(effect), f"deliver {effect.send}")
            case Transfer():
                if not self._closing:
                    self._begin(self._transfer(effect), f"transfer {effect.transfer}")
            case Alert():
                self._alerts.alert(effect)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Begin nothing new: what is only intended stays so, and is asked for again at the next start."""
        self._closing = True

    async def drain(self, limit_s: float) -> None:
        """Let what is being sent come to its end; what does not in time is cancelled and becomes unknown."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=limit_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _learn(self, subject: object) -> None:
        match subject:
            case Shop():
                self._channel_of[subject.id] = subject.channel
            case Seat():
                self._account_of[subject.id] = subject.account or subject.id
            case QuickReply():
                self._texts[subject.id, subject.version] = subject.text
            case _:
                pass

    def _prepare(self, effect: Prepare) -> None:
        """Ask for the `sending`; a text with slots goes with it as it is to go out, or with what nobody could fill."""
        if effect.filling is None:
            self._post(i.PrepareSend(send=effect.send))
            return
        template = self._texts.get((effect.reply or ReplyId(""), effect.version or 0), "")
        filled = filled_in(template, effect.filling.known, self._store.buyers([effect.buyer]).get(effect.buyer))
        if filled.gaps or not filled.text:
            unfilled = tuple(dict.fromkeys(gap.slot.name for gap in filled.gaps))
            self._post(i.PrepareSend(send=effect.send, unfilled=unfilled))
        else:
            self._post(i.PrepareSend(send=effect.send), filled.text)

    async def _deliver(self, effect: Deliver) -> None:
        with structlog.contextvars.bound_contextvars(
            desk=self._name, shop=effect.shop, conversation=effect.buyer, send=effect.send
        ):
            began = self._clock.monotonic()
            result = await self._result(effect)
        self._note_pace(effect.shop, result, round((self._clock.monotonic() - began) * 1000))
        sent_at, skew_ms, basis = result.sent_at, 0, "channel"
        if result.outcome == "confirmed" and sent_at is None:
            sent_at, skew_ms, basis = self._clock.now(), self._skew.bound_ms(effect.shop), "relay"
        self._post(
            i.EndSend(
                send=effect.send,
                outcome=result.outcome,
                why=result.why,
                retryable=result.retryable,
                sent_at=sent_at,
                basis="channel" if basis == "channel" else "relay",
                skew_ms=skew_ms,
            )
        )

    def _note_pace(self, shop: ShopId, result: SendResult, span_ms: int) -> None:
        """What never left says nothing of how long sending takes; one without an answer took at least so long."""
        told = None if result.outcome == "not_sent" or self._closing else self._pace.took(shop, span_ms)
        if told is not None:
            self._post(i.NoteSending(shop=shop, p95_ms=told))

    async def _result(self, effect: Deliver) -> SendResult:
        message = self._outgoing(effect)
        channel = self._channels.get(self._channel_of.get(effect.shop, ChannelName("")))
        if channel is None:
            return SendResult(outcome="not_sent", why="no_channel", retryable=True)
        if message is None:
            return SendResult(outcome="not_sent", why="erased")
        try:
            return await self._calls.within(channel.name, "send", SEND_LIMIT_S, lambda: channel.send(message))
        except TimeoutError:
            return SendResult(outcome="unknown", why="no_answer_in_time")
        except asyncio.CancelledError:
            return SendResult(outcome="unknown", why="stopped")
        except Exception as error:
            return SendResult(outcome="unknown", why=f"channel_error:{type(error).__name__}")

    async def _transfer(self, effect: Transfer) -> None:
        """Ask the platform to move a buyer. Without an answer it is asked again: to the same target, twice is once."""
        with structlog.contextvars.bound_contextvars(desk=self._name, shop=effect.shop, conversation=effect.buyer):
            result = await self._transferred(effect)
        self._post(
            i.EndTransfer(transfer=effect.transfer, outcome=result.outcome, why=result.why, retryable=result.retryable)
        )

    async def _transferred(self, effect: Transfer) -> TransferResult:
        buyer = self._store.buyers([effect.buyer]).get(effect.buyer)
        channel = self._channels.get(self._channel_of.get(effect.shop, ChannelName("")))
        if channel is None or buyer is None:
            return TransferResult(outcome="refused", why="no_channel" if channel is None else "erased")
        order = TransferOrder(
            key=transfer_key(self._store.secret, self._name, effect.transfer, self._restored),
            shop=effect.shop,
            buyer=buyer.platform_id,
            account=effect.account,
            from_account=effect.from_account,
        )
        try:
            return await self._calls.within(channel.name, "transfer", SEND_LIMIT_S, lambda: channel.transfer(order))
        except TimeoutError:
            return TransferResult(outcome="unknown", why="no_answer_in_time", retryable=True)
        except Exception as error:
            return TransferResult(outcome="unknown", why=f"channel_error:{type(error).__name__}", retryable=True)

    def _outgoing(self, effect: Deliver) -> Outgoing | None:
        buyer = self._store.buyers([effect.buyer]).get(effect.buyer)
        text = self._text(effect)
        if buyer is None or text is None:
            return None
        return Outgoing(
            key=outgoing_key(self._store.secret, self._name, effect.send, self._restored),
            shop=effect.shop,
            buyer=buyer.platform_id,
            account=self._account_of.get(effect.seat, "") if effect.seat is not None else "",
            text=text,
            machine=effect.machine,
        )

    def _text(self, effect: Deliver) -> str | None:
        if effect.machine and effect.filled is None:
            text = self._texts.get((effect.reply or ReplyId(""), effect.version or 0))
            return None if text is None else fill(text, {}).text  # a brace that stands for itself
        seq = effect.filled if effect.filled is not None else int(effect.send[1:])
        row = self._store.content(self._name, [seq]).get(seq)
        return row.body.decode("utf-8", "surrogatepass") if row else None

    def _post(self, given: i.Input, text: str | None = None) -> None:
        """Tell the desk. A refusal means that it has moved on; a failure is the service's to notice."""
        assert self._desk is not None
        self._desk.post(given, text).add_done_callback(_ignore_refusal)


class AlertSink(Protocol):
    """Where alerts go until notifiers are configured: the log, the metrics and the supervisors' sockets."""

    def alert(self, alert: Alert) -> None: ...


def _ignore_refusal(future: "asyncio.Future[Sequence[Committed]]") -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None and not isinstance(error, RefusedError | RelayError):
        log.error("desk_failed", error=repr(error))
