"""Figures of the store on this machine: `python -m tests.store.measure [FOLDER] [--full]`. Not a test; asserts nothing.

Beside each figure of appending stands the same load on bare sqlite3: one row, one commit, FULL, no thread.
"""

import asyncio
import hashlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from relay.contracts import Batch, ContentRow, KeyRow
from relay.domain.codec import Row, chain, content_digest
from relay.domain.facts import BuyerWrote
from relay.domain.names import BuyerRef, DeskId, Millis, ShopId
from relay.store import SqliteStore, open_store, verify
from relay.testing.fakes import SeededEntropy

SALT = bytes(16)
TEXT = "亲，这件什么时候能发货？".encode()
DIGEST = content_digest(SALT, TEXT)


def message(n: int, desk: DeskId, seq: int, prev: bytes, epoch: int) -> Batch:
    """What one buyer message costs at least: fact, text, key."""
    fact = BuyerWrote(
        at=Millis(1_750_000_000_000 + n),
        shop=ShopId("shop-1"),
        buyer=BuyerRef("b" * 22),
        sent_at=Millis(n),
        digest=DIGEST,
    )
    key = hashlib.sha256(b"%d" % n).digest()
    rows = chain(prev, desk, seq, [fact])
    return Batch(desk, epoch, seq - 1, rows, [KeyRow(key, key, seq)], content=[ContentRow(seq, SALT, TEXT)])


async def client(store: SqliteStore, name: str, count: int, took: list[float]) -> None:
    desk = DeskId(name)
    claim = await store.claim(desk)
    prev = claim.head_hash
    for seq in range(1, count + 1):
        batch = message(hash(name) + seq, desk, seq, prev, claim.epoch)
        prev = batch.rows[-1].hash
        start = time.perf_counter()
        await store.append(batch)
        took.append(time.perf_counter() - start)


def bare(path: Path, count: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)")
    start = time.perf_counter()
    for _ in range(count):
        connection.execute("INSERT INTO t (body) VALUES (?)", (bytes(300),))
    rate = count / (time.perf_counter() - start)
    connection.close()
    return rate


async def appends(folder: Path, clients: int, count: int) -> None:
    path = folder / f"appends-{clients}.db"
    store = open_store(path, SeededEntropy(1))
    took: list[float] = []
    start = time.perf_counter()
    await asyncio.gather(*(client(store, f"desk-{n}", count // clients, took) for n in range(clients)))
    rate = len(took) / (time.perf_counter() - start)
    cuts = statistics.quantiles(took, n=100)
    reference = bare(folder / f"bare-{clients}.db", 2000)
    print(
        f"appends, {clients:3} at once: {rate:8,.0f}/s  p50 {cuts[49] * 1e3:.2f} ms  p99 {cuts[98] * 1e3:.2f} ms"
        f"  {store.groups} commits for {len(took)}   bare one by one: {reference:,.0f}/s"
    )
    await store.close()


async def big(folder: Path, count: int) -> None:
    store = open_store(folder / "big.db", SeededEntropy(1))
    desk = DeskId("desk-1")
    claim = await store.claim(desk)
    prev, size = claim.head_hash, 250
    start = time.perf_counter()
    for first in range(1, count + 1, size):
        facts: list[Row] = []
        keys: list[KeyRow] = []
        content: list[ContentRow] = []
        for seq in range(first, first + size):
            one = message(seq, desk, seq, prev, claim.epoch)
            facts.append(one.rows[0])
            keys += one.keys
            content += one.content
            prev = one.rows[0].hash
        await store.append(Batch(desk, claim.epoch, first - 1, facts, keys, content=content))
    rate = count / (time.perf_counter() - start)
    print(f"appends, batches of {size} facts with text and key, made and stored: {rate:,.0f} facts/s")
    keys_ = [hashlib.sha256(b"%d" % n).digest() for n in range(1, count, max(1, count // 1000))]
    for many in (1, 16, 128):
        parts = [keys_[n : n + many] for n in range(0, len(keys_) - many, many)]
        start = time.perf_counter()
        for part in parts:
            await store.lookup(part, ())
        print(f"lookup of {many:3} among {count:,}: {(time.perf_counter() - start) / len(parts) * 1e6:7.1f} µs")
    with store.snapshot() as ledger:
        _rate("read", count, lambda: sum(1 for _ in ledger.read(desk)))
        _rate("verify, every fact with a text", count, lambda: verify(ledger))
    start = time.perf_counter()
    await store.backup(folder / "copy.db")
    print(f"backup: {time.perf_counter() - start:.2f} s for {store.path.stat().st_size / 1e6:.0f} MB")
    await store.close()


def _rate(what: str, count: int, work: Callable[[], object]) -> None:
    start = time.process_time()
    work()
    print(f"{what}: {count / (time.process_time() - start):,.0f} facts/s of CPU time")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        for at_once in (1, 50):
            asyncio.run(appends(Path(made), at_once, 10_000 if at_once == 1 else 50_000))
        asyncio.run(big(Path(made), 1_000_000 if "--full" in sys.argv else 200_000))
