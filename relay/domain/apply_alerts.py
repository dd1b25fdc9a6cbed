"""apply, for alerts: which are open, who was told of them, and by what each ends.

Read off the facts alone, so that whoever hears the committed facts can keep the same book as the desk (the notices do).
Laws:
* A key is open once. Raised again while it is, it is the same alert; raised after its end it is a new one.
* An alert ends with its matter: with the round, the debt, the send, the placement or the conversation that it is about.
* A debt's later reminder takes the place of the one before: that one is superseded, and nobody is told that it ended.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from relay.domain import facts as f
from relay.domain.effects import RAISES, Alert, alert_of, figure_key
from relay.domain.marks import alert_id
from relay.domain.model import Alerts, Key, OpenAlert
from relay.domain.names import AlertId, BuyerRef, SeatId, ShopId

OF_PROMISE: Final = frozenset({"follow_up_due", "follow_up_ownerless"})
"""About what a buyer was promised: over when it is kept, given up or changed, whatever the conversation does."""
OWN_END: Final = frozenset({"send_unknown", "debt"}) | OF_PROMISE
"""These outlive the round: they end by an outcome, by an answer, or with the conversation."""
OF_PLACE: Final = frozenset(
    {
        "transfer_refused",
        "transfer_unknown",
        "move_advised",
        "answer_first",
        "being_answered",
        "bounced",
        "nobody",
    }
)
"""About where the buyer is: over as soon as they have a seat anew."""
BEGINS_ANEW: Final = frozenset({"answered_in_part", "day_border"})


class Turn(msgspec.Struct):
    """What one fact did: the alerts it opened, those it ended, and those it put another in the place of."""

    opened: list[OpenAlert] = []
    ended: list[OpenAlert] = []
    superseded: list[OpenAlert] = []


def note_alerts(alerts: Alerts, seq: int, fact: f.AnyFact) -> Turn | None:
    """Carry a fact in; None if it concerns no alert."""
    alert = alert_of(seq, fact)
    row = _ROWS.get(type(fact))
    if alert is None and (row is None or not _may_concern(alerts, fact)):
        return None
    turn = Turn()
    if row is not None:
        row(alerts, fact, turn)
    if alert is not None:
        _raise(alerts, seq, fact, alert, turn)
    return turn


def unseen_alerts(alerts: Alerts, shop: ShopId, buyer: BuyerRef | None) -> tuple[AlertId, ...]:
    """The open alerts of this buyer, or (None) of the shop itself, that nobody has acknowledged."""
    if buyer is not None:
        mine = _of(alerts, shop, buyer)
    else:
        mine = [one for one in (alerts.open[name] for name in alerts.of_shop.values()) if one.shop == shop]
    return tuple(one.id for one in mine if one.seen_by is None)


def foreseen_on(alerts: Alerts, shop: ShopId) -> str | None:
    """The newest date of which it is told, in an alert that is open, that the shop's figure falls."""
    begins = figure_key(shop, "")
    return max((key.removeprefix(begins) for key in alerts.of_shop if key.startswith(begins)), default=None)


def _may_concern(alerts: Alerts, fact: Any) -> bool:
    """By a glance: whether a fact that raises nothing can change any open alert. Most facts are about none."""
    if not alerts.open:
        return False
    buyer = getattr(fact, "buyer", None)
    return buyer is None or (fact.shop, buyer) in alerts.by_buyer or bool(alerts.of_shop)


def _raise(alerts: Alerts, seq: int, fact: Any, alert: Alert, turn: Turn) -> None:
    known = _known(alerts, alert)
    if known is None:
        if alert.what == "debt":
            turn.superseded += _end(alerts, _of(alerts, alert.shop, alert.buyer), lambda one: one.what == "debt")
        shop_wide = alert.what == "nobody_online"
        one = OpenAlert(
            alert_id(seq),
            alert.key,
            alert.shop,
            alert.what,
            fact.at,
            buyer=None if shop_wide else alert.buyer,
            seat=getattr(fact, "seat", None),
            round_at=alert.round_at,
            due_at=alert.due_at,
        )
        known = alerts.open[one.id] = one
        if one.buyer is None:
            alerts.of_shop[one.key] = one.id
        else:
            key = (one.shop, one.buyer)
            alerts.by_buyer[key] = (*alerts.by_buyer.get(key, ()), one.id)
        turn.opened.append(one)
    if alert.what == "nobody_online" and alert.buyer is not None:
        known.callers = known.callers or {}
        known.callers[alert.buyer] = None


def _known(alerts: Alerts, alert: Alert) -> OpenAlert | None:
    """The open alert with this key."""
    name = alerts.of_shop.get(alert.key)
    if name is not None:
        return alerts.open[name]
    if alert.buyer is not None:
        for name in alerts.by_buyer.get((alert.shop, alert.buyer), ()):
            if alerts.open[name].key == alert.key:
                return alerts.open[name]
    return None


def _of(alerts: Alerts, shop: ShopId, buyer: BuyerRef | None) -> list[OpenAlert]:
    """The open alerts about this buyer."""
    return [alerts.open[one] for one in alerts.by_buyer.get((shop, buyer), ())] if buyer is not None else []


def _end(alerts: Alerts, some: list[OpenAlert], is_over: Callable[[OpenAlert], bool]) -> list[OpenAlert]:
    """Those of `some` that are over, taken from the book."""
    over = [one for one in some if is_over(one)]
    for one in over:
        del alerts.open[one.id]
        if one.buyer is None:
            del alerts.of_shop[one.key]
        else:
            key: Key = (one.shop, one.buyer)
            left = tuple(each for each in alerts.by_buyer[key] if each != one.id)
            if left:
                alerts.by_buyer[key] = left
            else:
                del alerts.by_buyer[key]
    return over


