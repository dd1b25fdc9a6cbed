"""The dry run: what it shows, what it writes, and that nothing an owner wrote is ever lost."""

import json
from pathlib import Path

import pytest

from relay.insight.who import WhoFileError, read
from tests.cli.conftest import line
from tests.cli.export_files import SEAT, TALKS, command, confirm, csv, jd, run, samples, written

ZONE = ("--timezone", "Asia/Shanghai")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_looks_and_writes_nothing_unless_told_where(tmp_path: Path) -> None:
    result = run(jd(tmp_path), "--dry-run")
    assert result.exit_code == 0
    for word in ("(jd-txt)", "共 30 条：看懂 30", "Asia/Shanghai?", SEAT, "自动回复", "没有保存"):
        assert word in result.stdout, word
    assert [path.name for path in tmp_path.iterdir()] == ["chats.txt"]
    assert "taobao_ww3@" not in result.stdout
    assert command(result.stdout)[1:] == ["--dry-run", "--timezone", "Asia/Shanghai", "--who", "shop.who.toml"]


def test_a_shop_s_file_lies_in_this_folder_and_keeps_what_the_command_said(tmp_path: Path) -> None:
    result = run(csv(tmp_path), "--dry-run", "--shop", "安心", *ZONE, "--columns", "who=发送人", "--reader", "table")
    assert result.exit_code == 0, result.stderr
    who = read((tmp_path / "安心.who.toml").read_bytes())
    assert (who.timezone, who.reader) == ("Asia/Shanghai", "table")
    assert who.columns == {"time": "发送时间", "who": "发送人", "text": "消息内容", "buyer": "买家昵称"}
    assert not any(one.confirmed for one in (*who.nicks, *who.texts))
    assert command(result.stdout)[1:] == ["--rule", "taobao_ww3", "--shop", "安心"]


def test_columns_that_nobody_can_guess_are_shown_and_named(tmp_path: Path) -> None:
    text = csv(tmp_path).read_text("gb18030").replace("发送人", "说话的人").replace("消息内容", "说了什么")
    log = written(tmp_path / "own.csv", text)
    lost = run(log, "--dry-run")
    assert (lost.exit_code, lost.stderr.count("\n")) == (2, 1)
    assert "说话的人 | 说了什么" in lost.stderr
    assert "--columns" in lost.stderr
    assert "缺少 missing: who, text" in lost.stdout
    named = ("--columns", "who=说话的人", "--columns", "text=说了什么")
    look = run(log, "--dry-run", *named, *ZONE, "--shop", "a")
    assert "who = 说话的人" in look.stdout
    confirm(tmp_path / "a.who.toml")
    assert "80.00 %  8/10" in run(log, "--rule", "taobao_ww3", "--shop", "a").stdout


def first_month(tmp_path: Path) -> Path:
    written(tmp_path / "first.txt", "".join(map(samples.jd, TALKS[:5])))
    run("first.txt", "--dry-run", "--who", "shop.who.toml", *ZONE)
    who = tmp_path / "shop.who.toml"
    confirm(who)
    return who


def next_month(tmp_path: Path) -> Path:
    new = [[(t, nick.replace("小美", "小丽"), text) for t, nick, text in said] for said in TALKS[5:]]
    return written(tmp_path / "second.txt", "".join(map(samples.jd, new)))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_is_new_comes_behind_what_the_owner_wrote(tmp_path: Path, ends: str) -> None:
    who = first_month(tmp_path)
    owners = ("# 我的备注\n" + who.read_text("utf-8") + "# 最后一行").replace("\n", ends).encode("utf-8-sig")
    who.write_bytes(owners)
    was = read(owners)
    result = run(next_month(tmp_path), "--dry-run", "--who", who)
    assert "1 entries were added" in result.stdout
    assert who.read_bytes().startswith(owners)
    now = read(who.read_bytes())
    assert now.nicks[: len(was.nicks)] == was.nicks
    assert now.texts == was.texts
    assert [(one.nick, one.role, one.confirmed) for one in now.nicks[len(was.nicks) :]] == [
        ("安心旗舰店:小丽", "seat", False)
    ]
    assert "像子账号" in who.read_bytes().removeprefix(owners).decode()
    again = who.read_bytes()
    assert "没有新内容" in run("second.txt", "--dry-run", "--who", who).stdout
    assert who.read_bytes() == again


