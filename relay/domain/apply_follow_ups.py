"""apply, for follow-ups: what was offered, promised, told, kept and given up."""

from relay.domain import facts as f
from relay.domain.marks import follow_up_id
from relay.domain.model import DeskState, FollowUp, Offer


def offered(state: DeskState, fact: f.FollowUpOffered) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None:
        conv.offer = Offer(fact.owner, fact.seat, fact.category, fact.due_at, fact.named)


def dismissed(state: DeskState, fact: f.FollowUpDismissed) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None:
        conv.offer = None


def made(state: DeskState, fact: f.FollowUpMade) -> None:
    name = follow_up_id(state.seq)
    state.follow_ups[name] = FollowUp(
        name,
        fact.shop,
        fact.buyer,
        fact.owner,
        fact.seat,
        fact.category,
        fact.due_at,
        fact.at,
        note=state.seq if fact.digest else 0,
    )
    state.promised.setdefault((fact.shop, fact.buyer), {})[name] = None
    conv = state.conversations.get((fact.shop, fact.buyer))
    if fact.offered and conv is not None:
        conv.offer = None


def changed(state: DeskState, fact: f.FollowUpChanged) -> None:
    one = state.follow_ups[fact.follow_up]
    if fact.due_at != one.due_at:
        one.told = 0
    one.owner, one.seat, one.due_at, one.category = fact.owner, fact.seat, fact.due_at, fact.category
    if fact.digest:
        one.note = state.seq


def due(state: DeskState, fact: f.FollowUpDue) -> None:
    state.follow_ups[fact.follow_up].told = 1 if fact.rung == "owner" else 2


def ended(state: DeskState, fact: f.FollowUpDone | f.FollowUpDropped) -> None:
    one = state.follow_ups.pop(fact.follow_up)
    mine = state.promised[one.key]
    del mine[one.id]
    if not mine:
        del state.promised[one.key]
