"""The cause of one missed round: the first row of the table in `relay.insight.causes` that fits its clues."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from relay.domain.names import MINUTE, SECOND
from relay.insight.causes.activity import ShopActivity
from relay.insight.causes.clues import Clues
from relay.insight.causes.records import Cause, Evidence, Missed, Seat
from relay.insight.causes.sentences import explain
from relay.insight.causes.texts import CLOSING, Sign
from relay.rules.instants import end_of_day

BEFORE_MS = 5 * MINUTE
"""Who is at work writes to somebody within five minutes before a question and the three that it may wait."""
AFTER_MS = MINUTE
"""What is written a minute after the deadline was being written at the deadline; later, somebody came back."""
A_TEXT_MS = 45 * SECOND
"""What one answer takes. Shops call 20 to 30 s good and 50 to 60 s normal: at this pace a person is fully taken."""
FEWEST_BUSY = 2
"""However short the limit, one text to another buyer makes nobody busy."""

Waiting = Callable[[str, int], int]
"""How many buyers waited at an instant for an answer that this seat then gave."""


class Surroundings(NamedTuple):
    """A shop around its waits: who wrote when, and for whom buyers waited."""

    shop: str
    activity: ShopActivity
    waiting: Waiting


class Decided(NamedTuple):
    cause: Cause
    seat: str | None
    evidence: Evidence


def missed(clues: Clues, around: Surroundings, limit_ms: int | None) -> Missed:
    """The miss with its cause, in numbers and in words."""
    cause, name, evidence = _decide(clues, around)
    seat = None if not name else Seat(around.shop, name)
    zh, en = explain(cause, clues.miss, clues.due, name, evidence, limit_ms)
    return Missed(clues.miss, cause, seat, evidence, zh, en)


def _decide(clues: Clues, around: Surroundings) -> Decided:
    miss, activity = clues.miss, around.activity
    since, until = miss.opened - BEFORE_MS, clues.due + AFTER_MS
    seats = activity.active(since, until)
    evidence = Evidence(
        late_ms=clues.late_ms,
        robot_texts=clues.robot_texts,
        canned_texts=clues.canned_texts,
        moves=clues.moves,
        person_that_day=clues.person_that_day,
        active_seats=seats.bit_count(),
        placed_after_ms=clues.placed_after_ms,
    )
    seat = clues.answerer or clues.holder or miss.sub_account
    signs = advertises(clues)
    if signs:
        return Decided(Cause.likely_advertisement, seat, replace(evidence, signs=signs))
    signs = thanks(clues)
    if signs:
        return Decided(Cause.ended_with_thanks, seat, replace(evidence, signs=signs))
    if _robot_only(clues, activity, somebody=bool(seats)):
        return Decided(Cause.robot_only, seat, evidence)
    if clues.moves:
        return Decided(Cause.transferred_unanswered, seat, evidence)
    if not seats:
        doubt = activity.in_doubt(since, until)
        return Decided(Cause.cannot_tell if doubt else Cause.nobody_active, seat, evidence)
    if clues.queued:
        return Decided(Cause.queued, seat, evidence)
    if clues.holder is not None and not activity.has(seats, clues.holder):
        doubt = activity.in_doubt(since, until, clues.holder)
        return Decided(Cause.cannot_tell if doubt else Cause.seat_away, clues.holder, evidence)
    return _of_seats(clues, around, seats, seat, evidence)


def advertises(clues: Clues) -> tuple[str, ...]:
    """The signs of an advertisement: the channel's own tag, or a contact beside words of the trade and no order."""
    if any(line.signs & Sign.tagged for line in clues.left):
        return ("tag",)
    if not clues.about_order and any(line.signs & Sign.promotes for line in clues.left):
        return ("contact", "promotion")
    return ()


def thanks(clues: Clues) -> tuple[str, ...]:
    """The signs that all the buyer still said was thanks. "好的" alone ends nothing that has not begun, and what
    answers a question of the shop is no end either."""
    if not clues.left or not all(line.signs & CLOSING for line in clues.left):
        return ()
    if all(line.signs & Sign.thanks for line in clues.left):
        return ("thanks",)
    if clues.last is None or clues.last.signs & Sign.asks:
        return ()
    return ("acknowledgement",)


def _robot_only(clues: Clues, activity: ShopActivity, *, somebody: bool) -> bool:
    """A robot spoke; or a canned line did while somebody was there, for everybody gets one in an empty shop too."""
    spoke = clues.robot_texts or (clues.canned_texts and somebody)
    if not spoke or clues.person_that_day or clues.doubt_that_day:
        return False
    midnight = end_of_day(clues.miss.opened)
    answered_today = clues.late_ms is not None and clues.due + clues.late_ms < midnight
    return not answered_today and not activity.gapped(clues.miss.opened, midnight)


def _of_seats(clues: Clues, around: Surroundings, seats: int, seat: str | None, evidence: Evidence) -> Decided:
    """Somebody was there and the conversation was not queued: the seat had other work, or it had not."""
    activity, opened, due = around.activity, clues.miss.opened, clues.due
    needed = max(FEWEST_BUSY, -(-(due - opened) // A_TEXT_MS))
    answerer = clues.answerer
    name = answerer if answerer is not None and activity.has(seats, answerer) else clues.holder
    if name is None:
        free = sum(not _busy(clues, around, one, needed) for one in activity.names(seats))
        return Decided(Cause.seat_slow if free else Cause.seat_busy, seat, replace(evidence, free_seats=free))
    texts, waiting = _load(clues, around, name)
    cause = Cause.seat_busy if max(texts, waiting) >= needed else Cause.seat_slow
    return Decided(cause, name, replace(evidence, texts_to_others=texts, others_waiting=waiting))


def _busy(clues: Clues, around: Surroundings, seat: str, needed: int) -> bool:
    return max(_load(clues, around, seat)) >= needed


def _load(clues: Clues, around: Surroundings, seat: str) -> tuple[int, int]:
    """Texts to other buyers within the wait, and other buyers who waited when the question came."""
    miss = clues.miss
    own = clues.late_ms is not None and clues.answerer == seat
    texts = around.activity.texts_to_others(seat, miss.buyer, miss.opened, clues.due)
    return texts, around.waiting(seat, miss.opened) - own
