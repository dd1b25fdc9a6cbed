"""Figures that a platform published, as they are typed: read exactly, bounded, for the days that are meant."""

from datetime import date
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.facts import FigureFact, PlatformFigureRecorded
from relay.domain.names import DeskId, Millis, PersonId, SeatId, ShopId
from relay.domain.office.recording import FaultsError, GivenFigure, Taken, take_down, withdrawn
from relay.domain.office.state import OfficeState, apply
from relay.domain.published import (
    SHOP_FIGURES,
    Published,
    Unit,
    UnreadableFigureError,
    figure_of,
    period_of,
    read_day,
    read_number,
    span_of,
)
from relay.domain.settings import Grant, Person, Seat, Shop

RATE: tuple[Unit, ...] = ("percent",)
SPAN: tuple[Unit, ...] = ("h", "d", "min", "s")
RULES: dict[str, Unit] = {"taobao_ww3": "percent", "tmall_avg_human_time": "s"}

NUMBERS: list[tuple[str, tuple[Unit, ...], Published]] = [
    ("96.3%", RATE, Published(963, 1, "percent")),
    ("96.30 %", RATE, Published(9630, 2, "percent")),
    ("９６．３％", RATE, Published(963, 1, "percent")),
    (" 100 ", RATE, Published(100, 0, "percent")),
    ("0", RATE, Published(0, 0, "percent")),
    ("0.5%", RATE, Published(5, 1, "percent")),
    ("1%", RATE, Published(1, 0, "percent")),
    ("4.85", ("number",), Published(485, 2, "number")),
    ("1,204", ("number", "percent"), Published(1204, 0, "number")),
    ("12次", ("number", "percent"), Published(12, 0, "number")),
    ("0.02%", ("number", "percent"), Published(2, 2, "percent")),
    ("36.5小时", SPAN, Published(365, 1, "h")),
    ("1.5 天", SPAN, Published(15, 1, "d")),
    ("35.25", ("s",), Published(3525, 2, "s")),
]


@pytest.mark.parametrize(("text", "units", "number"), NUMBERS)
def test_a_number_is_read_as_it_was_shown(text: str, units: tuple[Unit, ...], number: Published) -> None:
    assert read_number(text, units) == number
    assert read_number(str(number), units) == number, "what relay shows can be typed again"


REFUSED: list[tuple[str, tuple[Unit, ...], str]] = [
    ("", RATE, "is no number"),
    ("--", RATE, "is no number"),
    ("-3%", RATE, "is no number"),
    ("9.6.3", RATE, "is no number"),
    ("1,20", ("number",), "is no number"),
    ("1e3", ("number",), "is no number"),
    ("nan", RATE, "is no number"),
    ("0.963", RATE, "may be a share"),
    ("1", RATE, "may be a share"),
    ("100.1%", RATE, "more than 100"),
    ("96.3秒", RATE, "not given in"),
    ("36", SPAN, "needs its unit"),
    ("96.1234567%", RATE, "more than 6 decimals"),
    ("1" * 13, ("number",), "12 digits"),
]


@pytest.mark.parametrize(("text", "units", "why"), REFUSED)
def test_what_cannot_be_meant_is_refused_in_both_languages(text: str, units: tuple[Unit, ...], why: str) -> None:
    with pytest.raises(UnreadableFigureError, match=why) as refused:
        read_number(text, units)
    assert refused.value.zh != refused.value.en


EDGES: list[tuple[str, str, bool]] = [
    ("96.3%", "96.25", True),
    ("96.2%", "96.25", True),
    ("96.3%", "96.2499", False),
    ("96.3%", "96.35", True),
    ("96.4%", "96.35", True),
    ("96.3%", "96.3501", False),
    ("96.30%", "96.304", True),
    ("96.30%", "96.306", False),
    ("100%", "99.5", True),
    ("100%", "99.49", False),
]


@pytest.mark.parametrize(("shown", "exact", "could"), EDGES)
def test_a_half_may_have_been_rounded_either_way(shown: str, exact: str, could: bool) -> None:
    assert read_number(shown, RATE).could_be(Fraction(exact)) is could


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 3))
def test_a_rounded_rate_could_be_what_it_was_rounded_from(top: int, under: int, decimals: int) -> None:
    exact = Fraction(100 * min(top, under), under)
    digits = round(exact * 10**decimals)
    assert Published(digits, decimals, "percent").could_be(exact)
    assert not Published(digits + 2, decimals, "percent").could_be(exact)


