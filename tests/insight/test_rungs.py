"""How rounds ended after each rung: by hand, and as a law over random runs."""

from collections import Counter

import pytest

from relay.domain import facts as f
from relay.domain.inputs import StartDesk
from relay.domain.names import ShopId
from relay.insight.rungs import RungRow, Rungs
from tests.domain.one_run import one_run
from tests.domain.world import World


def rows(facts: list[f.DeskFact], shop: str = "shop") -> list[RungRow]:
    rungs = Rungs()
    for fact in facts:
        rungs.take(fact)
    return rungs.rows(ShopId(shop))


def test_by_hand() -> None:
    """b1 at once, b2 after the badge, b3 after the deadline, b4 never."""
    world = World(check=False)
    world.do(StartDesk(epoch=0))
    world.shop(assist="off")
    world.seat("s1", cap=9)
    for buyer in ("b1", "b2", "b3", "b4"):
        world.say(buyer)
    world.advance(10)
    world.answer(buyer="b1")
    world.advance(60)
    world.answer(buyer="b2")
    world.advance(130)
    world.answer(buyer="b3")
    found = {row.do: row for row in rows(world.facts)}
    assert found["none"] == RungRow("none", in_time=1)
    assert found["badge"] == RungRow("badge", in_time=1, late=1, open=1)
    assert found["wall"] == RungRow("wall", late=1, open=1)


@pytest.mark.parametrize("seed", range(4))
def test_no_round_is_lost_and_a_rung_has_no_more_rounds_than_there_were(seed: int) -> None:
    world = one_run(seed, 150)
    shops = {fact.shop for fact in world.facts if isinstance(fact, f.RoundOpened)}
    for shop in shops:
        mine = [fact for fact in world.facts if getattr(fact, "shop", None) == shop]
        opened = sum(isinstance(fact, f.RoundOpened) for fact in mine)
        ended = Counter(type(fact) for fact in mine if isinstance(fact, f.RoundAnswered | f.RoundDropped))
        found = rows(world.facts, shop)
        counts = [row.in_time + row.late + row.dropped + row.open for row in found]
        assert max(counts) <= opened <= sum(counts)
        assert max(row.dropped for row in found) <= ended[f.RoundDropped]
        assert max(row.in_time + row.late for row in found) <= ended[f.RoundAnswered]
