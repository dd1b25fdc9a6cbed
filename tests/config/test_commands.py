"""`relay init` and `relay check`, as a newcomer meets them."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relay.cli.check import check, examine
from relay.cli.init import init
from relay.cli.starter import SETTINGS
from relay.config import load_config
from relay.insight.statement import statement
from relay.runtime.settings_file import dump_settings, load_settings

TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "我的 店铺"
    assert run(init, folder).exit_code == 0
    return folder


def run(command: object, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])  # type: ignore[call-overload, no-any-return]


def checked(folder: Path, *more: str) -> Result:
    return run(check, "--config", folder / "config.toml", *more)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# --- init


def test_init_writes_a_beginning(folder: Path) -> None:
    config = load_config(folder / "config.toml", {})
    [channel] = config.channels
    assert config.relay.data_dir == folder / "data"
    assert (folder / "data").is_dir()
    assert str(channel.options["secrets"]).startswith("['whsec_")
    assert load_settings(folder / "settings.toml") == SETTINGS
    if os.name == "posix":
        assert (folder / "secrets" / "webhook.secret").stat().st_mode & 0o777 == 0o600
    said = run(init, folder.parent / "b").output
    assert "下一步，在浏览器里设置" in said
    assert "relay serve" in said.partition("Next")[2]


def test_init_keeps_what_is_there(folder: Path) -> None:
    path = folder / "config.toml"
    path.write_text("# mine", "utf-8")
    result = run(init, folder)
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert path.read_text("utf-8") == "# mine"


def test_init_by_force_keeps_the_old_files_and_the_secret(folder: Path) -> None:
    (folder / "config.toml").write_text("# mine", "utf-8")
    secret = (folder / "secrets" / "webhook.secret").read_bytes()
    assert run(init, folder, "--force").exit_code == 0
    assert (folder / "config.toml.old").read_text("utf-8") == "# mine"
    assert (folder / "secrets" / "webhook.secret").read_bytes() == secret
    assert load_config(folder / "config.toml", {}).channels


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    result = run(init, tmp_path / "file" / "sub")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


# --- check


def test_a_new_installation_is_healthy(folder: Path) -> None:
    result = checked(folder)
    assert result.exit_code == 0
    assert "nothing is wrong" in result.output
    assert "nobody confirmed the version of taobao_ww3" in result.output
    counts, _, not_counted = result.output.partition("does not count:")
    assert "typed by a person" in counts
    assert "relay's own hold" in not_counted
    assert "180 s" in counts


def test_every_error_of_both_files_at_once(folder: Path) -> None:
    edit(folder / "config.toml", "port = 8765", 'prot = "x"\nport = 0')
    edit(folder / "settings.toml", 'agent = "agent2"', 'agent = "nobody"\ncap = 0')
    edit(folder / "settings.toml", 'account = "我的店铺:客服2"\ncap = 5', "")
    edit(folder / "settings.toml", 'rule = "taobao_ww3"', 'rule = "taobao_ww9"')
    result = checked(folder)
    assert result.exit_code == 1
    for part in ("prot", "[http] port", "[[seat]] #2 agent", "[[seat]] #2 cap", "taobao_ww9", "5 处错误"):
        assert part in result.output
    assert [line for line in result.output.splitlines() if line.startswith("错误")] == [
        line for line in result.output.splitlines() if "line" in line and "第" in line
    ]


def test_as_json(folder: Path) -> None:
    edit(folder / "settings.toml", 'channel = "main"', 'channel = "mian"')
    result = checked(folder, "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["healthy"] is False
    [finding] = report["findings"]
    assert finding["where"].startswith("settings.toml 第 ")
    assert finding["where"].endswith("[[shop]] #1 channel")
    assert '"mian"' in finding["en"]
    assert '"mian"' in finding["zh"]


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('kind = "webhook"', 'kind = "webhok"', "[[channel]] #1 kind", "webhook"),
        ('enabled = ["webhook", ', 'enabled = ["webhok", ', "[plugins] enabled", "webhook"),
        ('kind = "replies"', 'kind = "replys"', "[[responder]] #1 kind", "replies"),
        ("budget_s = 30", "options = { least = 5000 }", "[[responder]] #1 options", "least"),
        ("send_url = ", "sent_url = ", "[[channel]] #1 options", "sent_url"),
        ("http://127.0.0.1:9876", "http://shop.example", "[[channel]] #1 options", "send_url"),
    ],
)
def test_what_only_the_plugin_knows(folder: Path, old: str, new: str, where: str, what: str) -> None:
    edit(folder / "config.toml", old, new)
    result = checked(folder)
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if line.startswith("错误")]
    assert where in line
    assert what in line
    assert "第" in line


@pytest.mark.parametrize("bad", ["bad_option = 1", "limit_s = 0"])
def test_an_option_that_the_rule_refuses(folder: Path, bad: str) -> None:
    edit(folder / "settings.toml", 'rule = "taobao_ww3"', f'rule = "taobao_ww3"\nrule_options = {{ {bad} }}')
    result = checked(folder)
    assert result.exit_code == 1
    assert "[[shop]] #1 rule_options" in result.output


def test_the_ladder_is_checked_against_the_limit_of_the_rule(folder: Path) -> None:
    shorter = 'rule = "taobao_ww3"\nrule_options = { limit_s = 30 }\nladder = ["-30s alert"]'
    edit(folder / "settings.toml", 'rule = "taobao_ww3"', shorter)
    assert "30 s" in checked(folder).output
    assert checked(folder).exit_code == 1


@pytest.mark.parametrize("which", ["config", "settings"])
def test_a_file_that_is_missing(folder: Path, which: str) -> None:
    result = checked(folder, f"--{which}", str(folder / "没有.toml"))
    assert result.exit_code == 2
    assert "没有.toml" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_without_settings_there_is_a_warning(folder: Path) -> None:
    (folder / "settings.toml").unlink()
    result = checked(folder)
    assert result.exit_code == 0
    assert "no settings file" in result.output


def test_a_file_that_is_not_utf8(folder: Path) -> None:
    path = folder / "settings.toml"
    path.write_bytes(path.read_text("utf-8").encode("gbk"))
    result = checked(folder)
    assert result.exit_code == 1
    assert "另存为 UTF-8" in result.output


def warnings(folder: Path, today: date = TODAY) -> str:
    report = examine(folder / "config.toml", None, today)
    assert report.healthy, report.findings
    return "\n".join(str(warning) for warning in report.warnings)


def test_a_rule_confirmed_too_long_ago(folder: Path) -> None:
    edit(
        folder / "settings.toml",
        'rule = "taobao_ww3"',
        'rule = "taobao_ww3"\nrule_confirmed_by = "boss"\nrule_confirmed_on = 2026-05-26\n'
        'rule_confirmed_link = "https://rules.example/3min"',
    )
    assert warnings(folder) == ""
    assert "more than 180 days" in warnings(folder, date(2026, 11, 23))


CONFIRMED = f"""
assist_confirmed_by = "boss"
assist_confirmed_on = 2026-11-22
assist_confirmed_statement = "{statement(SETTINGS.shops[0]).digest}"
"""


def test_assist_may_send_only_what_is_approved(folder: Path) -> None:
    edit(folder / "settings.toml", 'assist = "suggest"', f'assist = "assist"\n{CONFIRMED}')
    [shop] = examine(folder / "config.toml", None, TODAY).shops
    assert shop.may_send
    assert "hold-busy" in shop.sends
    assert (shop.acts_as, shop.confirmed) == ("assist", "boss 2026-11-22")
    assert any("taobao_ww3_2023@" in line and "0/1" in line for line in shop.hold)
    edit(folder / "settings.toml", 'status = "approved"', 'status = "pending"')
    [shop] = examine(folder / "config.toml", None, TODAY).shops
    assert not shop.may_send
    assert "no hold is approved" in warnings(folder)


def test_check_says_what_a_hold_counts_for_before_anybody_confirms_it(folder: Path) -> None:
    edit(folder / "settings.toml", 'platform = "taobao"\n', "")
    edit(folder / "settings.toml", 'rule = "taobao_ww3"', 'rule = "kuaishou_shop_3min"\nplatform = "kuaishou"')
    told = checked(folder).output
    assert "relay assist confirm shop1" in told
    assert "the stricter is followed (kuaishou_2023_human@2023-03-27)" in told
    assert "1/1" in told
    edit(folder / "settings.toml", 'assist = "suggest"', 'assist = "assist"')
    result = checked(folder)
    assert result.exit_code == 1
    assert "relay assist statement shop1" in result.output


def test_stopped_sends_nothing(folder: Path) -> None:
    edit(folder / "settings.toml", 'assist = "suggest"', f'assist = "assist"\nstopped = true\n{CONFIRMED}')
    [shop] = examine(folder / "config.toml", None, TODAY).shops
    assert not shop.may_send


def test_what_should_be_looked_at(folder: Path) -> None:
    edit(folder / "config.toml", 'host = "127.0.0.1"', 'host = "0.0.0.0"')
    edit(folder / "settings.toml", 'channel = "main"', 'channel = ""\nplatform = "kuaishou"')
    edit(folder / "settings.toml", 'platform = "taobao"', "")
    assert "HTTPS" in warnings(folder)
    assert "no channel" in warnings(folder)
    (folder / "settings.toml").write_text(
        dump_settings(SETTINGS).split("# ---- 子账号")[0].replace("owner@shop1", "agent@shop1"), "utf-8"
    )
    assert "no seat" in warnings(folder)
    assert "no owner" in warnings(folder)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from relay.cli.check import check; from relay.cli.init import init; "
        "print([name for name in ('aiohttp', 'structlog', 'relay.rules', 'relay.config') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.strip() == "[]"


def test_check_says_which_holds_an_owner_approved_alone(folder: Path) -> None:
    edit(folder / "settings.toml", 'assist = "suggest"', f'assist = "assist"\n{CONFIRMED}')
    result = checked(folder)
    assert result.exit_code == 0, result.output
    assert "hold-checking (自审 owner_self), hold-busy (自审 owner_self)" in result.output
    assert "owner alone" not in result.output, "nobody else could have"
    edit(folder / "settings.toml", 'id = "agent2"', 'id = "lin"\nroles = ["approver@shop1"]\n[[person]]\nid = "agent2"')
    assert '"hold-busy" was approved by its owner alone; propose it anew for lin' in checked(folder).output


NOTICE = """
[[reply]]
id = "night"
version = 1
text = "{opening}上班"
purpose = "after_hours"
status = "approved"
shops = ["shop1"]
approved_by = "boss"
"""


def test_a_notice_that_is_on_is_named_with_its_texts_and_what_it_does_to_the_figure(folder: Path) -> None:
    assert "自动问候 / greeting: 关 / off" in checked(folder).output
    edit(
        folder / "settings.toml", 'assist = "suggest"', 'assist = "suggest"\nafter_hours = "on"\ngreeting = "platform"'
    )
    assert "text after hours is on, but no text for it is approved and in force; it must say {opening}" in warnings(
        folder
    )
    path = folder / "settings.toml"
    path.write_text(path.read_text("utf-8") + NOTICE, "utf-8")
    assert "no text for it" not in warnings(folder)
    told = checked(folder).output
    assert "自动下班提示 / text after hours: 开 / on：night" in told
    assert "自动问候 / greeting: 由平台发 / the platform sends its own" in told
    assert "automatic texts answer nothing and leave the figure as it is" in told
    [shop] = examine(folder / "config.toml", None, TODAY).shops
    assert [(one.purpose, one.switch, one.counts) for one in shop.notices] == [
        ("greeting", "platform", False),
        ("queue_notice", "off", False),
        ("after_hours", "on", False),
    ]


def test_a_text_after_hours_where_somebody_is_always_on_shift_is_a_warning(folder: Path) -> None:
    edit(folder / "settings.toml", 'assist = "suggest"', 'assist = "suggest"\nafter_hours = "on"')
    path = folder / "settings.toml"
    path.write_text(path.read_text("utf-8").replace("shifts = ", "# shifts = ") + NOTICE, "utf-8")
    assert "a seat without shifts is never off, so it is never sent" in warnings(folder)
