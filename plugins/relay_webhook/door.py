"""Lets work in while open; closing lets nobody else in and returns when the last one inside has left."""

import asyncio
from types import TracebackType


class Door:
    """`if door.is_open: with door: ...` with no `await` between the two."""

    __slots__ = ("_empty", "_inside", "is_open")

    def __init__(self) -> None:
        self.is_open = False
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False
        await self._empty.wait()

    def __enter__(self) -> None:
        self._inside += 1
        self._empty.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()
