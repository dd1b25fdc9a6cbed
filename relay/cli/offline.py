"""Working on the office without a running service: under the file lock, as facts like always.

The desks are not there; they take the changes over, in order, when the service starts next.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from relay.config import Config
    from relay.contracts import Clock, Entropy, Store
    from relay.domain.inputs import TakeOffice
    from relay.domain.names import DeskId
    from relay.runtime.office import Office

T = TypeVar("T")


def with_office(config: "Config", work: "Callable[[Office], Awaitable[T]]") -> T:
    """Open the data file, let `work` do what it does, close. Raises BadInputError if relay is running."""

    async def alone(_store: "Store", office: "Office", _clock: "Clock", _entropy: "Entropy") -> T:
        return await work(office)

    return with_store(config, alone)


def with_store(config: "Config", work: "Callable[[Store, Office, Clock, Entropy], Awaitable[T]]") -> T:
    """The same for work on the store itself."""
    from relay.app import LEDGER
    from relay.runtime.office import Office
    from relay.runtime.system import SystemClock, SystemEntropy
    from relay.store.sqlite import open_store

    async def run() -> T:
        config.relay.data_dir.mkdir(parents=True, exist_ok=True)
        clock, entropy = SystemClock(), SystemEntropy()
        store = open_store(config.relay.data_dir / LEDGER, entropy, clock)
        try:
            office = Office(store, clock, entropy, _nobody)
            await office.open()
            return await work(store, office, clock, entropy)
        finally:
            await store.close()

    return asyncio.run(run())


async def _nobody(_desk: "DeskId", _change: "TakeOffice") -> None:
    """No desk runs."""
