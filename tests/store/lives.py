"""A store lives: it is opened, asked, closed or killed, again and again, with every change of its files on tape. Then
the power is cut at any place of the tape, and the store is started on what the disk may hold. One such disk is where
the next lives begin.
"""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final
from unittest import mock

from relay.errors import BadInputError, StoreLatchedError
from relay.store import open_store, sqlite, writer
from relay.testing.fakes import SeededEntropy
from tests.store.power import Event, Image, Tape, lay, load
from tests.store.story import Picture, Story, look, telling
from tests.store.watch import watched

NAME: Final = "relay.db"
LIVES, STEPS = 3, 12
Often = Callable[[Event], int]
"""How many cuts before an event."""


class Lives:
    """From one seed, as long as wanted. `disks` is how many different ones were looked at."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.disks = 0
        self._seed = seed
        self._chance, self._cuts, self._next = (random.Random(f"{seed} {what}") for what in ("live", "cut", "go on"))
        self._story = Story(self._chance)
        self._machine, self._bench = folder / "machine", folder / "bench"
        for made in (self._machine, self._bench):
            made.mkdir(exist_ok=True)
        self._start: Image = {}

    async def cut_power(self, often: Often) -> None:
        """Some lives, and every cut of them. Raises AssertionError if a start does not find what it must."""
        tape, after = await self.record(), self._start
        known: dict[tuple[object, ...], Picture] = {}
        for number, promised, image in tape.cuts(self._cuts, often):
            disk = _digest(image)
            try:
                if disk not in known:
                    self.disks += 1
                    known[disk] = await self._look(image)
                self._story.judge(known[disk], promised)
            except (AssertionError, BadInputError) as error:
                raise AssertionError(f"seed {self._seed}, cut before event {number}: {error}") from error
            if self._next.random() * (number + 1) < 1:
                after = image
        self._start = after
        await self._story.resume(await self._look(after))

    async def record(self) -> Tape:
        """On a machine that stays on: what one life wrote and did not sync, the next one sees."""
        chance = self._chance
        lay(self._start, self._machine)
        tape = Tape(self._start)
        for _ in range(LIVES):
            dies = chance.random() < 0.5
            tape.dies_at = len(tape.events) + chance.randrange(STEPS * 40) if dies else None
            small = mock.patch.object(writer, "CHECKPOINT_PAGES", chance.choice((10, 40, 1000)))
            cache = f"cache_size = {chance.choice((8, 2000))}"  # 8 pages: they go to the log before the commit
            spilling = mock.patch.object(sqlite, "_PRAGMAS", (*sqlite._PRAGMAS, cache))
            with small, spilling, watched(self._machine, tape), telling(tape, self._story):
                await self._live(dies)
            if dies:
                picture = await self._look(load(self._machine))
                self._story.judge(picture, self._story.told)
                await self._story.resume(picture)
        return tape

    async def _live(self, dies: bool) -> None:
        try:
            store = open_store(self._machine / NAME, SeededEntropy(1), low_water=0)
        except BadInputError:
            assert dies
            return
        try:
            await self._story.live(store, STEPS)
        except StoreLatchedError:
            assert dies
        finally:
            await store.close()
        assert self._story.heard <= self._story.told

    async def _look(self, image: Image) -> Picture:
        lay(image, self._bench)
        return await look(self._bench / NAME)


def _digest(image: Image) -> tuple[object, ...]:
    return tuple((name, hashlib.sha256(data).digest()) for name, data in sorted(image.items()))
