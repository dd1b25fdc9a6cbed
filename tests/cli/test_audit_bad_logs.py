"""Broken logs, and files that are none: named, refused, or left out and counted; never dropped in silence."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import click.testing
import pytest

from relay.cli.audit import audit
from relay.cli.auditing.source import open_log
from relay.rules.flaws import MOST_LINE, Flaw, Watch
from tests.cli.conftest import Call, line

GOOD = line("10:00:00", "buyer") + line("10:01:00", "merchant")
QUESTION = line("11:00:00", "buyer").rstrip()

FLAWED = [
    (Flaw.not_json, "{"),
    (Flaw.not_json, "在吗"),
    (Flaw.not_utf8, QUESTION.replace("mia", "买家").encode("gb18030")),
    (Flaw.wrong_type, "[1]"),
    (Flaw.wrong_type, QUESTION.replace('"mia"', "7")),
    (Flaw.unknown_word, QUESTION.replace("human", "person")),
    (Flaw.unknown_word, QUESTION.replace('"role": "buyer"', '"role": "客户"')),
    (Flaw.missing, '{"role":"buyer","kind":"human","buyer":"mia"}'),
    (Flaw.missing, QUESTION.replace(', "buyer": "mia"', "")),
    (Flaw.no_zone, QUESTION.replace("+08:00", "")),
    (Flaw.bad_time, QUESTION.replace("03-08", "13-08")),
    (Flaw.far_time, QUESTION.replace("2022-", "1999-")),
    (Flaw.far_time, QUESTION.replace("2022-", "2100-")),
    (Flaw.too_long, b'{"text":"' + b"x" * MOST_LINE + b'"}'),
    (Flaw.too_long, b"x" * (3 * MOST_LINE)),
]


def bytes_of(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


@pytest.mark.parametrize(("flaw", "bad"), FLAWED)
def test_one_bad_line_is_one_line_of_error(call: Call, flaw: Flaw, bad: str | bytes) -> None:
    result = call(GOOD.encode() + bytes_of(bad) + b"\n" + GOOD.encode(), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 800
    assert "line 3: " in result.stderr
    assert "第 3 行：" in result.stderr
    assert "--lenient" in result.stderr


@pytest.mark.parametrize(("flaw", "bad"), FLAWED)
def test_lenient_judges_the_rest_and_counts(call: Call, flaw: Flaw, bad: str | bytes) -> None:
    text = GOOD.encode() + bytes_of(bad) + b"\n" + bytes_of(bad) + b"\n" + line("10:02:00", "buyer").encode()
    result = call(text, "--json", "--lenient")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["numerator"], report["denominator"]) == (0, 1, 2)
    assert report["left_out"] == {"lines": 2, "flaws": {flaw.value: 2}}
    assert list(report)[-1] == "left_out"
    for word in ("略过 2 行", "第 3 行", "第 4 行"):
        assert word in result.stderr
    table = call(text, "--lenient").stdout
    assert "! 略过 2 行" in table


def test_every_flaw_is_documented_and_tried() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    assert {flaw for flaw, _ in FLAWED} == set(Flaw)
    assert all(f"`{flaw}`" in text for flaw in Flaw)


def test_what_was_left_out_is_said_with_a_round_too(call: Call) -> None:
    assert "第 3 行" in call(GOOD + "{\n", "--lenient", "--round", "1").stderr


def test_lenient_without_bad_lines_changes_nothing(call: Call) -> None:
    assert call(GOOD, "--json", "--lenient").stdout == call(GOOD, "--json").stdout


def test_a_date_that_was_refused_once_is_refused_again(call: Call) -> None:
    far = line("2150-01-01T10:00:00+08:00", "buyer")
    assert json.loads(call(GOOD + far * 3, "--json", "--lenient").stdout)["left_out"]["lines"] == 3


def test_the_end_of_a_gap_is_a_time_too(call: Call) -> None:
    gap = '{"t":"2022-03-08T10:00:00+08:00","role":"system","kind":"gap","to":"2200-01-01T00:00:00+08:00"}\n'
    assert "to='2200" in call(GOOD + gap).stderr


@pytest.mark.parametrize("bad", [2, 20, 21, 500])
def test_twenty_lines_are_named(call: Call, bad: int) -> None:
    result = call(GOOD + "{\n" * bad)
    named = result.stderr.splitlines()[1:]
    assert result.exit_code == 2
    assert [one.split(":")[0].strip() for one in named] == [f"line {number + 3}" for number in range(min(bad, 20))]
    assert (f"{bad} lines" if bad <= 20 else "more than 20 lines") in result.stderr.splitlines()[0]


def test_nothing_readable_is_refused_even_leniently(call: Call) -> None:
    result = call("时间,买家\n10:00,mia\n", "--lenient")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none of its 2 lines" in result.stderr


def test_hostile_text_does_not_reach_the_terminal(call: Call) -> None:
    result = call(QUESTION.replace("human", "\\u001b[2Jx\\u202e" + "y" * 5000) + "\n")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr
    assert len(result.stderr) < 1000


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04rest", "zip"),
        (gzip.compress(GOOD.encode()), "gzip"),
        (GOOD.encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\xd0\xcf\x11\xe0\xa1", "Office"),
        (b"\x00\x01\x02", "binary"),
        (b"[" + QUESTION.encode() + b"]", "JSON array"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--lenient",), ("--json",)])
def test_a_file_that_is_no_log(call: Call, content: bytes, word: str, more: tuple[str, ...]) -> None:
    result = call(content, *more)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert word in result.stderr


def test_a_hole_in_a_log_is_a_bad_line(call: Call) -> None:
    result = call(GOOD.encode() + b"\0" * 4096 + b"\n" + GOOD.encode(), "--json", "--lenient")
    assert json.loads(result.stdout)["left_out"]["lines"] == 1


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_log_is_said(call: Call, text: str) -> None:
    result = call(text)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "没有消息" in call(text, "--json").stderr


def test_a_folder(tmp_path: Path) -> None:
    result = click.testing.CliRunner().invoke(audit, [str(tmp_path), "--rule", "taobao_ww3"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "文件夹" in result.stderr


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 18])
def test_lines_are_the_same_however_they_are_read(tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.cli.auditing.source._BLOCK", block)
    monkeypatch.setattr("relay.cli.auditing.source.MOST_LINE", 500)
    monkeypatch.setattr("relay.rules.messages.MOST_LINE", 500)
    log = tmp_path / "log.jsonl"
    lines = [QUESTION.encode(), b"", b"x" * 500, b"x" * 501, b"x" * 2000, QUESTION.encode() + b"\r", QUESTION.encode()]
    log.write_bytes(b"\n".join(lines))
    watch = Watch(lenient=True)
    with open_log(log, None, 1) as source:
        assert len(list(source.messages(watch))) == 3
    assert [(one.number, one.flaw) for one in watch.refused] == [
        (3, Flaw.not_json), (4, Flaw.too_long), (5, Flaw.too_long)
    ]  # fmt: skip


def test_what_is_appended_while_it_is_read_is_not_there(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(GOOD)
    with open_log(log, None, 2) as source:
        first = list(source.messages(Watch()))
        before = source.sha256()
        with log.open("a") as file:
            file.write(GOOD)
        assert list(source.messages(Watch())) == first
        assert source.sha256() == before


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="no pipes by name here")
def test_a_pipe_is_read_once_and_judged_whole() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from relay.cli import main; main()", "audit", "/dev/stdin", "--rule", "taobao_ww3"],
        input=GOOD.encode(),
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "100.00 %  1/1" in done.stdout.decode()


def test_without_zone_data_there_is_one_clear_line(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(GOOD)
    no_data = "import sys; sys.modules['tzdata'] = None; from relay.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", no_data, "audit", str(log), "--rule", "taobao_ww3"],
        env={"PYTHONTZPATH": ""},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"tzdata" in done.stderr
