"""Seeded random logs that collide: few buyers, few seats, and waits that lie on every limit and border.

Each log draws a temper first (unknowns, gaps, skew, recalls and copies, classes, queue, several shops, written
offsets), so that the plain ones stay plain and a failing one stays short. Instants walk forward in steps that are
limits, or jump to the borders of days and windows; the lines are shuffled at the end, because order is the reader's
work. `moment` picks an `as_of` as near to them. `large` is one long log of many buyers with few unknowns.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Raw = dict[str, Any]
NEAR = (0, 0, 0, 0, 1, 5, 10, 20, 29, 29.5, 30, 30, 31, 45, 60, 60, 61, 90, 120, 150)
FAR = (179, 180, 180, 180.4, 181, 240, 599, 600, 600.5, 601, 900, 4000)
BORDERS = ("07:59:30", "08:00:00", "08:59:45", "09:00:00", "20:59:30", "22:59:30")
LATE = ("21:00:00", "23:00:00", "23:55:00", "23:57:00", "23:58:30", "23:59:40", "23:59:59")
PROVIDERS = ("dianxiaomi", "leyan", "xiaowei", "xiaoduo", "chitu", "relay", "other", None)
CLASSES = ("shop_sub_account", "merchant_account", "xiaoer")
OFFSETS = (timedelta(hours=8), timedelta(), timedelta(hours=-5), timedelta(hours=5, minutes=30))
FIRST_DAY = datetime(2022, 3, 8, tzinfo=timezone(timedelta(hours=8)))
TEMPERS = ("unknowns", "gaps", "skew", "copies", "recalls", "classes", "queue", "shops", "offsets", "days", "cards")


def small(seed: int) -> list[Raw]:
    """Up to a couple of dozen lines of up to three buyers."""
    draw = random.Random(seed)
    tempers = {temper for temper in TEMPERS if draw.random() < 0.3}
    at = _border(draw, tempers)
    lines: list[Raw] = []
    buyers = draw.choice(("a", "a", "ab", "abc"))
    for _ in range(draw.choice((3, 5, 8, 12, 20))):
        at = _border(draw, tempers) if draw.random() < 0.08 else at + _step(draw)
        lines.append(_line(draw, tempers, at, draw.choice(buyers)))
        if lines[-1]["role"] == "buyer" and draw.random() < 0.4:
            at += _step(draw)
            lines.append(_replied(draw, tempers, at, lines[-1]))
            if "gaps" in tempers and draw.random() < 0.3:
                lines.append(_in_text(_gap(draw, at, lines[-1]["buyer"]), OFFSETS[0]))
    if "copies" in tempers:
        lines += [_copied(draw, line) for line in draw.sample(lines, min(3, len(lines)))]
    draw.shuffle(lines)
    return lines


def moment(seed: int, lines: list[Raw]) -> str:
    """An instant at a question of the log or a limit after it."""
    draw = random.Random(seed)
    asked = [line for line in lines if line["role"] == "buyer"] or lines
    at = datetime.fromisoformat(draw.choice(asked)["t"])
    return _written(at + timedelta(seconds=draw.choice((0, 10, 30, 30, 60, 179, 180, 180, 180, 600, 600))), OFFSETS[0])


def large(seed: int, size: int) -> list[Raw]:
    """A fortnight of a busy shop with an empty day now and then; one buyer in forty met an unknown text."""
    draw = random.Random(seed)
    lines: list[Raw] = []
    for day in range(14):
        if day % 5 == 3:
            continue
        for number in range(size // 11 // 8):
            at = FIRST_DAY + timedelta(days=day, seconds=draw.randrange(7 * 3600, 24 * 3600))
            tempers = {"unknowns"} if draw.random() < 0.025 else set()
            tempers |= {"queue"} if draw.random() < 0.1 else set()
            for _ in range(8):
                replied = lines and lines[-1]["role"] == "buyer" and draw.random() < 0.6
                buyer = f"{number % (size // 50)}"
                lines.append(_replied(draw, tempers, at, lines[-1]) if replied else _line(draw, tempers, at, buyer))
                at += _step(draw)
    lines.append(_in_text(_gap(draw, FIRST_DAY + timedelta(hours=14), "7"), OFFSETS[0]))
    lines.sort(key=lambda line: str(line["t"]))
    return lines


def _step(draw: random.Random) -> timedelta:
    return timedelta(seconds=draw.choice(NEAR if draw.random() < 0.7 else FAR))


def _border(draw: random.Random, tempers: set[str]) -> datetime:
    day = draw.choice((0, 0, 1, 4)) if "days" in tempers else draw.choice((0, 0, 0, 1))
    clocks = draw.choice((("12:00:00",), BORDERS, BORDERS, LATE))
    hour, minute, second = map(int, draw.choice(clocks).split(":"))
    return FIRST_DAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def _line(draw: random.Random, tempers: set[str], at: datetime, buyer: str) -> Raw:
    """One line: nearly half questions, nearly half answers, and what the temper adds."""
    rare: dict[str, Callable[[random.Random, datetime, str], Raw]] = {
        "gaps": _gap,
        "recalls": _recall,
        "queue": _placed,
        "unknowns": lambda draw, at, buyer: {"t": at} | _unknown(draw, buyer, _seat(draw)),
    }
    turn = draw.random()
    kinds = [rare[temper] for temper in sorted(rare.keys() & tempers)]
    if kinds and turn < 0.25:
        line = draw.choice(kinds)(draw, at, buyer)
    elif turn < 0.55:
        line = {"t": at, "role": "buyer", "kind": "human", "bot": None, "buyer": buyer, "sub_account": _seat(draw)}
    else:
        line = {"t": at} | _answer(draw, buyer, _seat(draw))
    if "classes" in tempers and line["role"] == "buyer" and (buyer == "b" or draw.random() < 0.1):
        line["buyer_class"] = CLASSES[ord(buyer[0]) % 3] if draw.random() < 0.9 else "consumer"
    if "queue" in tempers and line["role"] == "buyer" and draw.random() < 0.6:
        line |= {"queued": True, "sub_account": draw.choice((None, line["sub_account"]))}
    if "cards" in tempers and line["role"] == "buyer" and draw.random() < 0.4:
        line |= draw.choice(
            ({"content": "refund_card"}, {"content": "order_card"}, {"kind": "system"}, {"content": "tip"})
        )
    if "skew" in tempers and draw.random() < 0.4:
        line["skew_ms"] = draw.choice((400, 1000, 60_000))
    if "shops" in tempers and draw.random() < 0.5:
        line["shop"] = draw.choice("xy")
    if tempers & {"copies", "recalls"} and draw.random() < 0.7 and line["kind"] not in ("gap", "recall"):
        line |= {"id": str(draw.randrange(12)), "text": str(draw.randrange(100_000))}
    offset = draw.choice(OFFSETS) if "offsets" in tempers else OFFSETS[0]
    return _in_text(line, offset)


def _replied(draw: random.Random, tempers: set[str], at: datetime, question: Raw) -> Raw:
    """An answer to this very question, of its seat and shop."""
    unknown = "unknowns" in tempers and draw.random() < 0.5
    write = _unknown if unknown else _answer
    line = {"t": _written(at, OFFSETS[0])} | write(draw, question["buyer"], question["sub_account"])
    line |= {"shop": question["shop"]} if "shop" in question else {}
    return line | ({"skew_ms": draw.choice((400, 1000))} if "skew" in tempers and draw.random() < 0.4 else {})


def _in_text(line: Raw, offset: timedelta) -> Raw:
    return {key: _written(value, offset) if key in ("t", "to") else value for key, value in line.items()}


def _written(at: datetime, offset: timedelta) -> str:
    local = at.astimezone(timezone(offset) if offset else UTC)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def _seat(draw: random.Random) -> str | None:
    return draw.choice(("s1", "s1", "s1", "s1", "s1", "s1", "s2", None))


def _answer(draw: random.Random, buyer: str, seat: str | None) -> Raw:
    kind = draw.choice(
        ("human", "human", "human", "human", "human", "assist", "assist", "bot", "auto", "helper", "system")
    )
    line: Raw = {"role": "merchant", "kind": kind, "bot": None, "buyer": buyer, "sub_account": seat}
    if kind in ("assist", "bot"):
        line |= {"bot": draw.choice(PROVIDERS), "mode": draw.choice((None, None, "assist", "auto"))}
    if draw.random() < 0.15:
        line["trigger"] = draw.choice(("person", "machine"))
    return line


def _unknown(draw: random.Random, buyer: str, seat: str | None) -> Raw:
    kind = draw.choice(("unknown", "unknown", "bot", "assist"))
    line: Raw = {"role": "merchant", "kind": kind, "bot": draw.choice(PROVIDERS), "buyer": buyer, "sub_account": seat}
    return line | ({} if kind == "unknown" else {"mode": "unknown"})


def _gap(draw: random.Random, at: datetime, buyer: str) -> Raw:
    line: Raw = {
        "t": at,
        "role": "system",
        "kind": "gap",
        "to": at + timedelta(seconds=draw.choice((1, 60, 180, 3600))),
    }
    return line | draw.choice(({}, {}, {"buyer": buyer}))


def _recall(draw: random.Random, at: datetime, buyer: str) -> Raw:
    taken = draw.choice((buyer, None))
    return {"t": at, "role": "system", "kind": "recall", "buyer": taken, "recalls": str(draw.randrange(12))}


def _placed(draw: random.Random, at: datetime, buyer: str) -> Raw:
    seat, left = draw.choice((("s1", "s2"), ("s2", "s1"), ("s1", None)))
    line: Raw = {"t": at, "role": "system", "kind": draw.choice(("assign", "transfer")), "buyer": buyer}
    line |= {"sub_account": seat}
    return line | ({"from_sub": left} if line["kind"] == "transfer" and left else {})


def _copied(draw: random.Random, line: Raw) -> Raw:
    """Mostly the same message again, now and then another body under its id."""
    if line["kind"] in ("gap", "recall", "assign", "transfer"):
        return dict(line)
    return line | draw.choice(({}, {}, {"text": "other words"}, {"content": "emoji"}))
