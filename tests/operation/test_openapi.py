"""docs/openapi.json is made of the table of operations, the table is what relay serves, and its answers fit."""

import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from relay.app import ADMIN_TOKEN, App
from relay.web.openapi import OPERATIONS, Operation, document, written
from tests.operation.served import serving
from tests.proof.process import Message, signed

ROOT = Path(__file__).parents[2]


def test_the_page_is_made_of_the_table() -> None:
    assert (ROOT / "docs" / "openapi.json").read_bytes() == written()


def test_every_reference_of_the_document_leads_somewhere() -> None:
    whole = document()
    for name in _references(whole):
        assert name.removeprefix("#/components/schemas/") in whole["components"]["schemas"]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return found + [name for one in value.values() for name in _references(one)]
    return [name for one in value for name in _references(one)] if isinstance(value, list) else []


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[tuple[App, aiohttp.ClientSession, Path]]:
    async with serving(tmp_path) as (app, session):
        yield app, session, tmp_path


def is_pages(path: str) -> bool:
    """The console's pages, and what they alone ask: they come with relay and change with it."""
    return path == "/" or path.startswith("/console")


async def test_the_table_has_every_route_of_a_running_relay_and_no_other(
    live: tuple[App, aiohttp.ClientSession, Path],
) -> None:
    served = {
        (route.method.lower(), route.resource.canonical.replace("/channel/main", "/channel/{name}"))
        for route in live[0].server._app.router.routes()
        if route.resource is not None and route.method != "HEAD" and not is_pages(route.resource.canonical)
    }
    assert served == {(one.method, one.path) for one in OPERATIONS}


class Caller:
    """Calls an operation and holds the answer against the table. `seen` are the statuses that came."""

    def __init__(self, session: aiohttp.ClientSession, owner: str) -> None:
        self.session, self.owner = session, {"Authorization": f"Bearer {owner}"}
        self.seen: set[tuple[str, str, int]] = set()

    async def __call__(self, method: str, path: str, wanted: int, real: str = "", **more: Any) -> Any:
        [one] = [each for each in OPERATIONS if (each.method, each.path) == (method, path)]
        async with self.session.request(method, real or path, **more) as answer:
            body = await answer.read()
            assert answer.status == wanted, (answer.status, body)
            if wanted == 503:
                assert answer.headers.get("Retry-After") or path in ("/healthz", "/readyz")
            self.seen.add((method, path, answer.status))
            return self._fits(one, answer, body)

    def _fits(self, one: Operation, answer: aiohttp.ClientResponse, body: bytes) -> Any:
        told = one.answers[answer.status]
        if isinstance(told, str):
            assert answer.content_type == told
            return body
        assert answer.content_type == "application/json"
        return msgspec.json.decode(body, type=told)


