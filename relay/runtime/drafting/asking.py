"""One responder, asked: the most urgent questions first, each within its budget, and never more than it may hold.

What it costs when it misbehaves is its own draft. Slow: the budget ends its question. Flooding: after `MOST_DRAFTS`
a question's drafts end. Raising: counted, named in the log, never with a text. Hanging or blocking: its place stays
taken until it lets go, so that with `AT_ONCE` such questions it is asked no more, which is counted as `skipped`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
import structlog

from relay.contracts import Clock, DraftText, Question, Responder
from relay.domain.model import Key
from relay.domain.names import DeskId, Millis
from relay.runtime.drafting.host import Host, Running

log = structlog.get_logger("relay.drafting")
AT_ONCE: Final = 8
"""Questions that a responder has in hand at once."""
WAITING: Final = 64
"""And that wait for it; of more, the least urgent is skipped."""
MOST_DRAFTS: Final = 5
"""Drafts of one responder for one question."""

Case = tuple[DeskId, Key]


class Asked(msgspec.Struct):
    """A question in a responder's hands, or waiting for them. `over`: what still comes of it is too late."""

    case: Case
    question: Question
    until: float
    over: bool = False
    running: Running[bool] | None = None
    timer: asyncio.TimerHandle | None = None


class Asker:
    """`offer` takes a draft that came in time. `questions` counts how each question ended."""

    def __init__(
        self,
        responder: Responder,
        host: Host,
        clock: Clock,
        budget_s: float,
        offer: Callable[["Asker", DeskId, Question, DraftText], None],
    ) -> None:
        self.responder, self.host = responder, host
        self._clock, self._budget_s, self._offer = clock, budget_s, offer
        self._waiting: dict[Case, Asked] = {}
        self._in_hand: dict[int, Asked] = {}
        self._numbers = 0
        self.questions: Counter[str] = Counter()
        self.drafts: Counter[str] = Counter()
        self.ready = False
        self._down = False

    @property
    def name(self) -> str:
        return self.responder.name

    def ask(self, case: Case, question: Question) -> None:
        """Ask, now or as soon as it has a hand free. An older question of this conversation is void."""
        self.void(case)
        if self._down:
            self.questions["not_started"] += 1
            return
        self._waiting[case] = Asked(case, question, asyncio.get_running_loop().time() + self._budget_s)
        self._begin_next()
        if len(self._waiting) > WAITING:
            least = max(self._waiting.values(), key=self._urgency)
            del self._waiting[least.case]
            self.questions["skipped"] += 1

    def started(self, well: bool) -> None:
        """It has started, and what waits for it is asked; or it could not, and nothing ever is."""
        self.ready, self._down = well, not well
        if not well:
            self.questions["not_started"] += len(self._waiting)
            self._waiting.clear()
        self._begin_next()

    def void(self, case: Case) -> None:
        """This question is over: nothing more is wanted of it."""
        if self._waiting.pop(case, None) is not None:
            self.questions["void"] += 1
        for asked in self._in_hand.values():
            if asked.case == case and not asked.over:
                self._end(asked, "void")

    def stop(self) -> None:
        """Nothing more is asked or taken."""
        self.ready, self._down = False, True
        self._waiting.clear()
        for asked in self._in_hand.values():
            if not asked.over:
                self._end(asked, "void")

    # --- the parts

    def _begin_next(self) -> None:
        while self.ready and self._waiting and len(self._in_hand) < AT_ONCE:
            asked = min(self._waiting.values(), key=self._urgency)
            del self._waiting[asked.case]
            if asyncio.get_running_loop().time() >= asked.until:
                self.questions["skipped"] += 1
            else:
                self._begin(asked)

    def _urgency(self, asked: Asked) -> tuple[bool, bool, Millis, Millis]:
        """What can still be saved comes first, the nearest deadline before the others."""
        due_at = asked.question.due_at
        late = due_at is not None and due_at <= self._clock.now()
        return late, due_at is None, due_at or Millis(0), asked.question.asked_at

    def _begin(self, asked: Asked) -> None:
        self._numbers += 1
        number = self._numbers
        self._in_hand[number] = asked
        put = self._putter(asked)
        asked.running = self.host.begin(lambda: _collect(self.responder, asked.question, put))
        asked.running.ended.add_done_callback(lambda ended: self._ended(number, ended))
        asked.timer = asyncio.get_running_loop().call_at(asked.until, self._time_is_up, asked)

    def _putter(self, asked: Asked) -> Callable[[DraftText], None]:
        """Called where the responder runs."""
        return lambda draft: self.host.tell(self._put, asked, draft)

    def _put(self, asked: Asked, draft: DraftText) -> None:
        if asked.over:
            self.drafts["late"] += 1
        else:
            self._offer(self, asked.case[0], asked.question, draft)

    def _time_is_up(self, asked: Asked) -> None:
        if not asked.over:
            self._end(asked, "timed_out")

    def _end(self, asked: Asked, how: str) -> None:
        """Over for relay, whenever the responder lets go."""
        asked.over = True
        self.questions[how] += 1
        if asked.timer is not None:
            asked.timer.cancel()
        if asked.running is not None:
            asked.running.cancel()

    def _ended(self, number: int, ended: "asyncio.Future[bool]") -> None:
        asked = self._in_hand.pop(number)
        if asked.timer is not None:
            asked.timer.cancel()
        error = None if ended.cancelled() else ended.exception()
        if error is not None:
            log.warning("responder_failed", responder=self.name, error=type(error).__name__)
        if not asked.over:
            asked.over = True
            failed = error is not None or ended.cancelled()
            self.questions["failed" if failed else "flooded" if ended.result() else "done"] += 1
        self._begin_next()


async def _collect(responder: Responder, question: Question, put: Callable[[DraftText], None]) -> bool:
    """Hand over the drafts as they come; returns whether there would have been too many."""
    count = 0
    drafts: AsyncIterator[DraftText] = responder.drafts(question)
    try:
        async for draft in drafts:
            if count == MOST_DRAFTS:
                return True
            count += 1
            put(draft)
    finally:
        close: Any = getattr(drafts, "aclose", None)
        if close is not None:
            await close()
    return False
