"""LOG opened: each file in its format, all of them as one source, and what is known of who is who.

What exports need is imported where there is one: a message log is judged without it.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import click

from relay.cli.auditing.formats import files_of, reader_of
from relay.cli.auditing.given import Given, title
from relay.cli.auditing.plugged import Plugged
from relay.cli.auditing.source import Source, open_log
from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.cli.auditing.exported import Exports
    from relay.contracts import Reader
    from relay.insight.who import WhoIsWho


class Chosen(NamedTuple):
    """The files by format. `who` holds the columns and the zone that the command named, too."""

    logs: Sequence[Path]
    exports: Sequence[tuple[Path, "Reader"]]
    who: "WhoIsWho | None"
    zone: ZoneInfo | None

    @property
    def paths(self) -> list[Path]:
        return [*self.logs, *(path for path, _ in self.exports)]


class Opened(NamedTuple):
    """What is judged, and the exports in it."""

    source: Source
    exports: "Exports | None"


def choose(given: Given, plugged: Plugged, zone: ZoneInfo | None, *, new: bool = False) -> Chosen:
    """Look at every file. `new`: the who-is-who file need not be there yet. Raises BadInputError."""
    path = given.who_path
    who = None if path is None else _read_who(path, given, new=new)
    usual = None if who is None else who.reader
    logs: list[Path] = []
    exports: list[tuple[Path, Reader]] = []
    current = given.logs[0]
    try:
        for current in files_of(given.logs):
            reader = reader_of(current, plugged, given.reader, usual)
            if reader is None:
                logs.append(current)
            else:
                exports.append((current, reader))
        if exports:
            from relay.cli.auditing.who_file import with_given

            who = with_given(who, given, exports)
    except OSError as error:
        raise BadInputError(f"{current}: 无法读取 / cannot be read ({error.strerror or error})") from None
    if path is not None and not exports:
        click.echo(f"{path}: 只用于导出文件 / is for exports; a message log says itself who is who", err=True)
    if zone is None and who is not None and who.timezone is not None:
        zone = ZoneInfo(who.timezone)
    return Chosen(logs, exports, who, zone)


def _read_who(path: Path, given: Given, *, new: bool) -> "WhoIsWho":
    from relay.cli.auditing.who_file import read_who

    return read_who(path, given, new=new)


@contextmanager
def open_logs(chosen: Chosen, passes: int) -> Iterator[Opened]:
    """The logs as one source that will be read so many times. Raises BadInputError."""
    with ExitStack() as stack:
        parts: list[Source] = [stack.enter_context(open_log(path, chosen.zone, passes)) for path in chosen.logs]
        exports = None
        if chosen.exports:
            exports = exports_of(chosen)
            exports.retell(chosen.zone)
            parts.append(exports)
        yield Opened(parts[0] if len(parts) == 1 else _joined(chosen, parts), exports)


def _joined(chosen: Chosen, parts: Sequence[Source]) -> Source:
    from relay.cli.auditing.joined import Joined

    return Joined(title([path.name for path in chosen.paths]), parts)


def exports_of(chosen: Chosen) -> "Exports":
    """The exported files, looked at and not yet retold."""
    from relay.cli.auditing.exported import ExportFile, Exports
    from relay.insight.who import WhoIsWho

    who = chosen.who or WhoIsWho()
    files = [ExportFile(path, reader, who.columns) for path, reader in chosen.exports]
    return Exports(title([file.name for file in files]), files, who)
