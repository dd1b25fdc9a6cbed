"""The published figures of the office: what holds now for each shop, figure and span of days, and how it came to that.

A figure for the same days of the same shop, seat or agent replaces the one before and names it; a withdrawn one leaves
nothing. Every fact about a figure is kept, for it must be told what was corrected.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from relay.domain.facts import FigureFact, PlatformFigureRecorded, PlatformFigureWithdrawn, ReadingAdopted
from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.published import Period, Published
from relay.domain.settings import Shop


class Place(NamedTuple):
    """What a figure is about. Two figures of one place cannot both hold."""

    shop: ShopId
    figure: str
    period: Period
    first_day: str
    last_day: str
    seat: SeatId | None
    agent: PersonId | None


class Amounts(NamedTuple):
    """What was seen there."""

    numerator: int | None
    denominator: int | None
    value: Published | None


class Held(NamedTuple):
    """A figure that holds, with the office seq of its fact."""

    seq: int
    fact: PlatformFigureRecorded


class Adoption(NamedTuple):
    """A reading that was taken over, with the office seq of its fact, and what stood in the settings before it."""

    seq: int
    fact: ReadingAdopted
    rule_before: str
    options_before: dict[str, str]


def place_of(fact: PlatformFigureRecorded) -> Place:
    return Place(fact.shop, fact.figure, fact.period, fact.first_day, fact.last_day, fact.seat, fact.agent)


def amounts_of(fact: PlatformFigureRecorded) -> Amounts:
    return Amounts(fact.numerator, fact.denominator, fact.value)


@dataclass(slots=True)
class PublishedBook:
    """All published figures, and the readings that shops adopted from calibrations."""

    live: dict[Place, Held] = field(default_factory=dict)
    recorded: dict[int, PlatformFigureRecorded] = field(default_factory=dict)
    withdrawn: dict[int, PlatformFigureWithdrawn] = field(default_factory=dict)
    """By the seq of the record that was withdrawn."""
    adopted: dict[ShopId, ReadingAdopted] = field(default_factory=dict)
    """The last one of each shop."""
    adoptions: dict[int, Adoption] = field(default_factory=dict)
    """All of them, by their office seq, the oldest first."""

    def take(self, seq: int, fact: FigureFact, shop: Shop | None = None) -> None:
        """Take one fact, in order; `shop` is the setting of its shop until then. Total: what was recorded happened."""
        match fact:
            case PlatformFigureRecorded():
                self.recorded[seq] = fact
                self.live[place_of(fact)] = Held(seq, fact)
            case PlatformFigureWithdrawn(record=record):
                self.withdrawn[record] = fact
                known = self.recorded.get(record)
                place = None if known is None else place_of(known)
                if place is not None and place in self.live and self.live[place].seq == record:
                    del self.live[place]
            case ReadingAdopted():
                self.adopted[fact.shop] = fact
                if shop is not None:
                    self.adoptions[seq] = Adoption(seq, fact, shop.rule, dict(shop.rule_options))
            case _:
                assert_never(fact)

    def held(self, shop: ShopId, figure: str | None = None) -> list[Held]:
        """What holds of a shop, by figure, then days."""
        found = [one for place, one in self.live.items() if place.shop == shop and figure in (None, place.figure)]
        return sorted(found, key=lambda one: (one.fact.figure, one.fact.first_day, one.fact.last_day, one.seq))
