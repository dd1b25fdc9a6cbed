"""Dialogue rounds, cut by SQL: A (within the limit) and V (mean of the waits).

A question opens a round unless the event before it in its thread is a question of the same day: a valid answer, an
invalid robot, a transfer and a new day all end what was open. Everything up to the next opening belongs to the
round; its answer is the first valid text there, unless a transfer came first; a robot served it when the robot spoke
on its day and before that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .events import Events, lay_down, per_buyer, per_seat
from .figure import CAP, Form, Row, figure
from .limits import lost_before, met, timed
from .log import Line, Log, midnight
from .settings import Settings

HOUR = 3_600_000
ROUNDS = """
WITH heard AS (
    SELECT *, LAG(sense) OVER thread AS sense_before, LAG(day) OVER thread AS day_before
    FROM event WHERE sense IN ('question', 'valid', 'robot', 'transfer')
    WINDOW thread AS (PARTITION BY thread, reading ORDER BY n)
), numbered AS (
    SELECT *, SUM(sense = 'question' AND NOT (sense_before IS 'question' AND day_before IS day))
        OVER (PARTITION BY thread, reading ORDER BY n) AS round
    FROM heard
), grouped AS (
    SELECT thread, reading, round,
        MIN(n) FILTER (WHERE sense = 'question') AS first,
        MIN(n) FILTER (WHERE sense = 'question' AND clock >= :opens AND clock < :closes) AS first_inside,
        MIN(n) FILTER (WHERE sense IN ('valid', 'transfer')) AS ending,
        MIN(n) FILTER (WHERE sense = 'robot') AS robot
    FROM numbered WHERE round > 0 GROUP BY thread, reading, round
)
SELECT *, LEAD(first) OVER (PARTITION BY thread, reading ORDER BY round) AS next FROM grouped
"""


@dataclass(frozen=True)
class Round:
    thread: int
    reading: int
    opening: Line  # the message that starts the clock
    inside: bool
    answer: Line | None
    transfer: Line | None
    robot: bool
    next: Line | None

    @property
    def same_day(self) -> Line | None:
        return self.answer if self.answer is not None and self.answer.day == self.opening.day else None

    @property
    def cut_short(self) -> Line | None:
        """What ended it on its day without an answer: a transfer, or the question after a robot's text."""
        ends = [line for line in (self.transfer, None if self.answer else self.next) if line is not None]
        return next((line for line in ends if line.day == self.opening.day), None)


def cut(log: Log, events: Events, opens: int, closes: int, clamp: bool = False) -> Iterator[Round]:
    lines = log.lines
    for thread, reading, _, first, first_inside, ending, robot, later in events.table.execute(
        ROUNDS, {"opens": opens, "closes": closes}
    ):
        opening = lines[first_inside if clamp and first_inside is not None else first]
        end = None if ending is None else lines[ending]
        moved = end is not None and end.role == "system"
        served = robot is not None and lines[robot].day == opening.day and (ending is None or robot < ending)
        yield Round(
            thread,
            reading,
            opening,
            opens <= opening.clock < closes,
            None if moved else end,
            end if moved else None,
            served,
            None if later is None else lines[later],
        )


def taobao(log: Log, settings: Settings) -> dict[str, Any]:
    def sense(line: Line, who: str) -> str | None:
        provider = line.raw.get("bot")
        if line.question:
            return "question"
        if who == "human" or (who == "assist" and provider in settings.assist_providers):
            return "valid"
        if who not in ("assist", "bot"):
            return None
        shut = provider in settings.opaque or (
            settings.transparent is not None and provider not in settings.transparent
        )
        return "robot" if shut else None

    by_seat = settings.thread == "buyer_sub_account"
    events = lay_down(log, settings, per_seat if by_seat else per_buyer, sense)
    clamp = settings.window_on == "first_in_window_message"
    rows = [_taobao_row(log, settings, one) for one in cut(log, events, 8 * HOUR, 24 * HOUR, clamp)]
    return figure(rows, events, Form("opened", "A.valid", seat=by_seat, answered=True, wait=True))


def _taobao_row(log: Log, settings: Settings, one: Round) -> Row:
    opening, answer = one.opening, one.answer
    wait = None if answer is None else answer.at - opening.at
    verdict, clause = _taobao_verdict(log, settings, one)
    answered = None if answer is None else answer.at
    return Row(one.thread, one.reading, opening, verdict, clause, answered, wait, opening.seat)


