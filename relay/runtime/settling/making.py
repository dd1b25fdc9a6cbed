"""Bringing every projection up to the ledger as it is now.

    python -m relay.runtime.settling.making LEDGER PROJECTIONS NOW PLUGINS

is the child process of a running service: settling a day is work of seconds, a rebuild of minutes, and neither may
stand between a buyer and a deadline. It reads the ledger through a read-only connection of its own, at low priority
where the system knows such a thing, and leaves when its parent does: its stdin is open as long as that lives. NOW is
the parent's clock, PLUGINS is JSON: `{"enabled": [...], "folders": [...]}`. It says what it did in lines of JSON.
"""

import sqlite3
import sys
from pathlib import Path

import msgspec

from relay.domain.names import DeskId, Millis
from relay.errors import RelayError
from relay.runtime.child import begin
from relay.runtime.settling import projecting, settling_of
from relay.store.history_rolling import roll_up_history
from relay.store.projections import open_projections
from relay.store.reader import Reader
from relay.store.rolling import roll_up


class Plugins(msgspec.Struct, frozen=True):
    enabled: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: how far a desk has come (`of` facts in all), or with `done` what was taken of it and why anew."""

    desk: str
    seq: int
    of: int = 0
    done: bool = False
    taken: int = 0
    anew: str | None = None


def make(ledger: Path, path: Path, now: Millis, plugins: Plugins) -> None:
    """Raises RelayError, OSError, sqlite3.Error."""
    kinds = projecting(plugins.enabled, [Path(folder) for folder in plugins.folders])
    with Reader(ledger) as journal, open_projections(path) as projections:
        done = roll_up(journal, projections, kinds, now, progress=_progress)
        done += roll_up_history(journal, projections, settling_of(kinds), now)
        for one in done:
            _tell(Told(one.desk, one.seq, done=True, taken=one.taken, anew=one.anew))


def _progress(desk: DeskId, done: int, of: int) -> None:
    _tell(Told(desk, done, of))


def _tell(told: Told) -> None:
    print(msgspec.json.encode(told).decode(), flush=True)


def main() -> None:
    """Exit 0, or 1 with what went wrong on stderr."""
    begin()
    ledger, path, now, plugins = sys.argv[1:]
    try:
        make(Path(ledger), Path(path), Millis(int(now)), msgspec.json.decode(plugins, type=Plugins))
    except (RelayError, OSError, sqlite3.Error) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