SPANS: list[tuple[str, str | None, str | None, tuple[str, str]]] = [
    ("day", "2022-02-28", None, ("2022-02-28", "2022-02-28")),
    ("日", None, "2022/3/1", ("2022-03-01", "2022-03-01")),
    ("7 天", "2022-02-26", None, ("2022-02-26", "2022-03-04")),
    ("周", "2026-11-26", None, ("2026-11-23", "2026-11-29")),
    ("week", None, "2026-11-23", ("2026-11-23", "2026-11-29")),
    ("半月", "2022-04-30", None, ("2022-04-16", "2022-04-30")),
    ("Half month", "2022-04-01", "2022-04-15", ("2022-04-01", "2022-04-15")),
    ("近7天", None, "2024-03-03", ("2024-02-26", "2024-03-03")),
    ("30d", None, "2022-04-15", ("2022-03-17", "2022-04-15")),
    ("30天", "2022-12-15", None, ("2022-12-15", "2023-01-13")),
    ("月", "2024-02-10", None, ("2024-02-01", "2024-02-29")),
    ("month", "2022-12-01", "2022-12-31", ("2022-12-01", "2022-12-31")),
    ("金牌周期", "2022-04-03", None, ("2022-04-01", "2022-04-15")),
    ("gold", None, "2024年2月29日", ("2024-02-16", "2024-02-29")),
    ("day", "2022-03-01 00:00:00", None, ("2022-03-01", "2022-03-01")),
]


@pytest.mark.parametrize(("period", "first", "last", "span"), SPANS)
def test_a_period_has_its_own_days(period: str, first: str | None, last: str | None, span: tuple[str, str]) -> None:
    days = [None if one is None else read_day(one) for one in (first, last)]
    assert span_of(period_of(period), *days) == span


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("7d", "2022-03-01", "2022-03-08"),
        ("month", "2022-03-01", "2022-03-30"),
        ("gold", "2022-03-10", "2022-03-20"),
        ("week", "2022-03-01", "2022-03-07"),
    ],
)
def test_days_that_do_not_fit_their_period_are_refused(period: str, first: str, last: str) -> None:
    with pytest.raises(UnreadableFigureError, match=r"that is 2022-0[23]"):
        span_of(period_of(period), date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["2022-02-30", "1999-01-01", "22-01-01", "昨天", "", "2022-03-01 13:00"])
def test_no_date(text: str) -> None:
    with pytest.raises(UnreadableFigureError):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("taobao_ww3", "taobao_ww3"),
        *((name, one.id) for one in SHOP_FIGURES.values() for name in (one.id, one.zh, *one.also)),
        ("other:退换货评分", "other:退换货评分"),
        ("其他：物流", "other:物流"),
    ],
)
def test_a_figure_is_found_by_its_names(text: str, figure: str) -> None:
    assert figure_of(text, RULES) == figure


@pytest.mark.parametrize("text", ["taobao", "other:", "other:" + "x" * 41, "other:a\x00", ""])
def test_no_figure(text: str) -> None:
    with pytest.raises(UnreadableFigureError):
        figure_of(text, RULES)


NOW = Millis(1_648_742_400_000)  # 2022-04-01 00:00 in China, still 31 March in UTC
ONE, TWO, SEAT = ShopId("one"), ShopId("two"), SeatId("one-ann")
ANN = Person(PersonId("ann"), "安", (Grant(ONE, "cs_admin"),))


def office() -> OfficeState:
    state = OfficeState()
    state.shops = {ONE: Shop(ONE, DeskId("main"), "一号店"), TWO: Shop(TWO, DeskId("main"))}
    state.persons = {ANN.id: ANN}
    state.seats = {SEAT: Seat(SEAT, ONE, ANN.id, "一号店:小安")}
    state.shop_of_seat = {SEAT: ONE}
    return state


def row(**keys: object) -> GivenFigure:
    usual = {"shop": "one", "figure": "taobao_ww3", "first": "2022-03-31", "value": "96.3%"}
    return msgspec.convert({**usual, **keys}, GivenFigure)


def take(state: OfficeState, *rows: GivenFigure, person: Person = ANN, now: Millis = NOW) -> list[Taken]:
    taken = take_down(state, rows, person, now, RULES)
    for one in taken:
        if one.fact is not None:
            apply(state, one.fact)
    return taken


