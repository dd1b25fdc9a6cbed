"""Personal data in a running service: who exports and erases buyers, and the nightly retention."""

from relay.config import Config
from relay.contracts import Clock
from relay.domain.names import DeskId
from relay.runtime.desk_runner import DeskRunner
from relay.runtime.history import History
from relay.runtime.orders import Orders
from relay.runtime.privacy.buyers import Buyers
from relay.runtime.privacy.retention import Retention
from relay.runtime.service import Service
from relay.store.sqlite import SqliteStore


class Privacy:
    """`orders` writes buyers too, and so takes turns with whoever erases one."""

    def __init__(
        self, config: Config, service: Service, store: SqliteStore, clock: Clock, orders: Orders, histories: History
    ) -> None:
        self._service = service
        self.buyers = Buyers(service.office, store.sight, clock, self._desk, orders.turn, histories)
        self.retention = Retention(service.office, store.sight, clock, self._desks, orders.turn, config.retention)

    async def retain(self) -> None:
        """What the calendar runs."""
        if self.retention.is_wanted:
            await self.retention.run()

    async def _desk(self, desk: DeskId) -> DeskRunner:
        return self._service.desks[desk].runner

    def _desks(self) -> dict[DeskId, DeskRunner]:
        return {desk: running.runner for desk, running in self._service.desks.items()}
