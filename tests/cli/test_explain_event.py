"""`relay explain` during an event: a decision names the event, a buyer's story has its borders."""

from pathlib import Path

from click.testing import CliRunner

from relay.cli.explain import explain
from relay.domain import facts as f
from relay.domain.settings import CapChange
from relay.store.sqlite import open_store
from relay.testing.fakes import SeededEntropy
from relay.testing.scribe import Scribe
from tests.domain.world import World, small


async def explained(world: World, fact: f.Fact, folder: Path) -> list[str]:
    path = folder / "ledger.db"
    store = open_store(path, SeededEntropy(1))
    scribe = await Scribe.of(store, "desk")
    await store.append(scribe.facts(*world.facts))
    await store.close()
    seq = world.facts.index(fact) + 1
    result = CliRunner().invoke(explain, ["desk", str(seq), "--data", str(path)])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def with_sale(starts: str) -> World:
    world = small(cap=1)
    world.event("sale", starts, "10:30", caps=(CapChange("*", add=1),))
    world.say("b0")
    world.say("b1")
    return world


async def test_a_decision_names_the_event_that_was_on(tmp_path: Path) -> None:
    world = with_sale("10:05")
    world.at("10:06:00")
    lines = await explained(world, world.last(f.Assigned), tmp_path)
    assert "      活动中 / during the event sale" in lines


async def test_a_decision_before_it_does_not(tmp_path: Path) -> None:
    world = with_sale("10:05")
    lines = await explained(world, world.last(f.Queued), tmp_path)
    assert not any("during the event" in line for line in lines)


async def test_a_buyers_story_has_the_borders_that_fell_into_it(tmp_path: Path) -> None:
    world = with_sale("10:05")
    world.at("10:31:00")
    world.answer(buyer="b1")
    lines = await explained(world, world.last(f.RoundAnswered), tmp_path)
    turns = [line.split()[3:] for line in lines if "EventTurned" in line]
    assert [words[1] for words in turns] == ["shop=shop", "shop=shop"]
    assert any("event=sale" in words for words in turns)
    assert any("ended=sale" in words for words in turns)


async def test_a_story_within_an_event_says_so_first(tmp_path: Path) -> None:
    world = with_sale("09:00")
    lines = await explained(world, world.last(f.Assigned, buyer="b1"), tmp_path)
    turned, wrote = (next(n for n, line in enumerate(lines) if name in line) for name in ("EventTurned", "BuyerWrote"))
    assert "event=sale" in lines[turned]
    assert turned < wrote
