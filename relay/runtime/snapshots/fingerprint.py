"""Of which code's making a snapshot is: another code might have come to another state from the same facts.

It is taken over the types of all facts and of everything that a snapshot holds, as msgspec sees them, and over the
source of the pure floors, where it stands what a fact does to a state. Nobody has to remember to raise a number; any
change there costs one reading of the ledger from its first fact.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec.inspect

import relay
from relay.domain.facts import AnyFact
from relay.runtime.snapshots.snapshot import Snapshot

FLOORS: Final = ("domain", "rules", "insight")


@cache
def fingerprint() -> bytes:
    """That of this code, as it lies on disk."""
    home = Path(relay.__file__).parent
    return digest_of((AnyFact, Snapshot), [home / floor for floor in FLOORS])


def digest_of(types: Iterable[Any], folders: Iterable[Path]) -> bytes:
    """Over these types with everything in them, and over every module whose source lies below these folders."""
    seen = hashlib.sha256(repr(msgspec.inspect.multi_type_info(types)).encode())
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            seen.update(b"\n%s\n" % path.relative_to(folder.parent).as_posix().encode())
            seen.update(path.read_bytes())
    return seen.digest()
