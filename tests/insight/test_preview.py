"""What a ladder is foretold to do is what the desk then does, at the same seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain.names import Millis
from relay.domain.settings import GroupRule, LadderStep, QuickReply, Shop
from relay.insight.preview import Preview, groups_of, preview
from relay.rules.guiding import guiding
from tests.domain.world import TEN, agreed, small

HOUR = 3_600_000
THREE = Millis(TEN - 7 * HOUR)
EIGHT = TEN - 2 * HOUR
WAIT = QuickReply("wait", 1, "稍等", status="approved", approved_by="boss")  # type: ignore[arg-type]
SHOP = agreed(Shop("shop", "desk", assist="assist"))  # type: ignore[arg-type]


def foretell(asked_at: int, replies: tuple[QuickReply, ...] = (WAIT,), **shop: object) -> Preview:
    setting = agreed(Shop(**{"id": "shop", "desk": "desk", "assist": "assist", **shop}))  # type: ignore[arg-type]
    return preview(setting, ("presale",), guiding(setting.rule, {}), Millis(asked_at), replies)


def steps(one: Preview) -> list[tuple[int, str, bool]]:
    return [(step.second, step.what, step.does) for step in one.happenings]


def test_a_question_in_the_hours() -> None:
    told = foretell(TEN)
    assert (told.clock, told.from_at, told.due_at) == ("rule", TEN, TEN + 180_000)
    assert steps(told) == [
        (0, "asked", True),
        (10, "first_reaction", False),
        (60, "badge", True),
        (90, "sound", True),
        (120, "alert", True),
        (150, "wall", True),
        (160, "hold", True),
        (180, "deadline", False),
    ]


def test_a_question_at_three_in_the_morning() -> None:
    told = foretell(THREE, service_s=240, first_reaction_s=20)
    assert (told.clock, told.from_at, told.due_at) == ("service", EIGHT, EIGHT + 240_000)
    assert steps(told) == [
        (-5 * 3_600, "asked", True),
        (0, "opening", True),
        (20, "first_reaction", False),
        (60, "badge", True),
        (90, "sound", True),
        (120, "alert", True),
        (150, "wall", True),
        (220, "hold", False),
        (240, "deadline", False),
    ]


def test_a_rule_without_a_limit_has_no_opening() -> None:
    told = foretell(THREE, rule="tmall_reply")
    assert (told.clock, told.from_at) == ("service", THREE)
    assert steps(told)[:2] == [(0, "asked", True), (10, "first_reaction", False)]
    assert "service clock begins" in told.happenings[0].en


@pytest.mark.parametrize(
    ("shop", "replies", "does", "says"),
    [
        ({}, (WAIT,), True, 'sends "wait"'),
        ({}, (), False, "no hold is approved"),
        ({"assist": "off"}, (WAIT,), False, "assist = off"),
        ({"stopped": True}, (WAIT,), False, "stopped"),
        ({"assist": "suggest"}, (WAIT,), True, "asked to send"),
        ({"assist": "shadow"}, (WAIT,), False, "would be sent"),
        ({"holds_per_day": 0}, (WAIT,), False, "holds_per_day"),
    ],
)
def test_the_machines_reply_or_why_there_is_none(
    shop: dict[str, object], replies: tuple[QuickReply, ...], does: bool, says: str
) -> None:
    [hold] = [one for one in foretell(TEN, replies, **shop).happenings if one.what == "hold"]
    assert says in hold.en
    assert hold.does is does
    world = small(TEN, **shop)
    if not replies:
        world.remove("reply", "wait")
    world.say()
    world.advance(170)
    asked_or_sent = world.count(f.HoldIntended, shadow=False) + world.count(f.HoldWithheld, why="suggest")
    assert bool(asked_or_sent) is does


def test_groups_with_one_ladder_stand_together() -> None:
    rows = (
        GroupRule("aftersale", entries=("o",)),
        GroupRule("care", follow_up=True),
        GroupRule("care", entries=("c",)),
    )
    shop = Shop("s", "d", groups=rows, ladders={"aftersale": (LadderStep("badge", after_s=5),)})  # type: ignore[arg-type]
    assert groups_of(shop) == [("presale", "care"), ("aftersale",)]


RUNGS = st.one_of(
    st.builds(LadderStep, st.sampled_from(("badge", "sound", "alert", "wall")), after_s=st.integers(1, 170)),
    st.builds(LadderStep, st.sampled_from(("badge", "sound", "alert", "wall")), before_s=st.integers(1, 170)),
    st.builds(LadderStep, st.just("hold"), before_s=st.integers(5, 170)),
)


@given(
    ladder=st.lists(RUNGS, max_size=6, unique=True),
    minute=st.integers(0, 24 * 60 - 1),
    rule=st.sampled_from(("taobao_ww3", "tejia_3min", "alibaba1688_3min", "tmall_reply")),
    service_s=st.integers(171, 4_000),
)
def test_the_desk_does_what_was_foretold(ladder: list[LadderStep], minute: int, rule: str, service_s: int) -> None:
    asked = Millis(TEN - 10 * HOUR + minute * 60_000)
    told = foretell(asked, ladder=tuple(ladder), rule=rule, service_s=service_s)
    world = small(asked, check=False, ladder=tuple(ladder), rule=rule, service_s=service_s)
    world.say()
    world.advance(40 * 3_600)
    said = [(one.at, one.what) for one in told.happenings if one.what in ("badge", "sound", "alert", "wall")]
    if told.clock == "rule":
        said += [(one.at, one.what) for one in told.happenings if one.what == "hold"]
    assert sorted(said) == sorted((one.at, do) for one in world.all(f.LadderStepped) for do in one.told)
    assert [one.at for one in world.all(f.ServiceBegan)] == [one.at for one in told.happenings if one.what == "opening"]


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ({"a": ()}, "“a”"),
        ({"a": (), "z": ("presale", "aftersale")}, "“z”"),
        ({"a": (), "z": ("aftersale",)}, "“a / z”"),
        ({"z": ("care",)}, "没有生效"),
    ],
)
def test_the_hold_of_each_group_is_foretold(replies: dict[str, tuple[str, ...]], said: str) -> None:
    holds = [
        QuickReply(name, 1, "稍等", status="approved", approved_by="boss", groups=of) for name, of in replies.items()
    ]  # type: ignore[arg-type]
    told = preview(SHOP, ("presale", "aftersale"), guiding(SHOP.rule, {}), TEN, holds)
    [hold] = [step for step in told.happenings if step.what == "hold"]
    assert said in hold.zh


@pytest.mark.parametrize(
    ("more", "foretold"),
    [
        ({}, "a-first"),
        ({"text": "{agent}马上来"}, "a-first"),
        ({"text": "{buyer_name|亲}，稍等"}, "a-first"),
        ({"text": "您在第{position}位"}, "wait"),
        ({"text": "{opening}上班"}, "wait"),
        ({"text": "请{稍等"}, "wait"),
        ({"topics": ("refund",)}, "wait"),
        ({"goods": ("g1",)}, "wait"),
    ],
)
def test_only_what_can_be_said_to_anybody_is_foretold(more: dict[str, object], foretold: str) -> None:
    first = QuickReply(
        **{"id": "a-first", "version": 1, "text": "请稍等", "status": "approved", "approved_by": "boss", **more}
    )  # type: ignore[arg-type]
    [hold] = [one for one in foretell(TEN, (WAIT, first)).happenings if one.what == "hold"]
    assert f"“{foretold}”" in hold.zh
