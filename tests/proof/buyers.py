"""The bridge: it brings what buyers and other clients write, late, again, out of order, until it was acknowledged."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.contracts import Arrival, Outgoing, Receipt, Transfer
from relay.domain.names import Millis, ShopId
from relay.errors import InboxFullError, RelayError
from relay.testing.chance import Chance
from tests.proof.plan import Line
from tests.proof.shop import wire_of

if TYPE_CHECKING:
    from tests.proof.world import Life, World

PATIENCE_S = 15.0


@dataclass(eq=False)
class Letter:
    """What the bridge must bring, and what it was told of it."""

    line: Line
    arrival: Arrival
    wire: str
    receipts: list[Receipt] = field(default_factory=list)
    tries: int = 0
    refused: str = ""


class Bridge:
    """`letters` is all that it had to bring."""

    def __init__(self, world: "World") -> None:
        self.world, self.chance = world, Chance(world.plan.seed, "bridge")
        self.letters: list[Letter] = []
        self.owners: dict[str, str] = {}
        """Where the platform places: whose each buyer is."""

    def takes(self, line: Line) -> None:
        """Somebody wrote this just now."""
        at = Millis(self.world.server_now - round(line.stamped * 1000))
        if wire_of(line.shop) == "moves" and line.buyer not in self.owners:
            self._platform_places(line.buyer, line.shop)
        self._post(line, at)

    def _platform_places(self, buyer: str, shop: str) -> None:
        """Here the platform gives the buyer to an account, and says so; the word of it may come late, or never."""
        seats = [name for name, (where, _) in self.world.agents.seats.items() if where == shop]
        owner = self.owners[buyer] = f"acc-{self.chance.pick(seats, 'places', buyer)}"
        if self.chance.roll("says where", buyer) < 0.8:
            self._say_where(shop, buyer, f"w-{buyer}", {"kind": "assign", "account": owner})

    def moved(self, transfer: Transfer, at: Millis) -> None:
        """The platform moved a buyer at relay's word, and mostly says that too."""
        before, self.owners[transfer.buyer] = self.owners.get(transfer.buyer), transfer.account
        if self.chance.roll("says moved", transfer.key) < 0.6:
            told = {"kind": "transfer", "account": transfer.account}
            if before is not None:
                told["from_account"] = before
            count = len(self.world.platform.moved[transfer.key])
            self._say_where(transfer.shop, transfer.buyer, f"w-{transfer.key}-{count}", told)

    def _say_where(self, shop: str, buyer: str, id: str, told: dict[str, str]) -> None:
        delay = self.chance.pick((0.05, 0.05, 0.4, 8.0), "where", id)
        line = Line(at=0.0, shop=shop, buyer=buyer, id=id, role="system", told=told, delay=delay)
        self._post(line, self.world.server_now)

    def echo(self, message: Outgoing, at: Millis) -> None:
        """The platform shows the text in the chat, mostly; the bridge brings that too."""
        if self.chance.roll("echo", message.key) < 0.6:
            told: dict[str, Any] = {"echo_of": message.key, "account": message.account or None}
            self._post(
                Line(
                    at=0.0, shop=message.shop, buyer=message.buyer, id=f"e-{message.key}", text=message.text,
                    role="merchant", told={name: value for name, value in told.items() if value},
                    delay=self.chance.pick((0.4, 0.4, 3.0, 3.0, 200.0), "echo delay", message.key),
                ),
                at,
            )  # fmt: skip

    def _post(self, line: Line, at: Millis) -> None:
        told: dict[str, Any] = {"kind": "human", **self._known(line), **line.told}
        arrival = Arrival(
            shop=ShopId(line.shop), at=at, role=line.role, buyer=line.buyer, id=line.id, text=line.text, **told
        )
        letter = Letter(line, arrival, wire_of(line.shop))
        self.letters.append(letter)
        for _ in range(1 + line.twice):
            self._bring(letter, line.delay)

    def _known(self, line: Line) -> dict[str, str]:
        """What the platform tells of a buyer beside their words: of some a name, of some messages goods or an order."""
        if line.role != "buyer":
            return {}
        told = {"buyer_name": f"昵称{line.buyer}"} if self.chance.roll("named", line.buyer) < 0.5 else {}
        if self.chance.roll("about", line.id) < 0.2:
            told |= {"goods": "g1", "order_no": f"单号{line.id}"}
        return told

    def _bring(self, letter: Letter, after_s: float) -> None:
        self.world.later(after_s, lambda: self._try(letter))

    def _try(self, letter: Letter) -> None:
        """One attempt. It may be lost, given up, or its answer not heard."""
        life = self.world.up
        if life is None:
            self._bring(letter, 3.0)
            return
        if self.world.hushed.get(letter.wire, 0.0) > self.world.now:  # an open socket that says nothing
            self._bring(letter, 3.0)
            return
        letter.tries += 1
        if letter.tries <= letter.line.lost:
            self._bring(letter, 4.0)
            return
        life.go(self._attempt(life, letter, first=letter.tries == letter.line.lost + 1))

    async def _attempt(self, life: "Life", letter: Letter, first: bool) -> None:
        line = letter.line
        try:
            async with asyncio.timeout(0.05 if first and line.impatient else PATIENCE_S):
                receipt = await life.wires[letter.wire].bring(letter.arrival)
        except (TimeoutError, InboxFullError):
            self._bring(letter, self.chance.pick((1.0, 4.0), "come again", line.id, letter.tries))
            return
        except RelayError as error:
            letter.refused = str(error)
            if "unknown shop" in letter.refused or not self._is_known(letter.arrival.recalls):
                self._bring(letter, 20.0)
            return
        letter.refused = ""
        self.world.watch.acknowledged(letter, receipt)
        if first and line.deaf:
            self._bring(letter, 2.0)
            return
        letter.receipts.append(receipt)
        if len(letter.receipts) == 1 and line.again is not None:
            self._bring(letter, line.again)

    def _is_known(self, id: str | None) -> bool:
        """A recall may come before what it recalls: it is brought again as long as that is on its way."""
        return id is None or any(one.line.id == id and not one.receipts and not one.refused for one in self.letters)
