"""What comes over a real socket and should not have: each is answered clearly, and nothing that counts is lost."""

import asyncio
import gc
import gzip
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from relay.app import App
from relay.config import Config, load_config
from relay.contracts import Batch
from relay.domain import facts as f
from relay.errors import RelayError
from relay.runtime.settings_text import dump_settings
from tests.proof.checks import check_rerun, check_unaltered
from tests.proof.process import DESK, SHOP, Bridge, Counted, Message, Place, shop_settings, signed
from tests.proof.world import desk_facts

OTHER_SECRET = "whsec_" + "QUJD" * 11
LIMIT_S = 10.0


class House:
    """relay in this process, listening on a real socket, and a client."""

    def __init__(self, place: Place, config: Config, session: aiohttp.ClientSession) -> None:
        self.place, self.session = place, session
        self.app = App(config)

    async def start(self) -> None:
        await self.app.start()
        await self.app.apply(dump_settings(shop_settings()).encode(), False)
        await self.app.service.serve_shops()

    async def post(self, body: bytes, id: str = "w1", **headers: str) -> tuple[int, Any]:
        """A signed request; `headers` win, with _ for -."""
        given = signed(id, body) | {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.place.url}/channel/main"
        async with self.session.post(url, data=body, headers=given) as answer:
            self.headers = answer.headers
            return answer.status, json.loads(await answer.read())

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(f"{self.place.url}{path}") as answer:
            return answer.status, await answer.json()

    async def raw(self, *parts: bytes) -> bytes:
        """Bytes as they are; the answer to them, or what there was of it when relay hung up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.place.port)
        answer = b""
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            async with asyncio.timeout(LIMIT_S):
                answer = await reader.readuntil(b"\r\n\r\n")
                if length := re.search(rb"(?i)content-length: (\d+)", answer):
                    answer += await reader.readexactly(int(length[1]))
        except ConnectionError:
            pass
        except asyncio.IncompleteReadError as error:
            answer += error.partial
        finally:
            writer.close()
        return answer

    @property
    def facts(self) -> list[f.DeskFact]:
        return [one.fact for one in self.app.service.desks[DESK].runner.read(1)]

    def count(self, kind: type) -> int:
        return sum(isinstance(fact, kind) for fact in self.facts)

    @property
    def quarantined(self) -> list[bytes]:
        return [one.raw for one in self.app.store.quarantined()]

    @property
    def texts(self) -> list[str]:
        committed = self.app.service.desks[DESK].runner.read(1)
        return [one.text or "" for one in committed if isinstance(one.fact, f.BuyerWrote)]


Opened = Callable[..., Coroutine[Any, Any, House]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens a house; the keys given change tables of the configuration, also to values below what a file may say."""
    houses: list[House] = []
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_S))

    async def open_house(**tables: dict[str, object]) -> House:
        place = Place(tmp_path, "http://127.0.0.1:9/send")
        config = load_config(place.config)
        changed = {name: msgspec.structs.replace(getattr(config, name), **keys) for name, keys in tables.items()}
        house = House(place, msgspec.structs.replace(config, **changed), session)
        await house.start()
        houses.append(house)
        return house

    yield open_house
    await session.close()
    for house in houses:
        await house.app.stop()
        check_unaltered(house.place.ledger)
    gc.unfreeze()


def line(id: str | None = "1", text: str = "在吗", **more: Any) -> bytes:
    data = {"shop": SHOP, "id": id, "t": int(time.time() * 1000), "role": "buyer", "kind": "human", "buyer": "tb-1"}
    return json.dumps({"type": "message", "data": data | {"text": text} | more}, ensure_ascii=False).encode()


def head(length: str, body: bytes = b"") -> bytes:
    given = "".join(f"{name}: {value}\r\n" for name, value in signed("w1", body).items())
    return f"POST /channel/main HTTP/1.1\r\nHost: x\r\n{given}{length}\r\n\r\n".encode()


# --- too much, too slow


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(opened: Opened) -> None:
    house = await opened()
    answer = await house.raw(head("Content-Length: 99999999\r\nConnection: close"))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"too_large" in answer
    assert house.count(f.BuyerWrote) == 0


async def test_a_body_in_chunks_is_refused_when_it_has_become_too_large(opened: Opened) -> None:
    house = await opened()
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = await house.raw(head("Transfer-Encoding: chunked\r\nConnection: close"), *[chunk] * 5)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413")  # it may have hung up before all was written
    assert house.quarantined == []
    assert (await house.post(line()))[0] == 200


