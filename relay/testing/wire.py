"""The far side of a channel: a platform that keeps its own log, and a wire between it and relay that is no good.

The platform's log is the judge of L9: what it accepted was seen by a buyer. A text that has left goes its way whatever
becomes of relay meanwhile. What becomes of each attempt is chosen by name (`relay.testing.chance`), so that no attempt
changes another's fate.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Literal

from relay.contracts import (
    Arrival,
    Capabilities,
    Intake,
    Outgoing,
    Placement,
    Receipt,
    Route,
    SendResult,
    Transfer,
    TransferResult,
)
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import InboxFullError
from relay.testing.chance import Chance

Fate = Literal[
    "confirmed", "timeless", "slow", "refused", "busy", "not_sent", "silent", "swallowed", "doubtful", "lost", "raises",
    "reset",
]  # fmt: skip
FATES: Final[tuple[tuple[Fate, int], ...]] = (
    ("confirmed", 60), ("timeless", 8), ("slow", 5), ("refused", 4), ("busy", 5), ("not_sent", 5), ("silent", 4),
    ("swallowed", 3), ("doubtful", 4), ("lost", 3), ("raises", 2), ("reset", 2),
)  # fmt: skip
Move = Literal["confirmed", "refused", "busy", "doubtful", "lost", "silent", "raises"]
MOVES: Final[tuple[tuple[Move, int], ...]] = (
    ("confirmed", 60), ("refused", 10), ("busy", 6), ("doubtful", 8), ("lost", 8), ("silent", 4), ("raises", 4),
)  # fmt: skip
MOVED: Final = frozenset({"confirmed", "doubtful", "silent"})
"""With these the platform moves the buyer, whatever relay hears of it."""
LEAVES: Final = frozenset({"confirmed", "timeless", "slow", "silent", "doubtful", "raises"})
"""With these the text reaches the platform, whatever relay hears of it."""


class Platform:
    """What really happened. `later` runs a function after some seconds, also while no relay runs."""

    def __init__(
        self, chance: Chance, now: Callable[[], Millis], later: Callable[[float, Callable[[], None]], None]
    ) -> None:
        self.chance, self.now, self._later = chance, now, later
        self.asked: dict[str, int] = {}
        """How often relay asked for each send."""
        self.accepted: dict[str, list[Outgoing]] = {}
        self.on_ask: Callable[[Outgoing], None] = lambda message: None
        self.on_accept: Callable[[Outgoing, Millis], None] = lambda message, at: None
        self.moves_asked: dict[str, int] = {}
        """How often relay asked for each transfer."""
        self.moved: dict[str, list[Transfer]] = {}
        self.on_move: Callable[[Transfer, Millis], None] = lambda transfer, at: None

    def ask(self, message: Outgoing) -> Fate:
        """relay wants this sent: what becomes of it."""
        attempt = self.asked[message.key] = self.asked.get(message.key, 0) + 1
        self.on_ask(message)
        return self.chance.weigh(FATES, "fate", message.key, attempt)

    def leave(self, message: Outgoing, idempotent: bool, after_s: float) -> None:
        """The bytes are on their way."""

        def arrive() -> None:
            got = self.accepted.setdefault(message.key, [])
            if idempotent and got:
                return
            got.append(message)
            self.on_accept(message, self.now())

        self._later(after_s, arrive)

    def ask_to_move(self, transfer: Transfer) -> Move:
        """relay wants this buyer moved: what becomes of it."""
        attempt = self.moves_asked[transfer.key] = self.moves_asked.get(transfer.key, 0) + 1
        fate = self.chance.weigh(MOVES, "move", transfer.key, attempt)
        if fate in MOVED:
            self.moved.setdefault(transfer.key, []).append(transfer)
            self.on_move(transfer, self.now())
        return fate


class Wire:
    """A `Channel`. One per life of relay; its intake ends with that life."""

    def __init__(
        self,
        name: str,
        platform: Platform,
        sleep: Callable[[float], Awaitable[None]],
        *,
        idempotent: bool = False,
        placement: Placement = "relay",
        alive_every_s: float = 0.0,
    ) -> None:
        self.name = ChannelName(name)
        self.capabilities = Capabilities(
            placement=placement, echo=True, idempotent=idempotent, sends_time=True, alive_every_s=alive_every_s
        )
        self._platform, self._sleep = platform, sleep
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
        again = self.capabilities.idempotent
        fate = self._platform.ask(message)
        way = self._platform.chance.pick((0.01, 0.05, 0.2, 0.9), "way", message.key, self._platform.asked[message.key])
        if fate in LEAVES:
            self._platform.leave(message, again, way)
        await self._sleep(6.0 if fate == "slow" else way * 2)
        match fate:
            case "confirmed" | "slow":
                return SendResult(outcome="confirmed", channel_id=f"p-{message.key}", sent_at=self._platform.now())
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
            case "raises" | "reset":
                raise ConnectionResetError("the connection was reset in the middle of a send")

    async def transfer(self, transfer: Transfer) -> TransferResult:
        if self.capabilities.placement != "transfer":
            return TransferResult(outcome="refused", why="placement")
        if self._intake is None:
            return TransferResult(outcome="refused", why="channel_not_open", retryable=True)
        fate = self._platform.ask_to_move(transfer)
        attempt = self._platform.moves_asked[transfer.key]
        await self._sleep(self._platform.chance.pick((0.05, 0.3, 1.5), "move takes", transfer.key, attempt))
        match fate:
            case "confirmed":
                return TransferResult(outcome="confirmed")
            case "refused":
                return TransferResult(outcome="refused", why="target_full")
            case "busy":
                return TransferResult(outcome="refused", why="http_503", retryable=True)
            case "doubtful" | "lost":
                return TransferResult(outcome="unknown", why="connection_lost", retryable=True)
            case "silent":
                await asyncio.get_running_loop().create_future()
                raise AssertionError("nobody ends this")
            case "raises":
                raise ConnectionResetError("the connection was reset in the middle of a transfer")

    def history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        raise NotImplementedError("this wire keeps no history")
