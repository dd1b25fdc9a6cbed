"""Readings that are tried on a log by the short way, against judging every conversation under each, and against the
oracle, which shares no code with relay. The logs are the oracle's own, built to collide."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from oracle import FAMILIES, answer
from oracle.logs import Raw, small

from relay.insight.calibration import talks
from relay.insight.calibration.space import Reading
from relay.insight.calibration.talks import Talks
from relay.insight.calibration.trying import Tried, space, try_all
from relay.rules.catalogue import Catalogue
from relay.rules.messages import scan

CATALOGUE = Catalogue()


def heard(raws: list[Raw]) -> Talks:
    log = Talks()
    for at, body in scan(json.dumps(raw).encode() for raw in raws):
        log.take(at, body)
    return log


def by_reading(tried: list[Tried]) -> dict[str, Any]:
    return {
        str(reading): {date: day.figure for date, day in one.days.items() if day.figure.denominator}
        for one in tried
        for reading in one.readings
    }


@pytest.mark.parametrize("first_seed", range(0, 80, 40))
@pytest.mark.parametrize("figure", CATALOGUE.ids)
def test_the_short_way_gives_every_reading_the_same_days(figure: str, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 40):
        log = heard(small(seed))
        where = space(figure, CATALOGUE, log)
        short = by_reading(try_all(where, CATALOGUE, log))
        whole = by_reading(try_all(where, CATALOGUE, log, exhaustive=True))
        assert {one: days for one, days in short.items() if days != whole[one]} == {}, f"seed {seed}"
        assert len(short) == len(whole)


def test_the_short_way_knows_the_limits_that_somebody_asks_to_try() -> None:
    for seed in (*range(6), 37, 54):  # the last two have a wait of a further limit, and a gap that begins at one
        log = heard(small(seed))
        where = space("taobao_ww3", CATALOGUE, log, more={"limit_s": ["60", "181"], "assist_providers": ["leyan"]})
        short, whole = (by_reading(try_all(where, CATALOGUE, log, exhaustive=one)) for one in (False, True))
        assert short == whole, f"seed {seed}"


@pytest.mark.parametrize("figure", sorted(FAMILIES))
def test_the_oracle_counts_the_days_of_every_reading_alike(figure: str) -> None:
    for seed in range(300, 312):
        raws = small(seed)
        log = heard(raws)
        for one in try_all(space(figure, CATALOGUE, log), CATALOGUE, log):
            for reading in one.readings[:4]:
                if reading.rule == figure:
                    assert counted(one) == oracles(reading, raws), f"seed {seed}, {reading}"


def counted(one: Tried) -> dict[str, tuple[Any, Any]]:
    counts = {date: (day.figure.numerator, day.figure.denominator) for date, day in one.days.items()}
    return {date: pair for date, pair in counts.items() if pair[1]}


def oracles(reading: Reading, raws: list[Raw]) -> dict[str, tuple[Any, Any]]:
    days: list[Mapping[str, Any]] = answer(reading.rule, raws, reading.options)["days"]
    counts = {day["date"]: (day["numerator"], day["denominator"]) for day in days}
    return {date: pair for date, pair in counts.items() if pair[1]}


@pytest.mark.parametrize(
    ("axis", "figure"),
    [
        ("limit_inclusive", "taobao_ww3"),
        ("window_on", "taobao_ww3"),
        ("cross_day", "taobao_ww3"),
        ("thread", "taobao_ww3"),
        ("robots", "taobao_ww3"),
        ("assist_providers", "taobao_ww3"),
        ("bundle", "kuaishou_shop_3min"),
        ("unit", "tmall_reply"),
        ("last_word_required", "tmall_reply"),
        ("person_hit", "tejia_3min"),
        ("clock", "kuaishou_shop_3min"),
        ("queued", "kuaishou_agent_3min"),
    ],
)
def test_a_question_that_is_overlooked_is_found_by_these_logs(
    axis: str, figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    touching = talks.touching
    monkeypatch.setattr(talks, "touching", lambda *given: touching(*given) - {axis})

    def differs(seed: int) -> bool:
        log = heard(small(seed))
        where = space(figure, CATALOGUE, log)
        short, whole = (try_all(where, CATALOGUE, log, exhaustive=one) for one in (False, True))
        return by_reading(short) != by_reading(whole)

    assert axis in talks.KNOWN_AXES
    assert any(map(differs, range(80)))
