"""Alerts as desk state: open exactly as long as their matter, told and seen by facts, the same after any replay."""

import contextlib
import random

import pytest

from relay.domain import alerting, apply_alerts, effects
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_alerts import note_alerts
from relay.domain.codec import encode
from relay.domain.model import Alerts, OpenAlert
from relay.domain.names import AlertId, BuyerRef, PersonId, ShopId
from relay.domain.refusal import Refusal
from tests.domain import world as w
from tests.domain.laws import Broken
from tests.domain.one_run import one_run
from tests.domain.world import TEN, World, small

SHOP, BOSS = ShopId("shop"), PersonId("boss")


def whats(world: World) -> list[str]:
    return [one.what for one in world.desk.state.alerts.open.values()]


def only(world: World) -> OpenAlert:
    [one] = world.desk.state.alerts.open.values()
    return one


def alerted(**shop: object) -> World:
    """A buyer whom nobody has answered for two minutes and a half."""
    world = small(assist="suggest", **shop)
    world.say()
    world.advance(150)
    return world


def acknowledge(world: World, *alerts: str, buyer: str | None = "b1", by: str = "boss") -> list[f.DeskFact]:
    given = tuple(AlertId(one) for one in alerts)
    whose = BuyerRef(buyer) if buyer else None
    return world.do(i.AcknowledgeAlerts(shop=SHOP, buyer=whose, by=PersonId(by), alerts=given))


def told(world: World, *alerts: str, outcome: f.Outcome = "confirmed", notifier: str = "group") -> None:
    world.do(i.NoteAlertsTold(notifier=notifier, outcome=outcome, alerts=tuple(AlertId(one) for one in alerts)))


def test_an_unanswered_buyer_is_one_alert_and_its_answer_ends_it() -> None:
    world = alerted()
    one = only(world)
    seq = int(one.id[1:])
    assert isinstance(world.facts[seq - 1], f.LadderStepped)
    assert (one.what, one.buyer, one.seat, one.round_at, one.due_at) == ("unanswered", "b1", "s1", TEN, TEN + 180_000)
    world.answer()
    assert world.desk.state.alerts == Alerts()


@pytest.mark.parametrize(
    ("ends", "left"),
    [
        (lambda world: world.answer(), []),
        (lambda world: world.seen(), []),
        (lambda world: world.close(reason="spam"), []),
        (lambda world: world.recall("first"), []),
        (lambda world: world.say(), ["unanswered"]),
        (lambda world: world.types(), ["unanswered"]),
    ],
    ids=["answer", "elsewhere", "closed", "recall", "asks again", "typing"],
)
def test_what_ends_an_unanswered_buyer(ends: object, left: list[str]) -> None:
    world = small(assist="suggest")
    world.say(name="first")
    world.advance(150)
    assert whats(world) == ["unanswered"]
    ends(world)  # type: ignore[operator]
    assert [one for one in whats(world) if one == "unanswered"] == left


@pytest.mark.parametrize("reached", [True, False])
def test_an_unknown_send_is_open_until_somebody_has_looked(reached: bool) -> None:
    world = small()
    world.outcome = w.unknown
    world.say()
    world.answer()
    one = only(world)
    assert (one.what, one.seat) == ("send_unknown", "s1")
    world.do(i.ResolveSend(send=world.last(f.SendEnded).send, by=BOSS, reached=reached))
    assert whats(world) == []


def test_an_answer_to_the_round_leaves_the_unknown_open() -> None:
    world = small()
    world.outcome = w.unknown
    world.say()
    world.answer()
    world.seen()
    assert world.conv().round is None
    assert whats(world) == ["send_unknown"]


def test_closing_ends_every_alert_of_the_buyer_also_an_unknown() -> None:
    world = small()
    world.outcome = w.unknown
    world.say()
    world.answer()
    world.close(reason="seen in the shop's own client")
    assert world.desk.state.alerts == Alerts()


