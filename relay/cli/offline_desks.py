"""Desks brought up without a service, under the file lock, to erase something of them.

A desk here takes no message and does nothing that is due: it knows what its ledger says, and writes what it is told.
"""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.contracts import Clock, Entropy, Store
    from relay.domain.names import DeskId
    from relay.runtime.desk_runner import DeskRunner
    from relay.runtime.office import Office
    from relay.runtime.privacy.buyers import Buyers
    from relay.runtime.privacy.sight import Look


class OfflineDesks:
    """`desk` recovers one and keeps it until `close`."""

    def __init__(self, store: "Store", clock: "Clock", entropy: "Entropy") -> None:
        self._store, self._clock, self._entropy = store, clock, entropy
        self.running: dict[DeskId, DeskRunner] = {}

    async def desk(self, desk: "DeskId") -> "DeskRunner":
        from relay.rules.guiding import guiding
        from relay.runtime.desk_runner import DeskRunner
        from relay.runtime.recovery import recover

        if desk not in self.running:
            claim = await self._store.claim(desk)
            recovered, _ = recover(self._store, desk, claim, guiding)
            runner = self.running[desk] = DeskRunner(
                recovered,
                epoch=claim.epoch,
                head_hash=claim.head_hash,
                store=self._store,
                clock=self._clock,
                entropy=self._entropy,
                carry=lambda _: None,
            )
            runner.start()
        return self.running[desk]

    def buyers(self, office: "Office", look: "Look") -> "Buyers":
        """Who exports and erases buyers of these desks."""
        from relay.runtime.history import History
        from relay.runtime.privacy.buyers import Buyers

        histories = History(self._store, self._clock, self._entropy)
        return Buyers(office, look, self._clock, self.desk, asyncio.Lock(), histories)

    async def close(self) -> None:
        for runner in self.running.values():
            await runner.stop()
