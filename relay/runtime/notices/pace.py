"""How many messages a notifier may be given: a token bucket that keeps the receiver's limit in *any* minute.

A bucket of `b` tokens, filled at `r` a second, lets through at most `b + 60 r` in a minute. Both are chosen so that
this stays below the limit, with a tenth to spare for messages that come closer together than they left. It begins
empty: a process that is started again and again does not get a fresh minute each time.

What is urgent may use every token; anything else leaves half of them.
"""

from typing import Final

from relay.contracts import NoticeLimits

MINUTE_S: Final = 66.0
"""A minute, and a tenth for the way."""


class Pace:
    """The bucket of one notifier. Instants are monotonic seconds."""

    def __init__(self, limits: NoticeLimits, now: float) -> None:
        self.size = max(1.0, limits.per_minute // 4)
        self.rate = max(limits.per_minute - self.size, 0.5) / MINUTE_S
        self._gap = 1.1 / limits.per_second if limits.per_second else 0.0
        self._tokens, self._at, self._last = 0.0, now, now - self._gap

    def allows(self, now: float, urgent: bool) -> bool:
        """Whether one more may go now."""
        self._fill(now)
        need = 1.0 if urgent else max(1.0, self.size / 2)
        return self._tokens >= need - 1e-9 and now - self._last >= self._gap

    def spend(self, now: float) -> None:
        """One goes now."""
        self._fill(now)
        self._tokens -= 1.0
        self._last = now

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self.size, self._tokens + (now - self._at) * self.rate)
            self._at = now
