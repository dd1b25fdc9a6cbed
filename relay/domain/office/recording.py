"""What a person took down of a platform's page, row by row, as facts: all that is wrong is told at once, and nothing is
written unless all rows are right.

Laws: the same figure again changes nothing; another number for the same days is a correction that names the one before;
a number is about days that are over, since a platform publishes none before; counts and number must be one rate.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Annotated, Final, Literal

import msgspec

from relay.domain.facts import FigureSource, PlatformFigureRecorded, PlatformFigureWithdrawn
from relay.domain.names import Millis, PersonId, SeatId, ShopId
from relay.domain.office.published import Held, Place, amounts_of, place_of
from relay.domain.office.rights import may
from relay.domain.office.state import OfficeState
from relay.domain.published import (
    SHOP_FIGURES,
    Published,
    Unit,
    UnreadableFigureError,
    figure_of,
    period_of,
    read_number,
    span_of,
)
from relay.domain.published import read_day as _day
from relay.domain.settings import Person

MOST_ROWS: Final = 2_000
MOST_COUNT: Final = 1_000_000_000
_CHINA: Final = timedelta(hours=8)
_ANY: Final[tuple[Unit, ...]] = ("number", "percent", "s", "min", "h", "d")

Did = Literal["new", "same", "correction"]


class GivenFigure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One figure as it was typed or read from a row. `value` as the page shows it; `line` is the row of a file."""

    shop: str
    figure: str
    period: str = "day"
    first: str | None = None
    last: str | None = None
    seat: str | None = None
    agent: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    value: str | None = None
    line: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None = None


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one figure, in both languages. `line` is its row, or its number among those given."""

    line: int
    en: str
    zh: str


class FaultsError(ValueError):
    """Figures that cannot be taken down, all of them at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(one.en for one in faults))
        self.faults = tuple(faults)


class Taken(msgspec.Struct, frozen=True):
    """What came of one figure. `was` is what it corrects; `fact` is None where it was known already."""

    did: Did
    place: Place
    fact: PlatformFigureRecorded | None = None
    was: Held | None = None


def take_down(
    state: OfficeState,
    given: Sequence[GivenFigure],
    person: Person,
    now: Millis,
    rules: Mapping[str, Unit],
    source: FigureSource = "typed",
    digest: str = "",
) -> list[Taken]:
    """What these figures add to the state. `rules`: the unit of each rule's figure. Raises FaultsError.

    A figure that stands twice among those given is one if both say the same, else the second is a fault.
    """
    if len(given) > MOST_ROWS:
        raise FaultsError([Fault(MOST_ROWS + 1, f"more than {MOST_ROWS} figures", f"超过 {MOST_ROWS} 条")])
    faults: list[Fault] = []
    taken: list[Taken] = []
    seen: dict[Place, tuple[int, PlatformFigureRecorded]] = {}
    for number, one in enumerate(given, 1):
        line = one.line or number
        try:
            fact = _fact(state, one, person, now, rules)
            fact = msgspec.structs.replace(fact, source=source, digest=digest)
            place = place_of(fact)
            if place in seen:
                _twice(seen[place], fact)
            else:
                seen[place] = line, fact
                taken.append(_compared(state, place, fact))
        except UnreadableFigureError as error:
            faults.append(Fault(line, error.en, error.zh))
    if faults:
        raise FaultsError(faults)
    return taken


def withdrawn(state: OfficeState, record: int, reason: str, person: Person, now: Millis) -> PlatformFigureWithdrawn:
    """The fact that takes a figure back. Raises UnreadableFigureError where there is none, or it is not this person's.

    A figure of a shop that is not theirs is told like one that is not there (L14).
    """
    found = state.published.recorded.get(record)
    if found is None or not may(person, found.shop, "figures"):
        raise UnreadableFigureError(f"there is no figure {record}", f"没有编号为 {record} 的数据")
    held = state.published.live.get(place_of(found))
    if held is None or held.seq != record:
        raise UnreadableFigureError(
            f"figure {record} was corrected or withdrawn already", f"编号 {record} 的数据已被更正或撤回"
        )
    return PlatformFigureWithdrawn(at=now, by=person.id, record=record, reason=_text(reason))


def _text(reason: str) -> str:
    if len(reason) > 200 or not (reason == "" or reason.isprintable()):
        raise UnreadableFigureError("a reason has at most 200 printable characters", "原因最多 200 个可见字符")
    return reason


def _compared(state: OfficeState, place: Place, fact: PlatformFigureRecorded) -> Taken:
    held = state.published.live.get(place)
    if held is None:
        return Taken("new", place, fact)
    if amounts_of(held.fact) == amounts_of(fact):
        return Taken("same", place)
    return Taken("correction", place, msgspec.structs.replace(fact, corrects=held.seq), held)


def _twice(before: tuple[int, PlatformFigureRecorded], fact: PlatformFigureRecorded) -> None:
    line, other = before
    if amounts_of(other) != amounts_of(fact):
        raise UnreadableFigureError(
            f"says something else of the same days than row {line}; keep one of the two",
            f"与第 {line} 行是同一周期却数字不同，请只保留一条",
        )


