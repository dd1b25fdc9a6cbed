"""One shop's export: it shows that shop alone, and what is changed in it is found as far as anything can bind it."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from relay.contracts import Batch, RefRow
from relay.domain import facts as f
from relay.domain.codec import GENESIS, chain, link
from relay.domain.names import BuyerRef, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.settings import Grant, Person, QuickReply, Seat
from relay.errors import BadInputError
from relay.store.shop_export import desk_of, export_shop, export_spines, read_shown
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe
from tests.domain.one_run import one_run
from tests.domain.world import DESK, World

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_export.py"
ALPHA, BETA = ShopId("alpha"), ShopId("beta-shop")
SECRETS = (
    "beta-shop",
    "beta-seat",
    "beta-acc",
    "beta-person",
    "beta-reply",
    "buyer-of-beta",
    "贝塔",
    "both",
)
"""Everything by which the other shop could be known."""


def two_shops() -> World:
    """A desk of two shops that chat in turn, with all that they set for themselves."""
    world = World(check=False)
    world.shop("alpha")
    world.shop("beta-shop")
    world.set(replace(world.desk.state.shops[BETA].setting, name="贝塔旗舰店"))
    world.person("ann", "alpha")
    world.person("beta-person", "beta-shop")
    world.set(Person(PersonId("both"), "both", (Grant(ALPHA, "cs_admin"), Grant(BETA, "cs_admin"))))
    world.seat("alpha-seat", "ann", "alpha")
    world.seat("beta-seat", "beta-person", "beta-shop", account="beta-acc")
    for name, shops in (("alpha-reply", (ALPHA,)), ("beta-reply", (BETA,)), ("both-reply", ())):
        world.set(QuickReply(ReplyId(name), 1, f"稍等 {name}", shops=shops))
    for number in range(4):
        world.advance(10)
        world.say(f"buyer-of-alpha-{number}", shop="alpha")
        world.say(f"buyer-of-beta-{number}", shop="beta-shop")
        world.advance(5)
        world.answer(buyer=f"buyer-of-beta-{number}", shop="beta-shop")
        world.answer(buyer=f"buyer-of-alpha-{number}", shop="alpha")
    world.restart()
    world.remove("reply", "beta-reply")
    world.remove("reply", "alpha-reply")
    return world


def stored(facts: list[f.DeskFact], desk: DeskId = DESK) -> MemoryStore:
    store = MemoryStore(SeededEntropy(1))

    async def write() -> None:
        claim = await store.claim(desk)
        await store.append(Batch(desk, claim.epoch, 0, chain(GENESIS, desk, 1, facts)))

    asyncio.run(write())
    return store


def exported(store: MemoryStore, shop: str = "alpha", names: bool = False, to_seq: int | None = None) -> list[bytes]:
    out = io.BytesIO()
    assert export_shop(store, out, ShopId(shop), names, to_seq)
    return out.getvalue().splitlines(keepends=True)


def spines(store: MemoryStore, shop: str | None = None, to_seq: int | None = None) -> list[bytes]:
    out = io.BytesIO()
    export_spines(store, out, ShopId(shop) if shop else None, to_seq)
    return out.getvalue().splitlines(keepends=True)


@pytest.fixture(scope="module")
def ledger() -> MemoryStore:
    return stored(two_shops().facts)


def test_nothing_of_the_other_shop_is_in_it(ledger: MemoryStore) -> None:
    whole = b"".join(row.body for row in ledger.read(DESK))
    shown = b"".join(exported(ledger))
    for secret in SECRETS:
        assert secret.encode() in whole
        assert secret.encode() not in shown
        assert json.dumps(secret)[1:-1].encode() not in shown
    assert shown.count(b"buyer-of-alpha-3") > 3
    kinds = [json.loads(line).get("fact", {}).get("type", "").partition("@")[0] for line in exported(ledger)]
    assert {"DeskStarted", "OfficeTaken", "BuyerWrote", "Assigned", "SendEnded", ""} <= set(kinds)


def test_all_of_the_shop_is_in_it(ledger: MemoryStore) -> None:
    shown = {seq for _, seq, _ in read_shown(iter(exported(ledger)))}
    own = {row.seq for row in ledger.read(DESK) if b'"shop":"alpha"' in row.body}
    assert own - shown <= {row.seq for row in ledger.read(DESK) if b'"both"' in row.body}
    assert len(own & shown) > 30


def test_the_lines(ledger: MemoryStore) -> None:
    lines = [json.loads(line) for line in exported(ledger)]
    rows = list(ledger.read(DESK))
    assert [line["hash"] for line in lines[: len(rows)]] == [row.hash.hex() for row in rows]
    assert [sorted(line) for line in lines[len(rows) :]] == [
        ["desk", "hash", "head"], ["desk", "digest", "spine"], ["desk", "digest", "shop", "shown", "tally"],
    ]  # fmt: skip
    assert spines(ledger, "alpha") == exported(ledger)[-3:]
    assert spines(ledger) == exported(ledger)[-3:-1]


def test_up_to_a_seq(ledger: MemoryStore, checker: ModuleType) -> None:
    lines = exported(ledger, to_seq=30)
    known = checker.read_known(spines(ledger, "alpha", 30))
    assert checker.check(lines, shop="alpha", known=known) is None
    assert checker.check(exported(ledger), shop="alpha", known=known) is None, "it has grown, and all that was is there"
    with pytest.raises(ValueError, match="to_seq"):
        export_shop(ledger, io.BytesIO(), ALPHA, names=True, to_seq=3)


def test_a_shop_that_is_not_there(ledger: MemoryStore) -> None:
    assert not export_shop(ledger, io.BytesIO(), ShopId("gamma"))
    assert desk_of(ledger, ALPHA) == DESK
    with pytest.raises(BadInputError, match="line 1"):
        list(read_shown(iter([b"{"])))


# --- what is changed is found


def at(lines: list[bytes], shown: bool) -> int:
    """A line in the middle: a fact that is shown and stands between two that are not, or one that is not shown."""
    kinds = [b'"fact"' in line for line in lines]
    for place in range(len(lines) // 2, len(lines) - 5):
        if kinds[place] == shown and (not shown or (not kinds[place + 1] and not kinds[place - 1])):
            return place
    raise AssertionError


def tamper(lines: list[bytes]) -> None:
    place = at(lines, True)
    lines[place] = lines[place].replace(b'"at":1', b'"at":2')


def rehash(lines: list[bytes]) -> None:
    """Another fact with its own right hash, between two hashes that nobody can check."""
    place = at(lines, True)
    record = json.loads(lines[place])
    body = lines[place].partition(b'"fact":')[2][:-2].replace(b'"at":1', b'"at":2')
    prev = bytes.fromhex(json.loads(lines[place - 1])["hash"])
    seq = record["seq"]
    told = link(prev, DESK, seq, body).hex()
    lines[place] = b'{"desk":"%b","seq":%d,"hash":"%b","fact":%b}\n' % (DESK.encode(), seq, told.encode(), body)


def recount(lines: list[bytes], checker: ModuleType) -> None:
    """Spine and tally of the file made to fit what stands in it."""
    walk = checker.Check(shop="alpha")
    for line in lines[:-3]:
        walk.line(line)
    desk = walk.desks[DESK]
    lines[-3:] = [
        b'{"desk":"%b","head":%d,"hash":"%b"}\n' % (DESK.encode(), desk.seq, desk.hash.hex().encode()),
        b'{"desk":"%b","spine":%d,"digest":"%b"}\n' % (DESK.encode(), desk.seq, desk.spine.hexdigest().encode()),
        b'{"desk":"%b","tally":%d,"shop":"alpha","shown":%d,"digest":"%b"}\n'
        % (DESK.encode(), desk.seq, desk.shown, desk.tally.hexdigest().encode()),
    ]


def drop(lines: list[bytes]) -> None:
    del lines[at(lines, True)]


def drop_hidden(lines: list[bytes]) -> None:
    del lines[at(lines, False)]


def move(lines: list[bytes]) -> None:
    place = at(lines, True)
    lines[place], lines[place + 1] = lines[place + 1], lines[place]


def add(lines: list[bytes]) -> None:
    lines.insert(at(lines, True), lines[at(lines, True)])


def withhold(lines: list[bytes]) -> None:
    """A fact of the shop, passed off as another's."""
    place = at(lines, True)
    lines[place] = lines[place].partition(b',"fact"')[0] + b"}\n"


