"""What a supervisor sees at a glance: per shop who waits, who is late, queue, what is owed, seats and today's rate.

`late` are past the guiding rule's deadline, `service_late` past the shop's own where the rule has none, `unreacted` got
no sign of a person within the shop's first reaction: nobody typed, answered or held them since their clock began.
`overnight` are those who wrote outside the assessed hours, the earliest first; `queues` has a line per group of those
who wait, with the minutes that somebody who came now would wait.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from relay.domain.confirming import mode_of
from relay.domain.estimate import minutes_at
from relay.domain.ladder import climbs
from relay.domain.model import Conversation, DeskState, ShopState
from relay.domain.names import Millis, ShopId
from relay.rules.report import Counts, DayCount

RULES_ZONE = ZoneInfo("Asia/Shanghai")
MOST_NAMED = 50
"""Overnight buyers that are named; `overnight_count` has them all."""


def describe(state: DeskState, now: Millis) -> list[dict[str, Any]]:
    """The desk's shops as the live table shows them."""
    of_shop: dict[ShopId, list[Conversation]] = {shop: [] for shop in state.shops}
    for conv in state.conversations.values():
        of_shop[conv.shop].append(conv)
    return [_shop(state, shop, of_shop[shop_id], now) for shop_id, shop in state.shops.items()]


def _shop(state: DeskState, shop: ShopState, conversations: list[Conversation], now: Millis) -> dict[str, Any]:
    setting = shop.setting
    rounds = [conv.round for conv in conversations if conv.round is not None]
    overnight = _overnight(conversations)
    return {
        "shop": setting.id,
        "name": setting.name,
        "desk": state.desk,
        "assist": mode_of(setting),
        "connected": shop.connected,
        "event": _event(state, shop),
        "queue": len(shop.queue),
        "queues": _queues(shop, conversations, now),
        "waiting": len(rounds),
        "late": sum(one.due_at is not None and one.due_at < now for one in rounds),
        "service_late": sum(
            one.due_at is None and one.service_due_at is not None and one.service_due_at < now for one in rounds
        ),
        "unreacted": sum(_unreacted(state, conv, now) for conv in conversations),
        "overnight_count": len(overnight),
        "overnight": overnight[:MOST_NAMED],
        "debts": sum(conv.debt is not None for conv in conversations),
        "oldest_debt_s": _oldest_debt(conversations, now),
        "follow_ups": _follow_ups(state, setting.id, now),
        "unknown": sum(send.status == "unknown" for send in state.sends.values() if send.shop == setting.id),
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


def _oldest_debt(conversations: list[Conversation], now: Millis) -> int | None:
    since = min((conv.debt.since for conv in conversations if conv.debt is not None), default=None)
    return (now - since) // 1000 if since is not None else None


def _follow_ups(state: DeskState, shop: ShopId, now: Millis) -> dict[str, int]:
    """The open ones; those whose time has passed and those that nobody owns are the supervisors' concern."""
    mine = [one for one in state.follow_ups.values() if one.shop == shop]
    return {
        "open": len(mine),
        "overdue": sum(one.due_at < now for one in mine),
        "ownerless": sum(one.owner is None for one in mine),
    }


def _queues(shop: ShopState, conversations: list[Conversation], now: Millis) -> list[dict[str, Any]]:
    """Who waits for whoever has room, by group. A buyer who came now would stand last of their group."""
    waiting: dict[str, int] = {}
    for conv in conversations:
        if conv.queued_at is not None and conv.waits_for is None:
            waiting[conv.group] = waiting.get(conv.group, 0) + 1
    return [
        {"group": group, "waiting": count, "minutes": minutes_at(shop, group, count + 1, now)}
        for group, count in sorted(waiting.items())
    ]


def _overnight(conversations: list[Conversation]) -> list[dict[str, Any]]:
    found = [(conv, conv.round) for conv in conversations if conv.round is not None and conv.round.overnight]
    found.sort(key=lambda one: (one[1].service_from, one[1].opened_at, one[0].buyer))
    return [
        {
            "buyer": conv.buyer,
            "seat": conv.seat,
            "queued": conv.queued_at is not None,
            "opened_at": round_.opened_at,
            "service_from": round_.service_from,
            "service_due_at": round_.service_due_at,
        }
        for conv, round_ in found
    ]


def _unreacted(state: DeskState, conv: Conversation, now: Millis) -> bool:
    """Whether nobody has shown themselves to this buyer although the first reaction is due."""
    if conv.round is None or conv.debt is not None:
        return False
    if conv.typed_at is not None and conv.typed_at >= conv.round.opened_at:
        return False
    if any(not state.sends[send].machine for send in conv.sends):
        return False
    wanted_ms = state.shops[conv.shop].setting.first_reaction_s * 1000
    return any(climb.from_at + wanted_ms < now for climb in climbs(conv.round))


def _event(state: DeskState, shop: ShopState) -> dict[str, Any] | None:
    """The event that is on, and until when by the shop's own clock."""
    event = state.events.get(shop.event) if shop.event is not None else None
    return {"event": event.id, "name": event.name, "ends": event.ends} if event is not None else None


def losing(state: DeskState, shop: ShopId, now: Millis) -> list[dict[str, Any]]:
    """The open rounds that can still be answered in time, the next to be lost first: `left_s` seconds."""
    found = [
        (conv.round.due_at, conv)
        for conv in state.conversations.values()
        if conv.shop == shop and conv.round is not None and conv.round.due_at is not None and conv.round.due_at >= now
    ]
    found.sort(key=lambda one: (one[0], one[1].buyer))
    return [
        {"buyer": conv.buyer, "seat": conv.seat, "queued": conv.queued_at is not None, "left_s": (due - now) // 1000}
        for due, conv in found
    ]


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
