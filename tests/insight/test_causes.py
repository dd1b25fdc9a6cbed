"""Each cause, each row of the table before the next, and what a log cannot tell."""

from typing import NamedTuple

import pytest

from relay.insight.causes import Cause, Inquiry, Judged, Missed, Terms
from tests.insight.causes_talk import Said, asks, at, chatter, explain, gap, judged, moves, writes

AD = "本店专业代运营推广，提升销量，加微信 abc12345"
SOMEBODY = [writes("10:01", "s9", buyer="other")]
BUSY = chatter("s1", "10:00:10", 4)
QUIET = chatter("s1", "10:00:10", 3)


class Case(NamedTuple):
    """A question of mia's at 10:00 under a limit of three minutes, and the cause and seat expected."""

    title: str
    said: list[Said]
    cause: Cause
    seat: str | None = None
    round: Judged = judged("10:00")


LATE = judged("10:00", "10:05")
CASES = [
    Case("a tag", [asks("10:00", tag="ad"), *SOMEBODY], Cause.likely_advertisement),
    Case("contact and promotion", [asks("10:00", AD), *SOMEBODY], Cause.likely_advertisement),
    Case("thanks", [asks("10:00", "谢谢"), *SOMEBODY], Cause.ended_with_thanks),
    Case("ok after an answer", [writes("9:59", "s1"), asks("10:00", "好的")], Cause.ended_with_thanks, "s1"),
    Case(
        "ok in answer to a question",
        [writes("9:59", "s1", text="帮您改吗？"), asks("10:00", "好的")],
        Cause.seat_slow,
        "s1",
    ),
    Case("ok with nothing before it", [asks("10:00", "好的")], Cause.nobody_active),
    Case(
        "a picture after an answer",
        [writes("9:59", "s1"), asks("10:00", None, content="emoji")],
        Cause.ended_with_thanks,
        "s1",
    ),
    Case("thanks and then a question", [asks("10:00", "谢谢"), asks("10:01", "几点发货"), *SOMEBODY], Cause.seat_slow),
    Case("a question after the deadline", [asks("10:00", "谢谢"), asks("10:09", "几点发货")], Cause.ended_with_thanks),
    Case("a robot alone", [asks("10:00"), writes("10:00:05", None, kind="bot"), *SOMEBODY], Cause.robot_only),
    Case("a robot alone in an empty shop", [asks("10:00"), writes("10:00:05", None, kind="bot")], Cause.robot_only),
    Case("a canned line alone", [asks("10:00"), writes("10:00:05", None, kind="auto"), *SOMEBODY], Cause.robot_only),
    Case("a canned line in an empty shop", [asks("10:00"), writes("10:00:05", None, kind="auto")], Cause.nobody_active),
    Case(
        "a robot and a late person",
        [asks("10:00"), writes("10:00:05", None, kind="bot"), writes("10:05", "s1"), *QUIET],
        Cause.seat_slow,
        "s1",
        LATE,
    ),
    Case(
        "a robot and a person that evening",
        [asks("10:00"), writes("10:00:05", None, kind="bot"), writes("20:00", "s1")],
        Cause.nobody_active,
        "s1",
        judged("10:00", "20:00"),
    ),
    Case("a robot after the deadline", [asks("10:00"), writes("10:04", None, kind="bot")], Cause.nobody_active),
    Case(
        "a robot whose text may not have come",
        [asks("10:00"), writes("10:01", None, kind="bot", outcome="unknown")],
        Cause.nobody_active,
    ),
    Case(
        "a transfer",
        [asks("10:00"), moves("10:01", "s2", from_sub="s1"), *SOMEBODY],
        Cause.transferred_unanswered,
        "s2",
    ),
    Case(
        "a transfer answered late",
        [asks("10:00"), moves("10:01", "s2"), writes("10:05", "s3")],
        Cause.transferred_unanswered,
        "s3",
        LATE,
    ),
    Case(
        "a second placement",
        [asks("10:00"), moves("10:00:05", "s1", "assign"), moves("10:02", "s2", "assign")],
        Cause.transferred_unanswered,
        "s2",
    ),
    Case(
        "two seats addressed",
        [asks("10:00", sub_account="s1"), asks("10:01", sub_account="s9"), *SOMEBODY, writes("12:00", "s1", buyer="x")],
        Cause.transferred_unanswered,
        "s9",
    ),
    Case(
        "a first placement is no move",
        [asks("10:00"), moves("10:00:05", "s9", "assign"), *SOMEBODY],
        Cause.seat_slow,
        "s9",
    ),
    Case("a transfer after the deadline", [asks("10:00"), moves("10:04", "s2"), *SOMEBODY], Cause.seat_slow),
    Case("nobody at all", [asks("10:00")], Cause.nobody_active),
    Case(
        "nobody until later",
        [asks("10:00"), writes("10:30", "s1")],
        Cause.nobody_active,
        "s1",
        judged("10:00", "10:30"),
    ),
    Case("nobody for five minutes before", [writes("9:54:59", "s1", buyer="x"), asks("10:00")], Cause.nobody_active),
    Case("somebody within five minutes before", [writes("9:55", "s1", buyer="x"), asks("10:00")], Cause.seat_slow),
    Case(
        "an answer a minute late shows that somebody was there",
        [asks("10:00"), writes("10:03:59", "s1")],
        Cause.seat_slow,
        "s1",
        judged("10:00", "10:03:59"),
    ),
    Case("nobody until two minutes after", [asks("10:00"), writes("10:05", "s1")], Cause.nobody_active, "s1", LATE),
    Case(
        "an order makes it no advertisement",
        [asks("9:30", "我的订单呢"), asks("10:00", AD), *SOMEBODY],
        Cause.seat_slow,
    ),
    Case("queued and never placed", [asks("10:00", queued=True), *SOMEBODY], Cause.queued),
    Case(
        "placed after the deadline",
        [asks("10:00"), moves("10:04", "s1", "assign"), writes("10:05", "s1"), *SOMEBODY],
        Cause.queued,
        "s1",
        LATE,
    ),
    Case(
        "queued, and placed in time",
        [asks("10:00", queued=True), moves("10:01", "s9", "assign"), *SOMEBODY],
        Cause.seat_slow,
        "s9",
    ),
    Case(
        "queued for whom yesterday's seat holds nothing",
        [writes("9:00", "s1"), asks("10:00", queued=True), *SOMEBODY],
        Cause.queued,
    ),
    Case("the seat is away", [moves("9:00", "s1", "assign"), asks("10:00"), *SOMEBODY], Cause.seat_away, "s1"),
    Case(
        "the seat is away and another answers late",
        [moves("9:00", "s1", "assign"), asks("10:00"), writes("10:05", "s9"), *SOMEBODY],
        Cause.seat_away,
        "s1",
        LATE,
    ),
    Case("the seat that wrote last is away", [writes("9:00", "s1"), asks("10:00"), *SOMEBODY], Cause.seat_away, "s1"),
    Case("the shop's address is no seat", [asks("10:00", sub_account="shop"), *SOMEBODY], Cause.seat_slow),
    Case("busy with texts", [moves("9:59", "s1", "assign"), asks("10:00"), *BUSY], Cause.seat_busy, "s1"),
    Case("busy and late", [asks("10:00"), writes("10:05", "s1"), *BUSY], Cause.seat_busy, "s1", LATE),
    Case("three texts are not busy", [asks("10:00"), writes("10:05", "s1"), *QUIET], Cause.seat_slow, "s1", LATE),
    Case(
        "texts to the same buyer are not others'",
        [moves("9:50", "s1", "assign"), *[writes(f"9:5{n}", "s1") for n in range(5, 9)], asks("10:00")],
        Cause.seat_slow,
        "s1",
    ),
    Case("nobody's, and every seat busy", [asks("10:00"), *BUSY, *chatter("s2", "10:00:11", 4)], Cause.seat_busy),
    Case("nobody's, and one seat with time", [asks("10:00"), *BUSY, *SOMEBODY], Cause.seat_slow),
    Case(
        "a keystroke makes a robot's text a person's",
        [asks("10:00"), writes("10:01", "s9", buyer="x", kind="bot", trigger="person")],
        Cause.seat_slow,
    ),
    Case("an unknown author", [asks("10:00"), writes("10:01", "s9", buyer="x", kind="unknown")], Cause.cannot_tell),
    Case("a gap", [asks("10:00"), gap("9:58", "10:01")], Cause.cannot_tell),
    Case(
        "a gap of another buyer's hides nothing", [asks("10:00"), gap("9:58", "10:01", buyer="x")], Cause.nobody_active
    ),
    Case("a gap that is over", [asks("10:00"), gap("9:00", "9:50")], Cause.nobody_active),
    Case(
        "an unknown author at the seat that seems away",
        [moves("9:59", "s1", "assign"), asks("10:00"), writes("10:01", "s1", buyer="x", kind="unknown"), *SOMEBODY],
        Cause.cannot_tell,
        "s1",
    ),
    Case(
        "a robot, and an unknown author that day",
        [asks("10:00"), writes("10:01", None, kind="bot"), writes("15:00", "s1", kind="unknown")],
        Cause.nobody_active,
    ),
    Case(
        "a robot, and a gap that day",
        [asks("10:00"), writes("10:01", None, kind="bot"), gap("15:00", "16:00")],
        Cause.nobody_active,
    ),
]


