"""The entrance over real sockets: cookies, origins, roles, what ends a session, and the very first page."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from relay.app import App
from relay.cli.starter import CONFIG, KEY_PATH
from relay.config import load_config
from relay.domain.names import PersonId
from relay.domain.office import settings_of
from relay.web.console import plotly
from relay.web.console.pages import CSP
from tests.operation.served import serving
from tests.proof.process import SECRET, free_port

GOOD = "four green lamps at noon"


class Browser:
    """What a page of ours does: it sends its origin, and keeps its cookies. `origin` None sends none."""

    def __init__(self, base: str) -> None:
        self.base, self.origin = base, base
        self.session = aiohttp.ClientSession(base, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        told = {"Origin": self.origin} if self.origin else {}
        path = path if path.startswith("/") else f"/console/api/{path}"
        async with self.session.request(method, path, json=body, headers={**told, **headers}) as answer:
            self.headers = answer.headers
            lines = answer.content_type == "application/x-ndjson"
            return answer.status, await (answer.text() if lines else answer.json(content_type=None))

    async def log_in(self, person: str, password: str) -> tuple[int, Any]:
        return await self.ask("POST", "login", {"person": person, "password": password})


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[tuple[App, Browser]]:
    async with serving(tmp_path) as (app, _):
        browser = Browser(f"http://127.0.0.1:{app.config.http.port}")
        yield app, browser
        await browser.session.close()


async def came_in(app: App, browser: Browser, person: str = "agent1") -> None:
    """With a password of one's own."""
    once = await app.password(person)
    assert (await browser.log_in(person, once))[0] == 200
    assert (await browser.ask("POST", "password", {"old": once, "new": GOOD}))[0] == 200


async def test_a_given_password_is_good_for_a_new_one_and_for_nothing_else(live: tuple[App, Browser]) -> None:
    app, browser = live
    once = await app.password("agent1")
    status, me = await browser.log_in("agent1", once)
    assert (status, me["must_change"], me["pages"]) == (200, True, [])
    assert (await browser.ask("GET", "/replies"))[0] == 403
    assert (await browser.ask("GET", "quick-replies?shop=shop1&q="))[0] == 401
    status, me = await browser.ask("POST", "password", {"old": once, "new": GOOD})
    assert (status, me["must_change"]) == (200, False)
    assert "desk" in me["pages"]
    assert (await browser.ask("GET", "/replies"))[0] == 200


async def test_the_cookie_is_strict_and_out_of_reach_of_scripts(live: tuple[App, Browser]) -> None:
    app, browser = live
    await came_in(app, browser)
    [cookie] = browser.headers.getall("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert browser.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://127.0.0.1", "null"])
async def test_no_other_site_can_change_anything(live: tuple[App, Browser], origin: str | None) -> None:
    app, browser = live
    await came_in(app, browser)
    browser.origin = origin
    assert (await browser.log_in("agent1", GOOD))[0] == 403
    assert (await browser.ask("POST", "password", {"old": GOOD, "new": GOOD + "!"}))[0] == 403
    act = {"do": "propose", "reply": "hold-checking", "text": "请稍等，马上查看"}
    assert (await browser.ask("POST", "/replies", act))[0] == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await browser.session.ws_connect("/agent", headers={"Origin": origin} if origin else {})


async def test_the_agents_socket_takes_the_session_and_ends_with_it(live: tuple[App, Browser]) -> None:
    app, browser = live
    await came_in(app, browser)
    async with browser.session.ws_connect("/agent", headers={"Origin": browser.base}) as socket:
        await socket.send_json({"v": 1, "type": "hello"})
        welcome = await socket.receive_json()
        assert (welcome["type"], welcome["person"]) == ("welcome", "agent1")
        assert (await socket.receive_json())["type"] == "list"
        other = Browser(browser.base)
        await app.console.door.send_out(PersonId("agent1"), None)
        ended = await socket.receive()
        assert ended.type == aiohttp.WSMsgType.CLOSE
        assert ended.data == 4401
        await other.session.close()
    assert (await browser.ask("GET", "me"))[0] == 401


@pytest.mark.parametrize(
    "ends",
    [
        lambda app, browser: browser.ask("POST", "logout"),
        lambda app, browser: app.password("agent1"),
        lambda app, browser: disabled(app, "agent1"),
    ],
)
async def test_what_ends_a_session_ends_it_at_once(live: tuple[App, Browser], ends: Any) -> None:
    app, browser = live
    await came_in(app, browser)
    stolen = browser.session.cookie_jar.filter_cookies(browser.session._base_url)["relay"].value  # type: ignore[arg-type]
    await ends(app, browser)
    async with aiohttp.ClientSession(browser.base, cookies={"relay": stolen}) as thief:
        async with thief.get("/console/api/me") as answer:
            assert answer.status == 401
        async with thief.get("/replies") as answer:
            assert answer.status == 403


async def disabled(app: App, person: str) -> None:
    settings = settings_of(app.service.office.state)
    persons = tuple(
        msgspec.structs.replace(one, disabled=True) if one.id == person else one for one in settings.persons
    )
    await app.service.office.apply_settings(msgspec.structs.replace(settings, persons=persons), app.owner())


