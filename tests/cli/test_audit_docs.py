"""What the pages say of `relay audit`: each command is typed as it stands there, in the order of its page."""

import re
import shlex
from pathlib import Path

import pytest

from relay.cli.audit import audit
from tests.cli.conftest import line
from tests.cli.export_files import TALKS, confirm, run, samples, table, written

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh-CN.md", "docs/rules.md", "docs/readers.md", "docs/who.md")


def typed(page: str) -> list[list[str]]:
    """The words behind `relay audit` of every indented line, without its comment."""
    text = (ROOT / page).read_text("utf-8")
    return [shlex.split(found, comments=True) for found in re.findall(r"^ {4,}relay audit (.*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES)
def test_commands_do_what_the_page_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    log = "".join(line("10:00:00", "buyer", f"b{n}") + line("10:01:00", "merchant", f"b{n}") for n in range(40))
    log += line("2022-01-07T10:00:00+08:00", "buyer", "BUYER")
    for name in ("log.jsonl", "chats.jsonl", "march.jsonl", "april.jsonl"):
        written(tmp_path / name, log)
    written(tmp_path / "chats.txt", "".join(map(samples.jd, TALKS[:6])))
    written(tmp_path / "april.txt", "".join(map(samples.jd, TALKS[5:])))
    written(tmp_path / "chats.csv", table(",").replace("发送人", "说话的人").replace("消息内容", "说了什么"))
    (tmp_path / "exports").mkdir()
    written(tmp_path / "exports" / "chats.txt", "".join(map(samples.jd, TALKS)))
    who = tmp_path / "anxin.who.toml"
    if page == "docs/rules.md":
        run("chats.txt", "--dry-run", "--shop", "anxin", "--timezone", "Asia/Shanghai")
    commands = typed(page)
    assert commands
    for words in commands:
        result = run(*words)
        assert result.exit_code == 0, (words, result.stderr)
        if "--dry-run" in words and who.exists():
            confirm(who)
        if "chats.txt" in words and "--rule" in words:
            assert "区间" not in result.stdout.splitlines()[0]
    if page == "docs/who.md":
        assert "80.00 %  8/10" in result.stdout


def test_every_option_is_in_the_rules_page() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    options = {option for one in audit.params for option in one.opts if option.startswith("--")}
    assert [option for option in sorted(options) if option not in text] == []


def test_the_who_is_who_page_says_what_an_owner_types() -> None:
    text = (ROOT / "docs" / "who.md").read_text("utf-8")
    for word in ("confirm_seats = true", 'rest = "human"', "confirmed = true", "--shop", "--who"):
        assert word in text, word
