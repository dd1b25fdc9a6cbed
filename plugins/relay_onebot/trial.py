"""A trial of a bridge: connect as relay would, watch, ask, have a person write, send, hang up, see it come back.

Nothing here is relay's desk: no ledger, no shop. What is seen is judged by `relay_onebot.verdicts`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from relay.contracts import Clock, Socket
from relay.domain.names import ChannelName
from relay_onebot.accounts import Accounts
from relay_onebot.actions import Response
from relay_onebot.arrivals import Arrivals
from relay_onebot.calls import OneBotCallError
from relay_onebot.echoes import Echoes
from relay_onebot.events12 import Self
from relay_onebot.extensions import extended
from relay_onebot.ids import text_id, wire_id
from relay_onebot.link import Link, Receiving
from relay_onebot.message_ids import MessageIds
from relay_onebot.options import Version
from relay_onebot.receiver import Receiver
from relay_onebot.told import Placed, Pulse, Said, Standing, millis
from relay_onebot.verdicts import Seen

ANSWER_S: Final = 10.0
ECHO_S: Final = 5.0
"""How long is waited for what a bridge may never do: to push its own messages, to beat."""
TEXT: Final = "relay 检查，请忽略 / relay check, please ignore"
Next = Callable[[float], Awaitable[Socket | None]]
"""Gives the next socket of the bridge within so many seconds, dialled or come; None if there is none."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to try. `wait_s`: how long a person has to write, and the bridge to come back."""

    version: Version
    wait_s: float = 60.0
    send: bool = True
    transfer_to: str | None = None
    max_frame: int = 256 * 1024


