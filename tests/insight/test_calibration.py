"""A platform publishes by a planted reading, rounded, one day missing, one mistyped: the calibration finds the reading,
says what the log cannot tell, says when nothing fits, and names the rounds that separate two readings."""

import random
from fractions import Fraction
from functools import cache
from typing import Final

import msgspec
import pytest

from relay.domain.facts import PlatformFigureRecorded, ReadingAdopted
from relay.domain.names import MINUTE, SECOND, Millis, PersonId, ShopId
from relay.domain.office.published import Held, PublishedBook, place_of
from relay.domain.published import Period, Published
from relay.insight.calibration.calibration import ALIKE, Asked, Calibration, calibrate, undecided
from relay.insight.calibration.fitting import compare, dates, fit_all, usable
from relay.insight.calibration.known import known_days
from relay.insight.calibration.sentences import lines, plain
from relay.insight.calibration.separating import separating
from relay.insight.calibration.settled_words import plain_view, view_lines
from relay.insight.calibration.settlement import settled_view
from relay.insight.calibration.space import Reading, readings
from relay.insight.calibration.talks import Talks
from relay.insight.calibration.trying import Day, Space, Tried, space, try_all
from relay.insight.calibration.visits import visits
from relay.rules.catalogue import Catalogue
from relay.rules.instants import DAY
from relay.rules.messages import Message
from relay.rules.report import DayCount, Verdict
from relay.rules.rows import RateRow
from tests.insight.published_worlds import SHOP, START, figures, heard, messages

CATALOGUE = Catalogue()
RULES = ("taobao_ww3", "tmall_reply", "tejia_3min", "kuaishou_shop_3min", "kuaishou_agent_3min")


@cache
def world(seed: int) -> tuple[list[Message], Talks]:
    told = messages(seed)
    return told, heard(told)


@cache
def tried(seed: int, figure: str) -> tuple[Space, list[Tried]]:
    where = space(figure, CATALOGUE, world(seed)[1])
    return where, try_all(where, CATALOGUE, world(seed)[1])


def every_reading(where: Space) -> list[Reading]:
    return [one for rule, open_axes in where.versions.items() for one in readings(rule, open_axes)]


def run(seed: int, figure: str, held: list[Held]) -> Calibration:
    return calibrate(Asked(SHOP, figure), held, world(seed)[1], CATALOGUE)


@pytest.mark.parametrize("decimals", [1, 2])
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("figure", RULES)
def test_the_planted_reading_is_found_from_thirty_noisy_days(figure: str, seed: int, decimals: int) -> None:
    told, _ = world(seed)
    where, groups = tried(seed, figure)
    planted = random.Random(seed * 10 + decimals).sample(every_reading(where), 6)
    for one in planted:
        held = figures(told, one.rule, one.options, decimals=decimals, noise=seed, figure=figure)
        best, second = fit_all(groups, held, "percent")[:2]
        assert one in best.tried.readings, (str(one), str(best.tried.reading))
        assert best.fits
        assert len(best.missed) == 1, "the day that was mistyped, and no other"
        assert second.likelihood < best.likelihood - ALIKE, "and it is told from every other"
    found = run(seed, figure, held)
    assert (found.tried, found.came) == (where.size, "found")
    assert planted[-1] in found.fits[0].tried.readings


def test_the_figures_of_another_version_are_found_under_its_name() -> None:
    held = figures(world(11)[0], "taobao_ww3_2023", {"cross_day": "miss"}, figure="taobao_ww3")
    found = run(11, "taobao_ww3", held)
    assert (found.fits[0].tried.reading.rule, found.came) == ("taobao_ww3_2023", "found")


def test_counts_as_the_page_shows_them_are_met_exactly_or_not_at_all() -> None:
    held = figures(world(11)[0], "taobao_ww3", {})
    with_counts = list[Held]()
    ledger = CATALOGUE.open("taobao_ww3", {})
    for one in world(11)[0]:
        ledger.take(one)
    days = {day.date: day for day in ledger.report().days}
    for one in held:
        day = days[one.fact.first_day]
        fact = msgspec.structs.replace(one.fact, numerator=int(day.numerator), denominator=day.denominator, value=None)
        with_counts.append(Held(one.seq, fact))
    assert run(11, "taobao_ww3", with_counts).fits[0].matched == len(held)
    off = [
        Held(one.seq, msgspec.structs.replace(one.fact, denominator=(one.fact.denominator or 0) + 1))
        for one in with_counts
    ]
    assert run(11, "taobao_ww3", off).came == "none"


