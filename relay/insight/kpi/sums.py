"""What is counted: sums that add up. No rate and no mean is ever kept, only what it is made of.

Laws:
* `add` is associative and commutative, and empty sums change nothing: days add up to weeks and months in any order.
* Two fields are largest values and not sums (`LARGEST`): over time the larger one counts, and over several seats they
  say nothing, so each subject has its own.
* Times are milliseconds; a square is one of tenths of a second, so that a month of them fits into 64 bits. Squares
  serve the intervals of means and nothing else.
"""

from collections.abc import Mapping
from typing import Final, Self

import msgspec

from relay.domain.names import Millis

Counts = Mapping[str, int]
"""Some of the sums by name."""


class Sums(msgspec.Struct, omit_defaults=True):
    """The sums of one subject (a seat, an agent …) over some time. What each means: `relay.insight.kpi.columns`."""

    consulted: int = 0
    received: int = 0
    transferred_in: int = 0
    transferred_out: int = 0
    ads: int = 0
    own_accounts: int = 0
    one_way: int = 0
    unanswered: int = 0
    machine_only: int = 0
    first_replies: int = 0
    first_ms: int = 0
    first_squares: int = 0
    rounds: int = 0
    replies: int = 0
    reply_ms: int = 0
    reply_squares: int = 0
    within_30s: int = 0
    buyer_messages: int = 0
    agent_messages: int = 0
    machine_messages: int = 0
    unknown_messages: int = 0
    slow: int = 0
    long: int = 0
    reception_ms: int = 0
    reception_squares: int = 0
    peak: int = 0
    transfers: int = 0
    transfers_unanswered: int = 0
    holds: int = 0
    machine_holds: int = 0
    debts: int = 0
    debts_answered: int = 0
    debts_given_up: int = 0
    debts_not_sent: int = 0
    debts_open: int = 0
    debt_ms: int = 0
    debt_open_ms: int = 0
    debt_oldest_ms: int = 0
    follow_ups: int = 0
    follow_ups_in_time: int = 0
    follow_ups_late: int = 0
    follow_ups_dropped: int = 0
    follow_ups_open: int = 0
    follow_ups_overdue: int = 0
    follow_up_open_ms: int = 0
    drafts: int = 0
    drafts_approved: int = 0
    drafts_edited: int = 0
    drafts_rejected: int = 0
    online_ms: int = 0
    away_ms: int = 0
    aways: int = 0
    break_ms: int = 0
    breaks: int = 0

    def add(self, other: "Sums") -> Self:
        """Take the other's in."""
        for name in FIELDS:
            value = getattr(other, name)
            if value:
                mine = getattr(self, name)
                setattr(self, name, max(mine, value) if name in LARGEST else mine + value)
        return self

    def count(self, counts: Counts) -> None:
        """Take single counts in, by the names of the sums: what is told of one buyer is few of them."""
        for name, value in counts.items():
            if name in LARGEST:
                value = max(getattr(self, name), value)
            else:
                value += getattr(self, name)
            setattr(self, name, value)


FIELDS: Final = Sums.__struct_fields__
STANDING: Final = (
    "debts_open", "debt_open_ms", "debt_oldest_ms", "follow_ups_open", "follow_ups_overdue", "follow_up_open_ms",
)  # fmt: skip
"""How things stand as of the last fact: told anew each time, and never kept, for tomorrow they are others."""
LARGEST: Final = frozenset({"peak", "debt_oldest_ms"})


def square(ms: Millis | int) -> int:
    """The square of a span, in tenths of a second."""
    tenths = (ms + 50) // 100
    return tenths * tenths
