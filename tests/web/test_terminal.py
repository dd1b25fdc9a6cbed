"""The terminal: what it shows, what it makes of a typed line, and a person really answering through it."""

import asyncio
import os
import signal
import subprocess
import sys
import unicodedata
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.cli.agent import read_token, typed_lines
from relay.cli.terminal.line import Terminal, checked_url, is_plain
from relay.cli.terminal.typed import Typist
from relay.cli.terminal.view import View
from relay.cli.terminal.words import Lang, Words, clean
from relay.domain import facts as f
from relay.domain.names import Millis, SeatId
from relay.domain.settings import Presence
from relay.errors import BadInputError
from relay.web import frames as w
from relay.web.hub import AgentSettings
from tests.web.floor import Client, Floor
from tests.web.play import Play

FRAMES: msgspec.json.Decoder[w.AnyFrame] = msgspec.json.Decoder(w.AnyFrame)


class Person:
    """A terminal whose lines are typed by the test and whose screen is a list of lines."""

    def __init__(self, floor: Floor, name: str, lang: Lang = "zh", **more: str) -> None:
        self.screen: list[str] = []
        self._news = asyncio.Event()
        self.view = View(Words(lang))
        numbers = count(1)
        self.typist = Typist(self.view, lambda: f"key-{next(numbers)}")
        url = str(floor.server.make_url("/agent")).replace("http://", "ws://")
        token = more.get("token", f"token-{name}")
        self.terminal = Terminal(self.view, self.typist, url, token, None, self._say)
        self.task = asyncio.create_task(self.terminal.run())

    def _say(self, line: str) -> None:
        self.screen.append(line)
        self._news.set()

    def type(self, *lines: str) -> None:
        for line in lines:
            self.terminal.enter(line)

    async def sees(self, part: str) -> str:
        """Wait for a line with this part that was not looked at before; drops it and all before it."""
        async with asyncio.timeout(5):
            while True:
                for place, line in enumerate(self.screen):
                    if part in line:
                        del self.screen[: place + 1]
                        return line
                self._news.clear()
                await self._news.wait()

    async def quit(self) -> None:
        self.type("/quit")
        async with asyncio.timeout(5):
            await self.task


async def replies_of(floor: Floor, client: Client, many: int) -> list[str | None]:
    """The texts of the replies that the desk has taken, once there are so many."""
    while True:
        texts = [one.text for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended)]
        if len(texts) >= many:
            return texts
        await client.told()


async def test_a_person_answers_a_buyer() -> None:
    async with Floor() as floor:
        ann, sue = Person(floor, "ann"), await floor.come("sue")
        await ann.sees("（没有会话）")
        ann.type("/on")
        while not any(event["type"] == "presence" for event in await sue.told()):
            pass
        floor.ask("x-1", "什么时候\x1b[2J发货")
        assert "alpha买家x-1" in await ann.sees("新会话")
        ann.type("")
        row = await ann.sees("[1] 剩 1")
        assert "1 条未回" in row
        assert "什么时候发货" in row
        ann.type("1")
        await ann.sees("买家: 什么时候发货")
        ann.type("今天下午发")
        assert await replies_of(floor, sue, 1) == ["今天下午发"]
        floor.deliver(f"s{next(one.seq for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended))}")
        ann.type("/close")
        await ann.sees("会话已结束")
        await ann.quit()
        while floor.port.core.state.seats[SeatId("a1")].presence != "offline":
            await sue.told()


async def test_a_hold_is_shown_as_owed_and_an_unknown_one_is_resolved() -> None:
    async with Floor() as floor:
        floor.hub.settings = AgentSettings(offline_at_start=False)
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = Person(floor, "ann", "en"), await floor.come("sue")
        await ann.sees("conversations 1, waiting 1")
        ann.type("1", "/r wait")
        await replies_of(floor, sue, 1)
        await ann.sees("to alpha买家x-1: ")
        seq = next(one.seq for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended))
        floor.deliver(f"s{seq}", "unknown", why="timeout")
        await ann.sees(f"outcome unknown {seq}")
        ann.type("/list")
        assert f"/resolve {seq}" in await ann.sees("answer owed for")
        ann.type(f"/resolve {seq} yes", "/settle 电话已答复")
        while floor.port.core.state.sends or next(iter(floor.port.core.state.conversations.values())).debt:
            await sue.told()
        await ann.quit()


