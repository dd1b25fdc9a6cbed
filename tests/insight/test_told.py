"""What a running figure remembers: two days of lines in pages, and no send for ever."""

import pytest

from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.guiding import Author, Kind
from relay.domain.marks import DAY
from relay.domain.names import BuyerRef, DeskId, Millis, SendId, ShopId
from relay.domain.settings import Shop
from relay.insight.live import LiveFigures
from relay.insight.log import LogLines, final_ends, messages_of, read_gaps
from relay.insight.told import _SILENT, Telling, Told
from relay.rules.catalogue import Catalogue
from tests.domain.test_golden_facts import BODIES, TYPES, body
from tests.domain.world import TEN

DESK, SHOP, BUYER = DeskId("desk"), ShopId("shop"), BuyerRef("b")
PERSON = Author(Kind.human)


class Story:
    """Facts of one shop, a fact at a time."""

    def __init__(self) -> None:
        self.telling, self.seq = Telling(Told(DESK)), 0
        self.tell(f.OfficeTaken(at=TEN, office_seq=1, subject=Shop(SHOP, DESK)))

    def tell(self, fact: f.DeskFact) -> None:
        self.seq += 1
        self.telling.take(self.seq, fact)

    def ask(self, days: float) -> None:
        at = Millis(TEN + round(days * DAY))
        self.tell(f.BuyerWrote(at=at, shop=SHOP, buyer=BUYER, sent_at=at, digest=""))

    def send(self, name: str, days: float, outcome: str | None) -> None:
        at = Millis(TEN + round(days * DAY))
        common = {"at": at, "shop": SHOP, "buyer": BUYER, "send": SendId(name), "seat": None, "machine": False}
        self.tell(f.SendStarted(**common, reply=None, version=None, attempt=1))  # type: ignore[arg-type]
        if outcome is not None:
            del common["machine"]
            self.tell(f.SendEnded(**common, outcome=outcome, author=PERSON, sent_at=at))  # type: ignore[arg-type]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.insight.told.PAGE", 4)


@pytest.mark.usefixtures("small_pages")
def test_pages_of_days_that_are_over_are_let_go() -> None:
    story = Story()
    lines = story.telling.told.shops[SHOP]
    for days in (0, 0, 0, 0, 0, 1, 1, 1, 1, 1):
        story.ask(days)
    assert len(lines) == 10
    version = lines.version
    story.ask(2)
    assert lines.version == version + 1
    assert [page.newest_day - story.telling.first_day for page in lines.pages] == [0]
    story.ask(4)
    assert [page.newest_day - story.telling.first_day for page in lines.pages] == [1]


@pytest.mark.usefixtures("small_pages")
def test_figures_are_those_of_the_two_newest_days_whatever_was_counted_before() -> None:
    for counted_early in (True, False):
        story = Story()
        figures = LiveFigures(DESK, Catalogue().open, story.telling.told)
        for days in (0, 0, 0, 1, 1, 1, 2):
            story.ask(days)
            while counted_early and figures.catch_up():
                pass
        counts = figures.counts(SHOP, TEN + 2 * DAY + 600_000)
        assert counts is not None
        assert [(day.numerator, day.denominator) for day in counts.days] == [(0, 1), (0, 1)]


def test_sends_are_forgotten_once_nothing_can_be_said_of_them_any_more() -> None:
    story = Story()
    story.send("s1", 0, "confirmed")
    story.send("s2", 0, "unknown")
    story.send("s3", 0, None)
    told = story.telling.told
    assert (set(told.begun), set(told.flying), set(told.unknown)) == ({"s1", "s2", "s3"}, {"s3"}, {"s2"})
    story.ask(1)
    assert set(told.unknown) == {"s2"}
    story.ask(2)
    assert (len(told.begun), len(told.unknown)) == (3, 0)
    story.ask(3)
    assert set(told.begun) == {"s3"}, "one that has not ended may still come"


def test_a_silent_fact_is_no_line_of_any_log() -> None:
    for name, number in BODIES:
        if TYPES[name] in _SILENT:
            assert LogLines(DESK).of(1, decode(body(name, number))) == []  # type: ignore[arg-type]
    assert set(TYPES.values()) >= _SILENT


@pytest.mark.usefixtures("small_pages")
def test_a_gap_that_was_read_leaves_the_running_figure_and_the_log() -> None:
    """The first telling of a gap is a line of the log only for as long as nobody has read it."""
    story = Story()
    figures = LiveFigures(DESK, Catalogue().open, story.telling.told)
    facts: list[tuple[int, f.DeskFact]] = []

    def tell(fact: f.DeskFact) -> None:
        story.tell(fact)
        facts.append((story.seq, fact))

    def ranges() -> tuple[object, object]:
        live = figures.counts(SHOP, Millis(TEN + DAY))
        ledger = Catalogue().open("taobao_ww3", {})
        for line in messages_of(DESK, facts, final_ends(facts), read_gaps(facts)):
            ledger.take(line)
        whole = ledger.counts(TEN + DAY)
        assert live is not None
        assert live.with_automation == whole.with_automation
        return live.with_automation.rate_low, live.with_automation.rate_high

    for minute in range(6):
        at = Millis(TEN + minute)
        tell(f.BuyerWrote(at=at, shop=SHOP, buyer=BUYER, sent_at=at, digest=""))
    span = {"at": Millis(TEN + 90_000), "shop": SHOP, "from_at": Millis(TEN + 10_000), "to_at": Millis(TEN + 60_000)}
    tell(f.ChannelGap(**span))  # type: ignore[arg-type]
    assert ranges() == (0.0, 1.0)
    part = {**span, "to_at": Millis(TEN + 50_000)}
    tell(f.ChannelGap(**part, recovered=True))  # type: ignore[arg-type]
    assert ranges() == (0.0, 1.0), "read in part is not read"
    tell(f.ChannelGap(**span, recovered=True))  # type: ignore[arg-type]
    assert ranges() == (0.0, 0.0)
