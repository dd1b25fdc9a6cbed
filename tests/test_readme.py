"""What the READMEs promise is there: every command exists, the two languages keep in step, every linked page too."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli import COMMANDS, _relay

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "README.zh-CN.md")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands(page: str) -> list[str]:
    """The indented command lines without their comments."""
    lines = [
        line.strip().split("  #")[0].split(" #")[0].strip() for line in text(page).splitlines() if line[:4] == "    "
    ]
    return [line for line in lines if line]


def test_both_languages_give_the_same_commands() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")


def test_both_languages_have_the_same_sections() -> None:
    shapes = [[line.split(" ")[0] for line in text(page).splitlines() if line.startswith("#")] for page in PAGES]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_every_linked_page_is_there(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text(page)):
        assert (ROOT / target).exists(), f"{page} links {target}"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_documentation_is_linked(page: str) -> None:
    linked = re.findall(r"\]\((docs/[^)#]+)\)", text(page))
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").iterdir() if path.is_file()}
    assert "docs/architecture.md" in there
    assert there <= set(linked)


@pytest.mark.parametrize("page", PAGES)
def test_every_relay_command_is_known(page: str) -> None:
    named = set(re.findall(r"\brelay ([a-z]+)\b", "\n".join(commands(page))))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("target", ["run", "test", "lint", "bench", "prove", "setup", "help"])
def test_the_make_targets_are_there(target: str) -> None:
    assert re.search(rf"^{target}:", text("Makefile"), re.M)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(_relay, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output
