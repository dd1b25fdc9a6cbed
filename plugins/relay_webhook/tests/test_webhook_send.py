"""Sending, against a real server on loopback that fails in every way it can; each way has its one honest outcome."""

import asyncio
import errno
import json
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ThreadedResolver, web
from aiohttp.abc import ResolveResult

from relay.contracts import Channel, SendResult
from relay.testing.contracts_channel import SHOP, FakeIntake, outgoing
from relay_webhook.send import AT_ONCE, MAX_ANSWER
from relay_webhook.tests.bridge import T_MS, Bridge, Handler, T, make_channel

LONG_S = 25.0
SHORT_S = 0.05
"""For a timeout that must really expire."""


@pytest.fixture
async def bridge() -> AsyncIterator[Bridge]:
    bridge = Bridge()
    await bridge.open()
    yield bridge
    await bridge.close()


async def started(url: str, **options: object) -> Channel:
    channel = make_channel(url, **{"timeout_s": LONG_S} | options)  # type: ignore[arg-type]
    await channel.start(FakeIntake(), [SHOP])
    return channel


async def send(url: str, key: str = "k1", **options: object) -> SendResult:
    channel = await started(url, **options)
    result = await channel.send(outgoing(key))
    await channel.stop()
    return result


def url_of(bridge: Bridge) -> str:
    return str(bridge.server.make_url("/send"))


def outcome_of(result: SendResult) -> tuple[str, str, bool]:
    return result.outcome, result.why, result.retryable


async def test_what_the_bridge_gets(bridge: Bridge) -> None:
    """Its signature was checked by the bridge."""
    result = await send(url_of(bridge))
    assert result == SendResult(outcome="confirmed", channel_id="P-1", sent_at=T_MS)  # type: ignore[arg-type]
    message = outgoing("k1")
    assert bridge.accepted == [
        {"key": "k1", "shop": SHOP, "buyer": "b1", "account": "seat-1", "text": message.text, "machine": False}
    ]


# --- what a 2xx says


@pytest.mark.parametrize(
    ("body", "channel_id", "sent_at"),
    [
        (b"", None, None),
        (b"ok", None, None),
        (b"[]", None, None),
        (b"\xff\xfe", None, None),
        (b'{"id":"x"', None, None),
        (b"{}", None, None),
        (b'{"id":null,"t":null}', None, None),
        (b'{"id":"x"}', "x", None),
        (b'{"id":12345678901234567890,"more":[1]}', "12345678901234567890", None),
        (b'{"id":""}', None, None),
        (b'{"id":{"a":1}}', None, None),
        (json.dumps({"id": "x", "t": T}).encode(), "x", T_MS),
        (json.dumps({"id": "x", "t": T_MS}).encode(), "x", T_MS),
        (b'{"id":"x","t":"2025-06-15T23:06:00"}', "x", None),
        (b'{"id":"x","t":1}', "x", None),
        (b'{"id":"x","t":1e999}', "x", None),
        (b"[" * 20_000, None, None),
        (b'{"id":"x","pad":"' + b"y" * MAX_ANSWER + b'"}', None, None),
    ],
)
async def test_a_2xx_is_confirmed_whatever_its_body(
    bridge: Bridge, body: bytes, channel_id: str | None, sent_at: int | None
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=202, body=body)

    bridge.answer = answer
    result = await send(url_of(bridge))
    assert (result.outcome, result.channel_id, result.sent_at) == ("confirmed", channel_id, sent_at)


async def test_an_answer_without_end_is_not_read_to_the_end(bridge: Bridge) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            try:
                await response.write(b"x" * 65_536)
            except ConnectionError:
                return response

    bridge.answer = flood
    assert outcome_of(await send(url_of(bridge))) == ("confirmed", "", False)


async def _cut_the_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-length": "1000"})
    await response.prepare(request)
    await response.write(b'{"id":"x"')
    assert request.transport is not None
    request.transport.close()
    return response


async def test_a_2xx_whose_body_breaks_off_is_confirmed(bridge: Bridge) -> None:
    bridge.answer = _cut_the_body
    assert outcome_of(await send(url_of(bridge))) == ("confirmed", "", False)


