"""The open alerts for whoever may see them, and acknowledging them by name, outside the agents' socket (L14)."""

from collections.abc import Callable, Mapping
from typing import Any

from relay.domain import inputs as i
from relay.domain.apply_alerts import unseen_alerts
from relay.domain.model import OpenAlert
from relay.domain.names import BuyerRef, DeskId, ShopId
from relay.domain.office import may
from relay.domain.settings import Person
from relay.errors import ForbiddenError, RefusedError
from relay.runtime.notices.desks import DeskBook
from relay.runtime.port import Port


class AlertBoard:
    """`books` and `port_of` are the running desks'."""

    def __init__(self, books: Mapping[DeskId, DeskBook], port_of: Callable[[DeskId], Port | None]) -> None:
        self._books, self._port_of = books, port_of

    def listed(self, person: Person) -> list[dict[str, Any]]:
        """Every open alert of the shops in which this person may acknowledge, oldest first."""
        found = [
            _told(book, alert)
            for book in self._books.values()
            for alert in book.alerts.open.values()
            if may(person, alert.shop, "acknowledge")
        ]
        return sorted(found, key=lambda one: (one["since"], one["alert"]))

    async def acknowledge(self, person: Person, shop: ShopId, buyer: BuyerRef | None) -> list[str]:
        """As on the agents' socket; the alerts that this person has now seen."""
        if not may(person, shop, "acknowledge"):
            raise ForbiddenError
        for desk, book in self._books.items():
            unseen = unseen_alerts(book.alerts, shop, buyer)
            if unseen:
                port = self._port_of(desk)
                if port is None:
                    break
                given = i.AcknowledgeAlerts(shop=shop, buyer=buyer, by=person.id, alerts=unseen)
                [fact] = [one.fact for one in await port.submit(given)]
                return list(fact.alerts)  # type: ignore[union-attr]
        raise RefusedError("unknown_alert", "there is no open alert that nobody has acknowledged", "没有未确认的提醒")


def _told(book: DeskBook, alert: OpenAlert) -> dict[str, Any]:
    return {
        "desk": book.desk,
        "alert": alert.id,
        "what": alert.what,
        "shop": alert.shop,
        "buyer": alert.buyer,
        "seat": alert.seat,
        "since": alert.since,
        "due_at": alert.due_at,
        "told": dict(alert.told),
        "seen_by": alert.seen_by,
    }
