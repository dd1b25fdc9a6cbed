"""L12: every change of a fact or of a text it binds is found, by `verify` and by the checker that ships in docs/."""

import asyncio
import copy
import hashlib
import io
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from relay.contracts import ContentRow, Head
from relay.domain.codec import Row, link
from relay.domain.names import DeskId
from relay.store import export_heads, open_ledger, read_heads, verify
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe
from tests.store.ledgers import Open, exported, small_ledger

D1, D2 = DeskId("desk-1"), DeskId("desk-2")
Change = Callable[[MemoryStore, random.Random], None]


def changed(store: MemoryStore) -> MemoryStore:
    """A copy whose facts and texts may be tampered with."""
    other = copy.copy(store)
    other.journal = {desk: list(rows) for desk, rows in store.journal.items()}
    other.texts = {desk: dict(texts) for desk, texts in store.texts.items()}
    return other


def relink(desk: DeskId, rows: list[Row], start: int) -> None:
    """What somebody with the file and this program can do: make the chain fit again."""
    prev = rows[start - 1].hash if start else bytes(32)
    for at in range(start, len(rows)):
        row = rows[at]
        prev = link(prev, desk, at + 1, row.body)
        rows[at] = Row(at + 1, row.body, prev)


def flip(value: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(value))
    return value[:at] + bytes([value[at] ^ (1 << rng.randrange(8))]) + value[at + 1 :]


# --- the ways to tamper; `some` picks a desk, `at` a place in it


def some(store: MemoryStore, rng: random.Random) -> tuple[DeskId, list[Row], int]:
    desk = rng.choice([D1, D2])
    rows = store.journal[desk]
    return desk, rows, rng.randrange(len(rows))


def some_text(store: MemoryStore, rng: random.Random) -> tuple[dict[int, ContentRow], ContentRow]:
    texts = store.texts[rng.choice([D1, D2])]
    return texts, texts[rng.choice(sorted(texts))]


def flip_fact(store: MemoryStore, rng: random.Random) -> None:
    _, rows, at = some(store, rng)
    rows[at] = Row(rows[at].seq, flip(rows[at].body, rng), rows[at].hash)


def flip_hash(store: MemoryStore, rng: random.Random) -> None:
    _, rows, at = some(store, rng)
    rows[at] = Row(rows[at].seq, rows[at].body, flip(rows[at].hash, rng))


def flip_text(store: MemoryStore, rng: random.Random) -> None:
    texts, text = some_text(store, rng)
    body = flip(text.body, rng) if text.body else b"x"
    texts[text.seq] = ContentRow(text.seq, text.salt, body)


def flip_salt(store: MemoryStore, rng: random.Random) -> None:
    texts, text = some_text(store, rng)
    texts[text.seq] = ContentRow(text.seq, flip(text.salt, rng), text.body)


def stretch_salt(store: MemoryStore, rng: random.Random) -> None:
    """HMAC fills a key with zeros, so a longer salt would give the same digest."""
    texts, text = some_text(store, rng)
    texts[text.seq] = ContentRow(text.seq, text.salt + bytes(rng.randrange(1, 9)), text.body)


def shorten_text(store: MemoryStore, rng: random.Random) -> None:
    texts, text = some_text(store, rng)
    texts[text.seq] = ContentRow(text.seq, text.salt, text.body[:-1] if text.body else b"\0")


def delete_fact(store: MemoryStore, rng: random.Random) -> None:
    _, rows, _ = some(store, rng)
    del rows[rng.randrange(len(rows) - 1)]  # without the last it would be a cut tail


def delete_text(store: MemoryStore, rng: random.Random) -> None:
    texts, text = some_text(store, rng)
    del texts[text.seq]


def swap_facts(store: MemoryStore, rng: random.Random) -> None:
    _, rows, at = some(store, rng)
    other = (at + rng.randrange(1, len(rows))) % len(rows)
    if rng.random() < 0.5:
        rows[at], rows[other] = rows[other], rows[at]
    else:
        one, two = rows[at], rows[other]
        rows[at], rows[other] = Row(one.seq, two.body, two.hash), Row(two.seq, one.body, one.hash)


def swap_texts(store: MemoryStore, rng: random.Random) -> None:
    texts, text = some_text(store, rng)
    other = rng.choice([other for other in texts.values() if other.seq != text.seq])
    texts[text.seq] = ContentRow(text.seq, other.salt, other.body)
    texts[other.seq] = ContentRow(other.seq, text.salt, text.body)


