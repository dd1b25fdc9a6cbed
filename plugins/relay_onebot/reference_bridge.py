"""A whole bridge in a page: OneBot 12, reverse WebSocket, and this terminal as the chat client it hooks.

    python -m relay_onebot.reference_bridge ws://127.0.0.1:8765/onebot/NAME/v12 --token-file bridge.token --self-id 1001

Type `buyer: text` and a buyer has written; `me buyer: text`, and the shop has, in its own client. What relay sends is
printed, once for each key. Read it as a model for a bridge of your own: it dials again whenever its socket ends, keeps
what relay has not acknowledged and pushes it again under the same id, answers with the id under which its echo comes,
beats, and has a history. It is a program beside relay, so its clock is its own; the channel needs `extended = true`
and `history = "relay.get_history"`.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

PLATFORM, IMPL = "terminal", "reference"
BEAT_S: Final = 5.0
AGAIN_S: Final = 3.0
Event = dict[str, Any]


def now() -> float:
    """Seconds since 1970, as the platform stamps its messages."""
    return datetime.now(UTC).timestamp()


def event_of(type: str, detail_type: str, **fields: Any) -> Event:
    """What every event of version 12 has, and these fields."""
    return {"id": detail_type, "time": now(), "type": type, "detail_type": detail_type, "sub_type": "", **fields}


class Bridge:
    """The chat client's window, and the socket to relay. `show` prints a line for the person at the window."""

    def __init__(self, url: str, token: str, self_id: str, show: Callable[[str], None]) -> None:
        self.url, self.token, self.self_id, self.show = url, token, self_id, show
        self.log: list[Event] = []
        """Every event of a message, in order: the history."""
        self.unacknowledged: dict[str, Event] = {}
        self.sent: dict[str, Event] = {}
        """What was sent for each key: a real bridge keeps this on disk."""
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self._number = 0

    # --- what happens in the window

    async def write(self, buyer: str, text: str, own: bool = False, **more: Any) -> Event:
        """Somebody has written: the buyer, or the shop itself."""
        self._number += 1
        started = f"{self.self_id}-{id(self):x}-{self._number}"
        event = event_of(
            "message", "private", id=started, message_id=f"m-{started}", user_id=self.self_id if own else buyer,
            message=[{"type": "text", "data": {"text": text}}], alt_message=text, self=self._self(), **more,
        )  # fmt: skip
        if own:
            event["relay.buyer"] = buyer
        self.log.append(event)
        self.unacknowledged[event["id"]] = event
        await self._say(event)
        return event

    def _self(self) -> dict[str, str]:
        return {"platform": PLATFORM, "user_id": self.self_id}

    # --- the socket

    async def live(self) -> None:
        """Stay connected until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    headers = {"Authorization": f"Bearer {self.token}", "User-Agent": f"OneBot/12 ({PLATFORM})"}
                    async with session.ws_connect(self.url, headers=headers, protocols=[f"12.{IMPL}"]) as socket:
                        self.socket = socket
                        self.show("connected / 已连接")
                        await self._serve(socket)
                    self.show(f"disconnected ({socket.close_code}) / 连接断开")
                except (aiohttp.ClientError, OSError) as error:
                    self.show(f"cannot connect / 无法连接: {error}")
                self.socket = None
                await self._pause(AGAIN_S)

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        version = {"impl": IMPL, "version": "1", "onebot_version": "12"}
        await self._say(event_of("meta", "connect", version=version))
        bots = [{"self": self._self(), "online": True}]
        await self._say(event_of("meta", "status_update", status={"good": True, "bots": bots}))
        for event in list(self.unacknowledged.values()):
            await self._say(event)
        beating = asyncio.create_task(self._beat())
        try:
            async for frame in socket:
                await self._take(msgspec.json.decode(frame.data))
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await self._say(event_of("meta", "heartbeat", interval=int(BEAT_S * 1000)))
            await self._pause(BEAT_S)

    async def _take(self, action: dict[str, Any]) -> None:
        """Do what relay asks, and say what became of it."""
        params = action.get("params") or {}
        answer: dict[str, Any] = {"status": "ok", "retcode": 0, "data": None, "message": ""}
        match action.get("action"):
            case "relay.ack":
                self.unacknowledged.pop(str(params.get("id")), None)
                return
            case "send_message" if params.get("detail_type") == "private":
                answer["data"] = await self._send(params)
            case "relay.transfer":
                self.show(f"{params['user_id']} -> {params['account']}")
            case "relay.get_history":
                events = [one for one in self.log if params["since"] <= one["time"] * 1000 <= params["until"]]
                answer["data"] = {"events": events, "complete": True}
            case "get_status":
                answer["data"] = {"good": True, "bots": [{"self": self._self(), "online": True}]}
            case _:
                answer |= {"status": "failed", "retcode": 10002, "message": "no such action"}
        if "echo" in action:
            answer["echo"] = action["echo"]
        await self._say(answer)

    async def _send(self, params: dict[str, Any]) -> dict[str, Any]:
        """A text into the window, once for each key; the event is its echo."""
        buyer, key = params["user_id"], params.get("relay.key", "")
        text = "".join(part["data"]["text"] for part in params["message"] if part["type"] == "text")
        event = self.sent.get(key) if key else None
        if event is None:
            self.show(f"relay -> {buyer}: {text}")
            event = await self.write(buyer, text, own=True, **({"relay.echo_of": key} if key else {}))
            self.sent[key or event["id"]] = event
        return {"message_id": event["message_id"], "time": event["time"]}

    async def _say(self, frame: dict[str, Any]) -> None:
        if self.socket is not None and not self.socket.closed:
            try:
                await self.socket.send_str(msgspec.json.encode(frame).decode())
            except ConnectionError:
                return  # it is pushed again on the next socket

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            return


async def window(bridge: Bridge) -> None:
    """The chat client: lines of this terminal until its end."""
    living = asyncio.create_task(bridge.live())
    while line := await asyncio.to_thread(sys.stdin.readline):
        who, colon, text = line.strip().partition(":")
        own, buyer = who.startswith("me "), who.removeprefix("me ").strip()
        if colon and buyer and text.strip():
            await bridge.write(buyer, text.strip(), own)
        elif line.strip():
            bridge.show("buyer: text / me buyer: text")
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="A terminal as a shop's chat client, bridged to relay. 参考桥接。")
    parser.add_argument("url")
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--self-id", default="1001")
    given = parser.parse_args()
    token = given.token_file.read_text("utf-8").strip()
    asyncio.run(window(Bridge(given.url, token, given.self_id, lambda line: print(line, flush=True))))


if __name__ == "__main__":
    main()