async def test_a_2xx_whose_body_never_ends_is_confirmed(bridge: Bridge) -> None:
    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await bridge.release.wait()
        return response

    bridge.answer = stall
    assert outcome_of(await send(url_of(bridge), timeout_s=SHORT_S * 4)) == ("confirmed", "", False)


# --- other answers


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize(
    ("status", "headers", "outcome", "retryable"),
    [
        (429, {}, "refused", True),
        (429, {"retry-after": "soon"}, "refused", True),
        (503, {"retry-after": "1"}, "refused", True),
        (400, {}, "refused", False),
        (401, {}, "refused", False),
        (404, {}, "refused", False),
        (409, {}, "refused", False),
        (422, {}, "refused", False),
        (307, {"location": "/send"}, "refused", False),
        (308, {"location": "https://elsewhere.example/"}, "refused", False),
        (301, {"location": "/send"}, "unknown", None),
        (302, {"location": "/send"}, "unknown", None),
        (303, {"location": "/send"}, "unknown", None),
        (304, {}, "unknown", None),
        (500, {}, "unknown", None),
        (502, {}, "unknown", None),
        (504, {}, "unknown", None),
    ],
)
async def test_each_status_has_its_outcome(
    bridge: Bridge, status: int, headers: dict[str, str], outcome: str, retryable: bool | None, idempotent: bool
) -> None:
    """500 after the text was accepted is the reason why a 5xx is unknown. No redirect is followed."""
    asked = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status, headers=headers)

    bridge.answer = answer
    result = await send(url_of(bridge), idempotent=idempotent)
    assert outcome_of(result) == (outcome, f"http_{status}", idempotent if retryable is None else retryable)
    assert asked == 1


