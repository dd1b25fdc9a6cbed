"""The limits of a receiver in any minute whatever comes, quiet hours on any clock, and no alert lost: as properties."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contracts import NoticeLimits, NoticeResult
from relay.domain.model import OpenAlert
from relay.domain.names import AlertId, DeskId, Millis, ShopId
from relay.runtime.notices.desks import Ref
from relay.runtime.notices.outlet import Outlet, Rule
from relay.runtime.notices.pace import Pace
from relay.runtime.notices.quiet import Quiet
from relay.testing.contracts_notifier import FakeNotifier
from tests.domain.world import TEN

SHOP, DESK = ShopId("shop"), DeskId("desk")
RESULTS = (
    NoticeResult(outcome="confirmed"),
    NoticeResult(outcome="confirmed"),
    NoticeResult(outcome="refused", code="x", wait_s=600),
    NoticeResult(outcome="refused", code="x", fault=True),
    NoticeResult(outcome="not_sent", code="x"),
    NoticeResult(outcome="unknown", code="x"),
)


@given(
    st.integers(1, 120),
    st.none() | st.integers(1, 10),
    st.lists(st.tuples(st.floats(0, 40, allow_nan=False), st.booleans()), max_size=300),
)
@settings(max_examples=200, deadline=None)
def test_a_pace_keeps_the_limit_in_any_minute_and_second(
    per_minute: int, per_second: int | None, asks: list[tuple[float, bool]]
) -> None:
    pace, now, went = Pace(NoticeLimits(per_minute=per_minute, per_second=per_second), 0.0), 0.0, []
    for wait, urgent in asks:
        now += wait if wait > 1 else wait / 50
        if pace.allows(now, urgent):
            pace.spend(now)
            went.append(now)
    assert max((sum(at <= one < at + 60 for one in went) for at in went), default=0) <= per_minute
    if per_second is not None:
        assert max((sum(at <= one < at + 1 for one in went) for at in went), default=0) <= per_second


def test_a_pace_never_stands_still_for_ever() -> None:
    pace = Pace(NoticeLimits(per_minute=1), 0.0)
    assert not pace.allows(1.0, urgent=True)
    assert pace.allows(200.0, urgent=False)


def test_a_restart_does_not_begin_a_fresh_minute() -> None:
    went: list[float] = []
    for start in range(0, 60, 3):
        pace = Pace(NoticeLimits(per_minute=20), float(start))
        for tenth in range(30):
            now = start + tenth / 10
            if pace.allows(now, urgent=True):
                pace.spend(now)
                went.append(now)
    assert len(went) <= 20


# --- one outlet under anything that can happen


class Desk:
    """A desk's book reduced to a dict, and an outlet that is asked each second."""

    def __init__(self, limits: NoticeLimits, results: list[NoticeResult]) -> None:
        self.open: dict[Ref, OpenAlert] = {}
        self.outlet = Outlet(FakeNotifier(limits=limits), Rule(), 0.0)
        self.results, self.now, self.number = results, 0.0, 0
        self.sent: list[float] = []
        self.confirmed: set[Ref] = set()
        self.seen: set[Ref] = set()
        self.over: set[Ref] = set()

    @property
    def at(self) -> Millis:
        return Millis(TEN + round(self.now * 1000))

    def raise_(self, what: str) -> None:
        self.number += 1
        name = AlertId(f"a{self.number}")
        self.open[DESK, name] = OpenAlert(name, f"k{self.number}", SHOP, what, self.at)
        self.outlet.add((DESK, name), self.now)

    def end(self, which: int) -> None:
        if self.open:
            ref = list(self.open)[which % len(self.open)]
            del self.open[ref]
            self.over.add(ref)
            self.outlet.over(ref, True, self.now)

    def acknowledge(self, which: int) -> None:
        if self.open:
            ref = list(self.open)[which % len(self.open)]
            self.seen.add(ref)
            self.outlet.seen(ref)

    def look(self) -> None:
        parcel = self.outlet.pick(self.open.__getitem__, self.at, self.now)
        if parcel is None:
            return
        self.outlet.begin(parcel, self.now)
        self.sent.append(self.now)
        result = self.results[len(self.sent) % len(self.results)]
        if result.outcome == "confirmed":
            self.confirmed |= set(parcel.refs)
        self.outlet.ended(result, self.now)

    def nobody_is_lost(self) -> bool:
        return all(
            ref in self.confirmed or ref in self.seen or ref in self.outlet.waiting for ref in self.open
        ) and not self.outlet.waiting.keys() & (self.over | self.seen)


