"""One seeded run and the digest of its bytes; also a program, so that another process can write the same run.

python -m tests.domain.one_run SEED
"""

import hashlib
import random
import sys

from relay.domain.codec import GENESIS, chain
from tests.domain.laws import Laws
from tests.domain.moves import STARTS, Moves, furnish
from tests.domain.world import DESK, World


def one_run(seed: int, moves: int = 80, leave: frozenset[str] = frozenset(), check: bool = False) -> World:
    """A run of random moves. Odd seeds leave some moves out, so that rare ones meet each other more often."""
    rng = random.Random(seed)

    def choose(options):
        return rng.choice(list(options))

    world = World(choose(STARTS), check=check)
    if isinstance(world.laws, Laws):
        world.laws.leave = leave
    furnish(world, choose)
    made, names = Moves(world), Moves.names()
    weights = [8 if name in ("ask", "time_passes") else rng.choice((0, 0, 1, 4)) if seed % 2 else 1 for name in names]
    for _ in range(moves):
        made.make(rng.choices(names, weights)[0], choose)
    return world


def digest_of(world: World) -> str:
    """The head of the chain over the run's facts: one changed byte anywhere changes it."""
    return hashlib.sha256(b"".join(row.hash for row in chain(GENESIS, DESK, 1, world.facts))).hexdigest()


if __name__ == "__main__":
    sys.stdout.write(digest_of(one_run(int(sys.argv[1]))) + "\n")
