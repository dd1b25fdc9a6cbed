"""Persons (or person-times) of a day: B by the last word, C, P and Y by their rounds.

B: one GROUP BY per thread and day says who spoke when for the first and the last time. C, P and Y: the questions
inside the window form rounds that a new day ends; SQL cuts them, each is judged on its own, and a person is a miss
if any round is, then undetermined, then pending, else a hit (`any`: the other way round; `first`: the first round).
A person is listed under the day's first question that counts; its class is that question's.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .events import Events, Thread, lay_down, per_buyer, per_seat
from .figure import Form, Row, figure
from .limits import lost_before, met, timed
from .log import Line, Log, midnight
from .settings import Settings

OPENS, CLOSES = 8 * 3_600_000, 23 * 3_600_000
DAYS = """
SELECT thread, reading, MIN(n) FILTER (WHERE sense = 'question') AS first,
    MAX(n) FILTER (WHERE sense = 'question') AS last, MAX(n) FILTER (WHERE sense = 'valid') AS last_reply
FROM event GROUP BY thread, reading, day HAVING first IS NOT NULL
"""
FIRST_REPLY = "SELECT MIN(n) FROM event WHERE thread = ? AND reading = ? AND n > ? AND sense = 'valid'"
ROUNDS = """
WITH heard AS (
    SELECT *, LAG(sense) OVER thread AS sense_before, LAG(day) OVER thread AS day_before
    FROM event WHERE sense IN ('question', 'valid')
    WINDOW thread AS (PARTITION BY thread, reading ORDER BY n)
), numbered AS (
    SELECT *, SUM(sense = 'question' AND NOT (sense_before IS 'question' AND day_before IS day))
        OVER (PARTITION BY thread, reading ORDER BY n) AS round
    FROM heard
)
SELECT thread, reading, MIN(n) FILTER (WHERE sense = 'question'), MIN(n) FILTER (WHERE sense = 'valid')
FROM numbered WHERE round > 0 GROUP BY thread, reading, round ORDER BY thread, reading, round
"""
MET = """
SELECT thread, reading, day, MAX(sense = 'valid'), MAX(sense = 'robot'),
    MAX(n) FILTER (WHERE queued AND sense IN ('question', 'outside')) AS waiting,
    MAX(n) FILTER (WHERE sense IN ('valid', 'entry')) AS taken