def quiet_log(days: int = 8) -> list[Message]:
    """Quick answers by one person in the middle of the day: no reading but one makes a difference."""
    told = []
    for day in range(days):
        for number in range(10):
            at = START + day * DAY + 11 * 60 * MINUTE + number * MINUTE
            wait = 400 if number < day % 3 else 30
            told += [
                Message(at=at, role="buyer", kind="human", buyer=f"{day}-{number}", sub_account="one:an"),
                Message(
                    at=at + wait * SECOND, role="merchant", kind="human", buyer=f"{day}-{number}", sub_account="one:an"
                ),
            ]
    return told


def test_what_the_log_cannot_tell_is_said() -> None:
    told = quiet_log()
    found = calibrate(Asked(SHOP, "taobao_ww3"), figures(told, "taobao_ww3", {}), heard(told), CATALOGUE)
    assert (found.came, len(found.fits)) == ("found", 1), "every reading gives the same"
    assert found.fits[0].tried.reading.options == {}, "of those that are one here the plainest is named"
    assert dict(undecided(found.fits[0])) == {
        "rule": ["taobao_ww3", "taobao_ww3_2023"],
        "limit_inclusive": ["-", "limit_inclusive=false"],
        "window_on": ["-", "window_on=first_in_window_message"],
        "cross_day": ["-", "cross_day=miss"],
        "thread": ["-", "thread=buyer_sub_account"],
        "robots": ["-", "bundle=strict", "robot_turn=transparent"],
        "bundle": ["-", "bundle=strict"],
    }


def crossing(day: int, buyer: str) -> list[Message]:
    """Asked late and answered the next morning: excluded, or a miss."""
    at = START + day * DAY + 22 * 60 * MINUTE
    return [
        Message(at=at, role="buyer", kind="human", buyer=buyer, sub_account="one:an"),
        Message(at=at + 11 * 60 * MINUTE, role="merchant", kind="human", buyer=buyer, sub_account="one:an"),
    ]


def test_two_readings_that_round_to_the_same_figures_are_told_to_be_alike_with_the_rounds_between_them() -> None:
    """One round in four hundred: the rate moves by less than is shown."""
    told = [
        Message(
            at=one.at + 5 * SECOND * copy,
            role=one.role,
            kind=one.kind,
            buyer=f"{one.buyer}-{copy}",
            sub_account="one:an",
        )
        for one in quiet_log(6)
        for copy in range(40)
    ] + crossing(2, "late")
    rough = figures(told, "taobao_ww3", {}, decimals=0)
    found = calibrate(Asked(SHOP, "taobao_ww3"), rough, heard(told), CATALOGUE)
    assert (found.came, len(found.alike)) == ("alike", 2)
    assert [str(one.tried.reading) for one in found.alike] == ["taobao_ww3", "taobao_ww3 cross_day=miss"]
    [apart], of = found.apart
    assert (apart.buyer, apart.one, apart.one_clause, apart.other, apart.other_clause, of) == (
        "late", Verdict.excluded, "A.excl.b", Verdict.miss, "A.ex3", 1,
    )  # fmt: skip
    text = "\n".join(lines(found))
    assert "cannot tell them apart" in text
    assert "2022-03-22T22:00:00+08:00  late  1: excluded A.excl.b  2: miss A.ex3" in text
    sharper = figures(told, "taobao_ww3", {"cross_day": "miss"}, decimals=1)
    again = calibrate(Asked(SHOP, "taobao_ww3"), sharper, heard(told), CATALOGUE)
    assert (again.came, again.fits[0].tried.reading.options) == ("found", {"cross_day": "miss"})


def test_when_nothing_fits_it_is_said_and_nothing_is_called_a_fit() -> None:
    chance = random.Random(5)
    held = [
        Held(one.seq, msgspec.structs.replace(one.fact, value=Published(chance.randrange(800, 1000), 1, "percent")))
        for one in figures(world(11)[0], "taobao_ww3", {})
    ]
    found = run(11, "taobao_ww3", held)
    assert found.came == "none"
    assert not any(one.fits for one in found.fits)
    assert "no reading gives" in "\n".join(lines(found))


