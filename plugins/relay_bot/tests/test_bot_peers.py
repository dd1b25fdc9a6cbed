"""Real bots, unchanged, draft for relay: NoneBot2 with a published plugin, and aiocqhttp, over every transport."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from relay_bot import dialling
from relay_bot.responder import BotResponder
from relay_bot.tests.asking import SELF_ID, question
from relay_bot.tests.floor import Drafting, running, served
from relay_bot.tests.peer import aiocqhttp, free_port, nonebot


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "FIRST_S", 0.05)


@asynccontextmanager
async def nonebot_reverse(folder: Path) -> AsyncIterator[BotResponder]:
    async with (
        nonebot(folder) as peer,
        running(url=f"ws://127.0.0.1:{peer.port}/onebot/v11/ws", token="t") as responder,
    ):
        yield responder


@asynccontextmanager
async def nonebot_forward(folder: Path) -> AsyncIterator[BotResponder]:
    async with (
        served() as (responder, url, _),
        nonebot(folder, ONEBOT_WS_URLS=json.dumps([url.replace("http", "ws")])),
    ):
        yield responder


@asynccontextmanager
async def nonebot_over_http(folder: Path) -> AsyncIterator[BotResponder]:
    """relay posts, and NoneBot answers by calling relay's API. Each needs the other's address first."""
    port = free_port()
    async with served(url=f"http://127.0.0.1:{port}/onebot/v11/http", secret="s") as (responder, url, _):
        roots = json.dumps({SELF_ID: url})
        async with nonebot(folder, ONEBOT_API_ROOTS=roots, ONEBOT_SECRET="s", PORT=str(port)):
            yield responder


WAYS = [nonebot_reverse, nonebot_forward, nonebot_over_http]


@pytest.mark.parametrize("way", WAYS)
async def test_a_nonebot_plugin_drafts(
    way: Callable[[Path], AbstractAsyncContextManager[BotResponder]], tmp_path: Path
) -> None:
    async with way(tmp_path) as responder:
        drafting = Drafting(responder, question("什么时候发货？"))
        draft = await drafting.first()
        assert draft.text == "亲，您好，今天下午发出"
        assert draft.reason == "未带上：图片 1 / left out: picture 1"
        assert draft.provider == "shopbot"
        await drafting.end()
        sizes = Drafting(responder, question("尺码怎么选", buyer="b2"))
        await sizes.until(2)
        assert [each.text for each in sizes.got] == ["按平时的尺码拍", "偏大一码可退换"]
        await sizes.end()


async def test_nonebot_in_version_12(tmp_path: Path) -> None:
    async with (
        nonebot(tmp_path) as peer,
        running(url=f"ws://127.0.0.1:{peer.port}/onebot/v12/ws", token="t", onebot=12) as responder,
    ):
        drafting = Drafting(responder, question("/echo 今天发出"))
        assert (await drafting.first()).text == "今天发出"
        await drafting.end()


async def test_aiocqhttp_over_reverse_websocket(tmp_path: Path) -> None:
    async with (
        aiocqhttp(tmp_path, TOKEN="t") as peer,
        running(url=f"ws://127.0.0.1:{peer.port}/ws/", token="t") as responder,
    ):
        here = Drafting(responder, question("在吗"))
        assert (await here.first()).text == "在的亲"
        await here.end()
        price = Drafting(responder, question("多少钱"))
        assert [each.text for each in await price.over()] == ["这款 99 元", "今天下单包邮", "群发失败 103"]


async def test_aiocqhttp_over_webhook_with_a_quick_operation(tmp_path: Path) -> None:
    async with (
        aiocqhttp(tmp_path, SECRET="s") as peer,
        running(url=f"http://127.0.0.1:{peer.port}/", secret="s") as responder,
    ):
        assert [each.text for each in await Drafting(responder, question("在吗")).over()] == ["在的亲"]