async def test_a_body_that_trickles_is_given_up(opened: Opened) -> None:
    house = await opened(http={"body_timeout_s": 0.3})
    answer = await house.raw(head("Content-Length: 100\r\nConnection: close"), b'{"type":')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in answer
    assert (await house.post(line()))[0] == 200


async def test_a_header_that_never_ends_holds_up_nobody(opened: Opened) -> None:
    house = await opened(http={"header_timeout_s": 0.3})
    slow = [asyncio.create_task(house.raw(b"POST /channel/main HTTP/1.1\r\nHost: x\r\nX-A: ")) for _ in range(20)]
    assert (await house.post(line()))[0] == 200
    answers = await asyncio.gather(*slow)
    assert all(not answer.startswith(b"HTTP/1.1 2") for answer in answers)
    assert house.app.server.guard is not None
    assert house.app.server.guard.too_slow == 20


async def test_a_connection_above_the_cap_is_told_to_come_again(opened: Opened) -> None:
    house = await opened(http={"max_connections": 2})
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    kept = [await asyncio.open_connection("127.0.0.1", house.place.port) for _ in range(2)]
    for reader, writer in kept:
        writer.write(ask)
        await reader.readuntil(b"\r\n\r\n")  # answered, and kept open
    answer = await house.raw(ask)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"Retry-After" in answer
    for _, writer in kept:
        writer.close()


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
)
async def test_what_is_no_http_is_no_trouble(opened: Opened, garbage: bytes) -> None:
    house = await opened()
    assert b" 400 " in (await house.raw(garbage)).splitlines()[0]
    assert (await house.post(line()))[0] == 200


async def test_a_path_or_method_that_is_not_there(opened: Opened) -> None:
    house = await opened()
    for method, path, status in (("GET", "/channel/main", 405), ("POST", "/channel/other", 404), ("GET", "/x", 404)):
        async with house.session.request(method, f"{house.place.url}{path}") as answer:
            assert answer.status == status


# --- not signed, not now


async def test_a_wrong_signature_stores_nothing(opened: Opened) -> None:
    house = await opened()
    before = len(house.facts)
    body = line()
    for headers in (signed("w1", body, OTHER_SECRET), signed("w2", body), signed("w1", body + b" ")):
        status, told = await house.post(body, webhook_signature=headers["webhook-signature"])
        assert (status, told["error"]["code"]) == (401, "bad_signature")
    status, told = await house.post(body, webhook_signature="")
    assert status == 401
    assert (len(house.facts), house.quarantined) == (before, [])


@pytest.mark.parametrize("off_s", [-400, 400])
async def test_a_captured_request_is_worth_nothing_later(opened: Opened, off_s: int) -> None:
    house = await opened()
    body = line()
    headers = {name.replace("-", "_"): value for name, value in signed("w1", body, at=int(time.time()) + off_s).items()}
    status, told = await house.post(body, **headers)
    assert (status, told["error"]["code"]) == (401, "stale_timestamp")
    assert house.count(f.BuyerWrote) == 0


async def test_a_compressed_body_is_refused_unopened(opened: Opened) -> None:
    house = await opened()
    status, told = await house.post(gzip.compress(line()), content_encoding="gzip")
    assert (status, told["error"]["code"]) == (415, "content_encoding")
    assert house.quarantined == []


# --- again, otherwise, out of order


async def test_a_message_brought_again_gets_the_same_answer_and_is_one_fact(opened: Opened) -> None:
    house = await opened()
    body = line()
    answers = await asyncio.gather(*(house.post(body, f"w{n}") for n in range(10)))
    assert {status for status, _ in answers} == {200}
    assert len({told["message"] for _, told in answers}) == 1
    assert sorted(told["taken"] for _, told in answers) == ["duplicate"] * 9 + ["taken"]
    assert house.count(f.BuyerWrote) == 1


async def test_one_id_with_two_bodies_is_two_messages_and_the_second_is_flagged(opened: Opened) -> None:
    house = await opened()
    answers = [
        await house.post(line(text=text), f"w{n}") for n, text in enumerate(("在吗", "退款！", "在吗", "退款！"))
    ]
    assert [told["taken"] for _, told in answers] == ["taken", "conflict", "duplicate", "duplicate"]
    assert house.texts == ["在吗", "退款！"]
    assert [fact.seen for fact in house.facts if isinstance(fact, f.BuyerWrote)] == ["new", "conflict"]


