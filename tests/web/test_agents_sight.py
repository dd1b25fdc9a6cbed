"""L14 on the socket: who is told what; and resuming, which must be exact."""

import json

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef, PersonId, ReplyId
from relay.domain.settings import Shop
from relay.web.frames import SHOWN_LIMIT
from relay.web.hub import AgentSettings
from tests.domain.world import agreed
from tests.web.floor import ALPHA, BETA, DESK, Floor
from tests.web.play import SECRET, Play

FOREIGN = {"ann": BETA, "ben": BETA, "sue": BETA, "olga": BETA, "audra": BETA, "bea": ALPHA}
MANY = AgentSettings(queue_frames=1_000_000, queue_bytes=1 << 30)


@pytest.mark.parametrize("seed", range(6))
async def test_no_frame_of_a_foreign_shop_ever_reaches_anybody(seed: int) -> None:
    async with Floor(MANY) as floor:
        play = Play(floor, seed)
        play.run(100)
        clients = {person: await floor.come(person) for person in FOREIGN}
        for _ in range(5):
            play.run(40)
            for person, client in clients.items():
                heard = json.dumps([client.first, client.list, await client.told()], ensure_ascii=False)
                foreign = FOREIGN[person]
                assert SECRET[foreign] not in heard, person
                assert f'"{foreign}"' not in heard, person
                assert "仅限贝塔" not in heard or foreign == ALPHA


@pytest.mark.parametrize("seed", range(6))
async def test_an_agent_is_told_of_their_own_seats_all_and_nothing_else(seed: int) -> None:
    async with Floor(MANY) as floor:
        ann = await floor.come("ann")
        start = ann.list["seq"]
        Play(floor, seed).run(300)
        told = await ann.told()
        seats = seats_by_seq(floor)
        for event in told:
            if "buyer" in event:
                assert "a1" in seats[event["seq"]], event
        heard = {event["seq"] for event in told}
        for committed in floor.port.facts[start:]:
            spoken = isinstance(committed.fact, (f.BuyerWrote, f.Assigned, f.RoundOpened, f.LadderStepped, f.SendEnded))
            if spoken and "a1" in seats[committed.seq]:
                assert committed.seq in heard, committed.fact


def seats_by_seq(floor: Floor) -> dict[int, set[str | None]]:
    """For each fact: the seat it names, and the one that had its conversation before; told by the facts alone."""
    had: dict[tuple[str, str], str | None] = {}
    seats: dict[int, set[str | None]] = {}
    for committed in floor.port.facts:
        fact = committed.fact
        buyer = getattr(fact, "buyer", None)
        if buyer is None:
            continue
        key = (fact.shop, buyer)  # type: ignore[union-attr]
        seats[committed.seq] = {getattr(fact, "seat", None), had.get(key)}
        if isinstance(fact, f.Assigned):
            had[key] = fact.seat
        elif isinstance(fact, (f.Queued, f.ConversationClosed)):
            had[key] = None
    return seats


@pytest.mark.parametrize("person", ["ann", "cleo", "sue", "audra", "bea"])
async def test_a_resume_at_every_seq_gives_exactly_what_a_lasting_session_got(person: str) -> None:
    async with Floor(MANY) as floor:
        lasting = await floor.come(person)
        start = lasting.list["seq"]
        Play(floor, 7).run(160)
        told = await lasting.told()
        assert len(told) > 10
        for since in range(start, floor.port.core.state.seq + 1):
            back = await floor.come(person, since=since)
            assert back.first["resumed"], since
            assert await back.told() == [event for event in told if event["seq"] > since]
            await back.leave()


async def test_what_happens_while_nobody_is_there_is_in_the_list_and_what_follows_resumes_exactly() -> None:
    """No frame is made that nobody could ever be told: whoever comes for the first time gets the list."""
    async with Floor(MANY) as floor:
        Play(floor, 5).run(80)
        early = floor.port.core.state.seq - 10
        sue = await floor.come("sue", since=early)
        assert not sue.first["resumed"]
        assert sue.list["seq"] == floor.port.core.state.seq
        Play(floor, 6).run(80)
        seen = [event["seq"] for event in await sue.told()]
        assert seen[0] > sue.list["seq"]
        back = await floor.come("sue", since=seen[0])
        assert back.first["resumed"]
        assert [event["seq"] for event in await back.told()] == seen[1:]


async def test_whoever_leaves_last_may_still_come_back_for_what_they_missed() -> None:
    async with Floor(MANY) as floor:
        sue = await floor.come("sue")
        await sue.leave()
        Play(floor, 6).run(80)
        back = await floor.come("sue", since=sue.list["seq"])
        assert back.first["resumed"]
        assert len(await back.told()) > 20


