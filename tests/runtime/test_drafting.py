"""Responders at work: who is asked what and when, and that a bad one costs nothing but its draft."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

from relay.contracts import DraftText, Question
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.drafts import read
from relay.domain.names import ReplyId, ShopId
from relay.runtime.drafting.asking import AT_ONCE, MOST_DRAFTS
from relay.runtime.drafting.drafting import Drafting, Part
from relay.testing.contracts_responder import FakeResponder
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import SHOP, SlowStore
from tests.runtime.test_service import ANN, House, settings


def draft(text: str = "今天发货", **more: Any) -> DraftText:
    return DraftText(text=text, **({"provider": "fake"} | more))


class Workshop:
    """A service with responders."""

    def __init__(self, house: House, *responders: FakeResponder, threads: bool = False, **part: Any) -> None:
        self.house = house
        parts = [Part(one, **part) for one in responders]
        self.drafting = Drafting(parts, house.service, house.store, house.clock, threads=threads)

    @classmethod
    async def open(
        cls, clock: VirtualClock, *responders: FakeResponder, store: SlowStore | None = None, **more: Any
    ) -> "Workshop":
        house = await House.open(clock, store, settings(assist=more.pop("assist", "suggest")))
        shop = cls(house, *responders, **more)
        shop.drafting.start()
        await house.rest()
        if store is None:
            await house.online()
        return shop

    async def ask(self, id: str = "1", buyer: str = "b1", text: str = "什么时候发货") -> None:
        await self.house.channel.arrive(self.house.line(id, buyer, text))
        await self.house.rest()

    def offered(self) -> list[f.DraftOffered]:
        return [fact for fact in self.house.durable() if isinstance(fact, f.DraftOffered)]

    def counts(self) -> dict[tuple[str, str, str], float]:
        told = self.drafting.counters()
        return {(name, labels["responder"], labels["how"]): value for name, _, labels, value in told}

    async def close(self) -> None:
        await self.drafting.stop()
        await self.house.service.stop()


def test_a_question_is_asked_once_it_is_durable_and_its_draft_is_offered() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder(drafts=[draft(confidence=870, reason="同类问题")])
        shop = await Workshop.open(clock, responder)
        await shop.ask(text="什么时候发货")
        [asked] = responder.asked
        [fact] = shop.offered()
        [wrote] = [fact for fact in shop.house.durable() if isinstance(fact, f.BuyerWrote)]
        assert (asked.text, asked.shop, asked.buyer) == ("什么时候发货", SHOP, wrote.buyer)
        assert [line.text for line in asked.lines] == ["什么时候发货"]
        assert asked.due_at == clock.now() + 180_000
        assert (fact.message, fact.provider, fact.confidence, fact.cause) == (asked.message, "fake", 870, 0)
        [told] = [one for one in shop.house.runner().read(1) if one.fact == fact]
        assert read(told.text) == ("今天发货", "同类问题")
        assert not shop.house.channel.sent, "a draft is never sent by itself"
        assert shop.counts()["responder_drafts", "fake", "offered"] == 1
        await shop.close()

    run_virtual(main)


def test_nothing_is_asked_before_the_question_is_durable() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder)
        shop.house.store.gate.clear()
        arriving = asyncio.create_task(shop.house.channel.arrive(shop.house.line("1")))
        await shop.house.rest()
        assert not responder.asked
        shop.house.store.gate.set()
        await arriving
        await shop.house.rest()
        assert len(responder.asked) == 1
        await shop.close()

    run_virtual(main)


def test_the_last_message_decides_and_the_question_before_it_is_let_go() -> None:
    async def main(clock: VirtualClock) -> None:
        async def slow(question: Question) -> AsyncIterator[DraftText]:
            await clock.sleep(5)
            yield draft(f"答：{question.text[-2:]}")

        responder = FakeResponder(script=slow)
        shop = await Workshop.open(clock, responder)
        await shop.ask("1", text="在吗")
        await clock.sleep(1)
        await shop.ask("2", text="发货")
        assert responder.closed == 1, "the void question was not let go"
        await clock.sleep(10)
        assert [one.text for one in responder.asked] == ["在吗", "在吗\n发货"]
        assert [fact.message for fact in shop.offered()] == [responder.asked[1].message]
        assert shop.counts()["responder_questions", "fake", "void"] == 1
        await shop.close()

    run_virtual(main)


def test_an_answer_and_a_closed_conversation_end_the_asking() -> None:
    async def main(clock: VirtualClock) -> None:
        async def slow(question: Question) -> AsyncIterator[DraftText]:
            await clock.sleep(5)
            yield draft()

        responder = FakeResponder(script=slow)
        shop = await Workshop.open(clock, responder)
        await shop.ask()
        await shop.house.reply()
        await shop.house.rest()
        assert responder.closed == 1
        await clock.sleep(10)
        assert shop.offered() == []
        await shop.close()

    run_virtual(main)


def test_no_platform_id_goes_out_and_no_text_of_another_buyer() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder)
        await shop.ask("1", "tb-secret-1", "一")
        await shop.ask("2", "tb-secret-2", "二")
        assert "tb-secret" not in repr(responder.asked)
        assert [[line.text for line in one.lines] for one in responder.asked] == [["一"], ["二"]]
        await shop.close()

    run_virtual(main)


def test_what_was_said_before_goes_with_the_question() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder)
        await shop.ask("1", text="什么时候发货")
        await shop.house.reply("今天发货")
        await shop.house.rest()
        await clock.sleep(1)
        await shop.ask("2", text="用什么快递")
        last = responder.asked[-1]
        assert [(line.role, line.text) for line in last.lines] == [
            ("buyer", "什么时候发货"), ("merchant", "今天发货"), ("buyer", "用什么快递"),
        ]  # fmt: skip
        assert last.text == "用什么快递"
        await shop.close()

    run_virtual(main)


def test_a_shop_that_a_responder_does_not_serve_or_that_is_off_is_not_asked_for() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder, shops=frozenset({ShopId("other")}))
        await shop.ask()
        await shop.close()
        off = await Workshop.open(clock, responder, assist="off")
        await off.ask()
        assert responder.asked == []
        await off.close()

    run_virtual(main)


def test_after_a_restart_an_open_question_is_asked_again_and_known_words_are_not_offered_twice() -> None:
    async def main(clock: VirtualClock) -> None:
        store = SlowStore()
        house = await House.open(clock, store, settings())
        await house.service.office.apply_settings(settings(assist="suggest"), None)
        await house.online()
        await house.rest()
        await house.channel.arrive(house.line("1", text="什么时候发货"))
        await house.service.stop()
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder, store=store)
        assert [one.text for one in responder.asked] == ["什么时候发货"]
        assert len(shop.offered()) == 1
        await shop.close()
        again = await Workshop.open(clock, FakeResponder(), store=store)
        assert len(again.offered()) == 1
        await again.close()

    run_virtual(main)


# --- bad responders


async def _raising(question: Question) -> AsyncIterator[DraftText]:
    yield draft("先说一句")
    raise RuntimeError("买家说了什么")


async def _hanging(question: Question) -> AsyncIterator[DraftText]:
    await asyncio.Event().wait()
    yield draft()


async def _flooding(question: Question) -> AsyncIterator[DraftText]:
    number = 0
    while True:
        number += 1
        yield draft(f"草稿{number}")


async def _malformed(question: Question) -> AsyncIterator[DraftText]:
    bad: Sequence[Any] = (
        "no draft", draft(""), draft("x" * 2_001), draft("响铃\x07"), draft(provider=""), draft(confidence=1_001),
        draft(confidence=True), draft(mode="chat"), draft(reason="x" * 201), draft("\ud800"), draft(provider="p" * 65),
        draft(text=None), draft("藏\x1e起来"),
    )  # fmt: skip
    for one in bad:
        yield one
        if len(bad) > MOST_DRAFTS:
            await asyncio.sleep(0)


def test_each_bad_responder_costs_nothing_but_its_draft() -> None:
    """The good one beside them is heard, the deadline is kept, and each is counted by name."""

    async def main(clock: VirtualClock) -> None:
        bad = {"raising": _raising, "hanging": _hanging, "flooding": _flooding, "malformed": _malformed}
        good = FakeResponder("good", [draft("好的草稿")])
        responders = [*(FakeResponder(name, script=script) for name, script in bad.items()), good]
        shop = await Workshop.open(clock, *responders, budget_s=10.0, assist="assist")
        asked_at = clock.now()
        await shop.ask()
        await clock.sleep(200)
        assert [fact.provider for fact in shop.offered() if fact.responder == "good"] == ["fake"]
        assert shop.house.last(f.SendStarted).at - asked_at == 160_000, "the hold came at its instant"
        counts = shop.counts()
        assert counts["responder_questions", "raising", "failed"] == 1
        assert counts["responder_questions", "hanging", "timed_out"] == 1
        assert counts["responder_questions", "flooding", "flooded"] == 1
        assert len([fact for fact in shop.offered() if fact.responder == "flooding"]) == MOST_DRAFTS
        assert counts["responder_drafts", "malformed", "malformed"] >= 3
        assert not [fact for fact in shop.offered() if fact.responder == "malformed"]
        await shop.close()

    run_virtual(main)


def test_a_responder_that_lets_nothing_go_is_asked_no_more() -> None:
    async def main(clock: VirtualClock) -> None:
        let_go = asyncio.Event()

        async def hears_nothing(question: Question) -> AsyncIterator[DraftText]:
            while not let_go.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await let_go.wait()
            yield draft("太晚了")

        deaf = FakeResponder(script=hears_nothing)
        shop = await Workshop.open(clock, deaf, budget_s=5.0)
        for number in range(AT_ONCE + 3):
            await shop.ask(str(number), f"b{number}", "在吗")
            await clock.sleep(0.1)
        await clock.sleep(20)
        assert len(deaf.asked) == AT_ONCE
        assert shop.counts()["responder_questions", "fake", "timed_out"] == AT_ONCE
        let_go.set()
        await shop.house.rest()
        assert shop.counts()["responder_drafts", "fake", "late"] == AT_ONCE
        assert shop.offered() == []
        await shop.close()

    run_virtual(main)


def test_the_most_urgent_waits_least_and_what_is_too_much_is_skipped() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder(script=_hanging)
        shop = await Workshop.open(clock, responder, budget_s=150.0)
        await shop.house.service.office.apply_settings(settings(cap=500, assist="suggest"), None)
        for number in range(AT_ONCE + 66):
            await shop.ask(str(number), f"b{number}", f"问题{number}")
            await clock.sleep(0.01)
        assert [one.text for one in responder.asked] == [f"问题{number}" for number in range(AT_ONCE)]
        assert shop.counts()["responder_questions", "fake", "skipped"] == 2
        shop.drafting._askers[0][1].void((shop.house.runner().desk, (SHOP, responder.asked[0].buyer)))
        await shop.house.rest()
        assert responder.asked[-1].text == f"问题{AT_ONCE}", "the oldest of those that wait is the most urgent"
        await shop.close()

    run_virtual(main)


def test_one_that_cannot_start_harms_nobody() -> None:
    async def main(clock: VirtualClock) -> None:
        class Broken(FakeResponder):
            async def start(self, book: object) -> None:
                raise OSError("no network")

        shop = await Workshop.open(clock, Broken("broken"), FakeResponder("good"))
        await shop.ask()
        assert [fact.responder for fact in shop.offered()] == ["good"]
        assert shop.counts()["responder_questions", "broken", "not_started"] == 1
        await shop.close()

    run_virtual(main)


async def test_one_that_blocks_its_thread_holds_up_itself_alone() -> None:
    """In real time: the responder stands still in its thread until the desk has answered somebody."""
    let_go = threading.Event()

    async def blocking(question: Question) -> AsyncIterator[DraftText]:
        let_go.wait(10)
        yield draft("太晚了")

    class LoopClock:
        def now(self) -> Any:
            return 1_772_416_800_000 + round(self.monotonic() * 1000)

        def monotonic(self) -> float:
            return asyncio.get_running_loop().time()

    stuck, good = FakeResponder("stuck", script=blocking), FakeResponder("good")
    clock: Any = LoopClock()
    house = await House.open(clock, None, settings(assist="suggest"))
    drafting = Drafting([Part(stuck), Part(good)], house.service, house.store, clock, threads=True)
    drafting.start()
    await house.rest()
    await house.online()
    came = asyncio.Event()

    def heard(told: Any) -> None:
        if any(isinstance(one.fact, f.DraftOffered) for one in told):
            came.set()

    house.runner().listen(heard)
    await house.channel.arrive(house.line("1"))
    async with asyncio.timeout(8):
        await came.wait()
    await house.reply()
    assert [fact.responder for fact in house.durable() if isinstance(fact, f.DraftOffered)] == ["good"]
    let_go.set()
    await drafting.stop()
    await house.service.stop()
    assert [fact.responder for fact in house.durable() if isinstance(fact, f.DraftOffered)] == ["good"]


def test_a_named_quick_reply_must_be_in_its_own_words() -> None:
    async def main(clock: VirtualClock) -> None:
        drafts = [draft("请稍等", reply="wait", version=1), draft("请稍等一下", reply="wait", version=1)]
        shop = await Workshop.open(clock, FakeResponder(drafts=drafts))
        await shop.ask()
        assert [(fact.reply, fact.version) for fact in shop.offered()] == [("wait", 1), (None, None)]
        await shop.close()

    run_virtual(main)


def test_an_approved_draft_reaches_the_buyer_as_a_persons_words() -> None:
    async def main(clock: VirtualClock) -> None:
        shop = await Workshop.open(clock, FakeResponder(drafts=[draft("今天发货", provider="leyan", mode="assist")]))
        await shop.ask()
        [offered] = [one.seq for one in shop.house.runner().read(1) if isinstance(one.fact, f.DraftOffered)]
        buyer = shop.offered()[0].buyer
        given: Any = {"shop": SHOP, "buyer": buyer, "by": ANN, "digest": "", "key": "k", "draft": f"d{offered}"}
        await shop.house.runner().submit(i.Reply(**given), "今天发货")
        await shop.house.rest()
        assert [(one.text, one.machine) for one in shop.house.channel.sent] == [("今天发货", False)]
        author = shop.house.last(f.SendEnded).author
        assert (author.kind, author.provider, author.mode, author.origin) == ("human", "leyan", "assist", "draft")
        await shop.close()

    run_virtual(main)


def test_the_book_shows_what_may_be_sent_now() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder)
        book: Any = responder.book
        assert [one.id for one in book.usable(SHOP)] == [ReplyId("wait")]
        wanted = settings(assist="suggest")
        await shop.house.service.office.apply_settings(type(wanted)(**_without_replies(wanted)), None)
        assert book.usable(SHOP) == []
        await shop.close()

    run_virtual(main)


def _without_replies(wanted: Any) -> dict[str, Any]:
    return {name: () if name == "replies" else getattr(wanted, name) for name in wanted.__struct_fields__}


def test_a_slow_start_is_waited_for_by_nobody_and_its_questions_wait() -> None:
    async def main(clock: VirtualClock) -> None:
        class Slow(FakeResponder):
            async def start(self, book: object) -> None:
                await clock.sleep(12)

        slow, good = Slow("slow"), FakeResponder("good", [draft("好")])
        begun = clock.now()
        shop = await Workshop.open(clock, slow, good)
        await shop.ask()
        assert clock.now() == begun
        assert [fact.responder for fact in shop.offered()] == ["good"]
        await clock.sleep(13)
        assert [fact.responder for fact in shop.offered()] == ["good", "slow"]
        await shop.close()

    run_virtual(main)
