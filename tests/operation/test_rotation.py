"""Secrets and tokens are replaced on the real process, step by step as docs/operation.md says; no message is lost."""

import asyncio
import json
import signal
from pathlib import Path

import aiohttp
import pytest

from relay.web.hub import NO_TOKEN
from tests.operation.test_backup_command import running, shop
from tests.proof.process import SECRET, Message, Place, signed

NEW = "whsec_bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3ISE="


async def status(place: Place, number: int, secret: str) -> int:
    """What a message that is signed like this is answered."""
    message = Message(number, 0)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{place.url}/channel/main", data=message.body, headers=signed(message.id, message.body, secret)
        ) as answer,
    ):
        return answer.status


def accept(place: Place, *files: str) -> None:
    lines = place.config.read_text("utf-8").splitlines()
    lines = [f"secrets_file = {json.dumps(files)}" if line.startswith("secrets_file") else line for line in lines]
    place.config.write_text("\n".join(lines), "utf-8")


async def test_a_webhook_secret_is_replaced_with_both_accepted_in_between(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        old, new = "secrets/webhook.secret", "secrets/webhook-2.secret"
        (tmp_path / new).write_text(NEW, "ascii")
        wanted = {(old,): (200, 401), (new, old): (200, 200), (new,): (401, 200)}
        number = 0
        for files, expected in wanted.items():
            accept(place, *files)
            serving = await running(place)
            found = (await status(place, number, SECRET), await status(place, number + 1, NEW))
            assert found == expected, files
            number += 2
            serving.process.send_signal(signal.SIGTERM)
            assert await serving.ended() == 0


async def come(session: aiohttp.ClientSession, place: Place, token: str) -> aiohttp.ClientWebSocketResponse:
    """An agent's socket that has said hello. Raises WSServerHandshakeError for a token that is nobody's."""
    socket = await session.ws_connect(f"{place.url}/agent", headers={"Authorization": f"Bearer {token}"})
    await socket.send_json({"v": 1, "type": "hello"})
    return socket


async def ended(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """With which code the socket was closed."""
    async for _ in socket:
        pass
    return socket.close_code


async def token_of(place: Place, *words: str) -> str:
    code, told = await place.run("token", "ann", *words)
    assert code == 0, told
    return told.split()[0]


async def test_a_token_that_is_revoked_ends_open_sockets_at_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as place, aiohttp.ClientSession() as session:
        first = await token_of(place)
        serving = await running(place)
        closed = asyncio.create_task(ended(await come(session, place, first)))
        second = await token_of(place)  # replaced: the old one ends
        assert await closed == NO_TOKEN
        closed = asyncio.create_task(ended(await come(session, place, second)))
        code, told = await place.run("token", "ann", "--revoke")
        assert (code, "open sessions" in told) == (0, True), told
        assert await closed == NO_TOKEN
        for token in (first, second):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await come(session, place, token)
        code, told = await place.run("token", "ann", "--revoke")
        assert (code, "had no token" in told) == (0, True), told
        assert (await place.run("token", "nobody", "--revoke"))[0] == 2
        await serving.kill()
        third = await token_of(place)  # also while it is stopped
        assert "had no token" not in (await place.run("token", "ann", "--revoke"))[1]
        serving = await running(place)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await come(session, place, third)
        await serving.kill()


async def test_the_admin_token_is_new_with_each_start_and_a_hang_up_ends_relay_cleanly(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        tokens = set()
        for _ in range(2):
            serving = await running(place)
            tokens.add((tmp_path / "data" / "admin.token").read_text())
            serving.process.send_signal(signal.SIGHUP)
            assert await serving.ended() == 0
            await serving.said('"stopped"')
        assert len(tokens) == 2
