"""`relay ladder`: the seconds of an unanswered question, foretold per shop and group."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relay.cli.ladder import ladder

FILE = """
[[desk]]
id = "desk"
[[shop]]
id = "one"
desk = "desk"
ladder = ["60s badge", "-20s hold"]
[shop.ladders]
aftersale = ["45s alert"]
[[shop.groups]]
group = "aftersale"
order_states = ["paid"]
[[shop]]
id = "two"
desk = "desk"
rule = "tmall_reply"
service_s = 60
ladder = ["30s badge"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(FILE, "utf-8")
    return path


def run(file: Path, *words: str) -> Result:
    return CliRunner().invoke(ladder, ["--settings", str(file), *words])


def test_every_shop_and_group_by_day_and_by_night(file: Path) -> None:
    result = run(file)
    assert result.exit_code == 0
    heads = [line for line in result.output.splitlines() if line and line[0] != " "]
    assert [line.split(" 提问")[0] for line in heads] == [
        "one  presale  10:00:00",
        "one  presale  03:00:00",
        "one  aftersale  10:00:00",
        "one  aftersale  03:00:00",
        "two  presale  10:00:00",
        "two  presale  03:00:00",
        "one  稍等之后没有答复 / after a hold that nobody follows with an answer",
        "two  稍等之后没有答复 / after a hold that nobody follows with an answer",
    ]


def test_the_ladder_of_an_answer_owed(file: Path) -> None:
    """What the file does not say is the usual ladder; after its last rung it is told again."""
    told = json.loads(run(file, "one", "--json").output)["debts"]
    [steps] = [one["steps"] for one in told]
    assert [(step["second"], step["what"]) for step in steps] == [
        (180, "remind"), (300, "alert"), (600, "reroute"), (720, "remind"),
    ]  # fmt: skip


def test_one_question_second_by_second_in_both_languages(file: Path) -> None:
    result = run(file, "one", "--group", "presale", "--asked", "03:00")
    assert result.output.splitlines() == [
        "one  presale  03:00:00 提问 / asked, 服务计时 / the service clock",
        "   -18000 s  03:00:00    买家在非考核时段提问 / the buyer asks outside the assessed hours",
        "        0 s  08:00:00    考核时段开始：列为隔夜买家，服务计时开始"
        " / the hours open: an overnight buyer, the service clock begins",
        "       10 s  08:00:10  – 首次反应目标：只统计，不发送"
        " / first reaction wanted by now: counted, nothing is sent",
        "       60 s  08:01:00    客服角标提醒 / a badge for the seat",
        "      160 s  08:02:40  – 不自动发送：稍等话术只针对规则截止时间"
        " / no machine reply: that is for the rule's deadline alone",
        "      180 s  08:03:00  – 店铺自己的服务目标，不影响考核数字 / the shop's own target; no figure depends on it",
    ]


def test_the_same_as_one_object(file: Path) -> None:
    result = run(file, "two", "--asked", "23:59:50", "--json")
    [told] = json.loads(result.output)["ladders"]
    assert (told["shop"], told["groups"], told["clock"]) == ("two", ["presale"], "service")
    assert (told["asked"], told["due"]) == ("23:59:50", "00:00:50")
    assert [(step["second"], step["what"]) for step in told["steps"]] == [
        (0, "asked"),
        (10, "first_reaction"),
        (30, "badge"),
        (60, "deadline"),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [(("three",), "no shop 'three'"), (("--group", "vip"), "no such group 'vip'"), (("--asked", "3"), "reads HH:MM")],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(file: Path, words: tuple[str, ...], says: str) -> None:
    result = run(file, *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
