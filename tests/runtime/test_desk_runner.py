"""The desk's loop: nothing is told before it is durable, batches overlap by one, and a failure is everybody's."""

import asyncio

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import encode
from relay.domain.desk import Desk
from relay.domain.names import SeatId, ShopId
from relay.domain.replay import rerun
from relay.errors import BadInputError, InboxFullError, OwnershipLostError, RefusedError, RelayError, StoreLatchedError
from relay.rules.guiding import guiding
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import CHANNEL, DESK, SHOP, Rig, SlowStore, go

LATCHED = StoreLatchedError("the disk is gone")


async def _answers(*tasks: "asyncio.Future[object]") -> list[object]:
    """What each of them came to; an exception is an answer too, silence is not."""
    async with asyncio.timeout(5):
        return await asyncio.gather(*tasks, return_exceptions=True)


# --- L1


def test_acknowledged_only_after_the_commit() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        told, before = rig.take(), len(rig.carried)
        command = go(rig.runner.submit(i.SetPresence(seat=SeatId("s1"), presence="away")))
        await rig.rest()
        assert not told.done()
        assert not command.done()
        assert len(rig.carried) == before
        assert rig.count(f.BuyerWrote) == 0
        rig.store.gate.set()
        assert (await told).taken == "taken"
        assert (await command)[0].fact.presence == "away"  # type: ignore[union-attr]
        assert rig.count(f.BuyerWrote) == 1

    run_virtual(main)


def test_no_listener_hears_of_a_fact_before_it_is_durable() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        heard: list[int] = []

        def listen(committed: object) -> None:
            for one in committed:  # type: ignore[attr-defined]
                assert one.seq <= rig.store.heads()[0].seq
                heard.append(one.seq)

        first = rig.runner.committed_seq + 1
        rig.runner.listen(listen)
        await asyncio.gather(*(rig.take(str(n), f"b{n % 3}") for n in range(20)))
        assert heard == list(range(first, rig.runner.committed_seq + 1))

    run_virtual(main)


def test_who_no_longer_waits_has_still_been_taken() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        told = rig.take()
        await asyncio.sleep(0)
        told.cancel()
        await rig.rest()
        assert rig.count(f.BuyerWrote) == 1
        assert (await rig.take()).taken == "duplicate"

    run_virtual(main)


# --- depth one


def test_the_next_batch_is_stepped_while_one_commits_and_no_further() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        tasks, stepped = [], []
        for number in range(3):
            tasks.append(rig.take(str(number), f"b{number}"))
            await rig.rest()
            stepped.append(rig.desk.state.seq - rig.runner.committed_seq)
        assert stepped[0] > 0  # the first batch: stepped, and committing
        assert stepped[1] > stepped[0]  # the second: stepped meanwhile
        assert stepped[2] == stepped[1]  # the third waits in the inbox
        assert rig.runner.inbox_length == 1
        assert len(rig.store.batches[-1].rows) == stepped[0]  # only the first was handed to the store
        rig.store.gate.set()
        assert [one.taken for one in await asyncio.gather(*tasks)] == ["taken"] * 3

    run_virtual(main)


def test_what_waits_shares_one_commit() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        before = len(rig.store.batches)
        await asyncio.gather(*(rig.take(str(n), f"b{n}") for n in range(300)))
        taken = [sum(b'"BuyerWrote@1"' in row.body for row in batch.rows) for batch in rig.store.batches[before:]]
        assert taken == [128, 128, 44]

    run_virtual(main)


# --- L2


def test_the_duplicate_of_an_uncommitted_message_waits_for_its_commit() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        first = rig.take("1")
        await rig.rest()
        again = rig.take("1")
        await rig.rest()
        assert not first.done()
        assert not again.done()
        rig.store.gate.set()
        one, two = await first, await again
        assert (one.taken, two.taken) == ("taken", "duplicate")
        assert one.message == two.message
        assert rig.count(f.BuyerWrote) == 1
        assert rig.runner.duplicates == 1

    run_virtual(main)


