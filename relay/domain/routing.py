"""Which seat gets a buyer (L3, L4, L5).

Eligible is a serving seat of the shop whose group fits, that is online, on shift, and below its own cap and its agent's
cap over all their seats. Load is waiting questions first, then open conversations, both per place (cap times weight)
and summed over the agent's seats; ties go to the seat assigned longest ago, then to the smaller id. CS admin seats
serve only when no agent of the shop is online and on shift.
"""

from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from relay.domain.facts import AssignReason, Standing
from relay.domain.groups import last_level, reach_of
from relay.domain.model import Conversation, DeskState, ShopState
from relay.domain.names import Millis, SeatId
from relay.domain.ranking import Entry, Ranking, ShopOrder


class Choice(msgspec.Struct, frozen=True):
    """A decision with its reasons: `seat` None means nobody may take the buyer now, and `rejected` says why."""

    seat: SeatId | None
    reason: AssignReason = "least_loaded"
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = {}


def choose(state: DeskState, ranking: Ranking, conv: Conversation, at: Millis, *, sticky: bool = True) -> Choice:
    """The seat for this conversation: that of whoever promised this buyer something, else the one that served last if
    it may and lately did, else the least loaded.

    `sticky` false is a move, which goes to the least loaded whoever served before. The seat that has it now is never
    the answer: whoever asks wants another.
    """
    shop = state.shops[conv.shop]
    order = order_for(ranking, shop, conv)
    rejected = {why: order.rejected[why] for why in sorted(order.rejected) if order.rejected[why]}
    if order.serving and order.admins:
        rejected["cs_admin"] = len(order.admins)
    pool = order.agents if order.serving else order.admins
    best = [entry for entry in pool[:3] if entry[3] != conv.seat][:2]
    if not best:
        return Choice(None, rejected=rejected)
    for why, seat in _known_seats(state, conv, at) if sticky else ():
        kept = ranking.entry(seat) if seat != conv.seat else None
        if kept is not None and _holds(pool, kept):
            beaten = next((entry for entry in best if entry != kept), None)
            return Choice(kept[3], why, standing_of(kept), _told(beaten), rejected)
    reason: AssignReason = "least_loaded" if order.serving else "fallback"
    runner_up = best[1] if len(best) > 1 else None
    return Choice(best[0][3], reason, standing_of(best[0]), _told(runner_up), rejected)


def order_for(ranking: Ranking, shop: ShopState, conv: Conversation) -> ShopOrder:
    """The seats that may take this buyer by now. Where nobody of the group serves, the next wider reach does."""
    setting = shop.setting
    everybody = ranking.of(setting.id)
    if not setting.groups or not everybody.serving:
        return everybody
    for level in range(conv.relaxed, last_level(setting)):
        order = ranking.of(setting.id, reach_of(setting, conv.group, level))
        if order.serving:
            return order
    return everybody


def _holds(pool: list[Entry], entry: Entry) -> bool:
    at = bisect_left(pool, entry)
    return at < len(pool) and pool[at] == entry


def standing_of(entry: Entry) -> Standing:
    """The keys by which a seat was ranked, as facts tell them."""
    waiting, opened, last_assigned_at, seat = entry
    return Standing(seat, waiting, opened, last_assigned_at)


def _told(entry: Entry | None) -> Standing | None:
    return standing_of(entry) if entry is not None else None


def _known_seats(state: DeskState, conv: Conversation, at: Millis) -> Iterator[tuple[AssignReason, SeatId]]:
    """The seats that come before the least loaded, and why: the nearest promise first."""
    if conv.key in state.promised:
        mine = [state.follow_ups[name] for name in state.promised[conv.key]]
        for one in sorted(mine, key=lambda one: one.due_at):
            if one.seat is not None:
                yield "follow_up", one.seat
    last = _sticky(state.shops[conv.shop], conv, at)
    if last is not None:
        yield "sticky", last


def _sticky(shop: ShopState, conv: Conversation, at: Millis) -> SeatId | None:
    past = conv.past
    if past is None or past.seat is None or at - past.at > shop.setting.sticky_s * 1000:
        return None
    seat = past.seat
    return seat if seat in shop.seats else None
