"""Which group a buyer belongs to, and which seats that opens to them as they wait (§6).

A shop's rule table is read in this order, whatever the order of its rows: the state of the order, the entry point, a
keyword (matched by whoever reads the text: the desk never sees it), an answer or a follow-up still owed, else presale.
Among rows of one kind the first counts. A seat without groups serves them all.

Law: who waits is opened to related groups and then to the whole shop at stated seconds, and in any case half a minute
before the deadline; where nobody of the group serves at all, at once.
"""

from typing import Final, NamedTuple

from relay.domain.model import Conversation
from relay.domain.names import Millis
from relay.domain.settings import GroupRule, Shop

PRESALE: Final = "presale"
EVERYBODY: Final = "*"
Reach = tuple[str, ...]
"""The groups whose seats may take a buyer; `WHOLE` is every seat of the shop."""
WHOLE: Final[Reach] = (EVERYBODY,)
OPEN_BEFORE_MS: Final = 30_000
"""Whatever the table says, everybody may take a buyer this long before the deadline."""


class Signals(NamedTuple):
    """What a message says of its group: order state and entry point as the channel names them, and a keyword's row."""

    order_state: str | None
    entry: str | None
    topic: str | None


def group_of(shop: Shop, conv: Conversation, signals: Signals, promised: bool = False) -> tuple[str, int]:
    """The group of a conversation after this message, and its head start in seconds; as before without a new sign.

    `promised`: the buyer has an open follow-up.
    """
    row = _row(shop, signals)
    if row is not None:
        return row.group, row.head_start_s
    if (conv.debt is not None or promised) and conv.group == PRESALE:
        owed = next((one for one in shop.groups if one.follow_up), None)
        if owed is not None:
            return owed.group, owed.head_start_s
    return conv.group, conv.head_start_s


def _row(shop: Shop, signals: Signals) -> GroupRule | None:
    if signals.order_state is not None:
        for row in shop.groups:
            if signals.order_state in row.order_states:
                return row
    if signals.entry is not None:
        for row in shop.groups:
            if signals.entry in row.entries:
                return row
    return next((row for row in shop.groups if row.group == signals.topic and row.keywords), None)


def reach_of(shop: Shop, group: str, level: int) -> Reach:
    """Whose seats may take a buyer of this group after so many relaxations."""
    if not shop.groups:
        return WHOLE
    reach = [group]
    for step in shop.relaxations[:level]:
        reach += [one for one in step.to if one not in reach]
    return WHOLE if EVERYBODY in reach or level > len(shop.relaxations) else tuple(reach)


def last_level(shop: Shop) -> int:
    """The level at which every seat of the shop may take the buyer; 0 where there are no groups."""
    return len(shop.relaxations) + 1 if shop.groups else 0


def relax_at(shop: Shop, conv: Conversation) -> tuple[Millis, int] | None:
    """When a waiting buyer is next opened to more seats, and to which level; None if it never is again."""
    if conv.queued_at is None or conv.wait_until is not None or conv.relaxed >= last_level(shop):
        return None
    since = conv.round.opened_at if conv.round is not None else conv.queued_at
    steps = shop.relaxations[conv.relaxed :]
    at = Millis(since + steps[0].after_s * 1000) if steps else None
    level = conv.relaxed + 1
    due_at = conv.round.deadline if conv.round is not None else None
    bound = Millis((due_at or since + shop.service_s * 1000) - OPEN_BEFORE_MS)
    return (bound, last_level(shop)) if at is None or bound <= at else (at, level)
