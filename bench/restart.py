"""The rows of a restart: a ledger with 100,000 open rounds, a snapshot 100,000 facts old, and `relay serve` once more.

The clock starts before the new process and stops at the first `200` of its `/readyz`. What is overdue is decided when
the last of its rounds has come to the end of its ladder: the instant stands on that fact. Each start works on a copy
of the same data, and one of them has no snapshot.

It is noon in China when relay comes up, whenever this runs: outside the assessed hours nothing would be overdue.
"""

import asyncio
import http.client
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.rows import Row, middle, shorten
from bench.shop import CAP, SHOP, free_port, next_noon, set_up
from relay.app import LEDGER, SNAPSHOTS
from relay.contracts import Arrival, Batch, ContentRow, KeyRow, RefRow
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import SALT_BYTES, chain, content_digest, decode
from relay.domain.desk import Desk
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, ShopId
from relay.rules.guiding import guiding
from relay.runtime.keys import body_digest, buyer_key, message_key
from relay.runtime.office import Office
from relay.runtime.snapshots.file import write
from relay.runtime.snapshots.snapshot import Snapshot
from relay.runtime.system import SystemClock, SystemEntropy
from relay.store.reader import Reader
from relay.store.sqlite import SqliteStore, open_store

DESK: Final = DeskId("main")
CHANNEL: Final = ChannelName("main")
ROUNDS: Final = 100_000
FACTS_OLD: Final = 100_000
SEATS: Final = ROUNDS // CAP
FEW: Final = 1_000
TRIES: Final = 3
OVERDUE_MS: Final = 300_000
BEGIN_MS, OPENING_MS = 600_000, 20_000
"""Rounds that are not overdue are stamped for later: none of their rungs comes due, however slow the machine is."""
GRACE: Final = "grace_s = 600\n"
"""No agent comes back here: nobody is to be placed anew while it is measured what is decided."""
BATCH: Final = 250
LIMIT_S: Final = 120.0
QUIET_S: Final = 1.5
SERVE: Final = """\
from relay.runtime.system import SystemClock
now = SystemClock.now
SystemClock.now = lambda clock: now(clock) + {ahead}
from relay.cli import main
main()
"""
"""`relay serve` by a clock that is so many milliseconds ahead."""

Say = Callable[[str], None]


class RestartError(Exception):
    """A relay did not come up, or did not decide what was due; says what it wrote."""


def restart(say: Say) -> list[Row]:
    """Ready and decided, with few and with all rounds overdue."""
    with _relay_with(FEW, say) as relay:
        few = [relay.start(say) for _ in range(TRIES)]
        bare, _ = relay.start(say, snapshot=False)
    with _relay_with(ROUNDS, say) as relay:
        every = [relay.start(say) for _ in range(TRIES)]
    what = f"restart, {ROUNDS:,} open rounds,"
    without = f"without a snapshot, {shorten(bare):.3g} s"
    ready = middle([ready for ready, _ in few])
    return [
        Row(
            name=f"{what} {FEW:,} overdue: to ready",
            value=ready,
            unit="s",
            compared_with=without,
            ratio=shorten(ready / bare),
            goal="≤ 2 s",
            holds=ready <= 2,
        ),
        _row(f"{what} {FEW:,} overdue: to decided", [decided for _, decided in few], None),
        _row(f"{what} all overdue: to ready", [ready for ready, _ in every], 2),
        _row(f"{what} all overdue: to decided", [decided for _, decided in every], 10),
    ]


def _row(name: str, seconds: list[float], goal: int | None) -> Row:
    value = middle(seconds)
    if goal is None:
        return Row(name=name, value=value, unit="s")
    return Row(name=name, value=value, unit="s", goal=f"≤ {goal} s", holds=value <= goal)


@contextmanager
def _relay_with(late: int, say: Say) -> Iterator["_Relay"]:
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        say(f"restart: writing {ROUNDS:,} rounds, {late:,} of them overdue")
        yield _Relay(Path(made), late)


