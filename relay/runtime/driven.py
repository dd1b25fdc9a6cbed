"""A clock that a log drives: it stands still until it is set to the next instant, and never goes back.

Wall and monotonic time move together, so that nothing takes the way from one line to the next for a clock that stepped
or a machine that slept.
"""

from relay.domain.names import Millis


class DrivenClock:
    """A `relay.contracts.Clock`. Whoever drives it looks at what has become due."""

    def __init__(self, at: Millis) -> None:
        self._at = at

    def now(self) -> Millis:
        return self._at

    def monotonic(self) -> float:
        return self._at / 1000

    def set(self, at: Millis) -> None:
        """Go on to this instant. Raises `ValueError` for one that is past."""
        if at < self._at:
            raise ValueError(f"a driven clock stands at {self._at} and cannot go back to {at}")
        self._at = at
