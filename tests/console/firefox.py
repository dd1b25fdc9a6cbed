"""Debian's Firefox by the protocol that it speaks itself: WebDriver BiDi (W3C), over one WebSocket.

What the test needs of the protocol is little: open an address, press keys, ask the page, hear its console. Playwright's
way over the same protocol (`moz-firefox`) asks for commands that Firefox 140 has not and evaluates text in the page,
which the pages' policy forbids; Mozilla's `marionette_driver` brings a dozen packages.
"""

import asyncio
import itertools
import os
import re
import shutil
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

FIREFOX: Final = shutil.which("firefox-esr") or shutil.which("firefox")
WAIT_S: Final = 20
SPECIAL: Final = {
    "Escape": "\ue00c", "Enter": "\ue006", "Tab": "\ue004", "Shift": "\ue008", "Alt": "\ue00a", "F2": "\ue032",
    "ArrowUp": "\ue013", "ArrowDown": "\ue015",
}  # fmt: skip
"""Keys by the code points that WebDriver has for them (§17.4.2)."""
needs_firefox = pytest.mark.skipif(
    FIREFOX is None, reason="Debian's Firefox is not installed (apt install firefox-esr)"
)


class Firefox:
    """One tab. `complaints` is every error and warning that its console has shown."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._complained = asyncio.Event()
        self.complaints: list[str] = []
        self.tab = ""

    async def listen(self) -> None:
        """Take what comes, until the socket is closed."""
        async for message in self._socket:
            told = message.json()
            if told["type"] == "event":
                self._hear(told["params"])
            elif told["type"] == "success":
                self._answers.pop(told["id"]).set_result(told["result"])
            else:
                self._answers.pop(told["id"]).set_exception(RuntimeError(f"{told['error']}: {told['message']}"))

    def _hear(self, entry: dict[str, Any]) -> None:
        if entry["level"] in ("error", "warn"):
            self.complaints.append(f"{entry['level']}: {entry['text']}")
            self._complained.set()

    async def ask(self, method: str, **params: Any) -> Any:
        """Say one command; its result. RuntimeError with Firefox's words if it is refused."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(self._answers[number], WAIT_S)

    async def begin(self) -> None:
        await self.ask("session.new", capabilities={})
        await self.ask("session.subscribe", events=["log.entryAdded"])
        # in the tab that is there first the keyboard is in the address bar, and no button takes Enter
        self.tab = (await self.ask("browsingContext.create", type="tab"))["context"]
        await self.ask("browsingContext.setViewport", context=self.tab, viewport={"width": 1366, "height": 768})

    async def go(self, url: str) -> None:
        await self.ask("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    async def value(self, expression: str) -> Any:
        """What the expression is in the page: a string, number, boolean or None."""
        answer = await self.ask(
            "script.evaluate", expression=expression, target={"context": self.tab}, awaitPromise=True
        )
        assert answer["type"] == "success", (expression, answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until this is so in the page."""
        end = time.monotonic() + WAIT_S
        while not await self.value(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise AssertionError((expression, await self.value("document.body.innerText"), self.complaints))
            await asyncio.sleep(0.02)

    async def complains(self, words: str) -> None:
        """Wait until the console has shown an error or warning with these words."""
        async with asyncio.timeout(WAIT_S):
            while not any(words in one for one in self.complaints):
                self._complained.clear()
                await self._complained.wait()

    async def shows(self, selector: str, text: str = "") -> None:
        """Wait until such an element has this text in it."""
        await self.until(
            f"[...document.querySelectorAll({selector!r})].some((one) => one.textContent.includes({text!r}))"
        )

    async def press(self, *keys: str) -> None:
        """Each in turn: a name as in `KeyboardEvent.key`, `Alt+n`, or one character."""
        steps: list[dict[str, str]] = []
        for one in keys:
            held = [SPECIAL.get(each, each) for each in one.split("+")] if len(one) > 1 else [one]
            steps += [{"type": "keyDown", "value": each} for each in held]
            steps += [{"type": "keyUp", "value": each} for each in reversed(held)]
        await self.ask(
            "input.performActions", context=self.tab, actions=[{"type": "key", "id": "keys", "actions": steps}]
        )

    async def type(self, text: str) -> None:
        await self.press(*text)


@asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """A headless Firefox with a profile of its own below the folder, gone at the end."""
    assert FIREFOX is not None
    home = folder / "firefox"
    home.mkdir()
    arguments = ("--headless", "--no-remote", "--profile", str(home), "--remote-debugging-port", "0")
    process = await asyncio.create_subprocess_exec(
        FIREFOX, *arguments, env={**os.environ, "HOME": str(home)}, stdout=DEVNULL, stderr=PIPE
    )
    try:
        address = await asyncio.wait_for(_address(process), WAIT_S * 2)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{address}/session", max_msg_size=0) as socket,
        ):
            one = Firefox(socket)
            listening = asyncio.create_task(one.listen())
            await one.begin()
            yield one
            await one.ask("browser.close")
            await listening
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where it listens; it says so on its standard error."""
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1].decode()
    raise AssertionError("Firefox ended before it listened")
