"""The supervisor: where the outcome of a text is unknown, somebody looks into the chat and says what stands there.

What needs a look is what relay tells as `ask`; where to look follows from the same conversation over the same socket.
"""

import aiohttp

from relay.contracts import Clock
from relay_demo.life import Life, log
from relay_demo.line import Frame, Line, LineLostError
from relay_demo.manner import LOOK, LOST, Manner
from relay_demo.platform import Platform


class Supervisor:
    """A CS admin with a view of the platform, and no seat of their own."""

    def __init__(self, person: str, clock: Clock, platform: Platform, manner: Manner) -> None:
        self.person = person
        self._clock, self._platform, self._manner = clock, platform, manner
        self._life = Life()
        self._line: Line | None = None
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._unknown: set[str] = set()

    def begin(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._life.begin(self._day(session, url, token))

    async def leave(self) -> None:
        await self._life.end()
        if self._line is not None:
            await self._line.close()

    async def _day(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        while not self._life.over:
            try:
                self._line = await Line.open(session, url, token, self._told)
                while not self._line.lost and await self._life.rest(1.0):
                    pass
            except LineLostError as error:
                log.info("supervisor_lost_the_line", why=str(error))
            if not self._life.over:
                await self._life.rest(self._manner.span(LOST))

    def _told(self, frame: Frame) -> None:
        match frame["type"]:
            case "list":
                for conversation in frame["conversations"]:
                    self._learn(conversation)
            case "assigned" | "queued":
                self._learn(frame["conversation"])
            case "reply_intended" | "hold_intended":
                self._texts[frame["message"]["send"]] = frame["message"]["text"] or ""
            case "send_ended" if frame["ask"] is not None:
                self._wonder(frame["shop"], frame["buyer"], frame["send"])
            case "send_ended":
                self._unknown.discard(frame["send"])
                self._texts.pop(frame["send"], None)

    def _learn(self, conversation: Frame) -> None:
        self._names[conversation["buyer"]] = conversation["buyer_name"] or ""
        for message in conversation["messages"]:
            if message.get("send"):
                self._texts[message["send"]] = message["text"] or ""
        for send in conversation["sends"]:
            if send["ask"] is not None:
                self._wonder(conversation["shop"], conversation["buyer"], send["send"])

    def _wonder(self, shop: str, buyer: str, send: str) -> None:
        if send not in self._unknown:
            self._unknown.add(send)
            self._life.begin(self._look(shop, buyer, send))

    async def _look(self, shop: str, buyer: str, send: str) -> None:
        """After a while look, unless the platform's echo has settled it by then."""
        if not await self._life.rest(self._manner.span(LOOK)) or send not in self._unknown or self._line is None:
            return
        stands = self._platform.stands(shop, self._names.get(buyer, ""), self._texts.get(send, ""))
        try:
            await self._line.say("resolve", send=send, reached=stands)
        except LineLostError:
            self._unknown.discard(send)
