"""Short words for logs and judged rounds. Times are `HH:MM[:SS]` of Monday 2022-03-07 in China; `+1 ` is Tuesday."""

from collections.abc import Callable, Iterable
from typing import Any

from relay.insight.causes import Explained, Inquiry, Judged, Terms
from relay.rules.instants import DAY
from relay.rules.messages import Body, Message
from relay.rules.report import Verdict

MONDAY = 1_646_582_400_000
Said = tuple[int, Body]


def at(clock: str) -> int:
    days = 0
    if clock.startswith("+"):
        ahead, clock = clock[1:].split(" ")
        days = int(ahead)
    parts = [int(part) for part in clock.split(":")]
    hours, minutes, seconds = (*parts, 0)[:3]
    return MONDAY + days * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000


def asks(clock: str, text: str | None = "什么时候能到", buyer: str = "mia", **more: Any) -> Said:
    return at(clock), Message(at=at(clock), role="buyer", kind="human", buyer=buyer, text=text, **more)


def writes(clock: str, seat: str | None, buyer: str = "mia", kind: Any = "human", **more: Any) -> Said:
    return at(clock), Message(at=at(clock), role="merchant", kind=kind, buyer=buyer, sub_account=seat, **more)


def moves(clock: str, seat: str | None, kind: Any = "transfer", buyer: str = "mia", **more: Any) -> Said:
    return at(clock), Message(at=at(clock), role="system", kind=kind, buyer=buyer, sub_account=seat, **more)


def gap(clock: str, to: str, **more: Any) -> Said:
    return at(clock), Message(at=at(clock), to=at(to), role="system", kind="gap", **more)


def chatter(seat: str, start: str, texts: int, every_s: int = 30) -> list[Said]:
    """A seat that writes to one other buyer after another."""
    since = at(start)
    return [
        (since + number * every_s * 1000, Body(role="merchant", kind="human", buyer=f"o{number}", sub_account=seat))
        for number in range(texts)
    ]


def judged(
    opened: str,
    answered: str | None = None,
    verdict: Verdict = Verdict.miss,
    buyer: str = "mia",
    sub_account: str | None = None,
    shop: str = "",
) -> Judged:
    late = None if answered is None else at(answered)
    return Judged(shop, buyer, sub_account, at(opened), late, verdict, "A.def")


def explain(
    rounds: Iterable[Judged],
    said: Iterable[Said],
    limit_ms: int | None = 180_000,
    assessed: Callable[[int], bool] = lambda at: True,
) -> Explained:
    inquiry = Inquiry(rounds, Terms(limit_ms=limit_ms, assessed=assessed))
    inquiry.take_all(said)
    return inquiry.close()
