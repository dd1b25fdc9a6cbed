"""A calibration run, its days shown, and a reading of it taken over."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.calibrating.gathering import Gathering
from relay.cli.replies import person_acting, token_of
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config
    from relay.insight.calibration.calibration import Asked, Calibration
    from relay.insight.calibration.settlement import SettledView
    from relay.insight.calibration.trying import Progress
    from relay.runtime.adopting import AdoptedReading
    from relay.runtime.figures import FigureAct
    from relay.runtime.office import Office


def asked_of(gathering: Gathering, rules: Sequence[str], more: Sequence[str]) -> "Asked":
    """Ends the command on a rule or an option that nobody knows."""
    from relay.insight.calibration.calibration import Asked

    for rule in rules:
        if rule not in gathering.catalogue.ids:
            stop(f"没有规则 {rule} / there is no rule {rule}; relay audit --rules lists them")
    return Asked(gathering.shop, gathering.figure, gathering.seat, _values(more), tuple(rules))


def _values(more: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for one in more:
        key, sign, values = one.partition("=")
        if not sign or not key.strip() or not values.strip():
            stop(f"--try 应写作 KEY=值|值 / must be written as KEY=A|B, not {one!r}")
        found[key.strip()] = [value.strip() for value in values.split("|")]
    return found


def run(gathering: Gathering, asked: "Asked", *, quiet: bool) -> "Calibration":
    """Ends the command on values that the rule refuses."""
    from relay.insight.calibration.calibration import calibrate

    talks = gathering.talks
    if not talks.count:
        stop("没有消息可以核算；--log FILE 可用聊天记录 / there is no message to judge; --log FILE takes a chat log")
    try:
        return calibrate(asked, gathering.held(), talks, gathering.catalogue, None if quiet else _progress())
    except ValueError as error:
        stop(str(error))


def _progress() -> "Progress | None":
    """A line on a terminal, written at most a hundred times and wiped at the end."""
    shown = -1

    def tell(done: int, of: int) -> None:
        nonlocal shown
        percent = 100 * done // max(of, 1)
        if percent != shown:
            shown = percent
            click.echo(f"\r{percent:3} %" if done < of else "\r     \r", nl=False, err=True)

    return tell if sys.stderr.isatty() else None


def view(gathering: Gathering, last: int) -> "SettledView":
    """The days of the figure under the shop's options and under the strict bundle. Without messages, the platform's."""
    from relay.domain.names import ShopId
    from relay.insight.calibration.settlement import settled_view
    from relay.insight.calibration.units import unit_of

    talks, figure = gathering.talks, gathering.figure
    reports = []
    for options in (gathering.options, {**gathering.options, "bundle": "strict"}):
        ledger = gathering.catalogue.open(figure, options)
        for heard in talks.talks.values():
            ledger.take_all(heard)
        ledger.take_all(talks.control)
        reports.append(ledger.report().days)
    unit = unit_of(gathering.catalogue, figure)
    relay, strict = reports
    return settled_view(gathering.book(), ShopId(gathering.shop), figure, relay, strict, unit, last)


def adopted(
    gathering: Gathering, found: "Calibration", number: int, config: "Config", token_file: Path | None
) -> list[str]:
    """Take a reading over; the lines of what changed."""
    from relay.runtime.figures import FigureAct

    lines = acted(gathering, FigureAct(do="adopt", reading=_reading(gathering, found, number)), config, token_file)
    return lines or ["没有变化，已是此口径 / nothing differs, the shop has this reading already"]


def acted(gathering: Gathering, act: "FigureAct", config: "Config", token_file: Path | None) -> list[str]:
    """Do it through the running service, or under the file lock if none runs; the lines of what changed."""
    import json

    import msgspec

    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.insight.calibration.units import units
    from relay.runtime.figures import Figures
    from relay.runtime.system import SystemClock

    token = token_of(token_file)

    async def offline(office: "Office") -> list[str]:
        figures = Figures(office, SystemClock(), units(gathering.catalogue))
        return await figures.act(act, person_acting(office, token))

    try:
        lines: list[str] = json.loads(ask(config, "POST", "/figures", msgspec.json.encode(act), token))["lines"]
    except NotRunningError:
        lines = with_office(config, offline)
    return lines


def _reading(gathering: Gathering, found: "Calibration", number: int) -> "AdoptedReading":
    from relay.insight.calibration.space import OPTIONS
    from relay.runtime.adopting import AdoptedReading

    fit = found.shown[number - 1]
    reading = fit.tried.reading
    return AdoptedReading(
        shop=gathering.shop,
        rule=reading.rule,
        options=dict(reading.options),
        settles=tuple(sorted({*OPTIONS, *found.asked.more})),
        calibration=found.digest,
        figures=() if gathering.has_figure_file else tuple(one.seq for one in found.used),
        matched=fit.matched,
        log=gathering.log_digest,
    )
