"""A result file comes whole or not at all: it is written under another name beside its place and moved there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relay.errors import BadInputError


def may_write(path: Path, log: Path, *, force: bool) -> None:
    """Raises BadInputError where a result may not go, before an hour is spent on it."""
    if path.is_dir():
        raise BadInputError(f"{path}: 是文件夹，请写文件名 / a folder; name a file")
    if not path.parent.is_dir():
        raise BadInputError(f"{path}: 文件夹不存在 / there is no folder {path.parent}")
    if path.exists() and log.exists() and path.samefile(log):
        raise BadInputError(f"{path}: 是日志本身，不能覆盖 / the log itself; it is never overwritten")
    if path.exists() and not force:
        raise BadInputError(f"{path}: 已存在，要覆盖请加 --force / is there already; --force overwrites it")


@contextmanager
def saved(path: Path) -> Iterator[Path]:
    """The name to write to. What is there at the end takes the place of `path`; after an error nothing does."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        made = Path(name)
        try:
            yield made
            os.chmod(made, 0o666 & ~_umask())
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise BadInputError(f"{path}: 无法写入 / cannot be written ({error.strerror or error})") from None


def _umask() -> int:
    """A temporary file is its owner's alone; a result has the rights that any new file has."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
