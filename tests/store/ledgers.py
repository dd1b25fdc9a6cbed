"""A ledger with everything in it, and its export, for the tests of this folder."""

import io
from collections.abc import Callable

from relay.store import Ledger, SqliteStore, export_facts
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe, buyer

Open = Callable[[], SqliteStore]


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