def only(case_round: Judged, said: list[Said], limit_ms: int | None = 180_000) -> Missed:
    (found,) = explain([case_round], said, limit_ms).misses
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_miss_has_the_cause_that_its_log_shows(case: Case) -> None:
    found = only(case.round, case.said)
    assert found.cause is case.cause, found.en
    assert (found.seat.name if found.seat else None) == case.seat
    assert found.zh.startswith("10:00 ")
    assert found.en.startswith("10:00: ")


def test_every_cause_has_a_case() -> None:
    assert {case.cause for case in CASES} == set(Cause)


# What shows each cause in the same conversation, all of it compatible with what shows the others.
SHOWS: dict[Cause, list[Said]] = {
    Cause.likely_advertisement: [asks("10:00", AD)],
    Cause.ended_with_thanks: [asks("10:00", "谢谢")],
    Cause.robot_only: [writes("10:00:30", None, kind="bot")],
    Cause.transferred_unanswered: [moves("10:00:40", "s1", from_sub="s2")],
    Cause.nobody_active: [],
    Cause.queued: [asks("10:00", queued=True), writes("10:01", "s9", buyer="x")],
    Cause.seat_away: [moves("9:30", "s1", "assign"), writes("10:01", "s9", buyer="x")],
    Cause.seat_busy: [asks("10:00", sub_account="s1"), *BUSY],
    Cause.seat_slow: [asks("10:00", sub_account="s1"), *QUIET],
}
PAIRS = [
    (first, then)
    for first in SHOWS
    for then in SHOWS
    if list(Cause).index(first) < list(Cause).index(then)
    # These exclude each other: an empty shop has no active seat, a queue no seat, a seat is away, busy or slow.
    and first not in (Cause.nobody_active, Cause.queued, Cause.seat_away, Cause.seat_busy)
    and (first, then) != (Cause.likely_advertisement, Cause.ended_with_thanks)
]


