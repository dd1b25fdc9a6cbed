"""What can be wrong with a line of a message log, and who keeps count of it.

Law: a bad line is named, with its number, the reason and what to do, in Chinese and English; it is refused or, if the
owner asks for that, left out and counted. It is never guessed at and never dropped in silence.
"""

from collections import Counter
from enum import StrEnum
from typing import Final

MOST_LINE: Final = 1 << 20
"""Bytes of a line. A longer one is a file without line ends; whoever reads files may cut it off behind this."""
PLAUSIBLE: Final = range(1_041_350_400_000, 4_102_416_000_000)
"""Instants that a shop's chat can have, 2003 to 2099 in China: the first of these platforms opened in 2003."""


class Flaw(StrEnum):
    """What is wrong with a line of a log."""

    too_long = "too_long"
    not_json = "not_json"
    not_utf8 = "not_utf8"
    unknown_word = "unknown_word"
    wrong_type = "wrong_type"
    missing = "missing"
    no_zone = "no_zone"
    bad_time = "bad_time"
    far_time = "far_time"


class LogError(ValueError):
    """A line of a message log cannot be read; says which, why and what to do, in Chinese and English."""

    def __init__(self, number: int | None, zh: str, en: str, flaw: Flaw = Flaw.wrong_type) -> None:
        self.number, self.zh, self.en, self.flaw = number, zh, en, flaw
        where = ("", "") if number is None else (f"line {number}: ", f"第 {number} 行：")
        super().__init__(f"{where[0]}{en} / {where[1]}{zh}")


class Watch:
    """What a scan notices beside the messages. With one, a scan names a bad line here, leaves it out and goes on.

    `refused` are the first `most` bad lines, `flaws` counts all. After more than `most` a scan that is not `lenient`
    stops by raising. `offsets` are those of the times, `+0800`, with the first line that has each; `within` is where
    instants may lie.
    """

    def __init__(self, *, lenient: bool = False, most: int = 20, within: range = PLAUSIBLE) -> None:
        self.lenient, self.most, self.within = lenient, most, within
        self.refused: list[LogError] = []
        self.flaws: Counter[Flaw] = Counter()
        self.offsets: dict[str, int | None] = {}

    def refuse(self, error: LogError) -> None:
        self.flaws[error.flaw] += 1
        if len(self.refused) < self.most:
            self.refused.append(error)
        elif not self.lenient:
            raise error
