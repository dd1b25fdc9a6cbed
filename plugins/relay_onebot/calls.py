"""Asking a bridge to do something, whatever carries it there, and the two ways in which that can fail (L9).

OneBotCallError
├── NotCalledError   proof: not a byte of it has left
└── DoubtError       it may have arrived, and no answer says what became of it
"""

from typing import Any, Protocol

from relay_onebot.actions import Response


class OneBotCallError(Exception):
    """An action has no answer. `why` is a word for the log and the ledger."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotCalledError(OneBotCallError):
    """Nothing has left. `retryable`: it may go another time."""

    def __init__(self, why: str, retryable: bool = True) -> None:
        super().__init__(why)
        self.retryable = retryable


class DoubtError(OneBotCallError):
    """It may have arrived."""


class Caller(Protocol):
    """A way to a bridge's actions."""

    async def call(self, self_id: str, action: str, params: dict[str, Any], echo: str) -> Response:
        """The bridge's response. Raises NotCalledError or DoubtError; cancelled means doubt."""

    def integers(self, self_id: str) -> bool:
        """Whether this bridge writes ids as integers."""

    def speaks_for(self, self_id: str) -> bool:
        """Whether this account can be reached now."""
