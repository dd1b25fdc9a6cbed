"""The form of a snapshot on disk.

    b"relay snapshot 1\\n" ‖ SHA-256(all that follows) ‖ length of the header u32, big-endian ‖ header ‖ payload

Header and payload are msgpack; the header says for which desk, seq, head hash and code the payload holds. Laws:
* What is there under its name is whole: a snapshot is written to a part file, put on disk, then renamed.
* What is read is used only if everything fits; else `SnapshotError` says what does not.
* It holds no text of a buyer and no name, and is readable by the owner of this account alone.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from relay.domain.names import DeskId
from relay.errors import SnapshotError
from relay.runtime.snapshots.fingerprint import fingerprint
from relay.runtime.snapshots.snapshot import Journal, Snapshot

MAGIC: Final = b"relay snapshot 1\n"
PART: Final = ".part"
PIECE: Final = 1024 * 1024
"""A piece at a time is put on disk, so that the ledger's own commits never wait behind a large one."""
_BINARY: Final = getattr(os, "O_BINARY", 0)
"""On Windows a file is opened as text unless it is said otherwise."""


class Header(msgspec.Struct, frozen=True):
    code: bytes
    desk: DeskId
    seq: int
    hash: bytes


def path_of(folder: Path, desk: DeskId) -> Path:
    return folder / f"desk-{desk}.snapshot"


def write(folder: Path, snapshot: Snapshot) -> None:
    """Put it in the place of the one before. Raises OSError; then the one before is still there."""
    folder.mkdir(parents=True, exist_ok=True)
    state = snapshot.state
    header = msgspec.msgpack.encode(Header(fingerprint(), state.desk, state.seq, snapshot.hash))
    rest = b"".join((len(header).to_bytes(4), header, msgspec.msgpack.encode(snapshot)))
    target = path_of(folder, state.desk)
    part = target.with_name(f"{target.name}.{os.getpid()}{PART}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o600), "wb") as file:
            file.write(MAGIC + hashlib.sha256(rest).digest())
            for start in range(0, len(rest), PIECE):
                file.write(memoryview(rest)[start : start + PIECE])
                file.flush()
                os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def read(folder: Path, desk: DeskId, journal: Journal) -> Snapshot | None:
    """The snapshot of this desk, if there is one and it fits this ledger. Raises SnapshotError if it does not."""
    try:
        data = path_of(folder, desk).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SnapshotError("unreadable", str(error)) from error
    start = len(MAGIC) + hashlib.sha256().digest_size
    rest = memoryview(data)[start:]
    if not data.startswith(MAGIC):
        raise SnapshotError("unknown_form")
    if hashlib.sha256(rest).digest() != data[len(MAGIC) : start]:
        raise SnapshotError("torn")
    size = 4 + int.from_bytes(rest[:4])
    try:
        header = msgspec.msgpack.decode(rest[4:size], type=Header)
        if header.code != fingerprint():
            raise SnapshotError("other_code")
        if header.desk != desk:
            raise SnapshotError("other_desk", header.desk)
        snapshot = msgspec.msgpack.decode(rest[size:], type=Snapshot)
    except msgspec.MsgspecError as error:
        raise SnapshotError("undecodable", str(error)) from error
    if (snapshot.state.desk, snapshot.state.seq, snapshot.hash) != (desk, header.seq, header.hash):
        raise SnapshotError("torn")
    if not snapshot.fits(journal):
        raise SnapshotError("other_ledger", f"seq {header.seq}")
    return snapshot


def clear_parts(folder: Path) -> None:
    """Remove what a child that was interrupted has left."""
    for part in folder.glob(f"*{PART}"):
        with contextlib.suppress(OSError):
            part.unlink()
