"""Quiet hours: a span of the day in a time zone, over midnight too. From its first minute to its last, end excluded."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relay.domain.names import Millis


class Quiet:
    """A span such as `23:00-08:00`. Raises ValueError for a zone that nobody knows, or a span of no length."""

    def __init__(self, span: str, zone: str) -> None:
        begin, _, end = span.partition("-")
        self._begin, self._end = time.fromisoformat(begin), time.fromisoformat(end)
        if self._begin == self._end:
            raise ValueError(f'quiet = "{span}": 起止相同 / begins and ends at the same time')
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'timezone = "{zone}": 没有此时区 / no such time zone, such as Asia/Shanghai') from None

    def holds(self, at: Millis) -> bool:
        """Whether this instant lies in it, by the clock on the wall there."""
        now = datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).time()
        if self._begin < self._end:
            return self._begin <= now < self._end
        return now >= self._begin or now < self._end
