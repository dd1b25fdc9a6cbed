"""Alerts as log lines, each key once as long as its matter lasts; counted for the metrics.

When very many buyers go unanswered at once, a line for each tells nobody anything and costs more than deciding it did.
Between two beats at most `MOST` are written, and then one line that says how many more there were. A send of which
nobody knows whether it arrived is never among those (L9).
"""

from collections import Counter
from typing import Final

import structlog

from relay.domain.effects import Alert
from relay.domain.model import OpenAlert

log = structlog.get_logger("relay.service")
MOST: Final = 100
ALWAYS: Final = frozenset({"send_unknown"})


class LoggedAlerts:
    """An `AlertSink`; `beat` each second."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()
        self._written = 0
        self._more: Counter[str] = Counter()

    def alert(self, alert: Alert) -> None:
        if (alert.shop, alert.key) in self._told:
            return
        self._told.add((alert.shop, alert.key))
        self.count[alert.what] += 1
        if self._written >= MOST and alert.what not in ALWAYS:
            self._more[alert.what] += 1
            return
        self._written += 1
        log.warning("alert", what=alert.what, shop=alert.shop, conversation=alert.buyer, round=alert.round_at)

    def forget(self, alert: OpenAlert) -> None:
        """Its matter is over: the same key is an alert of its own when it comes again."""
        self._told.discard((alert.shop, alert.key))

    def beat(self) -> None:
        for what, more in self._more.items():
            log.warning("more_alerts", what=what, more=more)
        self._more.clear()
        self._written = 0
