"""Conversations by the thousand in virtual time on the real service and a real file: every law at every fact."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from relay.domain import facts as f
from relay.domain.names import DeskId
from relay.runtime.snapshots.file import read
from relay.store import open_ledger
from tests.proof.plan import draw
from tests.proof.running import Outcome, describe, run
from tests.proof.world import World, facts_of

ROOT = Path(__file__).parents[2]
LARGE, FEW = 500, 4
"""Conversations of a run, and how often its process ends. Small runs have more ends, large ones more of a crowd."""
FIRST = 10_000


def play(seed: int, conversations: int, ends: int = 12) -> Outcome:
    outcome = run(draw(seed, conversations, ends))
    replay = f"python -m tests.proof.simulate --seed {seed} --conversations {conversations} --ends {ends}"
    assert not outcome.broken, describe(outcome, replay)
    return outcome


@pytest.mark.parametrize("seed", range(1, 11))
def test_every_law_holds_in_small_shops_with_many_deaths(seed: int) -> None:
    assert play(seed, 30 + seed * 4).lives > 6


@pytest.mark.parametrize("block", range(20))
def test_every_law_holds_in_twenty_thousand_conversations(block: int) -> None:
    for seed in range(FIRST + 2 * block, FIRST + 2 * block + 2):
        play(seed, LARGE, FEW)


def prove_block(block: int) -> int:
    """Ten thousand conversations; a process of the pool does this."""
    return sum(play(seed, LARGE, FEW).facts for seed in range(20_000 + 20 * block, 20_020 + 20 * block))


@pytest.mark.prove
def test_every_law_holds_in_a_million_conversations(capsys: pytest.CaptureFixture[str]) -> None:
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for block, facts in enumerate(pool.map(prove_block, range(100)), 1):
            with capsys.disabled():
                print(f"{block * 10_000:>9,} conversations, {facts:,} facts in the last ten thousand", flush=True)


@pytest.mark.prove
@pytest.mark.parametrize("block", range(20))
def test_every_law_holds_in_many_small_shops(block: int) -> None:
    for seed in range(1000 + block * 10, 1010 + block * 10):
        play(seed, 20 + seed % 60)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_world_with_snapshots_writes_what_one_without_writes(seed: int, tmp_path: Path) -> None:
    streams = []
    for name, every in (("with", 40), ("without", None)):
        (tmp_path / name).mkdir()
        world = World(draw(seed, 40, 6), tmp_path / name, every)
        world.run()
        streams.append(facts_of(world.disk.path))
        assert (world.snapshots_made > 6) is (every is not None)
        if world.snapshots is not None:  # crashes and all, the last one still fits what is there
            with open_ledger(world.disk.path) as ledger:
                assert read(world.snapshots, DeskId("desk"), ledger) is not None
    assert streams[0] == streams[1]


def test_in_a_world_with_a_responder_drafts_come_late_go_stale_and_are_used(tmp_path: Path) -> None:
    world = World(draw(2, 120), tmp_path)
    world.run()
    facts = [fact for one in world.watch.streams.values() if one.laws is not None for fact in one.laws.told.facts]
    kinds = [type(fact) for fact in facts]
    used = [fact for fact in facts if isinstance(fact, f.ReplyIntended) and fact.draft is not None]
    counts = [kinds.count(kind) for kind in (f.DraftOffered, f.DraftsVoided, f.DraftRejected)]
    assert min(*counts, len(used), sum(fact.edited for fact in used)) >= 3, (counts, len(used))


def digest(seed: int, hash_seed: int) -> bytes:
    """What a process of its own says of its run; the digest is that of every stream's bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof.simulate", "--seed", str(seed), "--conversations", "40"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        timeout=120,
        check=True,
    )
    return done.stdout.rpartition(b"digest ")[2]


@pytest.mark.parametrize("seed", [1])
def test_the_same_seed_writes_the_same_bytes_in_every_process(seed: int) -> None:
    assert digest(seed, 1) == digest(seed, 2) == f"{play(seed, 40).digest}\n".encode()


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2, 22))
def test_many_seeds_write_the_same_bytes_in_every_process(seed: int) -> None:
    assert digest(seed, seed) == digest(seed, seed + 1000) != b""
