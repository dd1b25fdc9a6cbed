"""apply, for what persons did a moment ago: it is kept for as long as it may be taken back, and then forgotten.

Laws:
* A deed is kept for `KEPT_MS`, and at most `MOST` of them, so that memory follows the last minute alone.
* What happened since with the same buyer ends it, where taking it back would undo that as well (`_OVERTAKES`).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.drafts import MOST as MOST_DRAFTS
from relay.domain.drafts import live, precedes
from relay.domain.guiding import is_persons
from relay.domain.lists import conversation
from relay.domain.model import Conversation, Debt, Deed, DeskState, Draft, Round
from relay.domain.names import MINUTE

KEPT_MS: Final = MINUTE
MOST: Final = 256
A_MOVE: Final = frozenset({"transfer", "manual"})
"""The reasons for which a seat is given a buyer by a person's word."""


def note(state: DeskState, deed: Deed) -> None:
    """Keep this deed of the newest fact; those that are too old are forgotten."""
    for seq in list(state.deeds):
        if deed.at - state.deeds[seq].at <= KEPT_MS and len(state.deeds) < MOST:
            break
        del state.deeds[seq]
    state.deeds[state.seq] = deed


def moved(state: DeskState, fact: f.MoveAsked) -> None:
    if fact.seat is not None:  # nobody is put back to wait
        conv = state.conversations[fact.shop, fact.buyer]
        deed = Deed("moved", fact.by, fact.at, fact.shop, fact.buyer, fact.seat, moves=conv.moves)
        deed.group, deed.to_group = conv.group, fact.group
        note(state, deed)


def closed(state: DeskState, fact: f.ConversationClosed, conv: Conversation) -> None:
    if fact.by is None:
        return
    deed = Deed(
        "closed",
        fact.by,
        fact.at,
        fact.shop,
        fact.buyer,
        conv.seat,
        moves=conv.moves,
        round=_as_new(conv.round) if conv.round is not None else None,
        debt=replace(conv.debt, done=(), times=0) if conv.debt is not None else None,
        group=conv.group,
        head_start_s=conv.head_start_s,
        since=conv.since,
        last_message=conv.last_message,
        last_tone=conv.last_tone,
        last_tag=conv.last_tag,
        topic=conv.topic,
        goods=conv.goods,
    )
    note(state, deed)


def _as_new(round_: Round) -> Round:
    """Its ladder begins anew: what has come due is told again, for the alerts ended with the conversation."""
    return replace(round_, questions=list(round_.questions), done=(), service_done=())


def settled(state: DeskState, fact: f.DebtSettled) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    if conv.debt is not None:
        debt = replace(conv.debt, done=(), times=0)
        note(state, Deed("settled", fact.by, fact.at, fact.shop, fact.buyer, conv.seat, debt=debt))


def rejected(state: DeskState, fact: f.DraftRejected, conv: Conversation) -> None:
    draft = live(conv, fact.draft)
    if draft is not None:
        said = conv.last_message
        note(state, Deed("rejected", fact.by, fact.at, fact.shop, fact.buyer, draft=draft, last_message=said))


def acknowledged(state: DeskState, fact: f.AlertAcknowledged) -> None:
    note(state, Deed("acknowledged", fact.by, fact.at, fact.shop, fact.buyer, fact.seat, alerts=fact.alerts))


# --- taken back, overtaken


def taken_back(state: DeskState, fact: f.TakenBack) -> None:
    deed = state.deeds.pop(fact.of, None)
    if deed is None or fact.buyer is None or fact.what == "acknowledged":
        return
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    match fact.what:
        case "moved":
            conv.moves = deed.moves
        case "rejected" if deed.draft is not None:
            put(state, conv, deed.draft)
        case "settled":
            conv.kept = deed
        case "closed":
            conv.kept = deed
            conv.moves = deed.moves
            conv.since, conv.group, conv.head_start_s = deed.since, deed.group, deed.head_start_s
            conv.last_message, conv.last_tone, conv.last_tag = deed.last_message, deed.last_tone, deed.last_tag
            conv.topic, conv.goods = deed.topic, deed.goods
        case _:
            pass


