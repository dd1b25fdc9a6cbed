"""Exports judged as an owner would: look, confirm, audit. Every format says the same, and a guess is never a figure."""

import json
import random
from pathlib import Path

import pytest

from relay.cli.auditing import exported
from relay.insight.who import messages, read
from relay.rules.instants import CHINA_ZONE
from relay.rules.messages import Message, encode_all
from relay_exports.jingdong import READER
from tests.cli.conftest import line
from tests.cli.export_files import FORMATS, SEAT, TALKS, command, confirm, csv, jd, run, samples, written

TAOBAO = ("--rule", "taobao_ww3")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are called in a folder of their own: `--shop` and config.toml are of the folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", FORMATS)
def test_look_confirm_audit(name: str, tmp_path: Path) -> None:
    """The welcome line answers within a second; nobody may take it for a person before the owner has said so."""
    log = FORMATS[name](tmp_path)
    at_once = run(log, *TAOBAO, "--timezone", "Asia/Shanghai")
    assert at_once.exit_code == 0, at_once.stderr
    assert at_once.stdout.startswith("taobao_ww3@2022-01-08  0.00 % .. 100.00 %  区间")
    look = run(*command(at_once.stdout))
    assert (look.exit_code, look.stderr) == (0, "")
    assert f"({name.split()[0]})" in look.stdout
    before = run(*command(look.stdout))
    assert before.stdout.startswith("taobao_ww3@2022-01-08  0.00 % .. 100.00 %  区间")
    assert "confirmed = true" in before.stdout
    confirm(tmp_path / "shop.who.toml")
    after = run(*command(before.stdout))
    assert after.stdout.startswith("taobao_ww3@2022-01-08  80.00 %  8/10\n")
    assert "待确认" not in after.stdout
    assert "没有待确认的内容" in run(log, "--dry-run", "--who", "shop.who.toml").stdout


def confirmed(tmp_path: Path) -> tuple[str, str, str, str]:
    run(jd(tmp_path), "--dry-run", "--shop", "anxin", "--timezone", "Asia/Shanghai")
    confirm(tmp_path / "anxin.who.toml")
    return (*TAOBAO, "--shop", "anxin")


def test_json_of_an_export_is_the_object_of_a_log(tmp_path: Path) -> None:
    log, options = jd(tmp_path), confirmed(tmp_path)
    result = run(log, *options, "--json")
    report = json.loads(result.stdout)
    assert list(report)[:9] == [
        "rule", "version", "numerator", "denominator", "rate", "rate_low", "rate_high", "days", "rounds"
    ]  # fmt: skip
    assert (report["numerator"], report["denominator"], report["rate_low"], report["rate_high"]) == (8, 10, 0.8, 0.8)
    assert report["rounds"][0] == {
        "buyer": "tb_小鱼0",
        "opened": "2022-03-08T10:00:00+08:00",
        "answered": "2022-03-08T10:04:00+08:00",
        "wait_s": 240,
        "verdict": "miss",
        "clause": "A.def",
    }
    assert "left_out" not in report
    assert result.stderr == ""


def test_json_without_a_word_from_the_owner_is_a_range_and_says_so(tmp_path: Path) -> None:
    result = run(jd(tmp_path), *TAOBAO, "--json", "--timezone", "Asia/Shanghai")
    report = json.loads(result.stdout)
    assert (report["rate"], report["rate_low"], report["rate_high"]) == (None, 0.0, 1.0)
    assert "--dry-run" in command(result.stderr)


def test_the_same_file_twice_is_the_same_once(tmp_path: Path) -> None:
    log, options = jd(tmp_path), confirmed(tmp_path)
    once = run(log, *options, "--json").stdout
    copy = written(tmp_path / "copy.txt", log.read_text("utf-8"))
    for logs in ((log, log), (log, copy), (copy, log), (log, csv(tmp_path))):
        assert run(*logs, *options, "--json").stdout == once


def test_overlapping_exports_are_one_ledger(tmp_path: Path) -> None:
    log, options = jd(tmp_path), confirmed(tmp_path)
    whole = run(log, *options, "--json").stdout
    parts = tmp_path / "parts"
    parts.mkdir()
    for number, (first, last) in enumerate([(0, 6), (4, 10), (5, 6)]):
        written(parts / f"{number}.txt", "".join(map(samples.jd, TALKS[first:last])))
    assert run(parts, *options, "--json").stdout == whole


