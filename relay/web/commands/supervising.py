"""Seats and alerts: one's own presence, and what a supervisor does for others."""

from relay.domain import inputs as i
from relay.domain.apply_alerts import unseen_alerts
from relay.domain.names import BuyerRef, SeatId
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.sentences import RefusedHere


async def presence(asker: Asker, asked: w.SetPresence) -> w.Done:
    """One's own seat's, or as a supervisor any seat's."""
    seat = asker.feed.state.seats.get(SeatId(asked.seat))
    if seat is None:
        raise RefusedHere("forbidden")
    mine = seat.setting.id in asker.scope.seats
    asker.may(seat.setting.shop, "presence" if mine else "presence_others")
    given = i.SetPresence(seat=seat.setting.id, presence=asked.presence, by=asker.person, why="agent")
    return await asker.submit(asked, given)


async def acknowledge(asker: Asker, asked: w.Acknowledge) -> w.Done:
    """Every alert of this buyer, or of the shop itself, that is open on this person's screen and unseen."""
    shop = asker.may(asked.shop, "acknowledge")
    buyer = BuyerRef(asked.buyer) if asked.buyer is not None else None
    unseen = unseen_alerts(asker.feed.state.alerts, shop, buyer)
    if not unseen:
        raise RefusedHere("unknown_alert")
    given = i.AcknowledgeAlerts(shop=shop, buyer=buyer, by=asker.person, alerts=unseen)
    return await asker.submit(asked, given)
