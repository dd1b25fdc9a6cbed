"""A snapshot on disk: whole or not there, and never used where anything does not fit."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from relay.domain.model import Conversation
from relay.domain.names import DeskId
from relay.errors import SnapshotError
from relay.runtime.snapshots import file
from relay.runtime.snapshots.fingerprint import digest_of, fingerprint
from relay.runtime.snapshots.snapshot import Snapshot
from tests.domain.one_run import one_run
from tests.domain.world import DESK, small
from tests.runtime.test_snapshots import Ledger, pack

ROOT = Path(__file__).parents[2]


def ledger_of(buyers: int = 3) -> Ledger:
    world = small()
    for number in range(buyers):
        world.say(f"b{number}")
    return Ledger(world.facts)


@pytest.fixture
def ledger() -> Ledger:
    return ledger_of()


@pytest.fixture
def written(tmp_path: Path, ledger: Ledger) -> Path:
    file.write(tmp_path, ledger.snapshot(len(ledger.rows) - 2))
    return file.path_of(tmp_path, DESK)


def why_not(path: Path, ledger: Ledger, desk: DeskId = DESK) -> str:
    with pytest.raises(SnapshotError) as caught:
        file.read(path.parent, desk, ledger)
    return caught.value.why


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    ledger = Ledger(one_run(1, 120).facts)
    snapshot = ledger.snapshot(len(ledger.rows))
    file.write(tmp_path, snapshot)
    again = file.read(tmp_path, DESK, ledger)
    assert again == snapshot
    assert pack(again) == pack(snapshot)
    assert [path.name for path in tmp_path.iterdir()] == ["desk-desk.snapshot"]


def test_there_may_be_none(tmp_path: Path, ledger: Ledger) -> None:
    assert file.read(tmp_path, DESK, ledger) is None
    assert file.read(tmp_path / "nowhere", DESK, ledger) is None


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights otherwise")
def test_only_its_owner_may_read_it(written: Path) -> None:
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_torn_one_is_not_used(written: Path, ledger: Ledger) -> None:
    whole = written.read_bytes()
    for size in (0, 5, len(file.MAGIC), len(file.MAGIC) + 32, len(whole) // 2, len(whole) - 1):
        written.write_bytes(whole[:size])
        assert why_not(written, ledger) == ("torn" if size >= len(file.MAGIC) else "unknown_form")
    written.write_bytes(whole + b"\0")
    assert why_not(written, ledger) == "torn"


def test_one_with_any_byte_changed_is_not_used(written: Path, ledger: Ledger) -> None:
    whole = written.read_bytes()
    for place in range(0, len(whole), 7):
        written.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert why_not(written, ledger) in ("torn", "unknown_form")


def test_one_of_another_desk_is_not_used(written: Path, ledger: Ledger) -> None:
    other = DeskId("other")
    written.rename(file.path_of(written.parent, other))
    assert why_not(written, ledger, other) == "other_desk"


def test_one_of_other_code_is_not_used(written: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "fingerprint", lambda: b"another")
    assert why_not(written, ledger) == "other_code"


def test_one_of_another_ledger_is_not_used(written: Path) -> None:
    assert why_not(written, ledger_of(1)) == "other_ledger"  # it ends before
    assert why_not(written, Ledger(one_run(1, 40).facts)) == "other_ledger"


def test_one_that_says_otherwise_than_its_header_is_not_used(tmp_path: Path, ledger: Ledger) -> None:
    forged = msgspec.structs.replace(ledger.snapshot(4), hash=ledger.rows[4].hash)
    file.write(tmp_path, forged)
    assert why_not(file.path_of(tmp_path, DESK), ledger) == "other_ledger"


def test_one_whose_payload_is_not_a_snapshot_is_not_used(written: Path, ledger: Ledger) -> None:
    header = msgspec.msgpack.encode(file.Header(fingerprint(), DESK, 4, ledger.rows[3].hash))
    rest = len(header).to_bytes(4) + header + msgspec.msgpack.encode({"state": 1})
    written.write_bytes(file.MAGIC + hashlib.sha256(rest).digest() + rest)
    assert why_not(written, ledger) == "undecodable"


def test_what_cannot_be_read_is_not_used(tmp_path: Path, ledger: Ledger) -> None:
    file.path_of(tmp_path, DESK).mkdir()
    assert why_not(file.path_of(tmp_path, DESK), ledger) == "unreadable"


def test_a_write_that_fails_leaves_the_one_before(
    written: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written.read_bytes()

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        file.write(written.parent, ledger.snapshot(len(ledger.rows)))
    assert written.read_bytes() == before
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_parts_of_a_child_that_was_interrupted_are_cleared(written: Path) -> None:
    left = written.with_name(f"{written.name}.4711{file.PART}")
    left.write_bytes(b"half")
    file.clear_parts(written.parent)
    assert [path.name for path in written.parent.iterdir()] == [written.name]


# --- of which code it is


def test_a_field_more_is_other_code() -> None:
    more = msgspec.defstruct("Conversation", [("later", int, 0)], bases=(Conversation,))
    other = msgspec.defstruct("Conversation", [("later", str, "")], bases=(Conversation,))
    found = {digest_of([one], []) for one in (Conversation, more, other)}
    assert len(found) == 3
    assert digest_of([Conversation], []) in found


def test_a_line_more_is_other_code(tmp_path: Path) -> None:
    room = tmp_path / "domain"
    (room / "office").mkdir(parents=True)
    (room / "apply.py").write_text("a = 1\n")
    (room / "office" / "state.py").write_text("b = 1\n")
    before = digest_of([Snapshot], [room])
    assert digest_of([Snapshot], [room]) == before
    (room / "office" / "state.py").write_text("b = 2\n")
    after = digest_of([Snapshot], [room])
    (room / "office" / "state.py").rename(room / "state.py")
    assert len({before, after, digest_of([Snapshot], [room])}) == 3


def test_the_same_code_is_the_same_in_every_process() -> None:
    told = "from relay.runtime.snapshots.fingerprint import fingerprint; print(fingerprint().hex())"
    for hash_seed in ("1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", told], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == fingerprint().hex()
