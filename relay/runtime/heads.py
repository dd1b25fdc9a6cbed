"""The nightly lines that bind the ledger, written where an administrator of this box cannot reach back.

    python -m relay.runtime.heads LEDGER FILE

is the child process of a running service: a spine is a walk over every fact, and may not stand between a buyer and a
deadline. It reads through a read-only connection of its own, up to the heads that it found when it began. The file has
its name only when it is whole and on disk; one that failed leaves those that are there, and what one that was killed
had written so far goes with the next.
"""

import asyncio
import os
import sqlite3
import sys
from pathlib import Path
from typing import Final

from relay.contracts import Clock
from relay.errors import RelayError
from relay.runtime.beside import QUIETLY, Beside, no_more
from relay.runtime.child import begin
from relay.store.reader import Reader
from relay.store.spines import export_ends

NAME: Final = "heads"


class HeadsError(RelayError):
    """The heads could not be written; says why. Those of earlier nights are as they were."""


class Heads:
    """`write` writes heads, spines and tallies of now into this folder; `stop` ends what is under way."""

    def __init__(self, ledger: Path, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._beside = Beside(clock, 0.0)

    async def stop(self) -> None:
        """Whoever writes now ends, and the child with it."""
        await self._beside.stop()

    async def write(self, folder: Path) -> None:
        """Raises HeadsError."""
        async with self._beside.turn():
            await self._child(folder / f"{NAME}-{self._clock.now()}.jsonl")

    async def _child(self, path: Path) -> None:
        words, pipe = ("-P", "-m", "relay.runtime.heads", str(self._ledger), str(path)), asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe, creationflags=QUIETLY
        )
        assert child.stderr is not None
        try:
            said = (await child.stderr.read()).decode("utf-8", "replace").strip().splitlines()
            code = await child.wait()
        finally:
            await no_more(child)
        if code != 0:
            raise HeadsError(f"exit code {code}: {said[-1] if said else 'it said nothing'}")


def write(ledger: Path, path: Path) -> None:
    """Raises RelayError, OSError, sqlite3.Error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    for left in path.parent.glob(f"{NAME}-*.part"):  # by a night that was cut off
        if left.name < part.name:
            left.unlink(missing_ok=True)
    try:
        with Reader(ledger) as journal, part.open("wb") as out:
            export_ends(journal, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def main() -> None:
    """Exit 0, or 1 with what went wrong on stderr."""
    begin()
    ledger, path = sys.argv[1:]
    try:
        write(Path(ledger), Path(path))
    except (RelayError, OSError, sqlite3.Error) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
