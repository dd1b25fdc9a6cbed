"""What waits for one notifier, what it has been told, and when it may be told more. No I/O: the room sends.

Laws:
* An alert leaves the waiting by one of three ways: it was confirmed, somebody has seen it, or its matter is over.
* One message at a time; what comes meanwhile goes together with the next.
* A failure costs time, never an alert: the wait doubles, and an outlet that fails says so: the next level is asked.
"""

from collections.abc import Callable
from itertools import islice
from typing import Final

import msgspec

from relay.contracts import NoticeResult, Notifier
from relay.domain.model import OpenAlert
from relay.domain.names import Millis, ShopId
from relay.runtime.notices.desks import Ref
from relay.runtime.notices.pace import Pace
from relay.runtime.notices.quiet import Quiet

GATHER_S: Final = 1.0
MOST: Final = 20_000
"""So many alerts in one message, the oldest first; more than these go with the next. It bounds the time of one look."""
CALM_S: Final = 30.0
"""So long after the last change it is told that all is over again."""
AT_ONCE: Final = frozenset({"send_unknown", "nobody_online"})
SOON_MS: Final = 60_000
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 600.0
PATIENCE: Final = 3
"""So many failures in a row, or one that will last longer than `LASTS_S`, and the next level is asked."""
LASTS_S: Final = 60.0


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says of a notifier."""

    shops: frozenset[ShopId] = frozenset()
    level: int = 1
    escalate_after_ms: int = 300_000
    quiet: Quiet | None = None
    urgent: frozenset[str] = frozenset()


class Parcel(msgspec.Struct, frozen=True):
    """One message on its way: the alerts that it tells, and of how many it says that they are over."""

    refs: tuple[Ref, ...]
    resolved: int


class Outlet:
    """A notifier with its queue. Instants called `now` are monotonic seconds, `at` is wall time."""

    def __init__(self, notifier: Notifier, rule: Rule, now: float) -> None:
        self.notifier, self.rule = notifier, rule
        self.pace = Pace(notifier.limits, now)
        self.waiting: dict[Ref, float] = {}
        self.told: dict[Ref, None] = {}
        self.resolved = 0
        self.failures = 0
        self.last_failure: NoticeResult | None = None
        self.parcel: Parcel | None = None
        self._on_the_way: frozenset[Ref] = frozenset()
        self._over_on_the_way: dict[Ref, bool] = {}
        self._not_before = now
        self._changed = now

    @property
    def name(self) -> str:
        return self.notifier.name

    @property
    def failing(self) -> bool:
        """Whether it cannot be relied on now: what waits here must be told elsewhere too."""
        failure = self.last_failure
        if failure is None:
            return False
        return self.failures >= PATIENCE or failure.fault or failure.wait_s >= LASTS_S

    def serves(self, shop: ShopId) -> bool:
        return not self.rule.shops or shop in self.rule.shops

    # --- what waits

    def add(self, ref: Ref, now: float) -> None:
        """This alert must be told here, unless it was."""
        if ref not in self.told and ref not in self._on_the_way:
            self.waiting.setdefault(ref, now)

    def seen(self, ref: Ref) -> None:
        """Somebody has seen it: it need not be told here any more."""
        self.waiting.pop(ref, None)

    def over(self, ref: Ref, counts: bool, now: float) -> None:
        """Its matter is over. It is told that it is where it was told that it was not (`counts`)."""
        self.waiting.pop(ref, None)
        if ref in self.told:
            del self.told[ref]
            self.resolved += counts
            self._changed = now
        elif ref in self._on_the_way:
            self._over_on_the_way[ref] = counts

    def confirmed_before(self, ref: Ref) -> None:
        """It was told here before this process began."""
        self.told[ref] = None

    # --- when it goes

    def pick(self, look: Callable[[Ref], OpenAlert], at: Millis, now: float) -> Parcel | None:
        """What a message that goes now would tell; None while nothing may go."""
        if self.parcel is not None or now < self._not_before or not self.pace.allows(now, urgent=True):
            return None
        if not self.waiting and not self.resolved:
            return None
        quiet = self.rule.quiet is not None and self.rule.quiet.holds(at)
        passing = (ref for ref in self.waiting if not quiet or look(ref).what in self.rule.urgent)
        refs = list(islice(passing, MOST))
        if not refs:
            calm = not quiet and not self.waiting and not self.told and now - self._changed >= CALM_S
            if self.resolved and calm and self.pace.allows(now, urgent=False):
                return Parcel((), self.resolved)
            return None
        if not any(is_pressing(look(ref), at) for ref in refs):
            first = min(self.waiting[ref] for ref in refs)
            if now - first < GATHER_S or not self.pace.allows(now, urgent=False):
                return None
        return Parcel(tuple(refs), self.resolved)

    def begin(self, parcel: Parcel, now: float) -> None:
        """This goes now."""
        self.parcel, self._on_the_way = parcel, frozenset(parcel.refs)
        self.pace.spend(now)

    def ended(self, result: NoticeResult, now: float) -> None:
        """How it ended."""
        parcel, self.parcel, self._on_the_way = self.parcel, None, frozenset()
        over, self._over_on_the_way = self._over_on_the_way, {}
        if parcel is None:
            return
        self._changed = now
        if result.outcome == "confirmed":
            self.failures, self.last_failure, self._not_before = 0, None, now
            self.resolved += sum(over.values()) - parcel.resolved
            for ref in parcel.refs:
                self.waiting.pop(ref, None)
                if ref not in over:
                    self.told[ref] = None
            return
        self.failures += 1
        self.last_failure = result
        wait = min(FIRST_WAIT_S * 2 ** (self.failures - 1), LONGEST_WAIT_S)
        if result.fault:
            wait = LONGEST_WAIT_S
        self._not_before = now + max(wait, result.wait_s)

    def stands(self, now: float) -> dict[str, object]:
        """How it stands, for people."""
        failure = self.last_failure
        return {
            "notifier": self.name,
            "level": self.rule.level,
            "waiting": len(self.waiting),
            "failures": self.failures,
            "code": failure.code if failure is not None else "",
            "again_in_s": max(0, round(self._not_before - now)) if failure is not None else 0,
        }


def is_pressing(alert: OpenAlert, at: Millis) -> bool:
    """Whether it cannot wait to be gathered with others: nobody would see it otherwise, or a deadline is near."""
    return alert.what in AT_ONCE or (alert.due_at is not None and at < alert.due_at <= at + SOON_MS)
