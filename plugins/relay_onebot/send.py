"""One text into one of four outcomes (L9): what the way to the bridge and its answer prove.

    no open socket, no connection      not_sent     no byte has left
    ok                                 confirmed    with the message's id, and the bridge's time if it gives one
    a code that stands for "not done"  refused      36xxx may come again
    async, any other code, no answer   unknown      until an echo or a late answer proves it

Laws: a text goes out once per call, and by nobody but the account it was meant for. Its key is the action's echo, so
that an answer that comes after the outcome was called unknown can still prove it, as the echo it stands for.
"""

import asyncio
from collections import OrderedDict
from typing import Any, Final

import msgspec
import structlog

from relay.contracts import Arrival, Clock, Outgoing, SendResult, Transfer, TransferResult
from relay.domain.names import ChannelName, Millis
from relay_onebot.actions import Response
from relay_onebot.calls import Caller, DoubtError, NotCalledError
from relay_onebot.echoes import Echoes, Place
from relay_onebot.extensions import extended
from relay_onebot.ids import text_id, wire_id
from relay_onebot.message_ids import MessageIds
from relay_onebot.options import Options
from relay_onebot.retcodes import proof_of
from relay_onebot.speakers import Speakers
from relay_onebot.told import millis
from relay_webhook.door import Door
from relay_webhook.instants import instant_of

MOST: Final = 5_000
_log: Final = structlog.get_logger("relay_onebot")


class Sending(msgspec.Struct, frozen=True):
    """A send of unknown outcome, for the answer that may still come."""

    message: Outgoing
    self_id: str
    began_at: Millis


class Sent(msgspec.Struct, frozen=True):
    """What an answer says beyond "done"."""

    message_id: str | None
    at: Millis | None