class _Relay:
    """A relay that went down with all its rounds open. `start` brings a copy of it up."""

    def __init__(self, folder: Path, late: int) -> None:
        self._folder, self._late, self._port = folder, late, free_port()
        self._config, _ = set_up(folder, SEATS, self._port, shop=GRACE)
        self._data, self._kept = folder / "data", folder / "kept"
        noon = next_noon()
        self._ahead = noon - SystemClock().now()
        asyncio.run(fill(self._data, opened(noon, late)))
        with Reader(self._data / LEDGER) as ledger:
            head = ledger.head(DESK)
            assert head is not None
            self._head = head.seq
            snapshot = Snapshot.empty(DESK)
            snapshot.go_on(ledger, head.seq - FACTS_OLD)
            write(self._data / SNAPSHOTS, snapshot)
        self._data.rename(self._kept)

    def start(self, say: Say, snapshot: bool = True) -> tuple[float, float]:
        """Seconds from the start of the process to ready, and to the last decision."""
        shutil.copytree(self._kept, self._data)
        if not snapshot:
            shutil.rmtree(self._data / SNAPSHOTS)
        log = self._folder / "relay.log"
        with log.open("wb") as out:
            began, wall = time.perf_counter(), SystemClock().now() + self._ahead
            words = ("-c", SERVE.format(ahead=self._ahead), "serve", "--config", str(self._config))
            process = subprocess.Popen([sys.executable, *words], stderr=out)
        try:
            ready = self._wait_until_ready(process, began, log)
            self._wait_until_quiet(began)
        finally:
            process.terminate()
            process.wait()
        decided = (self._last_decision(log) - wall) / 1000
        shutil.rmtree(self._data)
        say(f"restart: ready after {ready:.2f} s, decided after {decided:.2f} s{'' if snapshot else ', no snapshot'}")
        return ready, decided

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]", began: float, log: Path) -> float:
        while time.perf_counter() - began < LIMIT_S and process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LIMIT_S)
            try:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return time.perf_counter() - began
            except ConnectionError:
                pass
            finally:
                connection.close()
            time.sleep(0.01)
        raise RestartError(f"not ready: {log.read_text('utf-8', 'replace')[-2000:]}")

    def _wait_until_quiet(self, began: float) -> None:
        """Until no fact has followed for a while."""
        with Reader(self._data / LEDGER) as ledger:
            seen, since = 0, time.perf_counter()
            while time.perf_counter() - since < QUIET_S and time.perf_counter() - began < LIMIT_S:
                head = ledger.head(DESK)
                if head is not None and head.seq != seen:
                    seen, since = head.seq, time.perf_counter()
                time.sleep(0.1)

    def _last_decision(self, log: Path) -> Millis:
        """When the last of the overdue rounds came to the last rung; each must have."""
        with Reader(self._data / LEDGER) as ledger:
            facts = (decode(row.body) for row in ledger.read(DESK, self._head + 1))
            ends = [fact.at for fact in facts if isinstance(fact, f.HoldWithheld)]
        if len(ends) != self._late:
            told = log.read_text("utf-8", "replace")[-2000:]
            raise RestartError(f"{len(ends)} of {self._late} overdue rounds decided: {told}")
        return max(ends)


async def fill(data_dir: Path, instants: Iterator[Millis]) -> None:
    """Open a round for a buyer of their own at each of these instants, as the intake would, and stop without a word."""
    entropy = SystemEntropy()
    store = open_store(data_dir / LEDGER, entropy, SystemClock())
    try:
        await _Writing(store, entropy).open_rounds(instants)
    finally:
        await store.close()


class _Writing:
    """A desk whose steps go to the store a batch at a time."""

    def __init__(self, store: SqliteStore, entropy: SystemEntropy) -> None:
        self._store, self._entropy = store, entropy
        self._desk = Desk(DESK, guiding)
        self._facts: list[f.DeskFact] = []
        self._content: list[ContentRow] = []
        self._keys: list[KeyRow] = []
        self._refs: list[RefRow] = []

    async def open_rounds(self, instants: Iterator[Millis]) -> None:
        claim = await self._store.claim(DESK)
        self._epoch, self._head = claim.epoch, claim.head_hash
        first = next(instants)
        await self._furnish(first)
        for number, at in enumerate(itertools.chain([first], instants)):
            self._ask(number, at)
            if len(self._facts) >= BATCH:
                await self._commit()
        await self._commit()

    async def _furnish(self, at: Millis) -> None:
        office = Office(self._store, SystemClock(), self._entropy, _nobody)
        await office.open()
        self._do(i.StartDesk(epoch=self._epoch), at)
        for change in office.due_to(DESK, 0):
            self._do(change, at)
        self._do(i.ConnectChannel(shop=ShopId(SHOP)), at)
        for seat in list(self._desk.state.seats):
            self._do(i.SetPresence(seat=seat, presence="online"), at)
        await self._commit()

    def _ask(self, number: int, at: Millis) -> None:
        secret, text = self._store.secret, f"在吗，什么时候能发货？ {number}"
        line = Arrival(
            shop=ShopId(SHOP), at=at, role="buyer", kind="human", buyer=f"tb_{number:06d}", id=f"r{number}", text=text
        )
        seq = self._desk.state.seq + 1
        row = ContentRow(seq, self._entropy.bytes(SALT_BYTES), text.encode())
        ref = BuyerRef(self._entropy.ref())
        self._content.append(row)
        self._keys.append(KeyRow(message_key(secret, CHANNEL, line, f"r{number}"), body_digest(secret, line), seq))
        self._refs.append(RefRow(buyer_key(secret, line.shop, line.buyer), ref, line.shop, line.buyer, f"买家{number}"))
        digest = content_digest(row.salt, row.body)
        self._do(i.TakeBuyerMessage(shop=line.shop, buyer=ref, sent_at=at, digest=digest), at)

    def _do(self, given: i.Input, at: Millis) -> None:
        self._facts += self._desk.step(given, at)

    async def _commit(self) -> None:
        first = self._desk.state.seq - len(self._facts) + 1
        rows = chain(self._head, DESK, first, self._facts)
        batch = Batch(DESK, self._epoch, first - 1, rows, self._keys, self._refs, self._content)
        await self._store.append(batch)
        self._head = rows[-1].hash
        self._facts, self._content, self._keys, self._refs = [], [], [], []


async def _nobody(_desk: DeskId, _change: i.TakeOffice) -> None:
    """No desk runs."""


def opened(now: Millis, late: int) -> Iterator[Millis]:
    """Instants of opening in order: the first `late` so long ago that their deadline is over."""
    for number in range(ROUNDS):
        begin = now - OVERDUE_MS if number < late else now + BEGIN_MS
        yield Millis(begin + number * OPENING_MS // ROUNDS)
