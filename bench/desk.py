"""The rows inside one process: what the desk's judgement costs, and how fast a ledger is replayed.

Every figure is the best of several tries beside the best of what it is compared with, tried in turns.
"""

import asyncio
import gc
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import heapify, heapreplace
from pathlib import Path
from typing import Final

from bench.corpus import MESSAGES_PER_BUYER, WRITING_AT_ONCE
from bench.rows import Row, shorten
from relay.contracts import Batch, Claim
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply import apply
from relay.domain.codec import GENESIS, chain, decode
from relay.domain.desk import Desk
from relay.domain.guiding import Author, Kind
from relay.domain.model import Conversation
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, PersonId, SeatId, ShopId
from relay.domain.ranking import Ranking
from relay.domain.routing import choose
from relay.domain.settings import Grant, Person, Seat, Shop
from relay.rules.guiding import guiding
from relay.runtime.recovery import recover
from relay.runtime.system import SystemEntropy
from relay.store.sqlite import open_store

DESK: Final = DeskId("main")
SHOP: Final = ShopId("shop1")
SEATS: Final = 40
CAP: Final = 500
NOON: Final = Millis(1_772_424_000_000)
"""2026-03-02 12:00 in China: within the assessed hours."""
GAP_MS: Final = 5
MANY_SEATS: Final = 500
REPLAYED: Final = 100_000
TRIES: Final = 3
PERSON: Final = Author(Kind.human)


def step(messages: int = 10_000) -> Row:
    """What deciding costs beside writing down what was decided."""
    best = [float("inf"), float("inf")]
    for _ in range(TRIES):
        desk, first = _open_desk(SEATS)
        given = list(_buyers(messages))
        facts: list[f.DeskFact] = []

        def decide(
            desk: Desk = desk, given: Sequence[tuple[i.Input, Millis]] = given, facts: list[f.DeskFact] = facts
        ) -> None:
            for one, at in given:
                facts.extend(desk.step(one, at))

        best[0] = min(best[0], _seconds(decide))
        best[1] = min(best[1], _seconds(partial(chain, GENESIS, DESK, first, facts)))
    ours, theirs = (one / messages * 1e6 for one in best)
    return Row(
        name=f"desk step, {SEATS} seats",
        value=shorten(ours),
        unit="µs/message",
        compared_with=f"encoding and chaining the same facts, {shorten(theirs):g} µs",
        ratio=shorten(ours / theirs),
    )


def routing(picks: int = 400) -> Row:
    """A decision and what it changes, at many seats; beside a heap of as many keys of which the first moves back."""
    chance = random.Random(1)
    desk, _ = _open_desk(MANY_SEATS)
    for one, at in _buyers(5_000):
        desk.step(one, at)
    state = desk.state
    ranking = Ranking()
    ranking.rebuild(state)
    convs = [Conversation(SHOP, BuyerRef(f"new{number}"), since=NOON, last_at=NOON) for number in range(picks * TRIES)]
    heap = [(chance.randrange(1000), chance.randrange(1000), NOON, f"seat{seat}") for seat in range(MANY_SEATS)]
    heapify(heap)
    best = [float("inf"), float("inf")]
    for attempt in range(TRIES):

        def pick(some: Sequence[Conversation] = convs[attempt * picks : (attempt + 1) * picks]) -> None:
            for conv in some:
                choice = choose(state, ranking, conv, NOON)
                assert choice.seat is not None
                fact = f.Assigned(
                    at=NOON, shop=SHOP, buyer=conv.buyer, seat=choice.seat, account="", reason=choice.reason
                )
                apply(state, fact)
                ranking.note(state, fact)

        def move() -> None:
            for _ in range(picks):
                waiting, opened, at, seat = heap[0]
                heapreplace(heap, (waiting + 1, opened + 1, at, seat))

        best = [min(best[0], _seconds(pick)), min(best[1], _seconds(move))]
    ours, theirs = (one / picks * 1e6 for one in best)
    return Row(
        name=f"routing at {MANY_SEATS} seats, pick and order",
        value=shorten(ours),
        unit="µs",
        compared_with=f"a heap of {MANY_SEATS} keys, first replaced, {shorten(theirs):g} µs",
        ratio=shorten(ours / theirs),
        goal="≤ 10 µs",
        holds=ours <= 10,
    )