def test_duplicates_in_one_batch_are_one_fact() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        told = await asyncio.gather(*(rig.take("1") for _ in range(9)))
        assert sorted(one.taken for one in told) == ["duplicate"] * 8 + ["taken"]
        assert len({one.message for one in told}) == 1
        assert rig.count(f.BuyerWrote) == 1

    run_virtual(main)


@pytest.mark.parametrize("commit_lands", ["while the store is asked", "after the store has answered"])
def test_a_message_that_lands_while_its_duplicate_is_looked_up(commit_lands: str) -> None:
    """The store was asked before the commit and answers after it: what was in flight then is remembered."""

    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        first = rig.take("1", "new buyer")
        await rig.rest()
        rig.store.lookup_gate.clear()
        again, other = rig.take("1", "new buyer"), rig.take("2", "new buyer")
        await rig.rest()
        if commit_lands == "while the store is asked":
            rig.store.gate.set()
            await first
            rig.store.lookup_gate.set()
        else:
            rig.store.lookup_gate.set()
            await rig.rest()
            rig.store.gate.set()
        assert (await again).taken == "duplicate"
        assert (await again).message == (await first).message
        assert (await other).taken == "taken"
        wrote = [fact for fact in rig.durable if isinstance(fact, f.BuyerWrote)]
        assert len(wrote) == 2
        assert len({fact.buyer for fact in wrote}) == 1  # one new buyer, one reference

    run_virtual(main)


def test_the_same_id_with_another_body_is_a_message_of_its_own() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        tasks = [rig.take("1", text="一"), rig.take("1", text="二")]
        await rig.rest()
        tasks.append(rig.take("1", text="三"))
        rig.store.gate.set()
        told = [(await task).taken for task in tasks]
        again = [(await rig.take("1", text=text)).taken for text in ("一", "二", "三")]
        assert told == ["taken", "conflict", "conflict"]
        assert again == ["duplicate"] * 3
        assert [fact.seen for fact in rig.durable if isinstance(fact, f.BuyerWrote)] == ["new", "conflict", "conflict"]

    run_virtual(main)


def test_a_message_is_known_for_ever_by_the_next_process_too() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        first = await rig.take("1")
        await rig.runner.stop()
        again = await Rig.open(clock, rig.store)
        told = await again.take("1")
        assert (told.taken, told.message) == ("duplicate", first.message)

    run_virtual(main)


def test_a_recall_finds_a_message_of_the_same_batch() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        told = rig.take("1")
        recall = rig.take("2", text="", kind="recall", recalls="1")
        await recall
        [fact] = [fact for fact in rig.durable if isinstance(fact, f.MessageRecalled)]
        assert fact.message == (await told).message

    run_virtual(main)


# --- looking


def test_a_look_sees_only_what_is_durable() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        told = rig.take("1")
        look = go(rig.runner.look(lambda state: (state.seq, rig.store.heads()[0].seq)))
        later = rig.take("2")
        await rig.rest()
        assert not look.done()
        rig.store.gate.set()
        seen, durable = await look
        assert seen == durable
        await told
        await later

    run_virtual(main)


