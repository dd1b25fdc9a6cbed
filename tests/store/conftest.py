"""What the store's tests are given: a file, a way to open it, and the checker that ships in docs/."""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from relay.store import open_store
from relay.testing.fakes import FakeClock, SeededEntropy
from tests.store.ledgers import Open


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


@pytest.fixture
def ram() -> Iterator[Path]:
    """A folder in memory if there is one: where the disk is a model, waiting for the real one proves nothing."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="relay-", dir=shm if shm.is_dir() else None) as folder:
        yield Path(folder)
