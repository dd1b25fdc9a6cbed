"""The settlement by hand: each case is a few lines of chat, what the day was when it was settled, and what moved it."""

import itertools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis
from relay.insight.settlement.days import AFTER_MS, last_settled, settles_at
from relay.insight.settlement.reading import reading_views, sealed
from relay.insight.settlement.records import DayRow, Restated, Sealed
from relay.insight.settlement.views import ReadingView
from relay.rules.instants import CHINA_ZONE, DAY, day_of, end_of
from relay.rules.messages import scan
from tests.insight.settling import (
    MIDNIGHT,
    MINUTE,
    PERSON,
    RELAYS,
    SHOP,
    Desk,
    Story,
    reckon,
    shop_of,
)

Counts = tuple[int, int]
LOG = Path(__file__).parents[3] / "shared" / "data" / "stripe-support.jsonl"


def rows(desk: Desk, rule: str = "taobao_ww3", reading: str = "strict") -> dict[str, DayRow]:
    found = [msgspec.msgpack.decode(value, type=DayRow) for _, value in desk.shelf.scan("day")]
    return {row.date: row for row in found if (row.rule, row.reading) == (rule, reading)}


def settled(desk: Desk, day: str, **which: str) -> Counts | None:
    row = rows(desk, **which)[day]
    return None if row.settled is None else counts(row.settled.whole)


def now(desk: Desk, day: str, **which: str) -> Counts:
    return counts(rows(desk, **which)[day].now.whole)


def counts(side: Any) -> Counts:
    return side.hits, side.hits + side.misses


def restated(
    desk: Desk, rule: str = "taobao_ww3", reading: str = "strict"
) -> list[tuple[str, str, int, Counts, Counts]]:
    found = [msgspec.msgpack.decode(value, type=Restated) for _, value in desk.shelf.scan("restated")]
    return [
        (one.date, one.why, one.seq, (one.was.whole.numerator, one.was.whole.denominator),
         (one.now.whole.numerator, one.now.whole.denominator))
        for one in found
        if (one.rule, one.reading) == (rule, reading)
    ]  # fmt: skip


# --- what moves a settled day: (title, what happens, the fact that moves it, why, before, after)


def late_echo(story: Story) -> int:
    """A send of unknown outcome at 10:01 is proven at 9:00 of the next day."""
    story.asks(10)
    send = story.begins(10 + 1 / 60)
    story.ends(send, 10 + 2 / 60, "unknown")
    return story.ends(send, 33, "confirmed", sent=10 + 1 / 60)


def recall_after_midnight(story: Story) -> int:
    """A missed question is taken back at 1:00: the round was never there."""
    question = story.asks(10)
    return story.recalls(question, 25)


def gap_read_next_day(story: Story) -> int:
    """The answer of 10:01 fell into a gap that is read on the next morning: the answer first, then the gap ends."""
    story.asks(10)
    story.gap(10 + 0.5 / 60, 10.5, 10.5)
    return story.says(10 + 1 / 60, told=33)


def late_message(story: Story) -> int:
    """The channel delivers an answer of 10:01 at 9:00 of the next day."""
    story.asks(10)
    return story.says(10 + 1 / 60, told=33)


def late_question(story: Story) -> int:
    """A question of yesterday that nobody knew of."""
    story.asks(10)
    return story.asks(11, buyer="tom", told=33)


CASES: list[tuple[Callable[[Story], int], str, Counts, Counts]] = [
    (late_echo, "late_echo", (0, 0), (1, 1)),
    (recall_after_midnight, "recall", (0, 1), (0, 0)),
    (late_message, "late_message", (0, 1), (1, 1)),
    (late_question, "late_message", (0, 1), (0, 2)),
]


@pytest.mark.parametrize(("happens", "why", "was", "became"), CASES, ids=[one[0].__name__ for one in CASES])
def test_a_later_fact_restates_a_settled_day(
    happens: Callable[[Story], int], why: str, was: Counts, became: Counts
) -> None:
    story = Story()
    seq = happens(story)
    assert settled(story.desk, "2026-03-02") == was
    assert now(story.desk, "2026-03-02") == became
    assert restated(story.desk) == [("2026-03-02", why, seq, was, became)]


def test_a_gap_is_a_range_until_it_is_read_and_then_a_figure() -> None:
    story = Story()
    answer = gap_read_next_day(story)
    row = rows(story.desk)["2026-03-02"]
    assert row.settled is not None
    figure = row.settled.whole.figure()
    assert (figure.denominator, figure.rate_low, figure.rate_high) == (0, 0.0, 1.0)
    read = story.gap(10 + 0.5 / 60, 10.5, 33, recovered=True)
    assert now(story.desk, "2026-03-02") == (1, 1)
    assert restated(story.desk) == [("2026-03-02", "gap_read", read, (0, 0), (1, 1))]
    assert answer < read, "the answer alone moved nothing: a gap still lay over the round"


