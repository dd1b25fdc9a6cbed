"""`relay demo`: the whole product at work, on real input and in real time, on a machine that has nothing yet.

relay runs as it does under `relay serve`; around it lives the world of `relay_demo`, which reaches it over loopback
sockets alone. What is shown comes from the running service; what is kept lies in one folder and goes on next time.
"""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click
import msgspec

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.app import App
    from relay.contracts import Clock
    from relay.domain.names import BuyerRef, Millis, PersonId
    from relay.domain.office import Settings
    from relay.runtime.port import Committed, Port
    from relay_demo.place import Place
    from relay_demo.screen import Screen
    from relay_demo.table import Picture
    from relay_demo.words import Event, Teller
    from relay_demo.world import World

FOLDER: Final = Path("var") / "demo"
KEPT_EVENTS: Final = 40
CONNECT_TRIES: Final = 200
BEIJING: Final = timedelta(hours=8)


class Options(msgspec.Struct, frozen=True):
    """`port` 0 takes a free one; `minutes` None goes on until told; `haste` below 1 hurries people, for tests."""

    folder: Path = FOLDER
    port: int = 0
    minutes: float | None = None
    seed: int = 1
    pace: float = 8.0
    lang: Literal["zh", "en"] = "zh"
    program: str = "relay"
    haste: float = 1.0


