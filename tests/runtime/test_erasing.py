"""Erasing at a desk: what is refused, and that no order of messages, erasures and returns breaks a law."""

import asyncio
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.desk import Desk
from relay.domain.names import BuyerRef, Millis, PersonId
from relay.domain.replay import rerun, same
from relay.errors import RefusedError, StoreLatchedError
from relay.rules.guiding import guiding
from relay.runtime.erasure import Erasure
from relay.store.verify import verify
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import DESK, SHOP, Rig, go

ANN, BOSS = PersonId("ann"), PersonId("boss")


def erasure(who: BuyerRef) -> Erasure:
    """Everything of this buyer, as if nothing had been collected before."""
    return Erasure(i.Erase(by=BOSS, contents=(), buyers=(who,), shop=SHOP, why="request"), 0)


def close(who: BuyerRef) -> i.CloseConversation:
    return i.CloseConversation(shop=SHOP, buyer=who, by=ANN, reason="done")


async def came(rig: Rig, buyer: str = "b1", id: str = "1") -> BuyerRef:
    await rig.take(id, buyer)
    return next(one.buyer for one in reversed(rig.durable) if isinstance(one, f.BuyerWrote))


@pytest.mark.parametrize(
    ("code", "zh"),
    [("erase_question", "等待回复"), ("erase_debt", "欠答"), ("erase_follow_up", "跟进"), ("erase_reception", "接待")],
)
def test_while_something_is_open_the_desk_refuses_and_says_what(code: str, zh: str) -> None:
    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        who = await came(rig)
        where: dict[str, Any] = {"shop": SHOP, "buyer": who, "by": ANN, "digest": ""}
        if code == "erase_debt":
            rig.runner.begin_ticking()
            await clock.sleep(165)  # the machine's hold has become due
        elif code == "erase_reception":
            await rig.runner.submit(i.Reply(**where, key="k"), "今天发货")
        elif code == "erase_follow_up":
            await rig.runner.submit(i.MakeFollowUp(**where, due_at=Millis(clock.now() + 3_600_000)), "回电")
            await rig.runner.submit(close(who))
        if code in ("erase_debt", "erase_reception"):
            [send] = await rig.runner.look(lambda state: list(state.sends))
            await rig.runner.submit(i.PrepareSend(send=send))
            await rig.runner.submit(i.EndSend(send=send, outcome="confirmed", sent_at=clock.now()))
        before = rig.durable
        with pytest.raises(RefusedError) as refused:
            await rig.runner.erase(erasure(who))
        assert (refused.value.code, zh in refused.value.zh) == (code, True)
        assert rig.durable == before
        await rig.runner.stop()

    run_virtual(main)


def test_a_message_that_waits_behind_an_erasure_finds_nobody() -> None:
    """All three stand in the inbox at once: the old reference takes nothing that comes after it was erased."""

    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        old = await came(rig)
        rig.store.delay_s = 0.05
        closing = rig.runner.post(close(old))
        erasing = go(rig.runner.erase(erasure(old)))
        returning = rig.take("2")
        await asyncio.gather(closing, erasing, returning)
        refs = [one.buyer for one in rig.durable if isinstance(one, f.BuyerWrote)]
        assert refs[0] == old != refs[1]
        assert [row.ref for row in rig.store.people.values()] == [refs[1]]
        kept = [rig.durable[seq - 1] for seq in rig.store.texts[DESK]]
        assert [one.buyer for one in kept if isinstance(one, f.BuyerWrote)] == [refs[1]]
        await rig.runner.stop()

    run_virtual(main)


def test_whoever_erases_hears_of_a_store_that_fails() -> None:
    """Also before anything was stepped: while the texts that came since are looked for."""

    async def main(clock: VirtualClock) -> None:
        for fails in ("read", "append"):
            rig = await Rig.open(clock)
            who = await came(rig)
            await rig.runner.submit(close(who))
            breaks = mock.patch.object(rig.store, fails, side_effect=StoreLatchedError("no disk"))
            with breaks, pytest.raises(StoreLatchedError):
                await rig.runner.erase(erasure(who))
            assert isinstance(rig.runner.failure, StoreLatchedError)
            assert rig.count(f.Erased) == 0
            await rig.runner.stop()

    run_virtual(main)


def asked(rig: Rig) -> list[f.DeskFact]:
    """What was told the desk; what is due may come between."""
    return [one for one in rig.durable if isinstance(one, f.BuyerWrote | f.NoteWritten | f.Erased)]


DEEDS = st.lists(
    st.tuples(st.sampled_from(["write", "again", "close", "erase", "note", "wait"]), st.sampled_from(["b1", "b2"])),
    max_size=25,
)


@given(deeds=DEEDS)
@settings(max_examples=40, deadline=None)
def test_no_order_of_messages_erasures_and_returns_breaks_a_law(deeds: list[tuple[str, str]]) -> None:
    """L2, L12, L16, and: after an erasure there is no text and no name of that reference, and never again."""

    async def main(clock: VirtualClock) -> None:
        rig = await Rig.open(clock)
        rig.runner.begin_ticking()
        brought: dict[str, list[str]] = {"b1": [], "b2": []}
        refs: dict[str, BuyerRef] = {}
        erased: set[BuyerRef] = set()
        for number, (deed, buyer) in enumerate(deeds):
            before = asked(rig)
            try:
                if deed == "write":
                    brought[buyer].append(f"{number}")
                    refs[buyer] = await came(rig, buyer, f"{number}")
                    assert refs[buyer] not in erased, "one who returns is somebody else"
                elif deed == "again" and brought[buyer]:
                    assert (await rig.take(brought[buyer][0], buyer)).taken == "duplicate"
                    assert asked(rig) == before, "what was known changes nothing, also after an erasure"
                elif deed == "wait":
                    await clock.sleep(40)
                elif buyer in refs and deed == "close":
                    await rig.runner.submit(close(refs[buyer]))
                elif buyer in refs and deed == "note":
                    await rig.runner.submit(i.WriteNote(shop=SHOP, buyer=refs[buyer], by=ANN), "怕冷")
                elif buyer in refs and deed == "erase":
                    await rig.runner.erase(erasure(refs[buyer]))
                    erased.add(refs.pop(buyer))
            except RefusedError:
                assert asked(rig) == before
        facts = rig.durable
        texts = rig.store.texts.get(DESK, {})
        assert not [seq for seq in texts if getattr(facts[seq - 1], "buyer", None) in erased]
        assert not erased & {row.ref for row in rig.store.people.values()}
        assert verify(rig.store) == []
        assert same(facts, rerun(Desk(DESK, guiding), facts))
        await rig.runner.stop()

    run_virtual(main)