def test_an_answer_after_midnight_restates_the_day_by_default_and_never_under_the_strict_bundle() -> None:
    """A.ex3, A.excl.b: 0/1 when the day is settled; excluded since the answer at 0:10, recorded before the settling."""
    story = Story()
    story.asks(23.99)
    answer = story.says(24 + 1 / 6)
    story.asks(33, buyer="tom")
    assert restated(story.desk, reading="default") == [("2026-03-02", "next_day", answer, (0, 1), (0, 0))]
    assert (settled(story.desk, "2026-03-02"), now(story.desk, "2026-03-02")) == ((0, 1), (0, 1))
    assert restated(story.desk) == []


def test_kuaishou_is_settled_with_the_answers_of_the_first_minutes_after_midnight() -> None:
    """D: the answer may fall after 24:00, so the day is as of three minutes later; nothing is restated."""
    story = Story(Desk(shop_of("kuaishou_shop_3min", "kuaishou")))
    story.asks(23.99)
    story.says(24 + 1 / 60)
    story.asks(23.995, buyer="tom")
    story.says(24 + 1 / 6, buyer="tom")
    story.asks(33, buyer="eve")
    assert settled(story.desk, "2026-03-02", rule="kuaishou_shop_3min") == (1, 2)
    assert restated(story.desk, rule="kuaishou_shop_3min") == []


def test_the_machines_texts_are_recomputed_away() -> None:
    """A reply that the shop's own option lets count is a hit by default, a miss without automation and when strict."""
    story = Story(Desk(shop_of(rule_options={"assist_providers": "relay"})))
    story.asks(10)
    story.says(10 + 1 / 60, by=RELAYS)
    story.asks(33)
    row = rows(story.desk, reading="default")["2026-03-02"]
    assert (counts(row.now.whole), counts(row.now.bare)) == ((1, 1), (0, 1))
    assert now(story.desk, "2026-03-02") == (0, 1)


def test_days_that_were_missed_are_settled_once_each_with_what_was_known_then() -> None:
    """The machine is off from Monday noon to Friday: the channel then delivers what it held back."""
    story = Story()
    story.asks(10)
    story.says(10 + 1 / 60)
    story.asks(30, told=105)  # Tuesday's, told on Friday
    story.asks(106, buyer="tom")
    seals = [msgspec.msgpack.decode(value, type=Sealed) for _, value in story.desk.shelf.scan("sealed")]
    assert [(one.date, one.seq) for one in seals] == [(f"2026-03-0{day}", 3) for day in (2, 3, 4, 5)]
    assert [one.at for one in seals] == [MIDNIGHT + day * DAY + AFTER_MS for day in (1, 2, 3, 4)]
    assert settled(story.desk, "2026-03-02") == (1, 1)
    assert (settled(story.desk, "2026-03-03"), now(story.desk, "2026-03-03")) == ((0, 0), (0, 0)), (
        "6:00 is no hour of A"
    )
    story.desk.fold.keep()
    story.desk.fold = story.desk.open()
    story.asks(107, buyer="eve")
    assert len(list(story.desk.shelf.scan("sealed"))) == 4


def test_the_same_message_again_changes_nothing() -> None:
    """What the channel tells twice is on the ledger once (L2); one with the same id and another body is its own."""
    story = Story()
    story.asks(10)
    story.asks(10, told=33, seen="conflict")
    assert (settled(story.desk, "2026-03-02"), now(story.desk, "2026-03-02")) == ((0, 1), (0, 1))
    assert restated(story.desk) == []


def test_a_day_from_before_relay_knew_the_shop_is_counted_and_not_settled() -> None:
    story = Story()
    story.asks(34)
    story.asks(10, buyer="tom", told=35)
    assert settled(story.desk, "2026-03-02") is None
    assert now(story.desk, "2026-03-02") == (0, 1)
    assert restated(story.desk) == []


ZONES = [
    ("Asia/Shanghai", "2026-03-03T00:30+08:00"),
    ("Europe/Berlin", "2026-03-03T00:30+01:00"),  # China's day is over at 17:00 in Berlin
    ("America/New_York", "2026-03-03T00:30-05:00"),  # at 11:00 in New York
    ("Pacific/Auckland", "2026-03-04T00:30+13:00"),  # at 5:00 of the next day in Auckland
    ("Asia/Kathmandu", "2026-03-03T00:30+05:45"),
]