class Sender:
    """The sending half of a channel."""

    def __init__(
        self,
        name: ChannelName,
        options: Options,
        caller: Caller,
        speakers: Speakers,
        echoes: Echoes,
        ids: MessageIds,
        clock: Clock,
    ) -> None:
        self._name, self._options, self._caller, self._speakers = name, options, caller, speakers
        self._echoes, self._ids, self._clock = echoes, ids, clock
        self._refused = frozenset(options.refused_codes)
        self._doubtful: OrderedDict[str, Sending] = OrderedDict()
        self.door = Door()

    async def send(self, message: Outgoing) -> SendResult:
        """Raises nothing but cancellation, after which the outcome is unknown."""
        if not self.door.is_open:
            return _not_sent("channel_not_open")
        self_id = self._speakers.self_id_for(message.shop, message.account, message.buyer)
        if self_id is None:
            return _not_sent("account_not_connected")
        with self.door:
            result = await self._send(message, self_id)
        if result.outcome != "confirmed":
            _log.warning("onebot_send", channel=self._name, key=message.key, outcome=result.outcome, why=result.why)
        return result

    async def transfer(self, transfer: Transfer) -> TransferResult:
        """Ask the bridge to move a buyer; what left no answer may be asked for again."""
        if not self.door.is_open:
            return TransferResult(outcome="refused", why="channel_not_open", retryable=True)
        self_id = self._speakers.anybody(transfer.shop, transfer.from_account or "", transfer.buyer)
        if self_id is None:
            return TransferResult(outcome="refused", why="account_not_connected", retryable=True)
        params = {
            "user_id": wire_id(transfer.buyer, self._caller.integers(self_id)),
            "account": transfer.account,
            "from_account": transfer.from_account,
            "key": transfer.key,
        }
        with self.door:
            try:
                async with asyncio.timeout(self._options.timeout_s):
                    response = await self._caller.call(self_id, self._options.transfer_action, params, transfer.key)
            except NotCalledError as error:
                return TransferResult(outcome="refused", why=error.why, retryable=error.retryable)
            except (DoubtError, TimeoutError) as error:
                return TransferResult(outcome="unknown", why=_why(error), retryable=True)
        match proof_of(response, self._refused):
            case "done":
                return TransferResult(outcome="confirmed")
            case "doubtful":
                return TransferResult(outcome="unknown", why=_code(response), retryable=True)
            case proof:
                return TransferResult(outcome="refused", why=_code(response), retryable=proof == "tired")

    def late(self, echo: str, response: Response) -> Arrival | None:
        """What a late answer proves: the arrival that its echo would have been, or None."""
        sending = self._doubtful.get(echo)
        if sending is None or proof_of(response, self._refused) != "done":
            return None
        del self._doubtful[echo]
        sent = self._sent(response)
        self._echoes.sent(echo, (sending.self_id, sending.message.buyer), sent.message_id)
        at = sent.at if sent.at is not None else sending.began_at
        place = (sending.self_id, sending.message.buyer)
        return Arrival(
            shop=sending.message.shop,
            at=at,
            role="merchant",
            kind="human",
            buyer=sending.message.buyer,
            id=self._ids.name(place, sent.message_id, at) if sent.message_id is not None else None,
            text=sending.message.text,
            account=sending.message.account or None,
            echo_of=echo,
            self_id="" if self._options.shared_ids else sending.self_id,
            skew_ms=0 if sent.at is not None else max(0, self._clock.now() - sending.began_at),
        )

    # --- one send

    async def _send(self, message: Outgoing, self_id: str) -> SendResult:
        place = (self_id, message.buyer)
        began_at = self._clock.now()
        action, params = self._action(message, self_id)
        self._echoes.begin(message.key, place)
        try:
            async with asyncio.timeout(self._options.timeout_s):
                response = await self._caller.call(self_id, action, params, message.key)
        except NotCalledError as error:
            self._echoes.failed(message.key, place)
            return _not_sent(error.why, error.retryable)
        except (DoubtError, TimeoutError) as error:
            return self._unknown(Sending(message, self_id, began_at), place, _why(error))
        except BaseException:
            self._unknown(Sending(message, self_id, began_at), place, "stopped")
            raise
        match proof_of(response, self._refused):
            case "done":
                sent = self._sent(response)
                self._echoes.sent(message.key, place, sent.message_id)
                return SendResult(outcome="confirmed", channel_id=sent.message_id, sent_at=sent.at)
            case "doubtful":
                return self._unknown(Sending(message, self_id, began_at), place, _code(response))
            case proof:
                self._echoes.failed(message.key, place)
                return SendResult(outcome="refused", why=_code(response), retryable=proof == "tired")

    def _unknown(self, sending: Sending, place: Place, why: str) -> SendResult:
        self._echoes.failed(sending.message.key, place, doubt_from=self._clock.now())
        self._doubtful[sending.message.key] = sending
        if len(self._doubtful) > MOST:
            self._doubtful.popitem(last=False)
        return SendResult(outcome="unknown", why=why, retryable=self._options.idempotent)

    def _action(self, message: Outgoing, self_id: str) -> tuple[str, dict[str, Any]]:
        """The action of this version; an array of segments needs no escaping and is what most bridges prefer."""
        more: dict[str, Any] = {}
        if self._options.extended:
            more = extended({"key": message.key, "account": message.account or None, "machine": message.machine})
        user_id = wire_id(message.buyer, self._caller.integers(self_id))
        segments = [{"type": "text", "data": {"text": message.text}}]
        if self._options.version == "12":
            return "send_message", {"detail_type": "private", "user_id": message.buyer, "message": segments, **more}
        if self._options.strings:
            return "send_private_msg", {"user_id": user_id, "message": message.text, "auto_escape": True, **more}
        return "send_private_msg", {"user_id": user_id, "message": segments, **more}

    def _sent(self, response: Response) -> Sent:
        """Id and time, where the answer has them in a form that can be used."""
        data = response.data if isinstance(response.data, dict) else {}
        message_id, at = data.get("message_id"), None
        try:
            better, seconds = data.get("relay.time"), data.get("time")
            if better is not None:
                at = instant_of(msgspec.Raw(msgspec.json.encode(better)), self._clock.now())
            elif isinstance(seconds, int | float) and not isinstance(seconds, bool):
                at = instant_of(msgspec.Raw(str(millis(seconds)).encode()), self._clock.now())
        except ValueError:
            at = None
        try:
            return Sent(text_id(message_id) if isinstance(message_id, str | int) else None, at)
        except ValueError:
            return Sent(None, at)


def _not_sent(why: str, retryable: bool = True) -> SendResult:
    return SendResult(outcome="not_sent", why=why, retryable=retryable)


def _why(error: DoubtError | TimeoutError) -> str:
    return error.why if isinstance(error, DoubtError) else "timeout"


def _code(response: Response) -> str:
    return "async" if response.status == "async" else f"retcode_{response.retcode}"
