"""Who is told of which alert, and when: levels, escalation, and every outcome back to the ledger.

One look a second (`beat`, the heartbeat's), and one at once when an alert cannot wait. An alert begins at the lowest
level that its shop has. It goes one level higher when nobody has acknowledged it for so long after this level was told,
or at once when no notifier of this level can be reached. Who was told is on the ledger: a restart goes on from there.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec
import structlog

from relay.contracts import Clock, Entropy, Notice, NoticeResult
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_alerts import Turn
from relay.domain.model import DeskState, OpenAlert
from relay.domain.names import AlertId, DeskId, Millis
from relay.errors import RelayError
from relay.runtime.notices.desks import DeskBook, Ref, waits_from
from relay.runtime.notices.outlet import AT_ONCE, Outlet, Parcel, levels
from relay.runtime.notices.wording import NAMED, Tally, compose, urgency
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


class Case(msgspec.Struct):
    """An alert's way up: the level that it has reached, and since when that level knows of it."""

    level: int
    since: Millis | None = None
    escalated: bool = False


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
        self._cases: dict[Ref, Case] = {}
        self._clocks: list[tuple[int, Ref]] = []
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
                self._place((book.desk, alert.id), alert)

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
        now = self._clock.now()
        while self._clocks and self._clocks[0][0] <= now:
            due, ref = heapq.heappop(self._clocks)
            case = self._cases.get(ref)
            if case is not None and self._next_at(ref, case) == due:
                self._escalate(ref, case)
        self._look()

    # --- facts

    def _take(self, book: DeskBook, committed: Sequence[Committed]) -> None:
        pressing = False
        for fact, turn in book.take(committed):
            self._ended(book, turn)
            for alert in turn.opened:
                self._place((book.desk, alert.id), alert)
                pressing = pressing or alert.what in AT_ONCE
            if isinstance(fact, f.NoticeEnded):
                self._was_told(book, fact)
            elif isinstance(fact, f.AlertAcknowledged):
                for name in fact.alerts:
                    self._cases.pop((book.desk, name), None)
                    for outlet in self.outlets:
                        outlet.seen((book.desk, name))
        if pressing:
            self._look()

    def _ended(self, book: DeskBook, turn: Turn) -> None:
        now = self._clock.monotonic()
        for counts, some in ((True, turn.ended), (False, turn.superseded)):
            for alert in some:
                ref = (book.desk, alert.id)
                self._cases.pop(ref, None)
                for outlet in self.outlets:
                    outlet.over(ref, counts, now)
                self._on_over(alert)

    def _was_told(self, book: DeskBook, fact: f.NoticeEnded) -> None:
        for name in fact.alerts:
            ref, alert = (book.desk, name), book.get(name)
            case = self._cases.get(ref)
            if alert is not None and case is not None and case.since is None:
                case.since = self._told_at(alert, case.level)
                self._arm(ref, case)

    # --- levels

    def _place(self, ref: Ref, alert: OpenAlert) -> None:
        """Where an open alert stands by what the ledger says of it, and who must still be told."""
        there = levels(self.outlets, alert.shop)
        if not there:
            return
        for outlet in self._serving(alert):
            if outlet.name in alert.told:
                outlet.confirmed_before(ref)
        if alert.seen_by is not None:
            return
        reached = [outlet.rule.level for outlet in self._serving(alert) if outlet.name in alert.told]
        level = max(reached, default=there[0])
        case = self._cases[ref] = Case(level, self._told_at(alert, level), escalated=level > there[0])
        for outlet in self._serving(alert):
            if outlet.rule.level <= level:
                outlet.add(ref, self._clock.monotonic())
        self._arm(ref, case)
        if case.since is None and self._is_cut_off(alert, level):
            self._escalate(ref, case)

    def _serving(self, alert: OpenAlert) -> Iterable[Outlet]:
        return (outlet for outlet in self.outlets if outlet.serves(alert.shop))

    def _told_at(self, alert: OpenAlert, level: int) -> Millis | None:
        told = [alert.told.get(outlet.name) for outlet in self._serving(alert) if outlet.rule.level == level]
        return min((at for at in told if at is not None), default=None)

    def _next_at(self, ref: Ref, case: Case) -> int | None:
        """When this alert goes one level higher, if nothing happens before."""
        alert = self._alert(ref)
        if case.since is None or alert is None or self._next_level(alert, case.level) is None:
            return None
        waits = [o.rule.escalate_after_ms for o in self._serving(alert) if o.rule.level == case.level]
        return case.since + min(waits)

    def _next_level(self, alert: OpenAlert, level: int) -> int | None:
        return next((one for one in levels(self.outlets, alert.shop) if one > level), None)

    def _arm(self, ref: Ref, case: Case) -> None:
        due = self._next_at(ref, case)
        if due is not None:
            heapq.heappush(self._clocks, (due, ref))

    def _escalate(self, ref: Ref, case: Case) -> None:
        """The next level is told too; one that cannot be reached is passed through at once."""
        alert = self._alert(ref)
        level = self._next_level(alert, case.level) if alert is not None else None
        if alert is None or level is None:
            return
        case.level, case.since, case.escalated = level, None, True
        for outlet in self._serving(alert):
            if outlet.rule.level == level:
                outlet.add(ref, self._clock.monotonic())
        if self._is_cut_off(alert, level):
            self._escalate(ref, case)

    def _is_cut_off(self, alert: OpenAlert, level: int) -> bool:
        """Whether no notifier of this level can be relied on now."""
        return all(outlet.failing for outlet in self._serving(alert) if outlet.rule.level == level)

    def _alert(self, ref: Ref) -> OpenAlert | None:
        book = self.books.get(ref[0])
        return book.get(ref[1]) if book is not None else None

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
            self._ask_the_next(outlet)

    def _notice(self, outlet: Outlet, parcel: Parcel, at: Millis) -> Notice:
        tally = Tally()
        for ref in parcel.refs:
            alert, case = self._open(ref), self._cases.get(ref)
            tally.add(alert.what, waits_from(alert), case is not None and case.escalated)
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
                given = i.EndNotice(
                    notifier=outlet.name,
                    outcome=result.outcome,
                    alerts=tuple(names[start : start + OF_ONE_FACT]),
                    level=outlet.rule.level,
                    code=_code(result.code),
                    resolved=resolved,
                )
                resolved = 0
                self._desks[desk_id].post(given).add_done_callback(_ignore)

    def _ask_the_next(self, outlet: Outlet) -> None:
        """A level that cannot be reached passes on at once what it was not told."""
        for ref in list(outlet.waiting):
            case, alert = self._cases.get(ref), self._alert(ref)
            if case is None or alert is None or case.since is not None:
                continue
            if self._is_cut_off(alert, case.level):
                self._escalate(ref, case)


def _code(code: str) -> str:
    """A code as it may stand on the ledger: short, visible, ASCII."""
    return "".join(ch for ch in code if "!" <= ch <= "~")[:CODE_LIMIT]


def _ignore(future: "asyncio.Future[Sequence[Committed]]") -> None:
    """A desk that has stopped learns nothing more; what it was to be told is told again at the next start."""
    error = None if future.cancelled() else future.exception()
    if error is not None and not isinstance(error, RelayError):
        log.error("desk_failed", error=repr(error))