def _taobao_verdict(log: Log, settings: Settings, one: Round) -> tuple[str, str]:
    if not one.opening.consumer:
        return "excluded", "A.excl.d" if one.opening.raw["buyer_class"] == "xiaoer" else "A.excl.c"
    if not one.inside:
        return "excluded", "A.window"
    verdict, clause = _taobao_undisturbed(log, settings, one)
    end = midnight(one.opening.day)
    strict_end = end if settings.cross_day == "miss" else None
    if one.answer is not None and (one.same_day or settings.cross_day == "exclude"):
        gaps = met(log, one.opening, one.opening.at, one.answer.at, answered=True)
    else:
        gaps = met(log, one.opening, one.opening.at, one.cut_short.at if one.cut_short else end, answered=False)
    if any(not (verdict == "miss" and lost_before(gap, one.opening.at, settings, strict_end)) for gap in gaps):
        return "undetermined", "A.def"
    return verdict, clause


def _taobao_undisturbed(log: Log, settings: Settings, one: Round) -> tuple[str, str]:
    opening, same_day = one.opening, one.same_day
    if same_day is not None:
        return timed(same_day.at - opening.at, opening.skew + same_day.skew, settings), "A.def"
    if one.answer is not None and settings.cross_day == "exclude":
        return "excluded", "A.excl.b"
    over = one.cut_short is not None or log.as_of >= midnight(opening.day)
    if not over and log.as_of - opening.at < settings.limit:
        return "pending", "A.def"
    return ("excluded", "A.excl.a") if one.robot else ("miss", "A.ex3")


MEAN_ASSIST = {"leyan", "xiaowei", "xiaoduo", "chitu", "guangyun", "dianxiaomi"}


def tmall_mean(log: Log, settings: Settings) -> dict[str, Any]:
    def sense(line: Line, who: str) -> str | None:
        if line.question:
            return "question"
        if line.kind == "transfer" and line.raw.get("from_sub") is not None:
            return "transfer"
        if who == "human" or (who == "assist" and line.raw.get("bot") in MEAN_ASSIST):
            return "valid"
        return "robot" if who in ("assist", "bot") and line.raw.get("bot") != "relay" else None

    def thread(line: Line) -> tuple[str | None, ...]:
        seat = line.raw.get("from_sub") if line.kind == "transfer" else line.seat
        return (line.shop, line.buyer, seat)

    events = lay_down(log, settings, thread, sense)
    rows = [_mean_row(log, one) for one in cut(log, events, 8 * HOUR, 23 * HOUR)]
    return figure(rows, events, Form("opened", "V.valid", seat=True, answered=True, wait=True, mean=True))


def _mean_row(log: Log, one: Round) -> Row:
    verdict, clause = _mean_verdict(log, one)
    opening, answer = one.opening, one.answer
    wait = None if answer is None else answer.at - opening.at
    if verdict == "counted":
        wait = CAP if clause == "V.unreplied" or wait is None else min(wait, CAP)
    answered = None if answer is None else answer.at
    return Row(one.thread, one.reading, opening, verdict, clause, answered, wait, opening.seat)


def _mean_verdict(log: Log, one: Round) -> tuple[str, str]:
    if not one.opening.consumer:
        return "excluded", "V.own"
    if not one.inside:
        return "excluded", "V.window"
    verdict, clause = _mean_undisturbed(log, one)
    if one.same_day:
        gaps = met(log, one.opening, one.opening.at, one.same_day.at, answered=True)
    else:
        end = one.cut_short.at if one.cut_short else midnight(one.opening.day)
        gaps = met(log, one.opening, one.opening.at, end, answered=False)
    if any(not (verdict == "counted" and gap.start >= one.opening.at + CAP) for gap in gaps):
        return "undetermined", "V.def"
    return verdict, clause


def _mean_undisturbed(log: Log, one: Round) -> tuple[str, str]:
    if one.same_day is not None:
        return "counted", "V.def"
    over = one.cut_short is not None or log.as_of >= midnight(one.opening.day)
    if not over and log.as_of - one.opening.at < CAP:
        return "pending", "V.def"
    return ("excluded", "V.auto") if one.robot else ("counted", "V.unreplied")
