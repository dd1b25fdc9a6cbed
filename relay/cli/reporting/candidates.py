"""Who could have taken a buyer when relay decided, and where the buyer stood in the queue: rebuilt by replay (L5)."""

from collections.abc import Mapping

import msgspec

from relay.domain import facts as f
from relay.domain.desk import Desk
from relay.domain.estimate import estimate
from relay.domain.lanes import Lanes
from relay.domain.names import DeskId, EventId, Millis, SeatId
from relay.domain.ranking import Ranking, agent_load, entry_of, obstacle
from relay.domain.routing import order_for, standing_of
from relay.rules.guiding import guiding

Facts = Mapping[int, f.DeskFact]
DECISIONS = (f.Assigned, f.Queued, f.TransferRequested, f.MoveAdvised)


class Candidate(msgspec.Struct, frozen=True):
    """A seat just before the decision. `why` is `eligible` or the obstacle; loads are as routing ranks them."""

    seat: SeatId
    chosen: bool
    why: str
    waiting: int
    open: int
    last_assigned_at: Millis


class Decision(msgspec.Struct, frozen=True):
    """A decision about a buyer's seat, with every seat of the shop. `reason` is the fact's own, "" in the queue."""

    seq: int
    at: Millis
    what: str
    reason: str
    group: str
    relaxed: int
    event: EventId | None
    candidates: list[Candidate]


def decision_of(desk: DeskId, facts: Facts, seq: int) -> Decision:
    """The decision of the fact `seq`, rebuilt."""
    rebuilt = Desk(desk, guiding)
    for earlier in range(1, seq):
        rebuilt.replay(facts[earlier])
    return _decision(rebuilt, facts[seq], seq)


def decisions_of(desk: DeskId, facts: Facts, seqs: list[int]) -> list[Decision]:
    """Several of them, by one replay."""
    rebuilt, found, wanted = Desk(desk, guiding), [], set(seqs)
    for seq in range(1, max(seqs, default=0) + 1):
        if seq in wanted:
            found.append(_decision(rebuilt, facts[seq], seq))
        rebuilt.replay(facts[seq])
    return found


def _decision(rebuilt: Desk, decision: f.DeskFact, seq: int) -> Decision:
    """Everybody who could have been chosen, as they stood just before."""
    assert isinstance(decision, DECISIONS)
    chosen = decision.seat if isinstance(decision, f.Assigned) else getattr(decision, "to", None)
    state = rebuilt.state
    conv, ranking = state.conversations.get((decision.shop, decision.buyer)), Ranking()
    ranking.rebuild(state)
    shop = state.shops[decision.shop]
    order = order_for(ranking, shop, conv) if conv is not None else ranking.of(decision.shop)
    fit = {entry[3] for entry in (*order.agents, *order.admins)}
    seats = []
    for seat_id in shop.seats:
        seat = state.seats[seat_id]
        waiting, opened = agent_load(state, seat)
        stood = standing_of(entry_of(seat, waiting, opened))
        why = obstacle(state, seat, opened) or ("eligible" if seat_id in fit else "other_group")
        seats.append(Candidate(seat_id, seat_id == chosen, why, stood.waiting, stood.open, stood.last_assigned_at))
    return Decision(
        seq,
        decision.at,
        type(decision).__name__,
        decision.reason if isinstance(decision, f.Assigned | f.TransferRequested) else decision.why,
        conv.group if conv is not None else "",
        conv.relaxed if conv is not None else 0,
        shop.event,
        seats,
    )


def lines_of(one: Decision) -> list[str]:
    """The whole list of seats, for people."""
    lines = [f"      分组 / group {one.group}，放宽级别 / opened to level {one.relaxed}"]
    if one.event is not None:
        lines.append(f"      活动中 / during the event {one.event}")
    for seat in one.candidates:
        why = "可接待 / eligible" if seat.why == "eligible" else seat.why
        lines.append(
            f"      {'→' if seat.chosen else ' '} {seat.seat:<16} {why:<20} 待回复 / waiting {seat.waiting}"
            f" 接待 / open {seat.open} 上次分配 / last {seat.last_assigned_at}"
        )
    return lines


def place_of(desk: DeskId, facts: Facts, seq: int) -> str:
    """Where the buyer stood in the queue just after this, and in about how many minutes they would be taken."""
    queued = facts[seq]
    assert isinstance(queued, f.Queued)
    rebuilt, lanes = Desk(desk, guiding), Lanes()
    for earlier in range(1, seq + 1):
        rebuilt.replay(facts[earlier])
    lanes.rebuild(rebuilt.state)
    found = estimate(rebuilt.state, lanes, rebuilt.state.conversations[queued.shop, queued.buyer], queued.at)
    if found is None:
        return f"只等原客服，不占排队名次 / waits for seat {queued.waits_for} alone, has no place"
    if found.minutes is None:
        return f"排第 {found.place} 位，尚无法估计 / place {found.place}, no pace is known yet"
    return f"排第 {found.place} 位，约 {found.minutes} 分钟 / place {found.place}, about {found.minutes} min"