def test_a_later_reminder_takes_the_place_of_the_one_before() -> None:
    world = small()
    world.say()
    world.answer(tone="hold")
    ids = []
    for _ in range(2):
        while "debt" not in whats(world) or [one.id for one in debts(world)] == ids[-1:]:
            world.advance(30)
        ids += [one.id for one in debts(world)]
    assert len(ids) == 2
    assert len(debts(world)) == 1
    book, turns = Alerts(), []
    for seq, fact in enumerate(world.facts, 1):
        turns.append(note_alerts(book, seq, fact))
    assert [[one.id for one in turn.superseded] for turn in turns if turn and turn.superseded] == [[ids[0]]]
    world.answer()
    assert debts(world) == []


def debts(world: World) -> list[OpenAlert]:
    return [one for one in world.desk.state.alerts.open.values() if one.what == "debt"]


def test_nobody_online_is_one_alert_for_all_who_wait_and_over_when_somebody_takes_one() -> None:
    world = small(seats=0)
    world.say("b1")
    world.say("b2")
    one = only(world)
    assert (one.what, one.buyer, list(one.callers or ())) == ("nobody_online", None, ["b1", "b2"])
    world.seat("s1")
    assert whats(world) == []


def test_nobody_online_is_over_when_the_last_who_waited_is_gone_and_is_new_the_next_time() -> None:
    world = small(seats=0)
    world.say("b1", name="m1")
    world.say("b2", name="m2")
    first = only(world).id
    world.recall("m1", "b1")
    assert list(only(world).callers or ()) == ["b2"]
    world.recall("m2", "b2")
    assert whats(world) == []
    world.say("b3")
    assert only(world).id != first


def test_a_key_that_is_raised_again_after_its_end_is_a_new_alert() -> None:
    """A complaint today is not last week's: the key alone would have silenced it for ever."""
    world = small()
    ids = []
    for _ in range(2):
        world.say(tag="complaint")
        world.advance(165)
        ids += [one.id for one in world.desk.state.alerts.open.values() if one.what == "complaint"]
        world.answer()
        world.advance(60)
    assert len(set(ids)) == 2


# --- told, and seen


def test_what_was_confirmed_is_remembered_by_notifier_and_instant_and_nothing_else_is() -> None:
    world = alerted()
    name = only(world).id
    for outcome in ("refused", "not_sent", "unknown"):
        told(world, name, outcome=outcome)  # type: ignore[arg-type]
    assert only(world).told == {}
    told(world, name)
    first = world.now
    world.advance(5)
    told(world, name)
    told(world, name, notifier="boss")
    assert only(world).told == {"group": first, "boss": world.now}


def test_a_notice_about_what_is_over_changes_nothing() -> None:
    world = alerted()
    name = only(world).id
    world.answer()
    told(world, name, "a999999")
    assert world.desk.state.alerts == Alerts()


def test_the_one_who_acknowledged_is_named_and_a_second_is_refused() -> None:
    world = alerted()
    name = only(world).id
    [fact] = acknowledge(world, name)
    assert fact == f.AlertAcknowledged(
        at=world.now, shop=SHOP, by=BOSS, alerts=(name,), buyer=BuyerRef("b1"), seat="s1"
    )  # type: ignore[arg-type]
    assert only(world).seen_by == BOSS
    with pytest.raises(Refusal, match="unknown_alert"):
        acknowledge(world, name, by="mia")
    assert only(world).seen_by == BOSS


@pytest.mark.parametrize("buyer", ["b2", None])
def test_an_alert_of_another_is_not_acknowledged_with_it(buyer: str | None) -> None:
    world = alerted()
    with pytest.raises(Refusal, match="unknown_alert"):
        acknowledge(world, only(world).id, buyer=buyer)


def test_what_is_over_meanwhile_is_left_out_of_the_fact() -> None:
    world = small()
    world.outcome = w.unknown
    world.say()
    world.answer()
    name = only(world).id
    [fact] = acknowledge(world, "a1", name, name)
    assert isinstance(fact, f.AlertAcknowledged)
    assert fact.alerts == (name,)


def test_l16_facts_of_notices_are_observations_that_lead_to_the_same_bytes_again() -> None:
    world = alerted()
    name = only(world).id
    told(world, name, outcome="refused")
    told(world, name)
    acknowledge(world, name, "a1")
    world.answer()
    assert world.count(f.AlertsTold) == 2
    assert all(one.cause == 0 for one in world.all(f.AlertsTold) + world.all(f.AlertAcknowledged))
    assert world.rerun()


