"""Notifiers: how people are told who do not look at relay."""

from typing import Literal, Protocol

import msgspec

from relay.domain.names import Millis


class NoticeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a notifier may be asked to carry: so many messages in any minute (and second), of so many bytes of text.

    A longer text is no error: the notifier cuts it, on a character.
    """

    per_minute: int = 20
    per_second: int | None = None
    max_bytes: int = 2048


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What people are to be told, in Chinese and English. It holds no word, name or number of a buyer.

    `title` says it in one line, `lines` say more, the most urgent first; `link` is where to look. No markup stands in
    it: names of shops and seats were made harmless before.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    link: str | None = None
    at: Millis


class NoticeResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `confirmed` needs the receiver's own word; without an answer it is `unknown`.

    `code` is stable and short, and no secret; `zh` and `en` say what to do about it. `fault`: as long as the
    configuration is what it is, no retry can help. `wait_s`: nothing is taken before so many seconds have passed.
    """

    outcome: Literal["confirmed", "refused", "not_sent", "unknown"]
    code: str = ""
    zh: str = ""
    en: str = ""
    fault: bool = False
    wait_s: float = 0.0


class Notifier(Protocol):
    """A way to people who do not look at relay. It never decides whom to tell, nor when."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> NoticeLimits: ...

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Send nothing new, finish what was begun, release everything."""

    async def send(self, notice: Notice) -> NoticeResult:
        """Never raises for what the network or the receiver does: an outcome says it. Cancelled means unknown."""
