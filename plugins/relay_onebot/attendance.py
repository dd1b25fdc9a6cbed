"""Telling the desks how their shops stand: who is there, who is silent, and what was missed meanwhile.

Laws:
* The newest voice of an account counts, and what may have been lost between it and the one before is a gap.
* A shop is told connected only after its gaps were read or declared lost: until then no machine speaks in it.
* Once a second everybody is looked at: an open socket that says nothing is a finding (`silent`), not health.
* What a desk was told last outlives a stop and a new start of the channel, so that nothing is told twice or left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final

import structlog

from relay.contracts import Clock, Intake
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import BadInputError, InboxFullError
from relay_onebot.presence import Presence, Roll, Voice

LOOK_S: Final = 1.0
_log: Final = structlog.get_logger("relay_onebot")
Recover = Callable[[str, Millis, Millis], Awaitable[bool]]
Pause = Callable[[float], Awaitable[bool]]


class Attendance:
    """The roll of one channel. `recover` reads what an account missed; `pause` waits, and is true on closing."""

    def __init__(self, name: ChannelName, roll: Roll, clock: Clock, recover: Recover, pause: Pause) -> None:
        self._name, self.roll, self._clock = name, roll, clock
        self._recover, self._pause = recover, pause
        self._intake: Intake | None = None
        self._shops: tuple[ShopId, ...] = ()
        self._reported: dict[ShopId, bool] = {}
        self.since: dict[ShopId, Millis] = {}
        """Until when relay knew a shop's messages before this start, where it was known at all."""
        self._tasks: dict[ShopId, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._closed_at: Millis | None = None
        self.on_look: Callable[[], None] = lambda: None

    async def open(self, intake: Intake, shops: Iterable[ShopId]) -> None:
        self._intake, self._shops = intake, tuple(shops)
        for one in self.roll.accounts.values():
            if self.roll.posted:
                one.missing_from = one.missing_from or self._closed_at  # what was posted meanwhile was not taken
            elif one.events is not None:
                self._leave(one)
        for shop in self._shops:
            if shop not in self._reported and (known := await intake.known_until(shop)) is not None:
                self.since[shop] = known
            await self._settle(shop)
        self._watching = asyncio.create_task(self._watch(), name=f"onebot {self._name}")

    async def close(self) -> None:
        self._intake, self._closed_at = None, self._clock.now()
        tasks = [*self._tasks.values(), *([self._watching] if self._watching is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks, self._watching = {}, None

    # --- who comes and goes

    def come(self, self_id: str, shop: ShopId, voice: Voice) -> Voice | None:
        """This voice is the account's from now on; returns the one it replaces."""
        one = self.roll.accounts.get(self_id)
        if one is None:
            one = self.roll.meet(self_id, shop, self._clock.monotonic())
            one.missing_from = self.since.get(shop)
        elif one.shop != shop:
            one = self.roll.meet(self_id, shop, self._clock.monotonic())
        before = one.events
        if before is voice:
            return None
        if before is not None:
            self._leave(one)
        one.events, one.message_s, one.offline = voice, self._clock.monotonic(), False
        self._wake.set()
        return before

    def go(self, voice: Voice) -> None:
        """This voice has ended, whoever's it was."""
        for one in self.roll.accounts.values():
            if one.events is voice:
                self._leave(one)
        self._wake.set()

    def stand(self, self_id: str, online: bool) -> None:
        """The bridge's own word on an account."""
        one = self.roll.accounts.get(self_id)
        if one is not None and one.offline == online:
            one.offline = not online
            self._wake.set()

    def message(self, self_id: str) -> None:
        """The account has brought a message."""
        self.roll.accounts[self_id].message_s = self._clock.monotonic()

    def look_again(self) -> None:
        self._wake.set()

    def _leave(self, one: Presence) -> None:
        assert one.events is not None
        if one.missing_from is None and not one.offline:
            one.missing_from = one.events.heard_at
        one.events, one.left_s = None, self._clock.monotonic()

    # --- telling the desks

    async def _watch(self) -> None:
        while True:
            for shop in self._shops:
                if shop not in self._tasks:
                    task = self._tasks[shop] = asyncio.create_task(self._settle(shop))
                    task.add_done_callback(partial(self._settled, shop))
            self.on_look()
            self._wake.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _settled(self, shop: ShopId, task: asyncio.Task[None]) -> None:
        self._tasks.pop(shop, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("onebot_watch_failed", channel=self._name, shop=shop, error=type(error).__name__)

    async def _settle(self, shop: ShopId) -> None:
        """Tell the desk of this shop how it stands, if that is news; gaps come before `connected`."""
        intake = self._intake
        if intake is None:
            return
        for one in list(self.roll.of(shop)):
            state = self.roll.state(one, self._clock.monotonic())
            if state in ("silent", "no_messages") and one.events is not None and one.missing_from is None:
                one.missing_from = one.events.heard_at
        why = self.roll.verdict(shop, self._clock.monotonic())
        if why is not None and self._reported.get(shop):
            _log.warning("onebot_lost", channel=self._name, shop=shop, why=why)
            await intake.lost(shop, why)
            self._reported[shop] = False
        for one in list(self.roll.of(shop)):
            if one.missing_from is not None and self.roll.state(one, self._clock.monotonic()) == "ok":
                await self._close_gap(intake, one, one.missing_from)
        if self.roll.verdict(shop, self._clock.monotonic()) is None and not self._reported.get(shop):
            await intake.connected(shop)
            self._reported[shop] = True

    async def _close_gap(self, intake: Intake, one: Presence, since: Millis) -> None:
        """Read what was missed, if the bridge has it, and say whether that worked."""
        until = self._clock.now()
        recovered = await self._recover(one.self_id, since, until)
        while since < until:
            try:
                await intake.gap(one.shop, since, until, recovered)
                break
            except InboxFullError as error:
                if await self._pause(error.retry_after_s):
                    return
            except BadInputError:
                break
        one.missing_from = None
