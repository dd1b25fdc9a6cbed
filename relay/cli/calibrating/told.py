"""The messages of a shop as its ledger has them, lived through and imported, by conversation.

A day is history or live, as in the settled days (`relay.insight.settlement.history`): from the shop's first live day on
imported lines are not counted, and before it live lines are not on days that were imported. The settled days still hear
what an imported line of the first live day answered of the evening before; here it is heard only if relay heard it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.insight.calibration.talks import Talks
    from relay.rules.messages import Body
    from relay.store.reader import Reader


class _Addressed:
    """Gives a question of an imported line the seat that it was said to."""

    def __init__(self) -> None:
        self.seats: dict[int, str] = {}
        """By the place in memory of a body, which its talks keep alive."""

    def __call__(self, body: "Body") -> "Body":
        from msgspec.structs import replace

        seat = self.seats.get(id(body))
        return body if seat is None else replace(body, sub_account=seat)


def talks_of(ledger: "Reader", shop: str) -> "Talks":
    from msgspec.structs import replace

    from relay.cli.messages import messages
    from relay.domain.names import ShopId
    from relay.insight.calibration.talks import Talks
    from relay.insight.settlement.history import message_of
    from relay.rules.instants import CHINA, DAY
    from relay.store.history_rolling import first_live_day, told_lines

    addressed = _Addressed()
    talks, imported = Talks(addressed), set[int]()
    lived_from = first_live_day(ledger, ShopId(shop))
    names: dict[str | None, str | None] = {}

    def same(name: str | None) -> str | None:
        """One string for each buyer and seat, and not one a line."""
        return names.setdefault(name, name)

    for fact in told_lines(ledger, ShopId(shop)):
        day = (fact.sent_at + CHINA) // DAY
        if lived_from is None or day < lived_from:
            imported.add(day)
            message = replace(message_of(fact), buyer=same(fact.buyer), shop=shop, sub_account=same(fact.sub_account))
            if fact.addressed is not None:
                addressed.seats[id(message)] = fact.addressed
            talks.take(message.at, message)
    for message in messages(ledger, None, (), (shop,)):
        if (message.at + CHINA) // DAY not in imported:
            talks.take(message.at, message)
    return talks
