"""Failures 18 to 20, 20b and 22: whose figure a wait belongs to, when a day ends, which question a figure counts from.

Lines are those of a message log; each case asks the published figure, and the strict bundle where they differ.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from relay.rules.catalogue import rule
from relay.rules.messages import scan

Line = tuple[str, str, str] | tuple[str, str, str, dict[str, Any]]


def log(lines: Sequence[Line]) -> list[bytes]:
    """`(clock or "day clock", who, sub-account or "", more)`, one buyer, in March 2022 in China, day 8 unless said."""
    told = []
    for clock, who, account, *more in lines:
        day, _, time = clock.rpartition(" ")
        role = "buyer" if who == "buyer" else "system" if who in ("transfer", "assign") else "merchant"
        kind, _, bot = ("human" if who == "buyer" else who).partition(":")
        shown: dict[str, Any] = {"t": f"2022-03-{int(day or 8):02}T{time}+08:00", "role": role, "kind": kind}
        shown |= {"buyer": "mia", "sub_account": account or None, "bot": bot or None}
        told.append(json.dumps(shown | (more[0] if more else {})).encode())  # type: ignore[arg-type]
    return told


def figure(rule_id: str, lines: Sequence[Line], **options: str) -> tuple[int, int]:
    found = report(rule_id, lines, **options)
    return found["numerator"], found["denominator"]


def report(rule_id: str, lines: Sequence[Line], **options: str) -> dict[str, Any]:
    ledger = rule(rule_id, options)
    ledger.take_all(scan(log(lines)))
    found: dict[str, Any] = json.loads(ledger.report().to_json())
    return found


def verdicts(rule_id: str, lines: Sequence[Line], **options: str) -> list[tuple[str | None, str, float | None]]:
    """Each round's seat, verdict and wait."""
    return [
        (one.get("sub_account"), one["verdict"], one["wait_s"]) for one in report(rule_id, lines, **options)["rounds"]
    ]


# --- 18: handed on without an answer

HANDED_ON: list[Line] = [
    ("10:00:00", "buyer", "k1"),
    ("10:01:00", "transfer", "k2", {"from_sub": "k1"}),
    ("10:01:10", "buyer", "k2"),
    ("10:01:30", "human", "k2"),
]


def test_f18_handed_on_unanswered_is_charged_to_the_first_seat() -> None:
    """Where the thread is the seat's, the second seat's quick answer does not save the first one's round."""
    by_seat = verdicts("taobao_ww3", HANDED_ON, thread="buyer_sub_account")
    assert by_seat == [("k1", "miss", None), ("k2", "hit", 20)]
    assert figure("taobao_ww3", HANDED_ON) == (1, 1)  # as the shop's figure has it, it is one round in time
    assert figure("tmall_reply_account", HANDED_ON) == (1, 2)
    assert [one[:2] for one in verdicts("tmall_avg_human_time", HANDED_ON)] == [("k1", "counted"), ("k2", "counted")]
    assert report("tmall_avg_human_time", HANDED_ON)["numerator"] == 600 + 20


def test_f18_answered_before_it_is_handed_on_costs_nobody() -> None:
    first: list[Line] = [*HANDED_ON[:1], ("10:00:30", "human", "k1"), *HANDED_ON[1:]]
    assert figure("taobao_ww3", first, thread="buyer_sub_account") == (2, 2)
    assert figure("tmall_reply_account", first) == (2, 2)
    assert report("tmall_avg_human_time", first)["numerator"] == 30 + 20


def test_f18_a_robots_word_does_not_save_the_first_seat_under_the_strict_bundle() -> None:
    """An invalid machine text before the hand-over would erase the miss; the strict figure keeps it."""
    robot: list[Line] = [*HANDED_ON[:1], ("10:00:30", "bot:other", "k1"), *HANDED_ON[1:]]
    assert figure("taobao_ww3", robot, thread="buyer_sub_account", bundle="strict") == (1, 2)


# --- 19: two clocks

QUEUED: list[Line] = [
    ("10:00:00", "buyer", "", {"queued": True}),
    ("10:02:50", "assign", "k1"),
    ("10:03:20", "human", "k1"),
]


def test_f19_time_in_the_queue_is_the_shops_and_not_the_seats() -> None:
    """200 s for the shop is late; the seat had the buyer for 30 s."""
    assert verdicts("kuaishou_shop_3min", QUEUED) == [(None, "miss", 200)]
    assert [one[1] for one in verdicts("kuaishou_agent_3min", QUEUED)] == ["excluded"]
    assert [one[1:] for one in verdicts("kuaishou_agent_3min", QUEUED, bundle="strict")] == [("hit", 30)]


