"""One replay from beginning to end: relay as it runs in a shop, its clock driven by the log, and the bridge beside it.

relay and the bridge share nothing but a loopback socket. Laws: a line is told when the clock stands at its instant, and
the clock goes on when it is durable; a stop leaves a folder from which the same command goes on, line for line.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

import msgspec

from relay.app import LEDGER, App
from relay.cli.replaying.house import House, Progress
from relay.cli.replaying.names import Names
from relay.cli.replaying.pace import Pace, StoppedError
from relay.cli.replaying.script import Script
from relay.cli.replaying.settings import CHANNEL
from relay.config import load_config
from relay.contracts import Arrival
from relay.domain.codec import decode
from relay.domain.marks import message_id
from relay.domain.model import DeskState
from relay.domain.names import Millis, ShopId
from relay.domain.office import Settings
from relay.errors import RelayError
from relay.runtime.driven import DrivenClock
from relay.runtime.keys import message_key
from relay.runtime.settings_text import dump_settings
from relay.store.sqlite import open_ledger
from relay_onebot.options import Version
from relay_replay.bridge import BridgeLostError, ReplayBridge
from relay_replay.frames import Line

AFTER_MS: Final = 600_000
"""So long time goes on after the last line: every deadline of it is decided by then."""
CONNECT_S: Final = 30.0
KEEP_EVERY: Final = 500
"""Lines after which the folder knows how far it came; after a kill so many are told again, and taken once (L2)."""


class Outcome(msgspec.Struct, frozen=True):
    """How it ended. `quarantined` lines reached relay and were not taken; of the newest it is said why."""

    progress: Progress
    stopped: bool
    quarantined: int
    why: str
    asked: int
    """Actions that relay asked the bridge for, beyond signs of life: 0 where it only observes."""


Show = Callable[[int, Millis], None]


class Replay:
    """`show` is told after every instant how many lines are durable, and where the clock stands."""

    def __init__(
        self, house: House, script: Script, settings: Settings, progress: Progress, speed: float | None, show: Show
    ) -> None:
        self._house, self._script, self._settings = house, script, settings
        self._progress, self._speed, self._show = progress, speed, show

    async def run(self, ending: asyncio.Event) -> Outcome:
        """Raises RelayError for what made going on impossible; the folder keeps how far it came."""
        config = load_config(self._house.config)
        config = msgspec.structs.replace(config, http=msgspec.structs.replace(config.http, port=0))
        lines = self._script.lines[self._progress.done :]
        clock = DrivenClock(self._stood())
        app = App(config, clock=clock, replaying=True)
        bridge: ReplayBridge | None = None
        try:
            await app.start()
            await self._settle_in(app)
            url = f"ws://127.0.0.1:{app.server.port}/onebot/{CHANNEL}/v{self._progress.onebot}"
            bridge = ReplayBridge(url, self._house.token, self._version, list(self._script.self_ids.values()))
            await bridge.open(clock.now())
            await self._connected(app)
            pace = Pace(app.service, clock, self._speed, ending)
            stopped = await self._tell(lines, bridge, pace)
            names = await self._names(app)
        except BridgeLostError as error:
            raise RelayError(f"重放的连接中断 / the replay's connection was lost: {error}") from None
        finally:
            await app.stop()
            if bridge is not None:
                await bridge.close()
            self._house.keep(self._progress)
        self._house.keep_names(names)
        with open_ledger(app.store.path) as reader:
            count, _, why = reader.quarantine()
        return Outcome(self._progress, stopped, count, why, bridge.refused)

    @property
    def _version(self) -> Version:
        return "11" if self._progress.onebot == "11" else "12"

    # --- the way

    async def _tell(self, lines: Sequence[Line], bridge: ReplayBridge, pace: Pace) -> bool:
        """Every line at its instant; true if somebody asked for the end before it."""
        kept = self._progress.done
        try:
            for at, group in groupby(lines, key=lambda line: line.send_at):
                told = list(group)
                await pace.until(at)
                await bridge.tell(told)
                done = self._progress.done + len(told)
                self._progress = msgspec.structs.replace(self._progress, done=done)
                if done - kept >= KEEP_EVERY:
                    self._house.keep(self._progress)
                    kept = done
                self._show(done, at)
            await pace.until(Millis(self._script.lines[-1].send_at + AFTER_MS if self._script.lines else 0))
        except StoppedError:
            return True
        self._progress = msgspec.structs.replace(self._progress, told=True)
        return False

    async def _settle_in(self, app: App) -> None:
        """Settings as a file that is applied like any other, once."""
        if not app.service.office.state.desks:
            self._house.settings.write_bytes(dump_settings(self._settings).encode())
            await app.apply(self._house.settings.read_bytes(), dry_run=False)
        await app.service.serve_shops()

    async def _connected(self, app: App) -> None:
        """Until every shop of the log is connected: before that no line may come."""
        wanted = {ShopId(shop) for shop in self._script.shops.values()}

        def missing(state: DeskState) -> set[ShopId]:
            return {shop for shop in wanted & state.shops.keys() if not state.shops[shop].connected}

        for running in app.service.desks.values():
            moved = asyncio.Event()
            stop = running.runner.listen(lambda _, moved=moved: moved.set())  # type: ignore[misc]
            try:
                async with asyncio.timeout(CONNECT_S):
                    while await running.runner.look(missing):
                        moved.clear()
                        await moved.wait()
            except TimeoutError:
                raise RelayError("店铺没有连上 / the shops were not connected; see relay.log") from None
            finally:
                stop()

    # --- what lies in the ledger

    def _stood(self) -> Millis:
        """Where time stood at the end of what is in the ledger; in a new one it begins with the first line."""
        first = min((line.send_at for line in self._script.lines[:1]), default=Millis(0))
        path = self._house.folder / LEDGER
        if not path.exists():
            return first
        with open_ledger(path) as reader:
            heads = [next(iter(reader.read(one.desk, one.seq, one.seq))) for one in reader.heads() if one.seq]
        return max((decode(row.body).at for row in heads), default=first)

    async def _names(self, app: App) -> Names:
        """The names, with those of the messages whose id came with another body again: which is which on the ledger."""
        own_ids = self._script.report.conflicts or ()
        ids: dict[str, str] = {}
        for own in own_ids:
            for shop in self._script.shops.values():
                runner = app.service.desk_of(ShopId(shop))
                if runner is None:
                    continue
                arrival = Arrival(shop=ShopId(shop), at=Millis(0), role="buyer", kind="human", buyer="")
                key = message_key(app.store.secret, CHANNEL, arrival, self._script.wire_ids.get(own, own))
                found = await app.store.lookup([key], [])
                ids |= {f"{runner.desk}-{message_id(one.seq)}": own for one in found.keys.get(key, ())}
        return msgspec.structs.replace(self._script.names, ids=ids)
