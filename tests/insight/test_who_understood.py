"""The dry run: counts, examples, and what the owner is asked next."""

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from relay.insight.utterances import Unread, Utterance
from relay.insight.who import WhoIsWho, propose, understood
from relay.insight.who.telling import todo
from relay.insight.who.understood import MOST_REASONS

from .test_who_messages import CONFIRMED
from .test_who_proposals import SEAT, WELCOME, log, shop

CHINA = ZoneInfo("Asia/Shanghai")


def asked(lines: list[Utterance], who: WhoIsWho | None = None, zone: ZoneInfo | None = CHINA) -> str:
    return "\n".join(zh for zh, _ in todo(understood(lines, who, zone)))


def test_counts() -> None:
    bad = [Unread(where=n, text=f"line {n}", zh="坏", en="bad") for n in range(90, 95)]
    summary = understood([*shop(8), *bad, *log(("z", SEAT, 0, "活动"))], CONFIRMED, CHINA)
    assert (summary.pieces, summary.messages, summary.unread, summary.ignored) == (30, 24, 6, 0)
    most = summary.reasons[0]
    assert (most.zh, most.count, [one.where for one in most.examples]) == ("坏", 5, [90, 91, 92])
    assert (summary.conversations, summary.without_buyer, summary.buyers) == (9, 1, 8)
    assert (summary.seats, summary.kinds) == (((SEAT, 16),), (("auto", 8), ("human", 8)))
    assert summary.first is not None
    assert summary.last == summary.first + 740_000


def test_reasons_without_end_are_one() -> None:
    bad = [Unread(where=n, text="", zh=f"坏 {n}", en=f"bad {n}") for n in range(1, 100)]
    summary = understood(bad)
    assert sum(one.count for one in summary.reasons) == 99
    assert len(summary.reasons) == MOST_REASONS + 1


def test_the_next_steps_shrink_as_the_owner_confirms() -> None:
    lines = shop(8)
    assert all(
        word in asked(lines, None, None) for word in ("timezone", "confirm_seats", "像自动回复", 'rest = "human"')
    )
    named = replace(propose(lines).who(), timezone="Asia/Shanghai")
    assert "timezone" not in asked(lines, named, None)
    seats = replace(named, confirm_seats=True, rest="human")
    assert asked(lines, seats, None) == "核对 1 条像自动回复或机器人的文字；误认为人工会使比率虚高"
    assert asked(lines, CONFIRMED) == ""
    assert "没有待确认的内容" in understood(lines, CONFIRMED, CHINA).lines()[-1]


PROBLEMS = {
    "several buyers": (log(("a", "b1", 0, "x"), ("a", "b2", 1, "y"), ("a", SEAT, 5, "z")), "没有唯一买家"),
    "no seconds": (log(("a", "b1", 0, "x"), ("a", SEAT, 60, "z")), "只到分钟"),
    "newest first": (shop(3)[::-1], "时间倒序"),
    "nothing but who spoke first": (log(("a", "张三", 0, "在吗"), ("a", "李四", 9, "在的")), "把握不大"),
}


@pytest.mark.parametrize(("lines", "word"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_is_wrong_with_the_file_is_said(lines: list[Utterance], word: str) -> None:
    assert word in asked(lines)


def test_the_lines_are_in_both_languages() -> None:
    told = "\n".join(understood(shop(8)).lines())
    for word in (
        "24",
        "待确认",
        "to confirm",
        SEAT,
        "自动回复",
        "8 of 8 within 2 s",
        "2022-03-08T10:00:00+08:00",
        "下一步",
    ):
        assert word in told
    assert WELCOME.replace("，", ",") in told
