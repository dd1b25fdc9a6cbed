"""The console of one process: its file of passwords and sessions, its door, its pages."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from aiohttp import web

from relay.config import Config
from relay.contracts import Clock, Entropy
from relay.domain.names import HOUR, MINUTE, ShopId
from relay.domain.office import OfficeState, Settings, grants
from relay.domain.settings import Person
from relay.insight.statement import PUBLISHED
from relay.rules.catalogue import RULES, Catalogue
from relay.rules.guiding import guides
from relay.runtime.access import Hasher, Sessions, Terms
from relay.runtime.access.door import Door
from relay.runtime.changing import Changing
from relay.runtime.finding import Finder
from relay.runtime.handing import FOLDER as HANDED
from relay.runtime.handing import Handing
from relay.runtime.office import Office
from relay.runtime.previewing import Ladders, ladders_of
from relay.store.access import FILE, AccessFile
from relay.store.projections import PROJECTIONS
from relay.store.sqlite import SqliteStore
from relay.web.console.entrance import entrance_routes
from relay.web.console.finding import finding_routes
from relay.web.console.handouts import handout_routes
from relay.web.console.pages import HOME, Assets, page_routes
from relay.web.console.plotly import address, plotly_routes
from relay.web.console.reports import report_routes
from relay.web.console.rounds import round_routes
from relay.web.console.settings import Lines, settings_routes
from relay.web.console.today import Figures, today_routes
from relay.wiring.auditor import Auditor
from relay.wiring.ledger_reading import LedgerReading
from relay.wiring.reporter import Reporter

SWEEP_S: Final = 20.0
MAKER: Final = "relay.cli.handing.child"
"""What makes the report page's files, in a process of its own."""


class Live(Figures, Lines, Protocol):
    """What the running desks say."""


class Console:
    """What the entrance asks of the process, and all that the console keeps."""

    def __init__(
        self,
        config: Config,
        office: Office,
        clock: Clock,
        entropy: Entropy,
        checked: Callable[[Settings], Settings],
        channels: list[str],
    ) -> None:
        self._config, self._office, self._clock, self._channels = config, office, clock, channels
        self._checked = checked
        terms = Terms(config.console.idle_min * MINUTE, config.console.life_h * HOUR)
        file = AccessFile(config.relay.data_dir / FILE)
        self.sessions = Sessions(file, Hasher(), clock, entropy, terms)
        self.door = Door(office, self.sessions, clock, entropy, checked)
        self.handing = Handing(MAKER, config.path, config.relay.data_dir / HANDED, clock, entropy)
        self._swept = clock.monotonic()
        self._sweeping: asyncio.Task[None] | None = None

    def routes(self, live: Live, store: SqliteStore, catalogue: Catalogue) -> list[web.RouteDef]:
        """The pages, and what they ask. Those that read `store` take turns."""
        reading = LedgerReading(store)
        audits = Auditor(reading, self._now)
        rollups = self._config.relay.data_dir / PROJECTIONS
        reports = Reporter(reading, rollups, self._now, catalogue, self._clock)
        return [
            *today_routes(self.door, live),
            *entrance_routes(self.door, self),
            *finding_routes(self.door, Finder(self._office, self._clock)),
            *round_routes(self.door, audits, self._office),
            *report_routes(self.door, reports),
            *handout_routes(self.door, self.handing, address()),
            *settings_routes(self.door, Changing(self._office, self._clock, self._checked), self, live),
            *plotly_routes(),
            *page_routes(Assets()),
        ]

    def _now(self) -> OfficeState:
        return self._office.state

    def beat(self) -> None:
        """Once a second: now and then, end the sessions that are over."""
        now = self._clock.monotonic()
        if now - self._swept >= SWEEP_S and (self._sweeping is None or self._sweeping.done()):
            self._swept = now
            self._sweeping = asyncio.get_running_loop().create_task(self.sessions.sweep())

    async def stop(self) -> None:
        if self._sweeping is not None:
            with contextlib.suppress(Exception):
                await self._sweeping
        self.sessions.close()

    def address(self, port: int) -> str:
        """Where people on this machine open the console."""
        scheme = "https" if self._config.http.certificate is not None else "http"
        host = self._config.http.host
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{HOME}"

    # --- what the entrance asks

    @property
    def plain_http(self) -> bool:
        return self._config.console.plain_http

    @property
    def chinese_first(self) -> bool:
        return self._config.relay.language == "zh-CN"

    def shop_names(self) -> dict[str, str]:
        return {shop.id: shop.name or shop.id for shop in self._office.state.shops.values()}

    def colleagues(self, person: Person) -> dict[str, str]:
        mine = grants(person).keys()
        return {
            one.id: one.name
            for one in self._office.state.persons.values()
            if one.name and not mine.isdisjoint(role.shop for role in one.roles)
        }

    def ladders(self, shop: ShopId) -> Ladders | None:
        """What the ladders of this shop do at which second, for a question at noon of today in Beijing."""
        state = self._office.state
        known = state.shops.get(shop)
        return None if known is None else ladders_of(known, state.replies.values(), self._clock.now())

    def rule_of(self) -> dict[str, str]:
        return {platform: rules[0] for platform, rules in PUBLISHED.items()}

    def rules(self) -> list[dict[str, Any]]:
        """The rules that can guide a shop, with the keys of their options."""
        return [{"id": name, "options": sorted(RULES[name].keys)} for name in guides()]

    def channel_names(self) -> list[str]:
        return list(self._channels)
