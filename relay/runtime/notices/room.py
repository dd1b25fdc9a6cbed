"""The room where alerts become notices: committed facts in, messages out, and every outcome back to the ledger.

One look a second (`beat`, the heartbeat's), and one at once when an alert cannot wait. Nothing is awaited that a desk
waits for; what a notifier raises or does not say in time is an unknown outcome.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

import structlog

from relay.contracts import Clock, Entropy, Notice, NoticeResult
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_alerts import Turn
from relay.domain.model import DeskState, OpenAlert
from relay.domain.names import AlertId, DeskId, Millis, ShopId
from relay.errors import RelayError
from relay.runtime.notices.desks import DeskBook, Ref, waits_from
from relay.runtime.notices.levels import Levels
from relay.runtime.notices.outlet import AT_ONCE, Outlet, Parcel
from relay.runtime.notices.wording import BRAND, NAMED, Tally, compose, urgency
from relay.runtime.port import Committed, Port

log = structlog.get_logger("relay.notices")
SEND_LIMIT_S: Final = 20.0
START_LIMIT_S: Final = 10.0
STOP_LIMIT_S: Final = 5.0
OF_ONE_FACT: Final = 500
"""A message that told more alerts than these is several facts."""
CODE_LIMIT: Final = 64


class Desk(Port, Protocol):
    """A running desk that takes what relay owes itself."""

    def post(self, given: i.Input, text: str | None = None) -> "asyncio.Future[Sequence[Committed]]": ...


class Notices:
    """The room. `start`, then `open_desk` for each desk, `beat` each second, `stop` before the desks stop."""

    def __init__(
        self,
        outlets: Sequence[Outlet],
        clock: Clock,
        entropy: Entropy,
        *,
        link: str | None = None,
        chinese_first: bool = True,
        on_over: Callable[[OpenAlert], None] = lambda _: None,
    ) -> None:
        self.outlets = tuple(outlets)
        self._clock, self._entropy = clock, entropy
        self._link, self._chinese_first, self._on_over = link, chinese_first, on_over
        self.books: dict[DeskId, DeskBook] = {}
        self._desks: dict[DeskId, Desk] = {}
        self._levels = Levels(self.outlets, clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unlisten: list[Callable[[], None]] = []
        self._closing = False
        self.sent: Counter[tuple[str, str]] = Counter()
        """Messages by notifier and outcome."""

    # --- life

    async def start(self) -> None:
        """Start every notifier; one that cannot be started harms no other and fails when it is asked to send."""
        for outlet in self.outlets:
            try:
                async with asyncio.timeout(START_LIMIT_S):
                    await outlet.notifier.start()
            except Exception as error:
                log.error("notifier_start_failed", notifier=outlet.name, error=type(error).__name__)

    def watch(self, desk: Desk) -> None:
        """`open_desk`, behind whoever opens the desk: it answers when its loop comes to it."""
        self._begin(self._watched(desk))

    async def _watched(self, desk: Desk) -> None:
        try:
            await self.open_desk(desk)
        except RelayError as error:  # it stopped meanwhile, and whoever opens it again says so again
            log.warning("desk_not_watched", desk=desk.desk, error=type(error).__name__)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def open_desk(self, desk: Desk) -> None:
        """From now on this desk's alerts are told; what is open and nobody has confirmed is told now."""

        def begin(state: DeskState) -> None:
            book = self.books[desk.desk] = DeskBook(state)
            self._desks[desk.desk] = desk
            self._unlisten.append(desk.listen(lambda committed: self._take(book, committed)))
            for alert in book.alerts.open.values():
                self._levels.place((book.desk, alert.id), alert)

        await desk.look(begin)

    async def stop(self) -> None:
        """Begin nothing new, give what is being sent a moment, then stop every notifier."""
        self._closing = True
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=STOP_LIMIT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for stop in self._unlisten:
            stop()
        for outlet in self.outlets:
            try:
                async with asyncio.timeout(STOP_LIMIT_S):
                    await outlet.notifier.stop()
            except Exception as error:
                log.error("notifier_stop_failed", notifier=outlet.name, error=type(error).__name__)

    def beat(self) -> None:
        """One look: whose time for the next level has come, and which notifier may be given something."""
        self._levels.go_up(self._clock.now())
        self._look()

    def announce(self, title: str, told: Sequence[tuple[ShopId | str, str]]) -> None:
        """Tell every notifier of the first level what is no alert: a title, and the sentences of its own shops.

        Once and no more: who is silent now (quiet hours) or cannot be reached is not told again. No fact is written.
        """
        if self._closing:
            return
        now, at = self._clock.monotonic(), self._clock.now()
        for outlet in self.outlets:
            lines = tuple(line for shop, line in told if outlet.serves(ShopId(shop)))
            quiet = outlet.rule.quiet is not None and outlet.rule.quiet.holds(at)
            if outlet.rule.level == 1 and not quiet and (lines or not outlet.rule.shops):
                outlet.pace.spend(now)
                notice = Notice(
                    key=f"n{self._entropy.ref()}", title=f"{BRAND} · {title}", lines=lines, link=self._link, at=at
                )
                self._begin(self._announced(outlet, notice))

    async def _announced(self, outlet: Outlet, notice: Notice) -> None:
        result = await self._result(outlet, notice)
        self.sent[outlet.name, result.outcome] += 1
        if result.outcome != "confirmed":
            log.warning("notice_not_confirmed", notifier=outlet.name, outcome=result.outcome, code=_code(result.code))

    # --- facts

    def _take(self, book: DeskBook, committed: Sequence[Committed]) -> None:
        pressing = False
        for fact, turn in book.take(committed):
            self._ended(book, turn)
            for alert in turn.opened:
                self._levels.place((book.desk, alert.id), alert)
                pressing = pressing or alert.what in AT_ONCE
            if isinstance(fact, f.AlertsTold):
                for name in fact.alerts:
                    self._levels.told((book.desk, name))
            elif isinstance(fact, f.AlertAcknowledged):
                for name in fact.alerts:
                    self._levels.gone((book.desk, name))
                    for outlet in self.outlets:
                        outlet.seen((book.desk, name))
            elif isinstance(fact, f.TakenBack):
                for name in fact.alerts:
                    self._levels.place((book.desk, name), self._open((book.desk, name)))
        if pressing:
            self._look()

    def _ended(self, book: DeskBook, turn: Turn) -> None:
        now = self._clock.monotonic()
        for counts, some in ((True, turn.ended), (False, turn.superseded)):
            for alert in some:
                ref = (book.desk, alert.id)
                self._levels.gone(ref)
                for outlet in self.outlets:
                    outlet.over(ref, counts, now)
                self._on_over(alert)

    def _open(self, ref: Ref) -> OpenAlert:
        return self.books[ref[0]].alerts.open[ref[1]]

    # --- sending

    def _look(self) -> None:
        if self._closing:
            return
        now, at = self._clock.monotonic(), self._clock.now()
        for outlet in self.outlets:
            parcel = outlet.pick(self._open, at, now)
            if parcel is not None:
                notice = self._notice(outlet, parcel, at)
                outlet.begin(parcel, now)
                self._begin(self._send(outlet, parcel, notice))

    async def _send(self, outlet: Outlet, parcel: Parcel, notice: Notice) -> None:
        result = await self._result(outlet, notice)
        outlet.ended(result, self._clock.monotonic())
        self.sent[outlet.name, result.outcome] += 1
        if result.outcome != "confirmed":
            log.warning("notice_not_confirmed", notifier=outlet.name, outcome=result.outcome, code=_code(result.code))
        self._record(outlet, parcel, result)
        if outlet.failing:
            self._levels.pass_on(outlet)

    def _notice(self, outlet: Outlet, parcel: Parcel, at: Millis) -> Notice:
        tally = Tally()
        for ref in parcel.refs:
            alert = self._open(ref)
            tally.add(alert.what, waits_from(alert), self._levels.is_escalated(ref))
        first = heapq.nsmallest(NAMED, parcel.refs, key=self._urgency)
        named = [self.books[ref[0]].item(self._open(ref)) for ref in first]
        budget = outlet.notifier.limits.max_bytes
        key = f"n{self._entropy.ref()}"
        return compose(key, tally, named, parcel.resolved, at, self._link, budget, self._chinese_first)

    def _urgency(self, ref: Ref) -> tuple[int, int, int]:
        alert = self._open(ref)
        return urgency(alert.what, alert.due_at, waits_from(alert))

    async def _result(self, outlet: Outlet, notice: Notice) -> NoticeResult:
        """What the notifier says; what it raises, or does not say in time, is unknown."""
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                return await outlet.notifier.send(notice)
        except TimeoutError:
            return NoticeResult(outcome="unknown", code="no_answer_in_time")
        except asyncio.CancelledError:
            return NoticeResult(outcome="unknown", code="stopped")
        except Exception as error:  # a plugin's own fault; its words could hold a secret, so only their kind is said
            log.error("notifier_raised", notifier=outlet.name, error=type(error).__name__)
            return NoticeResult(outcome="unknown", code=f"raised:{type(error).__name__}")

    def _record(self, outlet: Outlet, parcel: Parcel, result: NoticeResult) -> None:
        """A fact of each desk whose alerts it told; what only says that something is over is the first desk's."""
        by_desk: dict[DeskId, list[AlertId]] = {}
        for desk_id, name in parcel.refs:
            by_desk.setdefault(desk_id, []).append(name)
        if not by_desk and self._desks:
            by_desk[next(iter(self._desks))] = []
        resolved = parcel.resolved
        for desk_id, names in by_desk.items():
            for start in range(0, max(1, len(names)), OF_ONE_FACT):
                given = i.NoteAlertsTold(
                    notifier=outlet.name,
                    outcome=result.outcome,
                    alerts=tuple(names[start : start + OF_ONE_FACT]),
                    level=outlet.rule.level,
                    code=_code(result.code),
                    resolved=resolved,
                )
                resolved = 0
                self._desks[desk_id].post(given).add_done_callback(_ignore)


def _code(code: str) -> str:
    """A code as it may stand on the ledger: short, visible, ASCII."""
    return "".join(ch for ch in code if "!" <= ch <= "~")[:CODE_LIMIT]


def _ignore(future: "asyncio.Future[Sequence[Committed]]") -> None:
    """A desk that has stopped learns nothing more; what it was to be told is told again at the next start."""
    error = None if future.cancelled() else future.exception()
    if error is not None and not isinstance(error, RelayError):
        log.error("desk_failed", error=repr(error))
