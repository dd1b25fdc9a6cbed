"""A finding of `relay doctor`.

Levels: `error` relay cannot do its work or something is lost; `warning` something will go wrong or already costs;
`note` is good to know, or could not be looked at; `good` was looked at and is well.
"""

from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

Level = Literal["error", "warning", "note", "good"]
BEIJING: Final = ZoneInfo("Asia/Shanghai")


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `code` is stable; `do_*` is empty where nothing need be done."""

    code: str
    level: Level
    where: str
    zh: str
    en: str
    do_zh: str = ""
    do_en: str = ""


def when(at: int) -> str:
    """An instant as people in China read it."""
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(BEIJING):%Y-%m-%d %H:%M}"