def test_a_look_that_raises_harms_nobody_else() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        with pytest.raises(ZeroDivisionError):
            await rig.runner.look(lambda state: 1 // 0)
        assert (await rig.take()).taken == "taken"

    run_virtual(main)


def test_who_listens_from_within_a_look_misses_nothing_and_hears_nothing_twice() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        heard: list[int] = []
        tasks = [rig.take(str(n), f"b{n}") for n in range(5)]

        def begin(state: object) -> int:
            rig.runner.listen(lambda committed: heard.extend(one.seq for one in committed))
            return state.seq  # type: ignore[attr-defined, no-any-return]

        looks = go(rig.runner.look(begin))
        tasks += [rig.take(str(n), f"b{n}") for n in range(5, 300)]
        await asyncio.gather(*tasks)
        assert heard == list(range(await looks + 1, rig.runner.committed_seq + 1))

    run_virtual(main)


# --- refusing


def test_a_refused_command_changes_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        before = rig.desk.state.seq
        with pytest.raises(RefusedError):
            await rig.runner.submit(i.SetPresence(seat=SeatId("nobody"), presence="online"))
        with pytest.raises(BadInputError):
            await rig.take("9", text="", kind="recall", recalls="never seen")
        with pytest.raises(BadInputError):
            await rig.take("9", shop=ShopId("elsewhere"))
        assert rig.desk.state.seq == before == rig.store.heads()[0].seq
        assert (await rig.take("9")).taken == "taken"  # a refused line was not remembered as known

    run_virtual(main)


def test_a_full_inbox_refuses_what_comes_from_outside_and_loses_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock, inbox_size=4)
        rig.store.gate.clear()
        first = [rig.take("1", "b1")]
        await rig.rest()
        first.append(rig.take("2", "b2"))
        await rig.rest()  # one commits, one is stepped; from here on lines wait
        waiting = [rig.take(str(n), f"b{n}") for n in range(3, 9)]
        await rig.rest()
        refused = [task for task in waiting if task.done()]
        assert len(refused) == 2
        assert all(isinstance(task.exception(), InboxFullError) for task in refused)
        with pytest.raises(InboxFullError):
            await rig.runner.submit(i.SetPresence(seat=SeatId("s1"), presence="away"))
        owed = rig.runner.post(i.LoseChannel(shop=SHOP))
        rig.store.gate.set()
        assert [(await task).taken for task in (*first, *waiting[:4])] == ["taken"] * 6
        assert (await owed)[0].fact.shop == SHOP  # type: ignore[union-attr]
        assert [(await rig.take(str(n), f"b{n}")).taken for n in (7, 8)] == ["taken"] * 2

    run_virtual(main)


# --- ticks


def test_nothing_ticks_before_the_desk_may() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        await rig.take()
        await clock.sleep(120)
        assert rig.runner.next_due() is None
        assert rig.count(f.LadderStepped) == 0
        rig.runner.begin_ticking()
        await rig.rest()
        [rungs] = [fact for fact in rig.durable if isinstance(fact, f.LadderStepped)]
        assert rungs.told == ("badge", "sound", "alert")  # 60, 90 and 120 s: decided by the state it finds

    run_virtual(main)


def test_a_deadline_is_met_to_the_millisecond_and_by_one_timer() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.runner.begin_ticking()
        asked = clock.now()
        await rig.take()
        await clock.sleep(200)
        rungs = {fact.do: fact.at - asked for fact in rig.durable if isinstance(fact, f.LadderStepped)}
        assert rungs == {"badge": 60_000, "sound": 90_000, "alert": 120_000, "wall": 150_000, "hold": 160_000}

    run_virtual(main)


def test_at_most_256_ticks_come_before_the_inputs_that_wait() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        await asyncio.gather(*(rig.take(f"q{n}", f"b{n}") for n in range(300)))
        await clock.sleep(61)
        first = len(rig.carried)
        late = rig.runner.post(i.NoteTyping(shop=SHOP, buyer=await rig.buyer(), seat=SeatId("s1")))
        rig.runner.begin_ticking()
        await late
        await rig.rest()
        letters = {f.LadderStepped: "t", f.AgentTyped: "i"}
        order = "".join(letters.get(type(one.fact), "") for batch in rig.carried[first:] for one in batch)
        assert order == "t" * 256 + "i" + "t" * 44

    run_virtual(main)