async def test_a_promise_is_taken_up_told_and_kept() -> None:
    async with Floor() as floor:
        floor.hub.settings = AgentSettings(offline_at_start=False)
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = Person(floor, "ann"), await floor.come("sue")
        await ann.sees("会话 1")
        ann.type("1", "帮您查一下发票，半小时内回您")
        await replies_of(floor, sue, 1)
        seq = next(one.seq for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended))
        floor.deliver(f"s{seq}")
        assert "（30 分钟后到点，发票）" in await ann.sees("您答应稍后答复")
        ann.type("/later")
        name = (await ann.sees("跟进 f")).split("：")[0].split()[1]
        ann.type("/close")
        await ann.sees("会话已结束")
        floor.clock.advance(31 * 60_000)
        floor.port.tick()
        assert "已过 1 分钟" in await ann.sees("到点 跟进")
        assert "帮您查一下发票" in await ann.sees("客服:")
        ann.type("/list")
        await ann.sees("待跟进 1")
        ann.type(f"/keep {name} 发票已开好")
        assert (await replies_of(floor, sue, 2))[1] == "发票已开好"
        seq = [one.seq for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended)][1]
        floor.deliver(f"s{seq}")
        await ann.sees(f"跟进 {name} 已完成")
        await ann.quit()


async def test_a_refused_text_is_kept() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = Person(floor, "ann"), await floor.come("sue")
        await ann.sees("[1] 剩")
        ann.type("没有打开会话就输入")
        await ann.sees("请先输入编号")
        ann.type("1", "/again")
        assert await replies_of(floor, sue, 1) == ["没有打开会话就输入"]
        ann.type("坏" * 2001)
        await ann.sees("最多 2000 字")
        await ann.sees("未发出：坏坏")
        await ann.quit()


async def test_the_terminal_comes_back_and_sends_an_unanswered_reply_once() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = Person(floor, "ann"), await floor.come("sue")
        await ann.sees("[1] 剩")
        ann.type("/on", "1", "第一句")
        assert await replies_of(floor, sue, 1) == ["第一句"]
        ann.terminal._failures = 0
        ann.terminal._spread = 0.01
        ann.typist.kept[99] = dict(_kept(floor))  # as if its answer had been lost with the connection
        floor.hub.interrupt(floor.port.desk)
        await ann.sees("连接中断")
        ann.type("断线时输入")
        await ann.sees("未发出：断线时输入")
        await ann.sees("重新发送 2 条")
        sue = await floor.come("sue")
        assert await replies_of(floor, sue, 2) == ["第一句", "断线时输入"]
        while ann.typist.kept:
            await sue.told()
        await ann.quit()


def _kept(floor: Floor) -> dict[str, object]:
    fact = next(one.fact for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended))
    key = fact.key.partition(":")[2]
    return {"v": 1, "type": "reply", "id": 99, "shop": "alpha", "buyer": "x-1", "text": "第一句", "key": key}


async def test_who_may_not_come_is_told_once() -> None:
    async with Floor() as floor:
        with pytest.raises(BadInputError, match="HTTP 401"):
            await Person(floor, "ann", token="wrong").task
        ann = Person(floor, "ann")
        await ann.sees("（没有会话）")
        del floor.office.tokens["token-ann"]
        floor.office.changed()
        with pytest.raises(BadInputError, match="4401"):
            await ann.task
        with pytest.raises(BadInputError, match="没有您可查看的客服台"):
            await Person(floor, "pia").task


