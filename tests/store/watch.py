"""Every call that SQLite makes on the files of one folder: seen, in order, and refused where a test says so.

The store uses the standard library's `sqlite3`, and that is what is watched: the very SQLite it is linked to is handed
a VFS of its own that puts itself between SQLite and the operating system. Nothing is compiled and nothing is installed.
The calls still happen on real files. Where Python hides its SQLite, the tests that need this are skipped and say so.

Only one folder is watched at a time; connections to files elsewhere are left alone. The wal-index (`-shm`) is shared
memory that is built anew after every start; of it only the mapping is seen.
"""

import _sqlite3
import ctypes
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Protocol

import pytest

Kind = Literal["open", "read", "size", "map", "write", "truncate", "sync", "delete", "sync folder"]
CHANGES: Final = frozenset({"write", "truncate", "sync", "delete"})
IOERR, FULL, CANTOPEN = 10, 13, 14
FAILED: Final = {"read": 1, "write": 3, "sync": 4, "truncate": 6, "size": 7, "delete": 10, "map": 21}
"""SQLite's own number of each failure: SQLITE_IOERR_READ is IOERR + (1 << 8)."""


class Call(NamedTuple):
    """`at` is where it reads or writes, or the size it truncates to."""

    kind: Kind
    name: str
    at: int = 0
    data: bytes = b""


class Refusal(NamedTuple):
    """What SQLite is told instead, and how much of a write nevertheless took place."""

    code: int
    kept: int = 0


class Watcher(Protocol):
    def before(self, call: Call) -> Refusal | None:
        """None lets it through."""

    def after(self, call: Call) -> None:
        """It was carried out, in whole."""


