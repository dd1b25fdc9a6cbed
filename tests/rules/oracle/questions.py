"""One row per message: D for the shop, D for the seat, X.

SQL looks both ways from every question: forward to the first valid reply and to the first entry into a list
(an assign or a transfer), backward to the last entry. The seat rule then says whose each message is and from when
its clock runs; with `run_first` the messages of one day, one owner and one next reply are one run, and all of them
wait from its first instant. No day's end cuts a wait here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .events import Events, lay_down, per_buyer
from .figure import Form, Row, figure
from .limits import lost_before, met, timed
from .log import Line, Log, midnight
from .persons import human_or_dianxiaomi
from .settings import Settings

HOUR = 3_600_000
AROUND = """
SELECT thread, reading, n, reply, entered, owner FROM (
    SELECT thread, reading, n, sense,
        MIN(CASE WHEN sense = 'valid' THEN n END) OVER ahead AS reply,
        MIN(CASE WHEN sense = 'entry' THEN n END) OVER ahead AS entered,
        MAX(CASE WHEN sense = 'entry' THEN n END) OVER behind AS owner
    FROM event
    WINDOW ahead AS (PARTITION BY thread, reading ORDER BY n DESC), behind AS (PARTITION BY thread, reading ORDER BY n)
) WHERE sense = 'question'
"""
NOBODY = None


@dataclass(frozen=True)
class Question:
    thread: int
    reading: int
    line: Line
    reply: Line | None
    entered: Line | None
    owner: str | None
    clock: Line  # the line whose instant starts the wait
    excluded: str = ""


@dataclass(frozen=True)
class Kind:
    letter: str
    opens: int
    closes: int
    own: str
    scope: bool
    form: Form


def kuaishou_shop(log: Log, settings: Settings) -> dict[str, Any]:
    kind = Kind("D", 8 * HOUR, 24 * HOUR, "D.formula", False, Form("message", "D.bots", wait=True))
    return _messages(log, settings, kind, _robots_too(log, settings))


def kuaishou_agent(log: Log, settings: Settings) -> dict[str, Any]:
    kind = Kind("D", 8 * HOUR, 24 * HOUR, "D.formula", True, Form("message", "D.bots", seat=True, wait=True))
    return _messages(log, settings, kind, _robots_too(log, settings))


def alibaba1688(log: Log, settings: Settings) -> dict[str, Any]:
    def sense(line: Line, who: str) -> str | None:
        return "question" if line.question else "valid" if human_or_dianxiaomi(line, who) else None

    kind = Kind("X", 9 * HOUR, 21 * HOUR, "X.own", False, Form("message", "X.valid", wait=True))
    return _messages(log, replace(settings, clock="per_message"), kind, lay_down(log, settings, per_buyer, sense))


def _robots_too(log: Log, settings: Settings) -> Events:
    def sense(line: Line, who: str) -> str | None:
        if line.question:
            return "question"
        return "valid" if who in ("human", "assist", "bot") else "entry" if line.entry else None

    return lay_down(log, settings, per_buyer, sense)


def _messages(log: Log, settings: Settings, kind: Kind, events: Events) -> dict[str, Any]:
    lines = log.lines
    found = []
    for thread, reading, n, reply, entered, owner in events.table.execute(AROUND):
        replied, taken, before = (None if one is None else lines[one] for one in (reply, entered, owner))
        found.append(Question(thread, reading, lines[n], replied, taken, _owner(lines[n], before), lines[n]))
    if kind.scope:
        found = [_entered(question, settings) for question in found]
        found = [one for one in found if settings.agent is None or one.owner in (NOBODY, settings.agent)]
    found = [_scoped(question, kind) for question in found]
    if settings.clock == "run_first":
        found = list(_runs(found, by_owner=kind.scope))
    return figure((_row(log, settings, kind, question) for question in found), events, kind.form)


def _owner(line: Line, last_entry: Line | None) -> str | None:
    if line.raw.get("queued") is True:
        return NOBODY
    return line.seat or (None if last_entry is None else last_entry.seat)


def _entered(question: Question, settings: Settings) -> Question:
    """A waiting message is the seat's from its entry on, unless it was answered before."""
    entered, reply = question.entered, question.reply
    if question.owner is not NOBODY or settings.queued != "from_entry" or entered is None:
        return question
    if reply is not None and reply.n < entered.n:
        return question
    return replace(question, owner=entered.seat, clock=entered)


def _scoped(question: Question, kind: Kind) -> Question:
    if not question.line.consumer:
        return replace(question, excluded=kind.own)
    if not kind.opens <= question.line.clock < kind.closes:
        return replace(question, excluded=f"{kind.letter}.window")
    if kind.scope and question.owner is NOBODY:
        return replace(question, excluded="D.agent_scope")
    return question


def _runs(found: list[Question], by_owner: bool) -> Iterable[Question]:
    def run(one: Question) -> tuple[Any, ...]:
        owner = one.owner if by_owner else None
        return one.thread, one.reading, one.line.day, owner, None if one.reply is None else one.reply.n

    first: dict[tuple[Any, ...], Line] = {}
    for question in sorted(found, key=lambda one: one.clock.n):
        if not question.excluded:
            first.setdefault(run(question), question.clock)
    return (one if one.excluded else replace(one, clock=first[run(one)]) for one in found)


def _row(log: Log, settings: Settings, kind: Kind, question: Question) -> Row:
    line, reply, clock = question.line, question.reply, question.clock
    wait = None if reply is None else reply.at - clock.at
    seat = question.owner if kind.scope else None
    row = Row(question.thread, question.reading, line, "excluded", question.excluded, None, wait, seat)
    if reply is not None:
        row = replace(row, answered=reply.at)
    if question.excluded:
        return row
    if reply is None:
        verdict = "pending" if log.as_of - clock.at < settings.limit else "miss"
        gaps = met(log, line, clock.at, max(midnight(line.day), log.as_of), answered=False)
    else:
        verdict = timed(reply.at - clock.at, clock.skew + reply.skew, settings)
        gaps = met(log, line, clock.at, reply.at, answered=True)
    if any(not (verdict == "miss" and lost_before(gap, clock.at, settings)) for gap in gaps):
        verdict = "undetermined"
    return replace(row, verdict=verdict, clause=f"{kind.letter}.formula")
