"""The sockets of one channel: their events to the receiver, actions to the socket that takes them for an account.

Laws: an event that was read is offered until it is durable; `AT_ONCE` may be under way, then nothing more is read. They
are offered in the order in which they were read. The newest socket of an account counts, the one before it is closed
(4001). One that says nothing is asked for a sign of life well before it counts as silent.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from relay.contracts import Clock, Socket
from relay.domain.names import ChannelName, ShopId
from relay_onebot.accounts import Account, Accounts
from relay_onebot.actions import Response
from relay_onebot.attendance import Attendance
from relay_onebot.calls import NotCalledError
from relay_onebot.events12 import Self
from relay_onebot.link import REPLACED, Link, Receiving
from relay_onebot.options import Options
from relay_onebot.presence import Part
from relay_onebot.receiver import Heard, Receiver
from relay_onebot.told import Ignored, Line, Missed, Pulse, Standing

AT_ONCE: Final = 256
WAITING: Final = 4096
"""Own messages that wait for a send to end; they hold no place among those under way."""
PROBES: Final = 3

_log: Final = structlog.get_logger("relay_onebot")


class Switchboard:
    """A `relay_onebot.calls.Caller` over sockets."""

    def __init__(
        self,
        name: ChannelName,
        options: Options,
        accounts: Accounts,
        receiver: Receiver,
        attendance: Attendance,
        clock: Clock,
    ) -> None:
        self._name, self._options, self._accounts = name, options, accounts
        self._receiver, self._attendance, self._clock = receiver, attendance, clock
        self._links: set[Link] = set()
        self._calls: dict[str, Link] = {}
        self._any: Link | None = None
        """A socket that takes actions for whoever its bridge speaks for: it was dialled, and says nothing itself."""
        self._asked_s: dict[Link, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = asyncio.Semaphore(WAITING)
        self.late: Callable[[str, Response], None] = lambda echo, response: None
        """Who is handed an answer that nobody waits for any more."""

    async def close(self) -> None:
        """End every socket; what was being taken comes to its end."""
        await asyncio.gather(*(link.close(1001, "relay is stopping") for link in self._links))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve(self, socket: Socket, part: Part, self_id: str | None = None) -> Link:
        """Read this socket to its end; `self_id` where the handshake says whose it is."""
        link = Link(socket, part, Receiving(self._event, self._bad, self._late), self._clock, self._options.max_frame)
        link.integers = self._options.version == "11"
        self._links.add(link)
        try:
            if self_id is not None and (shop := self._accounts.shop_of(self_id)) is not None:
                self._come(link, self_id, shop)
            if self_id is None and part == "calls":
                self._any = link
            await link.run()
        finally:
            self._links.discard(link)
            self._any = self._any if self._any is not link else None
            self._asked_s.pop(link, None)
            self._calls = {self_id: each for self_id, each in self._calls.items() if each is not link}
            self._attendance.go(link)
        return link

    # --- calling

    async def call(self, self_id: str, action: str, params: dict[str, Any], echo: str) -> Response:
        link = self._calls_of(self_id)
        if link is None:
            raise NotCalledError("not_connected")
        own = Self(link.platforms[self_id], self_id) if self_id in link.platforms else None
        return await link.call(action, params, echo, own)

    def integers(self, self_id: str) -> bool:
        link = self._calls_of(self_id)
        return link is not None and link.integers

    def speaks_for(self, self_id: str) -> bool:
        link = self._calls_of(self_id)
        return link is not None and link.is_open

    def _calls_of(self, self_id: str) -> Link | None:
        return self._calls.get(self_id, self._any)

    def probe(self) -> None:
        """Ask sockets that say nothing for a sign of life."""
        now = self._clock.monotonic()
        for link in self._links:
            limit = self._attendance.roll.limits.silence_of(link)
            if limit is None or link.part == "events":
                continue
            if now - max(link.heard_s, self._asked_s.get(link, 0.0)) > limit / PROBES:
                self._asked_s[link] = now
                self._begin(link.probe())

    # --- events

    async def _event(self, link: Link, raw: bytes) -> None:
        heard = self._receiver.hear(raw)
        if heard.own is not None:
            link.platforms[heard.own.user_id] = heard.own.platform
        for told in heard.told:
            match told:
                case Pulse():
                    link.interval_ms = told.interval_ms or link.interval_ms
                case Standing():
                    self._stand(link, told)
                case Ignored():
                    _log.debug("onebot_ignored", channel=self._name, what=told.what)
                case Missed():
                    await self._missed(link, told, heard, raw)
                case _:
                    await self._line(link, told, heard, raw)

    async def _line(self, link: Link, line: Line, heard: Heard, raw: bytes) -> None:
        account = self._receiver.account_of(line)
        self._come(link, line.self_id, account.shop)
        self._attendance.message(line.self_id)
        places = self._waiting if self._receiver.must_wait(line) else self._slots
        await places.acquire()
        self._begin(self._keep(link, line, account, heard, raw)).add_done_callback(lambda _: places.release())

    async def _keep(self, link: Link, line: Line, account: Account, heard: Heard, raw: bytes) -> None:
        if await self._receiver.keep(line, account, raw) and self._options.extended:
            await link.tell("relay.ack", {"self_id": line.self_id, "id": heard.name})

    async def _missed(self, link: Link, told: Missed, heard: Heard, raw: bytes) -> None:
        """The bridge itself was deaf: nobody will ever read that time."""
        if await self._receiver.keep_gap(told, raw) and self._options.extended:
            await link.tell("relay.ack", {"self_id": told.self_id, "id": heard.name})

    def _stand(self, link: Link, told: Standing) -> None:
        if told.platform is not None:
            link.platforms[told.self_id] = told.platform
        shop = self._accounts.shop_of(told.self_id)
        if shop is not None:
            self._come(link, told.self_id, shop)
            self._attendance.stand(told.self_id, told.online)

    async def _bad(self, raw: bytes, why: str) -> None:
        await self._receiver.quarantine(raw, why)

    def _late(self, echo: str, response: Response) -> None:
        self.late(echo, response)

    # --- who is there

    def _come(self, link: Link, self_id: str, shop: ShopId) -> None:
        """This socket is the account's from now on, for what it is for."""
        before: set[object] = set()
        if link.part != "events":
            before.add(self._calls.get(self_id))
            self._calls[self_id] = link
        if link.part != "calls":
            before.add(self._attendance.come(self_id, shop, link))
        for each in self._links & before - {link}:
            if not self._is_used(each):
                _log.warning("onebot_replaced", channel=self._name, self_id=self_id)
                self._begin(each.close(REPLACED, "a newer socket of this account has come"))

    def _is_used(self, link: Link) -> bool:
        accounts = self._attendance.roll.accounts.values()
        return link in self._calls.values() or any(one.events is link for one in accounts)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("onebot_task_failed", channel=self._name, error=type(error).__name__)
