"""One process per data file: a lock on a file beside it, held until the process ends, however it ends.

The lock lies beside the data file and never on it: closing any second handle of a file drops POSIX locks that SQLite
itself relies on. The lock file is left behind on purpose; removing it would let two processes lock two files of one
name.
"""

import os
import sys
from pathlib import Path

from relay.errors import BadInputError

if sys.platform == "win32":
    import msvcrt

    def _grab(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _grab(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from the making to `release`. Raises BadInputError if another process (or another store here) holds it."""

    def __init__(self, data_file: Path) -> None:
        self.path = data_file.with_name(data_file.name + ".lock")
        self._fd: int | None = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _grab(self._fd)
        except OSError as error:
            self.release()
            raise BadInputError(
                f"{data_file}: 另一个 relay 正在使用此文件，请先停止它 / another relay uses this file; stop it first"
            ) from error

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