def _nobody_for(alerts: Alerts, fact: Any, turn: Turn) -> None:
    """This buyer waits no more for somebody to come online; nobody is called for if they were the last."""
    known = alerts.of_shop.get(f"{fact.shop}:nobody")
    if known is not None:
        one = alerts.open[known]
        if one.callers is not None:
            one.callers.pop(fact.buyer, None)
        turn.ended += _end(alerts, [one], lambda one: not one.callers)


def _round_over(alerts: Alerts, fact: f.RoundAnswered | f.RoundDropped, turn: Turn) -> None:
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.what not in OWN_END)
    _nobody_for(alerts, fact, turn)


def _closed(alerts: Alerts, fact: f.ConversationClosed, turn: Turn) -> None:
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.what not in OF_PROMISE)
    _nobody_for(alerts, fact, turn)


def _debt_closed(alerts: Alerts, fact: f.DebtClosed, turn: Turn) -> None:
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.what == "debt")
    if not any(one.what == "unanswered" for one in _of(alerts, fact.shop, fact.buyer)):
        _nobody_for(alerts, fact, turn)


def _send_ended(alerts: Alerts, fact: f.SendEnded, turn: Turn) -> None:
    """An outcome ends the unknown; what the channel shows after all was not refused."""
    over = set()
    if fact.outcome != "unknown":
        over.add(f"{fact.send}:unknown")
    if fact.outcome == "confirmed":
        over.add(f"{fact.send}:refused")
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.key in over)


def _assigned(alerts: Alerts, fact: f.Assigned, turn: Turn) -> None:
    known = alerts.of_shop.get(f"{fact.shop}:nobody")
    if known is not None:
        turn.ended += _end(alerts, [alerts.open[known]], lambda one: True)
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.what in OF_PLACE)
    _seat(alerts, fact.shop, fact.buyer, fact.seat)


def _queued(alerts: Alerts, fact: f.Queued, turn: Turn) -> None:
    _seat(alerts, fact.shop, fact.buyer, None)


def _seat(alerts: Alerts, shop: ShopId, buyer: BuyerRef, seat: SeatId | None) -> None:
    for one in _of(alerts, shop, buyer):
        one.seat = seat


def _guard_lifted(alerts: Alerts, fact: f.GuardLifted, turn: Turn) -> None:
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.what == "answer_first")


def _round_moved(alerts: Alerts, fact: f.RoundMoved, turn: Turn) -> None:
    """The ladder begins anew, or the clock that the alert speaks of is another now."""
    of_round = [one for one in _of(alerts, fact.shop, fact.buyer) if one.what == "unanswered"]
    if fact.why in BEGINS_ANEW:
        turn.ended += _end(alerts, of_round, lambda one: True)
        return
    for one in of_round:
        one.round_at = fact.opened_at
        one.due_at = fact.service_due_at if one.key.endswith(":service") else fact.due_at


def _promise_moved(alerts: Alerts, fact: f.FollowUpChanged | f.FollowUpDone | f.FollowUpDropped, turn: Turn) -> None:
    mine = f"{fact.follow_up}:"
    turn.ended += _end(alerts, _of(alerts, fact.shop, fact.buyer), lambda one: one.key.startswith(mine))


def _channel_back(alerts: Alerts, fact: f.ChannelConnected | f.ChannelHeard, turn: Turn) -> None:
    over = [f"{fact.shop}:silent"] if isinstance(fact, f.ChannelHeard) else [f"{fact.shop}:silent", f"{fact.shop}:lost"]
    found = [alerts.open[alerts.of_shop[key]] for key in over if key in alerts.of_shop]
    turn.ended += _end(alerts, found, lambda one: True)


def _foreseen(alerts: Alerts, fact: f.FigureForeseen, turn: Turn) -> None:
    """The day before is over, and with it what was foreseen of it."""
    begins, mine = figure_key(fact.shop, ""), figure_key(fact.shop, fact.date)
    found = [alerts.open[name] for key, name in alerts.of_shop.items() if key.startswith(begins) and key != mine]
    turn.ended += _end(alerts, found, lambda one: True)


def _told(alerts: Alerts, fact: f.AlertsTold, turn: Turn) -> None:
    if fact.outcome == "confirmed":
        for name in fact.alerts:
            if name in alerts.open:
                one = alerts.open[name]
                one.told_at = one.told_at or {}
                one.told_at.setdefault(fact.notifier, fact.at)


def _acknowledged(alerts: Alerts, fact: f.AlertAcknowledged, turn: Turn) -> None:
    for name in fact.alerts:
        if name in alerts.open:
            alerts.open[name].seen_by = fact.by


def _taken_back(alerts: Alerts, fact: f.TakenBack, turn: Turn) -> None:
    for name in fact.alerts:
        if name in alerts.open:
            alerts.open[name].seen_by = None


_ROWS: Final[dict[type, Callable[[Alerts, Any, Turn], None]]] = {
    f.RoundAnswered: _round_over,
    f.RoundDropped: _round_over,
    f.RoundMoved: _round_moved,
    f.ConversationClosed: _closed,
    f.DebtClosed: _debt_closed,
    f.SendEnded: _send_ended,
    f.Assigned: _assigned,
    f.Queued: _queued,
    f.GuardLifted: _guard_lifted,
    f.FollowUpChanged: _promise_moved,
    f.FollowUpDone: _promise_moved,
    f.FollowUpDropped: _promise_moved,
    f.ChannelConnected: _channel_back,
    f.ChannelHeard: _channel_back,
    f.FigureForeseen: _foreseen,
    f.AlertsTold: _told,
    f.AlertAcknowledged: _acknowledged,
    f.TakenBack: _taken_back,
}
WATCHED: Final = RAISES | _ROWS.keys()
