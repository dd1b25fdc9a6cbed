"""A running desk, notifiers in a test's hands, and the notices between them, in virtual time."""

import asyncio
from typing import Any

from relay.contracts import NoticeLimits
from relay.domain import inputs as i
from relay.domain.model import OpenAlert
from relay.domain.names import BuyerRef, PersonId, SeatId, ShopId
from relay.domain.settings import Shop
from relay.runtime.notices.outlet import Outlet, Rule
from relay.runtime.notices.quiet import Quiet
from relay.runtime.notices.room import Notices
from relay.testing.contracts_notifier import FakeNotifier
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import VirtualClock
from tests.domain.world import HUMAN
from tests.runtime.rig import CHANNEL, DESK, SHOP, Rig, SlowStore

LIMITS = NoticeLimits(per_minute=20, max_bytes=2048)


def rule(level: int = 1, after_s: int = 300, quiet: str = "", urgent: tuple[str, ...] = (), shops: Any = ()) -> Rule:
    return Rule(
        shops=frozenset(ShopId(shop) for shop in shops),
        level=level,
        escalate_after_ms=after_s * 1000,
        quiet=Quiet(quiet, "Asia/Shanghai") if quiet else None,
        urgent=frozenset(urgent),
    )


class Town:
    """`rules` by the notifier's name. The heart beats once a second."""

    def __init__(self, clock: VirtualClock, rig: Rig, notices: Notices, notifiers: dict[str, FakeNotifier]) -> None:
        self.clock, self.rig, self.notices, self.notifiers = clock, rig, notices, notifiers
        self._beats = asyncio.create_task(self._beat())

    @classmethod
    async def open(
        cls,
        clock: VirtualClock,
        rules: dict[str, Rule] | None = None,
        store: SlowStore | None = None,
        limits: NoticeLimits = LIMITS,
        warm: bool = True,
        **more: Any,
    ) -> "Town":
        """`warm`: the process has been running for a while, so that a message may go at once."""
        rig = await Rig.open(clock, store)
        if store is None:
            named = Shop(SHOP, DESK, name="旗舰店", channel=CHANNEL, assist="suggest")
            await rig.runner.post(i.TakeOffice(office_seq=99, subject=named))
        else:  # the agent's client comes back
            await rig.runner.post(i.SetPresence(seat=SeatId("s1"), presence="online"))
        rules = rules or {"group": rule()}
        notifiers = {name: FakeNotifier(name, limits) for name in rules}
        outlets = [Outlet(notifiers[name], one, clock.monotonic()) for name, one in rules.items()]
        notices = Notices(outlets, clock, SeededEntropy(3), **more)
        await notices.start()
        await notices.open_desk(rig.runner)
        rig.runner.begin_ticking()
        town = cls(clock, rig, notices, notifiers)
        if warm:
            await clock.sleep(66)
        return town

    async def _beat(self) -> None:
        while True:
            await self.clock.sleep(1)
            self.rig.runner.rearm()
            self.notices.beat()

    async def close(self) -> None:
        self._beats.cancel()
        await self.notices.stop()
        await self.rig.runner.stop()

    # --- what happens

    async def ask(self, *buyers: str) -> None:
        for buyer in buyers:
            await self.rig.take(f"{buyer}-{self.clock.now()}", buyer)

    async def keys(self) -> list[tuple[ShopId, BuyerRef]]:
        return await self.rig.runner.look(lambda state: list(state.conversations))

    async def answer(self, number: int = 0) -> None:
        """The buyer who came so many after the first is answered, in the shop's own client."""
        key = (await self.keys())[number]
        given = i.TakeShopMessage(
            shop=key[0], buyer=key[1], sent_at=self.clock.now(), digest="d", author=HUMAN, account="s1"
        )
        await self.rig.runner.post(given)

    async def open_alerts(self) -> list[OpenAlert]:
        return await self.rig.runner.look(lambda state: list(state.alerts.open.values()))

    async def acknowledge(self) -> None:
        for one in await self.open_alerts():
            if one.seen_by is None:
                given = i.AcknowledgeAlerts(shop=one.shop, buyer=one.buyer, by=PersonId("boss"), alerts=(one.id,))
                await self.rig.runner.post(given)

    # --- what is seen

    def titles(self, name: str = "group") -> list[str]:
        return [one.title for one in self.notifiers[name].sent]

    def text(self, name: str = "group") -> str:
        return "\n".join(line for one in self.notifiers[name].sent for line in (one.title, *one.lines))
