"""A rule's dated version, and the limit and hours that a shop's options leave of it.

Every rule is a dated version: a platform changes hours and lists, and a verdict carries the version that decided it.
Nothing chooses a version by date behind the shop's back: the shop names the rule it is measured by.
"""

from collections.abc import Mapping

import msgspec

from relay.domain.names import HOUR
from relay.rules import options as read
from relay.rules.instants import CHINA, DAY

LIMIT_KEYS = frozenset({"as_of", "bundle", "limit_inclusive", "limit_s"})
"""The options of every rule that has a limit."""


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A dated version. Hours are of the day in China, the last one exclusive; rates in per cent where published.

    `verified` is False where no document of the platform itself was at hand: its reports say so.
    """

    id: str
    valid_from: str
    valid_to: str | None = None
    window_from_h: int = 0
    window_to_h: int = 24
    limit_ms: int = 180_000
    threshold_percent: int | None = None
    fewest_rounds: int | None = None
    verified: bool = True

    @property
    def name(self) -> str:
        return f"{self.id}@{self.valid_from}"


class Limit(msgspec.Struct, frozen=True):
    """How long a wait may be, and in which hours of the day a question is assessed (milliseconds of the day)."""

    ms: int
    inclusive: bool
    window_from: int
    window_to: int

    def assessed(self, at: int) -> bool:
        """Whether a question of this instant is inside the assessed hours."""
        return self.window_from <= (at + CHINA) % DAY < self.window_to

    def opens_at(self, at: int) -> int:
        """The first instant from `at` on that is inside the assessed hours."""
        of_day = (at + CHINA) % DAY
        if self.window_from <= of_day < self.window_to:
            return at
        return at - of_day + self.window_from + (0 if of_day < self.window_from else DAY)

    def kept(self, wait: int) -> bool:
        """Whether a wait of so many milliseconds is in time."""
        return wait < self.ms or (wait == self.ms and self.inclusive)


def limit(version: RuleVersion, options: Mapping[str, str]) -> Limit:
    """The version's limit and hours, with what the shop chose of them; raises `OptionError`."""
    inclusive = read.yes_or_no(options, "limit_inclusive")
    return Limit(
        read.span_ms(options, "limit_s") or version.limit_ms,
        True if inclusive is None else inclusive,
        version.window_from_h * HOUR,
        version.window_to_h * HOUR,
    )
