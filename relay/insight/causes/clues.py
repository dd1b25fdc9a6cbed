"""What the log shows of one missed round, gathered before anything is decided.

A wait lasts from the question to the deadline. `holder` is the seat last named before the deadline: by a line that
placed the conversation, by a question addressed to a seat, or by the person who wrote last; a question marked
`queued` says that what was named before it is over.
"""

from bisect import bisect_left, bisect_right
from itertools import pairwise

import msgspec

from relay.insight.causes.activity import ShopActivity
from relay.insight.causes.records import Judged, Terms
from relay.insight.causes.texts import Sign
from relay.insight.causes.threads import HELD_MS, Hand, Line, Thread, any_in, instant, within
from relay.rules.instants import end_of_day


class Clues(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`left` are the questions of the wait that no person had answered; `last` is the shop's word before them."""

    miss: Judged
    due: int
    late_ms: int | None
    answerer: str | None
    holder: str | None
    left: tuple[Line, ...]
    last: Line | None
    about_order: bool
    robot_texts: int
    canned_texts: int
    moves: int
    person_that_day: bool
    doubt_that_day: bool
    queued: bool
    placed_after_ms: int | None


def gather(miss: Judged, answerer: str | None, thread: Thread, activity: ShopActivity, terms: Terms) -> Clues:
    """The clues of one miss; `answerer` is the seat of its answer, None where there is none or it is not named."""
    opened, due, midnight = miss.opened, terms.due(miss), end_of_day(miss.opened)
    late = miss.answered - due if miss.answered is not None and miss.answered >= due else None
    asked = [line for line in within(thread.asked, opened, due) if _charged(miss, line.seat)]
    placed = within(thread.placed, opened, due)
    written = within(thread.written, opened, due)
    since = _left_since(miss, due, written)
    left = tuple(line for line in asked if line.at >= since)
    hands = [line.what for line in written]
    queued = bool(asked) and bool(asked[0].signs & Sign.queued)
    after = _placed_after(miss, due, midnight, thread)
    return Clues(
        miss=miss,
        due=due,
        late_ms=late,
        answerer=answerer if late is not None else None,
        holder=_holder(miss, due, thread, activity, queued=queued),
        left=left,
        last=_before(thread.written, left[0].at if left else opened),
        about_order=any_in(thread.orders, opened - HELD_MS, due + 1),
        robot_texts=hands.count(Hand.robot) + hands.count(Hand.assist),
        canned_texts=hands.count(Hand.canned),
        moves=_moves(asked, placed, activity),
        person_that_day=any_in(thread.people, opened, midnight),
        doubt_that_day=any_in(thread.unknown, opened, midnight),
        queued=(queued or after is not None) and not any(line.seat for line in placed),
        placed_after_ms=after,
    )


def _charged(miss: Judged, seat: str) -> bool:
    """Where a rule charges a seat, a question to another seat is another entry's."""
    return miss.sub_account is None or seat in ("", miss.sub_account)


def _left_since(miss: Judged, due: int, written: list[Line]) -> int:
    """From when on the buyer's words were left alone: a rule may lose a round whose question was answered."""
    people = [line.at + 1 for line in written if line.what == Hand.person and _charged(miss, line.seat)]
    if miss.answered is not None and miss.answered < due:
        people.append(miss.answered + 1)
    return max(people, default=miss.opened)


def _before(lines: list[Line], at: int) -> Line | None:
    """The last line before an instant, no older than a conversation is held."""
    place = bisect_left(lines, at, key=instant)
    return lines[place - 1] if place and lines[place - 1].at >= at - HELD_MS else None


def _holder(miss: Judged, due: int, thread: Thread, activity: ShopActivity, *, queued: bool) -> str | None:
    if miss.sub_account is not None and activity.is_seat(miss.sub_account):
        return miss.sub_account
    since = miss.opened if queued else miss.opened - HELD_MS
    named = []
    for rank, lines in enumerate(thread.naming):
        place = bisect_right(lines, due, key=instant)
        if place and lines[place - 1].at >= since:
            named.append((lines[place - 1].at, rank, lines[place - 1].seat))
    return max(named)[2] if named else None


def _moves(asked: list[Line], placed: list[Line], activity: ShopActivity) -> int:
    """Transfers within the wait, and changes of the seat that questions and placements name."""
    moves = sum(bool(line.signs & Sign.given) for line in placed)
    if moves:
        return moves
    named = [line.seat for line in sorted([*asked, *placed], key=instant) if line.seat and activity.is_seat(line.seat)]
    return sum(one != other for one, other in pairwise(named))


def _placed_after(miss: Judged, due: int, midnight: int, thread: Thread) -> int | None:
    """How long after the question the conversation got its first seat, if that was after the deadline, else None."""
    known = within(thread.placed, miss.opened - HELD_MS, due) or any(
        line.seat for line in within(thread.asked, miss.opened, due)
    )
    later = within(thread.placed, due + 1, midnight - 1)
    # What is taken from a seat after the deadline had one before, whichever it was.
    return None if known or not later or later[0].signs & Sign.given else later[0].at - miss.opened
