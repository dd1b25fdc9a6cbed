"""The webhook channel: a receiving half, a sending half unless it only observes, and one start and stop for both."""

from collections.abc import AsyncIterator, Mapping, Sequence

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
    Transfer,
    TransferResult,
)
from relay.domain.names import ChannelName, Millis, ShopId
from relay_webhook.options import read_options, target_of
from relay_webhook.receive import Receiver
from relay_webhook.send import Sender
from relay_webhook.signature import key_of


class WebhookChannel:
    """Implements `relay.contracts.Channel` and `VouchesForBridge`.

    Its capabilities say what the wire can carry: whether a message's echo and the platform's time really come is up
    to the bridge. History it has none.
    """

    def __init__(
        self, name: ChannelName, capabilities: Capabilities, max_body: int, receiver: Receiver, sender: Sender | None
    ) -> None:
        self._name, self._capabilities, self._max_body = name, capabilities, max_body
        self._receiver, self._sender = receiver, sender

    @property
    def name(self) -> ChannelName:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def routes(self) -> Sequence[Route]:
        return [Route("POST", f"/channel/{self._name}", self._receiver.handle, self._max_body)]

    def vouch(self, request: HttpRequest) -> HttpResponse | None:
        return self._receiver.vouch(request)

    async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        """A webhook has no line that could be down, so a shop counts as connected unless the bridge has said `lost`."""
        for shop in shops:
            if shop not in self._receiver.lost:
                await intake.connected(shop)
        if self._sender is not None:
            self._sender.open()
        self._receiver.open(intake, shops)

    async def stop(self) -> None:
        await self._receiver.close()
        if self._sender is not None:
            await self._sender.close()

    async def send(self, message: Outgoing) -> SendResult:
        if self._sender is None:
            return SendResult(outcome="refused", why="observe")
        return await self._sender.send(message)

    async def transfer(self, transfer: Transfer) -> TransferResult:
        if self._sender is None or self._capabilities.placement != "transfer":
            return TransferResult(outcome="refused", why="placement")
        return await self._sender.transfer(transfer)

    def history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        raise NotImplementedError("a webhook has no history: the bridge sends what it missed by itself")


def build(name: ChannelName, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Channel:
    """A channel from its table of the configuration. Raises `ValueError` naming key, value and remedy."""
    given = read_options(options)
    target = target_of(given)
    keys = [key_of(secret) for secret in given.secrets]
    sender = None
    if target is not None:
        assert given.send_secret is not None
        sender = Sender(name, target, given.send_secret, given.timeout_s, given.idempotent, clock)
    capabilities = Capabilities(
        placement=given.placement,
        echo=True,
        idempotent=given.idempotent,
        sends_time=target is not None,
        alive_every_s=given.alive_every_s,
    )
    return WebhookChannel(name, capabilities, given.max_body, Receiver(name, keys, given.max_body, clock), sender)