# --- the screen


@pytest.mark.parametrize("seed", range(5))
async def test_the_screen_agrees_with_the_desk_whatever_happens(seed: int) -> None:
    async with Floor(AgentSettings(queue_frames=10**6, queue_bytes=1 << 30)) as floor:
        views = {}
        for person in ("ann", "sue", "cleo"):
            client = await floor.come(person)
            views[person] = view = View(Words("zh"))
            for frame in (client.first, client.list):
                view.take(FRAMES.decode(msgspec.json.encode(frame)), 0.0)
            Play(floor, seed * 10 + len(views)).run(150)
            for frame in await client.told():
                view.take(FRAMES.decode(msgspec.json.encode(frame)), 0.0)
            agree(floor, view, person)


def agree(floor: Floor, view: View, person: str) -> None:
    state = floor.port.core.state
    mine = {
        conv.key: conv
        for conv in state.conversations.values()
        if (conv.shop == "alpha" and person == "sue") or conv.seat in state.person_seats.get(person, {})  # type: ignore[call-overload]
    }
    assert set(view.cards) == set(mine)
    for key, conv in mine.items():
        card = view.cards[key]
        assert (card.seat, card.queued) == (conv.seat, conv.queued_at is not None)
        assert card.due_at == (conv.round.due_at if conv.round else None), key
        assert card.questions == (len(conv.round.questions) if conv.round else 0)
        assert (card.owed_since is None) == (conv.debt is None)
        assert sorted(card.unknown) == sorted(send for send in conv.sends if state.sends[send].status == "unknown")
        assert list(card.notes) == list(state.notes.get(key, ()))
        assert card.last_message == (f"m{conv.last_message}" if conv.last_message else None)
    alerts = [one for one in state.alerts.open.values() if (one.shop, one.buyer) in mine or person == "sue"]
    assert view.alerts.open() == {one.id for one in alerts if person != "sue" or one.shop == "alpha"}
    assert len({card.number for card in view.cards.values()}) == len(view.cards)


def conversation(buyer: str, **more: object) -> w.Conversation:
    usual: dict[str, object] = {
        "shop": "alpha", "buyer": buyer, "buyer_name": buyer, "seat": "a1", "queued": False, "opened_at": 1_000,
        "due_at": 181_000, "questions": 1, "debt": None, "sends": [], "messages": [], "complete": True,
    }  # fmt: skip
    return msgspec.convert(usual | more, w.Conversation)


def shown(*conversations: w.Conversation, server_now: int = 86_000) -> View:
    view = View(Words("zh"))
    raw = [msgspec.Raw(w.encode(one)) for one in conversations]
    view.take(
        w.List(
            seq=1,
            server_now=Millis(server_now),
            note="",
            part=0,
            more=False,
            shops=(),
            seats=[],
            replies=[],
            conversations=raw,
        ),
        100.0,
    )
    return view


def promised() -> View:
    """One conversation, and a follow-up of its buyer that nobody owns."""
    view = shown(conversation("甲"))
    view.follow_ups["f7"] = w.FollowUp(
        "f7",
        "alpha",
        "甲",
        "甲\x1b[2J",
        None,
        None,
        "refund",
        600_000,
        0,
        0,
        "备\x07注",  # type: ignore[arg-type]
    )
    return view


def test_seconds_count_down_and_are_words() -> None:
    view = shown(conversation("张三"))
    assert "[1] 剩 95 秒" in view.lines(100.0)[1]
    assert "[1] 剩 0 秒" in view.lines(195.0)[1]
    assert "[1] 已超时 20 秒" in view.lines(215.0)[1]
    owed = shown(conversation("李四", opened_at=None, due_at=None, debt={"since": 0, "remind_at": 0, "times": 1}))
    assert "已回复 欠答 86 秒" in owed.lines(100.0)[1]


