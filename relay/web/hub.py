"""All desks and all sessions of the agents' socket: opening sights, counting lines, and noticing who is gone.

Laws of this module:
* A change of the office ends or narrows a session at once (L14): tokens are asked again, then scopes.
* When the last session of a person on a desk has gone, their seats that are not offline go offline. The desk's own
  grace decides what becomes of the conversations; so does it after a start, when nobody has a session yet.
* Stopping tells every client to come again (1001) and changes nobody's presence: the next start will see who returns.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Final

import msgspec
import structlog

from relay.contracts import Clock
from relay.domain.inputs import SetPresence
from relay.domain.model import DeskState, Key
from relay.domain.names import DeskId, PersonId, SeatId
from relay.errors import RelayError
from relay.runtime.system import SystemClock
from relay.web.feed import Feed
from relay.web.gate import Gate
from relay.web.order_cards import KnowsOrders, NoOrders, tell_orders
from relay.web.session import GOING_AWAY, NO_TOKEN, Line, Session

_log: Final = structlog.get_logger(__name__)


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of the agents' socket. `origins`: pages of other hosts that may connect, as `https://host[:port]`."""

    origins: tuple[str, ...] = ()
    max_sessions: int = 1_000
    max_waiting: int = 64
    hello_s: float = 10.0
    heartbeat_s: float = 20.0
    close_s: float = 2.0
    frame_bytes: int = 64 * 1024
    strikes: int = 5
    queue_frames: int = 2_048
    """More than one commit tells (128 inputs, 256 ticks): whoever reads is not ended for what came at once."""
    queue_bytes: int = 1024 * 1024
    resume_facts: int = 10_000
    warm_facts: int = 20_000
    typing_ms: int = 3_000
    offline_at_start: bool = True


class Hub:
    """The agents' socket of one process. `start` before the first request, `stop` before the desks stop."""

    def __init__(
        self,
        gate: Gate,
        clock: Clock | None = None,
        settings: AgentSettings | None = None,
        cards: KnowsOrders | None = None,
    ) -> None:
        self.cards = cards or NoOrders()
        self.gate, self.clock = gate, clock or SystemClock()
        self.settings = settings or AgentSettings()
        self._feeds: dict[DeskId, Feed] = {}
        self._opening: dict[DeskId, asyncio.Task[Feed]] = {}
        self._lines: dict[Line, Session | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._stopping = False
        self._unlisten: Callable[[], None] = lambda: None

    async def start(self, desks: Iterable[DeskId] = ()) -> None:
        """Begin. Desks named here are opened now, others when their first agent comes.

        Their newest lines are read behind it: who comes before they are there waits for them.
        """
        self._unlisten = self.gate.on_change(self.office_changed)
        for desk in desks:
            feed = await self._begin(desk)
            self._open(desk, feed)
            if self.settings.offline_at_start:
                there = {seat.setting.agent for seat in feed.state.seats.values() if seat.presence != "offline"}
                for person in sorted(there):
                    await self._go_offline(feed, person)

    async def stop(self) -> None:
        """End every session with 1001 and wait until its handler has let go, as long as the settings allow."""
        self._stopping = True
        self._unlisten()
        self._unlisten = lambda: None
        for line in list(self._lines):
            line.end(GOING_AWAY, "going_away")
        try:
            async with asyncio.timeout(3 * self.settings.close_s):
                await self._empty.wait()
        except TimeoutError:
            _log.warning("sockets_not_closed", sockets=len(self._lines))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._opening.values(), return_exceptions=True)
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()

    # --- sights of desks

    async def feed(self, desk: DeskId) -> Feed:
        """The sight of this desk, opened if need be. Raises what the desk's port raises."""
        known = self._feeds.get(desk)
        if known is not None and not known.broken:
            return known
        return await asyncio.shield(self._opening.get(desk) or self._open(desk))

    def _open(self, desk: DeskId, begun: Feed | None = None) -> "asyncio.Task[Feed]":
        task = self._opening[desk] = asyncio.create_task(self._warmed(desk, begun))
        task.add_done_callback(lambda done: self._opened(desk, done))
        return task

    def _opened(self, desk: DeskId, task: "asyncio.Task[Feed]") -> None:
        self._opening.pop(desk, None)
        if not task.cancelled() and task.exception() is not None:
            _log.error("feed_not_opened", desk=desk, error=repr(task.exception()))

    async def _begin(self, desk: DeskId) -> Feed:
        feed = Feed(self.gate, self.gate.port(desk), self.clock, self.settings.resume_facts)
        await feed.port.look(feed.begin)
        return feed

    async def _warmed(self, desk: DeskId, begun: Feed | None) -> Feed:
        feed = begun or await self._begin(desk)
        try:
            await feed.warm(self.settings.warm_facts)
        except BaseException:
            feed.close()
            raise
        self._feeds[desk] = feed
        return feed

    def tell_orders(self, keys: Sequence[Key]) -> None:
        """There is something new of these buyers' orders."""
        if not self._stopping and keys:
            self._spawn(tell_orders(self.cards, list(self._feeds.values()), keys))

    def interrupt(self, desk: DeskId) -> None:
        """This desk is rebuilt or served elsewhere: its agents must come again (1012)."""
        feed = self._feeds.pop(desk, None)
        if feed is not None:
            feed.interrupt()

    # --- lines and sessions

    def full(self) -> bool:
        """Whether no more sockets are taken: too many sessions, or too many that have not said hello."""
        waiting = sum(session is None for session in self._lines.values())
        too_many = len(self._lines) - waiting >= self.settings.max_sessions
        return self._stopping or too_many or waiting >= self.settings.max_waiting

    @property
    def count(self) -> int:
        """Open sessions."""
        return sum(session is not None for session in self._lines.values())

    def open_line(self) -> Line:
        line = Line(self.settings.queue_frames, self.settings.queue_bytes)
        self._lines[line] = None
        self._empty.clear()
        return line

    def seat_session(self, line: Line, session: Session) -> None:
        """This line is this person's now."""
        self._lines[line] = session

    def close_line(self, line: Line) -> None:
        """The socket is gone; if it was its person's last on the desk, their seats go offline."""
        session = self._lines.pop(line, None)
        if session is not None:
            feed = self._feeds.get(session.desk)
            if feed is not None:
                feed.detach(session)
                if not self._stopping and not feed.has(session.person):
                    self._spawn(self._go_offline(feed, session.person))
        if not self._lines:
            self._empty.set()

    def office_changed(self) -> None:
        """Tokens, persons or roles changed: ask again for everybody."""
        for line, session in list(self._lines.items()):
            if session is not None and self.gate.person_of(session.token) != session.person:
                line.end(NO_TOKEN, "token_ended")
        for feed in self._feeds.values():
            feed.rescope()

    # --- presence

    async def _go_offline(self, feed: Feed, person: PersonId) -> None:
        """Set this person's seats offline unless they have come back meanwhile."""

        def there(state: DeskState) -> list[SeatId]:
            mine = state.person_seats.get(person, {})
            return [seat for seat in mine if state.seats[seat].presence != "offline"]

        try:
            for seat in await feed.port.look(there):
                if feed.has(person):
                    return
                await feed.port.submit(SetPresence(seat=seat, presence="offline", by=person, why="disconnect"))
        except RelayError as error:
            _log.warning(
                "seat_not_set_offline",
                desk=feed.desk,
                person=person,
                error=type(error).__name__,
            )

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
