"""`relay library`: files in, files out, line by line, and never a reply that calls itself approved."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from relay.cli.library import library
from relay.config.texts import starter
from relay.domain.settings import QuickReply
from relay.errors import BadInputError
from relay.runtime.settings_file import load_settings
from relay.runtime.settings_text import dump_reply

Run = Callable[..., click.testing.Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> click.testing.Result:
        result = click.testing.CliRunner().invoke(library, arguments)
        if isinstance(result.exception, BadInputError):
            raise result.exception
        return result

    return called


def write(name: str, text: str, encoding: str = "utf-8") -> str:
    Path(name).write_bytes(text.encode(encoding))
    return name


SETTINGS = """
[[reply]]
id = "hello"
version = 2
text = "您好，有什么可以帮您？"
purpose = "greeting"
status = "pending"
[[reply]]
id = "formula"
version = 1
text = "=1+1 这样的文字不是公式"
purpose = "answer"
status = "draft"
valid_from = 2026-11-01
[[reply]]
id = "lines"
version = 1
text = "一行\\n两行，带\\"引号\\"，和，逗号"
purpose = "closing"
status = "retired"
"""


def replies(text: str) -> tuple[QuickReply, ...]:
    return load_settings(text.encode()).replies


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "toml"])
def test_out_and_in_again_is_the_same(run: Run, suffix: str) -> None:
    write("settings.toml", SETTINGS)
    assert run("export", f"out.{suffix}").exit_code == 0
    result = run("import", f"out.{suffix}")
    assert result.exit_code == 0
    assert replies(result.stdout) == replies(SETTINGS)
    into = run("import", f"out.{suffix}", "--into", "settings.toml")
    assert into.stdout == "", "what is known already is not written again"


def test_no_cell_of_a_csv_is_a_formula(run: Run) -> None:
    write("settings.toml", SETTINGS)
    run("export", "out.csv")
    assert "'=1+1" in Path("out.csv").read_text(encoding="utf-8-sig")


def test_an_export_does_not_overwrite_unless_told(run: Run) -> None:
    write("settings.toml", SETTINGS)
    write("out.csv", "mine")
    with pytest.raises(BadInputError, match="--force"):
        run("export", "out.csv")
    assert run("export", "out.csv", "--force").exit_code == 0
    with pytest.raises(BadInputError, match=r"\.csv \.xlsx \.toml"):
        run("export", "out.docx")


TABLE = "话术,用途,备注\n加微信领券,回答,x\n没有,闲聊,\n没有呢,回答,\n这款有货，可以直接下单,回答,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_dry_run_says_what_becomes_of_each_line(run: Run, encoding: str) -> None:
    result = run("import", write("table.csv", TABLE, encoding), "--dry-run")
    assert result.exit_code == 1
    said = [line for line in result.stdout.splitlines() if line[0] != " "]
    assert [line.split("  ")[2] for line in said[:4]] == [
        "不能用 / cannot be used",
        "不能用 / cannot be used",
        "新增 / new",
        "新增 / new",
    ]
    assert said[0].startswith("第 2 行 / line 2")
    assert "[messenger] “加微信”" in result.stdout
    assert "提醒 / warn [bare_refusal] “没有”" in result.stdout
    assert "备注" in result.stderr


def test_bad_lines_are_named_and_nothing_is_written(run: Run) -> None:
    write("table.csv", TABLE)
    with pytest.raises(BadInputError) as told:
        run("import", "table.csv")
    assert "2 行不能用" in str(told.value)
    assert "闲聊" in str(told.value)
    lenient = run("import", "table.csv", "--lenient")
    assert [one.text for one in replies(lenient.stdout)] == ["没有呢", "这款有货，可以直接下单"]
    assert {one.status for one in replies(lenient.stdout)} == {"pending"}


def test_twenty_bad_lines_are_named_and_the_rest_counted(run: Run) -> None:
    write("many.txt", "加微信\n" * 30)
    with pytest.raises(BadInputError, match="另有 / and 10"):
        run("import", "many.txt")


def test_one_object_for_programs(run: Run) -> None:
    result = run("import", write("table.csv", TABLE), "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["counts"] == {"new": 2, "version": 0, "same": 0, "bad": 2, "warned": 1}
    first = told["lines"][0]["objections"][0]
    assert (first["category"], first["severity"], first["start"], first["end"]) == ("messenger", "refuse", 0, 3)


def test_another_text_for_a_known_id_is_its_next_version(run: Run) -> None:
    write("settings.toml", SETTINGS)
    write("table.csv", "编号,文字,状态\nhello,您好，请问需要什么？,已批准\n")
    assert "已批准" in run("import", "table.csv", "--into", "settings.toml", "--dry-run").stdout
    [reply] = replies(run("import", "table.csv", "--into", "settings.toml").stdout)
    assert (reply.id, reply.version, reply.status) == ("hello", 3, "pending")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("none.csv", None, "no such file"),
        ("a.docx", "x", "only these kinds"),
        ("a.xlsx", "no zip", "is no XLSX"),
        ("a.csv", "", "第一行应是表头"),
        ("a.csv", "名称,备注\nx,y\n", "found: 名称, 备注"),
        ("a.csv", '文字\n"x', "is no CSV"),
        ("a.toml", "[[reply]\n", "is no TOML"),
        ("a.toml", "reply = 5\n", "two brackets"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(run: Run, name: str, text: str | None, says: str) -> None:
    if text is not None:
        write(name, text)
    with pytest.raises(BadInputError, match=says.replace("[", r"\[")):
        run("check", name)


def test_bytes_in_no_known_encoding_are_named(run: Run) -> None:
    Path("a.csv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(BadInputError, match="GBK"):
        run("check", "a.csv")


def test_check_ends_with_one_where_a_text_is_refused(run: Run) -> None:
    bad = run("check", write("a.txt", "您好，欢迎光临\n\n全 网 第 一\n没有\n"))
    assert bad.exit_code == 1
    assert "第 3 行 / line 3" in bad.stdout
    assert bad.stdout.splitlines()[-1] == "3 条 / texts：不能用 / cannot be used 1；有提醒 / to be looked at 1"
    assert run("check", write("b.txt", "没有\n")).exit_code == 0, "a warning alone is for whoever approves"


def test_a_word_file_of_the_shop(run: Run) -> None:
    own = write("own.toml", '[[category]]\nid = "messenger"\nwords = ["小窗"]\n')
    assert run("check", write("a.txt", "小 窗聊\n")).exit_code == 0
    assert run("check", "a.txt", "--words", own).exit_code == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[category]]\nid = "mine"\nwords = ["小窗"]\n', "severity"),
        ('[[category]]\nid = "messenger"\nwords = ["v"]\n', "fewer than two letters"),
        ('[[category]]\nid = "messenger"\nword = ["小窗"]\n', "words"),
        ('[[category]]\nid = "messenger"\nseverity = "bad"\n', "refuse, warn, off"),
        ('[[categories]]\nid = "messenger"\n', "category"),
        ("[[category]]\n", "id"),
    ],
)
def test_a_word_file_that_cannot_be_used_says_where(run: Run, text: str, says: str) -> None:
    write("own.toml", text)
    write("a.txt", "您好\n")
    with pytest.raises(BadInputError) as told:
        run("check", "a.txt", "--words", "own.toml")
    assert "own.toml" in str(told.value)
    assert says in str(told.value)
    with pytest.raises(BadInputError, match=r"none\.toml"):
        run("check", "a.txt", "--words", "none.toml")


def test_the_starter_library_is_settings_and_pending(run: Run) -> None:
    result = run("starter")
    taken = replies(result.stdout)
    assert {one.id: one.text for one in taken} == {one.id: one.text for topic in starter() for one in topic.reply}
    assert {one.status for one in taken} == {"pending"}
    assert {one.approved_by for one in taken} == {None}
    assert run("check", write("starter.toml", result.stdout)).exit_code == 0


def test_the_starter_library_by_situation(run: Run) -> None:
    part = tomllib.loads(run("starter", "--topic", "refund", "--author", "ann", "--shop", "s1").stdout)["reply"]
    assert {one["id"].split(".")[0] for one in part} == {"refund"}
    assert {(one["author"], *one["shops"]) for one in part} == {("ann", "s1")}
    assert len(run("starter", "--list").stdout.splitlines()) == len(starter())
    assert run("starter", "--topic", "nothing").exit_code == 2


def test_search_finds_approved_ones_unless_told(run: Run) -> None:
    write("settings.toml", SETTINGS)
    assert run("search", "您好").exit_code == 2
    assert run("search", "nh", "--all").stdout.split()[1:3] == ["initials", "hello"]
    found = json.loads(run("search", "两行", "--all", "--json").stdout)["found"]
    assert [(one["id"], one["why"]) for one in found] == [("lines", "text")]
    assert "nothing found" in run("search", "龘靐", "--all").stdout


def test_a_reply_is_written_as_the_settings_file_has_it() -> None:
    for one in replies(SETTINGS):
        assert replies(dump_reply(one)) == (one,)