FAULTS: list[tuple[str, dict[str, object], str]] = [
    ("another's shop", {"shop": "two"}, "no shop"),
    ("an unknown shop", {"shop": "three"}, "no shop"),
    ("a day that is not over", {"first": "2022-04-01"}, "not over"),
    ("a month that is not over", {"period": "month", "first": "2022-04-01"}, "not over"),
    ("a seat of no shop", {"seat": "two-bob"}, "no seat"),
    ("an agent without seat", {"agent": "bob"}, "no agent"),
    ("seat and agent", {"seat": "one-ann", "agent": "ann"}, "name one"),
    ("no number", {"value": None}, "no number"),
    ("half of the counts", {"value": None, "numerator": 3}, "one count"),
    ("a numerator above", {"value": None, "numerator": 4, "denominator": 3}, "above"),
    ("a negative count", {"value": None, "numerator": -1, "denominator": 3}, "0 to"),
    ("counts of another rate", {"numerator": 95, "denominator": 100}, "is not 96.3 %"),
    ("counts of nothing", {"numerator": 0, "denominator": 0}, "is not 96.3 %"),
]


@pytest.mark.parametrize(("_", "keys", "why"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_faulty_row_is_named_and_nothing_is_taken(_: str, keys: dict[str, object], why: str) -> None:
    with pytest.raises(FaultsError, match=why) as faulty:
        take_down(office(), [row(line=2), row(line=3, **{"first": "2022-03-30", **keys})], ANN, NOW, RULES)
    assert [one.line for one in faulty.value.faults] == [3]


def test_the_day_is_chinas_wherever_the_machine_stands() -> None:
    state = office()
    with pytest.raises(FaultsError, match="today is 2022-03-31"):
        take(state, row(), now=Millis(NOW - 1))
    assert take(state, row(), now=NOW)[0].did == "new"


def test_shop_seat_and_agent_are_known_by_the_platforms_names_too() -> None:
    state = office()
    taken = take(state, row(shop="一号店", seat="一号店:小安"), row(shop="一号店", agent="安"), row())
    assert [(one.place.shop, one.place.seat, one.place.agent) for one in taken] == [
        (ONE, SEAT, None),
        (ONE, None, ANN.id),
        (ONE, None, None),
    ]
    assert len(state.published.held(ONE, "taobao_ww3")) == 3


def test_the_same_again_changes_nothing_and_another_number_is_a_correction() -> None:
    state = office()
    assert [one.did for one in take(state, row(), row())] == ["new"]
    assert [one.did for one in take(state, row())] == ["same"]
    (told,) = take(state, row(value="96.30%"))
    assert told.did == "correction", "more decimals say more"
    assert told.fact is not None
    assert told.was is not None
    assert told.fact.corrects == told.was.seq == 1
    assert [one.seq for one in state.published.held(ONE)] == [2]


def test_two_rows_that_contradict_each_other_are_both_named() -> None:
    with pytest.raises(FaultsError, match="row 2") as faulty:
        take(office(), row(line=2), row(line=9, value="96.4%"))
    assert [one.line for one in faulty.value.faults] == [9]


def test_a_figure_is_withdrawn_once_and_by_nobody_else() -> None:
    state = office()
    take(state, row())
    stranger = Person(PersonId("bob"), roles=(Grant(TWO, "owner"),))
    with pytest.raises(UnreadableFigureError, match="no figure 1"):
        withdrawn(state, 1, "", stranger, NOW)
    apply(state, withdrawn(state, 1, "读错了", ANN, NOW))
    assert state.published.held(ONE) == []
    assert state.published.recorded[1].value == Published(963, 1, "percent"), "what was taken down is kept"
    with pytest.raises(UnreadableFigureError, match="already"):
        withdrawn(state, 1, "", ANN, NOW)
    assert take(state, row())[0].did == "new"


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(900, 905)), max_size=12))
def test_what_holds_is_what_was_taken_down_last(story: list[tuple[int, int]]) -> None:
    state, facts, wanted = office(), list[FigureFact](), dict[str, int]()
    for day, digits in story:
        before = state.seq
        taken = take(state, row(first=f"2022-03-0{day}", value=f"{digits / 10:.1f}%"))
        facts += [one.fact for one in taken if one.fact is not None]
        assert state.seq - before == (wanted.get(f"2022-03-0{day}") != digits)
        wanted[f"2022-03-0{day}"] = digits
    held = {one.fact.first_day: one.fact.value.digits for one in state.published.held(ONE) if one.fact.value}
    assert held == wanted
    again = OfficeState()
    for fact in facts:
        apply(again, fact)
    assert again.published == state.published
    assert all(isinstance(one, PlatformFigureRecorded) for one in facts)
