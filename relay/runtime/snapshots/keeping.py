"""When snapshots are made and by whom, and which is used at a start.

A desk that has gone `EVERY` facts beyond its last snapshot gets a new one, by a child process. One is made at a time,
over all desks, and then none for twice as long as that took: so a third of one core is the most that they ever cost.
What becomes of the child is a log line: it may fail, be killed or find no space, and the service goes on. After a
failure the next try comes when as many facts again have been written.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

import structlog

from relay.contracts import Clock
from relay.domain.names import DeskId
from relay.errors import SnapshotError
from relay.runtime.snapshots import file
from relay.runtime.snapshots.snapshot import Journal, Snapshot

log = structlog.get_logger("relay.snapshots")
EVERY: Final = 50_000
"""Half of what a start reads in its time: so the newest snapshot is never older than that, also while one is made."""
REST: Final = 2
"""Times what the last one took."""
_QUIETLY: Final = sum(getattr(subprocess, flag, 0) for flag in ("BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NO_WINDOW"))
"""How Windows is told; elsewhere the child says it of itself."""


class Maker(Protocol):
    """Makes a snapshot of a desk's newest fact and returns its seq. Raises SnapshotError."""

    async def __call__(self, desk: DeskId) -> int: ...


class Snapshots:
    """The snapshots in one folder. `load` at a start, `look` now and then, `stop` at the end."""

    def __init__(self, folder: Path, maker: Maker, clock: Clock, every: int | None = None) -> None:
        self._folder, self._maker, self._clock, self._every = folder, maker, clock, every or EVERY
        self._rest_until = 0.0
        self._begun_at: dict[DeskId, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        file.clear_parts(folder)

    def load(self, desk: DeskId, journal: Journal) -> Snapshot:
        """The snapshot to go on from: an empty one where there is none, or none that may be used."""
        try:
            found = file.read(self._folder, desk, journal)
        except SnapshotError as error:
            log.warning("snapshot_not_used", desk=desk, why=error.why, detail=error.detail)
            found = None
        snapshot = found or Snapshot.empty(desk)
        self._begun_at[desk] = snapshot.state.seq
        return snapshot

    def look(self, heads: Iterable[tuple[DeskId, int]]) -> None:
        """Begin to make what is wanting, given the durable head of each desk."""
        is_busy = self._task is not None and not self._task.done()
        if is_busy or self._stopped or self._clock.monotonic() < self._rest_until:
            return
        for desk, seq in heads:
            if seq - self._begun_at.get(desk, 0) >= self._every:
                self._begun_at[desk] = seq
                self._task = asyncio.create_task(self._make(desk))
                return

    async def stop(self) -> None:
        """Let go of what is being made, and begin nothing more."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            file.clear_parts(self._folder)

    async def _make(self, desk: DeskId) -> None:
        began = self._clock.monotonic()
        try:
            seq = await self._maker(desk)
        except Exception as error:  # whatever it was, the ledger is whole and the service has work to do
            log.warning("snapshot_failed", desk=desk, error=str(error) or repr(error))
        else:
            log.info("snapshot_made", desk=desk, seq=seq)
        now = self._clock.monotonic()
        self._rest_until = now + REST * (now - began)


class ChildMaker:
    """Makes it in a process of its own, which ends with this one."""

    def __init__(self, ledger: Path, folder: Path) -> None:
        self._ledger, self._folder = ledger, folder

    async def __call__(self, desk: DeskId) -> int:
        words = ("-P", "-m", "relay.runtime.snapshots.making", self._ledger, desk, self._folder)
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdin=pipe, stdout=pipe, stderr=pipe, creationflags=_QUIETLY
        )
        try:
            assert child.stdout is not None
            assert child.stderr is not None
            out, told = await asyncio.gather(child.stdout.read(), child.stderr.read())
            code = await child.wait()
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if code != 0:
            lines = told.decode("utf-8", "replace").strip().splitlines()
            raise SnapshotError("child_failed", f"exit code {code}: {lines[-1] if lines else 'it said nothing'}")
        return int(out)
