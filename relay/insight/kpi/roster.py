"""Who holds which seat, for which outsourcing firm: what the settings on the desk's own ledger say at each fact.

A figure belongs to whoever sent or held at that instant: a seat that changes hands takes nothing along.
"""

from typing import Final, Literal, NamedTuple, get_args

from relay.domain import facts as f
from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.settings import Seat, Shop

By = Literal["seat", "agent", "vendor", "group", "shop", "hour", "day"]
"""Whose sums: the first three are of who sent or held, the others of where and when."""
BYS: Final = get_args(By)
HOLDERS: Final[tuple[Literal["seat", "agent", "vendor"], ...]] = ("seat", "agent", "vendor")
Place = tuple[int, By, str]
"""A day, a dimension and a name: where sums are kept."""
OWN: Final = "-"
"""Instead of a vendor: the shop's own staff."""


class Holder(NamedTuple):
    """A seat and whose it is. An empty name is nobody's: a supervisor without a seat, an account that is no seat."""

    seat: str
    agent: str
    vendor: str


class Limits(NamedTuple):
    """From which span on a shop calls an answer slow and a reception long."""

    slow_ms: int
    long_ms: int


class Roster:
    """Takes the settings that a desk takes over."""

    def __init__(self) -> None:
        self._seats: dict[SeatId, Seat] = {}
        self._accounts: dict[tuple[ShopId, str], SeatId] = {}
        self._limits: dict[ShopId, Limits] = {}
        self._vendors: dict[SeatId, list[tuple[int, str]]] = {}
        """Whose each seat is from which day on."""

    def take(self, fact: f.OfficeTaken, day: int) -> None:
        match fact.subject:
            case Seat() as seat:
                self._seats[seat.id] = seat
                self._know_accounts()
                self._vendors.setdefault(seat.id, []).append((day, seat.vendor or OWN))
            case Shop() as shop:
                self._limits[shop.id] = Limits(shop.slow_reply_s * 1000, shop.long_reception_s * 1000)
            case _:
                if fact.removed_sort == "seat" and fact.removed_id is not None:
                    self._seats.pop(SeatId(fact.removed_id), None)
                    self._know_accounts()

    def _know_accounts(self) -> None:
        """By the platform's name or its id; of two seats that claim one, the first."""
        self._accounts = {}
        for seat in self._seats.values():
            for account in (seat.account, seat.id):
                self._accounts.setdefault((seat.shop, account), seat.id)

    def vendors(self) -> set[str]:
        """All that have ever served here."""
        return {vendor for turns in self._vendors.values() for _, vendor in turns}

    def vendor_on(self, seat: str, day: int) -> str:
        """For whom the seat worked at the end of this day."""
        turns = self._vendors.get(SeatId(seat), [])
        return next((vendor for since, vendor in reversed(turns) if since <= day), OWN)

    def limits(self, shop: ShopId) -> Limits:
        return self._limits[shop]

    def shop_of(self, seat: SeatId) -> ShopId | None:
        known = self._seats.get(seat)
        return known.shop if known is not None else None

    def holder(self, seat: SeatId | None) -> Holder | None:
        """Whose this seat is now."""
        known = self._seats.get(seat) if seat is not None else None
        return _of(known) if known is not None else None

    def of_account(self, shop: ShopId, account: str) -> Holder | None:
        """Whose the platform's account is (a seat without one is known by its id)."""
        return self.holder(self._accounts.get((shop, account)))

    def sender(self, shop: ShopId, by: PersonId, seat: SeatId | None) -> Holder:
        """Who sent: the person, through this seat. Somebody else's vendor is that of their own seat in the shop."""
        through = self.holder(seat)
        if through is not None and through.agent == by:
            return through
        own = next((one for one in self._seats.values() if one.shop == shop and one.agent == by), None)
        return Holder(through.seat if through is not None else "", by, _of(own).vendor if own is not None else OWN)


def _of(seat: Seat) -> Holder:
    return Holder(seat.id, seat.agent, seat.vendor or OWN)
