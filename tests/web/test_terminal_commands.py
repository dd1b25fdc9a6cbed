"""What can be typed beyond answering: notes, holds, targets, queue, alerts, caps, events; and whose help says so."""

from typing import Any

import pytest

from relay.cli.terminal.help import help_lines
from relay.cli.terminal.typed import _ROOMS, Typist
from relay.cli.terminal.view import View
from relay.cli.terminal.words import Words
from relay.domain import facts as f
from relay.domain.office.staffing import SetCap, StartEvent
from relay.web import frames as w
from tests.web.floor import Floor
from tests.web.test_agents_session import SALE
from tests.web.test_terminal import Person, conversation, replies_of, shown


async def test_an_agent_notes_something_words_it_anew_and_takes_it_away() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = Person(floor, "ann"), Person(floor, "sue")
        await ann.sees("[1]")
        await sue.sees("[1]")
        ann.type("1", "/note 尺码 42")
        assert "备注（ann）：尺码 42" in await sue.sees("备注")
        await ann.sees("备注（ann）")
        name = f"n{next(one.seq for one in floor.port.facts if isinstance(one.fact, f.NoteWritten))}"
        ann.type("/note")
        await ann.sees(f"备注 {name}（ann）：尺码 42")
        ann.type(f"/note {name} 尺码 43")
        await ann.sees("备注（ann）：尺码 43")
        ann.type("1")
        again = (await ann.sees("    备注 ")).split()[1].partition("（")[0]
        assert again != name
        ann.type(f"/unnote {name}", f"/unnote {again}")
        await ann.sees(f"没有备注 {name}")
        await ann.sees(f"备注 {again} 已删除")
        ann.type("/note")
        await ann.sees("（没有备注）")
        await ann.quit()
        await sue.quit()


async def test_a_hold_goes_by_its_name_at_any_time_and_only_a_hold_does() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = Person(floor, "ann"), await floor.come("sue")
        await ann.sees("[1]")
        ann.type("1", "/0 ship")
        await ann.sees("稍等话术：wait")
        ann.type("/0 wait")
        assert await replies_of(floor, sue, 1) == ["请稍等，正在为您查询"]
        [intent] = [one.fact for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended)]
        asked = next(one.seq for one in floor.port.facts if isinstance(one.fact, f.BuyerWrote))
        assert (intent.question, intent.version) == (f"m{asked}", 1)
        await ann.sees("发给 alpha买家x-1：请稍等")
        await ann.quit()


async def test_who_could_take_a_buyer_and_what_was_said_before() -> None:
    async with Floor() as floor:
        floor.online("a1", "a2")
        for number in range(25):
            floor.ask("x-1", f"第{number}句")
        ann = Person(floor, "ann")
        await ann.sees("[1]")
        ann.type("1", "/who")
        assert "a2（ben）在线 接待 0/50 待回 0" in await ann.sees("a2（ben）")
        await ann.sees("c1（cleo）离线")
        ann.type("/more")
        await ann.sees("买家: 第0句")
        await ann.sees("买家: 第4句")
        ann.type("/more")
        await ann.sees("没有更早的消息")
        await ann.quit()


