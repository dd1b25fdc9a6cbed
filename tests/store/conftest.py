"""What the store's tests share: opening, a ledger with everything in it, and the checker that ships in docs/."""

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from relay.store import Ledger, SqliteStore, export_facts, open_store
from relay.testing.contracts_store import MemoryStore, Scribe, buyer
from relay.testing.fakes import FakeClock, SeededEntropy

Open = Callable[[], SqliteStore]


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    return tmp_path / "relay.db"


@pytest.fixture
def open_file(data_file: Path) -> Open:
    return lambda: open_store(data_file, SeededEntropy(1), FakeClock())


@pytest.fixture(scope="session")
def checker() -> ModuleType:
    path = Path(__file__).parents[2] / "docs" / "verify_export.py"
    spec = importlib.util.spec_from_file_location("verify_export", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def small_ledger() -> MemoryStore:
    """Two desks; texts, facts without a text, an erasure, buyers."""
    store = MemoryStore(SeededEntropy(1))
    for desk in ("desk-1", "desk-2"):
        scribe = await Scribe.of(store, desk)
        person = 1 if desk == "desk-1" else 2
        await store.append(scribe.plain(2))
        await store.append(scribe.messages("在吗", "有货吗？", "", "我的电话 13800000000", refs=[buyer(person)]))
        await store.append(scribe.erase(6))
        await store.append(scribe.messages("😀" * 20))
        await store.append(scribe.plain(3))
    return store


def exported(ledger: Ledger, names: bool = True) -> list[bytes]:
    out = io.BytesIO()
    export_facts(ledger, out, names=names)
    return out.getvalue().splitlines(keepends=True)