def test_a_few_figures_prove_nothing_and_none_is_said_to_be_none() -> None:
    held = figures(world(11)[0], "taobao_ww3", {})
    assert run(11, "taobao_ww3", held[:4]).came == "few"
    nothing = run(11, "taobao_ww3", [])
    assert (nothing.came, nothing.fits) == ("nothing", [])
    assert plain(nothing)["readings"] == []
    assert list(lines(nothing))


def test_days_beyond_the_log_are_held_against_nothing() -> None:
    held = figures(world(11)[0], "taobao_ww3", {})
    far = Held(99, msgspec.structs.replace(held[0].fact, first_day="2022-05-01", last_day="2022-05-01"))
    found = run(11, "taobao_ww3", [*held, far])
    assert found.outside == [far]
    assert found.fits[0].matched == len(held)


def test_a_seat_has_its_own_figure_where_the_rule_has_one() -> None:
    told, talks = world(11)
    held = figures(told, "kuaishou_agent_3min", {"agent": "one:bo", "queued": "from_entry"})
    found = calibrate(Asked(SHOP, "kuaishou_agent_3min", seat="one:bo"), held, talks, CATALOGUE)
    assert (found.came, dict(found.fits[0].tried.reading.options)) == ("found", {"queued": "from_entry"})
    with pytest.raises(ValueError, match="not of a seat"):
        calibrate(Asked(SHOP, "taobao_ww3", seat="one:bo"), held, talks, CATALOGUE)


def test_a_mean_wait_is_held_against_seconds() -> None:
    held = figures(world(11)[0], "tmall_avg_human_time", {}, unit="s", noise=3)
    found = run(11, "tmall_avg_human_time", held)
    assert (found.unit, found.came, len(found.fits[0].missed)) == ("s", "found", 1)


def test_further_values_and_rules_are_tried_where_they_are_named() -> None:
    told, talks = world(11)
    held = figures(told, "taobao_ww3", {"limit_s": "120"})
    asked = Asked(SHOP, "taobao_ww3", more={"limit_s": ["120", "90"]})
    found = calibrate(asked, held, talks, CATALOGUE)
    assert (found.came, dict(found.fits[0].tried.reading.options)) == ("found", {"limit_s": "120"})
    held = figures(told, "pdd_3min_human", {}, figure="taobao_ww3")
    found = calibrate(Asked(SHOP, "taobao_ww3", rules=("pdd_3min_human",)), held, talks, CATALOGUE)
    assert found.fits[0].tried.reading.rule == "pdd_3min_human"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"person_hit": ["any"]}, "no option person_hit"),
        ({"as_of": ["2022-03-21T00:00:00+08:00"]}, "no option as_of"),
        ({"cross_day": ["maybe"]}, "cross_day='maybe'"),
        ({"limit_s": [str(one) for one in range(1, 300)]}, "try fewer"),
    ],
)
def test_what_cannot_be_tried_is_refused(more: dict[str, list[str]], why: str) -> None:
    told, talks = world(11)
    held = figures(told, "taobao_ww3", {})
    with pytest.raises(ValueError, match=why):
        calibrate(Asked(SHOP, "taobao_ww3", more=more), held, talks, CATALOGUE)


def test_the_same_log_and_figures_give_the_same_calibration() -> None:
    held = figures(world(12)[0], "tejia_3min", {"person_hit": "any"}, noise=1)
    one, other = run(12, "tejia_3min", held), run(12, "tejia_3min", held)
    assert one.digest == other.digest
    assert one.digest != run(12, "tejia_3min", held[:-1]).digest
    assert plain(one) == plain(other)


def rows(counts: dict[str, tuple[int, int]]) -> dict[str, Day]:
    found = {}
    for date, (hits, misses) in counts.items():
        row = RateRow()
        row.hits, row.misses, row.entries = hits, misses, hits + misses
        found[date] = Day(row, row.figure())
    return found


def published(
    value: Published | None, period: Period = "day", first: str = "2022-03-30", last: str = "2022-03-30", **counts: int
) -> Held:
    fact = PlatformFigureRecorded(
        at=Millis(0), by=PersonId("owner"), shop=SHOP, figure="taobao_ww3", period=period, first_day=first,
        last_day=last, value=value, **counts,
    )  # fmt: skip
    return Held(1, fact)