def kept_round(conv: Conversation) -> Round | None:
    """The round that is to stand here again; it is nobody else's from now on."""
    if conv.kept is None:
        return None
    found, conv.kept.round = conv.kept.round, None
    return found


def kept_debt(conv: Conversation) -> Debt | None:
    """The same of the debt."""
    if conv.kept is None:
        return None
    found, conv.kept = conv.kept.debt, None
    return found


def put(state: DeskState, conv: Conversation, draft: Draft) -> None:
    """Put a draft onto the list, in its place."""
    place = len(conv.drafts)
    while place and precedes(draft, conv.drafts[place - 1], state.replies):
        place -= 1
    conv.drafts = (*conv.drafts[:place], draft, *conv.drafts[place:])[:MOST_DRAFTS]


def overtake(state: DeskState, fact: Any) -> None:
    """Forget what this fact has overtaken."""
    row = _OVERTAKES.get(type(fact))
    if row is None:
        return
    for seq, deed in list(state.deeds.items()):
        if deed.shop == fact.shop and deed.buyer == fact.buyer and row(deed, fact):
            del state.deeds[seq]


def forget(state: DeskState, fact: f.Erased) -> None:
    """Nobody's conversation comes back who was erased."""
    gone = set(fact.buyers)
    state.deeds = {seq: deed for seq, deed in state.deeds.items() if deed.buyer not in gone}


def _answers(deed: Deed, _: object) -> bool:
    return deed.what in ("moved", "closed", "settled")


def _answers_elsewhere(deed: Deed, fact: f.ShopWrote) -> bool:
    return (is_persons(fact.author) or fact.answers) and _answers(deed, fact)


def _ends(deed: Deed, fact: f.SendEnded) -> bool:
    """What reached the buyer overtakes. A hold that never left owes nothing: with the last of them the debt is over."""
    if deed.what not in ("closed", "settled"):
        return False
    if fact.outcome in ("refused", "not_sent") and fact.retry_at is None and deed.debt is not None:
        deed.debt.holds.pop(fact.send, None)
        if not deed.debt.holds:
            deed.debt = None
    return fact.outcome == "confirmed" or (deed.what == "settled" and deed.debt is None)


def _went_nowhere(deed: Deed, _: object) -> bool:
    """An earlier move that never came about: the seat to which a new one leads is not its own."""
    return deed.what == "moved" and deed.to is None


def _places(deed: Deed, fact: f.Assigned) -> bool:
    """The first seat after a move is the one that it led to; whatever places the buyer after that overtakes it."""
    if deed.what == "moved" and deed.to is None and fact.previous == deed.seat and fact.reason in A_MOVE:
        deed.to = fact.seat
        return False
    return deed.what in ("moved", "closed")


_OVERTAKES: Final[Mapping[type, Callable[[Deed, Any], bool]]] = {
    f.BuyerWrote: lambda deed, _: deed.what == "closed",
    f.MessageRecalled: lambda deed, _: deed.what in ("closed", "rejected"),
    f.RoundAnswered: lambda deed, _: deed.what == "rejected",
    f.RoundDropped: lambda deed, _: deed.what == "rejected",
    f.ReplyIntended: _answers,
    f.SendEnded: _ends,
    f.MoveAsked: _went_nowhere,
    f.ShopWrote: _answers_elsewhere,
    f.DraftsVoided: lambda deed, _: deed.what == "rejected",
    f.ConversationClosed: lambda deed, _: deed.what != "acknowledged",
    f.DebtOpened: lambda deed, _: deed.what == "settled",
    f.Assigned: _places,
    f.Queued: lambda deed, _: deed.what in ("moved", "closed"),
}