def test_an_audit_changes_no_file_and_asks_for_what_is_new(tmp_path: Path) -> None:
    who = first_month(tmp_path)
    who.write_text(who.read_text("utf-8").replace("confirm_seats = true", "confirm_seats = false"), "utf-8")
    before = who.read_bytes()
    result = run(next_month(tmp_path), "--rule", "taobao_ww3", "--who", who)
    assert "区间" in result.stdout.splitlines()[0]
    assert "--dry-run" in command(result.stdout)
    assert who.read_bytes() == before


def test_another_zone_writes_anew_and_keeps_the_former_file(tmp_path: Path) -> None:
    who = first_month(tmp_path)
    owners = who.read_bytes()
    run("first.txt", "--dry-run", "--who", who, "--timezone", "Asia/Tokyo")
    assert (tmp_path / "shop.who.toml.bak").read_bytes() == owners
    now, was = read(who.read_bytes()), read(owners)
    assert now.timezone == "Asia/Tokyo"
    assert (now.nicks, now.texts, now.rest) == (was.nicks, was.texts, was.rest)


def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    log, who = jd(tmp_path), written(tmp_path / "w.toml", '[[nick]]\nnick = "a"\nrole = "boss"\nrole2 = 1\n')
    for more in (("--dry-run",), ("--rule", "taobao_ww3")):
        result = run(log, "--who", who, *more)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "第 3 行 / line 3" in result.stderr
        assert "第 4 行 / line 4" in result.stderr
    assert who.read_text("utf-8").endswith("role2 = 1\n")
    with pytest.raises(WhoFileError):
        read(who.read_bytes())


def test_several_files_are_looked_at_together(tmp_path: Path) -> None:
    """One conversation a file shows nobody a seat and no text twice; all of them do."""
    for number, said in enumerate(TALKS):
        plain = [(t, nick.replace("安心旗舰店:", ""), text) for t, nick, text in said]
        written(tmp_path / f"{number}.txt", samples.wangwang_im(plain))
    result = run(tmp_path, "--dry-run", "--who", "shop.who.toml")
    who = read((tmp_path / "shop.who.toml").read_bytes())
    assert {one.nick: one.role for one in who.nicks}["小美"] == "seat"
    assert [one.kind for one in who.texts] == ["auto"]
    assert "会话 10（0 个没有唯一买家）" in result.stdout


def test_a_message_log_can_be_looked_at(tmp_path: Path) -> None:
    text = line("10:00:00", "buyer") + line("10:01:00", "merchant", kind="unknown", sub_account="甲") + "{\n"
    log = written(tmp_path / "log.jsonl", text + line("10:02:00", "merchant", kind="auto"))
    result = run(log, "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    for word in (
        "3 条 messages, 1 行无法读取",
        "line 3",
        "未知 unknown 1",
        "自动回复 auto 1",
        "甲 1",
        "10:02:00+08:00",
    ):
        assert word in result.stdout, word
    assert command(result.stdout)[1:] == ["--rule", "taobao_ww3"]


def test_it_gives_no_figure_in_any_form(tmp_path: Path) -> None:
    log = jd(tmp_path)
    for more in (("--json",), ("--csv", "x.csv"), ("--explain", "a"), ("--round", "1")):
        result = run(log, "--dry-run", *more)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_a_name_with_spaces_is_quoted_in_the_next_command(tmp_path: Path) -> None:
    log = jd(tmp_path).rename(tmp_path / "chats 3 月 (1).txt")
    assert command(run(log.name, "--dry-run").stdout)[0] == log.name
    assert json.dumps(log.name, ensure_ascii=False) in run(log.name, "--dry-run").stdout


def test_what_a_file_says_does_not_disturb_the_terminal(tmp_path: Path) -> None:
    text = (
        csv(tmp_path)
        .read_text("gb18030")
        .replace("买家昵称", "买家昵称,\x1b[2J备注\u202e")
        .replace("在吗", "\x1b]0;x\x07")
    )
    log = written(tmp_path / "hostile.csv", text)
    for more in (("--dry-run",), ("--rule", "taobao_ww3", *ZONE), ("--rule", "taobao_ww3", *ZONE, "--round", "1")):
        result = run(log, *more)
        assert result.exit_code == 0, result.stderr
        assert not {"\x1b", "\x07", "\u202e"} & set(result.output)
