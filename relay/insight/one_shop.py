"""Which facts of a stream are one shop's, so that its ledger can be shown without the others'.

Shown are the facts that name the shop (on a desk, among imported chats, orders, at the office); what the office set for
it alone (the shop, its seats, persons whose every role is there, replies and events of this shop only); erasures of its
texts alone; the end of a published figure of its own; and what concerns every shop and tells of none (a start, a step
of the clock). Everything else is not: where it cannot be told, it is another's.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain.names import ShopId
from relay.domain.settings import Event, Person, QuickReply, Seat, Shop, Subject, sort_of

OF_ALL: Final = (f.DeskStarted, f.ClockStepped)


class OneShop:
    """Ask for every fact of one stream in order."""

    def __init__(self, shop: ShopId) -> None:
        self.shop = shop
        self._settings: set[tuple[str | None, str | None]] = set()
        self._seqs: set[int] = set()

    def owns(self, seq: int, fact: f.AnyFact) -> bool:
        """Whether this fact may be shown."""
        match fact:
            case f.OfficeTaken(subject=subject) | f.SettingSet(subject=subject) if subject is not None:
                mine = _is_of(subject, self.shop)
                if mine:
                    self._settings.add((sort_of(subject), subject.id))
            case f.OfficeTaken():
                mine = (fact.removed_sort, fact.removed_id) in self._settings
            case f.SettingRemoved():
                mine = (fact.sort, fact.id) in self._settings
            case f.PlatformFigureWithdrawn():
                mine = fact.record in self._seqs
            case f.Erased(shop=shop) if shop:
                mine = shop == self.shop
            case f.Erased():
                mine = bool(fact.contents) and self._seqs.issuperset(fact.contents)
            case _:
                mine = isinstance(fact, OF_ALL) or getattr(fact, "shop", None) == self.shop
        if mine:
            self._seqs.add(seq)
        return mine


def _is_of(subject: Subject, shop: ShopId) -> bool:
    match subject:
        case Shop():
            return subject.id == shop
        case Seat():
            return subject.shop == shop
        case Person():
            return {grant.shop for grant in subject.roles} == {shop}
        case QuickReply() | Event():
            return subject.shops == (shop,)
        case _:
            return False