async def test_messages_that_come_out_of_order_are_judged_by_their_own_time(opened: Opened) -> None:
    house = await opened()
    now = int(time.time() * 1000)
    await house.post(line("2", "第二", t=now - 1000), "w2")
    await house.post(line("1", "第一", t=now - 9000), "w1")
    moved = [fact for fact in house.facts if isinstance(fact, f.RoundMoved | f.RoundOpened)]
    assert moved[-1].opened_at == now - 9000
    assert house.count(f.BuyerWrote) == 2


# --- unusable


UNUSABLE = {
    "no JSON": b'{"type": "message", ',
    "not UTF-8": line(text="X").replace(b"X", b"\xff\xfe"),
    "half a surrogate pair": line(text="X").replace(b"X", b"\\ud800"),
    "nested without end": b"[" * 100_000,
    "a number for a name": line(buyer=7),
    "no time": line(t=None),
    "a time of another century": line(t=0),
    "an unknown type": b'{"type": "greeting", "data": {}}',
    "an unknown kind": line(kind="robot"),
    "an unknown shop": line(shop="elsewhere"),
    "no buyer": line(buyer=None),
    "a recall of nothing known": line(kind="recall", text="", recalls="never seen"),
    "not a number": line(skew_ms=float("nan")),
    "nothing": b"",
}