def insert_fact(store: MemoryStore, rng: random.Random) -> None:
    desk, rows, at = some(store, rng)
    prev = rows[at - 1].hash if at else bytes(32)
    forged = Row(at + 1, rows[at].body, link(prev, desk, at + 1, rows[at].body))
    rows.insert(at + rng.randrange(2), forged)


def insert_text(store: MemoryStore, rng: random.Random) -> None:
    desk, rows, _ = some(store, rng)
    texts = store.texts[desk]
    free = [seq for seq in range(-1, len(rows) + 3) if seq not in texts]
    seq = rng.choice(free)
    texts[seq] = ContentRow(seq, rng.randbytes(16), rng.randbytes(rng.randrange(5)))


def restore_erased_text(store: MemoryStore, _: random.Random) -> None:
    """The very text and salt that were erased, from an old backup."""
    restore_erased_text_of(store.texts[D1])


def move_fact_to_another_desk(store: MemoryStore, rng: random.Random) -> None:
    at = rng.randrange(len(store.journal[D1]))
    one, two = store.journal[D1][at], store.journal[D2][at]
    store.journal[D2][at] = one if one != two else Row(two.seq, one.body, one.hash)


def renumber(store: MemoryStore, rng: random.Random) -> None:
    _, rows, at = some(store, rng)
    rows[at] = Row(rows[at].seq + rng.choice([-1, 1, 1000]), rows[at].body, rows[at].hash)


def rename_desk(store: MemoryStore, _: random.Random) -> None:
    store.journal[DeskId("desk-3")] = store.journal.pop(D2)
    store.texts[DeskId("desk-3")] = store.texts.pop(D2)


def cut_head_off(store: MemoryStore, rng: random.Random) -> None:
    _, rows, _ = some(store, rng)
    del rows[: rng.randrange(1, len(rows))]


# these leave a chain that fits in itself: only an exported head finds them


def cut_tail(store: MemoryStore, rng: random.Random) -> None:
    desk, rows, at = some(store, rng)
    del rows[at:]
    for seq in [seq for seq in store.texts[desk] if seq > at]:
        del store.texts[desk][seq]


def rechain(store: MemoryStore, rng: random.Random) -> None:
    desk, rows, at = some(store, rng)
    rows[at] = Row(rows[at].seq, rows[at].body.replace(b'"at":', b'"at":1', 1), rows[at].hash)
    relink(desk, rows, at)


def rechain_without(store: MemoryStore, rng: random.Random) -> None:
    desk, rows, _ = some(store, rng)
    at = rng.choice([0, 1, 8, 9, 10])
    del rows[at]
    texts = store.texts[desk]
    store.texts[desk] = {s - (s > at): ContentRow(s - (s > at), t.salt, t.body) for s, t in texts.items()}
    relink(desk, rows, at)


def drop_desk(store: MemoryStore, rng: random.Random) -> None:
    desk, _, _ = some(store, rng)
    del store.journal[desk], store.texts[desk]


CHANGES: tuple[Change, ...] = (
    flip_fact, flip_hash, flip_text, flip_salt, stretch_salt, shorten_text, delete_fact, delete_text, swap_facts,
    swap_texts, insert_fact, insert_text, restore_erased_text, move_fact_to_another_desk, renumber, rename_desk,
    cut_head_off,
)  # fmt: skip
NEED_A_HEAD: tuple[Change, ...] = (cut_tail, rechain, rechain_without, drop_desk)


@pytest.fixture(scope="module")
def ledger() -> MemoryStore:
    return asyncio.run(small_ledger())


def found_by_both(store: MemoryStore, heads: list[Head], checker: ModuleType) -> tuple[bool, bool]:
    known = {(head.desk, head.seq): head.hash.hex() for head in heads}
    bad = checker.check(exported(store), known, names=True)
    return verify(store, heads) != [], bad is not None


def tamper_and_look(ledger: MemoryStore, checker: ModuleType, times: int, seed: int) -> None:
    rng = random.Random(seed)
    heads = list(ledger.heads())
    for turn in range(times):
        change = (CHANGES + NEED_A_HEAD)[turn % (len(CHANGES) + len(NEED_A_HEAD))]
        other = changed(ledger)
        change(other, rng)
        found = found_by_both(other, heads if change in NEED_A_HEAD else [], checker)
        assert found == (True, True), f"turn {turn}: {change.__name__}"


