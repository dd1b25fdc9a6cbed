"""The ledger on disk: what is in it was acknowledged, and what was acknowledged is in it."""

from relay.store.export import export_facts, export_heads, read_heads, read_known
from relay.store.reader import Ledger
from relay.store.sqlite import SqliteStore, open_ledger, open_store
from relay.store.verify import Flaw, verify

__all__ = [
    "Flaw",
    "Ledger",
    "SqliteStore",
    "export_facts",
    "export_heads",
    "open_ledger",
    "open_store",
    "read_heads",
    "read_known",
    "verify",
]
