"""Totals, seats, waits, and each finding just above and just below its threshold."""

import pytest

from relay.insight.causes import Cause, Explained, Finding, FindingKind, Judged, Seat, SeatRow, Waits
from relay.rules.instants import day_of
from relay.rules.report import Verdict
from tests.insight.causes_talk import MONDAY, Said, asks, at, chatter, explain, judged, writes

HIT = Verdict.hit


def of_kind(explained: Explained, kind: FindingKind) -> list[Finding]:
    return [one for one in explained.findings if one.kind is kind]


def unanswered(clock: str, number: int) -> list[Judged]:
    return [judged(f"{clock}:{n:02}", buyer=f"u{n}") for n in range(number)]


def late(start: str, wait_s: int, number: int, seat: str = "s1") -> tuple[list[Judged], list[Said]]:
    """Rounds a minute apart, each answered by one seat after so long."""
    rounds, said = [], []
    for n in range(number):
        opened = at(start) + n * 60_000
        answered, buyer = opened + wait_s * 1000, f"{seat}-{start}-{n}"
        verdict = Verdict.miss if wait_s > 180 else HIT
        rounds.append(Judged("", buyer, None, opened, answered, verdict, "A.def"))
        said.append((answered, writes("0:00", seat, buyer=buyer)[1]))
    return rounds, said


def test_an_hour_in_which_nobody_answered() -> None:
    rounds = [*unanswered("8:10", 41), judged("+1 8:30", "+1 8:31", HIT, buyer="h")]
    said = [
        asks("8:10", buyer="u0"),
        writes("7:59:59", "s1", buyer="x"),
        writes("9:00", "s1", buyer="x"),
        writes("+1 8:31", "s1", buyer="h"),
    ]
    (found,) = of_kind(explain(rounds, said), FindingKind.silent_hour)
    assert found.lost == 41
    assert found.en == "8:00 to 9:00 is assessed and nobody answered: 41 rounds, on 1 of 2 days with questions"
    assert found.zh == "8:00 到 9:00 属考核时段，却无人回复：丢失 41 个轮次（2 天中有 1 天）"
    assert dict(found.numbers) == {"hour": 8, "rounds": 41, "days": 1, "days_with_rounds": 2}
    assert set(found.rounds) == set(rounds[:41])


@pytest.mark.parametrize(
    "said",
    [[writes("8:59:59", "s1", buyer="x")], [writes("8:30", "s1", buyer="x", kind="unknown")]],
    ids=["somebody wrote", "somebody may have written"],
)
def test_one_text_of_a_person_refutes_the_silent_hour(said: list[Said]) -> None:
    assert not of_kind(explain(unanswered("8:10", 41), said), FindingKind.silent_hour)


def test_an_answer_that_counts_refutes_the_silent_hour() -> None:
    rounds = [*unanswered("8:10", 9), judged("8:20", "8:21", HIT, buyer="h")]
    said = [writes("8:21", "s1", buyer="h", kind="assist", bot="leyan")]
    assert not of_kind(explain(rounds, said), FindingKind.silent_hour)


def test_two_rounds_are_no_finding_and_an_hour_outside_is_none() -> None:
    assert not explain(unanswered("8:10", 2), []).findings
    assert not explain(unanswered("8:10", 9), [], assessed=lambda instant: False).findings


def test_a_seat_far_above_its_share() -> None:
    good, good_said = late("10:00", 30, 30, "s1")
    fine, fine_said = late("12:00", 30, 10, "s2")
    bad, bad_said = late("12:30", 400, 10, "s2")
    slip, slip_said = late("11:00", 400, 3, "s1")
    explained = explain(good + fine + bad + slip, good_said + fine_said + bad_said + slip_said)
    (found,) = of_kind(explained, FindingKind.seat_above_share)
    assert (found.seat, found.lost) == ("s2", 10)
    assert found.en == "s2 missed 10 of 20 rounds; at the other seats' rate it would be 1"
    assert set(found.rounds) == set(bad)


