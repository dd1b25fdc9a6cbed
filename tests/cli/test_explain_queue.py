"""`relay explain` of a place in the queue: rebuilt from the ledger, as it was just after that fact."""

from relay.cli.reporting.candidates import place_of
from relay.domain import facts as f
from tests.domain.world import DESK, World, small


def said(world: World, queued: f.Queued) -> str:
    facts = dict(enumerate(world.facts, 1))
    return place_of(DESK, facts, next(seq for seq, fact in facts.items() if fact is queued))


def test_place_and_minutes_as_they_were() -> None:
    world = small(cap=1, check=False)
    for number in range(4):
        world.say(f"b{number}")
    for buyer in ("b0", "b1"):
        world.advance(30)
        world.answer(buyer=buyer)
        world.close(buyer=buyer)
    world.say("b9")
    first, last = world.all(f.Queued)[0], world.last(f.Queued)
    assert said(world, first) == "排第 1 位，尚无法估计 / place 1, no pace is known yet"
    assert said(world, last) == "排第 2 位，约 1 分钟 / place 2, about 1 min"


def test_one_who_waits_for_a_seat_alone_has_no_place() -> None:
    world = small(check=False)
    world.say()
    world.answer(tone="hold")
    world.say()
    world.presence("s1", "offline")
    world.advance(31)
    queued = world.last(f.Queued)
    assert queued.waits_for == "s1"
    assert "waits for seat s1 alone" in said(world, queued)
