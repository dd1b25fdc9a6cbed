"""`relay library import FILE` and `export FILE`: tables of other programs into settings, and settings into tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from relay.cli.auditing.saving import may_write, saved
from relay.cli.library.rows import read_table, replies_of
from relay.cli.library.saying import checker_of, counted, counts, lines_of, plain, settings_option, words_option
from relay.cli.library.tables import WRITERS
from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.insight.library.carrying import Line

_NAMED: Final = 20
"""So many bad lines are named."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into", "into", default=None, type=click.Path(path_type=Path),
    help="The settings file whose replies are there already; what is known stays, another text is a next version.",
)  # fmt: skip
@words_option
@click.option("--dry-run", is_flag=True, help="Say what becomes of each line, and write nothing.")
@click.option("--lenient", is_flag=True, help="Leave out the lines that cannot be used.")
@click.option("--json", "as_json", is_flag=True, help="What becomes of each line, as one JSON object; a dry run.")
def import_replies(
    file: Path, into: Path | None, words_path: Path | None, dry_run: bool, lenient: bool, as_json: bool
) -> None:
    """Write the replies of FILE (.csv, .xlsx, .toml, .txt) as tables of a settings file, to be approved. 导入话术。"""
    from relay.insight.library.carrying import carry_in

    table = read_table(file)
    known = () if into is None else replies_of(into)
    lines = list(carry_in(table.rows, known, checker_of(words_path), table.purpose))
    bad = [line for line in lines if line.outcome == "bad"]
    if table.unknown:
        click.echo(f"未使用的列 / columns left out: {', '.join(table.unknown)}", err=True)
    if dry_run or as_json:
        _tell(lines, as_json)
        if bad:
            raise click.exceptions.Exit(1)
        return
    if bad and not lenient:
        raise BadInputError(_refusal(file, bad))
    _write(lines)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@settings_option
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def export_replies(file: Path, settings_path: Path, force: bool) -> None:
    """Write the quick replies of a settings file to FILE (.csv, .xlsx or .toml). 导出话术。"""
    writer = WRITERS.get(file.suffix.casefold())
    if writer is None:
        raise BadInputError(f"{file}: 只支持 {' '.join(WRITERS)} / only these kinds of file are written")
    replies = replies_of(settings_path)
    may_write(file, settings_path, force=force)
    with saved(file) as made:
        writer(replies, made)
    click.echo(f"{file}: {len(replies)} 条 / replies")


def _tell(lines: "list[Line]", as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode({"lines": [plain(line) for line in lines], "counts": counts(lines)}).decode())
        return
    for line in lines:
        click.echo("\n".join(lines_of(line)))
    click.echo(counted(lines))


def _refusal(file: Path, bad: "list[Line]") -> str:
    named = [text for line in bad[:_NAMED] for text in lines_of(line)]
    more = [f"… 另有 / and {len(bad) - _NAMED}"] if len(bad) > _NAMED else []
    return "\n".join(
        [
            f"{file}: {len(bad)} 行不能用，什么都没有写；修改后重试，或用 --lenient 跳过"
            " / lines cannot be used and nothing was written; mend them, or leave them out with --lenient",
            *named,
            *more,
        ]
    )


def _write(lines: "list[Line]") -> None:
    from relay.runtime.settings_text import dump_reply

    for line in lines:
        if line.reply is not None and line.outcome in ("new", "version"):
            click.echo(dump_reply(line.reply))
    click.echo(counted(lines), err=True)