MONTHS = rows({"2022-03-30": (77, 3), "2022-03-31": (1, 1), "2022-04-01": (2, 0), "2022-04-05": (10, 10)})
PER_CENT: Final = "percent"
WEEK: Final = ("7d", "2022-03-29", "2022-04-04")
GOLD: Final = ("gold", "2022-04-01", "2022-04-15")
COMPARED: list[tuple[str, Held, bool]] = [
    ("96.25 rounded up", published(Published(963, 1, PER_CENT)), True),
    ("96.25 rounded to even", published(Published(962, 1, PER_CENT)), True),
    ("96.25 is not 96.4", published(Published(964, 1, PER_CENT)), False),
    ("two decimals are exact here", published(Published(9625, 2, PER_CENT)), True),
    ("counts", published(None, numerator=77, denominator=80), True),
    ("counts of another day", published(None, numerator=77, denominator=81), False),
    ("counts rule over a number", published(Published(963, 1, PER_CENT), numerator=76, denominator=79), False),
    ("seven days over a month's end", published(Published(952, 1, PER_CENT), *WEEK), True),
    ("of summed counts, not of rates", published(Published(821, 1, PER_CENT), *WEEK), False),
    (
        "a gold period is its thirty days",
        published(Published(865, 1, PER_CENT), *GOLD),
        True,
    ),
    ("and not the half month alone", published(Published(545, 1, PER_CENT), *GOLD), False),
    ("a day without a round", published(Published(100, 0, PER_CENT), "day", "2022-04-02", "2022-04-02"), False),
]


@pytest.mark.parametrize(("held", "given"), [one[1:] for one in COMPARED], ids=[one[0] for one in COMPARED])
def test_a_published_number_beside_the_days_it_covers(held: Held, given: bool) -> None:
    assert compare(held, MONTHS, "percent").given is given


def test_an_undetermined_round_leaves_a_range_that_a_number_may_lie_in() -> None:
    row = RateRow()
    row.hits, row.misses, row.entries, row.low_misses, row.high_hits = 8, 1, 10, 1, 1
    days = {"2022-03-30": Day(row, row.figure())}
    for digits, given in ((800, True), (850, True), (900, True), (901, False), (799, False)):
        assert compare(published(Published(digits, 1, "percent")), days, "percent").given is given


def test_dates_and_what_lies_within_a_log() -> None:
    assert dates("2022-02-27", "2022-03-02") == ["2022-02-27", "2022-02-28", "2022-03-01", "2022-03-02"]
    inside = published(None, numerator=1, denominator=2)
    before = published(None, "7d", "2022-03-24", "2022-03-30", numerator=1, denominator=2)
    assert usable([inside, before], "2022-03-25", "2022-04-30") == ([inside], [before])


def test_separating_rounds_are_those_that_count_in_one_of_two() -> None:
    told = [*quiet_log(3), *crossing(1, "late")]
    talks = heard(told)
    where = space("taobao_ww3", CATALOGUE, talks)
    usual, miss = (
        next(one for one in every_reading(where) if one.rule == "taobao_ww3" and dict(one.options) == options)
        for options in ({}, {"cross_day": "miss"})
    )
    found, of = separating(usual, miss, where, CATALOGUE, talks)
    assert (of, [one.buyer for one in found]) == (1, ["late"])
    assert separating(usual, usual, where, CATALOGUE, talks) == ([], 0)


def book(*held: Held) -> PublishedBook:
    return PublishedBook(live={place_of(one.fact): one for one in held})


def test_a_shop_without_a_log_begins_with_the_platforms_days() -> None:
    many = [
        published(Published(900 + day, 1, "percent"), "day", f"2022-03-{day:02}", f"2022-03-{day:02}")
        for day in range(1, 32)
    ]
    week = published(Published(900, 1, "percent"), "7d", "2022-03-01", "2022-03-07")
    days = known_days(book(*many, week), SHOP, "taobao_ww3")
    assert len(days) == 30
    assert (days[0].date, days[-1].date) == ("2022-03-02", "2022-03-31")
    assert days[-1].platform == Published(931, 1, "percent")
    assert {(one.relay, one.difference) for one in days} == {(None, None)}
    assert known_days(book(*many), ShopId("another"), "taobao_ww3") == []