@pytest.mark.parametrize(("after_s", "verdict"), [(180, "hit"), (181, "miss")])
def test_f19_the_seats_clock_runs_from_its_list(after_s: int, verdict: str) -> None:
    answered = 170 + after_s
    lines: list[Line] = [*QUEUED[:2], (f"10:{answered // 60:02}:{answered % 60:02}", "human", "k1")]
    assert [one[1:] for one in verdicts("kuaishou_agent_3min", lines, bundle="strict")] == [(verdict, after_s)]
    assert figure("kuaishou_shop_3min", lines) == (0, 1)


# --- 20: the day ends


def test_f20_an_open_round_at_midnight_is_lost_or_left_out_and_never_won() -> None:
    """90 s apart and across 24:00: excluded as published, a miss for whoever looks strictly; unanswered is a miss."""
    across: list[Line] = [("8 23:58:45", "buyer", ""), ("9 00:00:15", "human", "k1")]
    assert [one[1] for one in verdicts("taobao_ww3", across)] == ["excluded"]
    assert [one[1] for one in verdicts("taobao_ww3", across, bundle="strict")] == ["miss"]
    assert [one[1] for one in verdicts("taobao_ww3", across[:1])] == ["miss"]
    assert report("tmall_avg_human_time", [("22:58:45", "buyer", "k1"), ("9 08:00:00", "human", "k1")])["mean_s"] == 600


def test_f20_at_the_last_second_of_the_hours_a_question_counts_and_at_their_end_it_does_not() -> None:
    """Only the question's instant is tested: the answer may fall outside."""
    for rule_id, last, answer, end in (
        ("taobao_ww3", "23:55:59", "23:57:00", "9 00:00:00"),
        ("taobao_ww3_2023", "22:59:59", "23:01:00", "23:00:00"),
        ("tejia_3min", "22:59:59", "23:01:00", "23:00:00"),
        ("pdd_3min_human", "22:59:59", "23:01:00", "23:00:00"),
    ):
        assert figure(rule_id, [(last, "buyer", "k1"), (answer, "human", "k1")]) == (1, 1), rule_id
        assert figure(rule_id, [(end, "buyer", "k1"), ("9 00:01:00", "human", "k1")]) == (0, 0), rule_id


def test_f20_who_asks_again_after_midnight_has_a_round_on_each_day() -> None:
    lines: list[Line] = [("8 23:50:00", "buyer", ""), ("9 08:10:00", "buyer", ""), ("9 08:11:00", "human", "k1")]
    days = report("taobao_ww3", lines)["days"]
    assert [(one["date"], one["numerator"], one["denominator"]) for one in days] == [
        ("2022-03-08", 0, 1),
        ("2022-03-09", 1, 1),
    ]


# --- 20b and 22


def test_f20b_a_figure_counts_from_the_first_of_many_questions() -> None:
    lines: list[Line] = [(f"10:{minute:02}:00", "buyer", "") for minute in range(5)]
    lines += [("10:04:10", "human", "k1")]
    assert verdicts("taobao_ww3", lines) == [(None, "miss", 250)]


@pytest.mark.parametrize("rule_id", ["taobao_ww3", "tmall_avg_human_time"])
def test_f22_a_conversation_that_opens_again_is_judged_from_its_new_question(rule_id: str) -> None:
    """Answered in 30 s, asked again two hours later and answered in 20 s: waits of 30 s and 20 s, not of hours."""
    lines: list[Line] = [
        ("10:00:00", "buyer", "k1"),
        ("10:00:30", "human", "k1"),
        ("12:00:00", "buyer", "k1"),
        ("12:00:20", "human", "k1"),
    ]
    assert [one[2] for one in verdicts(rule_id, lines)] == [30, 20]


@pytest.mark.parametrize("who", ["auto", "bot:other", "bot:dianxiaomi", "helper", "assist:relay"])
def test_f22_a_robot_or_a_hand_over_in_between_is_no_first_answer(who: str) -> None:
    """No automatic word shortens the wait for a person, nor does a seat that was assigned meanwhile."""
    lines: list[Line] = [
        ("10:00:00", "buyer", "k1"),
        ("10:00:02", who, "k1"),
        ("10:00:05", "assign", "k1"),
        ("10:03:20", "human", "k1"),
    ]
    assert verdicts("taobao_ww3", lines, bundle="strict")[-1][1:] == ("miss", 200)
