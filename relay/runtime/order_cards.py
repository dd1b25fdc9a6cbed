"""The orders of a buyer for whoever talks with them, kept up with the stream `orders` in a thread of its own.

Laws:
* No question waits for a long reading: the stream is taken in turns, and whoever asks meanwhile is told what is there
  and that it is not all yet.
* Whoever listens hears of a buyer only when what was told of their orders can be asked for.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from relay.domain.facts import OrderTold
from relay.domain.model import Key
from relay.domain.names import BuyerRef, ShopId
from relay.errors import RelayError
from relay.runtime.orders import mark_of
from relay.store.order_shelf import OrderShelf
from relay.store.reader import Reader

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class OrderCards:
    """`start` when the store is open, `stop` before it closes. `sight` opens a reader of the ledger."""

    def __init__(self, path: Path, sight: Callable[[], Reader], secret: bytes) -> None:
        self._path, self._sight, self._secret = path, sight, secret
        self._thread = ThreadPoolExecutor(1, "orders")
        self._shelf: OrderShelf | None = None
        self._listeners: list[Callable[[Sequence[Key]], None]] = []
        self._news: dict[Key, None] = {}
        self._wake = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self.complete = False
        """Whether every order that is durable can be asked for."""

    def start(self) -> None:
        self._wake.set()
        self._keeping = asyncio.create_task(self._keep_up())

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    def listen(self, listener: Callable[[Sequence[Key]], None]) -> None:
        """From now on call `listener` on the loop with the buyers of whose orders there is something new."""
        self._listeners.append(listener)

    def note(self, told: Sequence[OrderTold]) -> None:
        """These orders have just become durable."""
        self.complete = False
        self._news.update(dict.fromkeys((one.shop, one.buyer) for one in told))
        self._wake.set()

    async def of(self, shop: ShopId, buyer: BuyerRef) -> list[OrderTold]:
        """The orders of this buyer in this shop that are at hand, the newest first."""
        return await self._run(lambda: self._shelf.of(shop, buyer) if self._shelf is not None else [])

    def mark(self, shop: ShopId, number: str) -> str:
        """The mark of the order that the platform calls by this number."""
        return mark_of(self._secret, shop, number)

    async def _keep_up(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while await self._run(self._catch_up):
                    pass
            except RelayError as error:  # the cards go without; the ledger has the orders all the same
                _log.warning("orders_not_shown", error=str(error))
                continue
            if not self._wake.is_set():
                self.complete = True
            news, self._news = list(self._news), {}
            for listener in self._listeners:
                listener(news)

    def _catch_up(self) -> bool:
        if self._shelf is None:
            self._shelf = OrderShelf.open(self._path)
        with self._sight() as ledger:
            return self._shelf.catch_up(ledger)

    def _close(self) -> None:
        if self._shelf is not None:
            self._shelf.close()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
