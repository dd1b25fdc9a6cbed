"""Every rule that can guide a shop, as the desk sees it."""

import pytest

from relay.domain.guiding import GuidingRule
from relay.domain.names import HOUR, Millis
from relay.rules.guiding import guiding
from relay.testing.contracts_rule import NOON, GuidingContract

GUIDES = (
    "taobao_ww3",
    "taobao_ww3_2023",
    "tejia_3min",
    "kuaishou_shop_3min",
    "kuaishou_2021_person",
    "kuaishou_2023_human",
    "pdd_3min_human",
    "alibaba1688_3min",
    "tmall_reply",
    "tmall_reply_account",
)


@pytest.mark.parametrize("name", GUIDES)
class TestGuides(GuidingContract):
    @pytest.fixture
    def guide(self, name: str) -> GuidingRule:
        return guiding(name, {})


def test_these_are_all() -> None:
    with pytest.raises(ValueError, match=", ".join(sorted(GUIDES)) + " /"):
        guiding("nobody", {})


@pytest.mark.parametrize(
    ("name", "hour", "opens"),
    [
        ("taobao_ww3", 3, 8),
        ("taobao_ww3", 8, 8),
        ("taobao_ww3", 23.999, 23.999),
        ("alibaba1688_3min", 8.5, 9),
        ("alibaba1688_3min", 21, 24 + 9),
        ("pdd_3min_human", 23, 24 + 8),
        ("tmall_reply", 3, 3),
    ],
)
def test_when_a_question_of_this_hour_is_first_assessed(name: str, hour: float, opens: float) -> None:
    midnight = NOON - 12 * HOUR
    rule = guiding(name, {})
    assert rule.opens_at(Millis(midnight + round(hour * HOUR))) == midnight + round(opens * HOUR)


def test_a_rule_without_a_limit_sets_no_deadline() -> None:
    rule = guiding("tmall_reply", {})
    assert {rule.due_at(Millis(NOON + hour * HOUR)) for hour in range(48)} == {None}