@pytest.mark.parametrize(("first", "then"), PAIRS)
def test_the_earlier_row_of_the_table_wins(first: Cause, then: Cause) -> None:
    told = [line for line in SHOWS[then] if line[1].role != "buyer" or not _is_question(SHOWS[first])]
    question = [] if _is_question(SHOWS[first]) or _is_question(told) else [asks("10:00")]
    assert only(judged("10:00"), [*question, *SHOWS[first], *told]).cause is first
    alone = [] if _is_question(SHOWS[then]) else [asks("10:00")]
    assert only(judged("10:00"), [*alone, *SHOWS[then]]).cause is then


def _is_question(said: list[Said]) -> bool:
    return any(body.role == "buyer" for _, body in said)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ([asks("10:00", "谢谢", tag="ad")], Cause.likely_advertisement),
        ([asks("10:00", queued=True)], Cause.nobody_active),
        ([asks("10:00", queued=True), moves("9:59", "s1", "assign"), *SOMEBODY], Cause.queued),
        ([asks("10:00"), moves("9:00", "s1", "assign"), *chatter("s9", "10:00:10", 9)], Cause.seat_away),
    ],
)
def test_rows_that_hardly_meet_keep_their_order(said: list[Said], cause: Cause) -> None:
    assert only(judged("10:00"), said).cause is cause


def test_a_seat_with_four_buyers_waiting_before_is_busy() -> None:
    others = [judged("9:59", f"10:04:0{n}", buyer=f"w{n}") for n in range(4)]
    said = [asks("10:00"), *[writes(f"10:04:0{n}", "s1", buyer=f"w{n}") for n in range(4)], writes("10:05", "s1")]
    said += [writes("9:58", "s1", buyer="x")]
    found = explain([LATE, *others], said).misses
    mine = next(miss for miss in found if miss.round.buyer == "mia")
    assert mine.cause is Cause.seat_busy
    assert mine.evidence.others_waiting == 4
    fewer = explain([LATE, *others[:3]], said).misses
    assert next(miss for miss in fewer if miss.round.buyer == "mia").cause is Cause.seat_slow


def test_a_buyer_who_asks_four_times_is_one_who_waits() -> None:
    """A rule that counts messages judges each of them; they wait together."""
    others = [judged(f"9:59:0{n}", "10:04", buyer="w") for n in range(4)]
    said = [asks("10:00"), writes("10:04", "s1", buyer="w"), writes("10:05", "s1"), writes("9:58", "s1", buyer="x")]
    mine = next(miss for miss in explain([LATE, *others], said).misses if miss.round.buyer == "mia")
    assert (mine.cause, mine.evidence.others_waiting) == (Cause.seat_slow, 1)