@pytest.mark.parametrize("name", UNUSABLE)
async def test_what_cannot_be_used_is_kept_raw_and_refused_with_a_reason(opened: Opened, name: str) -> None:
    house = await opened()
    body = UNUSABLE[name]
    status, told = await house.post(body)
    assert (status, told["error"]["code"]) == (422, "unusable")
    assert told["error"]["en"]
    assert told["error"]["zh"]
    assert house.quarantined == [body]
    assert house.count(f.BuyerWrote) == 0
    assert (await house.post(line()))[0] == 200


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[2J", "\u202egnp.exe", "😀" * 200, "\ufeff", "\r\n" * 50, "<script>"])
async def test_a_text_is_kept_character_by_character(opened: Opened, text: str) -> None:
    house = await opened()
    assert (await house.post(line(text=text)))[0] == 200
    assert house.texts == [text]


async def test_one_bad_line_of_a_batch_holds_up_none_of_the_others(opened: Opened) -> None:
    house = await opened()
    lines = [json.loads(line(str(n), f"第{n}", **({"shop": "elsewhere"} if n == 1 else {})))["data"] for n in range(3)]
    body = json.dumps({"type": "messages", "data": lines}).encode()
    status, told = await house.post(body)
    assert status == 422
    assert ["error" in each for each in told["results"]] == [False, True, False]
    assert house.texts == ["第0", "第2"]
    assert house.quarantined == [body]


# --- relay itself in trouble


class Held:
    """The store's commits wait until released."""

    def __init__(self, app: App) -> None:
        self.gate = asyncio.Event()
        self._runner = app.service.desks[DESK].runner
        self._append = app.store.append
        app.store.append = self._wait  # type: ignore[method-assign]

    @property
    def seq(self) -> int:
        """How far the desk has stepped, durable or not."""
        return self._runner._desk.state.seq

    async def steps(self, beyond: int) -> None:
        """Until the desk has stepped further than this."""
        async with asyncio.timeout(LIMIT_S):
            while self.seq <= beyond:  # noqa: ASYNC110  (a desk tells of durable facts only)
                await asyncio.sleep(0)

    async def _wait(self, batch: Batch) -> None:
        await self.gate.wait()
        await self._append(batch)


async def test_a_full_inbox_asks_to_come_again_and_loses_nothing(opened: Opened) -> None:
    house = await opened(inbox={"size": 3})
    held = Held(house.app)
    first = []
    for number in range(2):  # one commits, one is stepped: from here on lines wait
        before = held.seq
        first.append(asyncio.create_task(house.post(line(f"f{number}", f"先{number}"), f"f{number}")))
        await held.steps(before)
    bodies = [line(str(n), f"第{n}", buyer=f"tb-{n}") for n in range(30)]
    tasks = [asyncio.create_task(house.post(body, f"w{n}")) for n, body in enumerate(bodies)]
    async with asyncio.timeout(LIMIT_S):
        while sum(task.done() for task in tasks) < 27:
            await asyncio.wait([task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED)
    refused = [n for n, task in enumerate(tasks) if task.done()]
    assert all(tasks[n].result()[0] == 503 for n in refused)
    assert all(tasks[n].result()[1]["error"]["code"] == "inbox_full" for n in refused)
    assert int(house.headers["retry-after"]) >= 1
    held.gate.set()
    waited = await asyncio.gather(*first, *(task for n, task in enumerate(tasks) if n not in refused))
    assert [status for status, _ in waited] == [200] * 5
    for n in refused:
        assert (await house.post(bodies[n], f"w{n}"))[0] == 200
    assert sorted(house.texts) == sorted(["先0", "先1", *(f"第{n}" for n in range(30))])


async def test_a_disk_that_failed_is_answered_503_told_to_the_monitor_and_ends_the_process(opened: Opened) -> None:
    house = await opened()
    assert (await house.post(line("1")))[0] == 200
    assert (await house.get("/readyz")) == (200, {"ready": True, "why": []})
    running = asyncio.create_task(house.app.run())
    house.app.store._writer.latch(OSError(5, "Input/output error"))
    for number in range(2, 4):
        status, told = await house.post(line(str(number)), f"w{number}")
        assert (status, told["error"]["code"]) == (503, "store_latched")
        assert int(house.headers["retry-after"]) > 1
    status, told = await house.get("/readyz")
    assert status == 503
    assert "store_latched" in told["why"]
    with pytest.raises(RelayError, match="restart relay"):
        await asyncio.wait_for(running, LIMIT_S)


async def test_a_disk_that_failed_ends_the_process_also_when_nobody_writes(opened: Opened) -> None:
    """The latch may come from a checkpoint or from reading: nobody need send a message for it to be noticed."""
    house = await opened()
    running = asyncio.create_task(house.app.run())
    house.app.store._writer.latch(OSError(5, "Input/output error"))
    with pytest.raises(RelayError, match="restart relay"):
        await asyncio.wait_for(running, LIMIT_S)


# --- two processes, odd folders, a full disk


async def test_a_second_process_on_one_data_folder_is_refused(tmp_path: Path) -> None:
    """In a folder with a space and Chinese letters, as shops have them."""
    folder = tmp_path / "我的 店铺"
    folder.mkdir()
    place = Place(folder, "http://127.0.0.1:9/send")
    code, told = await place.run("settings", "apply", "settings.toml")
    assert code == 0, told
    serving = await place.serve()
    try:
        await serving.ready()
        data = (folder / "data").as_posix()
        other = Place(tmp_path, "http://127.0.0.1:9/send", lambda text: text.replace('= "data"', f'= "{data}"'))
        code, told = await other.run("serve")
        assert code == 2
        assert "another relay uses this file" in told
        assert "Traceback" not in told
        async with aiohttp.ClientSession() as session:
            bridge = Bridge(place.url, Counted())
            bridge.add([Message(1, 0), Message(2, 0)])
            await bridge.bring(session)
        assert [message.answers[0]["taken"] for message in bridge.messages] == ["taken", "taken"]
    finally:
        await serving.kill()
    check_unaltered(place.ledger)
    assert sum(isinstance(fact, f.BuyerWrote) for fact in desk_facts(place.ledger)[DESK]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="the size of a file is limited by a POSIX call")
async def test_a_disk_that_takes_no_more_ends_the_process_and_loses_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path, "http://127.0.0.1:9/send")
    code, told = await place.run("settings", "apply", "settings.toml")
    assert code == 0, told
    serving = await place.serve(
        before="import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1500000, 1500000));"
    )
    bridge = Bridge(place.url, Counted())
    try:
        await serving.ready()
        async with aiohttp.ClientSession() as session:
            for start in range(0, 20_000, 500):
                bridge.add([Message(number, 0, "长" * 300) for number in range(start, start + 500)])
                await bridge.bring(session, patience=3)
                if serving.process.returncode is not None or bridge.left:
                    break
        assert await serving.ended() == 2
    finally:
        await serving.kill()
    said = "\n".join(serving.lines)
    assert "restart relay" in said
    assert "Traceback" not in said
    acknowledged = {message.answers[0]["message"] for message in bridge.messages if message.answers}
    assert acknowledged
    check_unaltered(place.ledger)
    facts = desk_facts(place.ledger)[DESK]
    check_rerun(DESK, facts)
    assert acknowledged <= {f"m{seq}" for seq, fact in enumerate(facts, 1) if isinstance(fact, f.BuyerWrote)}
    again = await place.serve()
    try:
        await again.ready()
        async with aiohttp.ClientSession() as session:
            await bridge.bring(session)
    finally:
        await again.kill()
    assert all(message.answers for message in bridge.messages)
    assert sum(isinstance(fact, f.BuyerWrote) for fact in desk_facts(place.ledger)[DESK]) == len(bridge.messages)
