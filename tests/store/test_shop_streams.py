"""Every stream of a ledger in one shop's export and in the lines that bind it: desk, imported chats, orders, office."""

import asyncio
import io
import json
from types import ModuleType

import pytest
from msgspec.structs import replace

from relay.contracts import Batch
from relay.contracts.history import HistoryLine, HistoryPart, HistorySource, HistorySums
from relay.contracts.orders import Order
from relay.domain import facts as f
from relay.domain.codec import GENESIS, chain, decode
from relay.domain.names import OFFICE, BuyerRef, DeskId, Millis, PersonId, ShopId
from relay.domain.settings import Desk, Grant, Person, Shop, Subject
from relay.domain.streams import ORDERS, history_of
from relay.errors import BadInputError
from relay.rules.messages import Message
from relay.runtime.history import History
from relay.runtime.orders import Orders
from relay.store import read_known, verify
from relay.store.shop_export import export_shop, export_spines, read_shown
from relay.store.spines import Known, export_ends
from relay.store.verify import Flaw
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from tests.domain.world import DESK, TEN
from tests.store.test_shop_export import ALPHA, BETA, two_shops

BY = PersonId("ann")
STREAMS = [DESK, history_of(ALPHA), OFFICE, ORDERS]
"""Those that alpha has a part in, by name."""


def office_facts() -> list[f.AnyFact]:
    def put(subject: Subject) -> f.AnyFact:
        return f.SettingSet(at=Millis(TEN), by=BY, subject=subject)

    def published(shop: ShopId) -> f.AnyFact:
        return f.PlatformFigureRecorded(
            at=Millis(TEN), by=BY, shop=shop, figure="taobao_ww3", period="day", first_day="2026-03-01",
            last_day="2026-03-01", numerator=9, denominator=10,
        )  # fmt: skip

    return [
        put(Desk(DESK)), put(Shop(ALPHA, DESK)), put(Shop(BETA, DESK, name="贝塔")),
        put(Person(PersonId("only"), roles=(Grant(ALPHA, "agent"),))),
        put(Person(BY, roles=(Grant(ALPHA, "owner"), Grant(BETA, "owner")))),
        f.TokenIssued(at=Millis(TEN), by=BY, person=BY, digest="0" * 64),
        published(ALPHA), published(BETA),
        f.PlatformFigureWithdrawn(at=Millis(TEN), by=BY, record=8),
        f.PlatformFigureWithdrawn(at=Millis(TEN), by=BY, record=7),
        f.ReadingAdopted(at=Millis(TEN), by=BY, shop=ALPHA, rule="taobao_ww3", options={}, calibration="0" * 64),
        f.SettingRemoved(at=Millis(TEN), by=BY, sort="person", id="only"),
        f.BuyerExported(at=Millis(TEN), by=BY, desk=DESK, shop=BETA, buyer=BuyerRef("buyer-of-beta-0")),
    ]  # fmt: skip


OFFICE_SHOWN = [2, 4, 7, 10, 11, 12]
"""The seqs of alpha's."""


def said(buyer: str, number: int) -> HistoryLine:
    return HistoryLine(Message(role="buyer", kind="human", buyer=buyer, at=TEN + number, text="在吗"))


async def lived() -> MemoryStore:
    store = MemoryStore(SeededEntropy(1))
    for stream, facts in ((DESK, two_shops().facts), (OFFICE, office_facts())):
        claim = await store.claim(stream)
        await store.append(Batch(stream, claim.epoch, 0, chain(GENESIS, stream, 1, facts)))
    orders = Orders(store, FakeClock(TEN), SeededEntropy(2))
    await orders.take(
        [Order(shop, f"{number}", f"tb-{shop}", Millis(TEN)) for number in range(3) for shop in (ALPHA, BETA)]
    )
    history = History(store, FakeClock(TEN), SeededEntropy(3))
    for shop in (ALPHA, BETA):
        source = HistorySource(shop, "1" * 64, "message_log", texts=True)
        await history.take(HistoryPart(source, [said(f"tb-{shop}", 0), said(f"tb-{shop}", 1), said(f"gone-{shop}", 2)]))
        await history.take(HistoryPart(source, sums=HistorySums(lines=3, new=3)))
        gone = decode([row.body for row in store.read(history_of(shop))][2])
        assert isinstance(gone, f.HistoryTold)
        assert gone.buyer is not None
        assert await history.erase(shop, gone.buyer, BY) == 1
    return store


def shown_of(store: MemoryStore, shop: ShopId, stream: DeskId) -> list[tuple[int, f.AnyFact]]:
    return [(seq, fact) for desk, seq, fact in read_shown(iter(exported(store, shop))) if desk == stream]


def exported(store: MemoryStore, shop: ShopId = ALPHA, names: bool = False) -> list[bytes]:
    out = io.BytesIO()
    assert export_shop(store, out, shop, names)
    return out.getvalue().splitlines(keepends=True)


def ends(store: MemoryStore) -> list[bytes]:
    """What is written every night."""
    out = io.BytesIO()
    export_ends(store, out)
    return out.getvalue().splitlines(keepends=True)


def flaws(store: MemoryStore, known: Known) -> list[Flaw]:
    """Without the desk's texts, which are left out here."""
    return [one for one in verify(store, known=known) if one.what != "missing"]


@pytest.fixture(scope="module")
def ledger() -> MemoryStore:
    return asyncio.run(lived())


