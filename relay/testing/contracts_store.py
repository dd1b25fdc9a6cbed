"""What every `Store` promises, as one test class, and a store in memory that keeps the same promises.

Subclass `StoreContract` and give it a fixture `opened`: a callable that opens the store, and opens the same one again
after a close. `Scribe` writes well-formed batches for it.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Self

import msgspec
import pytest

from relay.contracts import (
    Batch,
    Claim,
    ContentRow,
    Entropy,
    Found,
    Head,
    KeyRow,
    Quarantined,
    RefRow,
    Restored,
    Seen,
    Store,
)
from relay.domain.codec import GENESIS, SALT_BYTES, Row, chain, content_digest, link
from relay.domain.facts import BuyerWrote, ChannelConnected, Erased, Fact
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, PersonId, ShopId
from relay.errors import LedgerError, OwnershipLostError, StoreLatchedError
from relay.store.verify import verify

SHOP = ShopId("shop-1")
BUYER = BuyerRef("buyer-1")
Opened = Callable[[], Awaitable[Store]]


async def at_once() -> None:
    """A disk that takes no time."""


class MemoryStore:
    """A store without a disk. `latency` is awaited before each commit; a test gives it delays or failures.

    Commits happen one after the other, in the order of the calls. A call cancelled while it waits is not committed.
    """

    def __init__(self, entropy: Entropy, latency: Callable[[], Awaitable[None]] = at_once) -> None:
        self.secret = entropy.bytes(32)
        self.journal: dict[DeskId, list[Row]] = {}
        self.texts: dict[DeskId, dict[int, ContentRow]] = {}
        self.keys: dict[bytes, dict[bytes, Seen]] = {}
        self.people: dict[bytes, RefRow] = {}
        self.epochs: dict[DeskId, int] = {}
        self.restorations: dict[DeskId, list[Restored]] = {}
        self.unparsed: dict[tuple[ChannelName, bytes], Quarantined] = {}
        self._latency = latency
        self._turn = asyncio.Lock()
        self._closed = False

    def reopened(self) -> Self:
        """The same content, as the next process finds it."""
        again = object.__new__(type(self))
        again.__dict__.update(self.__dict__, _turn=asyncio.Lock(), _closed=False)
        return again

    async def claim(self, desk: DeskId) -> Claim:
        async with self._turn:
            await self._ready()
            self.epochs[desk] = self.epochs.get(desk, 0) + 1
            return Claim(self.epochs[desk], *self._head(desk))

    async def append(self, batch: Batch) -> None:
        async with self._turn:
            await self._ready()
            self._take(batch)

    async def quarantine(self, item: Quarantined) -> None:
        async with self._turn:
            await self._ready()
            self.unparsed.setdefault((item.channel, item.raw), item)

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        self._open()
        seen = {key: list(self.keys[key].values()) for key in keys if key in self.keys}
        return Found(seen, {key: self.people[key].ref for key in refs if key in self.people})

    def restored(self, desk: DeskId) -> Sequence[Restored]:
        return self.restorations.get(desk, [])

    def desks(self) -> Sequence[DeskId]:
        return sorted({desk for desk, held in [*self.journal.items(), *self.texts.items()] if held})

    def heads(self) -> Sequence[Head]:
        self._open()
        return [Head(desk, *self._head(desk)) for desk in sorted(self.journal) if self.journal[desk]]

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        self._open()
        return iter(
            [r for r in self.journal.get(desk, ()) if from_seq <= r.seq and (to_seq is None or r.seq <= to_seq)]
        )

    def contents(self, desk: DeskId) -> Iterator[ContentRow]:
        return iter(sorted(self.texts.get(desk, {}).values(), key=lambda text: text.seq))

    def content(self, desk: DeskId, seqs: Iterable[int]) -> Mapping[int, ContentRow]:
        self._open()
        held = self.texts.get(desk, {})
        return {seq: held[seq] for seq in seqs if seq in held}

    def buyers(self, refs: Iterable[BuyerRef]) -> Mapping[BuyerRef, RefRow]:
        self._open()
        wanted = set(refs)
        return {row.ref: row for row in self.people.values() if row.ref in wanted}

    def every_buyer(self) -> Iterator[RefRow]:
        return iter(sorted(self.people.values(), key=lambda row: row.ref))

    def quarantined(self, limit: int = 100) -> Sequence[Quarantined]:
        self._open()
        return list(self.unparsed.values())[::-1][:limit]

    async def check(self) -> str | None:
        self._open()
        flaws = verify(self)
        return str(flaws[0]) if flaws else None

    async def close(self) -> None:
        async with self._turn:
            self._closed = True

    def _open(self) -> None:
        if self._closed:
            raise StoreLatchedError("the store is closed")

    async def _ready(self) -> None:
        self._open()
        await self._latency()
        self._open()

    def _head(self, desk: DeskId) -> tuple[int, bytes]:
        rows = self.journal.get(desk)
        return (rows[-1].seq, rows[-1].hash) if rows else (0, GENESIS)

    def _take(self, batch: Batch) -> None:
        desk, (seq, prev) = batch.desk, self._head(batch.desk)
        if batch.epoch != self.epochs.get(desk) or batch.expected_seq != seq:
            raise OwnershipLostError(f"{desk}: epoch {batch.epoch} or seq {batch.expected_seq} is not the store's")
        if [row.seq for row in batch.rows] != list(range(seq + 1, seq + 1 + len(batch.rows))):
            raise LedgerError(desk, seq + 1, "the seqs do not follow each other")
        if batch.rows and link(prev, desk, seq + 1, batch.rows[0].body) != batch.rows[0].hash:
            raise LedgerError(desk, seq + 1, "does not link to the stored head")
        if any(key.body in self.keys.get(key.key, {}) for key in batch.keys):
            raise LedgerError(desk, seq + 1, "a message of this batch was taken before")
        gone, texts = set(batch.erase_refs), self.texts.setdefault(desk, {})
        for ref in batch.refs:
            if (known := self.people.get(ref.key)) and known.ref != ref.ref and known.ref not in gone:
                raise LedgerError(desk, seq + 1, "a buyer of this batch has another ref")
        if any(text.seq in texts or len(text.salt) != SALT_BYTES for text in batch.content):
            raise LedgerError(desk, seq + 1, "a text of this batch is there already or has no proper salt")
        self.journal.setdefault(desk, []).extend(batch.rows)
        for key in batch.keys:
            self.keys.setdefault(key.key, {})[key.body] = Seen(key.body, desk, key.seq)
        for erased in batch.erase_content:
            texts.pop(erased, None)
        for line in batch.erase_quarantine:
            self.unparsed = {key: one for key, one in self.unparsed.items() if (key[0], _digest(key[1])) != line}
        texts.update((text.seq, text) for text in batch.content)
        for row in [row for row in self.people.values() if row.ref in gone] if gone else ():
            del self.people[row.key]
        for ref in batch.refs:
            self.people[ref.key] = _laid_over(self.people.get(ref.key), ref)


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


class Scribe:
    """Owns a desk and writes well-formed batches for it, each following the one before."""

    def __init__(self, desk: DeskId, claim: Claim) -> None:
        self.desk, self.epoch = desk, claim.epoch
        self.seq, self.prev = claim.head_seq, claim.head_hash

    @classmethod
    async def of(cls, store: Store, desk: str = "desk-1") -> Self:
        return cls(DeskId(desk), await store.claim(DeskId(desk)))

    def facts(self, *facts: Fact) -> Batch:
        """These facts, and nothing with them."""
        rows = chain(self.prev, self.desk, self.seq + 1, facts)
        batch = Batch(self.desk, self.epoch, self.seq, rows)
        if rows:
            self.seq, self.prev = rows[-1].seq, rows[-1].hash
        return batch

    def plain(self, count: int = 1) -> Batch:
        """Facts that bind no text."""
        return self.facts(*(ChannelConnected(at=Millis(self.seq + n), shop=SHOP) for n in range(1, count + 1)))

    def messages(self, *texts: str, refs: Sequence[RefRow] = ()) -> Batch:
        """One buyer message each, with its text and its dedupe key."""
        first, facts, content, keys = self.seq + 1, [], [], []
        for seq, text in enumerate(texts, first):
            salt, body = hashlib.sha256(b"%d" % seq).digest()[:SALT_BYTES], text.encode()
            digest = content_digest(salt, body)
            facts.append(BuyerWrote(at=Millis(seq), shop=SHOP, buyer=BUYER, sent_at=Millis(seq), digest=digest))
            content.append(ContentRow(seq, salt, body))
            keys.append(KeyRow(key_of(self.desk, seq), hmac.digest(b"k", body, "sha256"), seq))
        made = self.facts(*facts)
        return Batch(made.desk, made.epoch, made.expected_seq, made.rows, keys, refs, content)

    def erase(self, *seqs: int, refs: Sequence[BuyerRef] = ()) -> Batch:
        made = self.facts(Erased(at=Millis(self.seq + 1), by=PersonId("owner"), contents=seqs))
        return Batch(made.desk, made.epoch, made.expected_seq, made.rows, erase_content=seqs, erase_refs=refs)


def key_of(desk: str, seq: int) -> bytes:
    """The key that `Scribe.messages` gave to the message of this seq."""
    return hashlib.sha256(f"{desk}/{seq}".encode()).digest()


def _laid_over(known: RefRow | None, told: RefRow) -> RefRow:
    """What is empty leaves what was there."""
    if known is None:
        return told
    name, order_no = told.name or known.name, told.order_no or known.order_no
    return RefRow(told.key, told.ref, known.shop, told.platform_id, name, order_no)


def buyer(number: int, ref: str | None = None, name: str = "张三", order_no: str = "") -> RefRow:
    key = hashlib.sha256(b"buyer %d" % number).digest()
    return RefRow(key, BuyerRef(ref or f"ref-{number}"), SHOP, f"tb-{number}", name, order_no)


class StoreContract:
    """Every store passes these. Subclasses give the fixture `opened`."""

    @pytest.fixture
    def opened(self) -> Opened:
        raise NotImplementedError("give a fixture `opened` that opens the store, and the same one again after a close")

    async def test_an_empty_desk_is_claimed_at_seq_0(self, opened: Opened) -> None:
        store = await opened()
        assert await store.claim(DeskId("desk-1")) == Claim(1, 0, GENESIS)
        assert list(store.heads()) == []
        assert list(store.restored(DeskId("desk-1"))) == []
        assert list(store.read(DeskId("desk-1"))) == []
        await store.close()

    async def test_every_claim_is_a_new_epoch_and_gives_the_head(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.plain(3))
        assert await store.claim(scribe.desk) == Claim(2, 3, scribe.prev)
        await store.close()

    async def test_facts_come_back_as_the_bytes_they_were(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        batches = [scribe.plain(3), scribe.messages("在吗", "有货吗？😀"), scribe.plain(2)]
        for batch in batches:
            await store.append(batch)
        rows = [row for batch in batches for row in batch.rows]
        assert list(store.read(scribe.desk)) == rows
        assert list(store.read(scribe.desk, 3, 5)) == rows[2:5]
        assert list(store.read(scribe.desk, 6)) == rows[5:]
        assert list(store.read(scribe.desk, 8)) == []
        assert list(store.heads()) == [Head(scribe.desk, 7, rows[-1].hash)]
        assert await store.check() is None
        await store.close()

    async def test_a_reading_shows_what_was_there_when_it_began(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.plain(2))
        reading = store.read(scribe.desk)
        await store.append(scribe.plain(1))
        assert [row.seq for row in reading] == [1, 2]
        await store.close()

    async def test_L1_what_was_acknowledged_is_there_after_a_restart(self, opened: Opened) -> None:
        store = await opened()
        secret = store.secret
        scribe = await Scribe.of(store)
        await store.append(scribe.messages("在吗", refs=[buyer(1)]))
        await store.close()
        store = await opened()
        assert store.secret == secret
        assert len(secret) >= 32
        assert await store.claim(scribe.desk) == Claim(2, 1, scribe.prev)
        found = await store.lookup([key_of(scribe.desk, 1)], [buyer(1).key])
        assert [seen.seq for seen in found.keys[key_of(scribe.desk, 1)]] == [1]
        assert found.refs == {buyer(1).key: "ref-1"}
        assert store.content(scribe.desk, [1])[1].body.decode() == "在吗"
        await store.close()

    async def test_L12_an_older_epoch_has_lost_the_desk(self, opened: Opened) -> None:
        store = await opened()
        old = await Scribe.of(store)
        await store.append(old.plain())
        new = await Scribe.of(store)
        with pytest.raises(OwnershipLostError):
            await store.append(old.plain())
        await store.append(new.plain())
        assert [head.seq for head in store.heads()] == [2]
        await store.close()

    async def test_an_unclaimed_desk_is_nobodys(self, opened: Opened) -> None:
        store = await opened()
        for epoch in (0, 1):
            with pytest.raises(OwnershipLostError):
                await store.append(Scribe(DeskId("desk-1"), Claim(epoch, 0, GENESIS)).plain())
        await store.close()

    @pytest.mark.parametrize("step", [-1, 1])
    async def test_a_batch_that_does_not_follow_the_head_is_refused(self, opened: Opened, step: int) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.plain(3))
        scribe.seq += step
        with pytest.raises(OwnershipLostError):
            await store.append(scribe.plain())
        await store.close()

    async def test_a_batch_that_breaks_the_chain_is_refused(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.plain(3))
        good, scribe.prev = scribe.prev, bytes(32)
        with pytest.raises(LedgerError):
            await store.append(scribe.plain())
        scribe.seq, scribe.prev = 3, good
        made = scribe.plain(3)
        with pytest.raises(LedgerError):
            await store.append(Batch(made.desk, made.epoch, 3, [made.rows[0], made.rows[2]]))
        assert [head.seq for head in store.heads()] == [3]
        await store.close()

    async def test_batches_may_be_sent_ahead_and_are_committed_in_order(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        ended: list[int] = []

        async def send(batch: Batch) -> None:
            await store.append(batch)
            ended.append(batch.expected_seq)

        await asyncio.gather(*(send(scribe.plain(2)) for _ in range(50)))
        assert ended == list(range(0, 100, 2))
        assert [row.seq for row in store.read(scribe.desk)] == list(range(1, 101))
        await store.close()

    async def test_what_follows_a_refused_batch_is_refused_and_other_desks_go_on(self, opened: Opened) -> None:
        store = await opened()
        one, two = await Scribe.of(store, "desk-1"), await Scribe.of(store, "desk-2")
        wrong = one.plain()
        one.seq += 1
        calls = [two.plain(), Batch(wrong.desk, 9, 0, wrong.rows), two.plain(), one.plain(), two.plain()]
        ended = await asyncio.gather(*(store.append(batch) for batch in calls), return_exceptions=True)
        assert [type(end) for end in ended] == [type(None), OwnershipLostError] * 2 + [type(None)]
        assert [(head.desk, head.seq) for head in store.heads()] == [("desk-2", 3)]
        await store.close()

    async def test_L2_keys_are_found_with_every_body_they_had(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        first, second = scribe.messages("在吗"), scribe.plain()
        again = KeyRow(first.keys[0].key, bytes(32), 2)
        await store.append(first)
        await store.append(Batch(second.desk, second.epoch, 1, second.rows, [again]))
        found = await store.lookup([first.keys[0].key, b"unknown"], [b"unknown"])
        assert set(found.keys) == {first.keys[0].key}
        assert {(seen.body, seen.desk, seen.seq) for seen in found.keys[again.key]} == {
            (first.keys[0].body, "desk-1", 1),
            (bytes(32), "desk-1", 2),
        }
        assert found.refs == {}
        await store.close()

    async def test_L2_a_message_cannot_be_stored_twice(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        first = scribe.messages("在吗")
        await store.append(first)
        again, before = scribe.plain(), scribe.seq
        with pytest.raises(LedgerError):
            await store.append(Batch(again.desk, again.epoch, 1, again.rows, [first.keys[0]]))
        assert [head.seq for head in store.heads()] == [before - 1]
        await store.close()

    @pytest.mark.parametrize("many", [1, 2, 255, 256, 257, 3000])
    async def test_many_keys_and_refs_at_once(self, opened: Opened, many: int) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        people = [buyer(n) for n in range(many)]
        await store.append(scribe.messages(*["在吗"] * many, refs=people))
        keys = [key_of(scribe.desk, seq) for seq in range(1, many + 1)]
        found = await store.lookup([*keys, b"unknown"], [*(row.key for row in people), b"unknown"])
        assert {key: seen[0].seq for key, seen in found.keys.items()} == {key: n for n, key in enumerate(keys, 1)}
        assert found.refs == {row.key: row.ref for row in people}
        assert store.buyers([row.ref for row in people]) == {row.ref: row for row in people}
        assert set(store.content(scribe.desk, range(many + 2))) == set(range(1, many + 1))
        assert await store.lookup([], []) == Found({}, {})
        await store.close()

    async def test_a_buyers_newest_order_is_kept_and_nothing_takes_it_away(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.messages("在吗", refs=[buyer(1, order_no="1001")]))
        await store.append(scribe.messages("在吗", refs=[buyer(1, name="", order_no="1002"), buyer(1, name="")]))
        assert store.buyers([BuyerRef("ref-1")]) == {"ref-1": buyer(1, order_no="1002")}
        await store.append(scribe.erase(1, refs=[BuyerRef("ref-1")]))
        assert store.buyers([BuyerRef("ref-1")]) == {}
        await store.close()

    async def test_a_buyer_may_change_name_but_not_ref(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.messages("在吗", refs=[buyer(1)]))
        await store.append(scribe.messages("在吗", refs=[buyer(1, name="李四")]))
        assert store.buyers([BuyerRef("ref-1"), BuyerRef("nobody")]) == {"ref-1": buyer(1, name="李四")}
        with pytest.raises(LedgerError):
            await store.append(scribe.messages("在吗", refs=[buyer(1, ref="another")]))
        assert store.buyers([BuyerRef("ref-1"), BuyerRef("another")]) == {"ref-1": buyer(1, name="李四")}
        await store.close()

    async def test_L12_erasing_takes_text_and_buyer_and_leaves_the_chain(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        await store.append(scribe.messages("我的电话是 13800000000", "在吗", refs=[buyer(1), buyer(2)]))
        await store.append(scribe.erase(1, refs=[BuyerRef("ref-1")]))
        assert set(store.content(scribe.desk, [1, 2])) == {2}
        assert set(store.buyers([BuyerRef("ref-1"), BuyerRef("ref-2")])) == {"ref-2"}
        found = await store.lookup([key_of(scribe.desk, 1)], [buyer(1).key])
        assert found.keys, "the dedupe key survives erasure"
        assert found.refs == {}
        assert await store.check() is None
        await store.append(scribe.messages("又来了", refs=[buyer(1, ref="fresh")]))
        assert set(store.buyers([BuyerRef("fresh")])) == {"fresh"}
        await store.close()

    async def test_erasing_is_in_order_with_what_was_sent_before_and_after(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        calls = [
            scribe.messages("一", refs=[buyer(1)]),
            scribe.erase(1, refs=[BuyerRef("ref-1")]),
            scribe.messages("三", refs=[buyer(1, ref="fresh")]),
        ]
        await asyncio.gather(*(store.append(batch) for batch in calls))
        assert set(store.content(scribe.desk, [1, 2, 3])) == {3}
        assert (await store.lookup([], [buyer(1).key])).refs == {buyer(1).key: "fresh"}
        assert await store.check() is None
        await store.close()

    async def test_what_could_not_be_parsed_is_kept_once(self, opened: Opened) -> None:
        store = await opened()
        items = [Quarantined(Millis(n), ChannelName("webhook"), "no JSON", b"\x00\xff%d" % n) for n in range(3)]
        for item in [*items, items[0]]:
            await store.quarantine(item)
        other = Quarantined(Millis(9), ChannelName("onebot"), "no JSON", items[0].raw)
        await store.quarantine(other)
        assert list(store.quarantined()) == [other, items[2], items[1], items[0]]
        assert list(store.quarantined(2)) == [other, items[2]]
        await store.close()

    async def test_erasing_takes_lines_that_could_not_be_parsed(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        items = [Quarantined(Millis(n), ChannelName("webhook"), "no JSON", b"\x00\xff%d" % n) for n in range(3)]
        for item in items:
            await store.quarantine(item)
        gone = (ChannelName("webhook"), _digest(items[1].raw))
        elsewhere = (ChannelName("onebot"), _digest(items[2].raw))
        await store.append(msgspec.structs.replace(scribe.plain(), erase_quarantine=(gone, elsewhere)))
        assert list(store.quarantined()) == [items[2], items[0]]
        await store.close()

    async def test_a_closed_store_refuses_everything(self, opened: Opened) -> None:
        store = await opened()
        scribe = await Scribe.of(store)
        last = asyncio.ensure_future(store.append(scribe.plain()))
        await asyncio.sleep(0)
        await store.close()
        await last
        await store.close()
        for call in (
            lambda: store.append(scribe.plain()),
            lambda: store.claim(scribe.desk),
            lambda: store.lookup([], []),
            lambda: store.quarantine(Quarantined(Millis(1), ChannelName("webhook"), "", b"")),
            store.check,
        ):
            with pytest.raises(StoreLatchedError):
                await call()
        for ask in (store.heads, store.quarantined, lambda: store.read(scribe.desk), lambda: store.buyers([])):
            with pytest.raises(StoreLatchedError):
                ask()