@click.command()
@click.option("--data-dir", "folder", default=FOLDER, show_default=True, type=click.Path(path_type=Path))
@click.option("--fresh", is_flag=True, help="Move what is there aside and begin anew.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="[default: a free one]")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="End by itself after so long.")
@click.option("--seed", default=1, show_default=True, help="Another seed, another day.")
@click.option("--pace", default=8.0, show_default=True, type=click.FloatRange(1, 600), help="Buyers per minute.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def demo(
    folder: Path, fresh: bool, port: int, minutes: float | None, seed: int, pace: float, lang: Literal["zh", "en"]
) -> None:
    """Show relay at work with simulated buyers and agents. 演示。"""
    from relay.config.tables import LogTable
    from relay.errors import RelayError
    from relay.logs import set_up_logging
    from relay_demo.guide import program_of

    options = Options(folder, port, minutes, seed, pace, lang, program_of(sys.argv[0]))
    try:
        if fresh and folder.exists():
            _move_aside(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            set_up_logging(LogTable(format="json", file=folder / "relay.log"), nowhere)
            asyncio.run(_until_signal(options))
    except RelayError as error:
        stop(str(error))
    except OSError as error:
        where = error.filename or f"127.0.0.1:{port}"
        stop(f"{where}: {error.strerror or error} / 无法写入或监听，请换 --data-dir 或 --port / take another")


async def _until_signal(options: Options) -> None:
    """Ctrl-C ends it cleanly; a second one ends it at once. On Windows too."""
    ending, loop = asyncio.Event(), asyncio.get_running_loop()

    def told(_number: int, _frame: object) -> None:
        if ending.is_set():
            os._exit(130)
        loop.call_soon_threadsafe(ending.set)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), told)
    await run(options, ending, live=sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


async def run(
    options: Options,
    ending: asyncio.Event,
    *,
    live: bool = False,
    told: "Callable[[Sequence[Committed]], None] | None" = None,
) -> None:
    """One demo from beginning to end. `told` is shown every batch of committed facts."""
    from relay.runtime.system import SystemClock, SystemEntropy
    from relay_demo import shops
    from relay_demo.guide import Guide
    from relay_demo.place import Place, PutOnClock
    from relay_demo.screen import Screen
    from relay_demo.world import Plan, World

    place, machine = Place(options.folder), SystemClock()
    start = place.begin(machine.now(), SystemEntropy())
    clock = PutOnClock(machine, start.put_on_ms)
    plan = Plan(shops.SHOPS, shops.AGENTS, shops.SUPERVISOR, options.seed, start.run, options.pace, options.haste)
    world = World(plan, clock, place.secrets())
    try:
        app = _app(options, place, clock, await world.open())
        try:
            await app.start()
            place.write_config(_LANGUAGES[options.lang], app.server.port, world.send_url)
            tokens = await _settle_in(app, place, clock.now())
            url = f"http://{app.config.http.host}:{app.server.port}"
            password = SystemEntropy().ref()
            await app.console.sessions.set_password(shops.OWNER, password)
            guide = Guide(options.lang, options.program, url, options.folder, start.put_on_ms / 3_600_000, password)
            watch = Watch(app, world, clock, options, told)
            world.begin(f"{url}/channel/{shops.CHANNEL}", f"{url}/agent", tokens)
            screen = Screen(_say, options.lang, (guide.head(), guide.short()), live)
            until = await _show(app, world, watch, screen, ending)
        finally:
            await app.stop()
    finally:
        await world.close()
    click.echo("\n" + "\n".join(guide.farewell(until)))


def _app(options: Options, place: "Place", clock: "Clock", send_url: str) -> "App":
    """relay from the very file that every other command reads; only the port is still open."""
    from relay.app import App
    from relay.config import load_config

    place.write_config(_LANGUAGES[options.lang], options.port or 8765, send_url)
    config = load_config(place.config)
    return App(
        msgspec.structs.replace(config, http=msgspec.structs.replace(config.http, port=options.port)), clock=clock
    )


async def _settle_in(app: "App", place: "Place", now: "Millis") -> "dict[PersonId, str]":
    """Settings on the first start, as a file that is applied like any other; a token for everybody who works."""
    from relay.runtime.settings_text import dump_settings
    from relay_demo import shops
    from relay_demo.life import Life

    if not app.service.office.state.desks:
        today = (datetime.fromtimestamp(now / 1000, UTC) + BEIJING).date().isoformat()
        place.settings.write_bytes(dump_settings(as_confirmed(shops.settings(today), shops.OWNER, today)).encode())
        await app.apply(place.settings.read_bytes(), dry_run=False)
    persons = app.service.office.state.persons
    tokens = {one: await app.token(one) for one in (*shops.AGENTS, shops.SUPERVISOR, shops.VISITOR) if one in persons}
    place.keep_visitor_token(tokens.get(shops.VISITOR, ""))
    for _ in range(CONNECT_TRIES):
        if all(shop["connected"] for shop in (await app.status())["shops"]):
            break
        await Life().rest(0.05)
    return tokens


def as_confirmed(settings: "Settings", owner: "PersonId", today: str) -> "Settings":
    """The settings with the owner's word that what counts in each shop was read: what `relay assist confirm` does."""
    from relay.insight.statement import confirmed

    shops = tuple(confirmed(shop, owner, today) for shop in settings.shops)
    return msgspec.structs.replace(settings, shops=shops)


async def _show(app: "App", world: "World", watch: "Watch", screen: "Screen", ending: asyncio.Event) -> "Millis":
    """Until the end is asked for, the time is up, or relay itself has failed, which it raises.

    The instant of the last picture.
    """
    serving = asyncio.create_task(app.run())
    asked = asyncio.create_task(ending.wait())
    try:
        screen.begin()
        while not serving.done() and not asked.done() and not watch.time_is_up():
            screen.show(await watch.picture())
            await asyncio.wait({serving, asked}, timeout=1.0)
        if serving.done():
            await serving
        await world.quiet()
        last = await watch.picture()
        screen.show(last, last=True)
        app.ask_to_stop()
        await serving
        return last.status.at
    finally:
        asked.cancel()
        serving.cancel()


class Watch:
    """What the running service tells, gathered for the screen."""

    def __init__(
        self,
        app: "App",
        world: "World",
        clock: "Clock",
        options: Options,
        told: "Callable[[Sequence[Committed]], None] | None",
    ) -> None:
        from relay_demo.words import Teller

        self._app, self._world, self._told = app, world, told
        self._clock = clock
        self._ends_at: float | None = None
        if options.minutes is not None:
            self._ends_at = clock.monotonic() + options.minutes * 60
        self._quiet: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._notable: deque[Event] = deque(maxlen=KEPT_EVENTS)
        office = self._office = app.service.office.state
        for running in app.service.desks.values():
            name_of = partial(_name, running.runner)
            teller = Teller(options.lang, office.shops, office.seats, office.persons, name_of)
            running.runner.listen(partial(self._take, teller))

    async def picture(self) -> "Picture":
        from relay_demo.table import Picture, Status, seconds_left

        status = msgspec.convert(await self._app.status(), Status)
        urgent: dict[str, int | None] = {}
        for running in self._app.service.desks.values():
            urgent |= await running.runner.look(partial(seconds_left, now=status.at))
        people = {str(person.id): (person.name or person.id, person.cap) for person in self._office.persons.values()}
        return Picture(status, urgent, people, self._world.bridge.counts, list(self._quiet), list(self._notable))

    def time_is_up(self) -> bool:
        return self._ends_at is not None and self._clock.monotonic() >= self._ends_at

    def _take(self, teller: "Teller", batch: "Sequence[Committed]") -> None:
        for one in batch:
            event = teller.tell(one.fact, one.text)
            if event is not None:
                (self._notable if event.notable else self._quiet).append(event)
        if self._told is not None:
            self._told(batch)


def _say(text: str) -> None:
    click.echo(text, nl=False)


def _name(port: "Port", buyer: "BuyerRef") -> str:
    return port.buyer_names([buyer]).get(buyer, buyer[:6])


def _move_aside(folder: Path) -> None:
    """The old folder under another name, unless a demo is at work in it."""
    from relay.app import LEDGER
    from relay.runtime.system import SystemClock
    from relay.store.lock import FileLock
    from relay_demo.place import Place

    FileLock(folder / LEDGER).release()
    stamp = (datetime.fromtimestamp(SystemClock().now() / 1000, UTC) + BEIJING).strftime("%Y%m%d-%H%M%S")
    click.echo(f"{folder} → {Place(folder).move_aside(stamp)}")


_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
