"""Both stores keep the one contract."""

from pathlib import Path

import pytest

from relay.contracts import Store
from relay.store import open_store
from relay.testing.contracts_store import Opened, StoreContract
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Opened:
        async def open_again() -> Store:
            return open_store(tmp_path / "relay.db", SeededEntropy(1))

        return open_again


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def opened(self) -> Opened:
        store = MemoryStore(SeededEntropy(1))

        async def open_again() -> Store:
            return store.reopened()

        return open_again