def leaves(view: View, kind: str, text: str, reply: str | None = None, **more: object) -> list[str]:
    """What is said when such a text is on its way to 甲."""
    line = {"id": "s2", "seq": 2, "author": "human", "at": 0, "text": text, "state": "intended", "reply": reply}
    line["kind"] = "quick_reply" if reply is not None else "agent"
    told = {"type": kind, "seq": 2, "at": 0, "shop": "alpha", "buyer": "甲", "seat": "a1", "message": line, **more}
    return view.take(FRAMES.decode(msgspec.json.encode({"v": w.VERSION, **told})), 100.0)


def test_what_nobody_typed_is_shown_as_it_leaves() -> None:
    view = shown(conversation("甲"))
    assert leaves(view, "reply_intended", "自己打的") == []
    assert leaves(view, "reply_intended", "今天\x1b[2J发", "today") == ["[1] 发给 甲：今天发"]
    assert leaves(view, "reply_intended", "草稿", draft="d1") == ["[1] 发给 甲：草稿"]
    assert leaves(view, "reply_intended", "改过的", draft="d2", edited=True) == []


def test_a_hold_is_said_and_its_key_not_offered_again() -> None:
    view = shown(conversation("甲"))
    card = view.cards["alpha", "甲"]
    card.hold = "wait"
    assert leaves(view, "hold_intended", "稍等", "wait", due_at=0, shadow=True) == []
    assert card.hold == "wait"
    told = leaves(view, "hold_intended", "稍等", "wait", due_at=0, shadow=False)
    assert told == ["[1] 甲 由机器发送稍等，仍欠答复：稍等"]
    assert card.hold is None


def test_nothing_is_listed_before_anything_is_known() -> None:
    assert View(Words("zh")).lines(0.0) == []


def test_who_is_not_online_is_told_how() -> None:
    view = shown()
    seat = w.SeatNow("a1", "alpha", "ann", True, "alpha:ann", "agent", 5, "offline", True, 0)  # type: ignore[arg-type]
    view.seats = {seat.seat: seat}
    assert view.lines(100.0)[1:3] == ["子账号：a1 离线", "输入 /on 上线后才会分到买家"]
    view.seats = {seat.seat: msgspec.structs.replace(seat, presence="online")}
    assert view.lines(100.0)[1:] == ["子账号：a1 在线", "（没有会话）"]


def test_the_most_urgent_is_first_and_keeps_its_number() -> None:
    view = shown(conversation("慢", due_at=300_000), conversation("快", due_at=90_000), conversation("排", queued=True))
    assert [row.split("]")[0] for row in view.lines(100.0)[1:]] == ["[2", "[3", "[1"]
    assert "排队中" in view.lines(100.0)[2]
    left = w.Left(seq=2, at=0, shop="alpha", buyer="慢", seat="a1")  # type: ignore[arg-type]
    assert view.take(left, 100.0) == ["慢 已离开您的列表"]
    new = w.Assigned(
        seq=3, at=0, shop="alpha", buyer="新", seat="a1", reason="least_loaded", from_queue=False, previous=None,  # type: ignore[arg-type]
        conversation=conversation("新"),
    )  # fmt: skip
    view.take(new, 100.0)
    assert {card.name: card.number for card in view.cards.values()} == {"快": 2, "排": 3, "新": 1}


def test_words_never_go_to_a_buyer_who_has_left() -> None:
    view = shown(conversation("甲"), conversation("乙"))
    typist = Typist(view, lambda: "key")
    typist.enter("1", 0.0)
    view.take(w.Left(seq=2, at=0, shop="alpha", buyer="甲", seat="a1"), 0.0)  # type: ignore[arg-type]
    assert typist.enter("给甲的话", 0.0) == ([], ["请先输入编号打开会话"])