def test_a_desk_is_behind_until_nothing_is_due_and_rests_when_there_is_nothing_to_do() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        await asyncio.gather(*(rig.take(f"q{n}", f"b{n}") for n in range(600)))
        await clock.sleep(61)
        behind: list[bool] = []
        rig.runner.listen(lambda _: behind.append(rig.runner.is_behind))
        await rig.runner.rest()  # it may not tick yet: nothing is to be done
        rig.runner.begin_ticking()
        assert rig.runner.is_behind
        rested = go(rig.runner.rest())
        while not rested.done():
            done_then = rig.count(f.LadderStepped)
            await asyncio.sleep(0)
        assert done_then >= 512  # the last batch may still be on its way to the disk
        await rig.rest()
        assert behind == [True, False, False]  # the third batch is stepped while the second commits
        assert rig.count(f.LadderStepped) == 600

    run_virtual(main)


def test_a_clock_that_steps_fires_nothing_twice() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.runner.begin_ticking()
        await rig.take()
        await clock.sleep(70)
        clock.step(-3_600_000)
        rig.runner.rearm()
        await clock.sleep(100)
        assert rig.count(f.LadderStepped) == 1
        clock.step(3_600_000)
        rig.runner.rearm()
        await rig.rest()
        rungs = [fact.told for fact in rig.durable if isinstance(fact, f.LadderStepped)]
        assert rungs == [("badge",), ("sound", "alert", "wall"), ("hold",)]
        assert rig.count(f.HoldIntended) == 1

    run_virtual(main)


# --- failing


def test_a_failed_commit_is_told_to_all_who_wait_and_to_all_that_was_stepped_after() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        before, carried = rig.runner.committed_seq, len(rig.carried)
        rig.store.gate.clear()
        tasks: list[asyncio.Future[object]] = [rig.take("1")]  # type: ignore[list-item]
        await rig.rest()  # commits
        tasks += [rig.take("1"), rig.take("2"), go(rig.runner.submit(i.LoseChannel(shop=SHOP)))]  # type: ignore[list-item]
        await rig.rest()  # a duplicate of what commits; and what is stepped meanwhile
        tasks += [rig.take("3"), go(rig.runner.look(lambda state: state.seq))]  # type: ignore[list-item]
        await rig.rest()  # waits in the inbox
        rig.store.fault = LATCHED
        rig.store.gate.set()
        assert await _answers(*tasks) == [LATCHED] * 6
        assert rig.runner.failure is LATCHED
        assert rig.runner.committed_seq == before
        assert len(rig.carried) == carried
        assert await _answers(rig.take("4"), rig.runner.post(i.LoseChannel(shop=SHOP))) == [LATCHED] * 2  # type: ignore[arg-type]
        assert await _answers(rig.runner.ended()) == [LATCHED]  # type: ignore[arg-type]

    run_virtual(main)


def test_a_failed_lookup_is_told_to_all_whose_lines_were_looked_up() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.lookup_fault = LATCHED
        tasks = [rig.take("1"), rig.take("2"), go(rig.runner.submit(i.LoseChannel(shop=SHOP)))]
        assert await _answers(*tasks) == [LATCHED] * 3  # type: ignore[arg-type]
        assert await _answers(rig.runner.ended()) == [LATCHED]  # type: ignore[arg-type]

    run_virtual(main)


def test_a_commit_that_fails_while_lines_are_looked_up_is_told_to_them() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        tasks = [rig.take("1")]
        await rig.rest()
        rig.store.lookup_gate.clear()
        tasks.append(rig.take("2"))
        await rig.rest()
        rig.store.fault = LATCHED
        rig.store.gate.set()
        await rig.rest()
        rig.store.lookup_gate.set()
        assert await _answers(*tasks) == [LATCHED] * 2  # type: ignore[arg-type]
        assert await _answers(rig.runner.ended()) == [LATCHED]  # type: ignore[arg-type]

    run_virtual(main)


