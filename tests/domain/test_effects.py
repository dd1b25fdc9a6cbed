"""What must be done outside follows from the fact alone, once, and what is pending after a restart from the state."""

import pytest

from relay.domain import effects
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import Alert, Deliver, Prepare, effects_of, pending
from tests.domain import world as w
from tests.domain.world import TEN, World, small


def asked(world: World, kind: type) -> list[object]:
    return [one for seq, fact in enumerate(world.facts, 1) for one in effects_of(seq, fact) if isinstance(one, kind)]


def test_every_intent_asks_once_for_its_sending() -> None:
    world = small()
    world.hold_back = True
    world.say()
    world.answer(tone="hold")
    world.answer()
    intents = [f"s{seq}" for seq, fact in enumerate(world.facts, 1) if isinstance(fact, f.ReplyIntended)]
    assert asked(world, Prepare) == [Prepare(w.SendId(one), w.ShopId("shop"), w.BuyerRef("b1")) for one in intents]


def test_a_hold_in_shadow_asks_for_nothing() -> None:
    world = small(assist="shadow")
    world.say()
    world.advance(200)
    assert world.count(f.HoldIntended, shadow=True) == 1
    assert asked(world, Prepare) == []


def test_a_hold_in_assist_asks_once() -> None:
    world = small()
    world.say()
    world.advance(200)
    assert len(asked(world, Prepare)) == len(asked(world, Deliver)) == 1


def test_the_delivery_names_the_version_and_whose_text_it_is() -> None:
    world = small()
    world.say()
    world.advance(200)
    (one,) = asked(world, Deliver)
    assert isinstance(one, Deliver)
    assert (one.reply, one.version, one.machine, one.seat) == ("wait", 1, True, "s1")


def test_pending_after_a_restart_is_exactly_what_is_intended_and_not_yet_sending() -> None:
    world = small()
    world.outcome = w.silent
    world.say()
    world.answer()
    world.hold_back = True
    world.answer()
    world.answer()
    started = world.last(f.SendStarted).send
    intents = [f"s{seq}" for seq, fact in enumerate(world.facts, 1) if isinstance(fact, f.ReplyIntended)]
    world.restart()
    asked_again = [one.send for one in pending(world.desk.state) if isinstance(one, Prepare)]
    assert asked_again == [one for one in intents if one != started]


def test_a_retry_that_waits_is_not_pending() -> None:
    world = small()
    world.outcome = w.retryable
    world.say()
    world.answer()
    assert pending(world.desk.state) == ()


@pytest.mark.parametrize(
    ("outcome", "what"), [(w.unknown, "send_unknown"), (w.refused, "send_refused"), (w.confirmed, None)]
)
def test_an_unknown_or_refused_send_is_shown_at_once(outcome: object, what: str | None) -> None:
    world = small()
    world.outcome = outcome
    world.say()
    world.answer()
    assert [one.what for one in world.alerts] == ([what] if what else [])


def test_an_alert_has_one_key_for_one_matter() -> None:
    world = small(assist="suggest")
    world.say()
    world.advance(200)
    keys = [one.key for one in asked(world, Alert) if isinstance(one, Alert)]
    assert keys == [f"shop:b1:{TEN}"]


def test_a_delivery_is_asked_for_by_no_fact_but_the_start_of_a_sending() -> None:
    world = small()
    world.say()
    world.advance(200)
    for seq, fact in enumerate(world.facts, 1):
        assert any(isinstance(one, Deliver) for one in effects_of(seq, fact)) == isinstance(fact, f.SendStarted)


def test_no_fact_both_acts_and_alerts() -> None:
    """So one look at a table finds all that a fact asks for, and no row hides another."""
    assert not effects._DOES.keys() & effects._ALERTS.keys()


def test_a_shop_that_is_lost_calls_the_supervisors_each_time() -> None:
    world = small()
    for _ in range(2):
        world.do(i.LoseChannel(shop=w.ShopId("shop"), why="silent"))
        world.do(i.ConnectChannel(shop=w.ShopId("shop")))
        assert not world.desk.state.alerts.open, "it is back"
    alerts = asked(world, Alert)
    assert [(one.what, one.shop) for one in alerts if isinstance(one, Alert)] == [("channel_lost", "shop")] * 2