@pytest.mark.parametrize(("misses_of_s2", "misses_of_s1"), [(4, 0), (10, 15), (6, 3)])
def test_a_seat_among_its_like_is_not_named(misses_of_s2: int, misses_of_s1: int) -> None:
    """Too few; the rate of the others; twice their rate, which so few rounds reach by chance."""
    rounds: list[Judged] = []
    said: list[Said] = []
    for start, wait, number, seat in (
        ("10:00", 30, 30 - misses_of_s1, "s1"), ("11:00", 400, misses_of_s1, "s1"),
        ("12:00", 30, 30 - misses_of_s2, "s2"), ("13:00", 400, misses_of_s2, "s2"),
    ):  # fmt: skip
        more = late(start, wait, number, seat)
        rounds += more[0]
        said += more[1]
    assert not of_kind(explain(rounds, said), FindingKind.seat_above_share)


def test_half_again_as_many_misses_are_not_far_above_however_sure() -> None:
    rounds: list[Judged] = []
    said: list[Said] = []
    for start, wait, number, seat in (
        ("8:00", 30, 400, "s1"),
        ("8:00", 400, 100, "s1"),
        ("8:00", 30, 340, "s2"),
        ("8:00", 400, 160, "s2"),
    ):
        more = late(start, wait, number, f"{seat}")
        rounds += [
            Judged("", f"{one.buyer}-{wait}", None, one.opened, one.answered, one.verdict, "") for one in more[0]
        ]
        said += [(when, writes("0:00", seat, buyer=f"{body.buyer}-{wait}")[1]) for when, body in more[1]]
    explained = explain(rounds, said)
    assert [(row.seat and row.seat.name, row.misses) for row in explained.seats] == [("s2", 160), ("s1", 100)]
    assert not of_kind(explained, FindingKind.seat_above_share)


def overloaded(came: int, answered: int, more: list[Judged] | None = None, said: list[Said] | None = None) -> Explained:
    """One seat that writes to others every 30 s from 20:00 on; of the rounds that came, so many were answered."""
    rounds = [judged(f"20:{n:02}:10", buyer=f"o{n}") for n in range(came - answered)]
    rounds += [judged(f"20:{n:02}:20", f"20:{n:02}:30", HIT, buyer=f"o{2 * n + 1}") for n in range(answered)]
    return explain(rounds + (more or []), chatter("s1", "20:00", 118) + (said or []))


def test_an_hour_in_which_more_came_than_was_answered() -> None:
    (found,) = of_kind(overloaded(24, 20), FindingKind.overloaded_hour)
    assert dict(found.numbers) == {"weekday": 0, "hour": 20, "came": 24, "answered": 20, "seat_hours": 1, "rounds": 4}
    assert found.en == (
        "Monday 20:00 to 21:00: 24 rounds came, the seats at work (1 seat hours) answered 20, 4 were lost to load"
    )
    assert found.zh.startswith("周一 20:00–21:00 ")


def test_thanks_are_no_load() -> None:
    thanks = [judged(f"20:40:{n:02}", buyer=f"t{n}") for n in range(4)]
    said = [asks(f"20:40:{n:02}", "谢谢", buyer=f"t{n}") for n in range(4)]
    (found,) = of_kind(overloaded(24, 20, thanks, said), FindingKind.overloaded_hour)
    assert found.numbers["came"] == 24


def test_what_was_lost_before_the_first_seat_came_is_no_load_of_that_hour() -> None:
    next_monday = [judged(f"+7 20:59:{n + 30}", buyer=f"n{n}") for n in range(4)]
    (found,) = of_kind(overloaded(24, 20, next_monday, chatter("s1", "+7 21:00", 40, 5)), FindingKind.overloaded_hour)
    assert (found.lost, found.numbers["came"]) == (4, 24)


@pytest.mark.parametrize(("came", "answered"), [(23, 20), (9, 4)])
def test_an_hour_that_was_answered_or_hardly_asked_is_no_load(came: int, answered: int) -> None:
    assert not of_kind(overloaded(came, answered), FindingKind.overloaded_hour)


@pytest.mark.parametrize(("wait_s", "found"), [(181, 1), (209, 1), (210, 0)])
def test_rounds_missed_by_less_than_thirty_seconds(wait_s: int, found: int) -> None:
    explained = explain(*late("10:00", wait_s, 3))
    assert len(of_kind(explained, FindingKind.just_late)) == found
    if found:
        assert of_kind(explained, FindingKind.just_late)[0].en == "3 rounds missed by less than 30 s"


