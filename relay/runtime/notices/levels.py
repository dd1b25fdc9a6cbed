"""Who must be told of an alert: levels, and the way up.

An alert begins at the lowest level that its shop has. It goes one level higher when nobody has acknowledged it for so
long after this level was told, or at once when no notifier of this level can be reached. Who was told is on the ledger:
a restart goes on from there. A level that keeps quiet hours can be reached, and is not passed over.
"""

import heapq
from collections.abc import Sequence

import msgspec

from relay.contracts import Clock
from relay.domain.model import OpenAlert
from relay.domain.names import Millis
from relay.runtime.notices.desks import Ref
from relay.runtime.notices.outlet import Outlet


class Case(msgspec.Struct):
    """An alert's way up: the level that it has reached, and since when that level knows of it."""

    alert: OpenAlert
    serving: tuple[Outlet, ...]
    level: int
    since: Millis | None = None
    escalated: bool = False

    def of_level(self) -> list[Outlet]:
        return [outlet for outlet in self.serving if outlet.rule.level == self.level]

    def next_level(self) -> int | None:
        return min((one.rule.level for one in self.serving if one.rule.level > self.level), default=None)

    def told_at(self) -> Millis | None:
        """When this level was first told, as the ledger says."""
        told = [self.alert.told.get(outlet.name) for outlet in self.of_level()]
        return min((at for at in told if at is not None), default=None)

    def next_at(self) -> int | None:
        """When it goes one level higher, if nothing happens before."""
        if self.since is None or self.next_level() is None:
            return None
        return self.since + min(outlet.rule.escalate_after_ms for outlet in self.of_level())

    def is_cut_off(self) -> bool:
        """Whether no notifier of this level can be relied on now."""
        return all(outlet.failing for outlet in self.of_level())


class Levels:
    """Every open alert that nobody has acknowledged. It puts alerts into outlets, and never takes one out."""

    def __init__(self, outlets: Sequence[Outlet], clock: Clock) -> None:
        self._outlets, self._clock = outlets, clock
        self._cases: dict[Ref, Case] = {}
        self._clocks: list[tuple[int, Ref]] = []

    def place(self, ref: Ref, alert: OpenAlert) -> None:
        """Where an open alert stands by what the ledger says of it, and who must still be told."""
        serving = tuple(outlet for outlet in self._outlets if outlet.serves(alert.shop))
        told = [outlet for outlet in serving if outlet.name in alert.told]
        for outlet in told:
            outlet.confirmed_before(ref)
        if alert.seen_by is not None or not serving:
            return
        lowest = min(outlet.rule.level for outlet in serving)
        level = max((outlet.rule.level for outlet in told), default=lowest)
        case = self._cases[ref] = Case(alert, serving, level, escalated=level > lowest)
        case.since = case.told_at()
        for outlet in serving:
            if outlet.rule.level <= level:
                outlet.add(ref, self._clock.monotonic())
        self._arm(ref, case)
        if case.since is None and case.is_cut_off():
            self._escalate(ref, case)

    def gone(self, ref: Ref) -> None:
        """It is over, or somebody has seen it."""
        self._cases.pop(ref, None)

    def told(self, ref: Ref) -> None:
        """A notifier has answered: if the level knows of it now, its time runs."""
        case = self._cases.get(ref)
        if case is not None and case.since is None:
            case.since = case.told_at()
            self._arm(ref, case)

    def is_escalated(self, ref: Ref) -> bool:
        case = self._cases.get(ref)
        return case is not None and case.escalated

    def go_up(self, now: Millis) -> None:
        """Whose time has come goes one level higher."""
        while self._clocks and self._clocks[0][0] <= now:
            due, ref = heapq.heappop(self._clocks)
            case = self._cases.get(ref)
            if case is not None and case.next_at() == due:
                self._escalate(ref, case)

    def pass_on(self, outlet: Outlet) -> None:
        """This outlet fails: what waits there, and that its level was not told, goes one level higher at once."""
        for ref in list(outlet.waiting):
            case = self._cases.get(ref)
            if case is not None and case.since is None and case.is_cut_off():
                self._escalate(ref, case)

    def _arm(self, ref: Ref, case: Case) -> None:
        due = case.next_at()
        if due is not None:
            heapq.heappush(self._clocks, (due, ref))

    def _escalate(self, ref: Ref, case: Case) -> None:
        """The next level is told too; one that cannot be reached is passed through at once."""
        while (level := case.next_level()) is not None:
            case.level, case.since, case.escalated = level, None, True
            for outlet in case.of_level():
                outlet.add(ref, self._clock.monotonic())
            if not case.is_cut_off():
                break
