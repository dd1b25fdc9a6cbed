"""A bot as a responder: the parts put together.

Laws: drafts come as the bot speaks, until its question is void or has all it may have. OneBot has no word for "nothing
to say", so a bot that is silent for `wait_s` has nothing, and one that has spoken has `MORE_S` to say more: then its
place goes to the next question. A bot that is not there yet may still come in that time. Whatever it does costs it its
drafts and nobody else. It runs in a loop of its own, as every responder; only `SocketDoor` is asked from outside it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from relay.contracts import Clock, DraftText, Entropy, Question, ReplyBook, Responder, Route, SocketRoute
from relay_bot.bot import Bot
from relay_bot.dialect import Dialect
from relay_bot.dialling import Dialler
from relay_bot.onebot11 import OneBot11
from relay_bot.onebot12 import OneBot12
from relay_bot.options import Options, is_webhook, read_options, target_of
from relay_bot.posting import Poster
from relay_bot.questions import Asked, Questions
from relay_bot.serving import ApiDoor, SocketDoor
from relay_bot.talking import Sockets

MORE_S: Final = 5.0


class Line(Protocol):
    """A way to give a question to the bot."""

    async def say(self, asked: Asked) -> None: ...


class BotResponder:
    """Implements `relay.contracts.Responder` and `ServesSockets`."""

    def __init__(self, name: str, options: Options, clock: Clock, entropy: Entropy) -> None:
        self._name, self._options = name, options
        self._questions = Questions(name, options.drafts, clock, entropy)
        self._bot = bot = Bot(options.self_id, options.provider or name, options.mode, self._questions, clock)
        eleven = OneBot11(bot, options.message_format)
        dialect: Dialect = eleven if options.onebot == 11 else OneBot12(bot, entropy)
        self._sockets = Sockets(name, dialect, clock)
        self._poster: Poster | None = None
        self._dialler: Dialler | None = None
        self._doors: list[ApiDoor] = []
        self._socket_door: SocketDoor | None = None
        if place := target_of(options):
            target, url = place
            if is_webhook(options):
                self._poster = Poster(name, target, url, eleven, options.secret, not options.listen)
            else:
                self._dialler = Dialler(name, target, url, dialect, options.token, clock, entropy)
        if options.listen:
            assert options.token is not None
            self._socket_door = SocketDoor(name, options.token, options.onebot, dialect, self._sockets)
            if options.onebot == 11:
                self._doors = [ApiDoor(name, options.token, eleven)]

    @property
    def name(self) -> str:
        return self._name

    def routes(self) -> Sequence[Route]:
        return [route for door in self._doors for route in door.routes()]

    def sockets(self) -> Sequence[SocketRoute]:
        return [] if self._socket_door is None else self._socket_door.routes()

    async def start(self, book: ReplyBook) -> None:
        """A bot reads no quick replies: it answers by itself."""
        if self._socket_door is not None:
            self._socket_door.open()
        if self._poster is not None:
            self._poster.start()
        if self._dialler is not None:
            self._dialler.start(self._sockets)

    async def stop(self) -> None:
        self._questions.close_all()
        if self._socket_door is not None:
            self._socket_door.close()
        if self._dialler is not None:
            await self._dialler.stop()
        if self._poster is not None:
            await self._poster.stop()

    async def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        asked = self._questions.ask(self._told(question))
        line: Line = self._poster if self._poster is not None else self._sockets
        saying = asyncio.create_task(_say(line, asked))
        try:
            wait_s = self._options.wait_s
            while (draft := await _next(asked, wait_s)) is not None:
                wait_s = MORE_S
                yield draft
        finally:
            self._questions.close(asked)
            saying.cancel()

    def _told(self, question: Question) -> Question:
        """The question in the words that this bot shall be given."""
        if self._options.text == "unanswered" or not question.lines:
            return question
        return msgspec.structs.replace(question, text=question.lines[-1].text)


async def _next(asked: Asked, wait_s: float) -> DraftText | None:
    """What the bot says next; None if that is nothing. Raises why it could not be asked."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            return await asked.next()
    return None


async def _say(line: Line, asked: Asked) -> None:
    """Give the question to the bot; where that fails, whoever waits for drafts is told why."""
    try:
        await line.say(asked)
    except Exception as error:
        asked.end("void", error)


def build(name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Responder:
    """A responder from its table of the configuration. Raises `ValueError` naming key, value and remedy."""
    return BotResponder(name, read_options(options), clock, entropy)
