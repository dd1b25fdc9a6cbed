"""The real process with snapshots: a child of its own makes them, a kill leaves them, and the next start goes on."""

from pathlib import Path

import aiohttp

from relay.app import SNAPSHOTS
from relay.domain.names import DeskId
from relay.runtime.snapshots import file
from relay.store import open_ledger
from tests.proof.process import DESK
from tests.proof.test_kill import Street, check

OFTEN = "import relay.runtime.snapshots.keeping as keeping; keeping.EVERY = 30; "


async def bring(street: Street) -> None:
    """More messages, each until it is acknowledged."""
    street.bridge.add(street.new_messages())
    async with aiohttp.ClientSession() as session:
        while street.bridge.left:
            await street.bridge.bring(session)


async def test_a_killed_relay_goes_on_from_the_snapshot_that_its_child_has_made(tmp_path: Path) -> None:
    street = Street(tmp_path, 1)
    await street.open()
    folder = street.place.ledger.parent / SNAPSHOTS
    seqs = []
    for life in range(3):
        serving = await street.place.serve(OFTEN)
        await serving.ready()
        assert not any("snapshot_not_used" in line for line in serving.lines)
        await bring(street)
        await serving.said("snapshot_made")
        await serving.kill()
        seqs.append(seq_of(folder, street.place.ledger))
        if life == 1:
            damage(file.path_of(folder, DESK))
            serving = await street.place.serve(OFTEN)
            assert '"why": "torn"' in await serving.said("snapshot_not_used")
            await serving.ready()
            await serving.said("snapshot_made")  # it had read everything, so another one is wanting
            await serving.kill()
    assert seqs == sorted(set(seqs))
    await street.close()
    check(street)
    code, told = await street.place.run("replay")
    assert code == 0, told


def seq_of(folder: Path, ledger: Path) -> int:
    """The fact at which the snapshot stands, as a start would find it."""
    with open_ledger(ledger) as journal:
        found = file.read(folder, DeskId(DESK), journal)
    assert found is not None
    return found.state.seq


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
