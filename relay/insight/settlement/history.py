"""Days that were imported: the same counts by the same rules as the audit of the log, as rows that a report reads.

Laws:
* The days equal those of `relay audit` over the same lines, as of the end of the last line's day (L13).
* A day is history or live, never both. Live wins from the shop's first live day on; before it history wins on every day
  that it has. Rows of history say so (`DayRow.source`).
* Of a line only its seq stays in memory; the threads of a few hundred buyers are weighed at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec

from relay.domain.facts import HistoryTold
from relay.insight.settlement.cells import Sheet
from relay.insight.settlement.days import settles_at
from relay.insight.settlement.reading import Rows
from relay.insight.settlement.records import DayRow, Terms
from relay.insight.settlement.terms import OpenLaw
from relay.insight.settlement.weighing import weigh
from relay.rules.instants import date_text, end_of_day
from relay.rules.messages import Message
from relay.rules.walks import Law

AT_ONCE: Final = 500
"""Buyers that are weighed together."""
OF_NOBODY: Final = frozenset({"gap", "recall"})
"""The lines that concern every buyer where they name none."""
_MERGED: Final = frozenset({"day", "seat", "restated"})
_pack = msgspec.msgpack.Encoder().encode
Told = tuple[int, HistoryTold]
Some = Callable[[Sequence[int]], Iterable[Told]]
"""The facts of these seqs, in order."""


class Row(NamedTuple):
    """What goes on the shelf."""

    kind: str
    key: str
    value: bytes


def rows_of(terms: Terms, open_law: OpenLaw, facts: Iterable[Told], some: Some) -> Iterator[Row]:
    """The rows of all days of a history. `facts` are read once to know who is there, and `some` of them again."""
    buyers: dict[str, list[int]] = {}
    common: list[Message] = []
    latest: int | None = None
    for seq, fact in facts:
        latest = fact.sent_at if latest is None else max(latest, fact.sent_at)
        if fact.buyer is not None:
            buyers.setdefault(fact.buyer, []).append(seq)
        elif fact.kind in OF_NOBODY:
            common.append(message_of(fact))
    if latest is None:
        return
    laws = [open_law(one.rule, dict(one.options)) for one in terms.readings]
    sheets = [Sheet(law.row) for law in laws]
    names = list(buyers)
    for start in range(0, len(names), AT_ONCE):
        part = [(name, buyers[name]) for name in names[start : start + AT_ONCE]]
        found = dict(some(sorted(seq for _, seqs in part for seq in seqs)))
        told = {name: [found[seq] for seq in seqs] for name, seqs in part}
        for law, sheet in zip(laws, sheets, strict=True):
            _weigh(law, sheet, told, common, end_of_day(latest))
    for reading, (law, sheet) in enumerate(zip(laws, sheets, strict=True)):
        yield from _rows(terms, reading, law, sheet)


def _weigh(law: Law, sheet: Sheet, told: dict[str, list[HistoryTold]], common: Sequence[Message], as_of: int) -> None:
    seated = law.by_sub_account or law.seats
    talks = {name: [message_of(one, addressed=seated) for one in facts] for name, facts in told.items()}
    for one in weigh(law, talks, common, as_of).values():
        for place, pair in one.sheet.items():
            sheet.at(place).add(pair)


def _rows(terms: Terms, reading: int, law: Law, sheet: Sheet) -> Iterator[Row]:
    """Keys are as in `books`."""
    of = terms.readings[reading]
    for (day, seat), pair in sorted(sheet.items()):
        date = date_text(day)
        row = DayRow(
            terms.shop, date, of.rule, law.version, of.name, seat, settles_at(day, terms.zone), None, pair.sides(),
            "history",
        )  # fmt: skip
        key = f"{terms.shop}/{date}/{of.rule}/{of.name}"
        yield Row("seat", f"{key}/{seat}", _pack(row)) if seat else Row("day", key, _pack(row))


class Joined:
    """The rows of a shop, live and imported, as one shelf to read. `live_from` is the first live day, None if none."""

    def __init__(self, shop: str, live: Rows | None, history: Rows, live_from: str | None) -> None:
        self._live, self._history = live, history
        self._own = f"{shop}/"
        days = history.scan("day", self._own, f"{shop}/9999")
        self.dates = frozenset(
            date for date in (self._date(key) for key, _ in days) if live_from is None or date < live_from
        )
        """The days that are history."""

    def scan(self, kind: str, first: str = "", last: str | None = None) -> Iterable[tuple[str, bytes]]:
        live = self._live.scan(kind, first, last) if self._live is not None else ()
        if kind not in _MERGED:
            return live
        lived = ((key, value) for key, value in live if self._date(key) not in self.dates)
        imported = (
            (key, value) for key, value in self._history.scan(kind, first, last) if self._date(key) in self.dates
        )
        return merge(lived, imported, key=itemgetter(0))

    def _date(self, key: str) -> str:
        return key.removeprefix(self._own)[:10]


def message_of(fact: HistoryTold, *, addressed: bool = False) -> Message:
    """The line as a rule reads it; `addressed`: with the seat a question was said to, for rules that count by seat."""
    seat = fact.addressed if addressed and fact.addressed is not None else fact.sub_account
    return Message(
        at=fact.sent_at,
        role=fact.role,
        kind=fact.kind,
        buyer=fact.buyer,
        sub_account=seat,
        shop=fact.shop,
        id=fact.message,
        bot=fact.bot,
        mode=fact.mode,
        trigger=fact.trigger,
        origin=fact.origin,
        outcome=fact.outcome,
        content=fact.content,
        text=fact.words,
        buyer_class=fact.buyer_class,
        queued=fact.queued,
        from_sub=fact.from_sub,
        recalls=fact.recalls,
        skew_ms=fact.skew_ms,
        to=fact.to_at,
    )