@pytest.mark.parametrize(
    ("line", "kind", "fields"),
    [
        ("你好", "reply", {"text": "你好", "key": "key"}),
        (" 123", "reply", {"text": "123"}),
        (" /off", "reply", {"text": "/off"}),
        ("/r ship", "reply", {"text": "", "reply": "ship"}),
        ("/close", "close", {"reason": ""}),
        ("/close 已处理 完毕", "close", {"reason": "已处理 完毕"}),
        ("/settle 电话", "settle", {"reason": "电话"}),
        ("/resolve 15 yes", "resolve", {"send": "s15", "reached": True}),
        ("/resolve s15 no", "resolve", {"send": "s15", "reached": False}),
        (
            "/later 明天下午 #invoice 开 发票",
            "follow_up",
            {"when": "明天下午", "category": "invoice", "note": "开 发票"},
        ),
        ("/later 30min", "follow_up", {"when": "30min", "note": "", "offered": False}),
        ("/later 30min #什么", "follow_up", {"note": "#什么"}),
        ("/later no", "follow_up_dismiss", {"buyer": "甲"}),
        ("/keep f7 已查到", "reply", {"buyer": "甲", "text": "已查到", "follow_up": "f7", "key": "key"}),
        ("/done f7 电话已回", "follow_up_done", {"follow_up": "f7", "reason": "电话已回"}),
        ("/drop f7 买家撤单", "follow_up_drop", {"follow_up": "f7", "reason": "买家撤单"}),
        ("/due f7 明天", "follow_up_change", {"follow_up": "f7", "when": "明天"}),
    ],
)
def test_what_a_line_asks(line: str, kind: str, fields: dict[str, object]) -> None:
    view = promised()
    typist = Typist(view, lambda: "key")
    typist.enter("1", 0.0)
    (ask,), _ = typist.enter(line + "\n", 0.0)
    assert ask["type"] == kind
    assert fields.items() <= ask.items()
    assert isinstance(w.decode(msgspec.json.encode(ask)), w.Command)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("9", "没有编号 9"),
        ("/nonsense", "没有命令 /nonsense"),
        ("/resolve 1 maybe", "用法：/resolve"),
        ("/settle", "请写明原因"),
        ("/on", "您没有子账号"),
        ("/r", "没有可用的快捷短语"),
        ("/again", "没有可重发的内容"),
        ("/help", "编号 打开会话"),
        ("/later", "用法：/later"),
        ("/done", "用法：/done"),
        ("/keep f7", "用法：/keep"),
        ("/drop f9 为什么", "没有跟进 f9"),
        ("/promised", "跟进 f7：alpha 甲 退款，10 分钟后到点，无人负责 备注"),
    ],
)
def test_what_a_line_says(line: str, said: str) -> None:
    view = promised()
    typist = Typist(view, lambda: "key")
    typist.enter("1", 0.0)
    asks, lines = typist.enter(line, 0.0)
    assert asks == []
    assert said in lines[0]