async def test_what_is_answered_fits_the_table(live: tuple[App, aiohttp.ClientSession, Path]) -> None:
    app, session, folder = live
    call = Caller(session, (folder / "data" / ADMIN_TOKEN).read_text())
    owner = {"headers": call.owner}
    await call("get", "/healthz", 200)
    assert (await call("get", "/readyz", 200)).ready
    await call("get", "/metrics", 200)
    settings = await call("get", "/admin/settings", 200, **owner)
    await call("post", "/admin/settings", 200, "/admin/settings?dry_run=1", data=settings, **owner)
    await call("post", "/admin/settings", 422, data=b"[shop", **owner)
    token = (await call("post", "/admin/token/{person}", 200, "/admin/token/agent1", **owner)).token
    await call("post", "/admin/token/{person}", 422, "/admin/token/nobody", **owner)
    assert (await call("post", "/admin/password/{person}", 200, "/admin/password/agent1", **owner)).password
    await call("post", "/admin/password/{person}", 422, "/admin/password/nobody", **owner)
    person = {"headers": {"Authorization": f"Bearer {token}"}}
    replies = (await call("get", "/replies", 200, **person)).replies
    name = replies[0]["id"]
    await call("get", "/replies/{name}", 200, f"/replies/{name}", **person)
    await call("get", "/replies/{name}", 422, "/replies/none", **person)
    act = {"do": "propose", "reply": name, "text": "请稍等，马上查看"}
    assert (await call("post", "/replies", 200, json=act, **person)).lines
    await call("post", "/replies", 422, data=b"{", **person)
    assert (await call("delete", "/admin/token/{person}", 200, "/admin/token/agent1", **owner)).ended
    await call("delete", "/admin/token/{person}", 422, "/admin/token/nobody", **owner)
    await call("post", "/admin/backup", 200, **owner)
    (folder / "file").write_bytes(b"")
    await call("post", "/admin/backup", 422, f"/admin/backup?folder={folder / 'file' / 'no'}", **owner)
    app.service.calls.failed("main", "send", ValueError("no"))
    status = await call("get", "/admin/status", 200, **owner)
    assert status.plugin_failures[0].count == 1
    assert [one.notifier for one in status.notifiers] == ["own"]
    for one in OPERATIONS:
        if one.access in ("owner", "person"):
            await call(one.method, one.path, 403, re.sub(r"\{\w+\}", "any", one.path))
    await _assist(call)
    await _figures(call)
    order = {"shop": "shop1", "order": "1", "buyer": "tb-1", "created_at": 1_772_416_800_000}
    taken = await call("post", "/orders", 200, json={"orders": [order, order]}, **owner)
    assert (taken.new, taken.known) == (1, 1)
    await call("post", "/orders", 422, json={"orders": [order | {"shop": "none"}]}, **owner)
    await _history(call, owner)
    known = {"shop": "shop1", "buyer": "tb-1"}
    for what in ("export", "erase"):
        assert await call("post", f"/buyers/{what}", 200, json=known, **owner)
        await call("post", f"/buyers/{what}", 422, json=known | {"buyer": "nobody"}, **owner)
    await call("get", "/agent", 401, headers={"Authorization": "Bearer wrong"})
    await call("get", "/agent", 403, headers={"Origin": "https://elsewhere.example"})
    await call("get", "/agent", 400)
    async with session.ws_connect("/agent"):
        call.seen.add(("get", "/agent", 101))
    await _channel(call)
    await _alerts(call)
    await _not_ready(app, call)
    assert {(one.method, one.path, status) for one in OPERATIONS for status in one.answers} - call.seen == UNSEEN


async def _history(call: Any, owner: dict[str, Any]) -> None:
    source = {"shop": "shop1", "sha256": "0" * 64, "format": "message_log"}
    line = {"message": {"role": "buyer", "kind": "human", "buyer": "tb-1", "at": 1_772_416_800_000}}
    part = {"source": source, "lines": [line, line, line | {"again": 1}]}
    taken = await call("post", "/history", 200, json=part, **owner)
    assert (taken.new, taken.known) == (2, 1)
    ended = await call("post", "/history", 200, json={"source": source, "sums": {"lines": 3, "new": 2}}, **owner)
    assert ended.recorded
    await call("post", "/history", 422, json={"source": source | {"zone": "Europe/Paris"}, "lines": [line]}, **owner)


UNSEEN = {
    ("get", "/replies", 422),  # nothing that is given to it can be wrong
    ("get", "/healthz", 503),  # a loop that is stuck answers nobody: web/ has no way to be late on purpose
    ("get", "/agent", 503),  # web/test_agents_session.py: too many sockets
    ("post", "/channel/{name}/orders", 408),  # the same reading of a body
    ("post", "/channel/{name}", 408),  # runtime/test_bad_input.py: a body that trickles
    ("post", "/channel/{name}", 500),  # plugins/relay_webhook: an intake that fails
}
"""What is not brought about here, and why."""


async def _channel(call: Caller) -> None:
    async def send(status: int, real: bytes, **headers: str) -> Any:
        stamp = signed("n1", real) | headers
        return await call("post", "/channel/{name}", status, "/channel/main", data=real, headers=stamp)

    good = Message(1, 0).body.replace(b'"shop1"', b'"shop1"')
    assert (await send(200, good)).taken == "taken"
    batch = json.dumps({"type": "messages", "data": [json.loads(good)["data"]]}).encode()
    assert await send(200, batch)
    await send(401, good, **{"webhook-signature": "v1,AAAA"})
    await send(413, b" " * (1024 * 1024))
    await send(415, good, **{"content-encoding": "zstd"})
    await send(422, b"{}")
    await _orders_of_a_bridge(call)


