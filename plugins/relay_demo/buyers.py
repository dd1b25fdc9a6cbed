"""Buyers act the script out: they ask, wait, nag, go on after an answer, thank, and leave."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from relay.contracts import Clock
from relay.domain.names import Millis, ShopId
from relay_demo.bridge import Bridge
from relay_demo.life import Life
from relay_demo.manner import REPLY, Manner
from relay_demo.platform import Platform, Shown
from relay_demo.script import Visit
from relay_demo.talk import puts_off

PATIENCE_S: Final = 600.0
RECALL_AFTER_S: Final = 3.0
Said = dict[str, object]


class Buyers:
    """Everybody in the street. `hear` is told what the shop says to them."""

    def __init__(
        self, shops: Sequence[ShopId], platform: Platform, bridge: Bridge, clock: Clock, manner: Manner
    ) -> None:
        self._shops, self._platform, self._bridge = shops, platform, bridge
        self._clock, self._manner = clock, manner
        self._life = Life()
        self._ears: dict[tuple[str, str], asyncio.Queue[str]] = {}

    def come(self, script: Iterator[Visit]) -> None:
        self._life.begin(self._street(script))

    async def leave(self) -> None:
        """Nobody says anything more."""
        await self._life.end()

    def hear(self, shown: Shown) -> None:
        ear = self._ears.get((shown.shop, shown.buyer))
        if ear is not None:
            ear.put_nowait(shown.text)

    async def _street(self, script: Iterator[Visit]) -> None:
        began = self._clock.monotonic()
        for visit in script:
            if not await self._life.rest(max(0.0, visit.at_s - (self._clock.monotonic() - began))):
                return
            self._life.begin(self._visit(visit))

    async def _visit(self, visit: Visit) -> None:
        place = self._shops[visit.shop], visit.buyer
        if place in self._ears:
            return
        ear = self._ears[place] = asyncio.Queue()
        self._platform.know(visit.buyer, visit.name)
        try:
            await self._open(visit)
            for text in visit.then:
                if not await self._answered(visit, ear) or not await self._life.rest(self._manner.span(REPLY)):
                    return
                await self._bridge.post(self._said(visit, text))
            await self._answered(visit, ear)
        finally:
            del self._ears[place]

    async def _open(self, visit: Visit) -> None:
        """The first lines; the bridge's mishaps happen here."""
        if visit.mishap == "garbled":
            await self._bridge.post_raw(spoilt(self._said(visit, visit.opening[0][1])))
        said: list[Said] = []
        for pause_s, text in visit.opening:
            if not await self._life.rest(pause_s):
                return
            said.append(self._said(visit, text))
            if visit.mishap != "swapped" or len(said) > 2:
                await self._bridge.post(said[-1])
            elif len(said) == 2:
                await self._bridge.post(said[1])
                await self._bridge.post(said[0])
        if visit.mishap == "twice":
            await self._bridge.post(said[0])
        if visit.mishap == "recalled" and await self._life.rest(RECALL_AFTER_S):
            await self._bridge.post(self._recall(visit, said[0]))

    async def _answered(self, visit: Visit, ear: "asyncio.Queue[str]") -> bool:
        """Wait for an answer that is more than a hold. False if none came, or the world is over."""
        nags = visit.nag_s
        waited = self._clock.monotonic()
        while not self._life.over:
            left = (nags if nags is not None else PATIENCE_S) - (self._clock.monotonic() - waited)
            text = await self._next(ear, left)
            if text is not None:
                if not puts_off(text):
                    return True
            elif nags is None or self._life.over:
                return False
            else:
                nags = None
                await self._bridge.post(self._said(visit, visit.nag))
        return False

    async def _next(self, ear: "asyncio.Queue[str]", seconds: float) -> str | None:
        """What the shop says next, or None after so long, or at the end."""
        hearing = asyncio.ensure_future(ear.get())
        resting = asyncio.ensure_future(self._life.rest(max(0.0, seconds)))
        try:
            await asyncio.wait({hearing, resting}, return_when=asyncio.FIRST_COMPLETED)
            return hearing.result() if hearing.done() else None
        finally:
            hearing.cancel()
            resting.cancel()

    def _said(self, visit: Visit, text: str) -> Said:
        id, at = self._platform.stamp()
        return {
            "shop": self._shops[visit.shop],
            "id": id,
            "t": at,
            "role": "buyer",
            "kind": "human",
            "buyer": visit.buyer,
            "buyer_name": visit.name,
            "text": text,
        }

    def _recall(self, visit: Visit, said: Said) -> Said:
        id, at = self._platform.stamp()
        about: Said = {"shop": self._shops[visit.shop], "id": id, "t": Millis(at), "buyer": visit.buyer}
        return about | {"role": "system", "kind": "recall", "recalls": said["id"]}


def spoilt(said: Said) -> bytes:
    """A body as a bridge with a bug would post it: signed like any other, and not to be used."""
    return repr({"type": "message", "data": {**said, "t": "刚才"}}).encode()
