"""A shop's bot as a process of its own, run as its owner would run it. It knows nothing of relay or of these tests."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from relay_bot.tests.floor import LIMIT_S

PEERS = Path(__file__).parent / "peers"
AUTOREPLY = """
- matches: ["发货"]
  replies: ["亲，您好，今天下午发出[CQ:image,file=https://shop.example/a.png]"]
- matches: ["尺码"]
  replies:
    - type: multi
      message: [{type: plain, message: 按平时的尺码拍}, {type: plain, message: 偏大一码可退换}]
"""
"""What the shop has told `nonebot-plugin-autoreply` to answer."""


def nonebot(folder: Path, **env: str) -> AbstractAsyncContextManager["Peer"]:
    """NoneBot2 with `nonebot-plugin-autoreply`, told what to answer by `AUTOREPLY`."""
    answers = folder / "data" / "autoreply"
    answers.mkdir(parents=True)
    (answers / "shop.yml").write_text(AUTOREPLY, encoding="utf-8")
    own = {"DRIVER": "~quart+~aiohttp", "ONEBOT_ACCESS_TOKEN": "t", "PLUGINS": "nonebot_plugin_autoreply"}
    return bot_process(PEERS / "nonebot_shop.py", folder, own | env, "running on")


def aiocqhttp(folder: Path, **env: str) -> AbstractAsyncContextManager["Peer"]:
    return bot_process(PEERS / "aiocqhttp_shop.py", folder, env, "Running on")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Peer:
    """The running process. Its output is read all the time, so that it never waits for us."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port, self._process = port, process
        self._lines: list[str] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def said(self, pattern: str) -> None:
        """Wait until it has printed this."""
        async with asyncio.timeout(LIMIT_S):
            while not any(re.search(pattern, line) for line in self._lines):
                assert not self._reading.done(), f"ended without saying {pattern!r}:\n" + "".join(self._lines)
                self._news.clear()
                await self._news.wait()

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode(errors="replace"))
            self._news.set()
        self._news.set()


@asynccontextmanager
async def bot_process(script: Path, folder: Path, env: Mapping[str, str], ready: str) -> AsyncIterator[Peer]:
    """A bot in a folder of its own, when it has said that it is `ready`."""
    port = int(env.get("PORT") or free_port())
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-X",
        "utf8",
        str(script),
        cwd=folder,
        env={**os.environ, **env, "HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "INFO"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    peer = Peer(process, port)
    try:
        await peer.said(ready)
        yield peer
    finally:
        await peer.stop()
