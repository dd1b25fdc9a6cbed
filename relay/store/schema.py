"""The tables of the data file, as migrations that are applied when the file is opened.

Laws:
* A migration that has shipped is never edited; a change is a new one below it.
* The journal only grows: triggers refuse UPDATE and DELETE, so that a slip with an SQL tool is stopped at once. They
  stop no one who means harm; against that stands the chain, which `verify` walks.
* What names or quotes a buyer lies in `buyers`, `content` and `quarantine` alone, and those may be deleted from.

The journal's key is (desk, seq) and the table has no rowid: an append then dirties one page instead of two.
"""

from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

from relay.errors import BadInputError

FORMAT: Final = 1
"""The version of the file format, for readers that are not this program. Migrations say the rest."""

migrations = Migrations("relay")

_LEDGER = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE desks (
    desk TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    desk TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    body BLOB NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (desk, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journal_keeps_facts BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'a fact in the journal is never changed');
END;

CREATE TRIGGER journal_keeps_all BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'a fact in the journal is never deleted');
END;

CREATE TABLE keys (
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    desk TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (key, body)
) STRICT, WITHOUT ROWID;

CREATE TABLE buyers (
    key BLOB PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    shop TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE content (
    desk TEXT NOT NULL,
    seq INTEGER NOT NULL,
    salt BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (desk, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    why TEXT NOT NULL,
    digest BLOB NOT NULL,
    raw BLOB NOT NULL,
    UNIQUE (channel, digest)
) STRICT;
"""


@migrations()
def m001_ledger(db: Database) -> None:
    """Journal, desks and their erasable neighbours. `executescript` would commit, so statement by statement."""
    for statement in _LEDGER.split(";\n\n"):
        db.execute(statement.strip())
    db.execute("INSERT INTO meta (name, value) VALUES ('format', ?)", (FORMAT,))


@migrations()
def m002_order_numbers(db: Database) -> None:
    """The number of the order that a buyer last wrote about: it fills a slot of a text, and goes with the buyer."""
    db.execute("ALTER TABLE buyers ADD COLUMN order_no TEXT NOT NULL DEFAULT ''")


def refuse_foreign(db: Database, path: Path) -> None:
    """Raises BadInputError if the file is not relay's or is of a format that only a newer relay knows."""
    tables = set(db.table_names()) - {migrations.migrations_table}  # that is made first: a power cut may leave it alone
    if tables and "meta" not in tables:
        raise BadInputError(
            f"{path}: 这不是 relay 的数据文件，请换一个路径 / not a relay data file; choose another path"
        )
    if tables:
        (found,) = db.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
        if found > FORMAT:
            raise BadInputError(
                f"{path}: 数据文件由更新版本的 relay 写入（格式 {found}），请升级 relay"
                f" / written by a newer relay (format {found}, this one knows {FORMAT}); upgrade relay"
            )
