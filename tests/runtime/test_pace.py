"""§7: the time that sending takes, measured, and told to the desk only when it matters."""

import pytest

from relay.domain.names import ShopId
from relay.runtime.pace import KEPT, SendingPace

SHOP = ShopId("s")


def told(spans: list[int], begin: int = 0) -> list[int | None]:
    pace = SendingPace()
    pace.begin(SHOP, begin)
    return [pace.took(SHOP, span) for span in spans]


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([200, 900, 1000], [None, None, None]),  # up to a second is nothing to reckon with
        ([1001], [2000]),  # rounded up
        ([4200, 4900, 3000], [5000, None, None]),
        ([4200, 6100], [5000, 7000]),  # rises at once
        ([30_000], [30_000]),
    ],
)
def test_what_is_told(spans: list[int], said: list[int | None]) -> None:
    assert told(spans) == said


def test_one_slow_send_of_many_is_no_slow_way() -> None:
    assert told([100] * 40 + [9_000] + [100] * 20)[40:] == [None] * 21


def test_five_of_a_hundred_are_forgiven_and_the_next_is_not() -> None:
    assert [one for one in told([100] * 60 + [9_000] * 4) if one] == [9_000]


def test_it_falls_only_by_two_seconds_or_more() -> None:
    assert [one for one in told([4_500] + [3_600] * KEPT) if one is not None] == [5_000]
    assert [one for one in told([4_500] + [2_500] * KEPT) if one is not None] == [5_000, 3_000]
    assert [one for one in told([4_500] + [100] * KEPT) if one is not None][-1] == 0


def test_what_the_desk_knows_from_before_is_not_told_again() -> None:
    assert told([4_500], begin=5_000) == [None]


def test_each_shop_is_measured_for_itself() -> None:
    pace = SendingPace()
    assert pace.took(SHOP, 5_000) == 5_000
    assert pace.took(ShopId("other"), 100) is None
