"""What every notifier plugin must do, as one test class, and a notifier without a network.

Use it in a plugin's tests (pytest with asyncio_mode = "auto"):

    class TestMine(NotifierContract):
        async def make(self) -> MyWorld: ...

`make` gives a `NotifierWorld`: the notifier, not yet started, and the receiver behind it in the test's hands.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from relay.contracts import Notice, NoticeLimits, NoticeResult, Notifier
from relay.domain.names import Millis

AT = Millis(1_772_416_800_000)


def notice(key: str = "n1", title: str = "relay · 1 位买家在等 / 1 buyer waits", *lines: str, link: str = "") -> Notice:
    """A notice that a test sends."""
    return Notice(key=key, title=title, lines=lines, link=link or None, at=AT)


class FakeNotifier:
    """A notifier of few lines. `results` are used up one by one, by default each notice is confirmed.

    While `gate` is clear, what was sent gets no answer. `fault` is raised instead of an answer.
    """

    def __init__(self, name: str = "group", limits: NoticeLimits | None = None) -> None:
        self.name, self.limits = name, limits or NoticeLimits()
        self.sent: list[Notice] = []
        self.results: list[NoticeResult] = []
        self.fault: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()
        self.running = False

    async def start(self) -> None:
        self.running = True

    async def stop(self) -> None:
        self.running = False

    async def send(self, notice: Notice) -> NoticeResult:
        if not self.running:
            return NoticeResult(outcome="not_sent", code="not_started")
        self.sent.append(notice)
        self.reached.set()
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return self.results.pop(0) if self.results else NoticeResult(outcome="confirmed")


class NotifierWorld(Protocol):
    """A notifier and the receiver behind it."""

    @property
    def notifier(self) -> Notifier:
        """Not started."""

    def received(self) -> Sequence[str]:
        """The text of every notice that the receiver accepted, in order."""

    def fall_silent(self) -> None:
        """From here on the receiver takes what is sent to it, but does not answer."""

    def refuse(self) -> None:
        """From here on the receiver answers that it does not take this, as politely as it ever does."""

    async def reached(self) -> None:
        """Returns when the receiver has been sent something."""

    def secrets(self) -> Sequence[str]:
        """What must never be seen: tokens, keys and the like."""

    async def close(self) -> None:
        """Release the far side."""


class FakeReceiver:
    """The receiver behind a `FakeNotifier`."""

    def __init__(self, notifier: FakeNotifier) -> None:
        self.notifier = notifier

    def received(self) -> Sequence[str]:
        return ["\n".join((one.title, *one.lines)) for one in self.notifier.sent]

    def fall_silent(self) -> None:
        self.notifier.gate.clear()

    def refuse(self) -> None:
        self.notifier.results = [NoticeResult(outcome="refused", code="no")]

    async def reached(self) -> None:
        await self.notifier.reached.wait()

    def secrets(self) -> Sequence[str]:
        return ()

    async def close(self) -> None:
        pass


class NotifierContract:
    """The promises of `relay.contracts.Notifier`. Subclass it and give `make`."""

    async def make(self) -> NotifierWorld:
        raise NotImplementedError

    async def test_it_names_itself_and_its_limits(self) -> None:
        world = await self.make()
        limits = world.notifier.limits
        assert world.notifier.name
        assert limits.per_minute >= 1
        assert limits.per_second is None or limits.per_second >= 1
        assert limits.max_bytes >= 256
        await world.close()

    async def test_what_is_confirmed_was_received_with_its_title_and_every_line(self) -> None:
        world = await self._started()
        given = notice("n1", "relay · 标题 title", "一行 one", "两行 two", link="http://relay.example/console")
        result = await world.notifier.send(given)
        assert result.outcome == "confirmed"
        [text] = world.received()
        assert all(part in text for part in (given.title, *given.lines))
        await self._end(world)

    async def test_a_text_that_is_too_long_is_cut_and_still_received(self) -> None:
        world = await self._started()
        lines = [f"{number} 位买家在等😀" for number in range(3_000)]
        result = await world.notifier.send(notice("n1", "relay · 很多 many", *lines))
        assert result.outcome == "confirmed"
        [text] = world.received()
        assert text.encode()
        assert "relay · 很多 many" in text
        await self._end(world)

    async def test_what_the_receiver_does_not_take_is_refused_with_a_code(self) -> None:
        world = await self._started()
        world.refuse()
        result = await world.notifier.send(notice())
        assert (result.outcome, bool(result.code)) == ("refused", True)
        assert result.code.isascii()
        await self._end(world)

    async def test_a_cancelled_send_is_never_claimed(self) -> None:
        world = await self._started()
        world.fall_silent()
        sending = asyncio.ensure_future(world.notifier.send(notice()))
        await world.reached()
        sending.cancel()
        with suppress(asyncio.CancelledError):
            assert (await sending).outcome == "unknown"
        await self._end(world)

    async def test_before_start_and_after_stop_nothing_is_sent(self) -> None:
        world = await self.make()
        assert (await world.notifier.send(notice())).outcome == "not_sent"
        await world.notifier.start()
        await world.notifier.stop()
        assert (await world.notifier.send(notice())).outcome == "not_sent"
        assert list(world.received()) == []
        await world.close()

    async def test_stopping_twice_is_as_good_as_once(self) -> None:
        world = await self._started()
        await world.notifier.stop()
        await self._end(world)

    async def test_no_secret_is_in_what_it_says_or_shows(self) -> None:
        world = await self._started()
        world.refuse()
        result = await world.notifier.send(notice())
        shown = msgspec.json.encode(result).decode() + repr(world.notifier) + str(world.notifier)
        assert not [secret for secret in world.secrets() if secret in shown]
        await self._end(world)

    async def _started(self) -> NotifierWorld:
        world = await self.make()
        await world.notifier.start()
        return world

    async def _end(self, world: NotifierWorld) -> None:
        await world.notifier.stop()
        await world.close()