@pytest.mark.parametrize(("zone", "at"), ZONES)
def test_a_day_is_settled_after_the_shops_own_midnight(zone: str, at: str) -> None:
    from datetime import datetime

    assert settles_at(day_of(MIDNIGHT), zone) == round(datetime.fromisoformat(at).timestamp() * 1000)


@pytest.mark.parametrize(
    "zone", [one[0] for one in ZONES] + ["Africa/Cairo", "America/Santiago", "Australia/Lord_Howe"]
)
def test_settling_instants_rise_day_by_day_through_every_change_of_clocks(zone: str) -> None:
    first = day_of(MIDNIGHT) - 70
    instants = [settles_at(day, zone) for day in range(first, first + 400)]
    assert all(a < b for a, b in itertools.pairwise(instants))
    for day, at in enumerate(instants, first):
        assert end_of(day) + AFTER_MS <= at <= end_of(day) + AFTER_MS + DAY + 3 * 60 * MINUTE
        assert (last_settled(at, zone), last_settled(at - 1, zone)) == (day, day - 1)


# --- windows over days


def view(desk: Desk, first: str, last: str, rule: str = "taobao_ww3", reading: str = "strict") -> ReadingView:
    found = reading_views(desk.shelf, SHOP, date.fromisoformat(first), date.fromisoformat(last), with_seats=True)
    return next(one for one in found if (one.rule, one.reading) == (rule, reading))


def one_a_day(story: Story, days: range, *, hit: bool = True) -> None:
    """A question at 10:00 of each of these days (0: 2026-03-02), answered in a minute or never."""
    for day in days:
        story.asks(24 * day + 10, buyer=f"b{day}")
        if hit:
            story.says(24 * day + 10 + 1 / 60, buyer=f"b{day}")


def test_the_rolling_thirty_days_end_on_the_day_and_begin_twenty_nine_before() -> None:
    story = Story()
    one_a_day(story, range(1), hit=False)  # 2026-03-02, the only miss
    one_a_day(story, range(1, 40))
    found = view(story.desk, "2026-03-28", "2026-04-05")
    totals = {span.last_day: span.figure.whole for span in found.rolling}
    assert [(one.first_day, one.last_day) for one in found.rolling][:1] == [("2026-02-27", "2026-03-28")]
    assert (totals["2026-03-31"].numerator, totals["2026-03-31"].denominator) == (29, 30)
    assert (totals["2026-04-01"].numerator, totals["2026-04-01"].denominator) == (30, 30)
    assert found.total.whole.denominator == 9


def test_a_day_without_questions_has_no_rate() -> None:
    story = Story()
    one_a_day(story, range(1))
    one_a_day(story, range(3, 5))
    found = view(story.desk, "2026-03-02", "2026-03-04")
    assert [(day.now.whole.denominator, day.now.whole.rate) for day in found.days] == [(1, 1.0), (0, None), (0, None)]
    assert found.total.whole.rate == 1.0


def test_gold_periods_have_their_edges_and_the_tag_day_after_the_last() -> None:
    """2026-03-15 closes period 257, its tag is shown on the 16th; the thirty days behind it begin on 2026-02-14."""
    story = Story()
    one_a_day(story, range(14), hit=False)  # 2 to 15 March
    one_a_day(story, range(14, 32))  # 16 March to 2 April
    found = view(story.desk, "2026-03-15", "2026-04-01")
    first, second, third = found.periods
    assert (first.number, first.first_day, first.last_day, first.tag_day) == (
        257,
        "2026-03-01",
        "2026-03-15",
        "2026-03-16",
    )
    assert (second.number, second.first_day, second.last_day, second.tag_day) == (
        258, "2026-03-16", "2026-03-31", "2026-04-01",
    )  # fmt: skip
    assert [one.complete for one in found.periods] == [True, True, False]
    assert (first.half_month.whole.numerator, first.half_month.whole.denominator) == (0, 14)
    assert (second.half_month.whole.numerator, second.half_month.whole.denominator) == (16, 16)
    assert (second.rolling.whole.numerator, second.rolling.whole.denominator) == (16, 30), "2 to 31 March"
    assert third.half_month.whole.denominator == 1


