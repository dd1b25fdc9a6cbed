"""What a run is made of, drawn from the seed before it begins: a list of events, each a value that stands alone.

An event can be left out and the others mean the same; so a failing plan can be cut down to what the failure needs, be
printed, and be played again (`tests.proof.simulate`). What agents, wire and disk do in answer to what happens is chosen
by name from the seed (`relay.testing.chance`), never by the order of things.

A new kind of event: a record here that says what happens, a line in `_drawn`, and its case in `World.happens`.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from relay.testing.chance import Chance
from relay.testing.disk import Fault
from tests.proof.shop import seats

MORNING_S, NIGHT_S = 1800.0, 1800.0
WHOLE_S = MORNING_S + NIGHT_S
ASLEEP_S = 15.4 * 3600
LATE_SHOP_S = 500.0
QUESTIONS = ("在吗", "什么时候发货", "能退吗", "尺码偏大吗", "How long?")
GUARDED = {
    "我要投诉": "complaint", "转人 工": "person", "申请平臺介入": "dispute", "孩子烫伤了": "injury",
    "12315见": "threat", "刷单吗朋友": "ad",
}  # fmt: skip
"""What some buyers say before which no machine speaks, and by which guard."""
PATIENT = "pt-"
"""So begin the names of those whom everybody leaves until the machine has spoken, and who ask again."""
ELSEWHERE = ("今天下午发货", "请稍等", "好的")


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Something that happens at `at`, in seconds of the run."""

    at: float

    @property
    def whose(self) -> str:
        """What goes or stays together when a plan is cut down."""
        return type(self).__name__


class Line(Event, frozen=True, kw_only=True):
    """Something for a bridge to bring: a buyer's message, the shop's from another client, or what the platform did.

    Its way: `delay` until the first attempt, `lost` attempts that never arrive, `impatient` if the first is given up,
    `deaf` if the answer to it gets lost, `again` seconds later it is brought once more though it was taken,
    `twice` if it comes twice at once.
    `stamped` is how much earlier its server time is than now.
    """

    shop: str
    buyer: str
    id: str
    text: str = ""
    role: Literal["buyer", "merchant", "system"] = "buyer"
    told: dict[str, str] = {}
    stamped: float = 0.0
    delay: float = 0.1
    lost: int = 0
    impatient: bool = False
    deaf: bool = False
    again: float | None = None
    twice: bool = False

    @property
    def whose(self) -> str:
        return self.buyer


class Presence(Event, frozen=True, kw_only=True):
    """An agent's client comes, goes away or is gone: also with buyers who wait."""

    seat: str
    presence: Literal["online", "away", "offline"]

    @property
    def whose(self) -> str:
        return f"seat {self.seat}"


class Settings(Event, frozen=True, kw_only=True):
    """Somebody changes a setting; `number` names the change."""

    number: int


class Opening(Event, frozen=True):
    """A new shop, on a desk of its own."""


class ChannelDown(Event, frozen=True, kw_only=True):
    """A wire is down for so long; `gap` is what becomes of what was missed."""

    wire: Literal["once", "safe", "moves"]
    seconds: float
    gap: Literal["", "recovered", "unrecovered", "read late", "given up"] = ""


class Hush(Event, frozen=True, kw_only=True):
    """A wire stays open and gives no sign of life for so long."""

    wire: Literal["once", "safe"]
    seconds: float


class ClockStep(Event, frozen=True, kw_only=True):
    """relay's own clock is set by `ms`, and back after `seconds`."""

    ms: int
    seconds: float


class Suspend(Event, frozen=True, kw_only=True):
    """The machine sleeps."""

    seconds: float


class Paused(Event, frozen=True, kw_only=True):
    """The disk is nearly full for so long: everything that may come again is refused."""

    seconds: float


class BrokenDisk(Event, frozen=True, kw_only=True):
    """The next commit meets a broken disk; relay latches, ends, and begins again after `down`."""

    fault: Fault
    down: float


class Death(Event, frozen=True, kw_only=True):
    """The process ends, cleanly or not, and begins again after `down`."""

    down: float
    clean: bool = False


class Look(Event, frozen=True):
    """Somebody compares the live figure with that of the ledger."""


AnyEvent = (
    Line | Presence | Settings | Opening | ChannelDown | Hush | ClockStep | Suspend | Paused | BrokenDisk | Death | Look
)  # fmt: skip


