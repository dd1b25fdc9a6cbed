"""J: sessions, cut by the silence before a question.

SQL asks of every question how long the thread had been silent on both sides; more than ten minutes (or nothing
before it) begins a session. The first text of a person after that and before the next session is its answer. No
midnight settles anything.
"""

from dataclasses import replace
from typing import Any

from .events import lay_down, per_buyer
from .figure import Form, Row, figure
from .limits import lost_before, met, timed
from .log import Line, Log, midnight
from .settings import Settings

OPENS, CLOSES = 9 * 3_600_000, 23 * 3_600_000
SESSIONS = """
WITH heard AS (
    SELECT *, LAG(at) OVER thread AS at_before, SUM(sense = 'question') OVER thread AS questions
    FROM event WINDOW thread AS (PARTITION BY thread, reading ORDER BY n)
), numbered AS (
    SELECT *, SUM(sense = 'question' AND (questions = 1 OR at - at_before > 600000))
        OVER (PARTITION BY thread, reading ORDER BY n) AS session
    FROM heard
)
SELECT thread, reading, MIN(n) FILTER (WHERE sense = 'question'), MIN(n) FILTER (WHERE sense = 'person')
FROM numbered WHERE session > 0 GROUP BY thread, reading, session
"""


def jd(log: Log, settings: Settings) -> dict[str, Any]:
    def sense(line: Line, who: str) -> str | None:
        if line.role == "system":
            return None
        return "question" if line.question else "person" if who == "human" else "line"

    events = lay_down(log, settings, per_buyer, sense)
    rows = []
    for thread, reading, first, reply in events.table.execute(SESSIONS):
        answer = None if reply is None else log.lines[reply]
        rows.append(_row(log, settings, Row(thread, reading, log.lines[first], "excluded", "J.first"), answer))
    return figure(rows, events, Form("opened", "J.first", wait=True))


def _row(log: Log, settings: Settings, row: Row, answer: Line | None) -> Row:
    opening = row.line
    if answer is not None:
        row = replace(row, answered=answer.at, wait=answer.at - opening.at)
    if not opening.consumer:
        return row
    if not OPENS <= opening.clock < CLOSES:
        return replace(row, clause="J.window")
    if answer is None:
        verdict = "pending" if log.as_of - opening.at < settings.limit else "miss"
        gaps = met(log, opening, opening.at, max(midnight(opening.day), log.as_of), answered=False)
    else:
        verdict = timed(answer.at - opening.at, opening.skew + answer.skew, settings)
        gaps = met(log, opening, opening.at, answer.at, answered=True)
    if any(not (verdict == "miss" and lost_before(gap, opening.at, settings)) for gap in gaps):
        verdict = "undetermined"
    return replace(row, verdict=verdict)
