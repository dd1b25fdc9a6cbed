"""One round and the whole reasoning behind it."""

import pytest

from relay.cli.auditing.widths import width
from tests.cli.conftest import Call, line

TEXT = (
    line("09:00:00", "buyer", text="long ago")
    + line("09:00:10", "merchant", text="hello")
    + line("09:58:00", "merchant", text="anything else?")
    + line("10:00:00", "buyer", text="在吗\n\x1b[2J亲")
    + line("10:01:00", "merchant", kind="bot", bot="other", text="robot")
    + line("10:02:00", "buyer", text="?")
    + line("10:06:00", "merchant", sub_account="客服1", text="x" * 500)
    + line("10:00:00", "buyer", "a@b.cn", text="another")
    + line("23:00:00", "buyer", "late")
    + line("2022-03-09T09:00:00+08:00", "merchant", "late")
)


def test_all_about_one_round(call: Call) -> None:
    by_number, by_time = call(TEXT, "--round", "3"), call(TEXT, "--explain", "mia@2022-03-08T10:00:00")
    out = by_number.stdout
    assert by_number.exit_code == 0
    assert by_time.stdout == out
    for part in (
        "#3  mia  taobao_ww3@2022-01-08  不计入 excluded",
        "条款 clause    A.excl.a",
        "→ 2022-03-08T10:00:00  买家 buyer: 在吗↵\\x1b[2J亲",
        "  2022-03-08T10:01:00  商家 shop bot other: robot",
        "anything else?",
        "严格口径 strict bundle",
        "2022-03-08T10:00:00  未达标 miss  A.def",
        "首问后 360 s 才有效回复",
    ):
        assert part in out, part
    assert "\x1b" not in out
    assert "long ago" not in out
    assert "another" not in out


def test_the_answer_is_marked(call: Call) -> None:
    out = call(TEXT, "--round", "4").stdout
    assert "→ 2022-03-08T10:02:00" in out
    assert "← 2022-03-08T10:06:00  商家 shop 客服1: xxx" in out
    assert "客服在线但未及时回复 seat_slow: 10:02 客服1 " in out
    assert max(map(width, out[out.index("消息 messages") : out.index("严格口径")].splitlines())) == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("mia@2022-03-08T10:02:00.000", "#4"),
        ("mia@2022-03-08T02:02:00Z", "#4"),
        ("mia@2022-03-08 10:00:30", "#3"),
        ("mia@2022-03-08T10:05:59", "#4"),
        ("a@b.cn@2022-03-08T10:00:00", "#2"),
        ("late@2022-03-08T23:30:00", "#5"),
    ],
)
def test_a_time_names_a_round(call: Call, asked: str, found: str) -> None:
    assert call(TEXT, "--explain", asked).stdout.startswith(f"{found}  {asked.rpartition('@')[0]}  ")


def test_a_buyer_alone_gives_the_list(call: Call) -> None:
    for buyer in ("mia", "a@b.cn"):
        out = call(TEXT, "--explain", buyer).stdout
        assert buyer in out
        assert "--round" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--round", "0"), "there are 5"),
        (("--round", "6"), "there are 5"),
        (("--explain", "nobody"), "nobody"),
        (("--explain", "nobody@2022-03-08T10:00:00"), "nobody"),
        (("--explain", "mia@2022-03-08T12:00:00"), "nearest start at 2022-03-08T09:00:00"),
    ],
)
def test_nothing_is_as_asked(call: Call, arguments: tuple[str, ...], word: str) -> None:
    result = call(TEXT, *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert word in result.stderr


def test_the_strict_bundle_may_know_no_such_round(call: Call) -> None:
    text = line("10:00:00", "buyer", "x", buyer_class="xiaoer") + line("23:00:00", "buyer", "late")
    assert "相同 the same" in call(text, "--round", "1").stdout


def test_a_persons_day_lists_its_rounds(call: Call) -> None:
    text = line("10:00:00", "buyer") + line("10:01:00", "merchant") + line("10:10:00", "buyer")
    out = call(text, "--round", "1", rule="pdd_3min_human").stdout
    assert "the rounds of this day" in out
    assert "2022-03-08T10:00:00 → 2022-03-08T10:01:00  及时 hit  P.formula" in out


def test_of_a_long_talk_the_middle_is_left_out_and_counted(call: Call) -> None:
    text = "".join(line(f"10:{n // 60:02}:{n % 60:02}", "buyer", text=f"q{n}.") for n in range(100))
    out = call(text, "--round", "1").stdout
    assert "… 40 条 messages" in out
    assert "q29." in out
    assert "q30." not in out
    assert "q99." in out
