"""The rows of the settlement: a ledger of a million rounds over a month, its roll-up from the first fact, and a report.

The ledger is of one shop on Taobao: in each conversation two rounds, one in twenty unanswered, one buyer in five has
been there before. Settled are the guiding rule's strict and default readings. The roll-up stands beside reading and
decoding the same rows, both in processor time; the report is read as `relay report --days 30` reads it.
"""

import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from bench.rows import Row, shorten
from relay.contracts import Batch
from relay.domain import facts as f
from relay.domain.codec import GENESIS, chain, decode
from relay.domain.guiding import Author, Kind
from relay.domain.names import BuyerRef, DeskId, Millis, SeatId, SendId, ShopId
from relay.domain.settings import Shop
from relay.insight.settlement.reading import reading_views
from relay.runtime.settling import projecting
from relay.runtime.system import SystemClock, SystemEntropy
from relay.store.projections import PROJECTIONS, look, open_projections
from relay.store.reader import Reader
from relay.store.rolling import roll_up
from relay.store.sqlite import open_store

ROUNDS: Final = 1_000_000
DAYS: Final = 31
TRIES: Final = 7
GOAL_MS: Final = 50
DESK, SHOP = DeskId("main"), ShopId("shop")
BEGINS: Final = 1_772_380_800_000
"""2026-03-02 00:00 in China."""
DAY, HOUR = 86_400_000, 3_600_000
BATCH: Final = 20_000

Say = Callable[[str], None]


def settlement(say: Say, rounds: int = ROUNDS) -> list[Row]:
    """A rebuild, and the report of thirty days over it."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        ledger, path = Path(made) / "relay.sqlite", Path(made) / PROJECTIONS
        say(f"settlement: writing a ledger of {rounds:,} rounds")
        facts = asyncio.run(_write(ledger, rounds))
        say(f"settlement: settling {facts:,} facts")
        settled, decoded = _spent(lambda: _settle(ledger, path)), _spent(lambda: _decode(ledger))
        reports = [_report(path) for _ in range(TRIES)]
    slowest = max(reports) * 1000
    return [
        Row(
            name=f"report of 30 days over {rounds:,} rounds, slowest of {TRIES}",
            value=shorten(slowest),
            unit="ms",
            goal=f"≤ {GOAL_MS} ms",
            holds=slowest <= GOAL_MS,
        ),
        Row(
            name=f"roll-up of {rounds:,} rounds from the first fact",
            value=shorten(facts / settled),
            unit="facts/s",
            compared_with=f"reading and decoding the same rows, {shorten(facts / decoded):,.0f} facts/s",
            ratio=shorten(settled / decoded),
        ),
    ]


def _spent(work: Callable[[], object]) -> float:
    """Of the processor alone, without the collector, as the child process of a service does it."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        work()
        return time.process_time() - started
    finally:
        gc.enable()


def _settle(ledger: Path, path: Path) -> None:
    with Reader(ledger) as journal, open_projections(path) as projections:
        roll_up(journal, projections, projecting((), ()), Millis(BEGINS + (DAYS + 2) * DAY))


def _decode(ledger: Path) -> None:
    with Reader(ledger) as journal:
        for row in journal.read(DESK):
            decode(row.body)


def _report(path: Path) -> float:
    started = time.perf_counter()
    with look(path) as sight:
        found = reading_views(
            sight.shelf("settlement", DESK), SHOP, date(2026, 3, 3), date(2026, 4, 1), with_seats=True
        )
    took = time.perf_counter() - started
    assert found[0].total.whole.denominator > 0
    return took


async def _write(ledger: Path, rounds: int) -> int:
    store = open_store(ledger, SystemEntropy(), SystemClock())
    claim = await store.claim(DESK)
    seq, last = 0, GENESIS
    batch: list[f.DeskFact] = []

    async def append() -> None:
        nonlocal seq, last
        rows = chain(last, DESK, seq + 1, batch)
        await store.append(Batch(DESK, claim.epoch, seq, rows))
        seq, last = rows[-1].seq, rows[-1].hash
        batch.clear()

    for fact in _facts(rounds):
        batch.append(fact)
        if len(batch) == BATCH:
            await append()
    if batch:
        await append()
    await store.close()
    return seq


def _facts(rounds: int) -> Iterator[f.DeskFact]:
    chance, buyers = random.Random(1), 0
    yield f.OfficeTaken(at=Millis(BEGINS), office_seq=1, subject=Shop(SHOP, DESK))
    for day in range(DAYS):
        told: list[f.DeskFact] = []
        for _ in range(rounds // DAYS // 2):
            buyers += 1
            known = chance.randrange(buyers) if chance.random() < 0.2 else buyers
            told += _talk(
                chance, f"{known:022}", f"s{buyers}", BEGINS + day * DAY + 8 * HOUR + chance.randrange(15 * HOUR)
            )
        told.sort(key=lambda one: one.at)
        yield from told
    yield f.ChannelHeard(at=Millis(BEGINS + (DAYS + 1) * DAY), shop=SHOP)


def _talk(chance: random.Random, buyer: str, send: str, at: int) -> Iterator[f.DeskFact]:
    """Two questions, each answered after a while or never."""
    for number in range(2):
        yield f.BuyerWrote(at=Millis(at), shop=SHOP, buyer=BuyerRef(buyer), sent_at=Millis(at), digest="0" * 64)
        waits = chance.choice([20_000, 40_000, 60_000, 90_000, 200_000])
        if chance.random() < 0.95:
            name, sent = SendId(f"{send}.{number}"), Millis(at + waits)
            yield f.SendStarted(
                at=Millis(sent - 500), shop=SHOP, buyer=BuyerRef(buyer), send=name, seat=SeatId("a1"), attempt=1
            )
            yield f.SendEnded(
                at=sent, shop=SHOP, buyer=BuyerRef(buyer), send=name, seat=SeatId("a1"), outcome="confirmed",
                sent_at=sent, author=Author(Kind.human), account="a1",
            )  # fmt: skip
        at += waits + 60_000
