"""All configured responders: built by the wiring, started, asked about every open question, counted and stopped.

A question goes to each responder of its shop. What comes back is checked for shape and size, and offered to the desk,
which refuses what is stale or known. Nothing of a text is ever logged.
"""

import asyncio
import contextlib
import functools
import unicodedata
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
import structlog

from relay.contracts import (
    Clock,
    DraftText,
    HttpRequest,
    HttpResponse,
    Question,
    Responder,
    Route,
    ServesSockets,
    SocketRoute,
    Store,
)
from relay.domain.drafts import written
from relay.domain.inputs import OfferDraft
from relay.domain.model import DeskState, Key
from relay.domain.names import DeskId, MessageId, ReplyId, ShopId
from relay.errors import InboxFullError, RefusedError, RelayError
from relay.runtime.desk_runner import DeskRunner
from relay.runtime.drafting.asking import Asker
from relay.runtime.drafting.book import Book
from relay.runtime.drafting.host import Host, LoopHost, ThreadHost
from relay.runtime.drafting.questions import Questions
from relay.runtime.drafting.sockets import hosted
from relay.runtime.keys import draft_mark
from relay.runtime.port import Committed
from relay.runtime.service import RunningDesk, Service

log = structlog.get_logger("relay.drafting")
TEXT_LIMIT: Final = 2_000
"""Characters of a draft: as many as an agent's reply may have."""
REASON_LIMIT: Final = 200
WORD_LIMIT: Final = 64
START_S: Final = 30.0
STOP_S: Final = 10.0


class Part(msgspec.Struct, frozen=True):
    """One built responder, with what the configuration says of it. No shop named: all of them."""

    responder: Responder
    shops: frozenset[ShopId] = frozenset()
    budget_s: float = 30.0


