"""Seats, alerts and events: one's own presence, and what a supervisor does for others."""

from relay.domain import inputs as i
from relay.domain.apply_alerts import unseen_alerts
from relay.domain.names import BuyerRef, EventId, SeatId
from relay.domain.office import staffing
from relay.errors import ForbiddenError
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


async def arrange(asker: Asker, asked: w.SetCap | w.StartEvent | w.EndEvent | w.PlanEvent) -> w.Done:
    """A cap, or when an event begins and ends: settings, so done as a change of the office is, as this person."""
    act: staffing.Arrangement
    match asked:
        case w.SetCap():
            seat = asker.feed.state.seats.get(SeatId(asked.seat))
            shops = [seat.setting.shop] if seat is not None else []
            act = staffing.SetCap(seat=SeatId(asked.seat), cap=asked.cap)
        case w.StartEvent() | w.EndEvent() | w.PlanEvent():
            event = asker.feed.state.events.get(EventId(asked.event))
            shops = [shop for shop in event.shops if shop in asker.feed.state.shops] if event is not None else []
            if isinstance(asked, w.StartEvent):
                act = staffing.StartEvent(event=EventId(asked.event), minutes=asked.minutes)
            elif isinstance(asked, w.PlanEvent):
                act = staffing.PlanEvent(event=EventId(asked.event), starts=asked.starts, ends=asked.ends)
            else:
                act = staffing.EndEvent(event=EventId(asked.event))
    if not shops:
        raise RefusedHere("forbidden")
    for shop in shops:
        asker.may(shop, "staff")
    try:
        await asker.arrange(act)
    except ForbiddenError:
        raise RefusedHere("forbidden") from None
    return w.Done(id=asked.id, seq=0)
