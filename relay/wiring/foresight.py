"""The forecast of the running shops by their guiding rules, which all count who was in time: today's counts from their
desks, the days before from the projections' file.

The file is read off the loop, once a day and again an hour later: the first may be before the night's settlement. How
yesterday went through its hours is read from the lines that the running figures keep, once a day.

Once a minute it is looked at of which shops a figure is foreseen to end below its goal. That goes to the desk as an
input: the ledger then says whether a date was told, so a restart tells nothing again, and notifiers tell it as any
alert. The projections' file could not hold that mark: nothing in it is needed, so it is thrown away when it is damaged.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from relay.contracts import Clock
from relay.domain import inputs as i
from relay.domain.apply_alerts import foreseen_on
from relay.domain.model import DeskState
from relay.domain.names import DeskId, Millis, ShopId
from relay.domain.settings import Shop
from relay.errors import BadInputError, RefusedError
from relay.insight.board import losing, today
from relay.insight.forecast.foreseen import foresee
from relay.insight.forecast.history import past_days, settled_days
from relay.insight.forecast.records import Forecast, Given
from relay.insight.forecast.volume import QUARTERS, share
from relay.insight.forecast.words import sentences
from relay.insight.live import LiveFigures
from relay.insight.settlement.fold import Settling
from relay.rules.catalogue import goal_of, hours_of
from relay.rules.instants import CHINA, DAY, date_text, day_of
from relay.rules.report import DayCount
from relay.runtime.service import RunningDesk, Service
from relay.store.projections import look

log = structlog.get_logger("relay.foresight")
EVERY_S: Final = 60.0
READ_AGAIN_S: Final = 3600.0
MOST_NAMED: Final = 20
_QUARTER: Final = DAY // QUARTERS


class Now(NamedTuple):
    """A shop as it stands: today's counts, the rounds that can still be kept, and what is foreseen."""

    shop: ShopId
    today: dict[str, Any]
    losing: list[dict[str, Any]]
    forecast: Forecast
    told: str | None
    """The newest date of which it is told that its figure falls."""

    def plain(self) -> dict[str, Any]:
        """For pages and programs; `losing` names the most urgent, `forecast.open` counts all; `said` is for people."""
        return {
            **self.today,
            "goal": self.forecast.goal,
            "budget": self.forecast.budget,
            "losing": self.losing[:MOST_NAMED],
            "forecast": msgspec.to_builtins(self.forecast),
            "said": msgspec.to_builtins(sentences(self.forecast)),
        }


class _Past(NamedTuple):
    """What was settled of a shop, for forecasts of this day; when it was read, and of which rule."""

    day: int
    rule: str
    read_at: float
    again: bool
    days: list[DayCount]


