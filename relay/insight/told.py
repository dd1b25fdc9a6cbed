"""The newest days' lines of each shop of one desk, kept as facts come: all that a running figure has to remember.

Laws of this module:
* It is a fold of the facts and nothing else, so it can be put away in a snapshot and taken up again.
* Memory follows the day, not the ledger: what is older than `KEPT_DAYS` is let go, lines and sends alike.
* A send whose outcome was unknown and is proven later is taken back and told again, under a name of its own.
* A gap that was read since is told no more: its shop is counted anew without it.

Full pages of lines are kept packed, which is a fraction of their size as records; whoever counts unpacks a page at a
time. That also makes a snapshot of a busy day cheap to write and to read: its pages are passed on as they are.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.marks import day_of
from relay.domain.names import DeskId, Millis, SendId, ShopId
from relay.domain.settings import Shop
from relay.insight.log import LogLines
from relay.rules.messages import Message

KEPT_DAYS: Final = 2
_SILENT: Final = frozenset({f.RoundOpened, f.LadderStepped, f.HoldWithheld})
"""The most frequent of the facts that are no line of any log."""
PAGE: Final = 256
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Message]).decode


class Page(msgspec.Struct, frozen=True):
    """So many lines in order, packed; `newest_day` is the latest that any of them is of."""

    newest_day: int
    lines: bytes


class ShopLines(msgspec.Struct):
    """The lines of one shop, and the rule that counts them. `version` says how often counting had to begin anew."""

    rule: str
    options: dict[str, str]
    version: int = 0
    pages: list[Page] = []
    open: list[Message] = []

    def add(self, line: Message) -> None:
        self.open.append(line)
        if len(self.open) == PAGE:
            self.pages.append(Page(max(day_of(Millis(one.at)) for one in self.open), _encode(self.open)))
            self.open = []

    def __len__(self) -> int:
        return len(self.pages) * PAGE + len(self.open)

    def some(self, start: int) -> list[Message]:
        """The lines from place `start` to the end of its page."""
        page, place = divmod(start, PAGE)
        return (_decode(self.pages[page].lines) if page < len(self.pages) else self.open)[place:]

    def forget_gaps(self, from_at: int, to_at: int) -> None:
        """The gaps within this span were read: lines are packed anew without them, if there are any."""
        lines = [line for page in self.pages for line in _decode(page.lines)] + self.open
        kept = [one for one in lines if not (one.kind == "gap" and from_at <= one.at and (one.to or 0) <= to_at)]
        if len(kept) < len(lines):
            self.version += 1
            self.pages, self.open = [], []
            for line in kept:
                self.add(line)

    def begin_anew(self, first_day: int = 0) -> None:
        """Count again from the first line; pages with no line of `first_day` or later are gone."""
        self.version += 1
        self.pages = [page for page in self.pages if page.newest_day >= first_day]


class Told(msgspec.Struct):
    """What is remembered of one desk: records alone.

    `begun` are the instants at which sends began, `flying` those that have not ended, `unknown` the lines that may yet
    be proven or denied.
    """

    desk: DeskId
    newest_day: int = 0
    shops: dict[ShopId, ShopLines] = {}
    begun: dict[SendId, Millis] = {}
    flying: dict[SendId, None] = {}
    unknown: dict[SendId, Message] = {}


class Telling:
    """Facts in, lines into `told`."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self._lines = LogLines(told.desk, told.begun)

    @property
    def first_day(self) -> int:
        """The first day of which lines are kept."""
        return self.told.newest_day - KEPT_DAYS + 1

    def take(self, seq: int, fact: f.DeskFact) -> None:
        """One more fact of the desk, in order."""
        if type(fact) in _SILENT:
            return
        told = self.told
        match fact:
            case f.OfficeTaken(subject=Shop() as shop):
                self._adopt(shop)
                return
            case f.SendStarted():
                told.flying[fact.send] = None
            case f.ShopWrote(echo_of=echo) if echo in told.begun:
                return
            case f.ChannelGap(recovered=True) if fact.shop in told.shops:
                told.shops[fact.shop].forget_gaps(fact.from_at, fact.to_at)
            case f.SendEnded():
                told.flying.pop(fact.send, None)
                if fact.send in told.unknown:
                    self._take_back(told.unknown.pop(fact.send))
            case _:
                pass
        for line in self._lines.of(seq, fact):
            if isinstance(fact, f.SendEnded):
                if line.outcome == "unknown":
                    told.unknown[fact.send] = line
                else:
                    line = replace(line, id=f"{line.id}p")  # so that the line taken back cannot hide it
            self._tell(line)

    def _adopt(self, shop: Shop) -> None:
        """A shop under another rule or other options is counted anew."""
        known = self.told.shops.get(shop.id)
        if known is None:
            self.told.shops[shop.id] = ShopLines(shop.rule, shop.rule_options)
        elif (known.rule, known.options) != (shop.rule, shop.rule_options):
            known.rule, known.options = shop.rule, shop.rule_options
            known.begin_anew()

    def _tell(self, line: Message) -> None:
        day = day_of(Millis(line.at))
        if day > self.told.newest_day:
            self._begin_day(day)
        lines = self.told.shops.get(ShopId(line.shop or ""))
        if lines is not None and day >= self.first_day:
            lines.add(line)

    def _begin_day(self, day: int) -> None:
        """Let go of what is older than yesterday; an echo of a send may still come a day later."""
        told = self.told
        told.newest_day = day
        for lines in told.shops.values():
            lines.begin_anew(self.first_day)
        for send, line in [*told.unknown.items()]:
            if day_of(Millis(line.at)) < self.first_day:
                del told.unknown[send]
        for send, at in [*told.begun.items()]:
            if day_of(at) < self.first_day - 1 and send not in told.flying:
                del told.begun[send]

    def _take_back(self, line: Message) -> None:
        self._tell(Message(at=line.at, role="system", kind="recall", shop=line.shop, buyer=line.buyer, recalls=line.id))
