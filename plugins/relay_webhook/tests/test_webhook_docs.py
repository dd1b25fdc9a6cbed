"""docs/webhook.md: its programs run as they stand, and every option, code and reason has its place in it."""

import asyncio
import os
import re
import sys
import time
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import HttpRequest
from relay.domain.names import Millis
from relay.testing.contracts_channel import SHOP, FakeIntake, outgoing
from relay.testing.fakes import FakeClock
from relay_webhook.options import Options
from relay_webhook.tests.bridge import SECRET, SEND_SECRET, make_channel
from relay_webhook.wire import KINDS, Line

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "webhook.md").read_text("utf-8")
SOURCE = "".join(path.read_text("utf-8") for path in (ROOT / "plugins" / "relay_webhook").glob("*.py"))


async def start_example(name: str, **env: str) -> asyncio.subprocess.Process:
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", found[1]),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
    )


async def test_the_posting_example_is_taken_by_a_channel() -> None:
    now = FakeClock(time.time_ns() // 1_000_000)
    channel, intake = make_channel(clock=now), FakeIntake()
    await channel.start(intake, [SHOP])
    [route] = channel.routes()

    async def serve(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await route.handler(HttpRequest("POST", request.path, headers, await request.read()))
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    app = web.Application()
    app.router.add_route(route.method, route.path, serve)
    async with TestServer(app) as server:
        url = str(server.make_url(route.path))
        process = await start_example("post", RELAY_URL=url, RELAY_SECRET=SECRET, RELAY_SHOP=SHOP)
        out, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
        assert "'taken': 'taken'" in out.decode()
        assert [each.text for each in intake.taken] == ["请问什么时候发货？"]
        wrong = await start_example("post", RELAY_URL=url, RELAY_SECRET=SEND_SECRET, RELAY_SHOP=SHOP)
        _, err = await wrong.communicate()
        assert wrong.returncode == 1
        assert b"bad_signature" in err
    await channel.stop()


async def test_the_taking_example_takes_what_a_channel_sends() -> None:
    now = Millis(time.time_ns() // 1_000_000)
    process = await start_example("take", RELAY_SEND_SECRET=SEND_SECRET, BRIDGE_PORT="0")
    assert process.stdout is not None
    port = int((await process.stdout.readline()).split()[-1])
    channel = make_channel(f"http://127.0.0.1:{port}/send", FakeClock(now), timeout_s=25.0)
    await channel.start(FakeIntake(), [SHOP])
    results = [await channel.send(outgoing("k1", "您好")) for _ in range(2)]
    assert {(each.outcome, each.channel_id) for each in results} == {("confirmed", "the platform's id")}
    assert results[0].sent_at is not None
    assert results[0].sent_at >= now // 1000 * 1000
    await channel.stop()
    process.terminate()
    out, _ = await process.communicate()
    assert out.decode().splitlines() == ["to b1 as seat-1 : 您好"], "twice sent, once shown"


def test_every_option_and_every_key_has_its_place() -> None:
    for field in (*msgspec.structs.fields(Options), *msgspec.structs.fields(Line)):
        assert f"`{field.encode_name}`" in PAGE, field.name
    for role, kinds in KINDS.items():
        row = re.findall(rf"^\| `{role}` \| (.*) \|$", PAGE, re.MULTILINE)[-1]
        assert set(re.findall(r"`([a-z]+)`", row)) - {"t", "to"} == kinds


def test_every_code_and_every_reason_has_its_place() -> None:
    codes = re.findall(r'(?:_error|_refused)\(\s*\d{3}, "(\w+)"', SOURCE)
    codes += ["missing_header", "bad_signature", "stale_timestamp"]
    reasons = re.findall(r'_not_sent\("(\w+)"|why="(\w+)"|, "(\w+_\w+)"\),$', SOURCE, re.MULTILINE)
    words = {*codes, *(word for group in reasons for word in group if word)}
    assert len(words) > 15
    assert [word for word in sorted(words) if f"`{word}`" not in PAGE] == []
