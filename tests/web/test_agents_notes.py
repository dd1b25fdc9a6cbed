"""Notes and holds by key on the socket: who may, what is refused, who is told, what stays and what is forgotten."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.guiding import Author, Kind
from relay.domain.names import BuyerRef, PersonId, SeatId
from relay.web.hub import AgentSettings
from tests.web.floor import ALPHA, Client, Floor
from tests.web.test_agents_session import SALE

X = {"shop": "alpha", "buyer": "x-1"}


async def at_work(floor: Floor, *names: str) -> list[Client]:
    """x-1 waits on a1; these persons are connected."""
    floor.online("a1", "a2")
    floor.ask("x-1")
    assert floor.seat_of("x-1") == "a1"
    return [await floor.come(name) for name in names]


def only(client: Client, kind: str) -> dict[str, Any]:
    [found] = [event for event in client.events if event["type"] == kind]
    return found


# --- notes


async def test_a_note_is_told_to_seat_and_supervisor_and_to_no_buyer() -> None:
    async with Floor() as floor:
        ann, ben, sue, bea = await at_work(floor, "ann", "ben", "sue", "bea")
        done = await ann.do("note", **X, text=" 尺码 42\r\n怕冷 ")
        assert done["type"] == "done"
        for client in (ann, sue):
            await client.told()
            told = only(client, "note_written")
            assert told["note"] == {"note": f"n{done['seq']}", "by": "ann", "at": told["at"], "text": "尺码 42\n怕冷"}
        assert not [event for one in (ben, bea) for event in await one.told() if event["type"] == "note_written"]
        assert not [one for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended | f.SendStarted)]
        assert (await ann.do("history", **X))["notes"] == [told["note"]]


async def test_a_later_seat_has_the_note_after_transfer_close_and_a_restart() -> None:
    floor = Floor(AgentSettings(offline_at_start=False))
    async with floor:
        ann, ben = await at_work(floor, "ann", "ben")
        await ann.do("note", **X, text="喜欢顺丰")
        await ann.do("move", **X, to="a2")
        await ben.told()
        assert [one["text"] for one in only(ben, "assigned")["conversation"]["notes"]] == ["喜欢顺丰"]
        await ben.do("close", **X, reason="已处理")
        floor.hub.interrupt(floor.port.desk)
        floor.port.do(i.SetPresence(seat=SeatId("a2"), presence="offline"))
        floor.ask("x-1", "又来了")
        again = await floor.come("ann")
        assert [one["text"] for one in again.list["conversations"][0]["notes"]] == ["喜欢顺丰"]
        assert [one["text"] for one in (await again.do("history", **X))["messages"]][-1] == "又来了"


async def test_another_wording_replaces_and_a_removal_takes_away_in_every_tab() -> None:
    async with Floor() as floor:
        one, other = await at_work(floor, "ann", "ann")
        first = f"n{(await one.do('note', **X, text='旧'))['seq']}"
        second = f"n{(await other.do('note', **X, text='新', replaces=first))['seq']}"
        told = [event for event in await one.told() if event["type"] == "note_written"][-1]
        assert (told["replaces"], told["note"]["text"]) == (first, "新")
        assert (await one.do("note_remove", **X, note=first))["code"] == "unknown_note"
        assert (await one.do("note_remove", **X, note=second))["type"] == "done"
        await other.told()
        assert only(other, "note_removed")["note"] == second
        assert (await other.do("history", **X))["notes"] == []


@pytest.mark.parametrize(
    ("person", "more", "code"),
    [
        ("ann", {"text": " \n "}, "note_empty"),
        ("ann", {"text": "长" * 501}, "note_long"),
        ("ann", {"text": "a\x1b[31m"}, "text_control"),
        ("ann", {"text": "好", "replaces": "n1"}, "unknown_note"),
        ("ann", {"text": "好", "buyer": "nobody"}, "unknown_conversation"),
        ("ben", {"text": "好"}, "not_yours"),
        ("bea", {"text": "好"}, "forbidden"),
        ("audra", {"text": "好"}, "forbidden"),
    ],
)
async def test_what_is_no_note_is_refused_in_both_languages(person: str, more: dict[str, str], code: str) -> None:
    async with Floor() as floor:
        [client] = await at_work(floor, person)
        before = floor.port.core.state.seq
        answer = await client.do("note", **(X | more))
        assert (answer["type"], answer["code"]) == ("refused", code)
        assert answer["en"]
        assert answer["zh"]
        assert floor.port.core.state.seq == before


@pytest.mark.parametrize("text", ["</script><img src=x onerror=alert(1)>", "‮反转", "'; DROP TABLE notes;--", "👩‍👩‍👧"])
async def test_a_hostile_note_is_text_and_nothing_else(text: str) -> None:
    async with Floor() as floor:
        ann, sue = await at_work(floor, "ann", "sue")
        await ann.do("note", **X, text=text)
        await sue.told()
        assert only(sue, "note_written")["note"]["text"] == text


async def test_a_supervisor_takes_an_agents_note_away_and_an_agent_not_a_supervisors() -> None:
    async with Floor() as floor:
        ann, sue = await at_work(floor, "ann", "sue")
        mine = f"n{(await ann.do('note', **X, text='甲'))['seq']}"
        hers = f"n{(await sue.do('note', **X, text='乙'))['seq']}"
        assert (await ann.do("note_remove", **X, note=hers))["code"] == "note_not_yours"
        assert (await ann.do("note", **X, text="丙", replaces=hers))["code"] == "note_not_yours"
        assert (await sue.do("note_remove", **X, note=mine))["type"] == "done"


async def test_an_erased_note_is_forgotten() -> None:
    async with Floor() as floor:
        ann, sue = await at_work(floor, "ann", "sue")
        seq = (await ann.do("note", **X, text="机密"))["seq"]
        floor.port.do(i.Erase(by=PersonId("olga"), contents=(seq,)))
        floor.port.facts[seq - 1] = type(floor.port.facts[seq - 1])(seq, floor.port.facts[seq - 1].fact, None)
        back = await floor.come("ann", since=ann.list["seq"])
        assert "机密" not in str([back.list, await back.told(), await sue.do("history", **X)])
        assert back.list["conversations"][0]["notes"][0]["text"] is None


# --- a hold by key


async def test_a_hold_by_key_is_sent_once_told_to_all_and_owed() -> None:
    async with Floor() as floor:
        one, other = await at_work(floor, "ann", "ann")
        question = one.list["conversations"][0]["last_message"]
        hold = {**X, "reply": "wait", "version": 1, "question": question, "key": "k"}
        done = await one.do("hold", **hold)
        assert done["type"] == "done"
        assert (await other.do("hold", **hold))["repeated"]
        floor.deliver(f"s{done['seq']}")
        await other.told()
        line = only(other, "reply_intended")["message"]
        assert (line["kind"], line["author"], line["reads_as"], line["version"]) == ("key_hold", "human", "hold", 1)
        assert line["text"] == "请稍等，正在为您查询"
        assert only(other, "debt_opened")["send"] == f"s{done['seq']}"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"version": 2}, "reply_withdrawn"),
        ({"reply": "beta-only"}, "reply_withdrawn"),
        ({"reply": "ship"}, "no_hold"),
        ({"question": "m1"}, "question_changed"),
        ({"values": {"order_no": "1"}}, "no_slot"),
    ],
)
async def test_a_hold_that_is_not_as_it_was_read_is_refused(more: dict[str, Any], code: str) -> None:
    async with Floor() as floor:
        [ann] = await at_work(floor, "ann")
        question = ann.list["conversations"][0]["last_message"]
        given = {**X, "reply": "wait", "version": 1, "question": question, "key": "k"} | more
        assert (await ann.do("hold", **given))["code"] == code
        assert not [one for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended)]


async def test_a_question_that_grew_under_the_finger_is_looked_at_first() -> None:
    async with Floor() as floor:
        [ann] = await at_work(floor, "ann")
        question = ann.list["conversations"][0]["last_message"]
        floor.ask("x-1", "算了，退款")
        hold = {**X, "reply": "wait", "version": 1, "question": question}
        assert (await ann.do("hold", **hold, key="k-1"))["code"] == "question_changed"
        now = (await ann.told())[-1]["last_message"]
        assert (await ann.do("hold", **(hold | {"question": now}), key="k-2"))["type"] == "done"


async def test_a_version_that_was_edited_under_the_finger_is_not_sent() -> None:
    async with Floor() as floor:
        [ann] = await at_work(floor, "ann")
        hold = {**X, "reply": "wait", "version": 1, "question": ann.list["conversations"][0]["last_message"]}
        floor.set(floor.quick("wait", "请您等一等", "hold", version=2))
        assert (await ann.do("hold", **hold, key="k-1"))["code"] == "reply_withdrawn"
        assert (await ann.do("hold", **(hold | {"version": 2}), key="k-2"))["type"] == "done"


# --- whom a buyer could be given to, and what a supervisor arranges


async def test_whoever_may_pass_a_buyer_on_sees_numbers_of_that_shops_seats() -> None:
    async with Floor() as floor:
        ann, ben, sue, olga = await at_work(floor, "ann", "ben", "sue", "olga")
        floor.ask("x-2")
        answer = await ann.do("targets", **X)
        seats = {one["seat"]: one for one in answer["targets"]}
        assert next(iter(seats)) == "a2"
        assert set(seats) == {"a2", "a9", "c1"}, "no seat of another shop"
        assert (seats["a2"]["name"], seats["a2"]["load"], seats["a2"]["cap"], seats["a2"]["why"]) == (
            "Ben",
            1,
            50,
            None,
        )
        assert (seats["c1"]["why"], seats["c1"]["push"]) == ("offline", False)
        assert "x-2" not in str(answer)
        assert (await ben.do("targets", **X))["code"] == "not_yours"
        for client in (sue, olga):
            assert (await client.do("targets", **X))["type"] == "targets"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("set_cap", {"seat": "a1", "cap": 9}),
        ("start_event", {"event": "sale", "minutes": 60}),
        ("end_event", {"event": "sale"}),
    ],
)
async def test_caps_and_events_are_a_supervisors(kind: str, fields: dict[str, Any]) -> None:
    async with Floor() as floor:
        floor.set(SALE)
        for person, answer in (
            ("ann", "forbidden"),
            ("bea", "forbidden"),
            ("audra", "forbidden"),
            ("sue", "done"),
            ("olga", "done"),
        ):
            client = await floor.come(person)
            told = await client.do(kind, **fields)
            assert told.get("code", told["type"]) == answer, person
        assert [by for by, _ in floor.office.arranged] == ["sue", "olga"]
        nowhere = {"seat": "nowhere", "event": "never"}
        sue = await floor.come("sue")
        more = {name: nowhere.get(name, value) for name, value in fields.items()}
        assert (await sue.do(kind, **more))["code"] == "forbidden"


async def test_events_are_named_to_whoever_may_start_them() -> None:
    async with Floor() as floor:
        floor.set(SALE)
        ann, sue = await floor.come("ann"), await floor.come("sue")
        [profile] = sue.list["shops"][0]["events"]
        assert (profile["event"], profile["name"], profile["on"]) == ("sale", "大促", False)
        assert ann.list["shops"][0]["events"] == []
        assert sue.list["shops"][0]["groups"] == ["presale"]
        assert "staff" in sue.list["shops"][0]["may"]
        assert "staff" not in ann.list["shops"][0]["may"]


# --- the kind of a text, and what became of it


async def test_history_says_what_sort_of_text_it_is_and_what_became_of_it() -> None:
    async with Floor() as floor:
        [ann] = await at_work(floor, "ann")
        floor.port.do(
            i.TakeShopMessage(
                shop=ALPHA,
                buyer=BuyerRef("x-1"),
                sent_at=floor.clock.now(),
                digest="d",
                author=Author(Kind.human),
            ),
            "别处说的",
        )
        typed = await ann.do("reply", **X, text="今天发", key="k-1")
        quick = await ann.do("reply", **X, text="", reply="ship", key="k-2")
        floor.deliver(f"s{typed['seq']}")
        floor.deliver(f"s{quick['seq']}", "unknown", why="timeout")
        lines = (await ann.do("history", **X))["messages"]
        assert [(one["kind"], one["state"]) for one in lines] == [
            ("buyer", "taken"),
            ("elsewhere", "taken"),
            ("agent", "confirmed"),
            ("quick_reply", "unknown"),
        ]
        assert (lines[-1]["why"], lines[-1]["seat"], lines[-1]["version"]) == ("timeout", "a1", 1)
        assert lines[-1]["ask"]["zh"]
        assert "ask" not in lines[-2]
        await ann.do("resolve", send=lines[-1]["send"], reached=True)
        resolved = (await ann.do("history", **X))["messages"][-1]
        assert (resolved["state"], "ask" in resolved) == ("confirmed", False)
