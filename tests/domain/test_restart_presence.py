"""After a crash nobody is connected: a seat is given nobody until its client has come back."""

from relay.domain import facts as f
from tests.domain.world import small


def test_a_seat_whose_client_does_not_come_back_is_given_nobody() -> None:
    world = small(seats=2)
    world.restart(back=False)
    world.presence("s2", "online")
    for buyer in ("b1", "b2"):
        world.say(buyer)
    assert [world.conv(buyer).seat for buyer in ("b1", "b2")] == ["s2", "s2"]


def test_who_comes_back_within_the_grace_keeps_the_buyers() -> None:
    world = small(seats=2)
    world.say()
    owner = world.conv().seat
    world.restart(back=False)
    world.advance(20)
    world.presence(owner, "online")
    world.advance(60)
    assert world.conv().seat == owner


def test_whose_grace_is_over_loses_the_unanswered() -> None:
    world = small(seats=2)
    world.say()
    owner, other = world.conv().seat, {"s1": "s2", "s2": "s1"}[world.conv().seat]
    world.restart(back=False)
    world.presence(other, "online")
    world.advance(31)
    assert world.conv().seat == other != owner


def test_restarts_are_no_flapping_of_the_seat() -> None:
    world = small()
    for _ in range(5):
        world.restart()
        world.advance(2)
    assert world.count(f.FlappingBegan) == 0


def test_a_desk_begun_anew_lets_seats_turn_in_the_order_of_the_one_before() -> None:
    """L16: of two seats that flapped, the one whose end was put off comes second, whoever was to end first at first."""
    world = small(seats=2)
    for seat in ("s2", "s1"):
        for presence in ("offline", "online", "offline", "online"):
            world.presence(seat, presence)
            world.advance(1)
    world.presence("s2", "offline")
    world.presence("s2", "online")
    world.sleep(300)
    facts = world.restart()
    assert [fact.seat for fact in facts if isinstance(fact, f.FlappingEnded)] == ["s1", "s2"]
    assert world.rerun()
