"""Making a snapshot: from the one before, or from the first fact, to the head of the ledger as it is now.

    python -m relay.runtime.snapshots.making LEDGER DESK FOLDER

is the child process of a running service. It sees the data file through a read-only connection of its own, runs at low
priority where the system knows such a thing, and leaves when its parent does: its stdin is open as long as that lives.
"""

import contextlib
import sys
from pathlib import Path

from relay.domain.names import DeskId
from relay.errors import RelayError, SnapshotError
from relay.runtime.child import begin
from relay.runtime.snapshots.file import read, write
from relay.runtime.snapshots.snapshot import Snapshot
from relay.store.reader import Reader


def make(ledger: Path, desk: DeskId, folder: Path) -> int:
    """Write a snapshot of the desk's newest fact; returns its seq, 0 for a desk without facts.

    Raises LedgerError, OSError, sqlite3.Error.
    """
    with Reader(ledger) as journal:
        head = journal.head(desk)
        if head is None:
            return 0
        snapshot = _before(folder, desk, journal)
        if snapshot.state.seq < head.seq:
            snapshot.go_on(journal, head.seq)
            write(folder, snapshot)
        return snapshot.state.seq


def _before(folder: Path, desk: DeskId, journal: Reader) -> Snapshot:
    """What to go on from. One that does not fit is only a longer way to the same end."""
    with contextlib.suppress(SnapshotError):
        return read(folder, desk, journal) or Snapshot.empty(desk)
    return Snapshot.empty(desk)


def main() -> None:
    """Exit 0 with the seq on stdout, 1 with what went wrong on stderr."""
    begin()
    ledger, desk, folder = sys.argv[1:]
    try:
        print(make(Path(ledger), DeskId(desk), Path(folder)))
    except (RelayError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