def test_the_penalty_of_tejia_goes_day_by_day() -> None:
    """C.penalty, C.lift: below 40 % on the day before; nobody asking changes nothing; a gap leaves it undetermined."""
    story = Story(Desk(shop_of("tejia_3min", "tejia")))
    one_a_day(story, range(1), hit=False)  # 2 March: 0/1
    one_a_day(story, range(2, 3))  # nobody on the 3rd, 1/1 on the 4th
    story.asks(24 * 3 + 10, buyer="gap")  # 5 March: all in a gap
    story.gap(24 * 3 + 9, 24 * 3 + 12, 24 * 3 + 12)
    one_a_day(story, range(5, 7))  # 7 and 8 March
    found = view(story.desk, "2026-03-02", "2026-03-07", rule="tejia_3min")
    assert [(one.date[-2:], one.in_force) for one in found.penalty] == [
        ("02", "no"), ("03", "yes"), ("04", "yes"), ("05", "no"), ("06", "undetermined"), ("07", "undetermined"),
        ("08", "no"),
    ]  # fmt: skip


def test_a_penalty_that_began_before_the_window_is_in_force_in_it() -> None:
    story = Story(Desk(shop_of("tejia_3min", "tejia")))
    one_a_day(story, range(1), hit=False)
    one_a_day(story, range(90, 92))
    found = view(story.desk, "2026-05-25", "2026-06-01", rule="tejia_3min")
    assert [one.in_force for one in found.penalty] == ["yes"] * 7 + ["no", "no"]


def test_kuaishou_has_the_shop_and_each_seat() -> None:
    """D.agent_scope: what waits in the queue is the shop's alone; the seat answers for what is in its list."""
    story = Story(Desk(shop_of("kuaishou_shop_3min", "kuaishou")))
    story.asks(10, buyer="mia", account="ann")
    story.says(10 + 1 / 60, buyer="mia", account="ann")
    story.asks(11, buyer="tom", account="bob")
    story.asks(12, buyer="eve", queued=True)
    story.asks(33, buyer="zoe", account="ann")
    shop = view(story.desk, "2026-03-02", "2026-03-02", rule="kuaishou_shop_3min")
    assert (shop.total.whole.numerator, shop.total.whole.denominator, shop.seats) == (1, 3, ())
    seats = view(story.desk, "2026-03-02", "2026-03-02", rule="kuaishou_agent_3min", reading="default")
    assert (seats.total.whole.numerator, seats.total.whole.denominator) == (1, 2)
    assert [(one.seat, one.figure.whole.numerator, one.figure.whole.denominator) for one in seats.seats] == [
        ("ann", 1, 1), ("bob", 0, 1),
    ]  # fmt: skip


def test_no_fact_has_come_since_midnight_and_the_day_is_shown_all_the_same() -> None:
    story = Story()
    story.asks(10)
    story.desk.fold.tell(MIDNIGHT + DAY + AFTER_MS - 1)
    assert rows(story.desk) == {}
    story.desk.fold.tell(MIDNIGHT + DAY + AFTER_MS)
    assert settled(story.desk, "2026-03-02") == (0, 1)
    assert sealed(story.desk.shelf, SHOP) == []
    story.says(10 + 1 / 60, told=24.2)  # recorded before the settling, by a clock that was set back
    assert rows(story.desk) == {}
    story.asks(33)
    assert (settled(story.desk, "2026-03-02"), restated(story.desk)) == ((1, 1), [])


@pytest.mark.parametrize("reading", ["strict", "default"])
def test_real_chats_are_settled_as_the_second_reckoning_settles_them(reading: str) -> None:
    """Excerpts of a public support channel, each line recorded three seconds after it was said."""
    if not LOG.exists():
        pytest.skip("the real chats (shared/data/stripe-support.jsonl) are not beside this checkout")
    desk = Desk(shop_of())
    lines = [(at, body) for at, body in scan(LOG.read_bytes().splitlines()) if body.buyer is not None]
    for at, body in sorted(lines, key=lambda one: one[0]):
        common: dict[str, Any] = {
            "at": Millis(at + 3000), "shop": SHOP, "buyer": BuyerRef(body.buyer or ""), "sent_at": Millis(at),
            "digest": "", "account": body.sub_account,
        }  # fmt: skip
        desk.tell(f.BuyerWrote(**common) if body.role == "buyer" else f.ShopWrote(**common, author=PERSON))
    options = {"bundle": "strict"} if reading == "strict" else {}
    theirs = reckon(desk.facts, "taobao_ww3", options, CHINA_ZONE.key, every_step=False)
    mine = rows(desk, reading=reading)
    assert len(theirs) >= 3
    assert sum(told.now[0].denominator for told in theirs.values()) > 300
    for day, told in theirs.items():
        row = mine[day]
        assert row.now.whole.figure() == told.now[0], day
        assert (None if row.settled is None else row.settled.whole.figure()) == (told.settled and told.settled[0]), day
