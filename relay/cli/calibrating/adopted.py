"""The readings that a shop adopted, each beside what stood before it, with the figure under both; one taken back."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.cli.calibrating.gathering import Gathering

if TYPE_CHECKING:
    from relay.config import Config
    from relay.insight.calibration.adoptions import AdoptionView
    from relay.insight.calibration.space import Reading
    from relay.rules.report import Amount, DayCount

DAYS = 30


class Beside(NamedTuple):
    """An adoption, and what the thirty days before it come to under the reading of before and under the adopted one:
    numerator and denominator, None where there is no message of them."""

    view: "AdoptionView"
    first_day: str
    last_day: str
    before: "tuple[Amount, int] | None"
    after: "tuple[Amount, int] | None"
    unit: str


def beside_all(gathering: Gathering) -> list[Beside]:
    """The oldest first."""
    from relay.domain.names import ShopId
    from relay.insight.calibration.adoptions import adoptions
    from relay.insight.calibration.units import unit_of

    reckoned: dict[str, Sequence[DayCount]] = {}
    found = []
    for view in adoptions(gathering.office, ShopId(gathering.shop)):
        last = _china(view.fact.at) - timedelta(days=1)
        first_day, last_day = (last - timedelta(days=DAYS - 1)).date().isoformat(), last.date().isoformat()
        for reading in (view.before, view.after):
            if str(reading) not in reckoned:
                reckoned[str(reading)] = _days(gathering, reading)
        before, after = (_over(reckoned[str(one)], first_day, last_day) for one in (view.before, view.after))
        unit = unit_of(gathering.catalogue, view.after.rule)
        found.append(Beside(view, first_day, last_day, before, after, unit))
    return found


def _over(days: "Sequence[DayCount]", first_day: str, last_day: str) -> "tuple[Amount, int] | None":
    within = [one for one in days if first_day <= one.date <= last_day]
    return (sum(one.numerator for one in within), sum(one.denominator for one in within)) if within else None


def reverted(gathering: Gathering, record: int, config: "Config", token_file: Path | None) -> list[str]:
    """Take an adoption back; the lines of what changed."""
    from relay.cli.calibrating.running import acted
    from relay.runtime.figures import FigureAct

    return acted(gathering, FigureAct(do="revert", record=record), config, token_file)


def adopted_lines(told: Sequence[Beside]) -> Iterator[str]:
    from relay.insight.calibration.adoptions import STANDS

    if not told:
        yield "尚未采用任何校准口径 / no reading was adopted from a calibration yet"
        return
    for one in told:
        fact, view = one.view.fact, one.view
        zh, en = STANDS[view.stands]
        back = "" if fact.reverts is None else f"  撤回采用 {fact.reverts} / takes back adoption {fact.reverts}"
        yield f"{view.seq:>5}  {_china(fact.at):%Y-%m-%d %H:%M}  {fact.by}  [{zh} {en}]{back}"
        yield f"       此前 before: {view.before}  {_figure(one.before, one.unit)}"
        yield f"       此后 after:  {view.after}  {_figure(one.after, one.unit)}"
        if fact.reverts is None:
            yield (
                f"       依据 {len(fact.figures)} 个平台数据，符合 {fact.matched} 个；校准 {fact.calibration[:12]}"
                f" / from {len(fact.figures)} published figures, of which it gives {fact.matched}"
            )
    shop = told[-1].view.fact.shop
    yield f"数字为采用之前 {DAYS} 天 / the figures are of the {DAYS} days before"
    yield f"撤回 take one back: relay calibrate {shop} --revert {told[-1].view.seq}"


def plain_beside(one: Beside) -> dict[str, Any]:
    from relay.insight.calibration.adoptions import plain_adoption

    return {
        **plain_adoption(one.view),
        "first_day": one.first_day,
        "last_day": one.last_day,
        "figure_before": one.before,
        "figure_after": one.after,
    }


def _days(gathering: Gathering, reading: "Reading") -> "Sequence[DayCount]":
    if not gathering.talks.count:
        return ()
    ledger = gathering.catalogue.open(reading.rule, dict(reading.options))
    for heard in gathering.talks.talks.values():
        ledger.take_all(heard)
    ledger.take_all(gathering.talks.control)
    return ledger.report().days


def _figure(counts: "tuple[Amount, int] | None", unit: str) -> str:
    if counts is None or not counts[1]:
        return "–"
    value = counts[0] / counts[1] * (100 if unit == "percent" else 1)
    return f"{value:.2f} {'%' if unit == 'percent' else 's'} ({counts[0]}/{counts[1]})"


def _china(at: int) -> datetime:
    """An instant on China's wall clock, which is that of the platforms' days."""
    return datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=8)
