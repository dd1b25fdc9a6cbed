"""What of an export is not judged: counted by reason, the first of it named with file and line. Nothing is dropped in
silence.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from relay.insight.utterances import Unread
from relay.insight.who import Ignored
from relay.rules.messages import Message

MOST_NAMED: Final = 20
_FAR: Final = "时间不在 2003 至 2099 年之间，请检查导出", "its time is not in the years 2003 to 2099; check the export"


class LeftOut(NamedTuple):
    """Pieces that are not in the figure. `reasons` are Chinese, English and how many, the most frequent first;
    `named` are the first of them, each a line for people."""

    unread: int
    ignored: int
    reasons: Sequence[tuple[str, str, int]]
    named: Sequence[str]

    @property
    def pieces(self) -> int:
        return self.unread + self.ignored


class Aside:
    """What is not judged, counted by reason."""

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._counts: Counter[tuple[str, str]] = Counter()
        self._named: list[str] = []
        self._ignored = 0

    def take(self, file: str, one: Unread) -> None:
        self._ignored += isinstance(one, Ignored)
        self._note(file, f"第 {one.where} 行 line {one.where}: {one.text}", one.zh, one.en)

    def far(self, file: str, one: Message) -> None:
        self._note(file, f"{one.buyer}: {(one.text or '')[:60]}", *_FAR)

    def told(self) -> LeftOut:
        total = self._counts.total()
        reasons = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return LeftOut(total - self._ignored, self._ignored, [(*why, count) for why, count in reasons], self._named)

    def _note(self, file: str, what: str, zh: str, en: str) -> None:
        self._counts[zh, en] += 1
        if len(self._named) < MOST_NAMED:
            self._named.append(f"{file} {what} ({zh} / {en})" if self._several else f"{what} ({zh} / {en})")
