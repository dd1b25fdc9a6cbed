"""The file of passwords and sessions, `access.sqlite` beside the ledger: who may come in here, on this machine.

It is no part of the ledger: that is read, exported and copied, and a password's hash belongs in none of these. Laws:
* Only Argon2id hashes of passwords and SHA-256 digests of session tokens are kept.
* The file is its owner's alone (mode 600); one connection writes, every call is one transaction, `synchronous=FULL`.

A restored ledger on another machine has no passwords: `relay password` gives new ones.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

import msgspec
from sqlite_utils import Database, Migrations

from relay.domain.names import Millis, PersonId

FILE: Final = "access.sqlite"

migrations = Migrations("relay-access")

_TABLES = """
CREATE TABLE passwords (
    person TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    once INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    digest BLOB PRIMARY KEY,
    person TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m001_access(db: Database) -> None:
    for statement in _TABLES.split(";\n\n"):
        db.execute(statement.strip())


class Password(msgspec.Struct, frozen=True):
    """What is kept of a password. `once`: somebody else knows it, so that it must be changed before anything else."""

    person: PersonId
    hash: str
    set_at: Millis
    once: bool = False


class Stay(msgspec.Struct, frozen=True):
    """What is kept of a session: whose, since when, and when its person last did something."""

    digest: bytes
    person: PersonId
    began_at: Millis
    seen_at: Millis


class AccessFile:
    """Blocking; whoever runs a loop calls it from a thread, one call after the other."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._db = Database(self._connection, execute_plugins=False)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA secure_delete=ON")
        migrations.apply(self._db)

    def passwords(self) -> list[Password]:
        rows = self._db.execute("SELECT person, hash, set_at, once FROM passwords")
        return [Password(PersonId(person), hash, Millis(at), bool(once)) for person, hash, at, once in rows]

    def stays(self) -> list[Stay]:
        rows = self._db.execute("SELECT digest, person, began_at, seen_at FROM sessions")
        return [Stay(digest, PersonId(person), Millis(began), Millis(seen)) for digest, person, began, seen in rows]

    def set_password(self, password: Password) -> None:
        """This password in place of the one before; every session of that person ends with it."""
        with self._connection:
            row = (password.person, password.hash, password.set_at, password.once)
            self._connection.execute("INSERT OR REPLACE INTO passwords VALUES (?, ?, ?, ?)", row)
            self._connection.execute("DELETE FROM sessions WHERE person = ?", (password.person,))

    def end_password(self, person: PersonId) -> None:
        with self._connection:
            self._connection.execute("DELETE FROM passwords WHERE person = ?", (person,))
            self._connection.execute("DELETE FROM sessions WHERE person = ?", (person,))

    def keep(self, stay: Stay) -> None:
        """A session that began, or whose person was seen again."""
        with self._connection:
            row = (stay.digest, stay.person, stay.began_at, stay.seen_at)
            self._connection.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)", row)

    def end(self, digests: list[bytes]) -> None:
        with self._connection:
            self._connection.executemany("DELETE FROM sessions WHERE digest = ?", [(one,) for one in digests])

    def close(self) -> None:
        self._connection.close()
