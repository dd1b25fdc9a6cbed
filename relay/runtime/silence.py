"""A channel that is connected and says nothing: an open socket is no proof that anybody is at the other end (§7).

A channel that promises a sign of life (`Capabilities.alive_every_s`) and gives none for three times as long is silent:
the desks of its shops are told, once, and once more when it is heard again. Anything that it brings is a sign. A
channel that promises none is never called silent: from it nothing can be concluded, since buyers are quiet too.
"""

from collections.abc import Iterator
from typing import Final

from relay.domain.names import ShopId

MISSED: Final = 3


class SilenceWatch:
    """One channel's. Seconds are those of a clock that never goes back."""

    def __init__(self, alive_every_s: float) -> None:
        self._limit_s = alive_every_s * MISSED
        self._heard: dict[ShopId, float] = {}
        self._silent: set[ShopId] = set()

    def connected(self, shop: ShopId, now_s: float) -> None:
        self._heard[shop] = now_s
        self._silent.discard(shop)

    def lost(self, shop: ShopId) -> None:
        self._heard.pop(shop, None)
        self._silent.discard(shop)

    def sign(self, shop: ShopId, now_s: float) -> bool:
        """It said something; whether it had been silent."""
        if shop not in self._heard:
            return False
        self._heard[shop] = now_s
        if shop not in self._silent:
            return False
        self._silent.discard(shop)
        return True

    def beat(self, now_s: float) -> Iterator[ShopId]:
        """The shops for which it has fallen silent since the last beat."""
        if not self._limit_s:
            return
        for shop, heard_s in self._heard.items():
            if shop not in self._silent and now_s - heard_s > self._limit_s:
                self._silent.add(shop)
                yield shop
