"""The script: from a seed alone, with one of everything in the first minutes."""

from itertools import islice, pairwise

import pytest

from relay_demo.script import COMPLAINS, NEED_TWO, PUT_OFF_FIRST, SURE, Visit, visits
from relay_demo.talk import COMPLAINT, topic_of


def some(count: int, seed: str = "7", pace: float = 9.0, first: int = 0) -> list[Visit]:
    return list(islice(visits(seed, pace, first), count))


def test_the_same_seed_writes_the_same_script() -> None:
    assert some(300) == some(300)
    assert some(300) != some(300, seed="8")


@pytest.mark.parametrize("seed", ["1.1", "1.2", "2.1", "99.1"])
def test_the_first_minutes_show_one_of_everything(seed: str) -> None:
    script = [visit for visit in some(100, seed) if visit.at_s < 120]
    for place, mishap in SURE.items():
        assert script[place].mishap == mishap
    for place, shop in zip(PUT_OFF_FIRST, (0, 1), strict=True):
        topic = topic_of([text for _, text in script[place].opening])
        assert (script[place].shop, topic and topic.effort) == (shop, "put_off")
    assert script[PUT_OFF_FIRST[-1]].at_s < 15
    assert script[COMPLAINS].shop == 0
    assert topic_of([text for _, text in script[COMPLAINS].opening]) is COMPLAINT
    gaps = [later.at_s - earlier.at_s for earlier, later in pairwise(script)]
    assert any(sum(gaps[place : place + 5]) < 8 for place in range(len(gaps) - 5)), "no burst"


@pytest.mark.parametrize("pace", [4.0, 9.0, 60.0])
def test_buyers_come_in_order_and_at_their_pace(pace: float) -> None:
    script = some(2000, pace=pace)
    times = [visit.at_s for visit in script]
    assert times == sorted(times)
    hour = times[-1] / 60
    bursts = times[-1] / 160 * 5
    assert 0.8 < (len(script) - bursts) / hour / pace < 1.25


def test_every_visit_can_be_acted_out() -> None:
    for visit in some(3000):
        assert visit.opening[0][0] == 0.0
        assert all(text for _, text in visit.opening)
        assert topic_of([text for _, text in visit.opening]) is not None
        assert visit.mishap not in NEED_TWO or len(visit.opening) >= 2


def test_buyers_have_names_of_their_own_and_some_come_back() -> None:
    script = some(400, first=400)
    assert len({visit.name for visit in script}) == len({visit.number for visit in script})
    assert min(visit.number for visit in script) < 400
    assert all(visit.number == 400 + place for place, visit in enumerate(script[:10]))
