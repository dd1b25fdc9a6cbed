"""What is open at one desk, as its committed facts say, and what its shops and seats are called."""

from collections.abc import Sequence

import msgspec

from relay.domain import facts as f
from relay.domain.apply_alerts import Turn, note_alerts
from relay.domain.model import Alerts, DeskState, OpenAlert
from relay.domain.names import AlertId, DeskId, Millis, SeatId
from relay.domain.settings import Person, Seat, Shop
from relay.runtime.notices.wording import Item, plain
from relay.runtime.port import Committed

Ref = tuple[DeskId, AlertId]


def waits_from(alert: OpenAlert) -> Millis:
    """What its wait counts from: the question, where it is about one."""
    return alert.round_at if alert.round_at is not None else alert.since


class DeskBook:
    """The alerts of one desk. `begin` inside `Port.look`; then every committed batch, in order."""

    def __init__(self, state: DeskState) -> None:
        self.desk = state.desk
        self.alerts = msgspec.msgpack.decode(msgspec.msgpack.encode(state.alerts), type=Alerts)
        self._shops = {shop.base.id: shop.base.name or shop.base.id for shop in state.shops.values()}
        self._seats = {seat.base.id: seat.base for seat in state.seats.values()}
        self._people = {person.id: person.name for person in state.persons.values()}

    def take(self, committed: Sequence[Committed]) -> list[tuple[f.DeskFact, Turn]]:
        """Carry facts in; those that changed anything, with what they changed."""
        turns = []
        for one in committed:
            if isinstance(one.fact, f.OfficeTaken):
                self._learn(one.fact.subject)
            turn = note_alerts(self.alerts, one.seq, one.fact)
            if turn is not None:
                turns.append((one.fact, turn))
        return turns

    def get(self, name: AlertId) -> OpenAlert | None:
        return self.alerts.open.get(name)

    def item(self, alert: OpenAlert) -> Item:
        """The alert as it may be told."""
        return Item(
            what=alert.what,
            shop=plain(self._shops.get(alert.shop, alert.shop)),
            seat=plain(self._called(alert.seat)),
            waits_from=waits_from(alert),
            due_at=alert.due_at,
        )

    def _called(self, seat: SeatId | None) -> str:
        if seat is None:
            return ""
        known = self._seats.get(seat)
        name = self._people.get(known.agent, "") if known is not None else ""
        return f"{name} {seat}" if name else (known.account if known is not None else "") or seat

    def _learn(self, subject: object) -> None:
        match subject:
            case Shop():
                self._shops[subject.id] = subject.name or subject.id
            case Seat():
                self._seats[subject.id] = subject
            case Person():
                self._people[subject.id] = subject.name
            case _:
                pass