async def _orders_of_a_bridge(call: Caller) -> None:
    order = {"shop": "shop1", "order": "2", "buyer": "tb-1", "created_at": 1_772_416_800_000}

    async def send(status: int, real: bytes, **headers: str) -> Any:
        stamp = signed("o1", real) | headers
        return await call("post", "/channel/{name}/orders", status, "/channel/main/orders", data=real, headers=stamp)

    good = json.dumps({"orders": [order, order]}).encode()
    taken = await send(200, good)
    assert (taken.new, taken.known) == (1, 1)
    await send(401, good, **{"webhook-signature": "v1,AAAA"})
    await send(403, json.dumps({"orders": [order | {"shop": "none"}]}).encode())
    too_large = io.BytesIO(b" " * (4 * 1024 * 1024 + 1))
    at = "/channel/main/orders"
    await call("post", "/channel/{name}/orders", 413, at, data=too_large, headers=signed("o3", b""))
    await send(415, good, **{"content-encoding": "zstd"})
    await send(422, b"{}")


async def _assist(call: Caller) -> None:
    """The statement is read, confirmed by its number, and what it allows is set."""
    owner = {"headers": call.owner}
    stands = await call("get", "/assist/{shop}", 200, "/assist/shop1", **owner)
    assert stands.lines
    assert not stands.confirmed
    await call("get", "/assist/{shop}", 422, "/assist/none", **owner)
    act = {"do": "confirm", "statement": stands.statement}
    assert (await call("post", "/assist/{shop}", 200, "/assist/shop1", json=act, **owner)).lines
    await call("post", "/assist/{shop}", 422, "/assist/shop1", json=act | {"statement": "old"}, **owner)
    assert (await call("get", "/assist/{shop}", 200, "/assist/shop1", **owner)).confirmed


async def _figures(call: Caller) -> None:
    """A figure is taken down, from a file too, and withdrawn."""
    owner = {"headers": call.owner}
    row = {"shop": "shop1", "figure": "taobao_ww3", "first": "2026-03-01", "value": "96.3%"}
    act = {"do": "record", "figures": [row]}
    assert (await call("post", "/figures", 200, json=act, **owner)).lines
    [one] = (await call("get", "/figures", 200, "/figures?shop=shop1", **owner)).figures
    assert (one.value, one.state) == ("96.3 %", "live")
    assert (await call("post", "/figures", 200, json={"do": "withdraw", "record": one.record}, **owner)).lines
    await call("post", "/figures", 422, json={"do": "withdraw", "record": one.record}, **owner)
    table = b"first,value,note\n2026-03-02,97%,x\n"
    asked = "/figures/file?name=f.csv&shop=shop1&figure=taobao_ww3"
    assert (await call("post", "/figures/file", 200, asked, data=table, **owner)).unknown == ["note"]
    await call("post", "/figures/file", 422, "/figures/file", data=table, **owner)


async def _alerts(call: Caller) -> None:
    """A buyer wrote while nobody is online."""
    owner = {"headers": call.owner}
    [alert] = (await call("get", "/alerts", 200, **owner)).alerts
    assert (alert.what, alert.shop, alert.seen_by) == ("nobody_online", "shop1", None)
    asked = {"shop": alert.shop, "buyer": alert.buyer}
    seen = await call("post", "/alerts/acknowledge", 200, json=asked, **owner)
    assert seen.alerts == [alert.alert]
    await call("post", "/alerts/acknowledge", 422, json=asked, **owner)
    await call("post", "/alerts/acknowledge", 422, data=b"{", **owner)


async def _not_ready(app: App, call: Caller) -> None:
    """The disk is nearly full: not ready, and messages are asked to come again."""
    app.store._low_water = 1 << 62
    app._beat()
    assert (await call("get", "/readyz", 503)).why == ["low_on_space"]
    body = Message(2, 0).body
    await call("post", "/channel/{name}", 503, "/channel/main", data=body, headers=signed("n2", body))
    orders = b'{"orders":[]}'
    at = "/channel/main/orders"
    await call("post", "/channel/{name}/orders", 503, at, data=orders, headers=signed("o2", orders))
