"""What every `Store` promises, as one test class.

Subclass `StoreContract` and give it a fixture `opened`: a callable that opens the store, and opens the same one again
after a close.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from relay.contracts import (
    Batch,
    Claim,
    Found,
    Head,
    KeyRow,
    Quarantined,
    Store,
)
from relay.domain.codec import GENESIS
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis
from relay.errors import LedgerError, OwnershipLostError, StoreLatchedError
from relay.testing.memory_store import digest_of
from relay.testing.scribe import Scribe, buyer, key_of

Opened = Callable[[], Awaitable[Store]]


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
        gone = (ChannelName("webhook"), digest_of(items[1].raw))
        elsewhere = (ChannelName("onebot"), digest_of(items[2].raw))
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
