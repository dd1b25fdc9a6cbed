"""The whole world around two shops, with one beginning and one end."""

from collections.abc import Mapping, Sequence

import aiohttp
import msgspec

from relay.contracts import Clock
from relay.domain.names import PersonId, ShopId
from relay_demo.agents import Agent
from relay_demo.bridge import Bridge
from relay_demo.buyers import Buyers
from relay_demo.manner import Manner
from relay_demo.platform import Platform, Shown
from relay_demo.script import visits
from relay_demo.supervisor import Supervisor

NUMBERS_PER_RUN = 400


class Plan(msgspec.Struct, frozen=True):
    """What a world is made of. `run` counts the starts on one ledger, so that no message id comes twice.

    `pace`: buyers per minute. `haste`: by what people's times are multiplied; below 1 is for tests.
    """

    shops: tuple[ShopId, ...]
    agents: tuple[PersonId, ...]
    supervisor: PersonId
    seed: int = 1
    run: int = 1
    pace: float = 8.0
    haste: float = 1.0

    @property
    def seeds(self) -> str:
        return f"{self.seed}.{self.run}"


class World:
    """`open`, then `begin` when relay listens, then `quiet` before relay stops and `close` after it."""

    def __init__(self, plan: Plan, clock: Clock, secrets: tuple[str, str]) -> None:
        self._plan = plan
        self.platform = Platform(plan.seeds, f"p{plan.run}", clock, self._heard)
        self.bridge = Bridge(self.platform, clock, secrets, f"r{plan.run}", self._manner("bridge"))
        self.buyers = Buyers(plan.shops, self.platform, self.bridge, clock, self._manner("buyers"))
        self.agents = [Agent(person, clock, self._manner(person)) for person in plan.agents]
        self.supervisor = Supervisor(plan.supervisor, clock, self.platform, self._manner("supervisor"))
        self._session: aiohttp.ClientSession | None = None
        self.send_url = ""

    async def open(self) -> str:
        """The platform is there; the address where it takes replies."""
        self.send_url = await self.bridge.open()
        return self.send_url

    def begin(self, webhook_url: str, agents_url: str, tokens: Mapping[PersonId, str]) -> None:
        """People sit down, buyers come."""
        self._session = aiohttp.ClientSession()
        self.bridge.connect(webhook_url)
        for one in self._staff():
            if one.person in tokens:
                one.begin(self._session, agents_url, tokens[PersonId(one.person)])
        first = (self._plan.run - 1) * NUMBERS_PER_RUN
        self.buyers.come(visits(self._plan.seeds, self._plan.pace, first))

    async def quiet(self) -> None:
        """Nobody writes anything new; what is on its way arrives."""
        await self.buyers.leave()
        for one in self._staff():
            await one.leave()
        await self.bridge.settle()

    async def close(self) -> None:
        """The platform goes too, and whoever is still there."""
        await self.quiet()
        if self._session is not None:
            await self._session.close()
        await self.bridge.close()

    def _staff(self) -> Sequence[Agent | Supervisor]:
        return [*self.agents, self.supervisor]

    def _heard(self, shown: Shown) -> None:
        self.buyers.hear(shown)

    def _manner(self, who: str) -> Manner:
        return Manner(f"{who} {self._plan.seeds}", self._plan.haste)
