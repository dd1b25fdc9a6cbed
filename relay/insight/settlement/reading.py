"""Reading settled rows off a shelf: a few walks along its keys, however many rounds lie behind them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

import msgspec

from relay.domain.names import ShopId
from relay.insight.settlement.records import STRICT, DayRow, Restated, Sealed
from relay.insight.settlement.views import LOOK_BACK_DAYS, PENALISING, ReadingView, reading_view

R = TypeVar("R")
_row = msgspec.msgpack.Decoder(DayRow)
_restated = msgspec.msgpack.Decoder(Restated)
_sealed = msgspec.msgpack.Decoder(Sealed)


class Rows(Protocol):
    """What is read of a shelf (`relay.insight.projecting.Shelf`)."""

    def scan(self, kind: str, first: str = "", last: str | None = None) -> Iterable[tuple[str, bytes]]: ...


def shops_on(shelf: Rows) -> list[ShopId]:
    """The shops that have anything settled, by name."""
    return [ShopId(key) for key, _ in shelf.scan("shop")]


def days(shelf: Rows, shop: ShopId, first: date, last: date) -> list[DayRow]:
    """The shop's own rows of these days, every rule and reading."""
    return _between(shelf, "day", _row, shop, first, last)


def seats(shelf: Rows, shop: ShopId, first: date, last: date) -> list[DayRow]:
    """The seats' rows of these days."""
    return _between(shelf, "seat", _row, shop, first, last)


def restatements(shelf: Rows, shop: ShopId, first: date, last: date) -> list[Restated]:
    """What later facts changed of these days."""
    return _between(shelf, "restated", _restated, shop, first, last)


def sealed(shelf: Rows, shop: ShopId, first: date = date.min, last: date = date.max) -> list[Sealed]:
    """Which of these days are settled, and by which fact."""
    return _between(shelf, "sealed", _sealed, shop, first, last)


def last_settled_day(shelf: Rows, shop: ShopId, first: date, last: date) -> str | None:
    """The newest day between these that has a row or is known to be settled without one."""
    found = {one.date for one in sealed(shelf, shop, first, last)} | {
        one.date for one in days(shelf, shop, first, last)
    }
    return max(found, default=None)


def reading_views(
    shelf: Rows, shop: ShopId, first: date, last: date, *, guiding: str = "", with_seats: bool = False
) -> list[ReadingView]:
    """Every reading of the shop over these days: its `guiding` rule before the others, strict before default."""
    rows: dict[tuple[str, str], dict[str, DayRow]] = {}
    for row in days(shelf, shop, first - timedelta(days=LOOK_BACK_DAYS), last):
        rows.setdefault((row.rule, row.reading), {})[row.date] = row
    told = _by_reading(restatements(shelf, shop, first, last))
    of_seats = _by_reading(seats(shelf, shop, first, last) if with_seats else ())
    history: Sequence[DayRow] = ()
    if (PENALISING, STRICT) in rows:
        every = days(shelf, shop, date.min, last)
        history = [row for row in every if (row.rule, row.reading) == (PENALISING, STRICT)]
    return [
        reading_view(own, told.get(one, ()), of_seats.get(one, ()), first, last, history)
        for one, own in sorted(
            rows.items(), key=lambda found: (found[0][0] != guiding, found[0][0], found[0][1] != STRICT)
        )
    ]


def _by_reading(found: Iterable[R]) -> dict[tuple[str, str], list[R]]:
    sorted_: dict[tuple[str, str], list[R]] = {}
    for one in found:
        sorted_.setdefault((one.rule, one.reading), []).append(one)  # type: ignore[attr-defined]
    return sorted_


def _between(
    shelf: Rows, kind: str, decoder: msgspec.msgpack.Decoder[R], shop: ShopId, first: date, last: date
) -> list[R]:
    since, until = f"{shop}/{first.isoformat()}", f"{shop}/{last.isoformat()}0"
    return [decoder.decode(value) for _, value in shelf.scan(kind, since, until)]