FROM event GROUP BY thread, reading, day
"""


def human_or_dianxiaomi(line: Line, who: str) -> bool:
    return who == "human" or (who in ("assist", "bot") and line.raw.get("bot") == "dianxiaomi")


def tmall_reply(log: Log, settings: Settings) -> dict[str, Any]:
    def sense(line: Line, who: str) -> str | None:
        if line.question:
            return "question"
        return "valid" if human_or_dianxiaomi(line, who) else None

    by_seat = settings.unit == "buyer_account"
    events = lay_down(log, settings, per_seat if by_seat else per_buyer, sense)
    events.table.execute("CREATE INDEX place ON event (thread, reading, n)")
    rows = [
        _reply_row(log, settings, events, thread, reading, log.lines[first], last, reply)
        for thread, reading, first, last, reply in events.table.execute(DAYS).fetchall()
    ]
    return figure(rows, events, Form("day", "B.valid", seat=by_seat))


def _reply_row(
    log: Log, settings: Settings, events: Events, thread: int, reading: int, first: Line, last: int, reply: int | None
) -> Row:
    row = Row(thread, reading, first, "excluded", "B.othersub", seat=first.seat)
    if not first.consumer:
        return row
    hit = reply is not None and reply > (last if settings.last_word else first.n)
    if hit and not settings.last_word:
        (reply,) = events.table.execute(FIRST_REPLY, (thread, reading, first.n)).fetchone()
    end = log.lines[reply].at if hit and reply is not None else midnight(first.day)
    if met(log, first, first.at, end, answered=hit):
        return replace(row, verdict="undetermined", clause="B.formula")
    over = log.as_of >= midnight(first.day)
    return replace(row, verdict="hit" if hit else "miss" if over else "pending", clause="B.formula")


@dataclass(frozen=True)
class Kind:
    """What tells C, P and Y apart."""

    letter: str
    valid: Callable[[Line, str], bool]
    thread: Callable[[Line], Thread]
    form: Form


def tejia(log: Log, settings: Settings) -> dict[str, Any]:
    kind = Kind("C", human_or_dianxiaomi, per_seat, Form("day", "C.formula", seat=True))
    found, wider = _persons(log, settings, kind, (settings.person_hit, "any"))
    below = None if found["rate"] is None else 100 * found["numerator"] < 40 * found["denominator"]
    return found | {"rate_any": wider["rate"], "below_threshold": below}


def pdd(log: Log, settings: Settings) -> dict[str, Any]:
    kind = Kind("P", lambda _, who: who == "human", per_buyer, Form("day", "P.human"))
    return _persons(log, settings, kind, ("all",))[0]


def kuaishou_2023(log: Log, settings: Settings) -> dict[str, Any]:
    kind = Kind("Y", lambda _, who: who == "human", per_buyer, Form("day", "Y.human"))
    return _persons(log, settings, kind, ("all",))[0]


def _persons(log: Log, settings: Settings, kind: Kind, ways: tuple[str, ...]) -> list[dict[str, Any]]:
    """The figure for each way in which the rounds of a person make one verdict."""

    def sense(line: Line, who: str) -> str | None:
        if line.question:
            return "question" if OPENS <= line.clock < CLOSES else "outside"
        if kind.valid(line, who):
            return "valid"
        return "robot" if who in ("assist", "bot") else "entry" if line.entry else None

    events = lay_down(log, settings, kind.thread, sense)
    unmet = _unmet(events) if kind.letter == "Y" else set()
    days: defaultdict[tuple[int, int, int], list[tuple[Line, str]]] = defaultdict(list)
    for thread, reading, first, reply in events.table.execute(ROUNDS):
        question = log.lines[first]
        answer = None if reply is None else log.lines[reply]
        days[thread, reading, question.day].append((question, _round(log, settings, question, answer)))
    return [
        figure(
            [_person(log, way, kind, place, found, place in unmet) for place, found in days.items()], events, kind.form
        )
        for way in ways
    ]


def _unmet(events: Events) -> set[tuple[int, int, int]]:
    """Who met no person that day and either met a robot or was left in the queue."""
    return {
        (thread, reading, day)
        for thread, reading, day, human, robot, waiting, taken in events.table.execute(MET)
        if not human and (robot or (waiting is not None and (taken is None or taken < waiting)))
    }


def _round(log: Log, settings: Settings, question: Line, answer: Line | None) -> str:
    end = midnight(question.day)
    if answer is not None and answer.day == question.day:
        wait = answer.at - question.at
        verdict = timed(wait, question.skew + answer.skew, settings)
        gaps = met(log, question, question.at, answer.at, answered=True)
    else:
        pending = log.as_of < end and log.as_of - question.at < settings.limit
        verdict = "pending" if pending else "miss"
        gaps = met(log, question, question.at, end, answered=False)
    open_gap = any(not (verdict == "miss" and lost_before(gap, question.at, settings, end)) for gap in gaps)
    return "undetermined" if open_gap else verdict


def _person(
    log: Log, way: str, kind: Kind, place: tuple[int, int, int], rounds: list[tuple[Line, str]], unmet: bool
) -> Row:
    first, verdicts = rounds[0][0], [verdict for _, verdict in rounds]
    row = Row(place[0], place[1], first, "excluded", f"{kind.letter}.formula", seat=first.seat)
    if not first.consumer:
        return row
    if unmet:  # so nobody answered; a person may still come while it is pending, or have come in a gap
        gaps = met(log, first, first.at, midnight(first.day), answered=False)
        verdict = "undetermined" if gaps else verdicts[0]
        still_open = verdict in ("undetermined", "pending")
        return replace(row, verdict=verdict) if still_open else replace(row, clause="Y.human")
    order = ["miss", "undetermined", "pending", "hit"]
    if way == "any":
        order.reverse()
    verdict = verdicts[0] if way == "first" else min(verdicts, key=order.index)
    return replace(row, verdict=verdict)