def cut(lines: list[bytes]) -> None:
    del lines[len(lines) // 2 : -3]


def exchange_hash(lines: list[bytes]) -> None:
    place = at(lines, False)
    record = json.loads(lines[place])
    lines[place] = lines[place].replace(record["hash"].encode(), b"0" * 64)


def foreign(lines: list[bytes]) -> None:
    """A fact of the other shop, shown."""
    place = at(lines, True)
    lines[place] = lines[place].replace(b'"shop":"alpha"', b'"shop":"omega"')


def spell(lines: list[bytes]) -> None:
    place = at(lines, False)
    lines[place] = lines[place].replace(b'"seq":', b'"seq": ')


CHANGES: list[Callable[[list[bytes]], None]] = [
    tamper, rehash, drop, drop_hidden, move, add, withhold, cut, exchange_hash, foreign, spell,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found_by_whoever_has_the_file_alone(
    ledger: MemoryStore, checker: ModuleType, change: Callable[[list[bytes]], None]
) -> None:
    """The file's own last lines find every slip."""
    lines = exported(ledger)
    assert checker.check(lines, shop="alpha") is None
    change(lines)
    assert checker.check(lines, shop="alpha") is not None


@pytest.mark.parametrize("change", [rehash, withhold, exchange_hash])
def test_what_a_forger_makes_fit_is_found_by_whoever_has_spine_and_tally_from_before(
    ledger: MemoryStore, checker: ModuleType, change: Callable[[list[bytes]], None]
) -> None:
    """And by nobody else: between two hashes of other shops a fact can be replaced. `docs/ledger.md` says so."""
    lines = exported(ledger)
    change(lines)
    recount(lines, checker)
    assert checker.check(lines, shop="alpha") is None
    head = checker.Known(checker.read_known(spines(ledger)[:1]).heads, {}, {})
    assert checker.check(lines, shop="alpha", known=head) is None, "a head alone does not bind what lies before a hash"
    assert checker.check(lines, shop="alpha", known=checker.read_known(spines(ledger, "alpha"))) is not None


def test_what_is_bound_is_counted(ledger: MemoryStore, checker: ModuleType) -> None:
    lines = exported(ledger)
    shown = sum(b'"fact"' in line for line in lines)

    def bound(known: list[bytes]) -> int:
        walk = checker.Check(shop="alpha", known=checker.read_known(known))
        assert checker.run(walk, lines) is None
        assert walk.told().startswith(f"{shown} facts of alpha are shown, {len(lines) - 3 - shown} others")
        return int(sum(desk.bound for desk in walk.desks.values()))

    assert bound([]) == 0
    assert bound(spines(ledger)) == shown
    assert 0 < bound(spines(ledger, to_seq=40)) < shown
    place = at(lines, True)
    seq = json.loads(lines[place])["seq"]
    assert bound(spines(ledger, to_seq=seq)[:1]) == 1, "a head binds the facts that lead to it, back to the first hash"


def test_a_whole_export_is_held_against_a_spine_and_hashes_are_refused_in_it(
    ledger: MemoryStore, checker: ModuleType
) -> None:
    from relay.store import export_facts

    out = io.BytesIO()
    export_facts(ledger, out)
    whole = out.getvalue().splitlines(keepends=True)
    assert checker.check(whole, known=checker.read_known(spines(ledger))) is None
    other = stored([replace(fact, at=fact.at + 1) for fact in two_shops().facts])
    assert checker.check(whole, known=checker.read_known(spines(other)[1:])) is not None
    assert checker.check(exported(ledger)) is not None, "without --shop every fact must be shown"


async def test_texts_and_buyers_are_the_shops_alone(checker: ModuleType) -> None:
    store = MemoryStore(SeededEntropy(1))
    scribe = await Scribe.of(store, "desk-1")
    seat = Seat(SeatId("s1"), ShopId("shop-1"), PersonId("ann"))
    assert seat.shop == "shop-1"
    refs = [
        RefRow(bytes([number]) * 32, BuyerRef(f"ref-{shop}"), ShopId(shop), f"tb-{shop}", shop)
        for number, shop in enumerate(("shop-1", "shop-2"))
    ]
    await store.append(scribe.messages("在吗", "电话", refs=refs))
    await store.append(scribe.erase(2))
    lines = exported(store, "shop-1", names=True)
    assert checker.check(lines, names=True, shop="shop-1") is None
    told = [json.loads(line) for line in lines]
    assert [line["seq"] for line in told if "content" in line] == [1]
    assert [line["platform_id"] for line in told if "buyer" in line] == ["tb-shop-1"]
    changed = [line.replace(b"5Zyo5ZCX", b"5Zyo5ZCY") for line in lines]
    assert checker.check(changed, names=True, shop="shop-1") is not None


def test_the_checker_as_a_command(ledger: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "shop.jsonl").write_bytes(b"".join(exported(ledger)))
    (tmp_path / "spine.jsonl").write_bytes(b"".join(spines(ledger, "alpha")))

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", str(SCRIPT), "shop.jsonl", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = run("--shop", "alpha", "--against", "spine.jsonl")
    shown = sum(b'"fact"' in line for line in exported(ledger))
    assert code == 0
    assert f"{shown} of the {shown} are bound" in said
    assert run()[0] == 1
    assert run("--shop", "beta-shop")[0] == 1


@given(seed=st.integers(0, 10_000_000), shop=st.sampled_from(["a", "b"]))
@settings(max_examples=25, deadline=None)
def test_any_ledger(checker: ModuleType, seed: int, shop: str) -> None:
    """In random worlds: the export checks, is bound by its spine, and names no seat of the other shop."""
    store = stored(one_run(seed, 60).facts)
    lines = exported(store, shop)
    walk = checker.Check(shop=shop, known=checker.read_known(spines(store, shop)))
    assert checker.run(walk, lines) is None
    assert all(desk.bound == desk.shown for desk in walk.desks.values())
    other = "b" if shop == "a" else "a"
    assert f'"shop":"{other}"'.encode() not in b"".join(lines)
    seats = ("a1", "a2", "ad") if shop == "b" else ("b1", "b2")
    assert not any(f'"seat":"{seat}"'.encode() in b"".join(lines) for seat in seats)
    assert not [fact for _, _, fact in read_shown(iter(lines)) if (getattr(fact, "shop", "") or shop) != shop]
