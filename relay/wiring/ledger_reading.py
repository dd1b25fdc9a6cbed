"""How pages read the ledger: from a snapshot, in a thread, one question at a time; no deadline waits for one."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from relay.domain.codec import Row, decode
from relay.domain.names import DeskId, Millis
from relay.errors import BadInputError
from relay.store.reader import Reader
from relay.store.sqlite import SqliteStore

T = TypeVar("T")
BEIJING: Final = timedelta(hours=8)
BEFORE_MS: Final = 2 * 86_400_000
"""So far before a day's begin a rule may look for a verdict of that day."""


class LedgerReading:
    """One for a process; whoever asks waits for those who asked before."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._turn = asyncio.Lock()

    async def ask(self, question: Callable[[Reader], T]) -> T:
        def read() -> T:
            with self._store.snapshot() as ledger:
                return question(ledger)

        async with self._turn:
            return await asyncio.to_thread(read)


def date_of(text: str) -> date:
    """Raises BadInputError."""
    try:
        day = date.fromisoformat(text)
        if day.isoformat() == text:
            return day
    except ValueError:
        pass
    raise BadInputError(f"{text!r}: 日期应写作 2026-03-02 / a date is written like 2026-03-02")


def began(day: date) -> Millis:
    """The first instant of this date in China."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - BEIJING
    return Millis(round(at.timestamp() * 1000))


def rows_from(ledger: Reader, desk: DeskId, at: int) -> Iterator[Row]:
    """The rows from the first fact on that was recorded at this instant or later; facts are recorded in order."""
    head = ledger.head(desk)
    low, high = 1, (head.seq if head is not None else 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = next(iter(ledger.read(desk, middle, middle)))
        if decode(row.body).at < at:
            low = middle + 1
        else:
            high = middle
    return ledger.read(desk, low)
