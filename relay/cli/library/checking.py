"""`relay library check FILE`: what speaks against each text of a file, line by line."""

from pathlib import Path

import click
import msgspec

from relay.cli.library.rows import read_table
from relay.cli.library.saying import checker_of, counts, lines_of, plain, words_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@words_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(file: Path, words_path: Path | None, as_json: bool) -> None:
    """Say what speaks against each text of FILE (.toml, .csv, .xlsx, or .txt with one a line). 检查话术。

    Exit code 1 if a text should be refused or a line cannot be read.
    """
    from relay.insight.library.carrying import carry_in

    table = read_table(file)
    lines = list(carry_in(table.rows, (), checker_of(words_path), table.purpose))
    if as_json:
        click.echo(msgspec.json.encode({"lines": [plain(line) for line in lines], "counts": counts(lines)}).decode())
    else:
        for line in lines:
            if line.faults or line.objections:
                click.echo("\n".join(lines_of(line)))
        found = counts(lines)
        bad, warned = found["bad"], found["warned"]
        click.echo(f"{len(lines)} 条 / texts：不能用 / cannot be used {bad}；有提醒 / to be looked at {warned}")
    if any(line.outcome == "bad" for line in lines):
        raise click.exceptions.Exit(1)
