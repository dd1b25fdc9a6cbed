"""The running figure of each shop, fed with committed facts as they come: the same rules, the same lines as the audit.

A send whose outcome was unknown and is proven later is taken back and told again, so that the running figure of a day
equals the one computed from the whole ledger. Only the lines of the newest two days are kept: memory follows the day,
not the ledger; older days are asked of it.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.marks import day_of
from relay.domain.names import DeskId, Millis, SendId, ShopId
from relay.domain.settings import Shop
from relay.insight.log import LogLines
from relay.rules.messages import Message
from relay.rules.report import Counts

KEPT_DAYS: Final = 2


class Figure(Protocol):
    """What a rule's ledger offers a running figure."""

    def take(self, message: Message) -> None: ...

    def counts(self, as_of: int | None = None) -> Counts: ...


class OpenFigure(Protocol):
    """Opens a figure by rule id and options; raises ValueError for what it does not know."""

    def __call__(self, rule_id: str, options: Mapping[str, str]) -> Figure: ...


class LiveFigures:
    """Per shop of one desk: the rule that it names, over every message so far."""

    def __init__(self, desk: DeskId, open_figure: OpenFigure) -> None:
        self._open = open_figure
        self._lines = LogLines(desk)
        self._figures: dict[ShopId, Figure] = {}
        self._rules: dict[ShopId, tuple[str, Mapping[str, str]]] = {}
        self._told: dict[ShopId, list[Message]] = {}
        self._newest_day = 0
        self._unknown: dict[SendId, Message] = {}
        self._sends: set[SendId] = set()

    def take(self, seq: int, fact: f.DeskFact) -> None:
        """One more fact of the desk, in order."""
        match fact:
            case f.OfficeTaken(subject=Shop() as shop):
                self._adopt(shop)
                return
            case f.SendStarted():
                self._sends.add(fact.send)
            case f.ShopWrote(echo_of=echo) if echo in self._sends:
                return
            case f.SendEnded() if fact.send in self._unknown:
                self._take_back(self._unknown.pop(fact.send))
            case _:
                pass
        for line in self._lines.of(seq, fact):
            if line.outcome == "unknown" and isinstance(fact, f.SendEnded):
                self._unknown[fact.send] = line
            elif isinstance(fact, f.SendEnded) and line.id is not None:
                line = _renamed(line)
            self._tell(line)

    def counts(self, shop: ShopId, as_of: int) -> Counts | None:
        """The figure of this shop's newest two days as of an instant; None for an unknown shop."""
        figure = self._figures.get(shop)
        return figure.counts(as_of) if figure is not None else None

    def _adopt(self, shop: Shop) -> None:
        """A shop under another rule or other options is counted anew from the lines told so far."""
        wanted = (shop.rule, shop.rule_options)
        if self._rules.get(shop.id) == wanted:
            return
        self._rules[shop.id] = wanted
        self._figures[shop.id] = self._open(shop.rule, shop.rule_options)
        for line in self._told.setdefault(shop.id, []):
            self._figures[shop.id].take(line)

    def _tell(self, line: Message) -> None:
        shop = ShopId(line.shop or "")
        day = day_of(Millis(line.at))
        if day > self._newest_day:
            self._begin_day(day)
        if shop in self._figures and day > self._newest_day - KEPT_DAYS:
            self._told[shop].append(line)
            self._figures[shop].take(line)

    def _begin_day(self, day: int) -> None:
        """Let go of what is older than yesterday, and count what is left anew."""
        self._newest_day = day
        for shop, lines in self._told.items():
            kept = [line for line in lines if day_of(Millis(line.at)) > day - KEPT_DAYS]
            self._told[shop] = kept
            rule, options = self._rules[shop]
            self._figures[shop] = self._open(rule, options)
            for line in kept:
                self._figures[shop].take(line)

    def _take_back(self, line: Message) -> None:
        self._tell(Message(at=line.at, role="system", kind="recall", shop=line.shop, buyer=line.buyer, recalls=line.id))


def _renamed(line: Message) -> Message:
    """A proven send gets a name of its own, so that the taken-back line of the same send cannot hide it."""
    return replace(line, id=f"{line.id}p")
