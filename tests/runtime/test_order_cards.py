"""Orders by buyer in a file beside the ledger: kept up by itself, and made anew where it does not fit."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from relay.contracts.orders import Order
from relay.domain.model import Key
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.runtime.order_cards import OrderCards
from relay.runtime.orders import Orders
from relay.store import SqliteStore, open_store
from relay.store.order_shelf import AT_ONCE, FILE
from relay.testing.fakes import FakeClock, SeededEntropy
from tests.domain.world import TEN

SHOP = ShopId("shop")
ONE = Order(SHOP, "2026030200001", "tb_zhang", Millis(TEN))


class House:
    """A store, its orders, and the cards of them; `told` is what a listener heard."""

    def __init__(self, folder: Path, ledger: str = "relay.sqlite") -> None:
        self.store: SqliteStore = open_store(folder / ledger, SeededEntropy(1), FakeClock())
        self.orders = Orders(self.store, FakeClock(TEN), SeededEntropy(2))
        self.cards = OrderCards(folder / FILE, self.store.sight, self.store.secret)
        self.orders.on_told = self.cards.note
        self.told: asyncio.Queue[Sequence[Key]] = asyncio.Queue()
        self.cards.listen(self.told.put_nowait)
        self.cards.start()

    async def take(self, *orders: Order) -> Sequence[Key]:
        """These orders; whom the listener hears of when they can be asked for."""
        await self.orders.take(orders)
        while not (keys := await self.told.get()):
            pass
        return keys

    async def close(self) -> None:
        await self.cards.stop()
        await self.store.close()


async def test_the_newest_word_on_each_order_stands_with_the_buyer_whom_it_names(tmp_path: Path) -> None:
    house = House(tmp_path)
    ((_, zhang),) = await house.take(ONE, replace(ONE, order="2", created_at=Millis(TEN + 1)))
    assert [one.status for one in await house.cards.of(SHOP, zhang)] == ["created", "created"]
    paid = replace(ONE, paid_at=Millis(TEN + 60_000), amount_fen=990, status="paid")
    assert await house.take(paid) == [(SHOP, zhang)]
    told = await house.cards.of(SHOP, zhang)
    assert [(one.status, one.amount_fen) for one in told] == [("created", 0), ("paid", 990)], "the newest first"
    assert told[1].order == house.cards.mark(SHOP, ONE.order)
    ((_, li),) = await house.take(replace(paid, buyer="tb_li"))
    assert [len(await house.cards.of(SHOP, one)) for one in (zhang, li)] == [1, 1], "it is another buyer's now"
    assert await house.cards.of(ShopId("other"), li) == []
    assert house.cards.complete
    await house.close()


async def test_after_a_start_it_goes_on_and_on_another_ledger_it_begins_anew(tmp_path: Path) -> None:
    house = House(tmp_path)
    many = [replace(ONE, order=str(number)) for number in range(AT_ONCE + 5)]
    ((_, zhang),) = await house.take(*many)
    await house.close()
    again = House(tmp_path)
    assert await again.told.get() == []
    assert len(await again.cards.of(SHOP, zhang)) == AT_ONCE + 5
    await again.close()
    other = House(tmp_path, "restored.sqlite")
    assert await other.take(ONE) == [(SHOP, zhang)], "the reference happens to be the same: chance is seeded"
    assert len(await other.cards.of(SHOP, zhang)) == 1
    await other.close()


async def test_a_file_that_cannot_be_had_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).mkdir()
    house = House(tmp_path)
    await house.orders.take([ONE])
    assert await house.cards.of(SHOP, BuyerRef("anybody")) == []
    assert not house.cards.complete
    await house.close()
