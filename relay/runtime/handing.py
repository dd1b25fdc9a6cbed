"""What people take out of the report page: plots, tables, workbooks and pages of one shop, made beside the service.

Laws: a child process walks the ledger, one at a time, by the code of `relay report` itself; it ends when nobody waits
for it any more. A file that was made is fetched once, by whoever asked for it, and with the process it goes at the
latest; what one that was killed left behind goes with the next start.
"""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
import structlog

from relay.contracts import Clock, Entropy
from relay.domain.names import PersonId, ShopId
from relay.errors import BadInputError, RefusedError
from relay.runtime.beside import QUIETLY, Beside, no_more

log = structlog.get_logger("relay.reports")
FOLDER: Final = "handed-out"
"""In the data folder, which is one process's alone."""
MOST_WAITING: Final = 8
MOST_KEPT: Final = 8
"""Files that nobody has fetched; the oldest goes first."""
Kind = Literal["plots", "csv", "xlsx", "html"]
TableName = Literal["rounds", "summary", "days", "causes", "seats", "agents", "hours", "ladder"]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to make of a shop: so many days, up to a date. `table` is of a CSV alone."""

    kind: Kind
    until: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    table: TableName = "days"


class Order(msgspec.Struct, frozen=True):
    """For the child: where to write, as of when by the service's clock, and whether single rounds may be told."""

    asked: Asked
    shop: ShopId
    config: str
    path: str
    now: int
    rounds: bool


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the child: how far it is. `of` is 0 where nobody knows; `wrong` is why there is nothing."""

    stage: Literal["waiting", "starting", "facts", "messages", "judging", "writing", "wrong"]
    done: int = 0
    of: int = 0
    wrong: str = ""


class Made(msgspec.Struct, frozen=True):
    """A file that waits to be fetched. `name` is what it is called on the disk of whoever fetches it."""

    shop: ShopId
    person: PersonId
    path: Path
    name: str
    rounds: bool
    """Whether single rounds may be in it."""


class Handing:
    """`start` first; `make` yields how far it is, `made` is then fetched by its key; `stop` ends what is under way."""

    def __init__(self, program: str, config: Path, folder: Path, clock: Clock, entropy: Entropy) -> None:
        """`program`: the module that the child is. `folder` is its own; it is there while there is something in it."""
        self._program, self._config, self._folder = program, config, folder
        self._clock, self._entropy = clock, entropy
        self._beside = Beside(clock, 0)
        self._waiting = 0
        self._kept: dict[str, Made] = {}

    def start(self) -> None:
        """What a process that was killed could not take with it goes now."""
        shutil.rmtree(self._folder, ignore_errors=True)

    async def make(
        self, asked: Asked, shop: ShopId, person: PersonId, *, rounds: bool
    ) -> AsyncGenerator[Step | str, None]:
        """Steps, then the key of what was made. Raises BadInputError, and RefusedError where too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise RefusedError(
                "busy", "too many reports are being made; try again soon", "正在生成的报表太多，请稍后再试"
            )
        self._waiting += 1
        try:
            if self._waiting > 1:
                yield Step("waiting")
            async with self._beside.turn():
                yield Step("starting")
                key = self._entropy.bytes(16).hex()
                path = self._room() / f"{key}.{'json' if asked.kind == 'plots' else asked.kind}"
                order, whole = Order(asked, shop, str(self._config), str(path), self._clock.now(), rounds), False
                try:
                    async with contextlib.aclosing(self._child(order)) as steps:
                        async for step in steps:
                            yield step
                    whole = True
                finally:
                    if not whole:
                        _clear(path)
                self._keep(key, Made(shop, person, path, _name(order), rounds))
                yield key
        finally:
            self._waiting -= 1

    def fetch(self, key: str, shop: ShopId, person: PersonId, *, rounds: bool) -> Made:
        """What was made, which is then the caller's to remove. Raises BadInputError where there is none for them."""
        made = self._kept.get(key)
        if made is None or (made.shop, made.person) != (shop, person) or made.rounds > rounds:
            raise BadInputError("此文件已下载或已过期，请重新生成 / fetched already, or gone; make it again")
        return self._kept.pop(key)

    async def stop(self) -> None:
        """Whatever is being made ends, and what was not fetched goes."""
        await self._beside.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _child(self, order: Order) -> AsyncGenerator[Step, None]:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", self._program, msgspec.json.encode(order),
            stdin=pipe, stdout=pipe, stderr=pipe, creationflags=QUIETLY,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        trouble = asyncio.ensure_future(child.stderr.read())
        try:
            async for line in child.stdout:
                step = msgspec.json.decode(line, type=Step)
                if step.stage == "wrong":
                    raise BadInputError(step.wrong)
                yield step
            if await child.wait() != 0:
                said = (await trouble).decode("utf-8", "replace").strip().splitlines()
                log.error("handout_failed", error=said[-1] if said else f"exit code {child.returncode}")
                raise RefusedError(
                    "failed", "the report could not be made; the log says why", "报表没有做成，原因见日志"
                )
        finally:
            await no_more(child)
            trouble.cancel()

    def _room(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    def _keep(self, key: str, made: Made) -> None:
        self._kept[key] = made
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept))).path.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """The file, and beside it what a child had written so far."""
    path.unlink(missing_ok=True)
    for one in path.parent.glob(f".{path.name}.*"):
        one.unlink(missing_ok=True)


def _name(order: Order) -> str:
    """`relay-shop1-2026-03-30-30d-days.csv`: whose, up to when, of how many days."""
    asked = order.asked
    table = f"-{asked.table}" if asked.kind == "csv" else ""
    return f"relay-{order.shop}-{asked.until}-{asked.days}d{table}.{asked.kind}"