async def test_one_frame_per_fact_in_order_and_live_after_the_resume() -> None:
    async with Floor(MANY) as floor:
        ann = await floor.come("ann")
        Play(floor, 3).run(200)
        back = await floor.come("ann", since=ann.list["seq"])
        Play(floor, 4).run(200)
        assert await back.told() == await ann.told()
        seqs = [event["seq"] for event in ann.events]
        assert seqs == sorted(set(seqs))


@pytest.mark.parametrize(
    ("since", "note"), [(10**9, "since_ahead"), (-1, "since_too_old"), (0, "since_too_old"), (1, "since_too_old")]
)
async def test_an_absurd_since_gives_the_list_afresh(since: int, note: str) -> None:
    async with Floor() as floor:
        await floor.come("ann")
        back = await floor.come("ann", since=since)
        assert (back.first["resumed"], back.list["note"]) == (False, note)


async def test_a_gap_that_is_too_large_gives_the_list_afresh() -> None:
    async with Floor(AgentSettings(resume_facts=20)) as floor:
        ann = await floor.come("ann")
        floor.online("a1")
        for number in range(40):
            floor.ask("x-1", str(number))
        back = await floor.come("ann", since=ann.list["seq"])
        assert back.list["note"] == "since_too_old"
        assert (await floor.come("ann", since=back.list["seq"] - 5)).first["resumed"]


async def test_after_a_change_of_roles_in_between_the_list_comes_afresh() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        await ann.leave()
        floor.hire("ann", {ALPHA: "agent", BETA: "agent"})
        back = await floor.come("ann", since=ann.list["seq"])
        assert back.list["note"] == "settings"
        assert [shop["shop"] for shop in back.list["shops"]] == ["alpha", "beta"]


async def test_a_conversation_that_comes_to_my_seat_comes_in_full_and_leaves_with_a_word() -> None:
    async with Floor() as floor:
        floor.online("a1")
        ann, ben = await floor.come("ann"), await floor.come("ben")
        floor.ask("x-1", "第一")
        floor.ask("x-1", "第二")
        floor.online("a2")
        floor.port.do(i.SetPresence(seat="a1", presence="offline"))  # type: ignore[arg-type]
        floor.clock.advance(31_000)
        floor.port.tick()
        assert [event["type"] for event in await ann.told()][-1] == "left"
        assert ann.events[-1]["seat"] == "a1"
        (assigned,) = [event for event in await ben.told() if event["type"] == "assigned"]
        assert (assigned["seat"], assigned["previous"]) == ("a2", "a1")
        conv = assigned["conversation"]
        assert [line["text"] for line in conv["messages"]] == ["第一", "第二"]
        assert (conv["questions"], conv["complete"]) == (2, True)
        assert assigned["seq"] == ann.events[-1]["seq"]


async def test_the_queue_is_for_those_who_see_all() -> None:
    async with Floor() as floor:
        ann, sue = await floor.come("ann"), await floor.come("sue")
        floor.ask("x-1", "有人吗")
        assert await ann.told() == []
        kinds = [event["type"] for event in await sue.told()]
        assert kinds == ["buyer_wrote", "round_opened", "queued"]
        late = await floor.come("audra")
        assert [(conv["queued"], conv["seat"]) for conv in late.list["conversations"]] == [(True, None)]


async def test_a_text_of_another_seat_in_my_conversation_is_shown_to_me() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann = await floor.come("ann")
        floor.port.do(i.Reply(shop=ALPHA, buyer=BuyerRef("x-1"), by=PersonId("sue"), digest=""), "主管代答")
        (event,) = await ann.told()
        assert (event["type"], event["seat"], event["message"]["text"]) == ("reply_intended", "a9", "主管代答")


async def test_an_unknown_outcome_is_shown_with_what_to_do() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann = await floor.come("ann")
        answer = await ann.do("reply", shop="alpha", buyer="x-1", text="您好，今天发", key="k1")
        floor.deliver(f"s{answer['seq']}", "unknown", why="timeout")
        ended = (await ann.told())[-1]
        assert (ended["type"], ended["outcome"]) == ("send_ended", "unknown")
        assert "平台客户端" in ended["ask"]["zh"]
        again = await floor.come("ann")
        (send,) = again.list["conversations"][0]["sends"]
        assert (send["status"], send["ask"]) == ("unknown", ended["ask"])


async def test_the_machines_hold_shows_the_text_of_its_version() -> None:
    async with Floor() as floor:
        shop = floor.port.core.state.shops[ALPHA].setting
        floor.set(agreed(msgspec.structs.replace(shop, assist="assist")))
        floor.online("a1")
        ann = await floor.come("ann")
        floor.ask("x-1")
        floor.clock.advance(165_000)
        floor.port.tick()
        (hold,) = [event for event in await ann.told() if event["type"] == "hold_intended"]
        assert (hold["message"]["text"], hold["message"]["author"]) == ("请稍等，正在为您查询", "assist")
        assert hold["message"]["reply"] == "wait"