def test_the_untouched_ledger_is_clean(ledger: MemoryStore, checker: ModuleType) -> None:
    assert found_by_both(ledger, list(ledger.heads()), checker) == (False, False)
    assert checker.check(exported(ledger, names=False)) is None


def test_L12_ten_thousand_changes_are_all_found(ledger: MemoryStore, checker: ModuleType) -> None:
    tamper_and_look(ledger, checker, 10_000, seed=1)


@pytest.mark.prove
def test_L12_two_hundred_thousand_changes_are_all_found(ledger: MemoryStore, checker: ModuleType) -> None:
    tamper_and_look(ledger, checker, 200_000, seed=2)


@pytest.mark.parametrize("change", [cut_tail, rechain, drop_desk])
def test_a_chain_alone_does_not_show_a_rewrite(ledger: MemoryStore, checker: ModuleType, change: Change) -> None:
    """Why heads are exported to where an administrator of the box cannot reach back."""
    other = changed(ledger)
    change(other, random.Random(3))
    assert found_by_both(other, [], checker) == (False, False)
    assert found_by_both(other, list(ledger.heads()), checker) == (True, True)


def test_L12_a_changed_export_is_found_at_its_first_bad_line(ledger: MemoryStore, checker: ModuleType) -> None:
    lines = [line for line in exported(ledger) if not line.startswith(b'{"buyer"')]
    rng = random.Random(4)
    for turn in range(4_000):
        at = rng.randrange(len(lines))
        other = list(lines)
        match turn % 4:
            case 0:
                other[at] = flip(lines[at], rng)
            case 1:
                del other[at]
            case 2:
                other.insert(at, rng.choice(lines))
            case _:
                swap = (at + rng.randrange(1, len(lines))) % len(lines)
                if {b'"head"' in lines[at], b'"head"' in lines[swap]} == {True}:
                    continue  # the order of the heads says nothing
                other[at], other[swap] = other[swap], other[at]
        bad = checker.check([part + b"\n" for part in b"".join(other).split(b"\n")[:-1]], names=True)
        if b"".join(other).endswith(b"\n"):
            assert bad is not None, (turn, at)
            assert bad.line <= len(other) + 2
        if turn % 4 == 0 and bad is not None:
            assert bad.line >= at + 1 or b'"content"' in lines[at]


@pytest.mark.parametrize(
    ("change", "what", "seq"),
    [
        (lambda rows, texts: rows.pop(4), "gap", 5),
        (lambda rows, texts: rows.__setitem__(4, Row(5, rows[4].body + b" ", rows[4].hash)), "hash", 5),
        (lambda rows, texts: forge(rows, b"{}"), "fact", 5),
        (lambda rows, texts: forge(rows, b"\xff"), "fact", 5),
        (lambda rows, texts: forge(rows, b"[" * 99_999), "fact", 5),
        (lambda rows, texts: texts.pop(4), "missing", 4),
        (lambda rows, texts: texts.__setitem__(4, ContentRow(4, bytes(16), b"")), "digest", 4),
        (lambda rows, texts: texts.__setitem__(2, ContentRow(2, bytes(16), b"")), "extra", 2),
        (lambda rows, texts: texts.__setitem__(99, ContentRow(99, bytes(16), b"")), "extra", 99),
        (lambda rows, texts: restore_erased_text_of(texts), "kept", 6),
    ],
)
def test_a_finding_names_desk_seq_and_what(
    ledger: MemoryStore, change: Callable[[list[Row], dict[int, ContentRow]], object], what: str, seq: int
) -> None:
    other = changed(ledger)
    change(other.journal[D1], other.texts[D1])
    first, *_ = verify(other)
    assert (first.desk, first.seq, first.what) == (D1, seq, what)
    assert f"desk-1 seq {seq}: " in str(first)


def forge(rows: list[Row], body: bytes) -> None:
    rows[4] = Row(5, body, b"")
    relink(D1, rows, 4)


def restore_erased_text_of(texts: dict[int, ContentRow]) -> None:
    texts[6] = ContentRow(6, hashlib.sha256(b"6").digest()[:16], "我的电话 13800000000".encode())


