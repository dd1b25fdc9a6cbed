"""What the tests ask, and of whom: questions in few words, and a bot with fakes for time and chance."""

from collections.abc import Mapping
from typing import Any

import msgspec

from relay.contracts import Line, Question
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_bot.bot import Bot
from relay_bot.questions import Questions

SELF_ID = 10_000


def question(
    text: str = "什么时候发货？", buyer: str = "b1", shop: str = "shop-1", lines: tuple[str, ...] = ()
) -> Question:
    said = tuple(Line(role="buyer", text=each, at=Millis(0)) for each in lines or (text,))
    return Question(
        shop=ShopId(shop),
        buyer=BuyerRef(buyer),
        message="m1",
        text=text,
        lines=said,
        asked_at=Millis(1_750_000_000_000),
    )


class House:
    """A bot, what is open with it, and the clock."""

    def __init__(self, most_drafts: int = 3) -> None:
        self.clock = FakeClock()
        self.questions = Questions("shopbot", most_drafts, self.clock, SeededEntropy(1))
        self.bot = Bot(SELF_ID, "shopbot", "unknown", self.questions, self.clock)


def decoded(frame: bytes | None) -> dict[str, Any]:
    assert frame is not None
    found: dict[str, Any] = msgspec.json.decode(frame)
    return found


def asked_for(action: str, params: Mapping[str, Any] | None = None, **rest: Any) -> bytes:
    return msgspec.json.encode({"action": action, "params": params or {}, **rest})