async def test_quick_replies_follow_the_office() -> None:
    async with Floor() as floor:
        ann, bea = await floor.come("ann"), await floor.come("bea")
        floor.set(floor.quick("ship", "明天上午发货", "answer", version=2))
        floor.set(floor.quick("beta-only", "新的贝塔", "answer", (BETA,), version=2))
        floor.remove("reply", "beta-only")
        assert [(event["type"], event["reply"]["version"]) for event in await ann.told()] == [("quick_reply", 2)]
        assert [event["type"] for event in await bea.told()] == ["quick_reply"] * 2 + ["quick_reply_removed"]
        floor.set(floor.quick("ship", "明天上午发货", "answer", (BETA,), version=2))
        assert [reply["reply"] for reply in (await ann.told())[-1]["replies"]] == ["wait"]


async def test_agents_are_told_of_versions_in_force_and_of_no_proposal() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        edit = msgspec.structs.replace(floor.quick("ship", "后天发货", "answer", version=2), status="pending")
        floor.set(edit)
        floor.set(msgspec.structs.replace(edit, id=ReplyId("new")))
        floor.remove("reply", "new")
        assert await ann.told() == []
        floor.set(msgspec.structs.replace(edit, status="approved"))
        floor.set(msgspec.structs.replace(edit, status="approved", stopped=True))
        told = [(event["usable"], event["reply"]["text"]) for event in await ann.told()]
        assert told == [(True, "后天发货"), (False, "后天发货")]
        again = await floor.come("ann")
        assert "ship" not in [reply["reply"] for reply in again.list["replies"]]


async def test_erased_texts_leave_the_memory_of_the_hub() -> None:
    async with Floor() as floor:
        floor.online("a1")
        seq = floor.ask("x-1", "我的地址是某街一号")
        ann = await floor.come("ann")
        feed = await floor.hub.feed(DESK)
        fact = f.Erased(at=floor.clock.now(), by=PersonId("olga"), contents=(seq,))
        floor.port.core.replay(fact)
        committed = type(floor.port.facts[0])(floor.port.core.state.seq, fact)
        floor.port.facts.append(committed)
        feed.publish([committed])
        assert await ann.told() == []
        back = await floor.come("ann", since=ann.list["seq"])
        assert back.list["note"] == "since_too_old"
        assert back.list["conversations"][0]["messages"][0].get("text") is None
        assert "某街" not in str(back.list)


async def test_no_buyer_can_fill_an_agents_line() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann = await floor.come("ann")
        floor.ask("x-1", "长" * 300_000)
        floor.ask("x-1", "坏\ud800字")
        long, broken = [event["message"] for event in await ann.told() if event["type"] == "buyer_wrote"]
        assert (len(long["text"]), long["cut"]) == (SHOWN_LIMIT, True)
        assert broken["text"] == "坏?字"


async def test_a_long_list_comes_in_parts_and_history_has_a_bounded_memory() -> None:
    async with Floor() as floor:
        seat = floor.port.core.state.seats["a1"].setting  # type: ignore[index]
        floor.set(msgspec.structs.replace(seat, cap=500))
        floor.online("a1")
        for buyer in range(200):
            for line in range(2):
                floor.ask(f"x-{buyer}", f"{line}" + "问" * 900)
        ann = await floor.come("ann")
        parts = [ann.list]
        while parts[-1]["more"]:
            parts.append(await ann.next())
        assert len(parts) > 3
        assert [part["part"] for part in parts] == list(range(len(parts)))
        assert len({conv["buyer"] for part in parts for conv in part["conversations"]}) == 200
        for line in range(60):
            floor.ask("x-0", f"第{line}句")
        newest = await ann.do("history", shop="alpha", buyer="x-0")
        assert [line["text"] for line in newest["messages"]] == [f"第{line}句" for line in range(40, 60)]
        assert not newest["complete"]
        older = await ann.do("history", shop="alpha", buyer="x-0", before=newest["messages"][0]["seq"])
        assert older["messages"][-1]["text"] == "第39句"
        oldest = await ann.do("history", shop="alpha", buyer="x-0", before=older["messages"][0]["seq"])
        assert (len(oldest["messages"]), oldest["complete"]) == (10, False)


async def test_a_new_name_of_the_shop_brings_a_list() -> None:
    async with Floor() as floor:
        ann, bea = await floor.come("ann"), await floor.come("bea")
        floor.set(Shop(ALPHA, DESK, name="新店名"))
        assert (await ann.told())[-1]["shops"][0]["name"] == "新店名"
        assert await bea.told() == []
