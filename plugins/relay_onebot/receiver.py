"""One event into the intake: decoded, told, its shop looked up, an own message's origin found, and kept for good.

Laws: what cannot be used is quarantined raw and harms nothing else. Over a socket there is no acknowledgement that
could be refused, so an event that was read is offered again until it is durable (L1); over HTTP the bridge comes again.
An event that the desk will never take (an unknown shop, a recall of a message never seen) is quarantined as well.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import structlog

from relay.contracts import Arrival, Clock, Intake, Receipt
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import BadInputError, InboxFullError, StoreLatchedError
from relay_onebot.accounts import Account, Accounts
from relay_onebot.arrivals import Arrivals
from relay_onebot.echoes import NOBODY, Echoes, Origin
from relay_onebot.events11 import decode11
from relay_onebot.events12 import Self, decode12
from relay_onebot.extensions import read_extensions
from relay_onebot.options import Version
from relay_onebot.told import Line, Missed, Said, Told, prefixes_of, tell11, tell12

BEFORE_MS: Final = 5_000
AFTER_MS: Final = 30_000
"""Around the end of a former process: a send that was under way then reached its buyer, if at all, within this time."""
AGAIN_S: Final = 1.0
"""How long an event waits that the store could not take."""

_log: Final = structlog.get_logger("relay_onebot")


class ClosedError(Exception):
    """The channel is not open: nothing is taken."""


class Heard:
    """What one event says, and whose it is."""

    __slots__ = ("name", "own", "told")

    def __init__(self, told: Sequence[Told], own: Self | None, name: str) -> None:
        self.told, self.own, self.name = told, own, name


class Receiver:
    """The receiving half of a channel. `met` is told which account of which shop every line belongs to."""

    def __init__(
        self,
        name: ChannelName,
        version: Version,
        prefixes: Sequence[str],
        accounts: Accounts,
        arrivals: Arrivals,
        echoes: Echoes,
        clock: Clock,
    ) -> None:
        self._name, self._version, self._prefixes = name, version, prefixes
        self._accounts, self._arrivals, self._echoes, self._clock = accounts, arrivals, echoes, clock
        self._intake: Intake | None = None
        self._closing = asyncio.Event()
        self._turn = asyncio.Lock()
        self.known_until: Mapping[ShopId, Millis] = {}
        """Per shop until when relay knew its messages before this start."""
        self.met: Callable[[str, str, ShopId], None] = lambda self_id, buyer, shop: None

    def open(self, intake: Intake) -> None:
        self._intake = intake
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Offer nothing again; what is being taken comes to its end."""
        self._closing.set()
        self._intake = None

    def hear(self, raw: bytes) -> Heard:
        """What this event says. Raises `ValueError` or `RecursionError`."""
        now = self._clock.now()
        if self._version == "11":
            event11 = decode11(raw)
            prefixes = prefixes_of(event11, self._prefixes)
            told = tell11(event11, read_extensions(raw, prefixes), prefixes, now)
            return Heard(told, None, str(getattr(event11, "message_id", None) or ""))
        event12 = decode12(raw)
        prefixes = prefixes_of(event12, self._prefixes)
        return Heard(tell12(event12, read_extensions(raw, prefixes), prefixes, now), event12.own, event12.id)

    def account_of(self, line: Line) -> Account:
        """Whose line this is. Raises `ValueError`."""
        account = self._accounts.of(line.self_id, line.extensions)
        self.met(line.self_id, line.buyer, account.shop)
        return account

    def must_wait(self, line: Line) -> bool:
        """Whether a send has to end before it is known whose this line is."""
        return isinstance(line, Said) and line.own and self._echoes.waits((line.self_id, line.buyer))

    async def keep_once(self, line: Line, account: Account) -> Receipt:
        """Offer it once. Raises BadInputError, InboxFullError, StoreLatchedError, ClosedError."""
        return await self._take(await self.arrival_of(line, account))

    async def arrival_of(self, line: Line, account: Account) -> Arrival:
        """The line as the desk is told it; waits where a send has to end before it is known whose it is."""
        origin: Origin | None = None
        if isinstance(line, Said) and line.own and line.extensions.kind != "system":
            place, echo_of = (line.self_id, line.buyer), line.extensions.echo_of
            origin = await self._echoes.origin(place, line.message_id, echo_of, self._clock.now())
            if origin.whose == "person" and self._may_be_of_a_former_life(line, account.shop):
                origin = NOBODY
        return self._arrivals.of(line, account, origin)

    def _may_be_of_a_former_life(self, line: Said, shop: ShopId) -> bool:
        """Whether this own message may be a send that was under way when relay ended: its id died with that process."""
        until = self.known_until.get(shop)
        return until is not None and -BEFORE_MS <= line.at - until <= AFTER_MS

    async def keep(self, line: Line, account: Account, raw: bytes) -> bool:
        """Offer it until it is durable, or quarantined; false if the channel was closed before.

        Whoever has to come again does so in the order of reading, and nobody who was read later goes before.
        """
        arrival = await self.arrival_of(line, account)
        while True:
            try:
                await self._in_turn(arrival)
                return True
            except BadInputError as error:
                return await self.quarantine(raw, str(error))
            except ClosedError:
                return False
            except Exception as error:  # whatever it was, it was not taken
                _log.error("onebot_take_failed", channel=self._name, error=type(error).__name__)
                if await self.pause(AGAIN_S):
                    return False

    async def keep_gap(self, told: Missed, raw: bytes) -> bool:
        """Say what was missed until it is durable, or quarantined; false if the channel was closed before."""
        shop = self._accounts.of(told.self_id, told.extensions).shop
        while self._intake is not None:
            try:
                await self._intake.gap(shop, told.at, told.until, recovered=False, unrecoverable=True)
                return True
            except BadInputError as error:
                return await self.quarantine(raw, str(error))
            except InboxFullError as error:
                if await self.pause(error.retry_after_s):
                    break
        return False

    async def _in_turn(self, arrival: Arrival) -> Receipt:
        if not self._turn.locked():
            with suppress(InboxFullError):
                return await self._take(arrival)
        async with self._turn:
            offered = await self._offer(arrival)
        return await offered

    async def _offer(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        """Offer it until the desk has it in its inbox, which it says by not refusing at once."""
        while True:
            offered = asyncio.ensure_future(self._take(arrival))
            await asyncio.sleep(0)
            if not offered.done() or not isinstance(error := offered.exception(), InboxFullError | StoreLatchedError):
                return offered
            wait_s = error.retry_after_s if isinstance(error, InboxFullError) else AGAIN_S
            if await self.pause(wait_s):
                raise ClosedError

    async def _take(self, arrival: Arrival) -> Receipt:
        if self._intake is None:
            raise ClosedError
        return await self._intake.take(arrival)

    async def quarantine(self, raw: bytes, why: str) -> bool:
        """Keep what cannot be used; false if not even that was possible."""
        _log.warning("onebot_quarantined", channel=self._name, bytes=len(raw), why=why)
        try:
            if self._intake is not None:
                await self._intake.quarantine(self._name, raw, why)
                return True
        except Exception as error:
            _log.error("onebot_quarantine_failed", channel=self._name, error=type(error).__name__)
        return False

    async def pause(self, seconds: float) -> bool:
        """Wait so long, or until the channel closes, which is true."""
        try:
            async with asyncio.timeout(seconds):
                return await self._closing.wait()
        except TimeoutError:
            return False
