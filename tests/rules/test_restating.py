"""Settled days that move: what is told, and that going back a day costs that thread and that day only."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.rules.catalogue import rule
from relay.rules.instants import DAY
from relay.rules.ledger import Ledger
from relay.rules.messages import Message
from relay.rules.report import DayCount
from relay.rules.restating import Restatement
from relay.rules.rounds import RoundWalk

MIDNIGHT = 1_646_668_800_000  # 2022-03-08 00:00 in China
TEN = 10 * 3_600_000
MINUTE = 60_000


def asks(at: int, id: str, buyer: str = "mia", **more: Any) -> Message:
    return Message(at=at, role="buyer", kind="human", buyer=buyer, id=id, **more)


def says(at: int, id: str, buyer: str = "mia", **more: Any) -> Message:
    return Message(at=at, role="merchant", kind="human", buyer=buyer, id=id, **more)


def told(ledger: Ledger, as_of: int, *messages: Message) -> list[Restatement]:
    for one in messages:
        ledger.take(one)
    ledger.counts(as_of)
    return ledger.restatements()


LOST = asks(MIDNIGHT + TEN, "1")
OTHER = [asks(MIDNIGHT + TEN, "2", "tom"), says(MIDNIGHT + TEN + MINUTE, "3", "tom")]
MOVES: list[tuple[str, Message, DayCount]] = [
    ("an answer that arrives late", says(MIDNIGHT + TEN + MINUTE, "4"), DayCount("2022-03-08", 2, 2)),
    ("an answer on the next day", says(MIDNIGHT + DAY + TEN, "4"), DayCount("2022-03-08", 1, 1)),
    (
        "the question is taken back",
        Message(at=MIDNIGHT + DAY + TEN, role="system", kind="recall", buyer="mia", recalls="1"),
        DayCount("2022-03-08", 1, 1),
    ),
    ("an earlier day's question", asks(MIDNIGHT + TEN - 1, "4", "zoe"), DayCount("2022-03-08", 1, 3)),
]


@pytest.mark.parametrize(("title", "late", "now"), MOVES, ids=[one[0] for one in MOVES])
def test_a_settled_day_that_moves_is_told_once_with_what_it_was(title: str, late: Message, now: DayCount) -> None:
    ledger = rule("taobao_ww3")
    assert told(ledger, MIDNIGHT + DAY, LOST, *OTHER) == []
    assert told(ledger, MIDNIGHT + DAY + TEN, late) == [
        Restatement(DayCount("2022-03-08", 1, 2), now, ((None, late.buyer or ""),))
    ]
    assert told(ledger, MIDNIGHT + 2 * DAY) == []


def test_a_log_tells_what_its_days_showed_at_their_own_midnight() -> None:
    ledger = rule("taobao_ww3")
    for one in (LOST, *OTHER, says(MIDNIGHT + DAY + TEN, "4"), asks(MIDNIGHT + DAY + 2 * TEN, "5", "tom")):
        ledger.take(one)
    assert ledger.restated() == [
        Restatement(DayCount("2022-03-08", 1, 2), DayCount("2022-03-08", 1, 1), ((None, "mia"),))
    ]
    ledger.take(Message(at=MIDNIGHT + DAY + TEN, role="system", kind="recall", buyer="tom", recalls="2"))
    assert ledger.restated()[0].now == DayCount("2022-03-08", 0, 0)
    assert ledger.restated()[0].threads == ((None, "mia"), (None, "tom"))


def test_a_log_whose_days_stand_as_they_were_restates_nothing() -> None:
    ledger = rule("taobao_ww3", {"cross_day": "miss"})
    for one in (LOST, *OTHER, says(MIDNIGHT + DAY + TEN, "4")):
        ledger.take(one)
    assert ledger.restated() == []


def test_a_day_that_is_not_over_is_not_restated() -> None:
    ledger = rule("taobao_ww3")
    assert told(ledger, MIDNIGHT + TEN + MINUTE, LOST) == []
    assert told(ledger, MIDNIGHT + DAY - 1, says(MIDNIGHT + TEN + MINUTE, "2")) == []


def test_what_leaves_the_counts_alone_is_no_restatement() -> None:
    ledger = rule("taobao_ww3")
    assert told(ledger, MIDNIGHT + DAY, LOST) == []
    assert told(ledger, MIDNIGHT + DAY, asks(MIDNIGHT + TEN + MINUTE, "2")) == []


def test_a_late_message_walks_its_own_day_and_none_before(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = rule("taobao_ww3")
    for day in range(30):
        for number in range(20):
            at = MIDNIGHT + day * DAY + TEN + number * MINUTE
            ledger.take(asks(at, f"q{day}-{number}"))
            ledger.take(says(at + 1000, f"a{day}-{number}"))
    ledger.counts()
    steps = []
    real = RoundWalk.step
    monkeypatch.setattr(RoundWalk, "step", lambda self, at, sense: (steps.append(at), real(self, at, sense))[1])
    ledger.take(asks(MIDNIGHT + 29 * DAY + TEN - 1, "late"))
    ledger.counts()
    assert len(steps) == 41
    assert min(steps) >= MIDNIGHT + 29 * DAY


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["asks", "says", "robot", "recall", "again"]),
        st.integers(0, 4 * 96 - 1),
        st.sampled_from("ab"),
        st.integers(0, 7),
        st.booleans(),
    ),
    max_size=40,
)


@given(EVENTS, st.sampled_from([{}, {"bundle": "strict"}, {"cross_day": "miss"}, {"thread": "buyer_sub_account"}]))
@settings(max_examples=400)
def test_counting_on_the_way_changes_nothing(events: list[tuple[str, int, str, int, bool]], options: Any) -> None:
    running, fresh = rule("taobao_ww3", options), rule("taobao_ww3", options)
    before: list[Message] = []
    for number, (what, quarter, buyer, id, look) in enumerate(events):
        at = MIDNIGHT + quarter * 15 * MINUTE
        if what == "recall":
            one = Message(at=at, role="system", kind="recall", buyer=buyer, recalls=str(id))
        elif what == "again" and before:
            one = before[id % len(before)]
        elif what == "robot":
            one = Message(at=at, role="merchant", kind="bot", bot="other", buyer=buyer, id=f"r{number}")
        else:
            one = (asks if what == "asks" else says)(at, str(id), buyer, sub_account="s1" if id % 2 else "s2")
        before.append(one)
        running.take(one)
        fresh.take(one)
        if look:
            running.counts(at)
    assert running.report().to_json() == fresh.report().to_json()
    assert running.counts() == fresh.counts()
    figure = fresh.report()
    counts = fresh.counts()
    assert (counts.with_automation.numerator, counts.days) == (figure.numerator, figure.days)
