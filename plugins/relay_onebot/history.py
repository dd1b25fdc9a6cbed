"""What a bridge kept while relay did not listen: read through one action, taken like any other event.

    get_latest_events   version 12's own, a buffer that drops its oldest: complete only if it reaches back far enough
    another name        the bridge's own, called with since and until in milliseconds; its data is
                        {"events": [...], "complete": true}, and only its own word makes the gap recovered

Laws: a message that is known already is known again by its id (L2), so reading too much does no harm. Without an
answer, with a refusal, or with one event that could not be used, the gap stays unrecovered.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
import structlog

from relay.contracts import Arrival
from relay.domain.names import Millis
from relay_onebot.actions import Response
from relay_onebot.calls import Caller, OneBotCallError
from relay_onebot.options import LATEST_EVENTS
from relay_onebot.receiver import Receiver
from relay_onebot.retcodes import proof_of
from relay_onebot.told import Placed, Recalled, Said

LIMIT_S: Final = 25.0
MARGIN_MS: Final = 60_000
"""So much earlier is read than was heard: what was read and not yet durable when relay ended is asked for again."""
CALLS_S: Final = 10.0
"""An account's events may come a little before the socket that takes its actions."""
_log: Final = structlog.get_logger("relay_onebot")


class History:
    """The history of one channel; `action` is "" where the bridge has none."""

    def __init__(self, action: str, receiver: Receiver) -> None:
        self._action, self._receiver = action, receiver
        self._caller: Caller | None = None
        self._asked = 0

    def open(self, caller: Caller) -> None:
        self._caller = caller

    async def recover(self, self_id: str, since: Millis, until: Millis) -> bool:
        """Take what the bridge has between these instants; true if that is all there was."""
        if not self._action or not await self._reachable(self_id):
            return False
        response = await self._ask(self_id, Millis(since - MARGIN_MS), until)
        if response is None:
            return False
        events, complete = _events(response.data)
        oldest: Millis | None = None
        for raw in events:
            first = await self._take(raw)
            complete = complete and first is not None
            if first is not None and (oldest is None or first < oldest):
                oldest = first
        if self._action == LATEST_EVENTS:
            complete = complete and oldest is not None and oldest <= since
        _log.info("onebot_history", self_id=self_id, events=len(events), complete=complete)
        return complete

    async def read(self, self_id: str, since: Millis, until: Millis) -> AsyncIterator[Arrival]:
        """The same as arrivals, for whoever wants to look. Raises OneBotCallError if the bridge does not answer."""
        response = await self._ask(self_id, since, until)
        for raw in _events(response.data)[0] if response is not None else ():
            for told in self._receiver.hear(raw).told:
                if isinstance(told, Said | Recalled | Placed):
                    yield await self._receiver.arrival_of(told, self._receiver.account_of(told))

    async def _reachable(self, self_id: str) -> bool:
        """Whether the account can be asked, within `CALLS_S`."""
        assert self._caller is not None
        for _ in range(int(CALLS_S)):
            if self._caller.speaks_for(self_id):
                return True
            if await self._receiver.pause(1.0):
                return False
        return self._caller.speaks_for(self_id)

    async def _ask(self, self_id: str, since: Millis, until: Millis) -> Response | None:
        params: dict[str, Any] = {"since": since, "until": until}
        if self._action == LATEST_EVENTS:
            params = {"limit": 0, "timeout": 0}
        self._asked += 1
        try:
            async with asyncio.timeout(LIMIT_S):
                assert self._caller is not None
                response = await self._caller.call(self_id, self._action, params, f"relay-history-{self._asked}")
        except (OneBotCallError, TimeoutError) as error:
            _log.warning("onebot_history_failed", self_id=self_id, why=str(error) or "timeout")
            return None
        if proof_of(response) != "done":
            _log.warning("onebot_history_refused", self_id=self_id, retcode=response.retcode)
            return None
        return response

    async def _take(self, raw: bytes) -> Millis | None:
        """Take one event; its time, or None if it could not be used."""
        at = Millis(0)
        try:
            for told in self._receiver.hear(raw).told:
                if isinstance(told, Said | Recalled | Placed):
                    at = told.at
                    if not await self._receiver.keep(told, self._receiver.account_of(told), raw):
                        return None
        except (ValueError, RecursionError) as error:
            await self._receiver.quarantine(raw, str(error)[:500])
            return None
        return at


def _events(data: Any) -> tuple[list[bytes], bool]:
    """The events of an answer, each as JSON again, and whether the bridge calls them complete."""
    complete = True
    if isinstance(data, dict):
        complete = data.get("complete") is True
        data = data.get("events")
    if not isinstance(data, list):
        return [], False
    return [msgspec.json.encode(each) for each in data], complete
