"""What keeps a log that is replayed apart from buyers who wait: a message says which of the two it is, a service too.

Laws: a service on the real clock takes nothing that says it comes from a replay, and a service whose clock a log drives
takes nothing else; neither leaves a fact. What was turned away is counted by where it knocked, for metrics and doctor.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import structlog

from relay.contracts import Channel
from relay.domain.office import Problem, Settings
from relay.errors import BadInputError, ConfigError, Finding

_log: Final = structlog.get_logger("relay.replays")


class ReplayGuard:
    """One service's word on whom it serves: `replaying`, a log; else buyers."""

    def __init__(self, replaying: bool = False) -> None:
        self.replaying = replaying
        self.refused: Counter[str] = Counter()

    def check(self, where: str, replay: bool) -> None:
        """Raises BadInputError for what this service must not take. `where` is the channel, or the path."""
        if replay == self.replaying:
            return
        self.refused[where] += 1
        _log.warning("replay_refused", where=where, replaying=self.replaying)
        raise BadInputError(_REAL if self.replaying else _REPLAYED)

    def admit(self, channels: Iterable[Channel]) -> None:
        """Raises ConfigError for channels of the other sort: buyers and a replayed log never meet in one service."""
        wrong = [one for one in channels if one.capabilities.replay != self.replaying]
        if wrong:
            en, zh = (_REAL if self.replaying else _REPLAYED).split(" / ")
            raise ConfigError([Finding(f"[[channel]] {one.name}", en, zh) for one in wrong])

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Shops whose machine would send, in a service that only replays."""
        for shop in settings.shops:
            if self.replaying and shop.assist not in ("off", "shadow"):
                yield Problem("shop", shop.id, "assist", *_MACHINE)

    def counters(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        for where, count in self.refused.items():
            yield "replays_refused", "What was turned away: a replayed log, or a live channel", {"where": where}, count


_REPLAYED: Final = (
    "this says that it comes from a replay, and this service runs on the real clock; use `relay replay LOG`, which has "
    "a ledger of its own / 这是重放的消息，本服务使用真实时钟，不予接收；请用 relay replay 日志，它有自己的台账"
)
_REAL: Final = (
    "this service replays a log and takes no live channel; connect it to `relay serve` / "
    "本服务正在重放日志，不接收真实渠道；请连接 relay serve"
)
_MACHINE: Final = (
    "a replay sends nothing: assist is off or shadow",
    "重放时不发送任何内容：assist 只能是 off 或 shadow",
)
