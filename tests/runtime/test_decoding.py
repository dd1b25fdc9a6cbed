"""A ledger that a newer relay wrote, with facts that this one does not know: one clear sentence, no traceback."""

import pytest

from relay.contracts import Batch
from relay.domain.codec import GENESIS, Row, link
from relay.domain.names import OFFICE, DeskId
from relay.errors import LedgerError
from relay.rules.guiding import guiding
from relay.runtime.office import Office
from relay.runtime.recovery import recover
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore

TO_COME = b'{"type":"BuyerSang@1","at":1}'


async def holding(desk: DeskId) -> MemoryStore:
    store = MemoryStore(SeededEntropy())
    claim = await store.claim(desk)
    await store.append(Batch(desk, claim.epoch, 0, [Row(1, TO_COME, link(GENESIS, desk, 1, TO_COME))]))
    return store


async def test_on_a_desk() -> None:
    store = await holding(DeskId("main"))
    claim = await store.claim(DeskId("main"))
    with pytest.raises(LedgerError, match=r"main seq 1: .*升级 relay.*newer relay.*BuyerSang"):
        recover(store, DeskId("main"), claim, guiding)


async def test_in_the_office() -> None:
    async def deliver(desk: DeskId, change: object) -> None: ...

    office = Office(await holding(OFFICE), FakeClock(), SeededEntropy(), deliver)
    with pytest.raises(LedgerError, match=r"office seq 1: .*newer relay.*BuyerSang"):
        await office.open()
