"""Which shops act on a confirmation of something else than relay says today, and how they fall back (§7).

A desk sees by itself that a confirmation is of another rule or other options. That the text behind it has changed, as
after an upgrade, only the office can see: it sets such a shop to `suggest`, as a fact, before anything is decided.
"""

from typing import Final

import msgspec

from relay.domain.names import PersonId, ShopId
from relay.domain.office import Settings
from relay.insight.statement import is_void

RELAY: Final = PersonId("relay")
"""By whom such a change is made: nobody's word but the program's."""


def fallen_back(settings: Settings) -> tuple[Settings, list[ShopId]]:
    """The settings with every void shop on `suggest`, and which these are."""
    void = [shop.id for shop in settings.shops if is_void(shop)]
    shops = (msgspec.structs.replace(one, assist="suggest") if one.id in void else one for one in settings.shops)
    return msgspec.structs.replace(settings, shops=tuple(shops)), void
