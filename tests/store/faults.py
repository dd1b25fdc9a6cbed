"""One life of a store on a disk that fails at some call, and all that must hold then and after the next start.

* From the first call that was refused on, nothing is acknowledged and no file is changed any more.
* The next start finds everything that was acknowledged, whether the machine stayed up or lost its power as well.
"""

import asyncio
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final
from unittest import mock

from relay.domain.names import DeskId
from relay.errors import BadInputError, RelayError, StoreLatchedError
from relay.store import SqliteStore, open_store, writer
from relay.testing.fakes import SeededEntropy
from tests.store.lives import NAME
from tests.store.power import Image, Tape, lay, load
from tests.store.story import Picture, Story, look, telling
from tests.store.watch import FULL, Call, Refusal, io_error, watched

Refuse = Callable[[Call], Refusal | None]
STEPS: Final = 40


class Broken:
    """Refuses the call of this number, and all later ones unless the disk heals. Counts only what `counts` says."""

    def __init__(self, number: int, heals: bool, counts: Callable[[Call], bool]) -> None:
        self._left, self._heals, self._counts = number, heals, counts
        self.call: Call | None = None
        """The first that was refused."""

    def __call__(self, call: Call) -> Refusal | None:
        if self.call is not None:
            return None if self._heals else io_error(call)
        self._left -= self._counts(call)
        if self._left >= 0 or not self._counts(call):
            return None
        self.call = call
        return io_error(call)


class Room:
    """A disk of so many bytes: what does not fit is refused behind the part that does."""

    def __init__(self, size: int = sys.maxsize) -> None:
        self.size = size
        self.most = 0
        """What was taken at the fullest."""
        self._files: dict[str, int] = {}

    def __call__(self, call: Call) -> Refusal | None:
        match call.kind:
            case "write":
                free = self.size - sum(size for name, size in self._files.items() if name != call.name)
                end = call.at + len(call.data)
                if end > max(free, self._files.get(call.name, 0)):
                    kept = max(0, free - call.at)
                    return Refusal(FULL, kept)
                self._files[call.name] = max(end, self._files.get(call.name, 0))
                self.most = max(self.most, sum(self._files.values()))
            case "truncate":
                self._files[call.name] = min(call.at, self._files.get(call.name, 0))
            case "delete":
                self._files.pop(call.name, None)
            case _:
                pass
        return None


class Failing:
    """A store on a disk that fails, told by a seed. `number` counts the calls that `counts` says."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.story = Story(self.chance)
        self.machine, self._bench = folder / "machine", folder / "bench"
        for made in (self.machine, self._bench):
            made.mkdir(exist_ok=True)
        lay({}, self.machine)
        self.tape = Tape({})
        self.error: RelayError | None = None
        """How the life ended, None if nobody was told of anything."""
        self.opened = False

    async def live_well(self, steps: int = 10) -> None:
        """A first life, which is killed: its log is left for the next start."""
        self.tape.dies_at = 40 * steps
        await self.live(lambda call: None)
        self.tape = Tape(load(self.machine))
        await self.story.resume(await self._look(self.tape.start))

    async def live(self, refuse: Refuse) -> None:
        self.tape.refuse = refuse
        self.opened, self.error = False, None
        small = mock.patch.object(writer, "CHECKPOINT_PAGES", 60)
        with small, watched(self.machine, self.tape), telling(self.tape, self.story):
            try:
                store = open_store(self.machine / NAME, SeededEntropy(1), low_water=0)
            except BadInputError as error:
                self.error = error
                assert not [thread for thread in threading.enumerate() if thread.name == "relay-store-writer"]
                return
            self.opened = True
            try:
                await self.story.live(store, STEPS)
            except StoreLatchedError as error:
                self.error = error
                await self._takes_nothing(store)
            finally:
                await store.close()
            if self.error is None and store.latched:
                self.error = store.refusal()  # while closing

    async def _takes_nothing(self, store: SqliteStore) -> None:
        told = self.story.told
        asked = (store.claim(DeskId("desk-1")), store.lookup([], []), store.check())
        ended = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(end, StoreLatchedError) for end in ended), f"it goes on after the error: {ended}"
        assert self.story.told == told

    def check_latched(self) -> None:
        """Somebody was told, and the file was not touched again; a start that fails may take its own part back."""
        assert self.error is not None, "nobody was told of the error"
        if self.opened:
            assert self.tape.after_refusal() == [], "the file was written after the error"
            assert self.story.heard <= self.story.told

    async def check_nothing_lost(self, cuts: int = 3) -> None:
        """The next start, on a machine that stayed up, and on one that lost its power at the end."""
        told = self.story.told
        self.story.judge(await self._look(load(self.machine)), told)
        ends = self.tape.cuts(self.chance, lambda event: cuts if event is self.tape.end else 0)
        for *_, image in ends:
            self.story.judge(await self._look(image), told)

    async def look_now(self) -> Picture:
        return await self._look(load(self.machine))

    async def _look(self, image: Image) -> Picture:
        lay(image, self._bench)
        return await look(self._bench / NAME)
