"""One seed of the simulation, for people: it plays the run, and says what broke, where, and how to see it again.

python -m tests.proof.simulate --seed 7 --conversations 300      play this seed; 0 if every law holds, else 1
python -m tests.proof.simulate --seed 7 --shrink small.json      if it fails, cut it down and write the script
python -m tests.proof.simulate --script small.json               play a script
python -m tests.proof.simulate --seed 7 --seeds 20               twenty seeds, one line each
python -m tests.proof.simulate --seed 7 --bug 'cap off by one'   with a planted bug (`tests.proof.mutants`)
"""

from collections.abc import Iterator
from pathlib import Path

import click

from relay.runtime.system import SystemClock
from tests.proof.mutants import MUTANTS, nothing
from tests.proof.plan import Plan, decode, draw, encode
from tests.proof.running import describe, run, shrunk, write


@click.command()
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--seeds", type=int, default=1, show_default=True, help="so many seeds from this one on")
@click.option("--conversations", type=int, default=300, show_default=True)
@click.option("--ends", type=int, default=12, show_default=True, help="how often the process ends on the way")
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="play this plan instead")
@click.option("--shrink", "to", type=click.Path(dir_okay=False, path_type=Path), help="write a failing plan, cut down")
@click.option("--bug", type=click.Choice(sorted(MUTANTS)), help="plant this bug in the program first")
def main(
    seed: int, seeds: int, conversations: int, ends: int, script: Path | None, to: Path | None, bug: str | None
) -> None:
    """Play one run, or many, of the simulation."""
    clock, mutate, failed = SystemClock(), MUTANTS[bug].plant if bug else nothing, False
    again = f" --bug '{bug}'" if bug else ""
    for plan in _plans(seed, seeds, conversations, ends, script):
        begun = clock.monotonic()
        outcome = run(plan, mutate)
        spent = clock.monotonic() - begun
        failed = failed or outcome.broken
        replay = (
            f"--script {script}" if script else f"--seed {plan.seed} --conversations {plan.conversations} --ends {ends}"
        )
        write(f"seed {plan.seed}, {plan.conversations} conversations, {spent:.1f} s")
        write(describe(outcome, f"python -m tests.proof.simulate {replay}{again}"))
        if outcome.broken and to is not None:
            small = shrunk(outcome, mutate)
            to.write_bytes(encode(small.plan))
            write(f"\ncut down to {len(small.plan.events)} events in {to} / 已缩减并写入 {to}:")
            write(encode(small.plan).decode())
            write(describe(small, f"python -m tests.proof.simulate --script {to}{again}"))
    raise SystemExit(int(failed))


def _plans(seed: int, seeds: int, conversations: int, ends: int, script: Path | None) -> Iterator[Plan]:
    if script is not None:
        yield decode(script.read_bytes())
        return
    yield from (draw(number, conversations, ends) for number in range(seed, seed + seeds))


if __name__ == "__main__":
    main()
