"""Time with a bot: heartbeats, floods, slowness and redialling, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from yarl import URL

from relay.contracts import Frame
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import VirtualClock, run_virtual
from relay_bot.bot import Bot
from relay_bot.dialling import LIVED_S, Dialler
from relay_bot.onebot11 import OneBot11
from relay_bot.questions import Questions
from relay_bot.talking import MOST_A_SECOND, SEND_S, Sockets
from relay_bot.tests.asking import SELF_ID, asked_for, decoded, question
from relay_webhook.target import Target


class FakeSocket:
    """A bot's end in the test's hands: `frames` gives what it sends, `takes` whether it reads."""

    def __init__(self, frames: Callable[[], Awaitable[Frame | None]], takes: bool = True) -> None:
        self.sent: list[bytes] = []
        self.closed: list[int] = []
        self._frames, self._takes = frames, takes

    @property
    def is_open(self) -> bool:
        return not self.closed

    async def receive(self) -> Frame | None:
        return await self._frames()

    async def send(self, data: bytes, binary: bool = False) -> None:
        if not self._takes:
            await asyncio.get_running_loop().create_future()
        self.sent.append(data)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed.append(code)


async def silence() -> Frame | None:
    found: Frame = await asyncio.get_running_loop().create_future()
    return found


def spoken(clock: VirtualClock) -> tuple[Questions, OneBot11, Sockets]:
    questions = Questions("shopbot", 3, clock, SeededEntropy(1))
    dialect = OneBot11(Bot(SELF_ID, "shopbot", "unknown", questions, clock))
    return questions, dialect, Sockets("shopbot", dialect, clock)


def test_a_silent_socket_hears_a_heartbeat_every_fifteen_seconds() -> None:
    async def main(clock: VirtualClock) -> list[str]:
        _, _, sockets = spoken(clock)
        socket = FakeSocket(silence)
        talk = asyncio.create_task(sockets.talk(socket))
        await clock.sleep(61)
        talk.cancel()
        return [decoded(frame)["meta_event_type"] for frame in socket.sent]

    assert run_virtual(main) == ["lifecycle", *["heartbeat"] * 4]


def test_a_flood_is_read_at_a_measured_pace_and_others_have_their_turn() -> None:
    turns = 0

    async def main(clock: VirtualClock) -> int:
        nonlocal turns
        _, _, sockets = spoken(clock)
        flood = asked_for("get_status")

        async def at_once() -> Frame | None:
            return Frame(flood)

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await clock.sleep(0.1)

        socket = FakeSocket(at_once)
        tasks = [asyncio.create_task(sockets.talk(socket)), asyncio.create_task(others())]
        await clock.sleep(9.95)
        for task in tasks:
            task.cancel()
        return len(socket.sent) - 1

    assert run_virtual(main) == 10 * MOST_A_SECOND
    assert turns >= 99


def test_between_two_frames_of_a_flood_everybody_else_has_a_turn() -> None:
    async def main(clock: VirtualClock) -> tuple[int, int]:
        _, _, sockets = spoken(clock)
        turns = 0

        async def at_once() -> Frame | None:
            return Frame(asked_for("get_status"))

        async def others() -> None:
            nonlocal turns
            while clock.monotonic() == 0:
                turns += 1
                await asyncio.sleep(0)

        socket = FakeSocket(at_once)
        tasks = [asyncio.create_task(sockets.listen(socket)), asyncio.create_task(others())]
        while len(socket.sent) < MOST_A_SECOND:  # noqa: ASYNC110  (it is turns that are counted)
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        return len(socket.sent), turns

    sent, turns = run_virtual(main)
    assert sent == MOST_A_SECOND
    assert turns >= sent - 1


def test_a_bot_that_reads_nothing_loses_its_socket_and_the_question_goes_to_the_other() -> None:
    async def main(clock: VirtualClock) -> None:
        questions, _, sockets = spoken(clock)
        deaf, hearing = FakeSocket(silence, takes=False), FakeSocket(silence)
        dead = asyncio.create_task(sockets.talk(deaf))
        talk = asyncio.create_task(sockets.talk(hearing))
        await clock.sleep(1)
        asked = questions.ask(question())
        saying = asyncio.create_task(sockets.say(asked))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert decoded(hearing.sent[1])["message_id"] == asked.message
        await clock.sleep(SEND_S)
        await saying
        assert deaf.closed == [1008]
        with pytest.raises(ConnectionError, match="takes no frames"):
            await dead
        talk.cancel()

    run_virtual(main)


def test_a_bot_that_is_not_there_is_tried_ever_more_seldom() -> None:
    class Dead(Dialler):
        lives = 0.0

        async def _once(self, *_: object) -> None:
            tries.append(self._clock.monotonic())
            await asyncio.sleep(0)
            if self.lives:
                await clock_of[0].sleep(self.lives)

    tries: list[float] = []
    clock_of: list[VirtualClock] = []

    async def main(clock: VirtualClock) -> tuple[list[float], list[float]]:
        clock_of.append(clock)
        _, dialect, sockets = spoken(clock)
        url = URL("ws://127.0.0.1:9/ws")
        dialler = Dead("b", Target("http://127.0.0.1:9/ws", False), url, dialect, None, clock, SeededEntropy(3))
        dialler.start(sockets)
        await clock.sleep(600)
        dead = [later - earlier for earlier, later in pairwise(tries)]
        tries.clear()
        dialler.lives = LIVED_S
        await clock.sleep(300)
        await dialler.stop()
        return dead, [later - earlier for earlier, later in pairwise(tries[1:])]

    dead, lived = run_virtual(main)
    for number, gap in enumerate(dead):
        wanted = min(2**number, 60)
        assert 0.75 * wanted <= gap <= 1.25 * wanted
    assert len(dead) > 10
    assert lived
    assert all(LIVED_S + 0.75 <= gap <= LIVED_S + 1.25 for gap in lived)
