"""`relay library search WORDS`: what an agent would find, best first."""

from pathlib import Path

import click
import msgspec

from relay.cli.library.rows import replies_of
from relay.cli.library.saying import settings_option
from relay.cli.stop import stop


@click.command()
@click.argument("query")
@settings_option
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="Those that are not approved, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def search(query: str, settings_path: Path, limit: int, everything: bool, as_json: bool) -> None:
    """Find a quick reply by a part of its text, its pinyin, initials (th), or nearly so. 搜索话术。"""
    from relay.insight.library.searching import Entry, Index

    replies = [one for one in replies_of(settings_path) if everything or one.status == "approved"]
    if not replies:
        stop(f"{settings_path}: 没有已批准的话术；--all 搜索全部 / no approved quick reply; --all searches every one")
    found = Index(Entry(one.id, one.text) for one in replies).search(query, limit=limit)
    if as_json:
        click.echo(msgspec.json.encode({"query": query, "found": found}).decode())
        return
    for one in found:
        click.echo(f"{one.score:>6.1f}  {one.why:<8}  {one.id}  {one.text}")
    if not found:
        click.echo("没有找到 / nothing found")