class Foresight:
    """`now` says how shops stand; `beat` each second, `stop` at the end."""

    def __init__(self, service: Service, path: Path, clock: Clock) -> None:
        self._service, self._path, self._clock = service, path, clock
        self._past: dict[ShopId, _Past] = {}
        self._hours: dict[ShopId, tuple[int, list[int]]] = {}
        self._looked = clock.monotonic()
        self._looking: asyncio.Task[None] | None = None

    def beat(self) -> None:
        """Once a minute, look whether a figure falls."""
        at = self._clock.monotonic()
        if at - self._looked >= EVERY_S and (self._looking is None or self._looking.done()):
            self._looked = at
            self._looking = asyncio.get_running_loop().create_task(self.look())

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Tell every desk of its shops whose figure falls, once a shop and date."""
        try:
            for desk in list(self._service.desks.values()):
                for one in await self.now(desk):
                    if not self._service.paused and _news(one.forecast, one.told):
                        await self._tell(desk, one.shop, one.forecast)
        except Exception:  # a figure that cannot be foreseen harms nobody's message
            log.exception("forecast_failed")

    async def now(self, desk: RunningDesk, shops: Collection[ShopId] | None = None) -> list[Now]:
        """Every shop of this desk, or of those named, that has a running figure."""
        await desk.count_all()
        at = self._clock.now()
        seen = await desk.runner.look(lambda state: list(_seen(state, shops, at)))
        await self._read(desk.runner.desk, [shop for shop, _, _ in seen], at)
        found = []
        for shop, open_, told in seen:
            counts = desk.figures.counts(shop.id, at)
            if counts is not None:
                hours = await self._yesterday(desk.figures, shop.id, at)
                day = today(counts, at)
                found.append(Now(shop.id, day, open_, self._foresee(shop, day, len(open_), hours, at), told))
                await asyncio.sleep(0)
        return found

    def _foresee(self, shop: Shop, day: dict[str, Any], open_: int, yesterday: list[int], at: Millis) -> Forecast:
        known = self._past.get(shop.id)
        settled = known.days if known is not None else []
        without = day["without_automation"]
        given = Given(
            date=day["date"],
            hits=int(day["numerator"]),
            rounds=day["denominator"],
            hits_without=int(without["numerator"]),
            rounds_without=without["denominator"],
            open=open_,
            share=share((at + CHINA) % DAY, hours_of(shop.rule), yesterday),
            past=past_days(settled, self._service.office.state.published, shop.id, shop.rule),
            goal=shop.goal_percent if shop.goal_percent is not None else goal_of(shop.rule),
        )
        return foresee(given)

    async def _read(self, desk: DeskId, shops: list[Shop], at: Millis) -> None:
        wanted = [shop for shop in shops if not self._is_fresh(shop, day_of(at))]
        if wanted:
            read_at = self._clock.monotonic()
            days = await asyncio.to_thread(_settled, self._path, desk, wanted, at)
            for shop in wanted:
                known = self._past.get(shop.id)
                again = known is not None and known.day == day_of(at)
                self._past[shop.id] = _Past(day_of(at), shop.rule, read_at, again, days.get(shop.id, []))

    def _is_fresh(self, shop: Shop, day: int) -> bool:
        known = self._past.get(shop.id)
        if known is None or (known.day, known.rule) != (day, shop.rule):
            return False
        return known.again or self._clock.monotonic() - known.read_at < READ_AGAIN_S

    async def _yesterday(self, figures: LiveFigures, shop: ShopId, at: Millis) -> list[int]:
        """Yesterday's messages of buyers by quarters of an hour."""
        day = day_of(at) - 1
        known = self._hours.get(shop)
        if known is not None and known[0] == day:
            return known[1]
        counts = [0] * QUARTERS
        start = 0
        while some := figures.lines(shop, start):
            for line in some:
                if line.role == "buyer" and day_of(line.at) == day:
                    counts[(line.at + CHINA) % DAY // _QUARTER] += 1
            start += len(some)
            await asyncio.sleep(0)
        self._hours[shop] = (day, counts)
        return counts

    async def _tell(self, desk: RunningDesk, shop: ShopId, forecast: Forecast) -> None:
        given = i.NoteForecast(shop=shop, date=forecast.date, falling=forecast.falling)
        try:
            await desk.runner.post(given)
        except RefusedError:  # told meanwhile, or the shop is gone
            return
        log.info("figure_foreseen", shop=shop, date=given.date, falling=list(given.falling))


def _news(forecast: Forecast, told: str | None) -> bool:
    """Whether the desk is to be told: a date that falls and was not told, or a new date after one that was."""
    return bool(forecast.falling) if told is None else told < forecast.date


def _seen(
    state: DeskState, shops: Collection[ShopId] | None, at: Millis
) -> Iterator[tuple[Shop, list[dict[str, Any]], str | None]]:
    for shop_id, shop in state.shops.items():
        if shops is None or shop_id in shops:
            yield shop.setting, losing(state, shop_id, at), foreseen_on(state.alerts, shop_id)


def _settled(path: Path, desk: DeskId, shops: list[Shop], at: Millis) -> dict[ShopId, list[DayCount]]:
    """Nothing where nothing is settled yet, or the file is being made anew."""
    try:
        with look(path) as sight:
            shelf = sight.shelf(Settling.name, desk)
            return {shop.id: settled_days(shelf, shop.id, shop.rule, date_text(day_of(at))) for shop in shops}
    except (BadInputError, sqlite3.Error):
        return {}