class Drafting:
    """The responders of one process. `threads`: each gets a thread of its own."""

    def __init__(self, parts: Sequence[Part], service: Service, store: Store, clock: Clock, threads: bool) -> None:
        self._parts, self._service, self._store, self._clock = parts, service, store, clock
        self._threads = threads
        self.book = Book(lambda: service.office.state, clock)
        self._askers: list[tuple[Part, Asker]] = []
        self._runners: dict[DeskId, DeskRunner] = {}
        self._questions: dict[DeskId, Questions] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    # --- life

    def start(self) -> None:
        """Watch the desks, those of now and of later, and let every responder start: none is waited for.

        Call when the service has started.
        """
        if not self._parts:
            return
        self.book.refresh()
        self._service.office.on_change(self.book.refresh)
        for part in self._parts:
            host: Host = ThreadHost(part.responder.name) if self._threads else LoopHost()
            self._askers.append((part, Asker(part.responder, host, self._clock, part.budget_s, self._offer)))
            self._spawn(self._start(self._askers[-1][1]))
        self._service.on_desk(self._attach)

    async def stop(self) -> None:
        """Ask nothing more, and give each responder its time to let go."""
        self._stopping = True
        for _, asker in self._askers:
            asker.stop()
        await asyncio.gather(*(self._stop(asker) for _, asker in self._askers))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start(self, asker: Asker) -> None:
        running = asker.host.begin(lambda: asker.responder.start(self.book))
        try:
            async with asyncio.timeout(START_S):
                await asyncio.shield(running.ended)
            asker.started(well=True)
        except Exception as error:  # it harms nobody: its shops have one responder fewer
            running.cancel()
            asker.started(well=False)
            log.error("responder_start_failed", responder=asker.name, error=type(error).__name__)

    async def _stop(self, asker: Asker) -> None:
        running = asker.host.begin(lambda: asker.responder.stop())
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.shield(running.ended)
        except Exception as error:
            running.cancel()
            log.error("responder_stop_failed", responder=asker.name, error=type(error).__name__)
        asker.host.close()

    # --- the desks

    def _attach(self, desk: DeskId, running: RunningDesk) -> None:
        self._spawn(self._watch(desk, running.runner))

    async def _watch(self, desk: DeskId, runner: DeskRunner) -> None:
        questions = Questions()
        self._runners[desk], self._questions[desk] = runner, questions
        fresh: list[Key] = []

        def begin(state: DeskState) -> None:
            fresh.extend(questions.begin(state))
            runner.listen(lambda committed: self._told(desk, committed))

        await runner.look(begin)
        self._ask(desk, fresh)

    def _told(self, desk: DeskId, committed: Sequence[Committed]) -> None:
        """Committed facts. Everything here is short: the desk's loop is what calls."""
        if self._stopping:
            return
        new, over = self._questions[desk].take(committed)
        for key in over:
            for _, asker in self._askers:
                asker.void((desk, key))
        self._ask(desk, new)

    def _ask(self, desk: DeskId, keys: Iterable[Key]) -> None:
        questions = self._questions[desk]
        for key in keys:
            askers = [asker for part, asker in self._askers if not part.shops or key[0] in part.shops]
            if not askers:
                continue
            question = questions.ask(
                key, self._clock.now(), lambda seqs: self._store.content(desk, seqs), self.book.text
            )
            if question is not None:
                for asker in askers:
                    asker.ask((desk, key), question)

    # --- what comes back

    def _offer(self, asker: Asker, desk: DeskId, question: Question, draft: DraftText) -> None:
        flaw = flaw_of(draft)
        if flaw is not None:
            asker.drafts[flaw] += 1
            log.warning("draft_unusable", responder=asker.name, why=flaw)
            return
        text = draft.text.replace("\r\n", "\n").strip()
        named = self.book.holds(draft.reply, draft.version, question.shop, text)
        given = OfferDraft(
            shop=question.shop,
            buyer=question.buyer,
            message=MessageId(question.message),
            responder=asker.name,
            provider=draft.provider,
            mode=draft.mode,
            confidence=draft.confidence,
            reply=ReplyId(draft.reply) if named and draft.reply is not None else None,
            version=draft.version if named else None,
            digest="",
            mark=draft_mark(self._store.secret, question.shop, question.buyer, question.message, text),
        )
        self._spawn(self._submit(asker, self._runners[desk], given, written(text, draft.reason.strip())))

    async def _submit(self, asker: Asker, runner: DeskRunner, given: OfferDraft, content: str) -> None:
        try:
            await runner.submit(given, content)
        except RefusedError as refused:
            asker.drafts[refused.code] += 1
        except InboxFullError:
            asker.drafts["busy"] += 1
        except RelayError as error:  # the desk has ended, and the service with it
            asker.drafts["lost"] += 1
            log.error("draft_lost", responder=asker.name, error=type(error).__name__)
        else:
            asker.drafts["offered"] += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("drafting_failed", error=type(error).__name__)

    # --- what others ask

    def routes(self) -> list[Route]:
        """The endpoints of all responders, each served where its responder runs."""
        return [self._hosted(part, route) for part in self._parts for route in part.responder.routes()]

    def sockets(self) -> list[SocketRoute]:
        """And their WebSockets."""
        return [
            hosted(route, functools.partial(self._host_of, part))
            for part in self._parts
            if isinstance(part.responder, ServesSockets)
            for route in part.responder.sockets()
        ]

    def _host_of(self, part: Part) -> Host | None:
        """Where this responder runs, if it does."""
        return next((asker.host for own, asker in self._askers if own is part and asker.ready), None)

    def _hosted(self, part: Part, route: Route) -> Route:
        async def handler(request: HttpRequest) -> HttpResponse:
            host = self._host_of(part)
            if host is None:
                return HttpResponse(503, b"", {"Retry-After": "5"})
            running = host.begin(lambda: _handled(route, request))
            try:
                return await asyncio.shield(running.ended)
            except asyncio.CancelledError:
                running.cancel()
                raise

        return msgspec.structs.replace(route, handler=handler)

    def counters(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        for _, asker in self._askers:
            for how, count in asker.questions.items():
                labels = {"responder": asker.name, "how": how}
                yield "responder_questions", "Questions to responders, by how they ended", labels, count
        for _, asker in self._askers:
            for how, count in asker.drafts.items():
                labels = {"responder": asker.name, "how": how}
                yield "responder_drafts", "Drafts of responders, by what became of them", labels, count


async def _handled(route: Route, request: HttpRequest) -> HttpResponse:
    return await route.handler(request)


def flaw_of(draft: DraftText) -> str | None:
    """Why a draft cannot be offered, whatever a responder made of it; None if it can."""
    if not isinstance(draft, DraftText):
        return "malformed"
    words: list[tuple[object, int]] = [(draft.text, TEXT_LIMIT), (draft.reason, REASON_LIMIT)]
    words.append((draft.provider, WORD_LIMIT))
    if not all(isinstance(word, str) for word, _ in words) or draft.mode not in ("assist", "auto", "unknown"):
        return "malformed"
    measured = draft.confidence is None or (type(draft.confidence) is int and 0 <= draft.confidence <= 1000)
    if not measured or not draft.text.strip() or not draft.provider.strip():
        return "malformed"
    if any(len(str(word)) > limit for word, limit in words):
        return "too_long"
    with contextlib.suppress(UnicodeEncodeError):
        (draft.text + draft.reason + draft.provider).encode()
        if all(_printable(ch, ch in "\n\t\r") for ch in draft.text) and all(map(_printable, draft.reason)):
            return None if all(map(_printable, draft.provider)) else "malformed"
    return "malformed"


def _printable(ch: str, allowed: bool = False) -> bool:
    return allowed or unicodedata.category(ch) not in ("Cc", "Cs")