class Plan(msgspec.Struct, frozen=True):
    """A run. `conversations` is how large the shop is; `until` when the run ends, in seconds."""

    seed: int
    conversations: int
    until: float
    events: tuple[AnyEvent, ...]

    def with_events(self, events: Any, until: float | None = None) -> "Plan":
        return msgspec.structs.replace(self, events=tuple(events), until=self.until if until is None else until)


def encode(plan: Plan) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plan), indent=1)


def decode(text: bytes) -> Plan:
    return msgspec.json.decode(text, type=Plan)


def draw(seed: int, conversations: int = 30, ends: int = 12) -> Plan:
    """The plan of this seed; `ends` is how often the process ends on the way."""
    events = sorted(_drawn(Chance(seed, "plan"), conversations, ends), key=lambda event: event.at)
    return Plan(seed, conversations, WHOLE_S, tuple(events))


def _drawn(chance: Chance, conversations: int, ends: int) -> Iterator[AnyEvent]:
    rushes = [chance.between(60, WHOLE_S - 300, "rush", number) for number in range(3)]
    for number in range(conversations):
        yield from _conversation(chance, f"tb-{number}", rushes)
    for number in range(2 + conversations // 30):
        yield from _patient(chance, f"{PATIENT}{number}")
    for seat in seats(conversations):
        yield from _at_work(chance, seat)
    for number in range(10):
        yield Settings(at=chance.between(100, WHOLE_S, "settings", number), number=number)
    for number in range(6):
        yield ChannelDown(
            at=chance.between(100, WHOLE_S, "down", number),
            wire=chance.pick(("once", "safe", "moves"), "wire", number),
            seconds=chance.pick((5.0, 40.0, 170.0), "for", number),
            gap=chance.pick(("", "", "recovered", "unrecovered", "read late", "given up"), "gap", number),
        )
    for number in range(5):
        yield Hush(
            at=chance.between(100, WHOLE_S, "hush", number),
            wire=chance.pick(("once", "safe"), "which is still", number),
            seconds=chance.pick((20.0, 120.0, 250.0), "still for", number),
        )
    for number in range(4):
        yield ClockStep(
            at=chance.between(100, WHOLE_S - 700, "step", number),
            ms=chance.pick((-3_600_000, -7_000, 9_000, -40_000, 30_000, 3_600_000), "by", number),
            seconds=chance.pick((5.0, 20.0, 60.0, 200.0), "back", number),
        )
        yield Look(at=chance.between(100, WHOLE_S, "look", number))
    for number in range(2):
        yield Suspend(at=chance.between(100, WHOLE_S, "nap", number), seconds=chance.pick((20.0, 200.0), "nod", number))
    yield Suspend(at=MORNING_S, seconds=ASLEEP_S)
    yield Paused(at=chance.between(100, WHOLE_S, "full"), seconds=20.0)
    yield Opening(at=LATE_SHOP_S)
    for number in range(ends):
        at, down = chance.between(30, WHOLE_S - 200, "end", number), chance.pick((0.5, 2.0, 15.0, 70.0), "away", number)
        if number % 3 == 2:
            yield BrokenDisk(at=at, fault=chance.pick(("before", "after"), "fault", number), down=down)
        else:
            yield Death(at=at, down=down, clean=chance.roll("clean", number) < 0.25)


def _at_work(chance: Chance, seat: str) -> Iterator[AnyEvent]:
    """A seat's day: it comes soon, leaves and comes back, sometimes flaps."""
    yield Presence(at=chance.between(3, 25, seat, "first"), seat=seat, presence="online")
    for number in range(4):
        at = chance.between(120, WHOLE_S - 400, seat, number)
        gone = chance.pick(("away", "offline", "offline"), seat, number, "how")
        yield Presence(at=at, seat=seat, presence=gone)
        back = at + chance.pick((2.0, 12.0, 25.0, 45.0, 200.0), seat, number, "back")
        yield Presence(at=back, seat=seat, presence="online")
        if chance.roll(seat, number, "flaps") < 0.25:
            for more in range(1, 4):
                yield Presence(at=back + more * 7, seat=seat, presence="offline")
                yield Presence(at=back + more * 7 + 3, seat=seat, presence="online")


def _conversation(chance: Chance, buyer: str, rushes: list[float]) -> Iterator[Line]:
    shop = chance.pick(("a", "a", "b", "c", "d"), buyer, "shop")
    at = chance.between(LATE_SHOP_S - 100 if shop == "c" else 20, WHOLE_S - 120, buyer, "begin")
    if chance.roll(buyer, "rush") < 0.25:
        at = chance.pick(rushes, buyer, "which") + chance.between(0, 30, buyer, "in the rush")
    if chance.roll(buyer, "presses") < 0.15:  # near the end of the three minutes they ask whether anybody is there
        still = f"{buyer}.still"
        after = chance.between(155, 178, still)
        yield Line(at=at + after, shop=shop, buyer=buyer, id=still, text=f"人呢 [{still}]", **_way(chance, still))
    for number in range(chance.pick((1, 1, 2, 3, 5), buyer, "writes")):
        yield from _writes(chance, shop, buyer, f"{buyer}.{number}", at)
        at += chance.pick((2.0, 8.0, 40.0, 61.0, 190.0, 700.0), buyer, number, "pause")
        if at > WHOLE_S:
            return


def _patient(chance: Chance, buyer: str) -> Iterator[Line]:
    """Three questions, far enough apart that each is answered before the next; one is held by hand elsewhere first."""
    shop, at = chance.pick(("a", "b"), buyer, "shop"), MORNING_S + chance.between(10, 300, buyer, "begin")
    held = chance.pick((0, 1, 2), buyer, "held")
    for number in range(3):
        id = f"{buyer}.{number}"
        yield Line(at=at, shop=shop, buyer=buyer, id=id, text=f"还没好吗 [{id}]")
        if number == held:
            told: dict[str, Any] = {"shop": shop, "buyer": buyer}
            yield Line(at=at + 20, id=f"{id}h", text="请稍等", role="merchant", told={"kind": "human"}, **told)
            yield Line(at=at + 30, id=f"{id}n", text=f"要等多久 [{id}n]", **told)
        at += 400


def _writes(chance: Chance, shop: str, buyer: str, id: str, at: float) -> Iterator[Line]:
    """One message, its way, and what sometimes follows: another body, thanks, a recall, a word by somebody else."""
    told: dict[str, Any] = {"shop": shop, "buyer": buyer}
    text = f"{chance.pick(QUESTIONS, id, 'text')} [{id}]"
    marks = {"order_state": "paid"} if chance.roll(id, "paid") < 0.2 else {}
    if chance.roll(id, "tagged") < 0.05:
        marks["tag"] = chance.pick(("vip", "complaint", "ad", "person"), id, "tag")
    elif chance.roll(id, "says it") < 0.05:
        text = f"{chance.pick(tuple(GUARDED), id, 'what it says')} [{id}]"
    yield Line(
        at=at, id=id, text=text, told=marks, **told,
        stamped=chance.pick((30.0, 100.0), id, "by") if chance.roll(id, "stamped") < 0.04 else 0.0,
        **_way(chance, id),
    )  # fmt: skip
    roll = chance.roll(id, "what follows")
    if roll < 0.06:
        yield Line(at=at, id=id, text=f"{text} 改", delay=1.0, **told)
    elif roll < 0.12:
        yield Line(at=at, id=f"{id}t", text="谢谢", delay=30.0, **told)
    elif roll < 0.17:
        after = chance.pick((3.0, 100.0), id, "recalled")
        yield Line(at=at + after, id=f"{id}r", told={"kind": "recall", "recalls": id}, **told)
    elif roll < 0.21:
        kind = chance.pick(("human", "auto", "bot", "assist"), id, "by whom")
        who = {"kind": kind} | ({"provider": "leyan", "mode": "assist"} if kind == "assist" else {})
        words = chance.pick(ELSEWHERE, id, "words")
        after = chance.pick((5.0, 80.0, 200.0), id, "answered")
        yield Line(at=at + after, id=f"{id}o", text=words, role="merchant", told=who, delay=0.2, **told)


def _way(chance: Chance, id: str) -> dict[str, Any]:
    """How the wire treats a line."""
    return {
        "delay": chance.pick((0.05, 0.3, 2.0, 25.0), id, "delay"),
        "lost": int(chance.roll(id, "lost") < 0.08),
        "impatient": chance.roll(id, "impatient") < 0.1,
        "deaf": chance.roll(id, "deaf") < 0.08,
        "twice": chance.roll(id, "twice") < 0.05,
        "again": chance.pick((0.0, 0.02, 2.0, 300.0), id, "when again") if chance.roll(id, "again") < 0.15 else None,
    }
