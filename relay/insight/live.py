"""The running figure of each shop, from the lines that were told of it: the same rules, the same lines as the audit.

Facts are taken as they come and counted a page at a time, by whoever has a moment or by the one who asks: so neither a
new day, nor another rule, nor a start has to count everything at once. Older days than the newest two are asked of the
ledger.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from relay.domain import facts as f
from relay.domain.marks import day_of
from relay.domain.names import DeskId, Millis, ShopId
from relay.insight.told import ShopLines, Telling, Told
from relay.rules.messages import Message
from relay.rules.report import Counts


class Figure(Protocol):
    """What a rule's ledger offers a running figure."""

    def take(self, message: Message) -> None: ...

    def counts(self, as_of: int | None = None) -> Counts: ...


class OpenFigure(Protocol):
    """Opens a figure by rule id and options; raises ValueError for what it does not know."""

    def __call__(self, rule_id: str, options: Mapping[str, str]) -> Figure: ...


Failed = Callable[[ShopId, str, Exception], None]
"""Shop, rule, what it raised."""


class _Count:
    """How far the figure of one shop has come."""

    def __init__(self, version: int) -> None:
        self.figure: Figure | None = None
        self.version, self.taken, self.failed = version, 0, False


class LiveFigures:
    """Per shop of one desk: the rule that it names, over the newest two days. `told` is what it goes on from.

    A rule that raises ends the figure of its shop, and no other; `failed` is told of it once.
    """

    def __init__(
        self, desk: DeskId, open_figure: OpenFigure, told: Told | None = None, failed: Failed = lambda *_: None
    ) -> None:
        self._open, self._failed = open_figure, failed
        self._telling = Telling(told or Told(desk))
        self._counts: dict[ShopId, _Count] = {}

    def take(self, seq: int, fact: f.DeskFact) -> None:
        """One more fact of the desk, in order."""
        self._telling.take(seq, fact)

    def catch_up(self) -> bool:
        """Count at most a page of lines more. False if nothing is left to count."""
        return any(self._count_some(shop, lines) for shop, lines in self._telling.told.shops.items())

    def counts(self, shop: ShopId, as_of: int) -> Counts | None:
        """The figure of this shop's newest two days as of an instant; None if shop or figure is unknown, or failed."""
        lines = self._telling.told.shops.get(shop)
        if lines is None:
            return None
        while self._count_some(shop, lines):
            pass
        count = self._counts[shop]
        try:
            return None if count.figure is None or count.failed else count.figure.counts(as_of)
        except Exception as error:
            self._fail(shop, lines, count, error)
            return None

    def lines(self, shop: ShopId, start: int) -> list[Message]:
        """The kept lines of this shop from place `start` to the end of its page; none at the end."""
        lines = self._telling.told.shops.get(shop)
        return [] if lines is None else lines.some(start)

    def _count_some(self, shop: ShopId, lines: ShopLines) -> bool:
        count = self._counts.get(shop)
        if count is None or count.version != lines.version:
            count = self._counts[shop] = _Count(lines.version)
        if count.failed:
            return False
        try:
            if count.figure is None:
                count.figure = self._open(lines.rule, lines.options)
            some = lines.some(count.taken)
            for line in some:
                if day_of(Millis(line.at)) >= self._telling.first_day:
                    count.figure.take(line)
        except Exception as error:
            self._fail(shop, lines, count, error)
            return False
        count.taken += len(some)
        return bool(some)

    def _fail(self, shop: ShopId, lines: ShopLines, count: _Count, error: Exception) -> None:
        count.failed = True
        self._failed(shop, lines.rule, error)