def io_error(call: Call) -> Refusal:
    """As a broken disk fails: half of a write may be there."""
    if call.kind == "open":
        return Refusal(CANTOPEN)
    return Refusal(IOERR | FAILED[call.kind] << 8, len(call.data) // 2)


@contextmanager
def watched(folder: Path, watcher: Watcher) -> Iterator[None]:
    """While this holds, every new connection to a file in `folder` is seen by `watcher`, from whichever thread."""
    vfs = _vfs()
    assert vfs.folder is None, "one folder at a time"
    vfs.folder, vfs.watcher = os.fsencode(folder.resolve()) + b"/", watcher
    vfs.be_default(True)
    try:
        yield
    finally:
        vfs.be_default(False)
        vfs.folder = None
        if vfs.files:
            gc.collect()  # a statement that an exception holds on to keeps its connection open
        left = vfs.let_go()
        assert not left, f"still open: {left}"


# --- SQLite's structures (sqlite3.h); only what is replaced has a type

_Call = ctypes.CFUNCTYPE
_int, _long, _pointer = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
_TYPES: Final[dict[str, Any]] = {
    "xClose": _Call(_int, _pointer),
    "xRead": _Call(_int, _pointer, _pointer, _int, _long),
    "xWrite": _Call(_int, _pointer, _pointer, _int, _long),
    "xTruncate": _Call(_int, _pointer, _long),
    "xSync": _Call(_int, _pointer, _int),
    "xFileSize": _Call(_int, _pointer, _pointer),
    "xShmMap": _Call(_int, _pointer, _int, _int, _int, _pointer),
    "xOpen": _Call(_int, _pointer, _pointer, _pointer, _int, _pointer),
    "xDelete": _Call(_int, _pointer, _pointer, _int),
    "xSetSystemCall": _Call(_int, _pointer, ctypes.c_char_p, _pointer),
    "xGetSystemCall": _Call(_pointer, _pointer, ctypes.c_char_p),
    "openDirectory": _Call(_int, _pointer, _pointer),
}


def _functions(names: str) -> list[tuple[str, Any]]:
    return [(name, _pointer) for name in names.split()]


class _Methods(ctypes.Structure):
    _fields_ = [
        ("version", _int),
        *_functions(
            "xClose xRead xWrite xTruncate xSync xFileSize xLock xUnlock xCheckReservedLock xFileControl xSectorSize"
            " xDeviceCharacteristics xShmMap xShmLock xShmBarrier xShmUnmap xFetch xUnfetch"
        ),
    ]


class _File(ctypes.Structure):
    _fields_ = [("methods", ctypes.POINTER(_Methods))]


class _Struct(ctypes.Structure):
    _fields_ = [
        ("version", _int),
        ("file_size", _int),
        ("longest_path", _int),
        ("next", _pointer),
        ("name", ctypes.c_char_p),
        ("data", _pointer),
        *_functions(
            "xOpen xDelete xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep xCurrentTime"
            " xGetLastError xCurrentTimeInt64 xSetSystemCall xGetSystemCall xNextSystemCall"
        ),
    ]


_made: "list[_Vfs]" = []
"""Made once and kept to the end of the process: SQLite holds on to it."""


def _vfs() -> "_Vfs":
    if not _made:
        library = ctypes.CDLL(_sqlite3.__file__)
        try:
            library.sqlite3_vfs_find.restype = ctypes.POINTER(_Struct)
            found = library.sqlite3_vfs_find(b"unix")
        except AttributeError:
            found = None
        if not found:
            pytest.skip("this Python hides its SQLite (linked statically, or not on a Unix): it cannot be watched")
        _made.append(_Vfs(library, found))
    return _made[0]


class _Vfs:
    """The operating system's own VFS, with a watcher before those calls that touch the disk."""

    def __init__(self, library: ctypes.CDLL, real: Any) -> None:
        self.folder: bytes | None = None
        self.watcher: Watcher
        self.files: dict[int, str] = {}
        self._theirs: dict[int, Any] = {}
        self._library, self._real = library, real
        self._tables: dict[int, _Methods] = {}
        """Ours, by the address of the real one. There are few, one for each way of locking."""
        self._own = _Struct.from_buffer_copy(real.contents)
        self._own.name = b"watched"
        self._kept: list[Any] = []
        for name in ("xOpen", "xDelete"):
            setattr(self._own, name, self._callback(name, getattr(self, f"_{name}")))
        self._open_folder = self._system("openDirectory")
        self._seen_folder = self._callback("openDirectory", self._openDirectory)

    def be_default(self, on: bool) -> None:
        register = self._library.sqlite3_vfs_register
        assert register(ctypes.byref(self._own) if on else self._real, 1) == 0
        real = self._real.contents
        replace = _TYPES["xSetSystemCall"](real.xSetSystemCall)
        assert replace(ctypes.addressof(real), b"openDirectory", self._seen_folder if on else self._open_folder) == 0

    def let_go(self) -> list[str]:
        """Stand before no file any more. Returns those that were still open."""
        left = sorted(self.files.values())
        for file in self.files:
            _File.from_address(file).methods = ctypes.pointer(self._theirs[file])
        self.files.clear()
        return left

    def _system(self, name: str) -> int:
        real = self._real.contents
        address: int = _TYPES["xGetSystemCall"](real.xGetSystemCall)(ctypes.addressof(real), name.encode())
        return address

    def _callback(self, name: str, function: Callable[..., int]) -> int:
        made = _TYPES[name](function)
        self._kept.append(made)
        return ctypes.cast(made, _pointer).value or 0

    def _name(self, path: int | None) -> str | None:
        """Within the folder, else None."""
        text = ctypes.string_at(path) if path else b""
        if self.folder is None or not text.startswith(self.folder):
            return None
        return os.fsdecode(text[len(self.folder) :])

    def _do(self, call: Call, real: Callable[[], int], part: Callable[[int], int] = lambda kept: 0) -> int:
        refusal = self.watcher.before(call)
        if refusal is None:
            code = real()
            if code == 0:
                self.watcher.after(call)
            return code
        if call.kind == "write" and refusal.kept:
            assert part(refusal.kept) == 0
        return refusal.code

    # --- of the file system

    def _xOpen(self, vfs: int, path: int, file: int, flags: int, out: int) -> int:
        def real() -> int:
            code: int = _TYPES["xOpen"](self._real.contents.xOpen)(vfs, path, file, flags, out)
            return code

        name = self._name(path)
        if name is None:
            return real()
        code = self._do(Call("open", name), real)
        if code == 0:
            self.files[file] = name
            self._stand_before(file)
        else:
            _File.from_address(file).methods = None
        return code

    def _xDelete(self, vfs: int, path: int, sync: int) -> int:
        def real() -> int:
            code: int = _TYPES["xDelete"](self._real.contents.xDelete)(vfs, path, sync)
            return code

        name = self._name(path)
        return real() if name is None else self._do(Call("delete", name), real)

    def _openDirectory(self, path: int, out: int) -> int:
        """SQLite opens a folder for nothing but to sync it, at once."""
        code: int = _TYPES["openDirectory"](self._open_folder)(path, out)
        if code == 0 and self._name(path) is not None:
            self.watcher.after(Call("sync folder", ""))
        return code

    # --- of one file

    def _stand_before(self, file: int) -> None:
        opened = _File.from_address(file)
        theirs = opened.methods.contents
        address = ctypes.addressof(theirs)
        if address not in self._tables:
            ours = _Methods.from_buffer_copy(theirs)
            self._tables[address] = ours
            for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xShmMap"):
                if there := getattr(theirs, name):
                    setattr(ours, name, self._callback(name, self._method(name, _TYPES[name](there))))
        self._theirs[file] = theirs
        opened.methods = ctypes.pointer(self._tables[address])

    def _method(self, name: str, real: Callable[..., int]) -> Callable[..., int]:
        kinds: dict[str, Kind] = {"xSync": "sync", "xFileSize": "size", "xShmMap": "map"}

        def close(file: int) -> int:
            del self.files[file]
            return real(file)

        def read(file: int, into: int, amount: int, at: int) -> int:
            return self._do(Call("read", self.files[file], at), lambda: real(file, into, amount, at))

        def write(file: int, data: int, amount: int, at: int) -> int:
            call = Call("write", self.files[file], at, ctypes.string_at(data, amount))
            return self._do(call, lambda: real(file, data, amount, at), lambda kept: real(file, data, kept, at))

        def truncate(file: int, size: int) -> int:
            return self._do(Call("truncate", self.files[file], size), lambda: real(file, size))

        def other(file: int, *rest: int) -> int:
            return self._do(Call(kinds[name], self.files[file]), lambda: real(file, *rest))

        return {"xClose": close, "xRead": read, "xWrite": write, "xTruncate": truncate}.get(name, other)
