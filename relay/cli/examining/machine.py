"""The machine: SQLite's version, room and speed of the disk, and whether it is one that sleeps."""

import contextlib
import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from relay.config import Config
from relay.contracts import Clock
from relay.insight import checkup
from relay.insight.checkup import Finding

TRIES: Final = 9
PORTABLE: Final = frozenset({8, 9, 10, 11, 14, 30, 31, 32})
"""Kinds of chassis with a battery, in the words of SMBIOS."""
_CHASSIS: Final = Path("/sys/class/dmi/id/chassis_type")


def machine(config: Config, clock: Clock) -> Iterator[Finding]:
    from relay.app import LEDGER

    folder = config.relay.data_dir
    ledger = folder / LEDGER
    yield checkup.sqlite_version(sqlite3.sqlite_version_info)
    yield from checkup.laptop(platform.system(), _portable())
    if not folder.is_dir():
        return
    size = ledger.stat().st_size if ledger.exists() else 0
    yield checkup.free_space(str(folder), shutil.disk_usage(folder).free, size)
    with contextlib.suppress(OSError):  # a folder that is another account's cannot be measured, only told of
        yield checkup.fsync_speed(str(folder), fsync_ms(folder, clock))


def fsync_ms(folder: Path, clock: Clock) -> float:
    """The median time, in milliseconds, after which a small write is on disk. Raises OSError."""
    probe = folder / f"doctor-{os.getpid()}.tmp"
    took = []
    try:
        with os.fdopen(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
            for _ in range(TRIES):
                began = clock.monotonic()
                file.write(bytes(4096))
                os.fsync(file.fileno())
                took.append((clock.monotonic() - began) * 1000)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    return median(took)


def _portable() -> bool | None:
    try:
        return int(_CHASSIS.read_text(encoding="ascii")) in PORTABLE
    except (OSError, ValueError):
        return None
