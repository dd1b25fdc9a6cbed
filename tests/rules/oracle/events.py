"""Every text as an event of its thread, once for each way its unknowns may be read, in one SQL table.

An unknown author may be human, auto or robot; an unknown mode assist or robot; all of one sort in a thread read
alike, the two sorts on their own. A thread with unknowns is therefore laid down once per combination, and once more
as reading `CUT`, where every unknown that its readings do not hear alike is transparent: the cut that clauses fall
back on. A thread without unknowns has reading 0 only. A rule gives each text its sense by one word; what has no
sense for it is not laid down.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import product
from typing import Any

from .log import Line, Log, own_machine
from .settings import Settings

CUT = -1
KINDS = ("human", "silent", "bot")
MODES = ("assist", "bot")
Thread = tuple[Hashable, ...]
Sense = Callable[[Line, str], str | None]
Reading = tuple[str, str]


@dataclass(frozen=True)
class Events:
    """The table, the threads by number, and how many readings each has."""

    table: sqlite3.Connection
    threads: list[Thread]
    readings: list[int]


def author(line: Line, strict: bool) -> str:
    """human, assist, bot, silent, or one of the two unknowns; empty for what no merchant wrote."""
    if line.role != "merchant" or line.entry:
        return ""
    if line.raw.get("trigger") == "person":
        return "human"
    if strict and own_machine(line.raw):
        return "silent"
    if line.kind in ("assist", "bot") and line.raw.get("mode") == "unknown":
        return "unknown mode"
    return {"human": "human", "assist": "assist", "bot": "bot", "unknown": "unknown kind"}.get(line.kind, "silent")


def heard(line: Line, who: str, reading: Reading | None, sense: Sense) -> str | None:
    """The sense of a text under a reading."""
    if not who.startswith("unknown"):
        return sense(line, who)
    sort, others = (0, KINDS) if who == "unknown kind" else (1, MODES)
    if reading is not None:
        return sense(line, reading[sort])
    senses = {sense(line, other) for other in others}
    return senses.pop() if len(senses) == 1 else sense(line, "silent")


def per_buyer(line: Line) -> Thread:
    return (line.shop, line.buyer)


def per_seat(line: Line) -> Thread:
    return (line.shop, line.buyer, line.seat)


def lay_down(log: Log, settings: Settings, thread_of: Callable[[Line], Thread], sense: Sense) -> Events:
    by_thread: defaultdict[Thread, list[tuple[Line, str]]] = defaultdict(list)
    for line in log.lines:
        by_thread[thread_of(line)].append((line, author(line, settings.strict)))
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE event (thread, reading, n, at, day, clock, sense, queued)")
    counts = []
    for number, texts in enumerate(by_thread.values()):
        ways = _readings({who for _, who in texts})
        counts.append(len([reading for reading, _ in ways if reading != CUT]))
        table.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?)", _rows(number, texts, ways, sense))
    return Events(table, list(by_thread), counts)


def _readings(authors: set[str]) -> list[tuple[int, Reading | None]]:
    kinds = KINDS if "unknown kind" in authors else KINDS[:1]
    modes = MODES if "unknown mode" in authors else MODES[:1]
    ways: list[tuple[int, Reading | None]] = list(enumerate(product(kinds, modes)))
    return ways if len(ways) == 1 else [*ways, (CUT, None)]


def _rows(
    number: int, texts: list[tuple[Line, str]], ways: list[tuple[int, Reading | None]], sense: Sense
) -> list[tuple[Any, ...]]:
    rows = []
    for (name, reading), (line, who) in product(ways, texts):
        word = heard(line, who, reading, sense)
        if word is not None:
            queued = int(line.raw.get("queued") is True)
            rows.append((number, name, line.n, line.at, line.day, line.clock, word, queued))
    return rows
