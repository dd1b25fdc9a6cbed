"""`relay history import LOG`: chats from before relay, or from elsewhere, into the ledger; `relay history list`.

LOG is whatever `relay audit` reads. It goes through the running service, or under the file lock if none runs; what was
imported before changes nothing (`docs/history.md`). Exit 0 done, 2 nothing more was written, with one clear line why.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from relay.cli.place import config_option, data_option, open_data, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relay.cli.auditing.opening import Chosen, Opened
    from relay.cli.history_lines import Survey
    from relay.config import Config
    from relay.contracts.history import HistoryPart, HistorySource, HistorySums, HistoryTaken

_FILE = click.Path(path_type=Path)
EVERY: Final = 50_000
"""Lines between two words of progress."""
_MOST_NAMED: Final = 20


@click.group()
def history() -> None:
    """Import chats of the time before relay; list what was imported. 导入历史聊天记录。"""


@history.command("import")
@click.argument("logs", metavar="LOG...", type=_FILE, nargs=-1, required=True)
@click.option("--shop", required=True, help="The shop of relay's settings whose chats these are.")
@click.option("--of", "of", metavar="NAME", help="What the log calls the shop, where it is of several.")
@click.option("--who", type=_FILE, metavar="FILE", help="Who is who in an export, confirmed (relay audit --dry-run).")
@click.option("--format", "reader", metavar="NAME", help="The format of an export; by default it is found.")
@click.option("--columns", multiple=True, metavar="FIELD=HEADING", help="A column of a table; repeatable.")
@click.option("--timezone", "zone_name", metavar="ZONE", help="Zone of times without offset, e.g. Asia/Shanghai.")
@click.option("--plugins", multiple=True, metavar="NAME", help="Enable a plugin with readers; repeatable.")
@click.option("--lenient", is_flag=True, help="Leave out lines that cannot be read.")
@click.option("--unconfirmed", is_flag=True, help="Take an export whose who-is-who nobody confirmed, as a range.")
@click.option("--texts", is_flag=True, help="Keep what was written, too, in the erasable store.")
@click.option("--dry-run", is_flag=True, help="Read the log and say what is in it; write nothing.")
@config_option
def import_(
    logs: tuple[Path, ...],
    shop: str,
    of: str | None,
    who: Path | None,
    reader: str | None,
    columns: tuple[str, ...],
    zone_name: str | None,
    plugins: tuple[str, ...],
    lenient: bool,
    unconfirmed: bool,
    texts: bool,
    dry_run: bool,
    config_path: Path,
) -> None:
    """Take the chats of LOG into the history of SHOP. 导入聊天记录。"""
    from relay.cli.audit import _clear, _zone
    from relay.cli.auditing.given import Given, title
    from relay.cli.auditing.opening import choose, open_logs
    from relay.cli.auditing.plugged import Plugged
    from relay.cli.history_lines import survey

    with _clear(title([log.name for log in logs])):
        config = read_config(config_path)
        given = Given(logs, None, (), zone_name, reader, columns, who, None, plugins, config_path)
        chosen = choose(given, Plugged(given), _zone(zone_name))
        with open_logs(chosen, 2) as opened:
            _refuse_unconfirmed(opened, given.dry_run(), allowed=unconfirmed)
            found, meant = survey(opened.source, of, shop, lenient=lenient)
            _say_found(found)
            if dry_run:
                click.echo("只试读，未写入 / looked only, nothing was written")
                return
            source = _source(chosen, opened, shop, meant, who, lenient=lenient, texts=texts)
            _say_taken(_send(config, source, opened, found, lenient=lenient))
            _say_live(config_path, shop, found)


def _refuse_unconfirmed(opened: "Opened", look: str, *, allowed: bool) -> None:
    """What is on the ledger cannot be read anew, so who is who is said before."""
    left = None if opened.exports is None else opened.exports.unconfirmed()
    if left is not None and not allowed:
        stop(
            f"{left.lines} 行客服消息身份未确认；导入后不能改读，请先确认：{look}；或加 --unconfirmed 以区间计"
            f" / who wrote {left.lines} lines of the shop is not confirmed, and what is imported is never read anew:"
            f" confirm it first ({look}), or take it as a range with --unconfirmed"
        )


def _source(
    chosen: "Chosen", opened: "Opened", shop: str, meant: str | None, who: Path | None, *, lenient: bool, texts: bool
) -> "HistorySource":
    from hashlib import sha256

    from relay.contracts.history import HistorySource
    from relay.domain.names import ShopId

    formats = [*(["message_log"] if chosen.logs else []), *(reader.name for _, reader in chosen.exports)]
    columns = chosen.who.columns if chosen.who is not None else {}
    options = {f"column.{field}": heading for field, heading in columns.items()}
    options |= {"of": meant} if meant is not None else {}
    options |= {"lenient": "true"} if lenient else {}
    return HistorySource(
        shop=ShopId(shop),
        sha256=opened.source.sha256(),
        format="+".join(dict.fromkeys(formats)),
        zone="" if chosen.zone is None else chosen.zone.key,
        who=sha256(who.read_bytes()).hexdigest() if who is not None and opened.exports is not None else "",
        options=tuple(sorted(options.items())),
        texts=texts,
    )


# --- sending


class _Run:
    """One import: its parts in order, and what became of each."""

    def __init__(self, source: "HistorySource", opened: "Opened", found: "Survey", *, lenient: bool) -> None:
        self._source, self._opened, self._found, self._lenient = source, opened, found, lenient
        self.read = self.new = self.known = self.conflicts = 0
        self.named: list[str] = []
        self.recorded = False
        self._sent: Sequence[Any] = ()

    def parts(self) -> "Iterator[HistoryPart]":
        from relay.cli.history_lines import parts
        from relay.contracts.history import HistoryPart

        for lines in parts(self._opened.source, dict(self._source.options).get("of"), lenient=self._lenient):
            self._sent = lines
            yield HistoryPart(self._source, lines)
        self._sent = ()
        yield HistoryPart(self._source, sums=self._sums())

    def note(self, taken: "HistoryTaken") -> None:
        before = self.read
        self.read += len(self._sent)
        self.new, self.known = self.new + taken.new, self.known + taken.known
        self.conflicts += len(taken.conflicts)
        for place in taken.conflicts[: max(0, _MOST_NAMED - len(self.named))]:
            self.named.append(str(self._sent[place].message.id))
        self.recorded = taken.recorded
        if before // EVERY != self.read // EVERY:
            click.echo(f"{self.read}/{self._found.lines}", err=True)

    def _sums(self) -> "HistorySums":
        from relay.contracts.history import HistorySums

        return HistorySums(self.read, self.new, self.known, self.conflicts, self._found.first_at, self._found.last_at)


def _send(config: "Config", source: "HistorySource", opened: "Opened", found: "Survey", *, lenient: bool) -> _Run:
    from relay.cli.reaching import NotRunningError, ask
    from relay.contracts.history import HistoryTaken

    run = _Run(source, opened, found, lenient=lenient)
    parts = run.parts()
    part = next(parts)
    try:
        while True:
            answer = ask(config, "POST", "/history", msgspec.json.encode(part))
            run.note(msgspec.json.decode(answer, type=HistoryTaken))
            following = next(parts, None)
            if following is None:
                return run
            part = following
    except NotRunningError:
        _offline(config, run, part, parts)
    return run


def _offline(config: "Config", run: _Run, part: "HistoryPart", parts: "Iterator[HistoryPart]") -> None:
    from itertools import chain

    from relay.cli.offline import with_store
    from relay.domain.office import shops_where
    from relay.errors import ForbiddenError
    from relay.runtime.history import History, refuse_foreign

    async def work(store: Any, office: Any, clock: Any, entropy: Any) -> None:
        owner = next((one for one in office.state.persons.values() if shops_where(one, "settings")), None)
        refuse_foreign(office.state, owner, part.source.shop)
        taking = History(store, clock, entropy)
        for one in chain([part], parts):
            run.note(await taking.take(one, owner.id if owner is not None else None))

    try:
        with_store(config, work)
    except ForbiddenError as error:
        stop(str(error))


# --- what is said


def _say_found(found: "Survey") -> None:
    from relay.cli.auditing.told import refused_lines

    click.echo(f"{found.lines} 行 / lines, {len(found.days)} 天 / days: {_span(found.first_at, found.last_at)}")
    if found.others:
        click.echo(f"另有 {found.others} 行属于别的店铺，未取 / {found.others} lines of other shops are left out")
    if found.watch.flaws:
        click.echo(f"{found.watch.flaws.total()} 行无法读取，已略过 / lines cannot be read and are left out:")
        for line in refused_lines(found.watch):
            click.echo(line)


def _say_taken(run: _Run) -> None:
    click.echo(f"新增 {run.new}，已有 {run.known} / new {run.new}, known {run.known}")
    if not run.new:
        click.echo(
            "全部已有，台账未变 / all of it was imported before; nothing was changed"
            if run.known
            else "没有可导入的行 / there is no line to import"
        )
    if run.conflicts:
        more = " …" if run.conflicts > len(run.named) else ""
        click.echo(
            f"{run.conflicts} 行与同编号的行内容不同，均保留并标出"
            f" / {run.conflicts} lines contradict a line with the same id; both are kept and marked:"
            f" {', '.join(run.named)}{more}"
        )
    if run.new:
        click.echo("运行 relay settle 计入每日数据 / `relay settle` counts them into the days")


def _say_live(config_path: Path, shop: str, found: "Survey") -> None:
    from relay.domain.names import ShopId
    from relay.rules.instants import date_text
    from relay.store.history_rolling import first_live_day

    with open_data(config_path, None) as ledger:
        first = first_live_day(ledger, ShopId(shop))
    covered = 0 if first is None else sum(lines for day, lines in found.days.items() if day >= first)
    if first is not None and covered:
        click.echo(
            f"自 {date_text(first)} 起以实时记录为准：其中 {covered} 行保留但不计"
            f" / from {date_text(first)} on what relay saw live counts: {covered} of these lines are kept, not counted"
        )


def _span(first: int | None, last: int | None) -> str:
    from relay.rules.instants import CHINA_ZONE, InstantWriter

    writer = InstantWriter(CHINA_ZONE)
    return "–" if first is None or last is None else f"{writer.write(first)} – {writer.write(last)}"


@history.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
@data_option
def list_(as_json: bool, config_path: Path, data_path: Path | None) -> None:
    """Say what was imported, shop by shop. 列出已导入的历史。"""
    from relay.store.history_rolling import imports

    with open_data(config_path, data_path) as ledger:
        found = list(imports(ledger))
    if as_json:
        click.echo(msgspec.json.encode({"imports": found}))
        return
    if not found:
        click.echo("没有导入过历史 / no history was imported")
    for one in found:
        read = ", ".join(f"{key}={value}" for key, value in [("zone", one.zone), *one.options] if value)
        click.echo(f"{one.shop}  {_span(one.first_at, one.last_at)}  {one.format}  {one.source[:12]}")
        click.echo(
            f"  {one.lines} 行 / lines, 新增 / new {one.new}, 已有 / known {one.known},"
            f" 矛盾 / conflicts {one.conflicts}"
        )
        if read:
            click.echo(f"  {read}")
