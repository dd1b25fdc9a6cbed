"""Files for the report page: who may fetch them, how often, and when they go. What is in them is `tests/cli`'s."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from relay.domain.names import PersonId, ShopId
from relay.errors import BadInputError, RefusedError
from relay.runtime.handing import MOST_KEPT, MOST_WAITING, Asked, Handing, Order, Step
from relay.runtime.system import SystemClock, SystemEntropy

SHOP, ANN, BOB = ShopId("shop1"), PersonId("ann"), PersonId("bob")
ASKED = Asked(kind="csv", until="2026-03-30", days=30)


class Quick(Handing):
    """Its child only writes a file; the orders are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__("nobody", Path("config.toml"), folder, SystemClock(), SystemEntropy())
        self.orders: list[Order] = []

    async def _child(self, order: Order) -> AsyncGenerator[Step, None]:
        self.orders.append(order)
        yield Step("facts", 1, 2)
        write(order)


def write(order: Order) -> None:
    Path(order.path).write_text("made")


def path_of(handing: Quick) -> Path:
    return Path(handing.orders[0].path).parent


async def made(handing: Handing, *, rounds: bool = False) -> str:
    *steps, key = [one async for one in handing.make(ASKED, SHOP, ANN, rounds=rounds)]
    assert steps == [Step("starting"), Step("facts", 1, 2)]
    assert isinstance(key, str)
    return key


async def test_a_file_is_fetched_once_by_whoever_had_it_made(tmp_path: Path) -> None:
    handing = Quick(tmp_path / "made")
    key = await made(handing, rounds=True)
    for shop, person, rounds in ((ShopId("shop2"), ANN, True), (SHOP, BOB, True), (SHOP, ANN, False)):
        with pytest.raises(BadInputError):
            handing.fetch(key, shop, person, rounds=rounds)
    found = handing.fetch(key, SHOP, ANN, rounds=True)
    assert (found.path.read_text(), found.name) == ("made", "relay-shop1-2026-03-30-30d-days.csv")
    with pytest.raises(BadInputError, match="make it again"):
        handing.fetch(key, SHOP, ANN, rounds=True)
    await handing.stop()
    assert not found.path.exists()


async def test_what_nobody_fetches_makes_room(tmp_path: Path) -> None:
    handing = Quick(tmp_path / "made")
    keys = [await made(handing) for _ in range(MOST_KEPT + 1)]
    with pytest.raises(BadInputError):
        handing.fetch(keys[0], SHOP, ANN, rounds=False)
    assert sorted(path_of(handing).iterdir()) == sorted(path_of(handing) / f"{key}.csv" for key in keys[1:])
    assert handing.fetch(keys[1], SHOP, ANN, rounds=False).path.exists()
    await handing.stop()


async def test_they_take_turns_and_too_many_are_sent_away(tmp_path: Path) -> None:
    handing = Quick(tmp_path / "made")
    waiting = [handing.make(ASKED, SHOP, ANN, rounds=False) for _ in range(MOST_WAITING)]
    assert [await anext(one) for one in waiting] == [Step("starting")] + [Step("waiting")] * (MOST_WAITING - 1)
    with pytest.raises(RefusedError, match="too many"):
        await anext(handing.make(ASKED, SHOP, BOB, rounds=False))
    for one in waiting:
        await one.aclose()
    assert handing.orders == [], "whoever leaves before it begins costs nothing"
    await made(handing)
    await handing.stop()


async def test_a_child_that_nobody_waits_for_leaves_nothing(tmp_path: Path) -> None:
    handing = Quick(tmp_path / "made")
    async with aclosing(handing.make(ASKED, SHOP, ANN, rounds=False)) as steps:
        async for step in steps:
            if step == Step("facts", 1, 2):
                begun = Path(handing.orders[0].path)
                write(handing.orders[0])
                begun.with_name(f".{begun.name}.half").touch()
                break
    assert list(begun.parent.iterdir()) == []
    await handing.stop()


async def test_what_a_killed_process_left_goes_with_the_next_start(tmp_path: Path) -> None:
    await made(Quick(tmp_path / "made"))
    assert list((tmp_path / "made").iterdir())
    again = Quick(tmp_path / "made")
    again.start()
    assert not (tmp_path / "made").exists()
    await made(again)
    await again.stop()
    assert not (tmp_path / "made").exists()
