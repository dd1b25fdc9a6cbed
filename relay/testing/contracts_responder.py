"""What a responder promises, as a test class, and the doubles that tests of drafts work with.

    class TestMine(ResponderContract):
        def responder(self) -> Responder: ...

It is run over every responder that relay ships, and over `FakeResponder`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec

from relay.contracts import DraftText, Line, Question, Responder, Route
from relay.domain.names import BuyerRef, Millis, PersonId, ReplyId, ShopId
from relay.domain.settings import QuickReply
from relay.testing.virtual import TEN

WAIT_S = 5.0
"""Longer than any responder may need for a question of this class, in real time."""


class FakeBook:
    """A `ReplyBook` of the given replies."""

    def __init__(self, *replies: QuickReply, at: Millis = TEN) -> None:
        self._replies, self._at = replies, at

    def usable(self, shop: ShopId) -> Sequence[QuickReply]:
        found = [reply for reply in self._replies if reply.usable(shop, self._at)]
        return sorted(found, key=lambda reply: reply.id)


def approved(name: str, text: str, version: int = 1, **more: Any) -> QuickReply:
    """An approved quick reply of purpose `answer`."""
    given = {"purpose": "answer", "status": "approved", "approved_by": PersonId("pia")} | more
    return QuickReply(ReplyId(name), version, text, **given)


def question(text: str = "什么时候发货？", **more: Any) -> Question:
    """A question of a shop, with itself as its only line."""
    given: dict[str, Any] = {
        "shop": ShopId("shop"),
        "buyer": BuyerRef("b-1"),
        "message": "m7",
        "lines": [Line(role="buyer", text=text, at=TEN)],
        "asked_at": TEN,
        "due_at": Millis(TEN + 180_000),
    } | more
    return Question(text=text, **given)


class FakeResponder:
    """Answers with `drafts`, or does with each question what `script` does; remembers what it was asked."""

    def __init__(
        self,
        name: str = "fake",
        drafts: Sequence[DraftText] = (DraftText(text="今天发货", provider="fake"),),
        script: Callable[[Question], AsyncIterator[DraftText]] | None = None,
    ) -> None:
        self._name, self._drafts, self._script = name, drafts, script
        self.asked: list[Question] = []
        self.closed = 0
        self.book: object | None = None

    @property
    def name(self) -> str:
        return self._name

    def routes(self) -> Sequence[Route]:
        return ()

    async def start(self, book: object) -> None:
        self.book = book

    async def stop(self) -> None:
        self.book = None

    async def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        self.asked.append(question)
        try:
            if self._script is not None:
                async for draft in self._script(question):
                    yield draft
            else:
                for draft in self._drafts:
                    yield draft
        finally:
            self.closed += 1


class ResponderContract:
    """A responder starts, answers within its budget, lets go when it is told to, and stops."""

    def responder(self) -> Responder:
        raise NotImplementedError

    def book(self) -> FakeBook:
        """What the library holds."""
        return FakeBook(approved("ship", "亲，下午四点前付款的订单当天发货。", topics=("发货",)))

    def question(self) -> Question:
        """One that it has a draft for."""
        return question()

    async def running(self, work: Callable[[Responder], Awaitable[None]]) -> None:
        """Do this with a responder that was started."""
        responder = self.responder()
        await responder.start(self.book())
        try:
            await work(responder)
        finally:
            async with asyncio.timeout(WAIT_S):
                await responder.stop()

    async def all_of(self, responder: Responder, asked: Question) -> list[DraftText]:
        async with asyncio.timeout(WAIT_S):
            return [draft async for draft in responder.drafts(asked)]

    async def test_it_has_a_name(self) -> None:
        responder = self.responder()
        assert responder.name
        assert responder.name == responder.name.strip()

    async def test_a_draft_says_who_composed_it(self) -> None:
        async def work(responder: Responder) -> None:
            drafts = await self.all_of(responder, self.question())
            assert drafts, "it has no draft for its own question"
            for draft in drafts:
                assert isinstance(draft, DraftText)
                assert draft.text.strip()
                assert draft.provider.strip()
                assert draft.mode in ("assist", "auto", "unknown")
                assert draft.confidence is None or 0 <= draft.confidence <= 1000
                assert (draft.reply is None) == (draft.version is None)

        await self.running(work)

    async def test_a_named_quick_reply_is_an_approved_one_in_its_own_words(self) -> None:
        async def work(responder: Responder) -> None:
            usable = {(one.id, one.version): one for one in self.book().usable(self.question().shop)}
            for draft in await self.all_of(responder, self.question()):
                if draft.reply is not None:
                    named = usable[ReplyId(draft.reply), draft.version or 0]
                    assert named.text.strip() == draft.text.strip()

        await self.running(work)

    async def test_it_answers_several_questions_at_once(self) -> None:
        """Of as many conversations: in one of them there is never more than one open question."""

        async def work(responder: Responder) -> None:
            asked = [msgspec.structs.replace(self.question(), buyer=BuyerRef(f"b-{number}")) for number in range(4)]
            found = await asyncio.gather(*(self.all_of(responder, one) for one in asked))
            assert all(found)

        await self.running(work)

    async def test_closing_its_drafts_ends_the_question(self) -> None:
        async def work(responder: Responder) -> None:
            drafts = responder.drafts(self.question())
            async with asyncio.timeout(WAIT_S):
                await anext(drafts, None)
                close: Any = getattr(drafts, "aclose", None)
                if close is not None:
                    await close()
            assert await self.all_of(responder, self.question()), "it answers no more after a question was closed"

        await self.running(work)

    async def test_a_cancelled_question_is_let_go_of(self) -> None:
        async def work(responder: Responder) -> None:
            task = asyncio.create_task(self.all_of(responder, self.question()))
            await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=WAIT_S)
            assert done, "it does not notice that its question was cancelled"
            assert await self.all_of(responder, self.question())

        await self.running(work)

    async def test_it_can_be_stopped_and_started_again(self) -> None:
        responder = self.responder()
        for _ in range(2):
            await responder.start(self.book())
            assert await self.all_of(responder, self.question())
            async with asyncio.timeout(WAIT_S):
                await responder.stop()

    async def test_an_empty_library_and_a_strange_question_harm_nothing(self) -> None:
        responder = self.responder()
        await responder.start(FakeBook())
        try:
            for text in ("?", "😀" * 50, "a" * 4_000, "\u200b"):
                await self.all_of(responder, question(text, lines=(), due_at=None))
        finally:
            await responder.stop()

    def test_its_routes_are_its_own(self) -> None:
        for route in self.responder().routes():
            assert route.path.startswith("/")
            assert route.path not in ("/agent", "/metrics", "/healthz", "/readyz")


__all__ = ["FakeBook", "FakeResponder", "ResponderContract", "approved", "question"]
