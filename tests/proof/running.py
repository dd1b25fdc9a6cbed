"""Running a plan to its end: whole, with every law, in a folder of its own; and what is to be said of a failure."""

import gc
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from relay.contracts import Head
from relay.testing.shrink import Tries, shrink, shrink_by
from tests.domain.laws import Broken
from tests.proof.checks import check_all, check_live, check_unaltered, heads
from tests.proof.plan import AnyEvent, Plan
from tests.proof.world import World

MEMORY: Final = Path("/dev/shm")
"""Where it exists, files lie there: commits last as long as the seed says, so that no real disk need be waited for."""
AROUND: Final = 12


@dataclass
class Outcome:
    """How a run ended. `law` is empty where every law held; `crash` where it was no law that ended the run."""

    plan: Plan
    digest: str
    facts: int
    lives: int
    law: str = ""
    what: str = ""
    told: str = ""
    seconds: float = 0.0
    around: tuple[str, ...] = ()

    @property
    def broken(self) -> bool:
        return bool(self.law)

    @property
    def breach(self) -> str:
        return f"{self.law} {self.what}"


def run(plan: Plan, mutate: Callable[[ExitStack], None] = lambda stack: None) -> Outcome:
    """Play the plan; `mutate` may change the program for as long as it runs (`tests.proof.mutants`)."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder, ExitStack() as stack:
        world = World(plan, Path(folder))
        known: list[Head] = []

        def after_a_life(world: World) -> None:
            check_unaltered(world.disk.path, known)
            known.extend(heads(world.disk.path))

        world.on_restart, world.on_look = after_a_life, check_live
        mutate(stack)
        gc.disable()  # what a run makes it keeps to its end: there is no garbage to look for
        stack.callback(gc.enable)
        try:
            world.run()
            check_all(world)
        except Broken as breach:
            return _ended(world, breach.law, breach.what, str(breach))
        except Exception as error:
            lines = traceback.format_exception(error)
            return _ended(world, "crash", type(error).__name__, "".join(lines[-4:]))
        return _ended(world)


def _ended(world: World, law: str = "", what: str = "", told: str = "") -> Outcome:
    around = [
        f"{desk} {one.seq - len(last) + number + 1}: {fact}"
        for desk, one in world.watch.streams.items()
        if one.laws is not None and law
        for last in [one.laws.told.facts[-AROUND:]]
        for number, fact in enumerate(last)
    ]
    return Outcome(
        world.plan, digest(world), world.watch.facts, world.life, law, what, told, world.seconds, tuple(around)
    )


def digest(world: World) -> str:
    """One for all streams: a changed byte anywhere changes it."""
    heads = sorted((desk, one.seq, one.hash.hex()) for desk, one in world.watch.streams.items())
    return sha256(repr(heads).encode()).hexdigest()


def shrunk(failed: Outcome, mutate: Callable[[ExitStack], None] = lambda stack: None, tries: int = 150) -> Outcome:
    """The smallest plan found that breaks the same law: cut at its end, then by buyers and seats, then by events."""
    best = failed

    def fails(events: object) -> bool:
        nonlocal best
        again = run(failed.plan.with_events(events, until), mutate)
        if again.breach == failed.breach:
            best = again
        return again.breach == failed.breach

    until = min(failed.plan.until, failed.seconds + 1.0)
    left: Tries[AnyEvent] = Tries(fails, tries)
    events = [event for event in failed.plan.events if event.at <= until]
    if not left.fail(events):
        until, events = failed.plan.until, list(failed.plan.events)
    events = shrink_by(events, lambda event: event.whose, left)
    shrink(events, left)
    return best


def describe(outcome: Outcome, replay: str) -> str:
    """For people: what broke, where, the facts before it, and how to see it again."""
    if not outcome.broken:
        return f"every law holds / 全部规律成立: {outcome.facts} facts, {outcome.lives} lives, digest {outcome.digest}"
    plan = outcome.plan
    lines = [
        f"{outcome.breach} at {outcome.seconds:.3f} s of the run, in life {outcome.lives} / 第 {outcome.lives} 次启动",
        outcome.told.strip(),
        f"the last facts before it / 此前的记录 (digest {outcome.digest}):",
        *outcome.around,
        f"{len(plan.events)} events; to see it again / 重现: {replay}",
    ]
    return "\n".join(lines)


def write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
