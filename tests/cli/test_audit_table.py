"""The table: what it says beside the figure, and that it fits."""

from pathlib import Path

import click.testing
import pytest

from relay.cli.audit import _table, audit
from relay.cli.auditing.headline import Heading
from relay.cli.auditing.inquiring import audit as judge
from relay.cli.auditing.judging import Asked, Audit
from relay.cli.auditing.source import open_log
from relay.cli.auditing.table import table
from relay.cli.auditing.widths import width
from relay.cli.auditing.words import CAUSES, FLAWS, VERDICTS
from relay.insight.causes import Cause
from relay.rules.catalogue import RULES, Catalogue
from relay.rules.catalogue import rule as open_rule
from relay.rules.flaws import Flaw
from relay.rules.messages import scan
from relay.rules.report import Verdict
from tests.cli.conftest import Call, line

REAL = Path(__file__).parents[3] / "shared" / "data" / "stripe-support.jsonl"

DAY = (
    line("10:00:00", "buyer")
    + line("10:00:30", "merchant", sub_account="店铺:客服1")
    + line("10:10:00", "buyer", buyer="波")
    + line("10:15:00", "merchant", buyer="波", sub_account="店铺:客服2")
    + line("07:00:00", "buyer", buyer="early")
)


def test_the_table_has_every_part(call: Call) -> None:
    out = call(DAY).stdout
    for part in (
        "taobao_ww3@2022-01-08 50.00 % 1/2",
        "严格口径 strict bundle 50.00 % 1/2",
        "不含机器消息 without automation",
        "不计入 excluded 1 (A.window 1)",
        "2022-03-08 1 2 50.00 %",
        "店铺:客服2 1 0 1 300 s 300 s",
        "未达标 misses: 1",
        "2022-03-08T10:10:00 波 300 s A.def 店铺:客服2",
        "首问后 300 s 才有效回复，超过 180 s。",
        "全店无人在线 nobody_active: 10:10 10:10–10:13 前后全店没有任何人工消息；超时 2 分钟 才有效回复。",
        "≤ 30 s: 1",
        "> 180 s: 1",
    ):
        assert part in " ".join(out.split()), part
    assert "\x1b" not in out
    assert "!" not in out


def test_the_bundles_are_compared(call: Call) -> None:
    next_day = line("10:00:00", "buyer") + line("2022-03-09T09:00:00+08:00", "merchant")
    out = call(next_day).stdout
    assert "taobao_ww3@2022-01-08  –  0/0" in out
    assert "严格口径 strict bundle  0.00 %  0/1" in out
    assert "! 两种口径结果不同" in out
    assert "2022-03-08 24 点时为 0/1，其后变为 0/0" in out
    strictly = call(next_day, "--set", "bundle=strict").stdout
    assert "默认口径 default bundle  –  0/0" in strictly


def test_a_threshold_between_the_bundles_is_said(call: Call) -> None:
    text = "".join(line("10:00:00", "buyer", f"b{n}") + line("10:01:00", "merchant", f"b{n}") for n in range(8))
    text += line("10:00:00", "buyer", "x") + line("10:01:00", "merchant", "x", kind="bot", bot="other")
    assert "只有一个达到 90 %" in call(text, rule="taobao_ww3_2023").stdout
    assert "只有一个达到" not in call(text).stdout


def test_an_unverified_rule_is_said(call: Call) -> None:
    assert "! 此规则版本未见平台原文" in call(DAY, rule="pdd_3min_human").stdout


def test_offsets_and_conflicts_are_said(call: Call) -> None:
    text = DAY + line("2022-03-08T03:00:00Z", "buyer", id="7") + line("11:00:01", "buyer", id="7", text="x")
    result = call(text)
    assert "+0800 (第 1 行起 from line 1), +0000 (第 6 行起 from line 6)" in result.stdout
    assert "! 编号重复而内容不同 1 个" in result.stdout
    assert "第 6 行 line 6: 7" in result.stderr
    assert "第 7 行 line 7: 7" in result.stderr
    assert "第 7 行 line 7: 7" in call(text, "--json").stderr


def test_a_log_from_the_future_is_noticed(call: Call) -> None:
    result = call(DAY.replace("2022-", "2098-"), "--json")
    assert result.exit_code == 0
    assert "2098-03-08" in result.stderr


def judged(log: Path, rule: str) -> Audit:
    with open_log(log, None, 2) as source:
        return judge(source, Catalogue(), Asked(rule, {}))


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("most", [None, 80, 120])
def test_every_rule_has_a_table_that_fits(tmp_path: Path, rule: str, most: int | None) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(DAY + line("12:00:00", "buyer", "一个名字特别特别特别特别长的买家" * 3, sub_account="s"), "utf-8")
    lines = table(judged(log, rule), most)
    assert isinstance(lines[0], Heading)
    assert most is None or max(map(width, lines)) <= most


@pytest.mark.skipif(not REAL.exists(), reason=f"no {REAL} beside this repository")
def test_real_chats_add_up() -> None:
    found = judged(REAL, "taobao_ww3")
    assert found.why is not None
    assert len(found.missed) == sum(one.verdict == "miss" for one in found.report.rounds) == len(found.why.misses)
    assert {place: one[4].verdict for place, one in enumerate(found.rounds) if place in found.missed} == dict.fromkeys(
        found.missed, Verdict.miss
    )
    for row in found.why.seats:
        hits = [
            seat
            for seat, one in zip(found.seats, found.rounds, strict=True)
            if seat == row.seat and one[4].verdict is Verdict.hit
        ]
        assert len(hits) == row.in_time


def test_every_word_is_named() -> None:
    assert set(CAUSES) == set(Cause)
    assert set(FLAWS) == set(Flaw)
    assert set(VERDICTS) == set(Verdict)


def test_a_ledger_filled_elsewhere_has_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    ledger = open_rule("taobao_ww3")
    ledger.take_all(scan(DAY.encode().splitlines()))
    _table(ledger, ledger.report())
    out = capsys.readouterr().out
    assert "taobao_ww3@2022-01-08  50.00 %  1/2" in out
    assert "未达标 misses: 1" in out


def test_rules_are_listed() -> None:
    result = click.testing.CliRunner().invoke(audit, ["--rules"])
    assert result.exit_code == 0
    for name, rule in RULES.items():
        assert f"{name}@{rule.version.valid_from}" in result.stdout
    for word in ("9:00–23:00", "没有时限 no limit", "时限 limit 30 s", "门槛 threshold 90 %", "limit_inclusive"):
        assert word in result.stdout


def test_a_mean_is_no_rate(call: Call) -> None:
    text = line("10:00:00", "buyer", sub_account="s") + line("10:00:30.5", "merchant", sub_account="s")
    out = call(text, rule="tmall_avg_human_time").stdout
    assert "30.50 s  30.5/1" in out
    assert "平均 mean" in out
