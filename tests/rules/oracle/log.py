"""The log put in order, once and whole: what is after `as_of` goes, copies fall together, recalled messages go.

Order is server time, then buyer before system before merchant, then the file. Two lines are one message when shop,
id and body agree (role, kind, buyer, sub-account, text, content); of such copies the earliest stays. A recall takes
away every message of its shop with that id, and of its buyer where it names one. Days and clocks are those of
Asia/Shanghai, eight hours ahead of UTC the whole year. Gaps are kept aside: they are no messages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .settings import Settings, milliseconds

DAY = 86_400_000
EAST = 8 * 3_600_000
TURN = {"buyer": 0, "system": 1, "merchant": 2}
NO_QUESTION = {"refund_card", "system_card", "tip"}
CONTROL = {"system", "recall", "gap", "transfer", "assign"}


@dataclass(frozen=True)
class Line:
    """One message in its place `n` of the order."""

    n: int
    at: int
    role: str
    kind: str
    shop: str | None
    buyer: str
    seat: str | None
    raw: Mapping[str, Any]

    @property
    def day(self) -> int:
        return (self.at + EAST) // DAY

    @property
    def clock(self) -> int:
        return (self.at + EAST) % DAY

    @property
    def question(self) -> bool:
        return self.role == "buyer" and self.kind not in CONTROL and self.raw.get("content") not in NO_QUESTION

    @property
    def entry(self) -> bool:
        return self.kind in ("assign", "transfer")

    @property
    def consumer(self) -> bool:
        return self.raw.get("buyer_class") in (None, "consumer")

    @property
    def skew(self) -> int:
        return int(self.raw.get("skew_ms") or 0)


@dataclass(frozen=True)
class Gap:
    start: int
    stop: int
    shop: str | None
    buyer: str | None

    def covers(self, shop: str | None, buyer: str) -> bool:
        return self.shop in (None, shop) and self.buyer in (None, buyer)


@dataclass(frozen=True)
class Log:
    lines: list[Line]
    gaps: list[Gap]
    as_of: int


def midnight(day: int) -> int:
    """24:00 of a day."""
    return (day + 1) * DAY - EAST


def own_machine(raw: Mapping[str, Any]) -> bool:
    """A text of provider relay that a machine set off. Nobody's key is behind a bot, nor behind assist unless said."""
    trigger = raw.get("trigger") or ("machine" if raw["kind"] in ("assist", "bot") else None)
    return raw["role"] == "merchant" and raw.get("bot") == "relay" and trigger == "machine"


def read_log(raws: Iterable[Mapping[str, Any]], settings: Settings) -> Log:
    timed = [(milliseconds(raw["t"]), raw) for raw in raws]
    last = max(((at + EAST) // DAY for at, _ in timed), default=0)
    as_of = midnight(last) if settings.as_of is None else settings.as_of
    there = [(at, raw) for at, raw in timed if at <= as_of]
    there.sort(key=lambda pair: (pair[0], TURN[pair[1]["role"]]))
    recalled = {(raw.get("shop"), raw.get("recalls"), raw.get("buyer")) for _, raw in there if raw["kind"] == "recall"}
    seen: set[tuple[Any, ...]] = set()
    lines: list[Line] = []
    for at, raw in there:
        name = (raw.get("shop"), raw.get("id"))
        if raw["kind"] in ("gap", "recall") or raw.get("buyer") is None:
            continue
        if name[1] is not None:
            body = tuple(raw.get(key) for key in ("role", "kind", "buyer", "sub_account", "text", "content"))
            if {(*name, None), (*name, raw["buyer"])} & recalled or (name, body) in seen:
                continue
            seen.add((name, body))
        place = (raw["role"], raw["kind"], raw.get("shop"), raw["buyer"], raw.get("sub_account"))
        lines.append(Line(len(lines), at, *place, raw))
    gaps = [
        Gap(at, milliseconds(raw["to"]), raw.get("shop"), raw.get("buyer")) for at, raw in there if raw["kind"] == "gap"
    ]
    return Log(lines, gaps, as_of)
