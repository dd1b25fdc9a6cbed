"""What a supervisor sees at a glance: per shop who waits, who is late, queue, debts, seats and today's rate."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from relay.domain.model import DeskState, ShopState
from relay.domain.names import Millis
from relay.rules.report import Counts, DayCount

RULES_ZONE = ZoneInfo("Asia/Shanghai")


def describe(state: DeskState, now: Millis) -> list[dict[str, Any]]:
    """The desk's shops as the live table shows them."""
    return [
        {
            "shop": shop_id,
            "name": shop.setting.name,
            "desk": state.desk,
            "assist": shop.setting.assist,
            "connected": shop.connected,
            "event": _event(state, shop),
            "queue": len(shop.queue),
            "waiting": sum(conv.round is not None for conv in state.conversations.values() if conv.shop == shop_id),
            "late": sum(
                conv.round is not None and conv.round.due_at is not None and conv.round.due_at < now
                for conv in state.conversations.values()
                if conv.shop == shop_id
            ),
            "debts": sum(conv.debt is not None for conv in state.conversations.values() if conv.shop == shop_id),
            "unknown": sum(send.status == "unknown" for send in state.sends.values() if send.shop == shop_id),
            "seats": [
                {
                    "seat": seat_id,
                    "agent": state.seats[seat_id].setting.agent,
                    "presence": state.seats[seat_id].presence,
                    "on_shift": state.seats[seat_id].shift_on,
                    "open": len(state.seats[seat_id].open),
                    "waiting": state.seats[seat_id].waiting,
                    "cap": state.seats[seat_id].setting.cap,
                }
                for seat_id in shop.seats
            ],
        }
        for shop_id, shop in state.shops.items()
    ]


def _event(state: DeskState, shop: ShopState) -> dict[str, Any] | None:
    """The event that is on, and until when by the shop's own clock."""
    event = state.events.get(shop.event) if shop.event is not None else None
    return {"event": event.id, "name": event.name, "ends": event.ends} if event is not None else None


def today(counts: Counts, now: Millis) -> dict[str, Any]:
    """Today's figure in the zone of the rules, with and without automation; empty counts before the first round."""
    date = datetime.fromtimestamp(now / 1000, RULES_ZONE).date().isoformat()
    none = DayCount(date, 0, 0)
    day = next((one for one in counts.days if one.date == date), none)
    without = next((one for one in counts.days_without if one.date == date), none)
    return {
        "date": date,
        "numerator": day.numerator,
        "denominator": day.denominator,
        "without_automation": {"numerator": without.numerator, "denominator": without.denominator},
    }
