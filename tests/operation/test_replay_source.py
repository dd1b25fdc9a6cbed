"""A service on the real clock takes nothing from a replay source, and a service that replays takes nothing else."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay.app import App
from relay.cli.replaying.settings import made
from relay.config import load_config
from relay.contracts import REPLAY_HEADER
from relay.domain import facts as f
from relay.domain.names import DeskId, Millis
from relay.errors import ConfigError
from relay.insight.checkup import replays_refused
from relay.runtime.driven import DrivenClock
from relay.runtime.settings_text import dump_settings
from relay.runtime.system import SystemEntropy
from relay_onebot.tests.bridge import TOKEN, Script
from relay_onebot.tests.test_onebot_end_to_end import CONFIG, SETTINGS, free_port
from tests.cli.replaying import RULE, Replayed, line
from tests.operation.served import serving


def live(folder: Path) -> App:
    (folder / "token").write_text(TOKEN, encoding="ascii")
    (folder / "config.toml").write_text(CONFIG.format(port=free_port(), version="12"), encoding="utf-8")
    return App(load_config(folder / "config.toml", {}))


async def socket_of(session: aiohttp.ClientSession, app: App, channel: str, token: str, **headers: str) -> Any:
    url = f"http://127.0.0.1:{app.server.port}/onebot/{channel}/v12"
    headers["Authorization"] = f"Bearer {token}"
    return await session.ws_connect(url, headers=headers, protocols=["12.script"])


async def acknowledged(socket: Any, event: dict[str, Any]) -> None:
    await socket.send_json(event)
    async for frame in socket:
        if json.loads(frame.data)["action"] == "relay.ack":
            return


async def test_a_live_service_turns_a_replay_source_away_at_the_door(tmp_path: Path) -> None:
    async with serving(tmp_path) as (app, session):
        for path in ("/channel/main", "/agent", "/healthz"):
            async with session.get(path, headers={REPLAY_HEADER: "1"}) as answer:
                assert answer.status == 403
                told = (await answer.json())["error"]
                assert "relay replay LOG" in told
                assert "重放" in told
        async with session.get("/metrics") as answer:
            assert 'relay_replays_refused_total{where="/channel/main"} 1.0' in await answer.text()
        [found] = [one for one in replays_refused((await app.status())["replays_refused"]) if one.where == "/agent"]
    assert (found.level, found.code) == ("warning", "replays_refused")
    assert found.do_zh
    assert found.do_en


async def test_a_live_service_keeps_no_replayed_message(tmp_path: Path) -> None:
    app, script = live(tmp_path), Script("12")
    await app.start()
    try:
        await app.apply(dump_settings(SETTINGS).encode(), False)
        await app.service.serve_shops()
        async with aiohttp.ClientSession() as session:
            socket = await socket_of(session, app, "ob", TOKEN)
            await acknowledged(socket, script.message("1", "在吗", relay__replayed=True))
            await acknowledged(socket, script.message("2", "在吗"))
            await socket.close()
        assert app.replays.refused == {"ob": 1}
        wrote = [one.fact for one in app.service.desks[DeskId("main")].runner.read(1)]
        assert len([one for one in wrote if isinstance(one, f.BuyerWrote)]) == 1
        [kept] = app.store.quarantined(10)
        assert "real clock" in kept.why
        assert "真实时钟" in kept.why
    finally:
        await app.stop()


async def test_a_service_that_replays_takes_no_live_message(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, [line("10:00:00", "buyer")])
    replayed.house.begin(replayed.script, "12", "off", SystemEntropy())
    replayed.house.write_config(replayed.script, "12", ["onebot"])
    config = load_config(replayed.house.config, {"RELAY__HTTP__PORT": str(free_port())})
    app = App(config, clock=DrivenClock(replayed.script.lines[0].at), replaying=True)
    await app.start()
    try:
        await app.apply(dump_settings(made(replayed.script, RULE, {}, "off")).encode(), False)
        await app.service.serve_shops()
        event = Script("12").message("1", "在吗", at=replayed.script.lines[0].at / 1000)
        async with aiohttp.ClientSession() as session:
            socket = await socket_of(session, app, "replay", replayed.house.token)
            await acknowledged(socket, event | {"self": {"platform": "taobao", "user_id": "1001"}})
            await socket.close()
        assert app.replays.refused == {"replay": 1}
        assert "live channel" in app.store.quarantined(1)[0].why
        text = dump_settings(made(replayed.script, RULE, {}, "suggest"))  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="assist"):
            await app.apply(text.encode(), False)
    finally:
        await app.stop()


def test_neither_service_is_built_with_a_channel_of_the_other(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "log").mkdir()
    (tmp_path / "live" / "token").write_text(TOKEN, encoding="ascii")
    path = tmp_path / "live" / "config.toml"
    path.write_text(CONFIG.format(port=8765, version="12"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\[\[channel\]\] ob: .*重放.* / .*live channel"):
        App(load_config(path, {}), clock=DrivenClock(Millis(0)), replaying=True)
    replayed = Replayed(tmp_path / "log", [line("10:00:00", "buyer")])
    replayed.house.begin(replayed.script, "12", "off", SystemEntropy())
    replayed.house.write_config(replayed.script, "12", ["onebot"])
    with pytest.raises(ConfigError, match=r"\[\[channel\]\] replay: .*真实时钟.* / .*real clock"):
        App(load_config(replayed.house.config, {}))
    assert not (replayed.house.folder / "relay.sqlite").exists()
