"""What a disk holds after the power was cut: the model, and the tape that it is played from.

* A sync puts all that was written to that file before it on the disk, its size included. A file's name, or its being
  deleted, is on the disk once its folder was synced.
* Of what was not synced any part may be there: any of its sectors of 512 bytes, in any order; one of them torn, new up
  to some byte and old behind it or the other way about; the size grown or not, with zeros or rubbish in the holes; a
  file that was made or deleted or cut short, or not yet.
* After a sync that failed each sector that it should have put on the disk is there or not, for good: no later sync
  helps, although whoever reads before the cut sees it.
* What was not written is not harmed. SQLite relies on this ("powersafe overwrite"), so the store does.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from tests.store.watch import CANTOPEN, CHANGES, IOERR, Call, Refusal

SECTOR: Final = 512
Image = dict[str, bytes]
"""Files by name."""


class Event(NamedTuple):
    """`number` is the size of a truncation, where a write begins, or how many tasks were acknowledged by now."""

    kind: Literal["open", "write", "truncate", "sync", "sync failed", "delete", "sync folder", "told"]
    name: str = ""
    number: int = 0
    data: bytes = b""


def load(folder: Path) -> Image:
    """What a start finds in `folder`."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix not in (".lock", ".db-shm")}


def lay(image: Image, folder: Path) -> None:
    for old in folder.iterdir():
        if old.suffix != ".lock":
            old.unlink()
    for name, data in image.items():
        (folder / name).write_bytes(data)


class Tape:
    """A `Watcher` that writes down every change from `before` on. `refuse` may stop a call; see `refused`."""

    def __init__(self, start: Image) -> None:
        self.start = start
        self.events: list[Event] = []
        self.refuse: Callable[[Call], Refusal | None] = lambda call: None
        self.refused: int | None = None
        """The number of events when the first call was refused, with the part of it that took place."""
        self.dies_at: int | None = None
        """From this event on the process is gone: no call has any effect."""
        self.end = Event("told")

    def before(self, call: Call) -> Refusal | None:
        if self.dies_at is not None and len(self.events) >= self.dies_at:
            return Refusal(CANTOPEN if call.kind == "open" else IOERR)
        refusal = self.refuse(call)
        if refusal is not None:
            if call.kind == "sync":
                self.events.append(Event("sync failed", call.name))
            if call.kind == "write" and refusal.kept:
                self.events.append(Event("write", call.name, call.at, call.data[: refusal.kept]))
            if self.refused is None:
                self.refused = len(self.events)
        return refusal

    def after(self, call: Call) -> None:
        if call.kind in CHANGES or call.kind in ("open", "sync folder"):
            self.events.append(Event(call.kind, call.name, call.at, call.data))  # type: ignore[arg-type]

    def told(self, count: int) -> None:
        """From here on `count` tasks are acknowledged."""
        self.events.append(Event("told", number=count))

    def after_refusal(self) -> list[Event]:
        """What was changed nevertheless."""
        assert self.refused is not None
        return [event for event in self.events[self.refused :] if event.kind in CHANGES]

    def cuts(self, chance: random.Random, at: Callable[[Event], int]) -> Iterator[tuple[int, int, Image]]:
        """`at` says how often the power is cut before an event. Gives its number, what was told by then, and a disk."""
        platter, told = Platter(self.start, chance), 0
        for number, event in enumerate([*self.events, self.end]):
            for _ in range(at(event)):
                yield number, told, platter.cut()
            if event.kind == "told":
                told = event.number
            platter.take(event)


