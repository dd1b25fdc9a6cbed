"""How the commands speak of a line: what becomes of it, what is wrong with it, and what speaks against its text."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.insight.library.carrying import Line
    from relay.insight.library.checking import Checker, Objection

F = TypeVar("F", bound=Callable[..., Any])

OUTCOMES: Final = {
    "new": "新增 / new",
    "version": "新版本 / new version",
    "same": "不变 / unchanged",
    "bad": "不能用 / cannot be used",
}
_SEVERITIES: Final = {"refuse": "拒绝 / refuse", "warn": "提醒 / warn"}
_SHOWN: Final = 40


def words_option(command: F) -> F:
    """`--words FILE`: a shop's own word file, laid over the package's lists."""
    return click.option(
        "--words",
        "words_path",
        default=None,
        type=click.Path(path_type=Path),
        help="A word file of your own, laid over the lists that relay brings.",
    )(command)


def settings_option(command: F) -> F:
    """`--settings FILE`, settings.toml by default."""
    return click.option(
        "--settings", "settings_path", default="settings.toml", show_default=True, type=click.Path(path_type=Path)
    )(command)


def checker_of(words_path: Path | None) -> "Checker":
    """Raises BadInputError with everything that is wrong with the word file."""
    from relay.config.texts import word_lists
    from relay.insight.library.checking import Checker

    if words_path is None:
        return Checker(word_lists())
    try:
        raw = words_path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{words_path}: 无法读取 / cannot be read ({error.strerror or error})") from None
    return Checker(word_lists(raw, words_path.name))


def lines_of(line: "Line") -> Iterator[str]:
    """A line for people: its outcome, and below it each thing to know."""
    version = f" v{line.reply.version}" if line.reply is not None else ""
    yield f"{line.where}  {line.id}{version}  {OUTCOMES[line.outcome]}"
    yield from (f"    {fault.key}: {fault.zh} / {fault.en}" for fault in line.faults)
    if line.was_approved and line.outcome in ("new", "version"):
        yield "    status: 表里的“已批准”不算数，导入后为待审核 / approved in a table proves nothing: now pending"
    yield from (f"    {told(one)}" for one in line.objections)


def told(one: "Objection") -> str:
    """One objection: its weight, its category, what stands in the text, and why."""
    shown = one.matched if len(one.matched) <= _SHOWN else f"{one.matched[: _SHOWN - 1]}…"
    return f"{_SEVERITIES[one.severity]} [{one.category}] “{shown}” {one.zh} / {one.en}"


def plain(line: "Line") -> dict[str, object]:
    """A line for programs."""
    return {
        "where": line.where,
        "id": line.id,
        "outcome": line.outcome,
        "version": None if line.reply is None else line.reply.version,
        "faults": line.faults,
        "objections": line.objections,
    }


def counts(lines: "Iterable[Line]") -> dict[str, int]:
    """How many lines have each outcome, and how many are to be looked at."""
    lines = list(lines)
    found = {name: sum(line.outcome == name for line in lines) for name in OUTCOMES}
    return found | {"warned": sum(line.outcome != "bad" and bool(line.objections) for line in lines)}


def counted(lines: "Iterable[Line]") -> str:
    """The same for people."""
    found = counts(lines)
    parts = [f"{words} {found[name]}" for name, words in OUTCOMES.items() if found[name]]
    return "；".join([*parts, f"有提醒 / to be looked at {found['warned']}"])