MOVES = st.lists(
    st.tuples(st.sampled_from(("raise", "urgent", "end", "seen", "second", "second", "minute")), st.integers(0, 50)),
    max_size=150,
)


def play(desk: Desk, moves: list[tuple[str, int]]) -> bool:
    """False as soon as an alert is lost."""
    for move, which in moves:
        match move:
            case "raise":
                desk.raise_("unanswered")
            case "urgent":
                desk.raise_("send_unknown")
            case "end":
                desk.end(which)
            case "seen":
                desk.acknowledge(which)
            case _:
                for _ in range(1 if move == "second" else 60):
                    desk.now += 1
                    desk.look()
        if not desk.nobody_is_lost():
            return False
    return True


@given(MOVES, st.lists(st.sampled_from(RESULTS), min_size=1, max_size=6), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_under_any_arrival_the_limit_holds_and_every_alert_is_told_seen_over_or_waits(
    moves: list[tuple[str, int]], results: list[NoticeResult], per_minute: int
) -> None:
    desk = Desk(NoticeLimits(per_minute=per_minute), results)
    assert play(desk, moves)
    assert max((sum(at <= one < at + 60 for one in desk.sent) for at in desk.sent), default=0) <= per_minute
    desk.results = [RESULTS[0]]
    for _ in range(1_500):
        desk.now += 1
        desk.look()
    assert desk.open.keys() <= desk.confirmed | desk.seen
    assert not desk.outlet.waiting
    assert desk.outlet.resolved == 0 or desk.outlet.told


def lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what was refused is forgotten."""
    ended = Outlet.ended

    def forget(self: Outlet, result: NoticeResult, now: float) -> None:
        for ref in self.parcel.refs if self.parcel is not None else ():
            self.waiting.pop(ref, None)
        ended(self, result, now)

    monkeypatch.setattr(Outlet, "ended", forget)


def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody counts."""
    monkeypatch.setattr(Pace, "allows", lambda self, now, urgent: True)


@pytest.mark.parametrize("plant", [lossy, hasty])
def test_a_planted_bug_is_found(plant: object, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)  # type: ignore[operator]
    desk = Desk(NoticeLimits(per_minute=5), [RESULTS[4], RESULTS[0]])
    kept = play(desk, [("urgent", 0), ("second", 0)] * 60)
    most = max((sum(at <= one < at + 60 for one in desk.sent) for at in desk.sent), default=0)
    assert not kept or most > 5


# --- quiet hours


@pytest.mark.parametrize(
    ("span", "zone", "at", "quiet"),
    [
        ("23:00-08:00", "Asia/Shanghai", "10:00", False),
        ("23:00-08:00", "Asia/Shanghai", "22:59", False),
        ("23:00-08:00", "Asia/Shanghai", "23:00", True),
        ("23:00-08:00", "Asia/Shanghai", "07:59", True),
        ("23:00-08:00", "Asia/Shanghai", "08:00", False),
        ("12:00-13:30", "Asia/Shanghai", "12:00", True),
        ("12:00-13:30", "Asia/Shanghai", "13:30", False),
        ("23:00-08:00", "UTC", "10:00", True),
        ("23:00-08:00", "UTC", "16:00", False),
    ],
)
def test_quiet_hours_by_the_clock_of_their_zone(span: str, zone: str, at: str, quiet: bool) -> None:
    hour, minute = map(int, at.split(":"))
    instant = Millis(TEN + ((hour - 10) * 60 + minute) * 60_000)
    assert Quiet(span, zone).holds(instant) is quiet


@pytest.mark.parametrize(
    ("span", "zone"), [("10:00-10:00", "UTC"), ("10:00-11:00", "Mars/Base"), ("10:00-11:00", "../x")]
)
def test_quiet_hours_that_cannot_be_are_refused_in_both_languages(span: str, zone: str) -> None:
    with pytest.raises(ValueError, match=" / "):
        Quiet(span, zone)
