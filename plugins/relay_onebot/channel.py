"""The OneBot channel: its transport, what is behind every transport, and one start and stop for all of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import structlog

from relay.contracts import (
    Arrival,
    Capabilities,
    Channel,
    Clock,
    Entropy,
    HttpRequest,
    HttpResponse,
    Intake,
    Outgoing,
    Route,
    SendResult,
    SocketRoute,
    Transfer,
    TransferResult,
)
from relay.domain.names import ChannelName, Millis, ShopId
from relay_onebot.accounts import Accounts
from relay_onebot.actions import Response
from relay_onebot.arrivals import Arrivals
from relay_onebot.attendance import Attendance
from relay_onebot.auth import signature_standing, standing_of
from relay_onebot.calls import Caller, NotCalledError
from relay_onebot.dialing import Dialing
from relay_onebot.doors import Doors, refused
from relay_onebot.echoes import Echoes
from relay_onebot.history import History
from relay_onebot.http_api import HttpApi
from relay_onebot.message_ids import MessageIds
from relay_onebot.options import Options, read_options, target_of
from relay_onebot.presence import Limits, Roll
from relay_onebot.receiver import Receiver
from relay_onebot.send import Sender
from relay_onebot.speakers import Speakers
from relay_onebot.switchboard import Switchboard
from relay_onebot.webhook import Webhook
from relay_webhook.target import Target

LAST_S: Final = 3.0
_log = structlog.get_logger("relay_onebot")


class Parts:
    """What every transport has in common."""

    def __init__(self, name: ChannelName, options: Options, clock: Clock) -> None:
        self.accounts = Accounts(options.accounts)
        self.echoes = Echoes()
        recycled = options.version == "11" if options.recycled_ids is None else options.recycled_ids
        self.ids = MessageIds(recycled)
        arrivals = Arrivals(self.ids, options.shared_ids)
        self.receiver = Receiver(name, options.version, options.prefixes, self.accounts, arrivals, self.echoes, clock)
        self.history = History(options.history, self.receiver)
        self.roll = Roll(
            Limits(options.silence_s, options.quiet_s, options.missing_s), posted=options.transport == "webhook"
        )
        self.attendance = Attendance(name, self.roll, clock, self.history.recover, self.receiver.pause)
        self.receiver.known_until = self.attendance.since


class OneBotChannel:
    """Implements `relay.contracts.Channel`, `ServesSockets` and `VouchesForBridge`."""

    def __init__(
        self, name: ChannelName, options: Options, target: Target | None, clock: Clock, entropy: Entropy
    ) -> None:
        self._name, self._options, self._clock = name, options, clock
        self._parts = parts = Parts(name, options, clock)
        self._switchboard = Switchboard(name, options, parts.accounts, parts.receiver, parts.attendance, clock)
        self._doors = Doors(name, options, lambda: self._intake is not None, self._switchboard.serve)
        self._webhook = Webhook(name, options, parts.accounts, parts.receiver, parts.attendance, clock)
        self._api: HttpApi | None = None
        self._dialing: Dialing | None = None
        caller: Caller = self._switchboard
        if options.transport == "webhook" and target is not None:
            caller = self._api = HttpApi(options, target, self._webhook.selves)
        elif options.transport == "forward" and target is not None:
            serve, pause = self._switchboard.serve, parts.receiver.pause
            self._dialing = Dialing(name, options, target, serve, pause, entropy)
        self._caller = caller
        speakers = Speakers(parts.accounts, parts.roll, caller.speaks_for, options.extended)
        parts.receiver.met = speakers.met
        self._sender = Sender(name, options, caller, speakers, parts.echoes, parts.ids, clock)
        self._switchboard.late = self._late
        parts.attendance.on_look = self._switchboard.probe
        self._intake: Intake | None = None
        self._proving: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> ChannelName:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            placement=self._options.placement,
            echo=True,
            history=bool(self._options.history),
            idempotent=self._options.idempotent,
            sends_time=self._options.version == "12" and self._options.placement != "observe",
            replay=self._options.replay,
        )

    def routes(self) -> Sequence[Route]:
        if self._options.transport != "webhook":
            return ()
        path = f"/onebot/{self._name}/v{self._options.version}"
        return [Route("POST", path, self._webhook.handle, self._options.max_frame)]

    def vouch(self, request: HttpRequest) -> HttpResponse | None:
        """By a token of `tokens`, or version 11's signature under one of `secrets`."""
        signed = signature_standing(self._options.secrets, request.headers, request.body)
        shown = standing_of(self._options.tokens, request.headers, request.query)
        if "admitted" in (signed, shown):
            return None
        _log.warning("onebot_refused", channel=self._name, why=shown)
        return refused(401, "no good token; see Authorization: Bearer", "缺少令牌或令牌有误", "bad_token")

    def sockets(self) -> Sequence[SocketRoute]:
        return self._doors.sockets() if self._options.transport == "reverse" else ()

    async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        """A shop counts as connected when one of its accounts speaks; where events are posted, at once."""
        self._parts.accounts.shops = tuple(shops)
        self._parts.receiver.open(intake)
        self._parts.history.open(self._caller)
        if self._api is not None:
            self._api.open()
        await self._parts.attendance.open(intake, shops)
        self._sender.door.open()
        self._webhook.door.open()
        self._intake = intake
        if self._dialing is not None:
            self._dialing.open()

    async def stop(self) -> None:
        """What is being sent has `LAST_S` to get its answer; then its socket ends, and it is unknown."""
        self._intake = None
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_S):
                await self._sender.door.close()
        self._parts.receiver.close()
        await self._webhook.door.close()
        await self._parts.attendance.close()
        await self._switchboard.close()
        if self._dialing is not None:
            await self._dialing.close()
        if self._api is not None:
            await self._api.close()
        await asyncio.gather(*self._proving, return_exceptions=True)

    async def send(self, message: Outgoing) -> SendResult:
        if self._options.placement == "observe":
            return SendResult(outcome="refused", why="observe")
        return await self._sender.send(message)

    async def transfer(self, transfer: Transfer) -> TransferResult:
        if self._options.placement != "transfer":
            return TransferResult(outcome="refused", why="placement")
        return await self._sender.transfer(transfer)

    def history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        if not self._options.history:
            raise NotImplementedError("this bridge keeps no history that relay was told of")
        return self._history(shop, since)

    async def _history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        for one in list(self._parts.roll.of(shop)):
            try:
                async for arrival in self._parts.history.read(one.self_id, since, self._clock.now()):
                    yield arrival
            except NotCalledError:
                continue

    def _late(self, echo: str, response: Response) -> None:
        """An answer after its time: where it proves a send, the desk is told as by an echo."""
        arrival = self._sender.late(echo, response)
        if arrival is not None and self._intake is not None:
            task = asyncio.create_task(self._prove(self._intake, arrival))
            self._proving.add(task)
            task.add_done_callback(self._proving.discard)

    async def _prove(self, intake: Intake, arrival: Arrival) -> None:
        try:
            await intake.take(arrival)
        except Exception as error:
            _log.warning("onebot_late_proof_lost", channel=self._name, error=type(error).__name__)


def build(name: ChannelName, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Channel:
    """A channel from its table of the configuration. Raises `ValueError` naming key, value and remedy."""
    given = read_options(options)
    return OneBotChannel(name, given, target_of(given), clock, entropy)
