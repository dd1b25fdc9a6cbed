"""The people on the seats: they read what relay shows them, work on one thing at a time, and type at human speed.

An agent knows nothing but what comes over the socket. What is unanswered, owed or refused becomes something to do at
some later instant; the earliest comes first. Now and then they take a pause, and sometimes their line breaks.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Literal

import aiohttp
import msgspec

from relay.contracts import Clock
from relay_demo import manner as m
from relay_demo.life import Life, log
from relay_demo.line import Frame, Line, LineLostError
from relay_demo.talk import ADDED_WHEN_REFUSED, ANSWER_TO_ANYTHING, HOLDS_BY_HAND, WELCOME, is_thanks, topic_of

Key = tuple[str, str]
What = Literal["answer", "hold", "thank", "close"]
CLOSING_REASON = "问题已解决"


class Chat(msgspec.Struct):
    """One conversation on an agent's list, and what to do next about it (`at` in seconds of the steady clock)."""

    shop: str
    buyer: str
    unread: list[str] = []
    what: What | None = None
    at: float = 0.0
    work_s: float = 0.0
    then_s: float = 0.0
    last: str = ""
    refused: int = 0


class Agent:
    """One person. `begin` and forget; `leave` ends the day."""

    def __init__(self, person: str, clock: Clock, manner: m.Manner) -> None:
        self.person = person
        self._clock, self._manner = clock, manner
        self._life = Life()
        self._wake = asyncio.Event()
        self._chats: dict[Key, Chat] = {}
        self._seats: list[str] = []
        self._line: Line | None = None
        self._keys = 0

    def begin(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._life.begin(self._day(session, url, token))

    async def leave(self) -> None:
        """Finish the sentence, and go."""
        self._wake.set()
        await self._life.end()

    # --- the day

    async def _day(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        while not self._life.over:
            try:
                self._line = await Line.open(session, url, token, self._told)
                await self._presence("online")
                await self._work()
            except LineLostError as error:
                log.info("agent_lost_the_line", person=self.person, why=str(error))
            if self._line is not None:
                await self._go(self._line)
            await self._life.rest(self._manner.span(m.LOST))

    async def _go(self, line: Line) -> None:
        """Say so at the end of the day; a broken line says nothing."""
        if self._life.over:
            with contextlib.suppress(LineLostError):
                await self._presence("offline")
        await line.close()

    async def _work(self) -> None:
        """Until the line breaks or the day is over."""
        pause_at = self._now() + self._manner.span(m.PAUSE_EVERY)
        while not self._life.over:
            if self._now() >= pause_at:
                if self._manner.loses_the_line():
                    return
                await self._presence("away")
                await self._life.rest(self._manner.span(m.PAUSE))
                await self._presence("online")
                pause_at = self._now() + self._manner.span(m.PAUSE_EVERY)
            chat = min((one for one in self._chats.values() if one.what), key=lambda one: one.at, default=None)
            until = pause_at if chat is None else min(pause_at, chat.at)
            if chat is not None and chat.at <= self._now():
                await self._do(chat)
            else:
                await self._wait(until - self._now())
            if self._line is None or self._line.lost:
                raise LineLostError("closed")

    async def _wait(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _presence(self, presence: str) -> None:
        assert self._line is not None
        for seat in self._seats:
            await self._line.say("presence", seat=seat, presence=presence)

    # --- one thing at a time

    async def _do(self, chat: Chat) -> None:
        assert self._line is not None
        what, chat.what = chat.what, None
        where = {"shop": chat.shop, "buyer": chat.buyer}
        if what == "close":
            await self._line.say("close", **where, reason=CLOSING_REASON)
            return
        await self._line.say("typing", **where)
        if not await self._life.rest(chat.work_s) or self._chats.get((chat.shop, chat.buyer)) is not chat:
            return
        text = self._text(chat, what)
        if what != "hold":
            chat.unread.clear()
        self._keys += 1
        answer = await self._line.say("reply", **where, text=text, key=f"{self._clock.now()}-{self._keys}")
        if answer["type"] != "done":
            log.info("agent_was_refused", person=self.person, code=answer["code"])
        elif what == "hold":
            self._later(chat, "answer", chat.then_s, self._manner.span(m.WORK["look_up"]))
        elif not chat.unread:
            self._later(chat, "close", self._manner.span(m.CLOSE))

    def _text(self, chat: Chat, what: What | None) -> str:
        rng = self._manner.rng
        if what == "hold":
            return rng.choice(HOLDS_BY_HAND)
        if what == "thank":
            return rng.choice(WELCOME)
        topic = topic_of(chat.unread)
        text = rng.choice(topic.answers) if topic is not None else chat.last or ANSWER_TO_ANYTHING
        chat.last = text
        return text + "".join(ADDED_WHEN_REFUSED[: chat.refused])

    # --- what relay tells

    def _told(self, frame: Frame) -> None:
        listener = _LISTENERS.get(frame["type"])
        if listener is not None:
            listener(self, frame)
            self._wake.set()

    def _welcome(self, frame: Frame) -> None:
        self._seats = [seat["seat"] for seat in frame["seats"] if seat["mine"]]

    def _list(self, frame: Frame) -> None:
        if frame["part"] == 0:
            self._chats.clear()
        for conversation in frame["conversations"]:
            self._take(conversation)

    def _assigned(self, frame: Frame) -> None:
        if frame["seat"] in self._seats:
            self._take(frame["conversation"])

    def _take(self, told: Frame) -> None:
        """A conversation comes to this list, whole."""
        chat = self._chats[told["shop"], told["buyer"]] = Chat(told["shop"], told["buyer"])
        for message in told["messages"]:
            if message["author"] == "buyer" and message["state"] != "recalled":
                chat.unread.append(message["text"] or "")
            elif message["author"] == "human":
                chat.unread.clear()
        if told["opened_at"] is not None:
            self._plan(chat)
        elif told["debt"] is not None:
            self._later(chat, "answer", self._manner.span(m.LOOK_UP), self._manner.span(m.WORK["look_up"]))
        else:
            self._later(chat, "close", self._manner.span(m.CLOSE))

    def _buyer_wrote(self, frame: Frame) -> None:
        chat = self._chats.get((frame["shop"], frame["buyer"]))
        if chat is None:
            return
        text = frame["message"]["text"] or ""
        chat.unread.append(text)
        topic = topic_of([text])
        harder = topic is not None and topic.effort in ("look_up", "put_off") and chat.what == "answer"
        if harder or chat.what in (None, "close", "thank"):
            self._plan(chat)

    def _plan(self, chat: Chat) -> None:
        if chat.unread and all(is_thanks(text) for text in chat.unread):
            plan = self._manner.plan("quick")
            self._later(chat, "thank", plan.turn_s, plan.work_s / 2)
            return
        topic = topic_of(chat.unread)
        plan = self._manner.plan(topic.effort if topic is not None else "normal")
        chat.then_s = plan.then_s
        self._later(chat, "hold" if plan.hold else "answer", plan.turn_s, plan.work_s)

    def _later(self, chat: Chat, what: What, in_s: float, work_s: float = 0.0) -> None:
        chat.what, chat.at, chat.work_s = what, self._now() + in_s, work_s

    def _lost(self, frame: Frame) -> None:
        """`_work` looks for itself; here it only wakes up."""

    def _gone(self, frame: Frame) -> None:
        self._chats.pop((frame["shop"], frame["buyer"]), None)

    def _dropped(self, frame: Frame) -> None:
        chat = self._chats.get((frame["shop"], frame["buyer"]))
        if chat is not None:
            chat.unread.clear()
            self._later(chat, "close", self._manner.span(m.CLOSE))

    def _debt_opened(self, frame: Frame) -> None:
        chat = self._chats.get((frame["shop"], frame["buyer"]))
        if chat is not None and chat.what in (None, "close"):
            self._later(chat, "answer", self._manner.span(m.LOOK_UP), self._manner.span(m.WORK["look_up"]))

    def _send_ended(self, frame: Frame) -> None:
        """What surely did not reach the buyer is said again, in other words if the platform would not have it."""
        chat = self._chats.get((frame["shop"], frame["buyer"]))
        failed = frame["outcome"] in ("refused", "not_sent") and frame["retry_at"] is None
        if chat is not None and failed and not frame["machine"]:
            chat.refused += 1
            self._later(chat, "answer", self._manner.span(m.MEND), self._manner.span(m.MEND))

    def _now(self) -> float:
        return self._clock.monotonic()


_LISTENERS: dict[str, Callable[[Agent, Frame], None]] = {
    "welcome": Agent._welcome,
    "list": Agent._list,
    "assigned": Agent._assigned,
    "buyer_wrote": Agent._buyer_wrote,
    "lost": Agent._lost,
    "left": Agent._gone,
    "closed": Agent._gone,
    "round_dropped": Agent._dropped,
    "debt_opened": Agent._debt_opened,
    "send_ended": Agent._send_ended,
}