def memory(conversations: int = 3_000) -> Row:
    """What the desk's state grows by for a conversation that is open and unanswered."""
    desk, _ = _open_desk(SEATS)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(conversations):
            desk.step(_wrote(number, number), NOON)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    each = (after - before) / conversations / 1024
    return Row(
        name="desk state per open conversation",
        value=shorten(each),
        unit="KB",
        goal="≤ 2 KB",
        holds=each <= 2,
    )


def replay() -> Row:
    """A desk rebuilt from its ledger as at a start, with what was told; beside reading and decoding the same rows."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        return asyncio.run(_replay(Path(made) / "replay.sqlite"))


async def _replay(path: Path) -> Row:
    store = open_store(path, SystemEntropy())
    try:
        claim = await store.claim(DESK)
        desk = Desk(DESK, guiding)
        head, batch = claim.head_hash, list[f.DeskFact]()
        for one, at in _a_day(desk):
            batch += desk.step(one, at)
            if len(batch) >= 250 or desk.state.seq >= REPLAYED:
                first = desk.state.seq - len(batch) + 1
                rows = chain(head, DESK, first, batch)
                await store.append(Batch(DESK, claim.epoch, first - 1, rows))
                head, batch = rows[-1].hash, []
            if desk.state.seq >= REPLAYED:
                break
        facts = desk.state.seq
        claimed = Claim(claim.epoch, facts, head)

        def rebuild() -> None:
            recover(store, DESK, claimed, guiding)

        def read() -> None:
            for row in store.read(DESK, 1, facts):
                decode(row.body)

        best = [float("inf"), float("inf")]
        for _ in range(2):
            best = [min(best[0], _seconds(rebuild)), min(best[1], _seconds(read))]
    finally:
        await store.close()
    ours, theirs = (facts / one for one in best)
    return Row(
        name=f"replay of {facts:,} facts at a start",
        value=shorten(ours),
        unit="facts/s",
        compared_with=f"reading and decoding the same rows, {shorten(theirs):,.0f} facts/s",
        ratio=shorten(ours / theirs),
        goal="≥ 50,000 facts/s",
        holds=ours >= 50_000,
    )


# --- the desk and what it is told


def _open_desk(seats: int) -> tuple[Desk, int]:
    """A desk with one shop and so many seats online, and the seq of its next fact."""
    desk = Desk(DESK, guiding)
    for one in _staff(seats):
        desk.step(one, NOON)
    return desk, desk.state.seq + 1


def _staff(seats: int) -> Iterator[i.Input]:
    yield i.StartDesk(epoch=1)
    yield i.TakeOffice(office_seq=1, subject=Shop(SHOP, DESK, "店铺", channel=ChannelName("main")))
    for number in range(seats):
        person, seat = PersonId(f"agent{number}"), SeatId(f"seat{number}")
        yield i.TakeOffice(office_seq=2 * number + 2, subject=Person(person, roles=(Grant(SHOP, "agent"),)))
        yield i.TakeOffice(office_seq=2 * number + 3, subject=Seat(seat, SHOP, person, cap=CAP))
    yield i.ConnectChannel(shop=SHOP)
    for number in range(seats):
        yield i.SetPresence(seat=SeatId(f"seat{number}"), presence="online")


def _wrote(buyer: int, number: int) -> i.TakeBuyerMessage:
    at = Millis(NOON + number * GAP_MS)
    return i.TakeBuyerMessage(shop=SHOP, buyer=BuyerRef(f"buyer{buyer:017d}"), sent_at=at, digest="d" * 64)


def _buyers(count: int) -> Iterator[tuple[i.Input, Millis]]:
    """The mix of the webhook's rows: each buyer writes five messages, two hundred at a time."""
    for number in range(count):
        turn, place = divmod(number, WRITING_AT_ONCE)
        buyer = turn // MESSAGES_PER_BUYER * WRITING_AT_ONCE + place
        yield _wrote(buyer, number), Millis(NOON + number * GAP_MS)


def _a_day(desk: Desk) -> Iterator[tuple[i.Input, Millis]]:
    """Staff, then buyers without end, each answered after the fifth message."""
    for staff in _staff(SEATS):
        yield staff, NOON
    for number, (one, at) in enumerate(_buyers(10 * REPLAYED)):
        yield one, at
        if number // WRITING_AT_ONCE % MESSAGES_PER_BUYER == MESSAGES_PER_BUYER - 1:
            assert isinstance(one, i.TakeBuyerMessage)
            yield i.TakeShopMessage(shop=SHOP, buyer=one.buyer, sent_at=at, digest="d" * 64, author=PERSON), at


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started
    finally:
        gc.enable()
