"""Through which self id a text reaches its buyer as the right account.

Law: a text never leaves as another account than it was meant for: where nobody can speak for that one it is not sent.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from relay.domain.names import ShopId
from relay_onebot.accounts import Accounts
from relay_onebot.presence import Roll

REMEMBERED: Final = 50_000


class Speakers:
    """Who can speak as which account, and to whom a buyer spoke last."""

    def __init__(self, accounts: Accounts, roll: Roll, speaks: Callable[[str], bool], extended: bool) -> None:
        self._accounts, self._roll, self._speaks, self._extended = accounts, roll, speaks, extended
        self._last: OrderedDict[tuple[ShopId, str], str] = OrderedDict()

    def met(self, self_id: str, buyer: str, shop: ShopId) -> None:
        """This buyer of this shop spoke with this account."""
        self._last[shop, buyer] = self_id
        self._last.move_to_end((shop, buyer))
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def self_id_for(self, shop: ShopId, account: str, buyer: str) -> str | None:
        """Who can speak as this account; without one, who spoke with the buyer last, or the only one there is.

        A bridge with relay's extensions may speak for accounts that have no self id of their own.
        """
        if account:
            wanted = self._accounts.self_id_of(shop, account)
            if self._speaks(wanted):
                return wanted
            if not self._extended:
                return None
        last = self._last.get((shop, buyer))
        if last is not None and self._speaks(last):
            return last
        there = self._there(shop)
        return there[0] if len(there) == 1 else None

    def anybody(self, shop: ShopId, account: str, buyer: str) -> str | None:
        """Who can be asked for something that no buyer sees: that account if it can, else anybody of the shop."""
        there = self._there(shop)
        return self.self_id_for(shop, account, buyer) or (there[0] if there else None)

    def _there(self, shop: ShopId) -> list[str]:
        known = dict.fromkeys([one.self_id for one in self._roll.of(shop)] + self._accounts.self_ids_of(shop))
        return [self_id for self_id in known if self._speaks(self_id)]