def test_the_settled_days_show_both_sides_and_what_lies_between() -> None:
    one = published(Published(963, 1, "percent"))
    two = published(None, "day", "2022-03-31", "2022-03-31", numerator=1, denominator=4)
    filed = book(one, two)
    filed.adopted[SHOP] = ReadingAdopted(
        at=Millis(0), by=PersonId("owner"), shop=SHOP, rule="taobao_ww3", options={"cross_day": "miss"},
        calibration="abc", figures=(1, 2), matched=1,
    )  # fmt: skip
    view = settled_view(
        filed,
        SHOP,
        "taobao_ww3",
        [DayCount("2022-03-30", 77, 80), DayCount("2022-03-31", 1, 2), DayCount("2022-04-01", 3, 3)],
        [DayCount("2022-03-30", 77, 81), DayCount("2022-03-31", 1, 2)],
    )
    assert [(day.date, day.difference, day.given) for day in view.days] == [
        ("2022-03-30", Fraction(963, 10) - Fraction(9625, 100), True),
        ("2022-03-31", Fraction(-25), False),
        ("2022-04-01", None, None),
    ]
    assert view.days[0].strict_difference == Fraction(963, 10) - Fraction(7700, 81)
    assert plain_view(view)["adopted"]["options"] == {"cross_day": "miss"}
    text = "\n".join(view_lines(view))
    assert "96.3 %" in text
    assert "cross_day=miss" in text
    assert "-25.000" in text


def test_figures_of_several_days_stand_beside_the_sums_of_their_days() -> None:
    days = [DayCount(f"2022-04-{day:02}", 9, 10) for day in range(1, 31)]
    strict = [DayCount(f"2022-04-{day:02}", 8, 10) for day in range(1, 31)]
    week = published(Published(900, 1, "percent"), "week", "2022-04-04", "2022-04-10")
    gold = published(Published(895, 1, "percent"), "gold", "2022-04-16", "2022-04-30")
    early = published(Published(900, 1, "percent"), "gold", "2022-04-01", "2022-04-15")
    view = settled_view(book(week, gold, early), SHOP, "taobao_ww3", days, strict)
    early_, gold_, week_ = sorted(view.spans, key=lambda one: one.first_day)
    assert [(one.period, one.first_day, one.of.relay, one.of.given) for one in (early_, gold_, week_)] == [
        ("gold", "2022-03-17", None, None),
        ("gold", "2022-04-01", (270, 300), False),
        ("week", "2022-04-04", (63, 70), True),
    ]
    assert (gold_.of.difference, gold_.of.strict_difference) == (Fraction(-1, 2), Fraction(19, 2))
    assert "自然周 2022-04-04..2022-04-10" in "\n".join(view_lines(view))
    assert plain_view(view)["spans"][0]["period"] in ("gold", "week")


# --- a buyer who comes back


def returning(seed: int) -> Talks:
    """The same few buyers on many days, some of whom write past midnight, some at seats that change."""
    chance = random.Random(seed)
    told = messages(seed, per_day=6, days=9)
    return heard(
        [
            msgspec.structs.replace(one, buyer=f"again-{(one.buyer or '')[-1:]}")
            for one in told
            if chance.random() < 0.97
        ]
    )


@pytest.mark.parametrize("figure", [*RULES, "tmall_reply_account", "pdd_3min_human", "alibaba1688_3min"])
def test_cut_into_visits_every_reading_gives_the_same_days(figure: str) -> None:
    """In what is cut and what cannot be, short and whole way agree; and much is cut."""
    cut = 0
    for seed in range(70, 73):
        log = returning(seed)
        where = space(figure, CATALOGUE, log)
        short, whole = (try_all(where, CATALOGUE, log, exhaustive=one) for one in (False, True))
        of = {str(reading): one.days for one in whole for reading in one.readings}
        for one in short:
            for reading in one.readings:
                mine, theirs = (
                    {day: each.figure for day, each in days.items() if each.figure.denominator}
                    for days in (one.days, of[str(reading)])
                )
                assert mine == theirs, (seed, str(reading))
        cut += sum(len([*visits(one)]) - 1 for one in log.talks.values())
    assert cut > 10
