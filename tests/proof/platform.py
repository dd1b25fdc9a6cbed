"""The far side of a channel: a platform that keeps its own log, and a wire between it and relay that is no good.

The platform's log is the judge of L9: what it accepted was seen by a buyer. A text that has left goes its way whatever
becomes of relay meanwhile.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal

from relay.contracts import Arrival, Capabilities, Intake, Outgoing, Receipt, Route, SendResult
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import InboxFullError

Fate = Literal[
    "confirmed", "timeless", "slow", "refused", "busy", "not_sent", "silent", "swallowed", "doubtful", "lost", "raises"
]
FATES: tuple[tuple[Fate, int], ...] = (
    ("confirmed", 60), ("timeless", 8), ("slow", 5), ("refused", 4), ("busy", 5), ("not_sent", 5), ("silent", 4),
    ("swallowed", 3), ("doubtful", 4), ("lost", 3), ("raises", 2),
)  # fmt: skip
LEAVES = frozenset({"confirmed", "timeless", "slow", "silent", "doubtful", "raises"})
"""With these the text reaches the platform, whatever relay hears of it."""


class Platform:
    """What really happened. `later` runs a function after some seconds, also while no relay runs."""

    def __init__(
        self, chance: random.Random, now: Callable[[], Millis], later: Callable[[float, Callable[[], None]], None]
    ) -> None:
        self._chance, self._now, self._later = chance, now, later
        self.asked: list[tuple[str, int]] = []
        """Every send that relay asked for: its key, and how many facts of its desk were durable then."""
        self.accepted: dict[str, list[Outgoing]] = {}
        self.on_accept: Callable[[Outgoing, Millis], None] = lambda message, at: None

    def fate(self, idempotent: bool) -> Fate:
        names, weights = zip(*FATES, strict=True)
        fate: Fate = self._chance.choices(names, weights)[0]
        return fate

    def leave(self, message: Outgoing, idempotent: bool, after_s: float) -> None:
        """The bytes are on their way."""

        def arrive() -> None:
            got = self.accepted.setdefault(message.key, [])
            if idempotent and got:
                return
            got.append(message)
            self.on_accept(message, self._now())

        self._later(after_s, arrive)


class Wire:
    """A `Channel`. One per life of relay; `hang_up` is the end of that life."""

    def __init__(
        self,
        name: str,
        platform: Platform,
        chance: random.Random,
        sleep: Callable[[float], object],
        now: Callable[[], Millis],
        durable: Callable[[str], int],
        idempotent: bool,
    ) -> None:
        self.name = ChannelName(name)
        self.capabilities = Capabilities(echo=True, idempotent=idempotent, sends_time=True)
        self._platform, self._chance, self._sleep, self._now = platform, chance, sleep, now
        self._durable = durable
        self._intake: Intake | None = None
        self.shops: Sequence[ShopId] = ()

    def routes(self) -> Sequence[Route]:
        return ()

    async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        for shop in shops:
            await intake.connected(shop)
        self._intake, self.shops = intake, shops

    async def stop(self) -> None:
        self._intake = None

    @property
    def intake(self) -> Intake:
        if self._intake is None:
            raise InboxFullError
        return self._intake

    async def bring(self, arrival: Arrival) -> Receipt:
        return await self.intake.take(arrival)

    async def send(self, message: Outgoing) -> SendResult:
        if self._intake is None:
            return SendResult(outcome="not_sent", why="channel_not_open", retryable=True)
        self._platform.asked.append((message.key, self._durable(message.key)))
        again = self.capabilities.idempotent
        fate = self._platform.fate(again)
        way = self._chance.choice((0.01, 0.05, 0.2, 0.9))
        if fate in LEAVES:
            self._platform.leave(message, again, way)
        await self._pause(6.0 if fate == "slow" else way * 2)
        match fate:
            case "confirmed" | "slow":
                return SendResult(outcome="confirmed", channel_id=f"p-{message.key}", sent_at=self._now())
            case "timeless":
                return SendResult(outcome="confirmed", channel_id=f"p-{message.key}")
            case "refused":
                return SendResult(outcome="refused", why="blocked")
            case "busy":
                return SendResult(outcome="refused", why="http_503", retryable=True)
            case "not_sent":
                return SendResult(outcome="not_sent", why="connect_failed", retryable=True)
            case "silent" | "swallowed":
                await asyncio.get_running_loop().create_future()
                raise AssertionError("nobody ends this")
            case "doubtful" | "lost":
                return SendResult(outcome="unknown", why="connection_lost", retryable=again)
            case "raises":
                raise ConnectionResetError("a plugin's bug")

    async def _pause(self, seconds: float) -> None:
        await self._sleep(seconds)  # type: ignore[misc]

    def history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        raise NotImplementedError("this wire keeps no history")
