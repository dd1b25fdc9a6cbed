"""Who gets in, and what is answered where nothing is taken: over real sockets and real HTTP."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.errors import InboxFullError, StoreLatchedError
from relay.testing.contracts_channel import OTHER_SHOP, SHOP, FakeIntake, outgoing
from relay_onebot.auth import sign
from relay_onebot.options import Version
from relay_onebot.tests.bridge import SECRET, TOKEN, ForwardWorld, ReverseWorld, WebhookWorld, make_channel
from relay_onebot.tests.fake_socket import turns

NEXT = "the-next-token-of-all"


async def knock(world: ReverseWorld, query: str = "", **headers: str) -> int:
    """The status with which a handshake is answered; 101 lets in."""
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://127.0.0.1:{world.server.port}/onebot/ob/v{world.script.version}{query}"
    try:
        client = await world.session.ws_connect(url, headers=own)
    except aiohttp.WSServerHandshakeError as error:
        return error.status
    await client.close()
    return 101


GOOD = f"Bearer {TOKEN}"
KNOCKS: list[tuple[Version, str, dict[str, str], int]] = [
    ("11", "", {"Authorization": GOOD, "X-Self-ID": "1001", "X-Client-Role": "Universal"}, 101),
    ("11", "", {"Authorization": GOOD, "X-Self-ID": "1001", "X-Client-Role": "event"}, 101),
    ("11", "", {"Authorization": GOOD, "X-Self-ID": "1001"}, 101),
    ("11", "/api", {"Authorization": GOOD, "X-Self-ID": "1001"}, 101),
    ("11", "", {"Authorization": f"Bearer {NEXT}", "X-Self-ID": "1001"}, 101),
    ("11", f"?access_token={TOKEN}", {"X-Self-ID": "1001"}, 101),
    ("11", "", {"X-Self-ID": "1001"}, 401),
    ("11", "", {"Authorization": "Bearer wrong", "X-Self-ID": "1001"}, 403),
    ("11", f"?access_token={TOKEN}", {"Authorization": "Bearer wrong", "X-Self-ID": "1001"}, 403),
    ("11", "", {"Authorization": GOOD}, 400),
    ("11", "", {"Authorization": GOOD, "X-Self-ID": "1001", "X-Client-Role": "Nobody"}, 400),
    ("12", "", {"Authorization": GOOD, "Sec-WebSocket-Protocol": "12.mine"}, 101),
    ("12", "", {"Authorization": GOOD, "Sec-WebSocket-Protocol": "chat, 12.mine"}, 101),
    ("12", "", {"Authorization": GOOD}, 400),
    ("12", "", {"Authorization": GOOD, "Sec-WebSocket-Protocol": "11.mine"}, 400),
    ("12", "", {"Authorization": "Bearer wrong", "Sec-WebSocket-Protocol": "12.mine"}, 401),
    ("12", "", {"Sec-WebSocket-Protocol": "12.mine"}, 401),
]


@pytest.mark.parametrize(("version", "query", "headers", "status"), KNOCKS)
async def test_a_handshake_is_judged_before_the_upgrade(
    version: Version, query: str, headers: dict[str, str], status: int
) -> None:
    world = await ReverseWorld.open(version, tokens=[TOKEN, NEXT])
    await world.channel.start(FakeIntake(), [SHOP])
    assert await knock(world, query, **headers) == status
    await world.channel.stop()
    if status == 101:
        assert await knock(world, query, **headers) == 503, "a closed channel asks to come again"
    await world.close()


async def test_a_second_socket_of_an_account_closes_the_first_with_4001() -> None:
    world = await ReverseWorld.open("11")
    await world.channel.start(FakeIntake(), [SHOP])
    first = await world.session.ws_connect(
        f"http://127.0.0.1:{world.server.port}/onebot/ob/v11", headers={"Authorization": GOOD, "X-Self-ID": "1001"}
    )
    second = await world.dial()
    assert (await first.receive()).type is aiohttp.WSMsgType.CLOSE
    assert first.close_code == 4001
    assert not second.closed
    await world.channel.stop()
    await world.close()


async def test_a_frame_that_is_too_large_is_quarantined_and_one_far_too_large_ends_the_socket() -> None:
    world, intake = await ReverseWorld.open("12", max_frame=2000), FakeIntake()
    await world.channel.start(intake, [SHOP])
    await world.come()
    await world.raw(b"x" * 3000)
    await world.push(world.script.message("1", "在吗"))
    while not intake.taken:
        intake.asked.clear()
        await intake.asked.wait()
    assert [raw for _, raw, _ in intake.quarantined] == [b"x" * 3000]
    await world.raw(b"x" * 9000)
    client = world.events["1001"]
    async with asyncio.timeout(10):
        while not client.closed:
            await turns()
    assert client.close_code == 1009
    await world.channel.stop()
    await world.close()


# --- forward


async def test_a_bridge_that_closes_politely_is_dialled_again() -> None:
    world, intake = await ForwardWorld.open("12"), FakeIntake()
    await world.channel.start(intake, [SHOP])
    await world.came.wait()
    for _ in range(2):
        world.came.clear()
        await world.clients[-1].close()
        await asyncio.wait_for(world.came.wait(), 10)
    assert len(world.clients) == 3
    while intake.states[-1] != ("connected", SHOP):
        intake.asked.clear()
        await intake.asked.wait()
    assert (await world.channel.send(outgoing("k1"))).outcome == "confirmed"
    await world.channel.stop()
    await world.close()


async def test_a_bridge_that_is_not_there_is_no_fault_of_the_start() -> None:
    for url in ("ws://127.0.0.1:9/", "ws://localhost:9/"):
        channel = make_channel(version="11", transport="forward", url=url)
        await channel.start(FakeIntake(), [SHOP])
        result = await channel.send(outgoing("k1"))
        assert (result.outcome, result.retryable) == ("not_sent", True)
        await channel.stop()


def test_pauses_between_dials_grow_to_a_minute_and_differ() -> None:
    channel = make_channel(version="12", transport="forward", url="ws://127.0.0.1:9/onebot?x=1")
    dialing = channel._dialing
    assert dialing is not None
    longest = [max(dialing._pause_s(failures) for _ in range(50)) for failures in range(12)]
    least = [min(dialing._pause_s(failures) for _ in range(50)) for failures in range(12)]
    for failures, (low, high) in enumerate(zip(least, longest, strict=True)):
        bound = min(60.0, 2.0**failures)
        assert bound / 2 <= low < high <= bound


# --- webhook


POSTS: list[tuple[Version, dict[str, str], int]] = [
    ("11", {}, 204),
    ("11", {"X_Signature": ""}, 401),
    ("11", {"X_Signature": "sha1=00"}, 403),
    ("11", {"X_Self_ID": ""}, 400),
    ("12", {}, 204),
    ("12", {"Authorization": ""}, 401),
    ("12", {"Authorization": "Bearer wrong"}, 401),
    ("12", {"X_OneBot_Version": "11"}, 400),
    ("12", {"X_OneBot_Version": ""}, 400),
]


@pytest.mark.parametrize(("version", "headers", "status"), POSTS)
async def test_a_post_is_judged_before_it_is_read(version: Version, headers: dict[str, str], status: int) -> None:
    world, intake = await WebhookWorld.open(version), FakeIntake()
    await world.channel.start(intake, [SHOP])
    await world.post(json.dumps(world.script.message("1", "在吗")).encode(), **headers)
    assert world.status == status
    assert len(intake.taken) == (status == 204)
    assert intake.quarantined == []
    await world.channel.stop()
    await world.post(json.dumps(world.script.message("2", "在吗")).encode(), **headers)
    assert world.status == (503 if status == 204 else status)
    await world.close()


@pytest.mark.parametrize("version", ["11", "12"])
async def test_what_a_post_holds_is_answered(version: Version) -> None:
    world, intake = await WebhookWorld.open(version, max_frame=2000), FakeIntake()
    await world.channel.start(intake, [SHOP])
    for body, status in ((b"{", 422), (b"\xff", 422), (b"[" * 1900, 422), (b"x" * 2001, 413)):
        await world.post(body)
        assert world.status == status
    assert [raw for _, raw, _ in intake.quarantined] == [b"{", b"\xff", b"[" * 1900]
    for fault, status in ((InboxFullError(), 503), (StoreLatchedError("disk"), 503), (RuntimeError("bug"), 500)):
        intake.fault = fault
        await world.push(world.script.message("1", "在吗"))
        assert world.status == status
    intake.fault = None
    assert await world.push(world.script.message("1", "在吗"))
    assert await world.push(world.script.heartbeat())
    assert len(intake.taken) == 1
    await world.channel.stop()
    await world.close()


API: list[tuple[str, int, str, str]] = [
    ("11", 400, "refused", "retcode_1400"), ("11", 401, "refused", "retcode_1401"),
    ("12", 403, "refused", "retcode_1403"), ("11", 404, "refused", "retcode_1404"),
    ("12", 415, "refused", "retcode_1400"), ("12", 500, "unknown", "http_500"), ("11", 502, "unknown", "http_502"),
    ("12", 307, "unknown", "http_307"), ("12", 200, "unknown", "unreadable_answer"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "status", "outcome", "why"), API)
async def test_l9_an_http_status_is_an_outcome(version: Version, status: int, outcome: str, why: str) -> None:
    async def act(request: web.Request) -> web.Response:
        return web.Response(status=status, body=b"no json", headers={"Location": "http://127.0.0.1:9/"})

    app = web.Application()
    app.router.add_post("/{any:.*}", act)
    async with TestServer(app) as server:
        channel = make_channel(version=version, transport="webhook", url=str(server.make_url("/")), secrets=[SECRET])
        await channel.start(FakeIntake(), [SHOP])
        result = await channel.send(outgoing("k1"))
        assert (result.outcome, result.why) == (outcome, why)
        await channel.stop()


async def test_l9_without_a_connection_nothing_has_left() -> None:
    channel = make_channel(version="12", transport="webhook", url="http://127.0.0.1:9/")
    await channel.start(FakeIntake(), [SHOP])
    result = await channel.send(outgoing("k1"))
    assert (result.outcome, result.why, result.retryable) == ("not_sent", "connect_failed", True)
    await channel.stop()


async def test_an_account_that_posts_and_says_it_is_offline_makes_its_shop_lost() -> None:
    world, intake = await WebhookWorld.open("11"), FakeIntake()
    await world.channel.start(intake, [SHOP, OTHER_SHOP])
    assert intake.states == [("connected", SHOP), ("connected", OTHER_SHOP)]
    beat: dict[str, Any] = world.script.heartbeat()
    await world.push(beat)
    beat["status"]["online"] = False
    await world.push(beat)
    while ("lost", SHOP) not in intake.states:
        intake.asked.clear()
        await intake.asked.wait()
    await world.channel.stop()
    await world.close()


async def test_an_account_that_posts_is_not_lost_by_a_change_of_settings() -> None:
    world, intake = await WebhookWorld.open("12"), FakeIntake()
    await world.channel.start(intake, [SHOP, OTHER_SHOP])
    assert await world.push(world.script.message("1", "在吗"))
    await world.channel.stop()
    await world.channel.start(intake, [SHOP])
    assert await world.push(world.script.message("2", "在吗"))
    assert [state for state, _ in intake.states] == ["connected", "connected"]
    await world.channel.stop()
    await world.close()


def test_a_signature_is_a_vector_that_anybody_can_check() -> None:
    assert sign("s1", b"{}") == "sha1=2bdba6f32d84dc74f035a9857d48c0e660b00be7"