def test_a_desk_that_stumbles_over_a_line_tells_all_of_its_batch() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        stumble = AssertionError("a bug in the desk")

        def step(given: i.Input, at: int) -> list[f.DeskFact]:
            raise stumble

        class Stumbling(Desk):
            pass

        broken = Stumbling(DESK, guiding)
        broken.state = rig.desk.state
        broken.step = step  # type: ignore[method-assign, assignment]
        rig.runner._stepper._desk = broken
        tasks = [rig.take("1"), rig.take("2")]
        assert await _answers(*tasks) == [stumble] * 2  # type: ignore[arg-type]
        assert await _answers(rig.runner.ended()) == [stumble]  # type: ignore[arg-type]

    run_virtual(main)


def test_a_listener_that_raises_harms_neither_the_desk_nor_the_others() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        heard: list[int] = []
        rig.runner.listen(lambda committed: 1 // 0)  # type: ignore[arg-type, return-value]
        rig.runner.listen(lambda committed: heard.append(len(committed)))
        assert [(await rig.take(str(n))).taken for n in range(3)] == ["taken"] * 3
        await rig.rest()
        assert len(heard) == 3
        assert rig.runner.failure is None

    run_virtual(main)


def test_who_loses_the_desk_serves_it_no_more() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        await rig.take("1")
        carried = len(rig.carried)
        other = await Rig.open(clock, rig.store)
        for _ in range(2):
            with pytest.raises(OwnershipLostError):
                await rig.take("2")
        assert isinstance(rig.runner.failure, OwnershipLostError)
        assert len(rig.carried) == carried  # its effects were dropped
        assert (await other.take("2")).taken == "taken"
        assert (await other.take("1")).taken == "duplicate"
        assert await _answers(rig.runner.ended()) == [rig.runner.failure]  # type: ignore[arg-type]

    run_virtual(main)


# --- stopping


def test_a_stop_finishes_what_is_in_the_inbox() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        tasks = [rig.take(str(n), f"b{n}") for n in range(200)]
        await asyncio.sleep(0)
        await rig.runner.stop()
        assert [(await task).taken for task in tasks] == ["taken"] * 200
        with pytest.raises(RelayError):
            await rig.take("late")

    run_virtual(main)


def test_what_comes_during_the_last_commit_of_a_stop_is_refused_and_not_forgotten() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.store.gate.clear()
        first = rig.take("1")
        await rig.rest()
        stop = go(rig.runner.stop())
        await rig.rest()
        late = rig.take("2")
        await rig.rest()
        rig.store.gate.set()
        await stop
        assert (await first).taken == "taken"
        [answer] = await _answers(late)  # type: ignore[arg-type]
        assert isinstance(answer, RelayError) or getattr(answer, "taken", "") == "taken"
        again = await Rig.open(clock, rig.store)
        assert (await again.take("2")).taken == ("taken" if isinstance(answer, RelayError) else "duplicate")

    run_virtual(main)


# --- L16


def test_batch_borders_never_change_a_fact() -> None:
    async def ledger(clock: VirtualClock, pause: float) -> list[bytes]:
        rig = await Rig.open(clock)
        tasks = []
        for number in range(60):
            tasks.append(rig.take(str(number // 2), f"b{number % 7}", sender_pause(number)))
            if pause:
                await rig.rest()
        await asyncio.gather(*tasks)
        assert [encode(fact) for fact in rerun(Desk(DESK, guiding), rig.durable)] == [
            encode(fact) for fact in rig.durable
        ]
        return [encode(fact) for fact in rig.durable]

    def sender_pause(number: int) -> str:
        return "在吗" if number % 5 else "谢谢"

    one = run_virtual(lambda clock: ledger(clock, 0))
    other = run_virtual(lambda clock: ledger(clock, 1))
    assert len(one) == len(other)
    assert [body.split(b'"buyer"')[0] for body in one] == [body.split(b'"buyer"')[0] for body in other]


def test_the_channel_of_a_rig_is_the_one_that_keys_are_made_for() -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock, SlowStore())
        await rig.take("1")
        assert (await go(rig.runner.take(type(CHANNEL)("other"), rig.line("1")))).taken == "taken"

    run_virtual(main)