class Trial:
    """One run. `ask` tells the person what to do, in Chinese and English."""

    def __init__(self, plan: Plan, clock: Clock, ask: Callable[[str, str], None]) -> None:
        self._plan, self._clock, self._ask = plan, clock, ask
        arrivals = Arrivals(MessageIds(recycled=False), shared_ids=False)
        name = ChannelName("check")
        self._receiver = Receiver(name, plan.version, [], Accounts({}), arrivals, Echoes(), clock)
        self.seen = Seen(version=plan.version)
        self._changed = asyncio.Event()
        self._platform = ""
        self._asked = 0

    async def run(self, next_socket: Next) -> Seen:
        """Everything, in order."""
        socket = await next_socket(self._plan.wait_s)
        if socket is None:
            return self.seen
        self.seen.came = True
        link, reading = self._read(socket)
        await self._until(lambda: bool(self.seen.self_ids), ANSWER_S)
        await self._small_talk(link)
        self._ask("请现在以买家身份在聊天窗口发一句话", "write a line as a buyer in the chat client now")
        await self._until(lambda: self.seen.line is not None, self._plan.wait_s)
        if self.seen.line is not None:
            await self._speak(link, self.seen.line)
        await self._history(link)
        await link.close(1001, "relay's check hangs up, to see the bridge come back")
        await reading
        again = await next_socket(self._plan.wait_s)
        self.seen.came_back = again is not None
        if again is not None:
            link, reading = self._read(again)
            await self._until(lambda: self.seen.interval_ms is not None, ECHO_S)
            await link.close()
            await reading
        return self.seen

    # --- steps

    async def _small_talk(self, link: Link) -> None:
        self.seen.status = await self._call(link, "get_status", {})
        self.seen.echo_kept = True if self.seen.status is not None else self.seen.echo_kept
        self.seen.unknown_action = await self._call(link, "relay.no_such_action", {})

    async def _speak(self, link: Link, line: Said) -> None:
        """Answer the buyer, and see the answer come back; then ask for a transfer."""
        buyer = wire_id(line.buyer, self._plan.version == "11")
        if self._plan.send:
            self.seen.sent_tried = True
            message = [{"type": "text", "data": {"text": TEXT}}]
            params: dict[str, Any] = {"user_id": buyer, "message": message, **extended({"key": "relay-check"})}
            action = "send_private_msg"
            if self._plan.version == "12":
                action, params = "send_message", params | {"detail_type": "private", "user_id": line.buyer}
            self.seen.sent = await self._call(link, action, params, line.self_id)
            data = self.seen.sent.data if self.seen.sent is not None else None
            if isinstance(data, dict):
                self._sent(data)
            await self._until(lambda: bool(self.seen.own_ids), ECHO_S)
        if self._plan.transfer_to is not None:
            self.seen.transfer_tried = True
            params = {"user_id": buyer, "account": self._plan.transfer_to, "key": "relay-check-transfer"}
            self.seen.transfer = await self._call(link, "relay.transfer", params, line.self_id)

    def _sent(self, data: dict[str, Any]) -> None:
        given, seconds = data.get("message_id"), data.get("time")
        if isinstance(given, str | int) and not isinstance(given, bool):
            self.seen.sent_id = text_id(given)
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            self.seen.sent_at = millis(seconds)

    async def _history(self, link: Link) -> None:
        now = self._clock.now()
        self.seen.history = await self._call(link, "relay.get_history", {"since": now - 60_000, "until": now})

    async def _call(
        self, link: Link, action: str, params: dict[str, Any], self_id: str | None = None
    ) -> Response | None:
        """The answer that bears our echo, or None."""
        self._asked += 1
        own = None
        if self._plan.version == "12" and (named := self_id or next(iter(self.seen.self_ids), None)):
            own = Self(self._platform, named)
        try:
            async with asyncio.timeout(ANSWER_S):
                return await link.call(action, params, f"relay-check-{self._asked}", own)
        except (OneBotCallError, TimeoutError):
            return None

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    # --- what comes

    def _read(self, socket: Socket) -> tuple[Link, "asyncio.Task[None]"]:
        link = Link(socket, "all", Receiving(self._event, self._bad, self._late), self._clock, self._plan.max_frame)
        return link, asyncio.create_task(link.run())

    async def _event(self, link: Link, raw: bytes) -> None:
        heard = self._receiver.hear(raw)
        if not self.seen.first:
            self.seen.first = _word(raw, self._plan.version)
        if heard.own is not None:
            self._platform = heard.own.platform
        for told in heard.told:
            match told:
                case Pulse():
                    self.seen.interval_ms = told.interval_ms or self.seen.interval_ms
                case Standing():
                    self._platform = told.platform or self._platform
                    self._met(told.self_id)
                case Said():
                    self._met(told.self_id)
                    self._said(told)
                case Placed():
                    self.seen.placed = True
                case _:
                    pass
        self._changed.set()

    def _met(self, self_id: str) -> None:
        if self_id not in self.seen.self_ids:
            self.seen.self_ids.append(self_id)

    def _said(self, line: Said) -> None:
        self.seen.placed = self.seen.placed or line.extensions.owner is not None
        if line.own and self.seen.sent_tried:
            self.seen.own_ids.append(line.message_id or "")
            if line.extensions.echo_of == "relay-check":
                self.seen.own_keys.append(line.extensions.echo_of)
        elif not line.own and self.seen.line is None:
            self.seen.line, self.seen.line_late_ms = line, self._clock.now() - line.at

    async def _bad(self, raw: bytes, why: str) -> None:
        self.seen.bad.append(why)
        self._changed.set()

    def _late(self, echo: str, response: Response) -> None:
        """An answer whose echo is none of ours: it was not kept."""
        if self.seen.echo_kept is None:
            self.seen.echo_kept = False


def _word(raw: bytes, version: Version) -> str:
    """What a frame calls itself."""
    frame = msgspec.json.decode(raw, type=dict[str, Any])
    if version == "12":
        return f"{frame.get('type')}.{frame.get('detail_type')}"
    return f"{frame.get('meta_event_type', frame.get('post_type'))}.{frame.get('sub_type', '')}"
