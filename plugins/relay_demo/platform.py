"""The shop's chat platform, as far as a bridge sees it: it numbers and stamps every message, and has its moods.

What reached a buyer stands in the record; whoever looks there knows. A mood decides what the caller learns of it.
"""

import random
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from relay.contracts import Clock
from relay.domain.names import Millis

Mood = Literal["well", "slow", "busy", "refuses", "cut_after", "cut_before"]
"""Takes it at once or slowly; asks to come again; refuses; loses the line with the text shown, or without."""

SURE: Final[dict[int, Mood]] = {5: "busy", 9: "refuses", 14: "cut_after", 22: "cut_before", 27: "slow"}
SELDOM: Final[tuple[tuple[Mood, float], ...]] = (
    ("slow", 0.04),
    ("busy", 0.02),
    ("refuses", 0.008),
    ("cut_after", 0.01),
    ("cut_before", 0.004),
)


class Shown(msgspec.Struct, frozen=True):
    """A text of the shop as it stands in the buyer's chat. `key` is relay's, for the echo."""

    id: str
    at: Millis
    shop: str
    buyer: str
    account: str
    text: str
    key: str
    machine: bool


class Platform:
    """The record of one run. `heard` is told of every text that a buyer sees."""

    def __init__(self, seed: str, run: str, clock: Clock, heard: Callable[[Shown], None]) -> None:
        self._rng = random.Random(f"platform {seed}")  # noqa: S311  (a seeded world)
        self._run, self._clock, self._heard = run, clock, heard
        self._count = self._sends = 0
        self._names: dict[str, str] = {}
        self._record: dict[str, Shown] = {}
        self.calm = False
        """While true nothing goes wrong: the end of a run shall be clean."""

    def stamp(self) -> tuple[str, Millis]:
        """The id and the server time of the next message."""
        self._count += 1
        return f"{self._run}-{self._count}", self._clock.now()

    def know(self, buyer: str, name: str) -> None:
        """What a buyer is called."""
        self._names[buyer] = name

    def mood(self) -> Mood:
        """What becomes of the next text that the bridge hands over."""
        self._sends += 1
        if self.calm:
            return "well"
        chosen = SURE.get(self._sends)
        for mood, chance in SELDOM:
            if self._rng.random() < chance and chosen is None:
                chosen = mood
        return chosen or "well"

    def show(self, *, key: str, shop: str, buyer: str, account: str, text: str, machine: bool) -> Shown:
        """Put a text into the buyer's chat, once for each key."""
        known = self._record.get(key)
        if known is not None:
            return known
        id, at = self.stamp()
        shown = self._record[key] = Shown(id, at, shop, buyer, account, text, key, machine)
        self._heard(shown)
        return shown

    def stands(self, shop: str, name: str, text: str) -> bool:
        """Whether this text stands in the chat of the buyer of this name: what a person sees who looks."""
        return any(
            one.shop == shop and one.text == text and self._names.get(one.buyer) == name
            for one in self._record.values()
        )
