"""What comes out of the question why a round was missed, asked of the ledger.

Instants and spans are integer milliseconds. A seat is the desk's own name of it, never the platform's account.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from relay.domain.facts import Outcome
from relay.domain.names import SeatId, SendId
from relay.insight.causes import Judged


class MissCause(StrEnum):
    """Why a round was missed, in order of precedence; `relay.insight.missed` has the table."""

    advertisement = "advertisement"
    ended_with_thanks = "ended_with_thanks"
    send_failed = "send_failed"
    robot_only = "robot_only"
    transferred_unanswered = "transferred_unanswered"
    channel_silent = "channel_silent"
    nobody_on_shift = "nobody_on_shift"
    nobody_online = "nobody_online"
    group_empty = "group_empty"
    all_full = "all_full"
    seat_absent = "seat_absent"
    seat_slow = "seat_slow"
    other = "other"


class Stretch(NamedTuple):
    """A part of the wait and what stood in the way then; `seat` is whose the buyer was, None in the queue."""

    cause: MissCause
    seat: SeatId | None
    ms: int


class Tried(msgspec.Struct, frozen=True, gc=False):
    """A person's answer that was given in time: how it ended, None if that is not known yet, and why."""

    send: SendId
    at: int
    seat: SeatId | None
    outcome: Outcome | None = None
    why: str = ""
    sent_at: int | None = None


class Proof(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The numbers behind a cause. The wait lasts from the question to the deadline.

    `spent` is the whole wait, stretch by stretch, the longest first: its spans add up to `wait_ms`. `late_ms` is how
    long after the deadline the answer came, None without one. `on_shift`, `online` and `free` are seats of the shop
    when the question was taken. `tried` is a person's answer that did not arrive in time. `signs` name what in the
    buyer's words decided. `answered_in_time` is a person's word within the wait, which the rule did not count.
    """

    wait_ms: int
    spent: tuple[Stretch, ...] = ()
    late_ms: int | None = None
    on_shift: int = 0
    online: int = 0
    free: int = 0
    robot_texts: int = 0
    moves: int = 0
    tried: Tried | None = None
    signs: tuple[str, ...] = ()
    answered_in_time: bool = False
    known: bool = True
    """Whether the ledger has the question at all."""


class CausedMiss(msgspec.Struct, frozen=True, gc=False):
    """One missed entry with its one cause, whose it is (None: nobody's), the proof, and it in words.

    `id` is the short name by which reports call the round, `r` and the seq of the fact that took its question.
    """

    round: Judged
    id: str | None
    cause: MissCause
    seat: SeatId | None
    proof: Proof
    zh: str
    en: str
