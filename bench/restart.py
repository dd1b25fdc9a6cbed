"""The rows of a restart: a ledger with 100,000 open rounds, a snapshot 100,000 facts old, and `relay serve` once more.

The clock starts before the new process and stops at the first `200` of its `/readyz`; whatever is overdue by then is
decided once no fact has followed for a while: the instant that counts is that of the last of them on the ledger.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.shop import CAP, SHOP
from relay.app import LEDGER
from relay.contracts import Arrival, Batch, ContentRow, KeyRow, RefRow
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import SALT_BYTES, chain, content_digest
from relay.domain.desk import Desk
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, ShopId
from relay.rules.guiding import guiding
from relay.runtime.keys import body_digest, buyer_key, message_key
from relay.runtime.office import Office
from relay.runtime.system import SystemClock, SystemEntropy
from relay.store.sqlite import SqliteStore, open_store

DESK: Final = DeskId("main")
CHANNEL: Final = ChannelName("main")
ROUNDS: Final = 100_000
SEATS: Final = ROUNDS // CAP
OVERDUE_MS: Final = 300_000
OPENING_MS: Final = 20_000
"""Over how long the rounds are opened: shorter than the first rung of the ladder, so that none is taken before."""
BATCH: Final = 250


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
    """Instants of opening in order: the first `late` so long ago that their deadline is over, the rest of today's."""
    for number in range(ROUNDS):
        ago = OVERDUE_MS if number < late else 0
        yield Millis(now - ago + number * OPENING_MS // ROUNDS)