def test_an_export_says_what_its_messages_say_as_a_log(tmp_path: Path) -> None:
    """Byte for byte (L13): a reader adds nothing to a figure and takes nothing from it."""
    log, options = jd(tmp_path), confirmed(tmp_path)
    who = read((tmp_path / "anxin.who.toml").read_bytes())
    told = [one for one in messages(list(READER.read(log)), who) if isinstance(one, Message)]
    retold = tmp_path / "retold.jsonl"
    retold.write_bytes(b"".join(encode_all(told, CHINA_ZONE)))
    assert run(retold, *TAOBAO, "--json").stdout == run(log, *options, "--json").stdout


def test_the_order_of_lines_changes_nothing(tmp_path: Path) -> None:
    log, options = csv(tmp_path), confirmed(tmp_path)
    head, *rows = log.read_text("gb18030").splitlines(keepends=True)
    random.Random(7).shuffle(rows)
    mixed = written(tmp_path / "mixed.csv", head + "".join(rows))
    assert run(mixed, *options, "--json").stdout == run(log, *options, "--json").stdout


def test_a_long_file_is_read_again_and_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, options = jd(tmp_path), confirmed(tmp_path)
    kept = run(log, *options).stdout
    monkeypatch.setattr(exported, "MOST_KEPT", 7)
    assert run(log, *options).stdout == kept


@pytest.mark.parametrize("rule", ["tejia_3min", "tmall_reply_account", "kuaishou_agent_3min", "tmall_avg_human_time"])
def test_rules_by_seat_know_whom_a_buyer_asked(rule: str, tmp_path: Path) -> None:
    """Exports name a seat on the shop's lines only."""
    log, (_, _, *shop) = jd(tmp_path), confirmed(tmp_path)
    report = json.loads(run(log, "--rule", rule, *shop, "--json").stdout)
    assert report["denominator"] == 10
    assert {one["sub_account"] for one in report["rounds"]} == {SEAT}


def test_a_message_log_beside_an_export(tmp_path: Path) -> None:
    log, options = jd(tmp_path), confirmed(tmp_path)
    more = written(tmp_path / "more.jsonl", line("12:00:00", "buyer") + line("12:01:00", "merchant"))
    assert json.loads(run(log, more, *options, "--json").stdout)["denominator"] == 11
    bad = written(tmp_path / "bad.jsonl", line("12:00:00", "buyer") + "{\n")
    result = run(log, more, bad, *options)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "line 2: bad.jsonl: " in result.stderr


def test_what_is_not_taken_is_said_everywhere(tmp_path: Path) -> None:
    options = confirmed(tmp_path)
    log = written(tmp_path / "notes.txt", "导出说明\n" + jd(tmp_path).read_text("utf-8"))
    result = run(log, *options, "--json")
    left = json.loads(result.stdout)["left_out"]
    assert (left["lines"], left["flaws"]) == (1, {"unread": 1})
    assert [sorted(one) for one in left["reasons"]] == [["en", "lines", "zh"]]
    assert "导出说明" in result.stderr
    assert "第 1 行 line 1" in result.stderr
    table = run(log, *options)
    assert "! 1 条未采用" in table.stdout
    assert "导出说明" in table.stderr
    assert table.stdout.startswith("taobao_ww3@2022-01-08  80.00 %  8/10\n")


def test_an_ignored_nick_is_counted(tmp_path: Path) -> None:
    log, options = jd(tmp_path), confirmed(tmp_path)
    who = tmp_path / "anxin.who.toml"
    who.write_text(who.read_text("utf-8") + '[[nick]]\nnick = "tb_小鱼0"\nrole = "ignore"\nconfirmed = true\n', "utf-8")
    result = run(log, *options, "--json")
    assert json.loads(result.stdout)["denominator"] == 9
    assert json.loads(result.stdout)["left_out"]["flaws"]["ignored"] == 1


def test_one_round_and_the_files_know_an_export_too(tmp_path: Path) -> None:
    log, options = csv(tmp_path), confirmed(tmp_path)
    round = run(log, *options, "--round", "1").stdout
    assert "欢迎光临安心旗舰店" in round
    assert SEAT in round
    assert run(log, *options, "--csv", "rounds.csv", "--xlsx", "audit.xlsx").exit_code == 0
    assert (tmp_path / "rounds.csv").read_text("utf-8-sig").count("\n") == 11
    before = (tmp_path / "audit.xlsx").read_bytes()
    assert run(log, *options, "--xlsx", "audit.xlsx", "--force").exit_code == 0
    assert (tmp_path / "audit.xlsx").read_bytes() == before
    assert run(log, *options, "--csv", log, "--force").exit_code == 2
