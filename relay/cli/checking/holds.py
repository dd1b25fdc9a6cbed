"""The holds of a shop that are in force today, and whose approval was nobody else's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from relay.domain.names import Millis
    from relay.domain.office import Settings
    from relay.domain.settings import QuickReply, Shop

BEIJING: Final = timedelta(hours=8)


def holds_of(shop: "Shop", settings: "Settings", today: date) -> list["QuickReply"]:
    now = millis(today, time(12))
    return [reply for reply in settings.replies if reply.purpose == "hold" and reply.usable(shop.id, now)]


def is_own(reply: "QuickReply") -> bool:
    """Whether an owner approved it alone."""
    from relay.domain.library import signed

    return signed(reply).approval == "owner_self"


def millis(day: date, at: time) -> "Millis":
    """An instant of the Beijing day."""
    from relay.domain.names import Millis

    beijing = datetime.combine(day, at, tzinfo=UTC) - BEIJING
    return Millis(int(beijing.timestamp()) * 1000)
