"""docs/logs.md has every event that the code emits, with its levels and fields, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = ("log", "_log")
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
Events = dict[str, tuple[set[str], set[str]]]
"""By event: its levels and its fields."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Those that make or import a logger; elsewhere `log` may be anything."""
    for base in ("relay", "plugins"):
        for path in sorted((ROOT / base).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "tests" not in path.parts and re.search(
                r"structlog\.get_logger|^from .* import .*\b_?log\b", text, re.M
            ):
                yield path, ast.parse(text)


def is_line(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in NAMES
    )


def emitted() -> dict[str, Events]:
    """The events of the code, by package."""
    found: dict[str, Events] = {}
    for path, module in modules():
        package = path.relative_to(ROOT).parts[0 if path.is_relative_to(ROOT / "relay") else 1]
        for node in ast.walk(module):
            if is_line(node):
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Attribute)
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                assert node.func.attr in LEVELS, f"{where}: {node.func.attr} is no level"
                assert len(node.args) == 1, f"{where}: an event and named fields"
                name = node.args[0]
                assert isinstance(name, ast.Constant), f"{where}: an event is a word, never made up at run time"
                assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name.value), f"{where}: {name.value!r}"
                levels, fields = found.setdefault(package, {}).setdefault(name.value, (set(), set()))
                levels.add(LEVELS[node.func.attr])
                assert all(word.arg for word in node.keywords), f"{where}: fields have names"
                fields.update(str(word.arg) for word in node.keywords)
    return found


def documented() -> dict[str, Events]:
    text = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    sections = re.split(r"^## (\w+)$", text, flags=re.M)[1:]
    told: dict[str, Events] = {}
    for package, body in zip(sections[::2], sections[1::2], strict=True):
        for event, level, fields, meaning in re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|(.*?)\|(.*)\|$", body, re.M):
            assert event not in told.setdefault(package, {}), f"{event} stands there twice"
            assert re.search(r"[A-Za-z].*[\u4e00-\u9fff]", meaning), f"{event} is not told in both languages"
            told[package][event] = (set(level.split(", ")), set(re.findall(r"`(\w+)`", fields)))
    return told


def test_every_event_is_there_with_its_levels_and_fields_and_no_other() -> None:
    assert documented() == emitted()


def test_the_code_calls_its_loggers_by_these_names() -> None:
    """So that the search above misses none."""
    for path, module in modules():
        for node in ast.walk(module):
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "structlog.get_logger":
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target  # type: ignore[attr-defined]
                assert ast.unparse(target) in NAMES, path


def test_the_search_finds_what_it_is_for() -> None:
    """Planted: an event in a place as this one is seen, and one under another name of the logger is not."""
    [seen] = [node for node in ast.walk(ast.parse('log.info("x", a=1)')) if is_line(node)]
    assert isinstance(seen, ast.Call)
    assert not [node for node in ast.walk(ast.parse('other.info("x")')) if is_line(node)]