def test_what_is_open_after_a_restart_is_what_was_open_before() -> None:
    world = alerted()
    told(world, only(world).id)
    acknowledge(world, only(world).id)
    before = only(world)
    world.restart()
    assert only(world) == before


def test_a_listener_keeps_the_same_book_from_any_fact_on() -> None:
    world = small(seats=1, cap=1)
    world.outcome = w.unknown
    for buyer in ("b1", "b2", "b3"):
        world.say(buyer)
    book = Alerts()
    halfway = len(world.facts)
    for seq, fact in enumerate(world.facts, 1):
        note_alerts(book, seq, fact)
    world.advance(150)
    world.answer(buyer="b1")
    world.advance(300)
    for seq, fact in enumerate(world.facts[halfway:], halfway + 1):
        note_alerts(book, seq, fact)
    assert book == world.desk.state.alerts
    assert book.open


def test_an_old_ledger_without_these_facts_replays_to_its_open_alerts() -> None:
    """They follow from what was always on the ledger."""
    world = alerted()
    assert not any(b"Notice" in encode(fact) for fact in world.facts)
    world.restart()
    assert whats(world) == ["unanswered"]


def foresee(world: World, date: str, *falling: str) -> None:
    world.do(i.NoteForecast(shop=SHOP, date=date, falling=falling))  # type: ignore[arg-type]


def test_a_figure_that_falls_is_one_alert_a_day_also_after_a_restart_and_once_somebody_has_seen_it() -> None:
    world = small()
    foresee(world, "2026-03-02", "day")
    assert (only(world).what, only(world).buyer) == ("figure_falling", None)
    acknowledge(world, only(world).id, buyer=None)
    for date in ("2026-03-02", "2026-03-01"):
        with pytest.raises(Refusal, match="duplicate"):
            foresee(world, date, "thirty_days")
    world.restart()
    with pytest.raises(Refusal, match="duplicate"):
        foresee(world, "2026-03-02", "day", "thirty_days")
    assert world.count(f.FigureForeseen) == 1
    first = only(world).id
    foresee(world, "2026-03-03", "thirty_days")
    assert only(world).id != first
    foresee(world, "2026-03-04")
    assert whats(world) == []
    with pytest.raises(Refusal, match="duplicate"):
        foresee(world, "2026-03-04")
    assert world.rerun()


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_forecasts_keeps_the_laws(seed: int) -> None:
    foresee_at_random(seed)


def foresee_at_random(seed: int) -> None:
    """A world whose laws are watched, in which dates come in any order, among buyers and a restart."""
    rng, world = random.Random(seed), small()
    for _ in range(25):
        match rng.randrange(6):
            case 0:
                world.say(f"b{rng.randrange(3)}")
            case 1:
                world.advance(rng.choice((5, 150)))
            case 2 if rng.randrange(4) == 0:
                world.restart()
            case _:
                falling = rng.choice(((), ("day",), ("thirty_days",), ("day", "thirty_days")))
                with contextlib.suppress(Refusal):
                    foresee(world, f"2026-03-{rng.randrange(2, 6):02}", *falling)
    assert world.rerun()


@pytest.mark.parametrize("row", [f.RoundAnswered, f.RoundMoved, f.SendEnded, f.DebtClosed])
def test_a_planted_bug_an_alert_that_does_not_end_is_found(row: type[f.Fact], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(apply_alerts._ROWS, row)
    with pytest.raises(Broken, match="alert"):
        search()


def test_a_planted_bug_an_unknown_that_is_no_alert_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(effects._ALERTS, f.SendEnded)
    with pytest.raises(Broken, match="unknown_without_its_alert"):
        search()


def test_a_planted_bug_a_figure_that_is_told_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "foreseen_on", lambda alerts, shop: None)
    with pytest.raises(Broken, match="figure_told_again"):
        foresee_often()


def test_a_planted_bug_a_figures_alert_that_outlives_its_day_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(apply_alerts._ROWS, f.FigureForeseen)
    with pytest.raises(Broken, match="alert_of_a_figure"):
        foresee_often()


def foresee_often() -> None:
    for seed in range(30):
        foresee_at_random(seed)


def search() -> None:
    for seed in range(60):
        one_run(seed, 80, check=True)
