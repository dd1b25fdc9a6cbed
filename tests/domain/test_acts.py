"""What people do with single quick replies, and what cannot be meant (L8)."""

from typing import Any

import msgspec
import pytest

from relay.domain.names import PersonId, ReplyId, ShopId
from relay.domain.office import OfficeState, apply, check_settings, diff, not_allowed
from relay.domain.office.acts import Act, ActError, wanted_by
from relay.domain.settings import Person, QuickReply
from tests.domain.test_office import GOOD, NOW, person, state_of

BOSS, ANN, CAO, APP = GOOD.persons
HOLD = ReplyId("hold")


class Office:
    """GOOD, and one act after another by anybody."""

    def __init__(self) -> None:
        self.state: OfficeState = state_of(GOOD)

    def does(self, by: Person, do: Any, name: str | None = "hold", **keys: Any) -> bool:
        """Whether it was sound and allowed; then it is done."""
        act = Act(do=do, reply=ReplyId(name) if name else None, **keys)
        wanted = wanted_by(self.state, act, by)
        changes = diff(self.state, wanted)
        if check_settings(wanted, self.state) or not_allowed(self.state, by, changes):
            return False
        for change in changes:
            apply(self.state, change.fact(NOW, by.id))
        return True

    def versions(self, name: str = "hold") -> list[tuple[int, str]]:
        return [(one.version, one.status) for one in self.state.live(ReplyId(name))]


def test_a_reply_goes_from_draft_to_retired() -> None:
    office = Office()
    assert office.does(ANN, "propose", text="马上为您看", draft=True)
    assert office.versions() == [(1, "approved"), (2, "draft")]
    assert office.does(ANN, "propose")
    assert office.versions() == [(1, "approved"), (2, "pending")]
    assert not office.does(CAO, "approve")
    assert office.does(APP, "approve")
    assert office.versions() == [(2, "approved")]
    now = office.state.approved[HOLD]
    assert (now.author, now.approved_by, now.approval, now.shops) == ("ann", "app", "two_person", (ShopId("s1"),))
    assert not office.does(ANN, "retire")
    assert office.does(APP, "retire")
    assert office.versions() == [(2, "retired")]
    assert office.does(ANN, "propose", text="马上看")
    assert office.versions() == [(3, "pending")], "a number never comes again"


def test_a_refusal_says_who_and_why_and_a_new_text_begins_anew() -> None:
    office = Office()
    assert office.does(ANN, "propose", text="马上为您看")
    with pytest.raises(ActError, match="say why"):
        office.does(APP, "refuse", why="  ")
    assert not office.does(ANN, "refuse", why="no")
    assert office.does(APP, "refuse", why="太口语")
    refused = office.state.replies[HOLD]
    assert (refused.status, refused.refused_by, refused.refused_why) == ("retired", "app", "太口语")
    assert office.versions() == [(1, "approved")]
    with pytest.raises(ActError, match="waits for no approval"):
        office.does(APP, "refuse", why="again")
    assert office.does(ANN, "propose", text="马上为您查看")
    assert (office.state.replies[HOLD].refused_by, office.state.replies[HOLD].refused_why) == (None, "")


def test_nobody_refuses_in_anothers_name_and_none_without_a_word() -> None:
    office = Office()
    assert office.does(ANN, "propose", text="马上为您看")
    wanted = wanted_by(office.state, Act(do="refuse", reply=HOLD, why="太口语"), APP)
    assert not not_allowed(office.state, APP, diff(office.state, wanted))
    assert not_allowed(office.state, BOSS, diff(office.state, wanted)), "an owner, who may approve, is another person"
    refused = next(one for one in wanted.replies if one.version == 2)
    spoilt: tuple[dict[str, Any], ...] = (
        {"refused_why": ""},
        {"refused_by": None},
        {"refused_by": PersonId("nobody")},
        {"status": "pending"},
    )
    for keys in spoilt:
        wrong = msgspec.structs.replace(wanted, replies=(msgspec.structs.replace(refused, **keys),))
        assert [one.key for one in check_settings(wrong) if one.key.startswith("refused")], keys


def test_a_proposal_is_turned_down_and_the_approved_text_goes_on() -> None:
    office = Office()
    assert office.does(ANN, "propose", text="马上为您看")
    with pytest.raises(ActError, match="say which version: 1, 2"):
        office.does(APP, "retire")
    assert office.does(APP, "retire", version=2)
    assert office.versions() == [(1, "approved")]


def test_a_new_reply_has_what_was_given() -> None:
    office = Office()
    keys: dict[str, Any] = {"purpose": "answer", "shops": (ShopId("s1"),), "topics": ("物流",), "goods": ("雨伞",)}
    assert office.does(ANN, "propose", "ship", text="明天发货", **keys)
    assert office.state.replies[ReplyId("ship")] == QuickReply(
        ReplyId("ship"),
        1,
        "明天发货",
        "answer",
        "pending",
        (ShopId("s1"),),
        PersonId("ann"),
        topics=("物流",),
        goods=("雨伞",),
    )
    assert not office.does(ANN, "propose", "ship", text="")
    assert not office.does(ANN, "propose", "ship", text="好", groups=("none",))
    assert not office.does(ANN, "propose", "Ship!", text="好")


@pytest.mark.parametrize(
    ("by", "do", "keys", "says"),
    [
        (ANN, "propose", {}, "no draft to hand in"),
        (APP, "approve", {}, "approved already"),
        (APP, "approve", {"name": "none"}, "no quick reply"),
        (APP, "retire", {"version": 7}, "no version 7"),
        (ANN, "stop", {"name": "none"}, "no approved version"),
        (ANN, "stop", {"name": None, "shop": ShopId("none")}, "no shop"),
        (APP, "stop", {"name": None}, "in no shop"),
        (APP, "retire", {"name": None}, "names no quick reply"),
    ],
)
def test_what_cannot_be_meant_is_said(by: Person, do: str, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ActError, match=says):
        Office().does(by, do, **keys)


def test_l8_nobody_approves_their_own_text_where_another_can() -> None:
    office = Office()
    assert office.does(BOSS, "propose", text="请等一下")
    with pytest.raises(ActError, match="where another can: app"):
        office.does(BOSS, "approve")
    assert office.does(APP, "approve")
    assert office.state.approved[HOLD].approval == "two_person"


def test_a_stop_of_one_of_a_shop_and_of_all_and_its_end() -> None:
    office = Office()
    assert office.does(ANN, "stop")
    assert office.state.approved[HOLD].stopped
    assert not office.does(ANN, "lift")
    assert office.does(APP, "lift")
    assert not office.state.approved[HOLD].stopped
    assert office.does(ANN, "stop", None, shop=ShopId("s2"))
    assert [one.stopped for one in office.state.shops.values()] == [False, True]
    assert office.does(BOSS, "stop", None)
    assert [one.stopped for one in office.state.shops.values()] == [True, True]
    assert not office.does(ANN, "lift", None, shop=ShopId("s1"))
    assert office.does(BOSS, "lift", None)
    assert [one.stopped for one in office.state.shops.values()] == [False, False]
    assert not office.does(person("eve", "agent@s2"), "stop", None, shop=ShopId("s1"))
