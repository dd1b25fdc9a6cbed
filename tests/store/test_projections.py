"""The projections' file: it follows the ledger, can be thrown away, and a row that is not the ledger's is found."""

import contextlib
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.contracts import Batch
from relay.domain import facts as f
from relay.domain.codec import GENESIS, chain
from relay.domain.names import DeskId, Millis
from relay.domain.settings import Shop
from relay.errors import BadInputError
from relay.insight.settlement.fold import Settling
from relay.insight.settlement.records import DayRow
from relay.store import open_store
from relay.store.projections import PROJECTIONS, Projections, look, open_projections
from relay.store.reader import Reader
from relay.store.rolling import Rolled, compare, roll_up
from relay.testing.fakes import FakeClock, SeededEntropy
from tests.insight.settling import DESK, MIDNIGHT, open_law, random_world, shop_of

DAY = 86_400_000
KINDS = [Settling(open_law)]


class House:
    """A ledger on disk and the projections beside it."""

    def __init__(self, folder: Path) -> None:
        self.ledger, self.path = folder / "relay.sqlite", folder / PROJECTIONS
        self.facts: list[f.DeskFact] = []
        self.now = Millis(MIDNIGHT)

    async def write(self, facts: Sequence[f.DeskFact]) -> None:
        store = open_store(self.ledger, SeededEntropy(1), FakeClock())
        claim = await store.claim(DESK)
        rows = chain(claim.head_hash if claim.head_seq else GENESIS, DESK, claim.head_seq + 1, facts)
        await store.append(Batch(DESK, claim.epoch, claim.head_seq, rows))
        await store.close()
        self.facts += facts
        self.now = Millis(max(self.now, facts[-1].at))

    def roll(self, after_days: float = 0, **more: Any) -> Rolled:
        with Reader.snapshot(self.ledger) as ledger, open_projections(self.path) as projections:
            (rolled,) = roll_up(ledger, projections, KINDS, Millis(self.now + round(after_days * DAY)), **more)
            return rolled

    def rows(self) -> dict[str, dict[str, bytes]]:
        with look(self.path) as sight:
            shelf = sight.shelf("settlement", DESK)
            return {kind: dict(shelf.scan(kind)) for kind in shelf.kinds()}

    def differences(self) -> list[tuple[str, str]]:
        with Reader.snapshot(self.ledger) as ledger, look(self.path) as sight:
            return [(one.kind, one.key) for one in compare(ledger, sight, KINDS)]


def opened(shop: Shop) -> f.DeskFact:
    return f.OfficeTaken(at=MIDNIGHT, office_seq=1, subject=shop)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize("seed", range(6))
async def test_in_any_sittings_and_through_kills_the_rows_are_those_of_a_rebuild(
    house: House, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.store.rolling.KEEP", 3)
    chance = random.Random(seed)
    facts: list[f.DeskFact] = [opened(shop_of("taobao_ww3", "taobao")), *random_world(seed)]
    while facts:
        some, facts = facts[: chance.randrange(1, 20)], facts[20:]
        await house.write(some)
        if chance.random() < 0.6:
            with contextlib.suppress(KeyboardInterrupt):  # unless it was done before it could be killed
                house.roll(progress=_dies_after(chance.randrange(1, 4)))
        if chance.random() < 0.7:
            house.roll(after_days=chance.choice([0, 1]))
    house.roll(after_days=2)
    followed = house.rows()
    assert house.roll(after_days=2).taken == 0, "what is taken is not taken again"
    assert house.rows() == followed
    assert house.roll(after_days=2, rebuild=True).anew == "asked"
    assert house.rows() == followed
    assert house.differences() == []


def _dies_after(times: int) -> Any:
    left = [times]

    def progress(desk: DeskId, seq: int, of: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    return progress


FALSIFICATIONS = {
    "a figure": "UPDATE rows SET value = ? WHERE kind = 'day' AND key = ?",
    "a row that is gone": "DELETE FROM rows WHERE ? IS NOT NULL AND kind = 'day' AND key = ?",
    "a restatement that is gone": "DELETE FROM rows WHERE ? IS NOT NULL AND ? IS NOT NULL AND kind = 'restated'",
}


@pytest.mark.parametrize("what", FALSIFICATIONS)
async def test_a_falsified_row_is_found(house: House, what: str) -> None:
    await house.write([opened(shop_of("taobao_ww3", "taobao")), *random_world(3)])
    house.roll()
    assert house.differences() == []
    assert house.rows()["restated"]
    key, value = next(iter(house.rows()["day"].items()))
    row = msgspec.msgpack.decode(value, type=DayRow)
    better = msgspec.structs.replace(row.now.whole, hits=row.now.whole.hits + 1)
    now = msgspec.structs.replace(row.now, whole=better)
    lie = msgspec.msgpack.encode(msgspec.structs.replace(row, now=now))
    connection = sqlite3.connect(house.path)
    with connection:
        assert connection.execute(FALSIFICATIONS[what], (lie, key)).rowcount > 0
    connection.close()
    found = house.differences()
    assert found
    assert what == "a restatement that is gone" or found == [("day", key)]
    house.roll(rebuild=True)
    assert house.differences() == []


async def test_what_does_not_fit_is_made_anew_and_says_why(house: House, tmp_path: Path) -> None:
    shop = shop_of("taobao_ww3", "taobao")
    world = random_world(5)
    await house.write([opened(shop), *world[:30]])
    assert house.roll().anew == "new"
    assert house.roll().anew is None
    await house.write(world[30:40])
    rolled = house.roll()
    assert (rolled.anew, rolled.taken) == (None, 10)
    await house.write([opened(msgspec.structs.replace(shop, rule_options={"limit_s": "60"}))])
    assert house.roll().anew == "terms"
    other = House(tmp_path / "other")
    other.ledger.parent.mkdir()
    await other.write([opened(shop), *random_world(6)])
    other.ledger.replace(house.ledger)
    assert house.roll().anew == "ledger"
    assert house.differences() == []


@pytest.mark.parametrize("damage", [b"not a database at all", b""])
async def test_a_damaged_file_is_thrown_away(house: House, damage: bytes) -> None:
    await house.write([opened(shop_of()), *random_world(1)])
    house.roll()
    rows = house.rows()
    house.path.write_bytes(damage)
    assert house.roll().anew == "new"
    assert house.rows() == rows


async def test_a_file_of_another_format_is_thrown_away(house: House) -> None:
    await house.write([opened(shop_of()), *random_world(1)])
    house.roll()
    connection = sqlite3.connect(house.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(BadInputError, match="relay settle --rebuild"):
        look(house.path)
    assert house.roll().anew == "new"


def test_one_process_writes(house: House) -> None:
    with open_projections(house.path) as first:
        assert isinstance(first, Projections)
        with pytest.raises(BadInputError, match="settling now"):
            open_projections(house.path)
    open_projections(house.path).close()


def test_without_a_file_the_reader_says_what_to_do(house: House) -> None:
    with pytest.raises(BadInputError, match="relay settle"):
        look(house.path)