async def test_a_wrong_name_and_a_wrong_password_look_alike_and_slow_down(live: tuple[App, Browser]) -> None:
    app, browser = live
    await came_in(app, browser)
    wrong = [await browser.log_in("agent1", "wrong"), await browser.log_in("nobody", "wrong")]
    assert wrong[0] == wrong[1]
    assert wrong[0][0] == 401
    for _ in range(4):
        await browser.log_in("agent1", "wrong")
    status, told = await browser.log_in("agent1", GOOD)
    assert (status, told["code"]) == (429, "slow_down")
    assert int(browser.headers["Retry-After"]) >= 1


async def test_only_whoever_may_change_settings_gives_passwords_and_sends_people_out(live: tuple[App, Browser]) -> None:
    app, browser = live
    await came_in(app, browser)
    assert (await browser.ask("POST", "people/agent2/password"))[0] == 403
    assert (await browser.ask("POST", "people/boss/end-sessions"))[0] == 403
    boss = Browser(browser.base)
    await came_in(app, boss, "boss")
    assert len((await boss.ask("POST", "people/agent2/password"))[1]["password"]) >= 16
    assert (await boss.ask("POST", "people/nobody/password"))[0] == 404
    assert (await boss.ask("POST", "people/agent1/end-sessions"))[1] == {"ended": 1}
    assert (await browser.ask("GET", "me"))[0] == 401
    await boss.session.close()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"person":1,"password":"x"}', b'{"person":"a"}', b"\xff", b"{" * 70_000]
)
async def test_what_is_no_request_is_told_so_and_its_words_are_not_repeated(
    live: tuple[App, Browser], body: bytes
) -> None:
    _, browser = live
    headers = {"Origin": browser.base, "Content-Type": "application/json"}
    async with browser.session.post("/console/api/login", data=body, headers=headers) as answer:
        assert answer.status == 422
        assert "hunter2" not in await answer.text()


async def test_pages_let_nothing_else_in(live: tuple[App, Browser]) -> None:
    _, browser = live
    for path in ("/console/", "/console/desk", "/console/setup"):
        async with browser.session.get(path) as answer:
            page = await answer.text()
            assert answer.headers["Content-Security-Policy"] == CSP
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "<script>" not in page
            assert "style=" not in page
    assert "unsafe" not in CSP
    base = page.split('src="')[1].split("/main.js")[0]
    async with browser.session.get(f"{base}/main.js") as answer:
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
    async with browser.session.get(str(plotly.address())) as answer:
        assert answer.headers["Content-Security-Policy"] == CSP, "plotly runs under the policy of every page"
        assert "immutable" in answer.headers["Cache-Control"]
        assert (await answer.read()).startswith(b"/**\n* plotly.js v")
    for path in (f"{base}/../../admin.token", f"{base}/%2e%2e/web/server.py", "/console/static/0/main.js"):
        async with browser.session.get(path) as answer:
            assert answer.status == 404


def test_without_plotly_nothing_is_served_and_the_page_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotly, "find_spec", lambda _name: None)
    assert (plotly.address(), plotly.plotly_routes()) == (None, [])


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[tuple[App, Browser]]:
    """A relay that nobody has set up."""
    port = free_port()
    (tmp_path / "config.toml").write_text(CONFIG.replace("port = 8765", f"port = {port}"), encoding="utf-8")
    (tmp_path / KEY_PATH).parent.mkdir()
    (tmp_path / KEY_PATH).write_text(SECRET, encoding="ascii")
    app = App(load_config(tmp_path / "config.toml", {}))
    await app.start()
    browser = Browser(f"http://127.0.0.1:{port}")
    yield app, browser
    await browser.session.close()
    await app.stop()


def wish(**more: Any) -> dict[str, Any]:
    seats = [{"person": "ann", "name": "安", "account": "店:安", "cap": 3}]
    return {"owner": "boss", "password": GOOD, "shop": "<b>店</b>", "channel": "main", "seats": seats, **more}


async def test_the_first_person_comes_in_with_the_code_and_only_once(fresh: tuple[App, Browser]) -> None:
    app, browser = fresh
    assert (await browser.ask("GET", "setup"))[1]["needed"] is True
    assert (await browser.ask("POST", "setup", {"code": "1", "wish": wish()}))[0] == 401
    assert app.console.door.nobody_yet
    status, me = await browser.ask("POST", "setup", {"code": app.console.door.code, "wish": wish()})
    assert (status, me["person"]) == (200, "boss")
    assert "settings" in me["pages"]
    state = app.service.office.state
    assert (state.shops["shop1"].name, state.shops["shop1"].assist) == ("<b>店</b>", "suggest")  # type: ignore[index]
    assert [(seat.agent, seat.account, seat.cap) for seat in state.seats.values()] == [("ann", "店:安", 3)]
    assert (await browser.ask("GET", "setup"))[1] == {"needed": False}
    assert (await browser.ask("POST", "setup", {"code": app.console.door.code, "wish": wish()}))[0] == 409


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"password": "short"}, "10"),
        ({"owner": "Boss!"}, "id"),
        ({"channel": "none"}, "channel"),
        ({"platform": "ebay"}, "platform"),
        ({"seats": [{"person": "ann", "cap": 0}]}, "cap"),
    ],
)
async def test_a_wish_that_cannot_be_makes_nothing_and_is_told(
    fresh: tuple[App, Browser], more: dict[str, Any], word: str
) -> None:
    app, browser = fresh
    status, told = await browser.ask("POST", "setup", {"code": app.console.door.code, "wish": wish(**more)})
    assert status in (409, 422)
    assert word in str(told)
    assert app.console.door.nobody_yet
    assert not app.console.sessions.has_password(PersonId("boss"))
