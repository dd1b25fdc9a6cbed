"""What goes into the question why rounds were missed, and what comes out of it.

A `Judged` is one entry of a rule, whatever the rule counts: a round, a person's day, a message, a session. Instants
and spans are integer milliseconds. A shop without a name is `""`; a seat is a sub-account within a shop.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import msgspec

from relay.domain.settings import Phrases
from relay.rules.instants import DAY, end_of_day
from relay.rules.report import Verdict


class Cause(StrEnum):
    """Why a round was missed, in order of precedence; `relay.insight.causes` has the table."""

    likely_advertisement = "likely_advertisement"
    ended_with_thanks = "ended_with_thanks"
    robot_only = "robot_only"
    transferred_unanswered = "transferred_unanswered"
    nobody_active = "nobody_active"
    queued = "queued"
    seat_away = "seat_away"
    seat_busy = "seat_busy"
    seat_slow = "seat_slow"
    cannot_tell = "cannot_tell"


class Judged(msgspec.Struct, frozen=True, gc=False):
    """One judged entry. `opened` is when its clock started, `answered` the valid answer that the rule found.

    `sub_account` is the seat that the rule charges, None where it charges the shop. `shop` is `""` without a name.
    """

    shop: str
    buyer: str
    sub_account: str | None
    opened: int
    answered: int | None
    verdict: Verdict
    clause: str


def _always(at: int) -> bool:
    return True


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What of the rule and the shop bears on causes.

    `limit_ms` None, or a day and more: the rule asks for an answer on the same day. `assessed` says whether a question
    of this instant is in the assessed hours. `as_of`: what came after it is not there.
    """

    limit_ms: int | None
    assessed: Callable[[int], bool] = _always
    phrases: Phrases = Phrases()
    as_of: int | None = None

    @property
    def limit(self) -> int | None:
        """The limit within a day, if the rule has one."""
        return None if self.limit_ms is None or self.limit_ms >= DAY else self.limit_ms

    def due(self, judged: Judged) -> int:
        """The deadline that a miss did not meet: the limit, or 24:00 where that came first and settled it."""
        midnight = end_of_day(judged.opened)
        if self.limit is None:
            return midnight
        due = judged.opened + self.limit
        if judged.answered is not None and judged.answered < due:
            return min(due, midnight)
        return due


class Seat(NamedTuple):
    """A sub-account of a shop; `name` is `""` for texts whose seat the log does not name."""

    shop: str
    name: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The numbers behind a cause. Times are those of the wait, from the question to the deadline.

    `late_ms` is how long after the deadline the answer came, None without one. `robot_texts`, `canned_texts` and
    `moves` (transfers, changes of seat) lie within the wait; `person_that_day` is whether a person wrote to this
    buyer between the question and 24:00. `active_seats` wrote to anybody around the wait, `free_seats` of them had
    time (asked only where the conversation was nobody's). `texts_to_others` are the seat's within the wait,
    `others_waiting` the buyers who waited for it when the question came. `placed_after_ms` is the wait for a seat.
    `signs` name what in the buyer's words decided.
    """

    late_ms: int | None = None
    robot_texts: int = 0
    canned_texts: int = 0
    moves: int = 0
    person_that_day: bool = False
    active_seats: int = 0
    free_seats: int | None = None
    texts_to_others: int = 0
    others_waiting: int = 0
    placed_after_ms: int | None = None
    signs: tuple[str, ...] = ()


class Missed(msgspec.Struct, frozen=True, gc=False):
    """One missed entry with its one cause, the seat responsible as far as known, the evidence, and it in words."""

    round: Judged
    cause: Cause
    seat: Seat | None
    evidence: Evidence
    zh: str
    en: str
