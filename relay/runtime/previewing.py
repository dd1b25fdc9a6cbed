"""What wanted settings will do, before they are: each ladder second by second, each event as its dry run."""

from collections.abc import Iterable

import msgspec

from relay.domain.events import shop_during
from relay.domain.names import HOUR, EventId, Millis, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Event, QuickReply, Shop
from relay.insight.preview import Happening, Preview, groups_of, preview, preview_of_debt
from relay.insight.rehearsal import ShopRehearsal, rehearse
from relay.runtime.settings_rules import rule_of


class Ladders(msgspec.Struct, frozen=True):
    """The ladders of a shop, usually or while an event is on, for a question at noon in Beijing; and of a debt."""

    shop: ShopId
    event: EventId | None
    ladders: list[Preview]
    debt: tuple[Happening, ...]


class Previewed(msgspec.Struct, frozen=True):
    """What changes bring: the ladders that they touch, and the dry run of each event, shop by shop."""

    ladders: list[Ladders] = []
    events: dict[EventId, list[ShopRehearsal]] = {}


def ladders_of(shop: Shop, replies: Iterable[QuickReply], now: Millis, event: EventId | None = None) -> Ladders:
    """`now`: of which day the noon is meant."""
    noon = Millis(now - (now + 8 * HOUR) % (24 * HOUR) + 12 * HOUR)
    shown = [preview(shop, groups, rule_of(shop), noon, tuple(replies)) for groups in groups_of(shop)]
    return Ladders(shop.id, event, shown, preview_of_debt(shop))


def previewed(wanted: Settings, shops: Iterable[Shop], events: Iterable[Event], now: Millis) -> Previewed:
    """Of sound settings, as far as these shops and events are what changes."""
    known = {shop.id: shop for shop in wanted.shops}
    found = [ladders_of(shop, wanted.replies, now) for shop in shops]
    rehearsed = {}
    for event in events:
        rehearsed[event.id] = rehearse(wanted, event, now)
        if event.ladder is not None or event.ladders is not None or event.debt_ladder is not None:
            during = (shop_during(known[name], event) for name in event.shops)
            found += [ladders_of(shop, wanted.replies, now, event.id) for shop in during]
    return Previewed(found, rehearsed)
