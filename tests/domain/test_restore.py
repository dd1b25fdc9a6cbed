"""L7, L9: after a restore nobody knows what was said since the backup: nothing is said twice, nothing claimed."""

import pytest

from relay.domain import apply
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_settings import started
from relay.domain.effects import Alert, pending
from relay.domain.model import DeskState
from relay.domain.names import ShopId
from relay.domain.sending import MACHINE
from tests.domain.laws import Broken
from tests.domain.world import World, silent, small

SHOP = ShopId("shop")


def with_a_hold_on_its_way() -> World:
    """A question unanswered until the hold is intended; its sending has not been asked for."""
    world = small()
    world.hold_back = True
    world.say()
    world.advance(160)
    assert world.count(f.HoldIntended) == 1
    return world


def test_L9_what_was_only_intended_is_unknown_and_never_goes_out_by_itself() -> None:
    world = with_a_hold_on_its_way()
    world.restart(restored=True)
    ended = world.last(f.SendEnded)
    assert (ended.outcome, ended.why) == ("unknown", "restore")
    assert [one.what for one in pending(world.desk.state) if isinstance(one, Alert)] == ["send_unknown"]
    world.do(i.ConnectChannel(shop=SHOP))
    world.hold_back = False
    world.advance(600)
    assert world.count(f.SendStarted) == 0
    assert world.count(f.HoldIntended) == 1


def test_L9_after_a_plain_restart_it_is_decided_anew() -> None:
    world = with_a_hold_on_its_way()
    world.restart()
    world.do(i.ConnectChannel(shop=SHOP))
    world.hold_back = False
    world.carry()
    assert world.count(f.SendStarted) == 1


def read_the_gap(world: World) -> None:
    """The channel is back, and its history has told what came since the backup was taken."""
    world.do(i.ConnectChannel(shop=SHOP))
    gap = world.last(f.ChannelGap)
    world.do(i.ReportGap(shop=SHOP, from_at=gap.from_at, to_at=gap.to_at, recovered=True))


def test_L7_no_machine_speaks_in_a_round_that_was_open_in_the_backup() -> None:
    world = small()
    world.say()
    world.advance(30)
    world.restart(restored=True)
    world.do(i.ConnectChannel(shop=SHOP))
    world.advance(600)
    assert world.count(f.HoldIntended) == 0
    assert {one.do for one in world.all(f.LadderStepped)} >= {"badge", "alert"}


def test_L7_a_round_that_is_opened_after_it_has_its_hold() -> None:
    world = small()
    world.restart(restored=True)
    read_the_gap(world)
    world.say()
    world.advance(600)
    assert world.count(f.SendStarted, machine=True) == 1


def test_no_machine_speaks_until_what_came_since_the_backup_is_read() -> None:
    world = small()
    world.restart(restored=True)
    world.do(i.ConnectChannel(shop=SHOP))
    world.say()
    world.advance(600)
    assert world.count(f.HoldIntended) == 0
    assert world.count(f.HoldWithheld) == 1


def test_L7_nor_for_a_question_from_before_that_the_history_brings_again() -> None:
    world = small()
    world.sleep(30)
    world.restart(restored=True)
    read_the_gap(world)
    world.say(ago=20)
    world.say(buyer="b2")
    world.advance(600)
    assert [one.buyer for one in world.all(f.HoldIntended)] == ["b2"]


def test_L10_a_hold_that_may_have_gone_out_owes_an_answer_until_it_is_known_not_to() -> None:
    world = with_a_hold_on_its_way()
    world.restart(restored=True)
    opened = world.last(f.DebtOpened)
    assert opened.send == world.last(f.SendEnded).send
    world.do(i.ResolveSend(send=opened.send, by="ann", reached=False))
    assert world.last(f.DebtClosed).why == "hold_not_sent"


def test_L10_one_that_had_begun_and_was_answered_owes_nothing_again() -> None:
    world = small()
    world.outcome = silent
    world.say()
    world.advance(160)
    assert world.count(f.SendStarted) == 1
    world.seen()
    assert world.count(f.DebtClosed) == 1
    for restored in (False, True):
        world.restart(restored=restored)
        assert world.count(f.DebtOpened) == 1
    assert world.last(f.SendEnded).outcome == "unknown"


def test_L9_the_channels_echo_of_what_was_sent_after_the_backup_is_believed() -> None:
    world = with_a_hold_on_its_way()
    world.restart(restored=True)
    send = world.last(f.SendEnded).send
    world.seen(author=MACHINE, echo_of=send)
    ended = world.last(f.SendEnded)
    assert (ended.send, ended.outcome, ended.why) == (send, "confirmed", "echo")


def test_the_time_that_is_not_known_is_a_gap_of_every_shop() -> None:
    world = small()
    world.say()
    before = world.facts[-1].at
    world.sleep(3_600)
    world.restart(restored=True)
    gap = world.last(f.ChannelGap)
    assert (gap.shop, gap.from_at, gap.to_at, gap.recovered) == (SHOP, before, world.now, False)


def test_the_laws_notice_a_desk_that_forgets_the_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the sends are taken as after any restart, or the rounds are."""
    world = with_a_hold_on_its_way()
    with monkeypatch.context() as planted:
        planted.setattr("relay.domain.desk.lose_in_flight", lambda step, restored: None)
        with pytest.raises(Broken, match="decided_blindly"):
            world.restart(restored=True)
    monkeypatch.setitem(apply._TABLE, f.DeskStarted, _forgetful)
    world = small()
    world.say()
    world.advance(30)
    world.restart(restored=True)
    read_the_gap(world)
    with pytest.raises(Broken, match="second_machine_reply"):
        world.advance(600)


def _forgetful(state: DeskState, fact: f.DeskStarted) -> None:
    started(state, f.DeskStarted(at=fact.at, epoch=fact.epoch))
