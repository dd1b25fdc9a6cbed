"""Notes: what people write about a buyer for whoever has them later. Never sent, never lost, never changed (L14)."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_notes import KEPT_MS
from relay.domain.effects import effects_of
from relay.domain.names import ShopId
from relay.domain.refusal import Refusal
from relay.domain.settings import Grant
from tests.domain.world import World, small


def noted() -> World:
    """b1 is on s1; mia supervises the shop."""
    world = small(seats=2)
    world.person("mia", roles=(Grant(ShopId("shop"), "cs_admin"),))
    world.say()
    return world


def notes(world: World, buyer: str = "b1") -> list[str]:
    return list(world.desk.state.notes.get(("shop", buyer), {}))  # type: ignore[call-overload]


def write(world: World, agent: str = "p-s1", buyer: str = "b1", **more: Any) -> str:
    seq = world.desk.state.seq + 1
    world.note(agent, buyer, **more)
    return f"n{seq}"


def test_a_note_is_a_fact_that_asks_for_nothing() -> None:
    world = noted()
    name = write(world)
    fact = world.last(f.NoteWritten)
    assert (fact.by, fact.seat, fact.replaces, fact.cause) == ("p-s1", "s1", None, 0)
    assert effects_of(world.desk.state.seq, fact) == ()
    assert notes(world) == [name]
    assert world.conv().sends == {}


def test_it_stays_through_transfer_close_return_and_restart() -> None:
    world = noted()
    name = write(world)
    world.move("p-s1", to="s2", reason="懂这款")
    assert world.conv().seat == "s2"
    world.answer("p-s2")
    world.close("p-s2")
    assert not world.knows()
    world.restart()
    world.do(i.ConnectChannel(shop="shop"))
    world.say()
    assert notes(world) == [name]
    assert world.rerun()


def test_another_wording_is_a_new_note_and_taking_one_away_a_fact() -> None:
    world = noted()
    first, second = write(world), write(world)
    third = write(world, replaces=first)
    assert notes(world) == [second, third]
    world.unnote(second, "p-s1")
    assert notes(world) == [third]
    world.unnote(third, "mia")
    assert ("shop", "b1") not in world.desk.state.notes
    assert world.count(f.NoteWritten) == 3


@pytest.mark.parametrize(
    ("by", "buyer", "code"),
    [("p-s2", "b1", "not_yours"), ("nobody", "b1", "not_yours"), ("p-s1", "b9", "unknown_conversation")],
)
def test_who_may_note(by: str, buyer: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        write(noted(), by, buyer)


@pytest.mark.parametrize(
    ("by", "name", "code"),
    [
        ("p-s2", "n?", "note_not_yours"),
        ("p-s2", "n1", "unknown_note"),
        ("p-s1", "n?", "not_yours"),
        ("mia", "n?", None),
    ],
)
@pytest.mark.parametrize("removes", [True, False])
def test_a_note_is_its_writers_or_a_supervisors(by: str, name: str, code: str | None, removes: bool) -> None:
    world = noted()
    mine = write(world)
    world.move("mia", to="s2")
    name = mine if name == "n?" else name

    def change() -> None:
        world.unnote(name, by) if removes else world.note(by, replaces=name)

    if code is None:
        change()
        assert mine not in notes(world)
    else:
        with pytest.raises(Refusal, match=code):
            change()
        assert notes(world) == [mine]


def test_who_served_last_may_note_after_the_close() -> None:
    world = noted()
    world.answer()
    world.close()
    write(world)
    assert world.last(f.NoteWritten).seat is None


def test_twenty_of_a_buyer_are_enough() -> None:
    world = noted()
    names = [write(world) for _ in range(20)]
    with pytest.raises(Refusal, match="notes_many"):
        write(world)
    write(world, replaces=names[0])
    assert len(notes(world)) == 20


def test_notes_of_long_ago_are_let_go_and_those_of_an_open_conversation_never() -> None:
    world = small(check=False)
    for buyer in ("b1", "b2"):
        world.say(buyer)
        write(world, buyer=buyer)
    world.answer(buyer="b1")
    world.close(buyer="b1")
    world.now += KEPT_MS
    world.say("b3")
    write(world, buyer="b3")
    assert [len(notes(world, buyer)) for buyer in ("b1", "b2", "b3")] == [0, 1, 1]
