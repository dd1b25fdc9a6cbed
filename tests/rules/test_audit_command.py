"""`relay audit` as people call it."""

import json
from pathlib import Path

import click.testing
import pytest

from relay.cli.audit import audit

QUESTION = '{"t":"2022-03-08T10:00:00+08:00","role":"buyer","kind":"human","buyer":"mia"}\n'
ANSWER = '{"t":"2022-03-08T10:05:00+08:00","role":"merchant","kind":"human","buyer":"mia"}\n'
MAYBE = '{"t":"2022-03-08T10:01:00+08:00","role":"merchant","kind":"unknown","buyer":"mia"}\n'
REAL = Path(__file__).parents[3] / "shared" / "data" / "stripe-support.jsonl"


def call(tmp_path: Path, text: str | bytes, *arguments: str) -> click.testing.Result:
    log = tmp_path / "log.jsonl"
    log.write_bytes(text.encode() if isinstance(text, str) else text)
    return click.testing.CliRunner().invoke(audit, [str(log), "--rule", "taobao_ww3", *arguments])


def test_json(tmp_path: Path) -> None:
    result = call(tmp_path, QUESTION + ANSWER, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert list(report)[:9] == [
        "rule", "version", "numerator", "denominator", "rate", "rate_low", "rate_high", "days", "rounds"
    ]  # fmt: skip
    assert report["version"] == "taobao_ww3@2022-01-08"
    assert report["days"] == [{"date": "2022-03-08", "numerator": 0, "denominator": 1}]
    assert report["rounds"] == [
        {
            "buyer": "mia",
            "opened": "2022-03-08T10:00:00+08:00",
            "answered": "2022-03-08T10:05:00+08:00",
            "wait_s": 300,
            "verdict": "miss",
            "clause": "A.def",
        }
    ]


def test_table(tmp_path: Path) -> None:
    result = call(tmp_path, QUESTION + QUESTION.replace("mia", "bo") + MAYBE)
    assert result.exit_code == 0
    for word in ("0/1", "0.00 %", "range", "2022-03-08", "未达标 misses: 1", "不确定 undetermined: 1", "A.ex3"):
        assert word in result.stdout


def test_explain(tmp_path: Path) -> None:
    result = call(tmp_path, QUESTION + QUESTION.replace("10:00", "10:01") + ANSWER, "--explain", "mia")
    assert "A.def (+ A.ex1)" in result.stdout
    assert "300 s" in result.stdout
    assert call(tmp_path, QUESTION, "--explain", "nobody").exit_code == 2


@pytest.mark.parametrize("text", ["", "\n\n", b"\xef\xbb\xbf"])
def test_an_empty_log_has_no_rate(tmp_path: Path, text: str | bytes) -> None:
    result = call(tmp_path, text, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["rate"], report["rounds"], report["days"]) == (0, None, [], [])
    assert (call(tmp_path, text).exit_code, call(tmp_path, text).stdout) == (2, "")


def test_a_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    assert json.loads(call(tmp_path, b"\xef\xbb\xbf" + QUESTION.encode(), "--json").stdout)["denominator"] == 1


def test_a_naive_time_is_read_in_the_named_zone(tmp_path: Path) -> None:
    naive = QUESTION.replace("+08:00", "")
    assert json.loads(call(tmp_path, naive, "--json", "--timezone", "Asia/Shanghai").stdout)["denominator"] == 1
    assert json.loads(call(tmp_path, naive, "--json", "--timezone", "America/New_York").stdout)["denominator"] == 1
    assert "line 1" in call(tmp_path, naive).stderr


@pytest.mark.parametrize(
    ("text", "arguments", "word"),
    [
        (QUESTION + "{", (), "line 2"),
        (QUESTION + '{"t":1}', (), "line 2"),
        (QUESTION.replace("+08:00", ""), (), "--timezone"),
        (QUESTION, ("--rule", "nobody"), "nobody"),
        (QUESTION, ("--set", "speed=1"), "speed"),
        (QUESTION, ("--set", "cross_day=hit"), "cross_day"),
        (QUESTION, ("--set", "strict"), "key=value"),
        (QUESTION, ("--timezone", "Asia/Nowhere"), "Asia/Nowhere"),
        (QUESTION, ("--timezone", "../etc"), "time zone"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path: Path, text: str, arguments: tuple[str, ...], word: str) -> None:
    result = call(tmp_path, text, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert word in result.stderr


def test_no_such_file(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.jsonl", tmp_path):
        result = click.testing.CliRunner().invoke(audit, [str(missing), "--rule", "taobao_ww3"])
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@pytest.mark.skipif(not REAL.exists(), reason=f"no {REAL} beside this repository")
def test_real_chats(tmp_path: Path) -> None:
    text = REAL.read_bytes()
    report = json.loads(call(tmp_path, text, "--json").stdout)
    strict = json.loads(call(tmp_path, text, "--json", "--set", "bundle=strict").stdout)
    lines = text.splitlines(keepends=True)
    assert json.loads(call(tmp_path, b"".join(reversed(lines)), "--json").stdout)["numerator"] == report["numerator"]
    assert 0 < report["numerator"] < report["denominator"] < len(report["rounds"]) < len(lines)
    assert strict["rate"] <= report["rate"]
    assert sum(round["verdict"] == "hit" for round in report["rounds"]) == report["numerator"]