async def test_an_erasure_excuses_nothing_that_came_after_it(checker: ModuleType) -> None:
    store = MemoryStore(SeededEntropy(1))
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("一"))
    await store.append(scribe.erase(3))
    await store.append(scribe.messages("三"))
    assert found_by_both(store, [], checker) == (False, False)
    del store.texts[D1][3]
    assert found_by_both(store, [], checker) == (True, True)


def test_one_broken_desk_does_not_hide_another(ledger: MemoryStore) -> None:
    other = changed(ledger)
    del other.journal[D1][3]
    del other.texts[D2][8]
    assert [(flaw.desk, flaw.seq, flaw.what) for flaw in verify(other)] == [(D1, 4, "gap"), (D2, 8, "missing")]


def test_heads_that_contradict_each_other_are_told(ledger: MemoryStore) -> None:
    (one, two) = ledger.heads()
    assert [flaw.what for flaw in verify(ledger, [one, two, Head(one.desk, one.seq, bytes(32))])] == ["head"]


def test_an_older_head_is_found_again(ledger: MemoryStore) -> None:
    heads = [Head(desk, row.seq, row.hash) for desk in (D1, D2) for row in ledger.journal[desk]]
    assert verify(ledger, heads) == []


# --- on a real file, with the triggers gone


SQL = {
    "fact": "UPDATE journal SET body = CAST('x' || body AS BLOB) WHERE seq = 3",
    "hash": "UPDATE journal SET hash = zeroblob(32) WHERE seq = 11",
    "gone": "DELETE FROM journal WHERE seq = 5",
    "moved": "UPDATE journal SET seq = seq + 1 WHERE seq = 11",
    "text": "UPDATE content SET body = x'00' WHERE seq = 4",
    "salt": "UPDATE content SET salt = zeroblob(16) WHERE seq = 4",
    "no text": "DELETE FROM content WHERE seq = 3",
    "a text": "INSERT INTO content VALUES ('desk-9', 1, zeroblob(16), x'00')",
    "before all": "INSERT INTO content VALUES ('desk-1', -5, zeroblob(16), x'00')",
}


@pytest.mark.parametrize("name", SQL)
async def test_L12_changes_with_an_sql_tool_are_found(
    open_file: Open, data_file: Path, checker: ModuleType, name: str
) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.plain(2))
    await store.append(scribe.messages(*"一二三四五"))
    await store.append(scribe.plain(4))
    assert await store.check() is None
    await store.close()
    tool = sqlite3.connect(data_file, isolation_level=None)
    for trigger in ("journal_keeps_facts", "journal_keeps_all"):
        tool.execute(f"DROP TRIGGER {trigger}")
    assert tool.execute(SQL[name]).rowcount == 1
    tool.close()
    with open_ledger(data_file) as ledger:
        assert len(verify(ledger)) == 1
        assert checker.check(exported(ledger), names=True) is not None
    store = open_file()
    assert (await store.check() or "").startswith("desk-")
    await store.close()


def tear(path: Path) -> None:
    """Every third page of 4 KB becomes rubbish."""
    content, rng = bytearray(path.read_bytes()), random.Random(5)
    for page in range(20, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 4096] = rng.randbytes(4096)
    path.write_bytes(content)


async def test_a_torn_file_is_told_and_raises_nothing(open_file: Open, data_file: Path) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    for _ in range(40):
        await store.append(scribe.messages(*["在吗" * 30] * 20))
    await store.close()
    tear(data_file)
    with open_ledger(data_file) as ledger:
        flaws = verify(ledger)
    assert flaws
    assert {flaw.what for flaw in flaws} <= {"unreadable", "gap", "hash", "digest", "missing", "extra"}


async def test_a_live_ledger_is_verified_as_of_one_instant(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("一", "二"))
    with store.snapshot() as ledger:
        await store.append(scribe.messages("三"))
        await store.append(scribe.erase(1))
        assert verify(ledger, store.heads()) != [], "the head is newer than the snapshot"
        assert verify(ledger) == []
        assert [head.seq for head in ledger.heads()] == [2]
        heads = io.BytesIO()
        export_heads(ledger, heads)
    with store.snapshot() as ledger:
        assert verify(ledger, read_heads(heads.getvalue().splitlines())) == []
    await store.close()