class Platter:
    """The disk. Chance decides only what the model leaves open."""

    def __init__(self, start: Image, chance: random.Random) -> None:
        self._chance = chance
        self._durable = {name: _Content(data) for name, data in start.items()}
        self._names: list[tuple[str, _Content | None]] = []
        """Names given (a content) or taken away (None) since the folder was synced."""
        self._now = dict(self._durable)

    def take(self, event: Event) -> None:
        match event.kind:
            case "open" if event.name not in self._now:
                self._now[event.name] = made = _Content(b"")
                self._names.append((event.name, made))
            case "delete" if event.name in self._now:
                del self._now[event.name]
                self._names.append((event.name, None))
            case "write" | "truncate":
                self._now[event.name].waiting.append(event)
            case "sync" | "sync failed":
                self._now[event.name].sync(event.kind == "sync", self._chance)
            case "sync folder":
                self._durable, self._names = dict(self._now), []
            case _:
                pass

    def cut(self) -> Image:
        """One of the disks that could be found now."""
        there = dict(self._durable)
        odds = self._chance.choice(ODDS)
        for name, content in self._names:
            if self._chance.random() < odds:
                there.pop(name, None)
                there |= {name: content} if content else {}
        return {name: content.cut(self._chance) for name, content in there.items()}


ODDS: Final = (0.0, 0.1, 0.5, 0.9, 1.0)
"""Of one unsynced thing being there."""


class _Content:
    """Of one file, whatever it is called."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.waiting: list[Event] = []
        self._doubtful = 0
        """So many of those that wait were part of a sync that failed."""

    def sync(self, succeeded: bool, chance: random.Random) -> None:
        if not succeeded:
            self._doubtful = len(self.waiting)
            return
        for number, event in enumerate(self.waiting):
            odds = 0.5 if number < self._doubtful else 1.0
            _apply(self.data, _parts([event], odds, chance), bytes)
        self.waiting, self._doubtful = [], 0

    def cut(self, chance: random.Random) -> bytes:
        if not self.waiting:
            return bytes(self.data)
        data = bytearray(self.data)
        odds, whole = chance.choice(ODDS), chance.random() < 0.3
        parts = self.waiting if whole else list(_parts(self.waiting, odds, chance))
        if whole:
            parts = [event for event in parts if chance.random() < odds]
        if parts and chance.random() < 0.5:
            parts = _one_torn(parts, chance)
        filler = chance.choice((bytes, chance.randbytes))
        _apply(data, parts, filler)
        shortest = min(len(self.data), *(event.number for event in parts if event.kind == "truncate"), len(data))
        longest = max(event.number + len(event.data) for event in self.waiting)
        fate = chance.random()
        if fate < 0.25:
            del data[chance.randint(shortest, len(data)) :]
        elif fate < 0.4:
            data += filler(max(0, longest - len(data)))
        return bytes(data)


def _parts(events: Iterable[Event], odds: float, chance: random.Random) -> Iterator[Event]:
    """Each truncation and each sector of each write, or not."""
    for event in events:
        if event.kind == "truncate":
            if chance.random() < odds:
                yield event
            continue
        start, end = event.number, event.number + len(event.data)
        for at in range(start - start % SECTOR, end, SECTOR):
            low, high = max(at, start), min(at + SECTOR, end)
            if chance.random() < odds:
                yield Event("write", event.name, low, event.data[low - start : high - start])


def _one_torn(parts: list[Event], chance: random.Random) -> list[Event]:
    """One of them came only up to some byte, or only from some byte on."""
    at = chance.randrange(len(parts))
    event, border = parts[at], chance.randint(0, len(parts[at].data))
    if event.kind == "truncate":
        return parts
    first = Event("write", event.name, event.number, event.data[:border])
    last = Event("write", event.name, event.number + border, event.data[border:])
    return [*parts[:at], chance.choice((first, last)), *parts[at + 1 :]]


def _apply(data: bytearray, parts: Iterable[Event], filler: Callable[[int], bytes]) -> None:
    """`filler` makes what lies in a hole."""
    for part in parts:
        if part.number > len(data):
            data += filler(part.number - len(data))
        if part.kind == "truncate":
            del data[part.number :]
        else:
            data[part.number : part.number + len(part.data)] = part.data
