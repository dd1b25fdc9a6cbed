"""What relay offers its channels: each line goes to the desk of its shop and returns when it is durable (L1)."""

from collections.abc import Callable

from relay.contracts import Arrival, Clock, Placement, Quarantined, Receipt, Store
from relay.domain import inputs as i
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import BadInputError, InboxFullError
from relay.runtime.desk_runner import DeskRunner
from relay.runtime.replays import ReplayGuard
from relay.runtime.silence import SilenceWatch
from relay.runtime.skew import SkewMeter

PAUSED_RETRY_S = 30
DeskOf = Callable[[ShopId], DeskRunner | None]


class ChannelIntake:
    """The intake of one channel. While `paused` (the disk is nearly full) every message is asked to come again."""

    def __init__(
        self,
        channel: ChannelName,
        placement: Placement,
        store: Store,
        clock: Clock,
        desk_of: DeskOf,
        skew: SkewMeter,
        silence: SilenceWatch,
        paused: Callable[[], bool] = lambda: False,
        known: Callable[[ShopId], Millis | None] = lambda shop: None,
        replays: ReplayGuard | None = None,
    ) -> None:
        self._channel, self._placement, self._silence = channel, placement, silence
        self._store, self._clock, self._desk_of, self._skew = store, clock, desk_of, skew
        self._paused, self._known = paused, known
        self._replays = replays or ReplayGuard()

    async def take(self, arrival: Arrival) -> Receipt:
        self._replays.check(self._channel, arrival.replay)
        if self._paused():
            raise InboxFullError(PAUSED_RETRY_S)
        desk = self._desk(arrival.shop)
        self._note_sign(desk, arrival.shop)
        receipt = await desk.take(self._channel, arrival)
        if receipt.taken == "taken":
            self._skew.note(arrival.shop, arrival.at, self._clock.now())
        return receipt

    async def connected(self, shop: ShopId) -> None:
        self._silence.connected(shop, self._clock.monotonic())
        await self._desk(shop).post(i.ConnectChannel(shop=shop, placement=self._placement))

    async def lost(self, shop: ShopId, why: str) -> None:
        self._silence.lost(shop)
        await self._desk(shop).post(i.LoseChannel(shop=shop, why=why))

    async def alive(self, shop: ShopId) -> None:
        self._note_sign(self._desk(shop), shop)

    async def gap(
        self, shop: ShopId, from_at: Millis, to_at: Millis, recovered: bool, unrecoverable: bool = False
    ) -> None:
        desk = self._desk(shop)
        self._note_sign(desk, shop)
        await desk.submit(
            i.ReportGap(shop=shop, from_at=from_at, to_at=to_at, recovered=recovered, unrecoverable=unrecoverable)
        )

    async def quarantine(self, channel: ChannelName, raw: bytes, why: str) -> None:
        await self._store.quarantine(Quarantined(self._clock.now(), channel, why, raw))

    async def known_until(self, shop: ShopId) -> Millis | None:
        return self._known(shop)

    def _note_sign(self, desk: DeskRunner, shop: ShopId) -> None:
        if self._silence.sign(shop, self._clock.monotonic()):
            desk.post(i.NoteHeard(shop=shop))

    def _desk(self, shop: ShopId) -> DeskRunner:
        desk = self._desk_of(shop)
        if desk is None:
            raise BadInputError(
                f"unknown shop {shop!r}; add it to the settings / 店铺 {shop!r} 未登记，请先在设置中添加"
            )
        return desk