@pytest.mark.parametrize(
    ("round", "said", "cause", "seat"),
    [
        # A person's day under a rule without a limit: the question was answered, the thanks after it was not.
        (
            judged("10:00", "10:01"),
            [asks("10:00"), writes("10:01", "s1"), asks("10:02", "谢谢")],
            Cause.ended_with_thanks,
            "s1",
        ),
        (
            judged("10:00", "10:01"),
            [asks("10:00"), writes("10:01", "s1"), asks("10:02", "还有货吗")],
            Cause.seat_slow,
            "s1",
        ),
        (judged("10:00", "+1 9:00"), [asks("10:00"), writes("+1 9:00", "s1")], Cause.nobody_active, "s1"),
        (judged("10:00"), [asks("10:00"), writes("18:00", "s2", buyer="x")], Cause.seat_slow, None),
    ],
)
def test_a_rule_that_asks_for_the_same_day(round: Judged, said: list[Said], cause: Cause, seat: str | None) -> None:
    found = only(round, said, limit_ms=None)
    assert found == only(round, said, limit_ms=2 * 86_400_000)
    assert found.cause is cause, found.en
    assert (found.seat.name if found.seat else None) == seat


def test_a_rule_that_charges_the_seat_names_it_and_hears_its_questions_only() -> None:
    said = [
        asks("10:00", "谢谢", sub_account="s1"),
        asks("10:01", sub_account="s2"),
        writes("10:02", "s2"),
        writes("9:00", "s1", buyer="x"),
    ]
    found = only(judged("10:00", sub_account="s1"), said)
    assert (found.cause, found.seat and found.seat.name) == (Cause.ended_with_thanks, "s1")


def test_a_short_limit_needs_fewer_texts_to_be_busy() -> None:
    said = [asks("10:00"), writes("10:01", "s1"), *chatter("s1", "10:00:05", 2, every_s=10)]
    assert only(judged("10:00", "10:01"), said, limit_ms=30_000).cause is Cause.seat_busy
    assert only(judged("10:00", "10:01"), said[:-1], limit_ms=30_000).cause is Cause.seat_slow


def test_a_day_that_settled_at_midnight_is_due_there() -> None:
    found = only(judged("23:59", "+1 0:01"), [asks("23:59"), writes("+1 0:01", "s1")])
    assert found.evidence.late_ms == 60_000


def test_a_wait_may_last_into_the_next_day() -> None:
    said = [asks("23:59"), moves("+1 0:01", "s2"), writes("+1 0:05", "s2")]
    assert only(judged("23:59", "+1 0:05"), said).cause is Cause.transferred_unanswered


def test_a_copy_of_a_text_makes_nobody_busier() -> None:
    found = only(LATE, [asks("10:00"), writes("10:05", "s1"), *QUIET, *QUIET])
    assert (found.cause, found.evidence.texts_to_others) == (Cause.seat_slow, 3)


def test_what_came_after_the_moment_of_looking_is_not_there() -> None:
    inquiry = Inquiry([judged("10:00")], Terms(limit_ms=180_000, as_of=at("10:02")))
    inquiry.take_all([asks("10:00"), writes("10:03", "s1", buyer="x")])
    assert inquiry.close().misses[0].cause is Cause.nobody_active


def test_shops_are_kept_apart() -> None:
    said = [asks("10:00", shop="a"), writes("10:01", "s1", buyer="x", shop="b")]
    assert only(judged("10:00", shop="a"), said).cause is Cause.nobody_active


@pytest.mark.parametrize(
    ("cause", "zh", "en"),
    [
        (
            Cause.nobody_active,
            "10:00 10:00–10:03 前后全店没有任何人工消息；当日未有效回复。",
            "10:00: no person of the shop wrote to anybody around 10:00–10:03; not validly answered that day.",
        ),
        (
            Cause.seat_busy,
            "10:00 s1 正忙：等待期间给其他买家发了 4 条，提问时另有 0 人在等；超时 2 分钟 才有效回复。",
            "10:00: s1 was busy: 4 texts to others meanwhile, 0 others waiting; validly answered 2 min late.",
        ),
        (
            Cause.ended_with_thanks,
            "10:00 会话已到尾声：买家只说了感谢或道别；当日未有效回复。",
            "10:00: the conversation was over: the buyer only thanked or said goodbye; not validly answered that day.",
        ),
    ],
)
def test_the_sentence_has_the_evidence(cause: Cause, zh: str, en: str) -> None:
    said = {
        Cause.nobody_active: (judged("10:00"), [asks("10:00")]),
        Cause.seat_busy: (judged("10:00", "10:05"), [asks("10:00"), writes("10:05", "s1"), *BUSY]),
        Cause.ended_with_thanks: (judged("10:00"), [asks("10:00", "谢谢"), *SOMEBODY]),
    }[cause]
    found = only(*said)
    assert (found.cause, found.zh, found.en) == (cause, zh, en)
