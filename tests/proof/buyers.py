"""Buyers, and the bridge that brings what they write: late, again, in the wrong order, until it was acknowledged."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from relay.contracts import Arrival, Receipt
from relay.domain.names import DeskId, Millis, ShopId
from relay.errors import InboxFullError, RelayError
from tests.proof.shop import SHOPS, wire_of

if TYPE_CHECKING:
    from tests.proof.world import Life, World

QUESTIONS = ("在吗", "什么时候发货", "能退吗", "尺码偏大吗", "How long?")
SEEN_ELSEWHERE = ("今天下午发货", "请稍等", "好的")


@dataclass(eq=False)
class Line:
    """What a bridge must bring: it keeps at it until relay has acknowledged."""

    arrival: Arrival
    wire: str
    receipts: list[Receipt] = field(default_factory=list)
    tries: int = 0
    refused: str = ""


class Buyers:
    """Everybody who writes. `lines` is all that a bridge had to bring."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.lines: list[Line] = []

    def comes(self, buyer: str, begin: float) -> None:
        shop = self.world.chance.choice(("a", "a", "b", "c"))
        at = begin
        for _ in range(self.world.chance.choice((1, 1, 2, 3, 5))):
            self.world.later(at, lambda buyer=buyer, shop=shop: self._writes(buyer, shop))  # type: ignore[misc]
            at += self.world.chance.choice((2.0, 8.0, 40.0, 61.0, 190.0, 700.0))

    def _writes(self, buyer: str, shop: str) -> None:
        number, roll = self.world.number(), self.world.chance.random()
        text = f"{self.world.chance.choice(QUESTIONS)} [{number}]"
        line = self._line(shop, f"m{number}", buyer, "buyer", text)
        if roll < 0.06:  # the same id with another body
            self._bring(self._line(shop, f"m{number}", buyer, "buyer", f"{text} 改"), 1.0)
        elif roll < 0.12:
            self._bring(self._line(shop, f"t{number}", buyer, "buyer", "谢谢"), 30.0)
        elif roll < 0.17:
            recall = msgspec.structs.replace(
                line.arrival, id=f"r{number}", kind="recall", text="", recalls=f"m{number}"
            )
            self.world.later(self.world.chance.choice((3.0, 100.0)), lambda: self._recall(line, recall))
        elif roll < 0.21:
            kind = self.world.chance.choice(("human", "auto", "bot", "assist"))
            told = {"provider": "leyan", "mode": "assist"} if kind == "assist" else {}
            words = self.world.chance.choice(SEEN_ELSEWHERE)
            self.world.later(
                self.world.chance.choice((5.0, 80.0, 200.0)),
                lambda: self._bring(self._line(shop, f"o{number}", buyer, "merchant", words, kind=kind, **told), 0.2),
            )
        self._bring(line, self.world.chance.choice((0.05, 0.3, 2.0, 25.0)))

    def _recall(self, line: Line, recall: Arrival) -> None:
        if line.receipts:
            self._bring(Line(msgspec.structs.replace(recall, at=self.world.server_now), line.wire), 0.1)

    def _line(self, shop: str, id: str, buyer: str, role: Any, text: str, kind: str = "human", **more: Any) -> Line:
        arrival = Arrival(
            shop=ShopId(shop), at=self.world.server_now, role=role, kind=kind, buyer=buyer, id=id, text=text, **more
        )
        return Line(arrival, wire_of(shop))

    def echo(self, message: Any, at: Millis) -> None:
        """The platform shows the text in the chat, mostly; the bridge brings that too."""
        if self.world.wire_chance.random() < 0.6:
            more = {"echo_of": message.key, "account": message.account or None}
            line = self._line(message.shop, f"e-{message.key}", message.buyer, "merchant", message.text, **more)
            self._bring(
                Line(msgspec.structs.replace(line.arrival, at=at), line.wire),
                self.world.wire_chance.choice((0.4, 3.0, 400.0)),
            )

    def _bring(self, line: Line, after_s: float) -> None:
        if line not in self.lines:
            self.lines.append(line)
        self.world.later(after_s, lambda: self._try(line))

    def _try(self, line: Line) -> None:
        """One attempt of the bridge. It may give up waiting, miss the answer, or bring again what is known."""
        life = self.world.up
        if life is None:
            self._bring(line, 1.5)
            return
        line.tries += 1
        roll = self.world.wire_chance.random()
        life.go(self._attempt(life, line, patience=0.05 if roll < 0.1 else 15.0, deaf=roll > 0.92))

    async def _attempt(self, life: "Life", line: Line, patience: float, deaf: bool) -> None:
        try:
            async with asyncio.timeout(patience):
                receipt = await life.wires[line.wire].bring(line.arrival)
        except (TimeoutError, InboxFullError):
            self._bring(line, self.world.wire_chance.choice((1.0, 4.0)))
            return
        except RelayError as error:
            line.refused = str(error)
            if "unknown shop" in line.refused:
                self._bring(line, 20.0)
            return
        seq = int(receipt.message[1:])
        desk = DeskId(SHOPS[line.arrival.shop])
        assert (desk, seq) in self.world.durable_at, f"L1: acknowledged before it was durable: {receipt}"
        if not deaf:
            line.receipts.append(receipt)
        if deaf or (len(line.receipts) == 1 and self.world.wire_chance.random() < 0.15):
            self._bring(line, self.world.wire_chance.choice((0.0, 0.02, 2.0, 300.0)))