def test_nobody_followed_the_robot() -> None:
    rounds = unanswered("10:00", 4)
    said = [writes("10:01", None, buyer=f"u{n}", kind="bot" if n else "auto") for n in range(4)]
    (found,) = of_kind(explain(rounds, said), FindingKind.not_followed)
    assert dict(found.numbers) == {"rounds": 4, "with_robot": 3, "canned_only": 1}
    followed = [*said, *[writes("18:00", "s1", buyer=f"u{n}") for n in range(2)]]
    assert not of_kind(explain(rounds, followed), FindingKind.not_followed)


def test_rounds_that_ended_with_thanks() -> None:
    rounds = unanswered("10:00", 3)
    said = [asks(f"10:00:{n:02}", "谢谢", buyer=f"u{n}") for n in range(3)]
    explained = explain(rounds, said)
    (found,) = explained.findings
    assert found.kind is FindingKind.thanks_unanswered
    assert found.en == "3 rounds ended with the buyer's thanks; an emoji in time would have met them"


def test_findings_come_by_what_they_cost_and_name_the_shop() -> None:
    rounds = [judged(f"8:10:{n:02}", buyer=f"u{n}", shop="a") for n in range(3)]
    rounds += [judged(f"9:10:{n:02}", buyer=f"u{n}", shop="b") for n in range(5)]
    found = explain(rounds, []).findings
    assert [(one.shop, one.lost) for one in found] == [("b", 5), ("a", 3)]
    assert found[0].en.startswith("[b] 9:00 to 10:00")


def test_the_table_of_seats() -> None:
    first, said = late("10:00", 30, 3, "s1")
    second, more = late("11:00", 400, 1, "s1")
    third, rest = late("12:00", 60, 2, "s2")
    lost = [judged("14:00", buyer="u"), judged("15:00", "15:00:30", Verdict.excluded, buyer="e")]
    explained = explain(first + second + third + lost, said + more + rest)
    assert explained.seats == [
        SeatRow(Seat("", "s1"), 4, 3, 1, 30_000, 400_000),
        SeatRow(Seat("", "s2"), 2, 2, 0, 60_000, 60_000),
        SeatRow(None, 0, 0, 1, None, None),
    ]


def test_two_who_wrote_on_one_instant_are_told_apart_the_same_way_always() -> None:
    said = [writes("10:05", "s2"), writes("10:05", "s1"), writes("10:05", "s0", kind="auto"), writes("10:05", None)]
    for order in (said, said[::-1]):
        (row,) = explain([judged("10:00", "10:05")], order).seats
        assert row.seat == Seat("", "s1")


def test_the_waits() -> None:
    waits = [10, 30, 31, 60, 120, 121, 180, 181, 900, 901]
    rounds = [Judged("", f"b{n}", None, MONDAY, MONDAY + s * 1000, HIT, "") for n, s in enumerate(waits)]
    rounds += [judged("10:00"), judged("10:00", "10:01", Verdict.excluded)]
    assert explain(rounds, []).waits == Waits(10, 1, 120_000, 900_000, 901_000, (2, 2, 1, 2, 3))
    assert explain([], []).waits == Waits(0, 0, None, None, None, (0, 0, 0, 0, 0))


def test_the_totals() -> None:
    rounds = [judged("8:10"), judged("9:10", buyer="leo"), judged("9:20", "9:24", buyer="ann")]
    said = [asks("9:10", "谢谢", buyer="leo"), writes("9:24", "s1", buyer="ann"), writes("9:20", "s1", buyer="x")]
    totals = explain(rounds, said).totals
    assert totals.by_cause == {Cause.ended_with_thanks: 1, Cause.nobody_active: 1, Cause.seat_slow: 1}
    assert totals.by_hour == {8: {Cause.nobody_active: 1}, 9: {Cause.ended_with_thanks: 1, Cause.seat_slow: 1}}
    assert totals.by_seat == {
        Seat("", "s1"): {Cause.seat_slow: 1},
        None: {Cause.ended_with_thanks: 1, Cause.nobody_active: 1},
    }


def test_the_day_of_the_tests_is_a_monday() -> None:
    assert (day_of(MONDAY) + 3) % 7 == 0
