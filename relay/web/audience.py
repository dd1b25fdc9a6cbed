"""Who is listening to one desk, found by what they may see: so that a fact of one seat is not offered to everybody."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from relay.domain.names import PersonId, SeatId, ShopId
from relay.web.notices import Notice
from relay.web.session import Session

_NOBODY: Final[Mapping[Session, None]] = {}


class Audience:
    """The sessions of one desk. A session whose scope changes leaves before and comes again after (L14)."""

    __slots__ = ("_of_seat", "_of_shop", "_sessions")

    def __init__(self) -> None:
        self._sessions: dict[Session, None] = {}
        self._of_seat: dict[SeatId, dict[Session, None]] = {}
        self._of_shop: dict[ShopId, dict[Session, None]] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions))

    def enlist(self, session: Session) -> None:
        """From now on it is told what its scope sees."""
        self._sessions[session] = None
        for seat in session.scope.seats:
            self._of_seat.setdefault(seat, {})[session] = None
        for shop in session.scope.all_of:
            self._of_shop.setdefault(shop, {})[session] = None

    def leave(self, session: Session) -> None:
        self._sessions.pop(session, None)
        for seat in session.scope.seats:
            self._of_seat.get(seat, {}).pop(session, None)
        for shop in session.scope.all_of:
            self._of_shop.get(shop, {}).pop(session, None)

    def has(self, person: PersonId) -> bool:
        return any(session.person == person for session in self._sessions)

    def of(self, notice: Notice) -> Iterable[Session]:
        """The sessions that this notice may concern; `Notice.for_` decides."""
        if notice.public is not None or notice.shop is None:
            return self._sessions
        found = self._of_shop.get(notice.shop, _NOBODY)
        for seat in (*notice.seats, *notice.leaving):
            more = self._of_seat.get(seat)
            if more:
                found = {**found, **more} if found else more
        return found
