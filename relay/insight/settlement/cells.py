"""Counts that grow: a cell for each day and seat, with the machine's texts and without, added to and taken from."""

from typing import Final

import msgspec

from relay.insight.settlement.records import Side, Sides
from relay.rules.entries import Entry
from relay.rules.report import Verdict
from relay.rules.rows import MeanRow, RateRow, Row

EVERY_SEAT: Final = ""
"""The seat of a shop's own figure."""


class Cell:
    """One side of one day."""

    __slots__ = ("excluded", "pending", "row", "undetermined")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.excluded = self.pending = self.undetermined = 0

    @classmethod
    def of(cls, side: Side) -> "Cell":
        cell = cls(side.row())
        cell.excluded, cell.pending, cell.undetermined = side.excluded, side.pending, side.undetermined
        return cell

    def count(self, entry: Entry) -> None:
        self.row.count(entry)
        self.note(entry)

    def note(self, entry: Entry) -> None:
        """Only what the row does not say."""
        verdict = entry.verdict
        if verdict is Verdict.excluded:
            self.excluded += 1
        elif verdict is Verdict.undetermined:
            self.undetermined += 1
        elif verdict is Verdict.pending:
            self.pending += 1

    def add(self, other: "Cell", sign: int = 1) -> None:
        self.row.add(other.row, sign)
        self.excluded += sign * other.excluded
        self.pending += sign * other.pending
        self.undetermined += sign * other.undetermined

    @property
    def empty(self) -> bool:
        return self.row.empty and not (self.excluded or self.pending or self.undetermined)

    def side(self) -> Side:
        row, rest = self.row, (self.excluded, self.pending, self.undetermined)
        if isinstance(row, MeanRow):
            side = Side(
                mean=True, waited=row.waited, rounds=row.rounds, doubts=tuple(sorted(row.doubts.items())),
                entries=row.entries,
            )  # fmt: skip
        else:
            assert isinstance(row, RateRow)
            side = Side(**{name: getattr(row, name) for name in RateRow.__slots__})
        return msgspec.structs.replace(side, excluded=rest[0], pending=rest[1], undetermined=rest[2])


class Pair:
    """Both sides."""

    __slots__ = ("bare", "whole")

    def __init__(self, make: type[Row]) -> None:
        self.whole, self.bare = Cell(make()), Cell(make())

    @classmethod
    def of(cls, sides: Sides) -> "Pair":
        pair = cls.__new__(cls)
        pair.whole, pair.bare = Cell.of(sides.whole), Cell.of(sides.bare)
        return pair

    def add(self, other: "Pair", sign: int = 1) -> None:
        self.whole.add(other.whole, sign)
        self.bare.add(other.bare, sign)

    @property
    def empty(self) -> bool:
        return self.whole.empty and self.bare.empty

    def sides(self) -> Sides:
        return Sides(self.whole.side(), self.bare.side())

    def on(self, sides: Sides) -> Sides:
        """These sides, and this on top."""
        whole, bare = Cell.of(sides.whole), Cell.of(sides.bare)
        whole.add(self.whole)
        bare.add(self.bare)
        return Sides(whole.side(), bare.side())


Place = tuple[int, str]
"""A day as `rules.instants.day_of` numbers it, and a seat."""


class Sheet(dict[Place, Pair]):
    """A pair for every day and seat that has something."""

    def __init__(self, make: type[Row]) -> None:
        super().__init__()
        self._make = make

    def at(self, place: Place) -> Pair:
        pair = self.get(place)
        if pair is None:
            pair = self[place] = Pair(self._make)
        return pair

    def add_day(self, other: "Sheet", day: int) -> None:
        """Add what the other has of one day."""
        for place, pair in other.items():
            if place[0] == day:
                self.at(place).add(pair)
