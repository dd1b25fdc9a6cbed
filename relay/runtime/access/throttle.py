"""How often one may try: each further failure waits longer, and nobody is ever locked out (ASVS 6.3.1).

Failures are counted per person *and* address, so that a stranger elsewhere cannot keep a person out, and per address
over all persons, so that one who tries many names is slowed down too. A wait is at most a quarter of an hour; an hour
without a failure forgets. Room is bounded: who failed longest ago is forgotten first.
"""

from collections import OrderedDict
from typing import Final

from relay.domain.names import HOUR, MINUTE, SECOND, Millis

FREE_OF_PERSON, FREE_OF_ADDRESS = 5, 20
"""Failures that cost nothing."""
FIRST_WAIT: Final = SECOND
LONGEST_WAIT: Final = 15 * MINUTE
MOST_KEPT: Final = 10_000


class Throttle:
    """Time is an argument: milliseconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def wait(self, person: str, address: str, now: int) -> Millis:
        """For how long this address may not try this person's password; 0 if it may at once."""
        waits = [
            self._wait((person, address), FREE_OF_PERSON, now),
            self._wait(("", address), FREE_OF_ADDRESS, now),
        ]
        return Millis(max(waits))

    def failed(self, person: str, address: str, now: int) -> None:
        """One more failure."""
        for key in {(person, address), ("", address)}:
            count, last = self._failed.pop(key, (0, now))
            self._failed[key] = (1 if now - last >= HOUR else count + 1, now)
        while len(self._failed) > MOST_KEPT:
            self._failed.popitem(last=False)

    def succeeded(self, person: str, address: str) -> None:
        """The failures of this person at this address are forgiven; those of the address are not."""
        self._failed.pop((person, address), None)

    def _wait(self, key: tuple[str, str], free: int, now: int) -> int:
        count, last = self._failed.get(key, (0, 0))
        if count < free or now - last >= HOUR:
            return 0
        return max(0, last + min(FIRST_WAIT << min(count - free, 20), LONGEST_WAIT) - now)
