"""docs/library.md: what it says can be typed works, and its tables name what there is."""

import re
import shlex
from pathlib import Path

import click.testing
import msgspec
import pytest

from relay.cli.init import init
from relay.cli.library import library
from relay.config.texts import starter, word_lists
from relay.insight.library.checking import Checker
from relay.insight.library.words import Category

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first column has this head."""
    rows = PAGE.split(f"| {head} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_category_stands_there_with_its_weight() -> None:
    lists = word_lists()
    assert [(row[0].strip("`"), row[1]) for row in table("category")] == [
        (one.id, one.severity) for one in lists.values()
    ]
    assert f"more than {lists['length'].most} characters" in PAGE


def test_every_key_of_a_word_file_stands_there() -> None:
    named = [key for row in table("key") for key in re.findall(r"`(\w+)`", row[0])]
    assert sorted(named) == sorted(field.name for field in msgspec.structs.fields(Category))


def test_the_word_file_of_the_page_can_be_used() -> None:
    shown = re.findall(r"```toml\n(.*?)```", PAGE, re.S)[0]
    checker = Checker(word_lists(shown.encode()))
    assert [one.category for one in checker.check("宝宝，满 三百 减 20")] == ["house", "house"]
    assert checker.check("小窗帘是最好的，公众号") == []


def test_the_number_of_starter_texts() -> None:
    assert f"# {sum(len(topic.reply) for topic in starter())} texts to begin with" in PAGE


def test_what_the_page_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert click.testing.CliRunner().invoke(init, ["."]).exit_code == 0
    (tmp_path / "replies.xlsx").unlink(missing_ok=True)
    shown = PAGE.split("\n\n    ")[1].split("\n\n")[0].splitlines()
    commands = [shlex.split(line, comments=True)[2:] for line in shown]
    assert [words[0] for words in commands] == ["starter", "check", "import", "import", "export", "search"]
    commands.insert(2, ["export", "replies.xlsx"])
    for words in commands:
        words, _, goes = (words[:-2], ">", words[-1]) if ">" in words else (words, "", "")
        result = click.testing.CliRunner().invoke(library, [*words, *(["--force"] if words[0] == "export" else [])])
        assert result.exit_code == 0, (words, result.output, result.exception)
        if goes:
            (tmp_path / goes).write_text(result.stdout, encoding="utf-8")
