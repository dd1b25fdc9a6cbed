"""Which reader reads what, where readers come from, and every way to ask for something that is not there."""

import re
from pathlib import Path

import click.testing
import pytest

from relay.cli.auditing.formats import files_of, is_message_log
from relay.cli.plugins import plugins
from tests.cli.conftest import line
from tests.cli.export_files import csv, jd, run, samples, written

TAOBAO = ("--rule", "taobao_ww3")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (line("10:00:00", "buyer"), True),
        ("\ufeff\n{\n" + line("10:00:00", "buyer"), True),
        (samples.page(), False),
        ('{"t": 1, "role": "buyer"}\n', False),
        ("", False),
        (samples.jd(), False),
    ],
)
def test_a_message_log_is_known_by_its_first_lines(head: str, found: bool) -> None:
    assert is_message_log(head.encode()) is found


def test_a_folder_is_its_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "Thumbs.db", "shop.who.toml", "in/c.txt", "__MACOSX/d.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    named = [tmp_path / "b.txt", tmp_path, tmp_path / "in" / ".." / "b.txt"]
    assert [path.name for path in files_of(named)] == ["b.txt", "a.txt", "c.txt"]


BAD = [
    (("{log}", "--reader", "word"), "jd-txt"),
    (("{log}", "--reader", "qianniu-json"), "chats.txt"),
    (("{log}",), "--timezone"),
    (("{log}", "--who", "none.toml"), "--dry-run"),
    (("{log}", "--shop", "none"), "--dry-run"),
    (("{log}", "--shop", "a/b"), "--shop"),
    (("{log}", "--shop", ".."), "--shop"),
    (("{log}", "--shop", "a", "--who", "b"), "--who"),
    (("{log}", "--plugins", "nothing"), "nothing"),
    (("{log}", "--config", "none.toml"), "none.toml"),
    (("{csv}", "--columns", "who"), "FIELD=HEADING"),
    (("{csv}", "--columns", "speaker=发送人"), "speaker"),
    (("{csv}", "--columns", "who=没有"), "没有"),
    (("{folder}",), "文件夹"),
    (("none.txt",), "none.txt"),
    (("{note}",), "note.txt"),
    (("{log}", "{note}"), "note.txt"),
    (("{cut}",), "cut.csv"),
    (("{notes}", "--timezone", "Asia/Shanghai"), "--dry-run"),
]


@pytest.mark.parametrize(("arguments", "word"), BAD)
def test_bad_input_is_one_clear_line(arguments: tuple[str, ...], word: str, tmp_path: Path) -> None:
    files = {"log": jd(tmp_path), "csv": csv(tmp_path), "folder": tmp_path / "empty"}
    files["folder"].mkdir()
    files["note"] = written(tmp_path / "note.txt", "今天天气不错\n出去走走\n")
    files["cut"] = tmp_path / "cut.csv"
    files["cut"].write_bytes(files["csv"].read_bytes()[:-2])
    files["notes"] = written(tmp_path / "notes.csv", "发送时间,发送人,消息内容\n昨天,甲,在吗\n")
    result = run(*(one.format_map(files) for one in arguments), *TAOBAO)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.output
    assert word in result.stderr
    assert "Traceback" not in result.stderr


def test_a_rule_must_be_named() -> None:
    assert run("a.jsonl").exit_code == 2
    assert "--rule" in run("a.jsonl").stderr


def arrow(tmp_path: Path) -> Path:
    """The reader of docs/readers.md in a plugin folder, and a file that it reads."""
    page = (ROOT / "docs" / "readers.md").read_text("utf-8")
    [source] = re.findall(r"<!-- example: reader -->\n```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mine").mkdir()
    written(tmp_path / "mine" / "arrow.py", source)
    return written(tmp_path / "chats.arrow", "09:05 2022-03-08 tb1 > 在吗\n09:06 2022-03-08 店:小美 > 在\n")


def test_found_is_not_enabled(tmp_path: Path) -> None:
    log = arrow(tmp_path)
    written(tmp_path / "config.toml", '[plugins]\nenabled = []\nfolders = ["mine"]\n')
    assert "no format that relay knows" in run(log, "--dry-run").stderr
    assert "(arrow)" in run(log, "--dry-run", "--plugins", "arrow").stdout
    written(tmp_path / "config.toml", '[plugins]\nenabled = ["arrow"]\nfolders = ["mine"]\n')
    assert "(arrow)" in run(log, "--dry-run").stdout
    assert "(jd-txt)" in run(jd(tmp_path), "--dry-run").stdout
    result = run(log, "--dry-run", "--config", "config.toml")
    assert "config.toml" in result.stdout.splitlines()[-1]


def test_a_rule_of_a_plugin(tmp_path: Path) -> None:
    source = """
        from msgspec.structs import replace

        from relay.rules.taobao import TAOBAO_WW3, TaobaoRule

        def register(registry):
            registry.rule(TaobaoRule(replace(TAOBAO_WW3, id="mine")))
    """
    (tmp_path / "mine").mkdir()
    written(tmp_path / "mine" / "own.py", "\n".join(one[8:] for one in source.splitlines()))
    written(tmp_path / "config.toml", '[plugins]\nenabled = ["own"]\nfolders = ["mine"]\n')
    log = written(tmp_path / "log.jsonl", line("10:00:00", "buyer") + line("10:01:00", "merchant"))
    assert "100.00 %  1/1" in run(log, "--rule", "mine").stdout
    assert run(log, "--rule", "nobody").exit_code == 2


def test_a_broken_configuration_that_nobody_named_stops_no_audit(tmp_path: Path) -> None:
    written(tmp_path / "config.toml", "[plugins]\nenabled = 7\n")
    result = run(jd(tmp_path), "--dry-run")
    assert result.exit_code == 0
    assert "config.toml" in result.stderr
    assert run(jd(tmp_path), "--dry-run", "--config", "config.toml").exit_code == 2
    log = written(tmp_path / "log.jsonl", line("10:00:00", "buyer"))
    assert run(log, *TAOBAO, "--json").stderr == ""


def test_an_export_does_not_come_through_a_who_file_for_logs(tmp_path: Path) -> None:
    log, who = written(tmp_path / "log.jsonl", line("10:00:00", "buyer")), written(tmp_path / "w.toml", "")
    assert "只用于导出文件" in run(log, *TAOBAO, "--who", who).stderr


def test_readers_are_listed() -> None:
    out = click.testing.CliRunner().invoke(plugins).stdout
    [own] = [one for one in out.splitlines() if one.startswith("exports")]
    assert "reader table, reader jd-txt" in own
    assert "核算时启用" in own
