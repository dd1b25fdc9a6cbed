"""The reference bridge keeps what the page promises of a bridge, against the channel itself."""

import asyncio
import os
import sys
import time
from pathlib import Path

from relay.testing.contracts_channel import SHOP, FakeIntake, outgoing
from relay_onebot.reference_bridge import Bridge
from relay_onebot.tests.bridge import TOKEN, Wall, make_channel, serving
from relay_onebot.tests.fake_socket import turns


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(20):
        while not condition():
            await turns(10)


async def test_it_brings_sends_echoes_and_comes_again() -> None:
    clock = Wall(at=int(time.time() * 1000))
    options = {"history": "relay.get_history", "accounts": {"1001": {"account": "seat-1"}}}
    channel, intake, shown = make_channel(clock, version="12", **options), FakeIntake(), list[str]()
    await channel.start(intake, [SHOP])
    server = await serving(channel)
    bridge = Bridge(f"http://127.0.0.1:{server.port}/onebot/ob/v12", TOKEN, "1001", shown.append)
    living = asyncio.create_task(bridge.live())
    await until(lambda: ("connected", SHOP) in intake.states)
    await bridge.write("b1", "在吗")
    await until(lambda: not bridge.unacknowledged)
    result = await channel.send(outgoing("k1", "在的"))
    again = await channel.send(outgoing("k1", "在的"))
    assert (result.outcome, again.channel_id) == ("confirmed", result.channel_id)
    assert shown.count("relay -> b1: 在的") == 1, "once for each key"
    await bridge.write("b1", "明天发货", own=True)
    await until(lambda: len(intake.taken) == 3 and not bridge.unacknowledged)
    assert [(one.kind, one.path, one.echo_of) for one in intake.taken] == [
        ("human", None, None), ("human", None, "k1"), ("human", "client", None),
    ]  # fmt: skip
    assert bridge.socket is not None
    await bridge.socket.close()
    await bridge.write("b1", "断线时说的")
    await until(lambda: len(intake.taken) == 4 and not bridge.unacknowledged)
    await until(lambda: intake.states[-1] == ("connected", SHOP))
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    await channel.stop()
    await server.stop()


async def test_it_runs_as_a_program_with_the_terminal_as_its_window(tmp_path: Path) -> None:
    clock = Wall(at=int(time.time() * 1000))
    channel, intake = make_channel(clock, version="12", accounts={}), FakeIntake()
    await channel.start(intake, [SHOP])
    server = await serving(channel)
    (tmp_path / "token").write_text(TOKEN, "ascii")
    url = f"ws://127.0.0.1:{server.port}/onebot/ob/v12"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "relay_onebot.reference_bridge", url, "--token-file", str(tmp_path / "token")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert "已连接" in (await process.stdout.readline()).decode()
    process.stdin.write("b1: 在吗\nme b1: 在的\n".encode())
    await until(lambda: len(intake.taken) == 2)
    assert [(one.role, one.text) for one in intake.taken] == [("buyer", "在吗"), ("merchant", "在的")]
    process.stdin.close()
    await process.communicate()
    assert process.returncode == 0
    await channel.stop()
    await server.stop()