# --- no answer


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _close(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize("fault", [_reset, _close])
async def test_a_connection_lost_before_the_answer_is_unknown(bridge: Bridge, fault: Handler, idempotent: bool) -> None:
    bridge.answer = fault
    result = await send(url_of(bridge), idempotent=idempotent)
    assert outcome_of(result) == ("unknown", "connection_lost", idempotent)
    assert len(bridge.accepted) == 1, "it was accepted, and nobody here can know"


@pytest.mark.parametrize("idempotent", [False, True])
async def test_no_answer_in_time_is_unknown(bridge: Bridge, idempotent: bool) -> None:
    bridge.answer = bridge.silence
    result = await send(url_of(bridge), idempotent=idempotent, timeout_s=SHORT_S * 4)
    assert outcome_of(result) == ("unknown", "timeout", idempotent)
    assert len(bridge.accepted) == 1


async def test_garbage_instead_of_http_is_unknown() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert outcome_of(await send(f"http://127.0.0.1:{port}/")) == ("unknown", "connection_lost", False)


async def test_an_answer_that_comes_twice_proves_nothing_of_the_next_send() -> None:
    """On a kept connection the second answer would be read as the next request's, which nobody has taken (L9)."""
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    requests, again = [0], asyncio.Event()

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}}")
        requests[0] += 1
        if requests[0] == 1:
            writer.write(ok)
            await writer.drain()
            await again.wait()
            writer.write(ok)
            await reader.read()
        writer.transport.abort()

    server = await asyncio.start_server(twice, "127.0.0.1", 0)
    channel = await started(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send")
    assert (await channel.send(outgoing("k1"))).outcome == "confirmed"
    again.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert outcome_of(await channel.send(outgoing("k2"))) == ("unknown", "connection_lost", False)
    assert requests == [2]
    await channel.stop()
    server.close()
    await server.wait_closed()


async def test_a_cancelled_send_raises_and_stop_still_returns(bridge: Bridge) -> None:
    bridge.answer = bridge.silence
    channel = await started(url_of(bridge))
    sending = asyncio.ensure_future(channel.send(outgoing("k1")))
    await bridge.reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await channel.stop()


# --- nothing left


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_refused_connection_is_not_sent() -> None:
    assert outcome_of(await send(f"http://127.0.0.1:{_closed_port()}/")) == ("not_sent", "connect_failed", True)


async def test_a_failed_tls_handshake_is_not_sent(bridge: Bridge) -> None:
    url = url_of(bridge).replace("http://", "https://")
    assert outcome_of(await send(url)) == ("not_sent", "tls_failed", True)
    assert bridge.accepted == []


def _resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Names resolve to these addresses, or to nothing; returns the names asked for."""
    asked: list[str] = []

    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        asked.append(host)
        if not addresses:
            raise OSError(errno.ENOENT, "no such host")
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0)
            for each in addresses
        ]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    return asked


async def test_a_name_that_is_not_found_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolving(monkeypatch)
    assert outcome_of(await send("https://bridge.example/")) == ("not_sent", "name_not_found", True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254"])
async def test_a_name_that_turns_inward_is_not_connected_to(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    asked = _resolving(monkeypatch, "93.184.216.34", address)
    url = f"https://bridge.example:{bridge.server.port}/send"
    assert outcome_of(await send(url)) == ("not_sent", "address_not_allowed", False)
    assert asked == ["bridge.example"], "resolved once"


async def test_a_checked_name_is_resolved_once_for_each_send(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _resolving(monkeypatch, "127.0.0.1")
    channel = await started(f"http://localhost:{bridge.server.port}/send")
    for key in ("k1", "k2"):
        assert (await channel.send(outgoing(key))).outcome == "confirmed"
    await channel.stop()
    assert asked == ["localhost", "localhost"]


async def test_no_slot_in_time_is_not_sent(bridge: Bridge) -> None:
    """The one too many waits, gives up while it is certain that it has sent nothing, and says so."""
    bridge.answer = bridge.silence
    channel = await started(url_of(bridge), timeout_s=SHORT_S * 10)
    results = await asyncio.gather(*(channel.send(outgoing(f"k{each}")) for each in range(AT_ONCE + 3)))
    assert [outcome_of(each) for each in results[:AT_ONCE]] == [("unknown", "timeout", False)] * AT_ONCE
    assert [outcome_of(each) for each in results[AT_ONCE:]] == [("not_sent", "busy", True)] * 3
    assert len(bridge.accepted) == AT_ONCE
    bridge.answer = None
    assert (await channel.send(outgoing("k99"))).outcome == "confirmed"
    await channel.stop()


async def test_a_name_that_is_not_found_in_time_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    result = await send("https://bridge.example/", timeout_s=SHORT_S)
    assert outcome_of(result) == ("not_sent", "connect_timeout", True)


@pytest.mark.parametrize("key", ["", "a b", "a\r\nx: y", "键", "x" * 257])
async def test_a_key_that_fits_no_header_is_not_sent(bridge: Bridge, key: str) -> None:
    assert outcome_of(await send(url_of(bridge), key)) == ("not_sent", "unusable_key", False)
    assert bridge.accepted == []


async def test_a_text_that_is_no_unicode_is_not_sent(bridge: Bridge) -> None:
    channel = await started(url_of(bridge))
    result = await channel.send(outgoing("k1", "half a pair \ud83d"))
    await channel.stop()
    assert outcome_of(result) == ("not_sent", "unusable_text", False)


async def test_an_observing_channel_never_sends(bridge: Bridge) -> None:
    assert outcome_of(await send(url_of(bridge), placement="observe")) == ("refused", "observe", False)
    assert bridge.accepted == []


async def test_stop_waits_for_what_is_on_its_way(bridge: Bridge) -> None:
    bridge.answer = bridge.silence
    channel = await started(url_of(bridge))
    sending = asyncio.ensure_future(channel.send(outgoing("k1")))
    await bridge.reached.wait()
    stopping = asyncio.ensure_future(channel.stop())
    await asyncio.sleep(0)
    assert outcome_of(await channel.send(outgoing("k2"))) == ("not_sent", "channel_not_open", True)
    assert not stopping.done()
    bridge.release.set()
    assert (await sending).outcome == "confirmed"
    await stopping