def test_each_stream_shows_the_shops_facts_and_hashes_for_the_rest(ledger: MemoryStore) -> None:
    lines = [json.loads(line) for line in exported(ledger)]
    assert list(dict.fromkeys(line["desk"] for line in lines)) == STREAMS
    assert len(shown_of(ledger, ALPHA, history_of(ALPHA))) == 5
    assert [seq for seq, _ in shown_of(ledger, ALPHA, ORDERS)] == [1, 3, 5]
    assert [seq for seq, _ in shown_of(ledger, ALPHA, OFFICE)] == OFFICE_SHOWN
    for stream in STREAMS:
        hashes = [line["hash"] for line in lines if line["desk"] == stream and "seq" in line]
        assert hashes == [row.hash.hex() for row in ledger.read(stream)]
    told = b"".join(exported(ledger))
    for secret in ("beta-shop", "贝塔", "buyer-of-beta", '"digest":"0000'):
        assert secret.encode() not in told


def test_a_shop_that_only_the_office_knows_has_an_export(ledger: MemoryStore) -> None:
    store = MemoryStore(SeededEntropy(1))
    rows = list(ledger.read(OFFICE))
    store.journal[OFFICE] = rows
    assert [seq for seq, _ in shown_of(store, ALPHA, OFFICE)] == OFFICE_SHOWN
    assert not export_shop(store, io.BytesIO(), ShopId("gamma"))


def test_the_nightly_lines_bind_all_that_is_shown_and_hold_in_the_ledger(
    ledger: MemoryStore, checker: ModuleType
) -> None:
    night = ends(ledger)
    known = read_known(night)
    assert {one.desk for one in known.spines} == set(ledger.desks()) == {one.desk for one in known.heads}
    assert {(one.desk, one.shop) for one in known.tallies if one.shop == ALPHA} == {(one, ALPHA) for one in STREAMS}
    assert flaws(ledger, known) == []
    for shop in (ALPHA, BETA):
        walk = checker.Check(shop=shop, known=checker.read_known(night))
        assert checker.run(walk, exported(ledger, shop)) is None
        assert all(desk.bound == desk.shown > 0 for desk in walk.desks.values())
        out = io.BytesIO()
        export_spines(ledger, out, shop)
        assert set(out.getvalue().splitlines(keepends=True)) <= set(night)


async def test_names_come_with_the_imported_texts(checker: ModuleType) -> None:
    store = await lived()
    del store.journal[DESK]
    lines = exported(store, names=True)
    assert checker.check(lines, names=True, shop=ALPHA, known=checker.read_known(ends(store))) is None
    told = [json.loads(line) for line in lines]
    assert [line["seq"] for line in told if "content" in line and line["desk"] == history_of(ALPHA)] == [1, 2]
    assert {line["platform_id"] for line in told if "buyer" in line} == {f"tb-{ALPHA}", f"gone-{ALPHA}"}
    assert f"tb-{BETA}".encode() not in b"".join(lines)


@pytest.mark.parametrize("stream", STREAMS[1:])
def test_a_stream_left_out_or_a_fact_withheld_is_found_against_the_nightly_lines(
    ledger: MemoryStore, checker: ModuleType, stream: DeskId
) -> None:
    """From the file alone neither shows: `docs/ledger.md` says so."""
    known, lines = checker.read_known(ends(ledger)), exported(ledger)
    without = [line for line in lines if json.loads(line)["desk"] != stream]
    assert checker.check(without, shop=ALPHA) is None
    bad = checker.check(without, shop=ALPHA, known=known)
    assert bad is not None
    assert stream in bad.why
    place = next(at for at, line in enumerate(lines) if f'"desk":"{stream}"'.encode() in line and b'"fact"' in line)
    lines[place] = lines[place].partition(b',"fact"')[0] + b"}\n"
    assert checker.check(lines, shop=ALPHA, known=known) is not None


def test_a_changed_ledger_does_not_hold_against_spine_and_tally(ledger: MemoryStore) -> None:
    """Somebody wrote the orders anew, with another shop's name on one, and every hash after it."""
    known = read_known(ends(ledger))
    store = asyncio.run(lived())
    facts = [decode(row.body) for row in store.read(ORDERS)]
    facts[4] = replace(facts[4], shop=BETA)  # type: ignore[call-arg]
    store.journal[ORDERS] = chain(GENESIS, ORDERS, 1, facts)
    spines = replace(known, heads=(), tallies=())
    assert [(one.desk, one.seq, one.what) for one in flaws(store, spines)] == [(ORDERS, 6, "spine")]
    tallies = replace(known, heads=(), spines=())
    assert [(one.desk, one.seq, one.what) for one in flaws(store, tallies)] == [(ORDERS, 6, "tally")] * 2
    del store.journal[ORDERS]
    assert {(one.desk, one.what) for one in flaws(store, spines)} == {(ORDERS, "cut")}


@pytest.mark.parametrize("line", [b'{"spine":1,"digest":""}', b'{"desk":"d","tally":1}', b'{"desk":"d"}'])
def test_a_line_that_none_can_be_is_named(line: bytes) -> None:
    with pytest.raises(BadInputError, match="line 2"):
        read_known([b'{"desk":"d","head":1,"hash":"00"}', line])


def test_the_longest_name_of_a_shop_has_a_stream_that_can_be_checked(checker: ModuleType) -> None:
    assert checker.STREAM.fullmatch(history_of(ShopId("s" * 64)))
    assert not checker.STREAM.fullmatch("s" * 65)
