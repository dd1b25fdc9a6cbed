"""What a limit, a skew and a gap do to one wait.

In time is at most the limit (or below it, by option); a wait as near to the limit as the two clocks may be wrong is
undetermined. A gap [start, stop) that the wait meets leaves it undetermined, unless it was lost before: an answer at
the first instant of the gap would already have been too late.
"""

from .log import Gap, Line, Log
from .settings import Settings


def in_time(wait: int, settings: Settings) -> bool:
    return wait <= settings.limit if settings.inclusive else wait < settings.limit


def timed(wait: int, skew: int, settings: Settings) -> str:
    if skew and abs(wait - settings.limit) <= skew:
        return "undetermined"
    return "hit" if in_time(wait, settings) else "miss"


def met(log: Log, line: Line, start: int, stop: int, answered: bool) -> list[Gap]:
    """The gaps of the line's thread that meet `start` to `stop`; an answer's own instant belongs to that time."""
    return [
        gap
        for gap in log.gaps
        if gap.covers(line.shop, line.buyer)
        and start < gap.stop
        and (gap.start <= stop if answered else gap.start < stop)
    ]


def lost_before(gap: Gap, start: int, settings: Settings, settled: int | None = None) -> bool:
    """Whether a wait from `start` was lost when the gap began; from the instant `settled` on no answer counts."""
    return not in_time(gap.start - start, settings) or (settled is not None and gap.start >= settled)