def _fact(
    state: OfficeState, one: GivenFigure, person: Person, now: Millis, rules: Mapping[str, Unit]
) -> PlatformFigureRecorded:
    shop = _shop(state, one.shop, person)
    figure = figure_of(one.figure, rules)
    period = period_of(one.period)
    span = span_of(period, None if one.first is None else _day(one.first), None if one.last is None else _day(one.last))
    today = (datetime.fromtimestamp(now / 1000, UTC) + _CHINA).date().isoformat()
    if span.last_day >= today:
        raise UnreadableFigureError(
            f"the days to {span.last_day} are not over (today is {today} in China): take it down when they are",
            f"截至 {span.last_day} 的周期尚未结束（北京时间今天是 {today}），请结束后再记录",
        )
    value = None if one.value is None else read_number(one.value, _units(figure, rules))
    _amounts(one, value, is_rate=rules.get(figure, "percent") == "percent")
    return PlatformFigureRecorded(
        at=now, by=person.id, shop=shop, figure=figure, period=period, first_day=span.first_day,
        last_day=span.last_day, seat=_seat(state, shop, one.seat), agent=_agent(state, shop, one), line=one.line,
        numerator=one.numerator, denominator=one.denominator, value=value,
    )  # fmt: skip


def _units(figure: str, rules: Mapping[str, Unit]) -> tuple[Unit, ...]:
    if figure in rules:
        return (rules[figure],)
    return SHOP_FIGURES[figure].units if figure in SHOP_FIGURES else _ANY


def _shop(state: OfficeState, name: str, person: Person) -> ShopId:
    """By id, or by its name where only one shop of this person has it."""
    mine = [shop for shop in state.shops.values() if may(person, shop.id, "figures")]
    found = [shop.id for shop in mine if shop.id == name.strip()]
    found = found or [shop.id for shop in mine if shop.name and shop.name == name.strip()]
    if len(found) != 1:
        names = ", ".join(sorted(shop.id for shop in mine)) or "–"
        raise UnreadableFigureError(
            f'there is no shop "{name[:64]}" whose figures you may take down; yours are {names}',
            f'没有您可以记录数据的店铺 "{name[:64]}"，可用：{names}',
        )
    return found[0]


def _seat(state: OfficeState, shop: ShopId, name: str | None) -> SeatId | None:
    """By id, also of a seat that was removed since, or by the account that the platform calls it."""
    if name is None:
        return None
    named = name.strip()
    if state.shop_of_seat.get(SeatId(named)) == shop:
        return SeatId(named)
    found = [seat.id for seat in state.seats.values() if seat.shop == shop and seat.account == named]
    if len(found) != 1:
        raise UnreadableFigureError(f'shop {shop} has no seat "{named[:64]}"', f'店铺 {shop} 没有子账号 "{named[:64]}"')
    return found[0]


def _agent(state: OfficeState, shop: ShopId, one: GivenFigure) -> PersonId | None:
    if one.agent is None:
        return None
    if one.seat is not None:
        raise UnreadableFigureError("names a seat and an agent; name one", "子账号和客服只能写一个")
    named = one.agent.strip()
    there = {seat.agent for seat in state.seats.values() if seat.shop == shop}
    found = [who.id for who in state.persons.values() if who.id in there and named in (who.id, who.name)]
    if len(found) != 1:
        raise UnreadableFigureError(
            f'no agent "{named[:64]}" has a seat in {shop}', f'店铺 {shop} 没有客服 "{named[:64]}"'
        )
    return found[0]


def _amounts(one: GivenFigure, value: Published | None, *, is_rate: bool) -> None:
    """Counts within their bounds, and one rate with the number that was shown."""
    top, under = one.numerator, one.denominator
    if top is None and under is None and value is None:
        raise UnreadableFigureError("gives no number: a value, or counts", "没有数字：请填写数值，或分子分母")
    for count in (top, under):
        if count is not None and not 0 <= count <= MOST_COUNT:
            raise UnreadableFigureError(f"a count is 0 to {MOST_COUNT}", f"分子分母应为 0 到 {MOST_COUNT}")
    if (top is None) != (under is None) and value is None:
        raise UnreadableFigureError(
            "gives one count and no value; give both counts", "只有一个计数，请同时填写分子和分母"
        )
    if not is_rate or top is None or under is None:
        return
    if top > under:
        raise UnreadableFigureError(
            f"the numerator {top} is above the denominator {under}", f"分子 {top} 大于分母 {under}"
        )
    if value is not None and value.unit == "percent" and not _agrees(top, under, value):
        raise UnreadableFigureError(
            f"{top}/{under} is not {value}; look at the page again", f"{top}/{under} 不是 {value}，请核对页面"
        )


def _agrees(top: int, under: int, value: Published) -> bool:
    """Cut or rounded: a page may do either, and both are within a whole last digit."""
    return under > 0 and abs(Fraction(100 * top, under) - value.exact) < Fraction(1, 10**value.decimals)
