"""What the tests of the settlement share: a ledger in memory, shops, a story told by hand, random worlds, and a second
reckoning that is slow and plain.

The second reckoning shares the rules' ledger with the program and nothing of the settlement: every figure is counted
from the whole log anew, once for each fact.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from relay.domain import facts as f
from relay.domain.guiding import Author, Kind
from relay.domain.names import BuyerRef, DeskId, Millis, SeatId, SendId, ShopId
from relay.domain.settings import Shop
from relay.insight.log import final_ends, numbered_lines, read_gaps
from relay.insight.projecting import MemoryShelf
from relay.insight.settlement.days import settles_at
from relay.insight.settlement.fold import Settling
from relay.rules.catalogue import Catalogue
from relay.rules.instants import DAY, date_text, day_of, end_of
from relay.rules.report import Figure
from relay.rules.walks import Law

DESK, SHOP = DeskId("desk"), ShopId("shop")
MIDNIGHT = Millis(1_772_380_800_000)
"""2026-03-02 00:00 in China."""
HOUR, MINUTE, SECOND = 3_600_000, 60_000, 1_000
PERSON = Author(Kind.human)
ROBOT = Author(Kind.bot, provider="xiaoduo", mode="auto", trigger="machine")
OFFICIAL = Author(Kind.bot, provider="dianxiaomi", mode="assist", trigger="machine")
RELAYS = Author(Kind.assist, provider="relay", mode="assist", trigger="machine", path="relay")
NOBODY_KNOWS = Author(Kind.unknown)
Numbered = tuple[int, f.DeskFact]


def open_law(rule: str, options: Any) -> Law:
    return Catalogue().open(rule, options).law


def shop_of(rule: str = "taobao_ww3", platform: str = "other", **more: Any) -> Shop:
    return Shop(SHOP, DESK, platform=platform, rule=rule, **more)


class Desk:
    """The ledger of one desk and the settlement of its shops, on a shelf in memory."""

    def __init__(self, *shops: Shop) -> None:
        self.facts: list[Numbered] = []
        self.shelf = MemoryShelf()
        self._kind = Settling(open_law)
        self._terms = self._kind.terms(shops or (shop_of(),))
        self.fold = self.open()

    def open(self) -> Any:
        """As after a restart: all that is remembered lies on the shelf."""
        return self._kind.open(DESK, self._terms, self.shelf, self.read)

    def read(self, seqs: Sequence[int]) -> Iterable[Numbered]:
        return [self.facts[seq - 1] for seq in seqs]

    def tell(self, fact: f.DeskFact) -> int:
        seq = len(self.facts) + 1
        self.facts.append((seq, fact))
        if type(fact).__name__ + "@1" in self._kind.wants:
            self.fold.take(seq, fact)
        return seq


@dataclass
class Story:
    """Facts by hand: an instant is hours after 2026-03-02 00:00 in China; recorded then, unless `told` says later."""

    desk: Desk = field(default_factory=Desk)
    sends: int = 0

    def asks(self, hours: float, buyer: str = "mia", told: float | None = None, **more: Any) -> int:
        return self.desk.tell(
            f.BuyerWrote(at=_at(hours if told is None else told), shop=SHOP, buyer=BuyerRef(buyer), sent_at=_at(hours),
                         digest="", **more)
        )  # fmt: skip

    def says(
        self, hours: float, buyer: str = "mia", told: float | None = None, by: Author = PERSON, **more: Any
    ) -> int:
        return self.desk.tell(
            f.ShopWrote(at=_at(hours if told is None else told), shop=SHOP, buyer=BuyerRef(buyer), sent_at=_at(hours),
                        digest="", author=by, **more)
        )  # fmt: skip

    def begins(self, hours: float, buyer: str = "mia") -> SendId:
        self.sends += 1
        send = SendId(f"s{self.sends}")
        self.desk.tell(
            f.SendStarted(at=_at(hours), shop=SHOP, buyer=BuyerRef(buyer), send=send, seat=SeatId("seat"), attempt=1)
        )
        return send

    def ends(self, send: SendId, hours: float, outcome: str, sent: float | None = None, buyer: str = "mia") -> int:
        return self.desk.tell(
            f.SendEnded(at=_at(hours), shop=SHOP, buyer=BuyerRef(buyer), send=send, seat=SeatId("seat"),
                        outcome=outcome, sent_at=None if sent is None else _at(sent), author=PERSON)  # type: ignore[arg-type]
        )  # fmt: skip

    def recalls(self, seq: int, hours: float, buyer: str = "mia") -> int:
        return self.desk.tell(
            f.MessageRecalled(at=_at(hours), shop=SHOP, buyer=BuyerRef(buyer), message=f"m{seq}", sent_at=_at(hours))  # type: ignore[arg-type]
        )

    def gap(self, since: float, to: float, told: float, *, recovered: bool = False) -> int:
        return self.desk.tell(
            f.ChannelGap(at=_at(told), shop=SHOP, from_at=_at(since), to_at=_at(to), recovered=recovered)
        )


def _at(hours: float) -> Millis:
    return Millis(MIDNIGHT + round(hours * HOUR))


def random_world(seed: int, buyers: int = 3, happenings: int = 60, days: int = 4) -> list[f.DeskFact]:
    """Facts of a desk over a few days: late ones, unknown sends, gaps, recalls, a clock that steps."""
    chance = random.Random(seed)
    now = MIDNIGHT + chance.randrange(DAY)
    facts: list[f.DeskFact] = []
    said: list[tuple[int, str]] = []
    begun: list[tuple[SendId, str, int]] = []
    unknown: list[tuple[SendId, str, int]] = []
    gaps: list[tuple[int, int]] = []
    for number in range(1, happenings + 1):
        now += chance.choice([SECOND, 30 * SECOND, 2 * MINUTE, 4 * MINUTE, HOUR, days * DAY // happenings, 6 * HOUR])
        if chance.random() < 0.02:
            now -= 2 * HOUR
        at = Millis(now)
        buyer = BuyerRef(f"b{chance.randrange(buyers)}")
        late = chance.choice([0] * 8 + [MINUTE, 5 * HOUR, DAY])
        sent_at = Millis(now - late)
        common: dict[str, Any] = {"at": at, "shop": SHOP, "buyer": buyer}
        dice = chance.random()
        if dice < 0.40:
            said.append((number, buyer))
            facts.append(f.BuyerWrote(**common, sent_at=sent_at, digest="", account=chance.choice([None, "x", "y"]),
                                      queued=chance.random() < 0.1))  # fmt: skip
        elif dice < 0.62:
            author = chance.choice([PERSON, PERSON, PERSON, ROBOT, OFFICIAL, RELAYS, NOBODY_KNOWS])
            said.append((number, buyer))
            echo = begun[-1][0] if begun and begun[-1][1] == buyer and chance.random() < 0.5 else None
            facts.append(f.ShopWrote(**common, sent_at=sent_at, digest="", author=author, echo_of=echo,
                                     account=chance.choice(["x", "y"])))  # fmt: skip
        elif dice < 0.70:
            begun.append((SendId(f"s{number}"), buyer, now))
            facts.append(f.SendStarted(**common, send=SendId(f"s{number}"), seat=SeatId("x"), attempt=1))
        elif dice < 0.80 and begun:
            send, of, since = begun.pop()
            outcome = chance.choice(["confirmed", "confirmed", "unknown", "not_sent"])
            if outcome == "unknown":
                unknown.append((send, of, since))
            facts.append(f.SendEnded(at=at, shop=SHOP, buyer=BuyerRef(of), send=send, seat=SeatId("x"), account="x",
                                     outcome=outcome, sent_at=Millis(since + SECOND), author=PERSON))  # type: ignore[arg-type]  # fmt: skip
        elif dice < 0.85 and unknown:
            send, of, since = unknown.pop()
            facts.append(f.SendEnded(at=at, shop=SHOP, buyer=BuyerRef(of), send=send, seat=SeatId("x"), account="x",
                                     outcome=chance.choice(["confirmed", "not_sent"]), sent_at=Millis(since + SECOND),
                                     author=PERSON))  # fmt: skip
        elif dice < 0.89 and said:
            seq, of = chance.choice(said)
            facts.append(f.MessageRecalled(at=at, shop=SHOP, buyer=BuyerRef(of), message=f"m{seq}", sent_at=at))  # type: ignore[arg-type]
        elif dice < 0.92:
            since = now - chance.choice([5 * MINUTE, 3 * HOUR, DAY])
            gaps.append((since, now))
            facts.append(f.ChannelGap(at=at, shop=SHOP, from_at=Millis(since), to_at=at))
        elif dice < 0.95 and gaps:
            since, to = gaps.pop()
            facts.append(f.ChannelGap(at=at, shop=SHOP, from_at=Millis(since), to_at=Millis(to), recovered=True))
        else:
            facts.append(f.PlatformPlaced(**common, sent_at=sent_at, account=chance.choice(["x", "y"])))
    return facts


@dataclass
class Reckoned:
    """What the second reckoning says of one day: settled (None: before relay knew the shop), now, and what moved it."""

    settled: tuple[Figure, Figure] | None
    now: tuple[Figure, Figure]
    moved: list[tuple[int, tuple[Figure, Figure], tuple[Figure, Figure]]]


def reckon(
    facts: Sequence[Numbered], rule: str, options: dict[str, str], zone: str, *, every_step: bool = True
) -> dict[str, Reckoned]:
    """Every day of one shop under one reading, each figure from the whole log; without `every_step` no moves."""
    begins = facts[0][1].at
    days = sorted({day_of(line.at) for _, line in _lines(facts) if line.role == "buyer"})
    found = {}
    for day in days:
        over = settles_at(day, zone)
        before = list(facts)
        for place, (_, fact) in enumerate(facts):
            if fact.at >= over:
                before = list(facts[:place])
                break
        if len(before) == len(facts):
            continue  # not settled yet
        settled = None if begins >= over else _day(before, rule, options, day, as_of=True)
        was = settled or _nothing(rule, options)
        moved = []
        if settled is not None and every_step:
            as_of = open_law(rule, options).settled_by(end_of(day) - 1)
            for seq in [*sorted(seq for seq, line in _lines(before) if line.at > as_of), 0]:
                now = _day(before, rule, options, day, until=seq) if seq else _day(before, rule, options, day)
                if now != was:
                    moved.append((seq, was, now))
                    was = now
        for place in range(len(before) if every_step else len(facts) - 1, len(facts)):
            now = _day(facts[: place + 1], rule, options, day)
            if now != was and settled is not None:
                moved.append((facts[place][0], was, now))
            was = now
        found[date_text(day)] = Reckoned(settled, was, moved)
    return found


def _lines(facts: Sequence[Numbered]) -> list[tuple[int, Any]]:
    return list(numbered_lines(DESK, facts, final_ends(facts), read_gaps(facts)))


def _nothing(rule: str, options: dict[str, str]) -> tuple[Figure, Figure]:
    counts = Catalogue().open(rule, options).counts()
    return counts.with_automation, counts.without_automation


def _day(
    facts: Sequence[Numbered],
    rule: str,
    options: dict[str, str],
    day: int,
    *,
    as_of: bool = False,
    until: int | None = None,
) -> tuple[Figure, Figure]:
    """The figure of one day, with and without automation, from these facts alone."""
    ledger = Catalogue().open(rule, options)
    over = ledger.law.settled_by(end_of(day) - 1)
    for seq, line in _lines(facts):
        if until is None or seq <= until or line.at <= over:
            ledger.take(line)
    sides = []
    for place in (0, 1):
        total = ledger.law.row()
        for _, *listings in ledger.listings(over if as_of else 1 << 62):
            listing = listings[place]
            if listing.rows is not None:
                if day in listing.rows:
                    total.add(listing.rows[day])
            else:
                for entry in listing.entries():
                    if day_of(entry.opened) == day:
                        total.count(entry)
        sides.append(total.figure())
    return sides[0], sides[1]