@pytest.mark.parametrize("presence", ["online", "away", "offline"])
def test_presence_is_for_all_own_seats(presence: Presence) -> None:
    view = View(Words("zh"))
    for seat, mine in (("a1", True), ("a2", True), ("a3", False)):
        view.seats[SeatId(seat)] = w.SeatNow(
            SeatId(seat), "alpha", "ann", mine, "", "agent", 5, "offline", True, 0  # type: ignore[arg-type]
        )  # fmt: skip
    typist = Typist(view, lambda: "key")
    asks, _ = typist.enter({"online": "/on", "away": "/away", "offline": "/off"}[presence], 0.0)
    assert [(ask["seat"], ask["presence"]) for ask in asks] == [("a1", presence), ("a2", presence)]
    assert [ask["presence"] for ask in typist.again()] == [presence, presence]


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31m红\x1b[0m", "红"),
        ("\x1b]0;title\x07后", "后"),
        ("\x1b]8;;http://evil\x1b\\点我\x1b]8;;\x1b\\", "点我"),
        ("a\x9b2Jb", "ab"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x1b[", ""),
        ("a\rb\bc\x00", "abc"),
        ("两行\n第二行", "两行 ⏎ 第二行"),
        ("abc\u202ecba\u2066", "abccba"),
        ("👩‍👩‍👧 好", "👩‍👩‍👧 好"),
        ("\ud800", ""),
    ],
)
def test_a_buyers_text_cannot_drive_the_terminal(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@given(st.text())
def test_nothing_clean_can_move_a_cursor(text: str) -> None:
    safe = clean(text)
    assert not {unicodedata.category(ch) for ch in safe} & {"Cc", "Cs", "Zl", "Zp"}
    assert safe == clean(safe)


def test_names_and_reasons_are_cleaned_too() -> None:
    view = shown(conversation("x", buyer_name="\x1b[2J坏", messages=[_line("\x1b]0;x\x07文")]))
    view.open = ("alpha", "x")
    assert "\x1b" not in "".join([*view.lines(0.0), *view.conversation(0.0)])


def _line(text: str) -> dict[str, object]:
    return {"id": "m1", "seq": 1, "author": "buyer", "kind": "buyer", "at": 0, "text": text, "state": "taken"}


# --- the command


def test_the_token_comes_from_a_variable_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", " abc \n")
    assert read_token("SOME_TOKEN", None) == "abc"
    file = tmp_path / "token"
    file.write_text("\ufeffdef\n", encoding="utf-8")
    assert read_token("SOME_TOKEN", file) == "def"
    file.write_text("", encoding="utf-8")
    for env, path in (("NOT_SET_AT_ALL", None), ("SOME_TOKEN", file), ("SOME_TOKEN", tmp_path / "none")):
        with pytest.raises(BadInputError):
            read_token(env, path)


def test_addresses() -> None:
    assert checked_url("ws://127.0.0.1:8765/agent")
    for bad in ("http://x/agent", "x", "ws://user:secret@x/agent", "wss://x/agent?token=1"):
        with pytest.raises(BadInputError):
            checked_url(bad)
    assert is_plain("ws://desk.example/agent")
    assert not is_plain("wss://desk.example/agent")
    assert not is_plain("ws://127.0.0.1:1/agent")


def test_typed_lines_are_whole_whatever_the_chunks() -> None:
    read, write = os.pipe()
    with open(write, "wb", buffering=0) as out, open(read, encoding="utf-8") as stdin:
        lines = typed_lines(stdin)
        text = "你好\n第二".encode()
        for byte in text:
            out.write(bytes([byte]))
        assert next(lines) == "你好"
        out.write(b"\n")
        assert next(lines) == "第二"


HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
"""Whoever is started in the background inherits that Ctrl-C is ignored."""


async def test_the_command_itself_against_a_server() -> None:
    async with Floor() as floor:
        url = str(floor.server.make_url("/agent")).replace("http://", "ws://")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from relay.cli import main; main()", "agent", "--url", url, "--lang", "en",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "RELAY_TOKEN": "token-ann", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while b"(no conversations)" not in await process.stdout.readline():
                pass
            process.stdin.write(b"/on\n/quit\n")
            rest = await process.communicate()  # standard input stays open: the reading thread still waits
        assert process.returncode == 0, rest
        assert rest[1] == b""
        left = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"{HEARS}from relay.cli import main; main()", "agent", "--url", url,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "RELAY_TOKEN": "token-ann", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert left.stdout is not None
        async with asyncio.timeout(30):
            while "（没有会话）".encode() not in await left.stdout.readline():
                pass
            left.send_signal(signal.SIGINT)  # Ctrl-C is a way to leave
            rest = await left.communicate()
        assert (left.returncode, rest) == (0, ("再见\n".encode(), b""))
        wrong = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from relay.cli import main; main()", "agent", "--url", url,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "RELAY_TOKEN": "wrong", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert wrong.stderr is not None
        async with asyncio.timeout(30):
            error = await wrong.stderr.read()  # the process must end although its standard input does not
        assert await wrong.wait() == 2, error
        assert error.count(b"\n") == 1