async def test_a_supervisor_has_the_queue_the_alerts_and_what_to_do_about_them() -> None:
    async with Floor() as floor:
        floor.set(SALE)
        sue, olga = Person(floor, "sue"), await floor.come("olga")
        await sue.sees("没有会话")
        floor.ask("x-1")
        await sue.sees("1 个店铺无人在线")
        sue.type("/queue")
        await sue.sees("—— alpha 排队 1 ——")
        assert "排第 1 位" in await sue.sees("alpha买家x-1")
        await sue.sees("暂不接待的子账号：离线 4")
        sue.type("/alerts")
        assert "未确认" in await sue.sees("提醒 alpha 店铺")
        sue.type("/ack alpha", "/seat a1 on")
        await sue.sees("sue 确认")
        while floor.seat_of("x-1") != "a1":
            await olga.told()
        sue.type("/cap a1 9", "/event start sale 60", "/seats")
        await sue.sees("a1（ann）在线")
        while len(floor.office.arranged) < 2:
            await olga.told()
        assert floor.office.arranged == [
            ("sue", SetCap(seat="a1", cap=9)),  # type: ignore[arg-type]
            ("sue", StartEvent(event="sale", minutes=60)),  # type: ignore[arg-type]
        ]
        await sue.quit()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/note 好", "请先输入编号"),
        ("/unnote", "请先输入编号"),
        ("/who", "请先输入编号"),
        ("/more", "请先输入编号"),
        ("/0 wait", "请先输入编号"),
        ("/cap a1", "用法：/cap"),
        ("/cap a1 many", "用法：/cap"),
        ("/event", "用法：/event"),
        ("/event stop sale", "用法：/event"),
        ("/event start sale soon", "用法：/event"),
        ("/seat a1 asleep", "用法：/seat"),
        ("/queue", "请写明店铺"),
        ("/alerts", "（没有提醒）"),
        ("/seats", "您没有子账号"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_sent(line: str, said: str) -> None:
    typist = Typist(View(Words("zh")), lambda: "key")
    asks, lines = typist.enter(line, 0.0)
    assert asks == []
    assert said in lines[0]
    english = Typist(View(Words("en")), lambda: "key").enter(line, 0.0)[1][0]
    assert english.isascii()


def test_a_hold_is_kept_until_it_is_answered_like_a_reply() -> None:
    view = shown(conversation("甲", last_message="m12"))
    view.replies["wait"] = _quick("wait")
    typist = Typist(view, lambda: "key-1")
    typist.enter("1", 0.0)
    [ask], _ = typist.enter("/0 wait order_no=8 8", 0.0)
    assert ask == {
        "v": 1,
        "type": "hold",
        "id": ask["id"],
        "key": "key-1",
        "shop": "alpha",
        "buyer": "甲",
        "reply": "wait",
        "version": 3,
        "question": "m12",
        "values": {"order_no": "8 8"},
    }
    assert typist.again() == [ask]


def _quick(name: str) -> Any:
    return w.QuickReplyInfo(name, 3, "请稍等 {order_no}", "hold", (), None, None, ("order_no",))  # type: ignore[arg-type]


AGENT = {"see", "answer", "close", "presence", "type", "settle", "resolve"}
SUPERVISOR = AGENT | {"see_all", "presence_others", "move", "acknowledge", "staff"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_shows_each_person_what_they_may_do(lang: Any) -> None:
    agent, boss = "\n".join(help_lines(lang, AGENT)), "\n".join(help_lines(lang, SUPERVISOR))
    for word in ("/ack", "/queue", "/seat ", "/cap", "/event"):
        assert word not in agent
        assert word in boss
    for word in ("/note", "/0", "/move", "/who", "/later", "/close", "/on"):
        assert word in agent
    auditor = "\n".join(help_lines(lang, {"see_all"}))
    assert "/move" not in auditor
    assert "/queue" in auditor
    assert help_lines("zh", SUPERVISOR) != help_lines("en", SUPERVISOR)


async def test_the_help_of_a_session_is_its_persons() -> None:
    async with Floor() as floor:
        ann, sue = Person(floor, "ann"), Person(floor, "sue", lang="en")
        await ann.sees("没有会话")
        await sue.sees("no conversations")
        ann.type("/help")
        await ann.sees("/due")
        assert not any("/ack" in line for line in ann.screen)
        sue.type("/help")
        await sue.sees("/ack [SHOP]")
        await ann.quit()
        await sue.quit()


def test_every_command_has_its_line_of_help_and_every_line_its_command() -> None:
    told = " ".join([*help_lines("zh", SUPERVISOR), *help_lines("en", SUPERVISOR)])
    for word in _ROOMS.keys() - {f"/{number}" for number in range(2, 9)}:
        assert word in told, word
