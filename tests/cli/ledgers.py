"""Ledger files made from worlds, and commands called on them."""

from pathlib import Path

from click import Command
from click.testing import CliRunner, Result

from relay.store.sqlite import open_store
from relay.testing.fakes import SeededEntropy
from relay.testing.scribe import Scribe
from tests.domain.world import World


async def ledger_of(folder: Path, **worlds: World) -> Path:
    """A data file with each world as a desk of this name."""
    path = folder / "ledger.db"
    store = open_store(path, SeededEntropy(1))
    for desk, world in worlds.items():
        scribe = await Scribe.of(store, desk)
        await store.append(scribe.facts(*world.facts))
    await store.close()
    return path


def call(command: Command, path: Path, *words: str) -> Result:
    return CliRunner().invoke(command, [*words, "--data", str(path)])
