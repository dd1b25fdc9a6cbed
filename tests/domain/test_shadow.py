"""Where relay only watches or records: it decides as it would, over what it would have said, and nothing leaves."""

import pytest

from relay.domain import assist
from relay.domain import facts as f
from tests.domain.laws import Broken
from tests.domain.world import World, small


def late(world: World) -> None:
    world.say()
    world.advance(200)
    world.seen()
    world.advance(60)


@pytest.mark.parametrize(("mode", "recorded"), [("shadow", 1), ("assist", 0), ("suggest", 0), ("off", 0)])
def test_where_relay_only_watches_shadow_alone_records_what_it_would_have_sent(mode: str, recorded: int) -> None:
    world = small(placement="observe", assist=mode)
    late(world)
    assert world.count(f.HoldIntended, shadow=True) == world.count(f.HoldIntended) == recorded
    assert world.count(f.SendStarted) == world.count(f.DebtOpened) == 0


def test_what_would_have_been_said_is_not_said_again_and_counts_for_the_day() -> None:
    world = small(assist="shadow")
    world.reply("other", text="请稍候")
    world.reply("third", text="马上就来")
    for _ in range(3):
        late(world)
    assert [one.reply for one in world.all(f.HoldIntended)] == ["other", "third"]
    assert [one.why for one in world.all(f.HoldWithheld)] == ["daily_limit"]


def test_what_would_be_owed_is_paid_by_a_real_answer_alone() -> None:
    world = small(assist="shadow")
    world.reply("other", text="请稍候")
    world.say()
    world.advance(200)
    world.seen(tone="acknowledgement")
    late(world)
    assert [one.why for one in world.all(f.HoldWithheld)] == ["debt_open"]
    late(world)
    assert world.count(f.HoldIntended) == 2


def test_what_was_only_supposed_holds_nothing_back_once_the_shop_may_send() -> None:
    world = small(assist="shadow")
    late(world)
    world.shop(connected=False)
    late(world)
    assert [one.shadow for one in world.all(f.HoldIntended)] == [True, False]


@pytest.mark.parametrize(
    ("name", "law"),
    [("was_supposed", "supposed_in_the_same_words"), ("supposed_lately", "more_supposed_than_the_days_limit")],
)
def test_a_shadow_that_forgets_what_it_would_have_said_is_found(
    name: str, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assist, name, lambda *args: ())
    world = small(assist="shadow")
    if name == "supposed_lately":
        world.reply("other", text="请稍候")
        world.reply("third", text="马上就来")
    late(world)
    if name == "supposed_lately":
        late(world)
    with pytest.raises(Broken, match=law):
        late(world)


def test_a_shadow_that_forgets_what_it_would_owe_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = assist._obstacle_to_deciding

    def blind(step: object, conv: object) -> str | None:
        why = decide(step, conv)  # type: ignore[arg-type]
        return None if why == "debt_open" else why

    monkeypatch.setattr(assist, "_obstacle_to_deciding", blind)
    world = small(assist="shadow")
    world.reply("other", text="请稍候")
    world.say()
    world.advance(200)
    world.seen(tone="acknowledgement")
    with pytest.raises(Broken, match="supposed_while_it_would_owe"):
        late(world)
