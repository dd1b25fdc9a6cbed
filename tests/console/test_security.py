"""The security list of docs/console.md: what it names is there; and what no other file proves of it."""

import re
from pathlib import Path
from typing import Final

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request

from relay.app import App
from relay.domain.names import PersonId
from relay.runtime.access import Hasher
from relay.web.credentials import set_session
from tests.console.test_entrance import GOOD, Browser
from tests.console.test_settings import as_person, live

__all__ = ["live"]
ROOT: Final = Path(__file__).parents[2]
LIST: Final = [
    "1.2.10",
    "1.3.6",
    "1.5.2",
    "2.3.3",
    "2.3.4",
    "2.4.1",
    "3.3.1",
    "3.3.2",
    "3.3.3",
    "3.3.4",
    "3.4.2",
    "3.4.3",
    "3.4.4",
    "3.4.5",
    "3.4.6",
    "3.5.1",
    "3.5.2",
    "3.5.3",
    "4.4.1",
    "4.4.2",
    "4.4.3",
    "4.4.4",
    "6.1.1",
    "6.3.1",
    "7.2.3",
    "7.2.4",
    "7.3.2",
    "7.4.1",
    "7.4.2",
    "7.4.3",
    "7.4.4",
    "7.4.5",
    "8",
    "11.4.2",
    "13",
    "14.2.1",
    "14.2.4",
    "15.1.2",
    "15.3.4",
    "16.2.5",
    "16.3",
    "16.4.1",
    "16.5.3",
]
"""The ids of ASVS 5.0 that relay is to pass, or to say why not."""


def rows() -> list[tuple[str, str]]:
    """Each row of the table: its ids, and its proof."""
    text = (ROOT / "docs/console.md").read_text("utf-8")
    found = re.findall(r"^\| ([\d., –]+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    assert found, "there is no table"
    return found


def test_every_item_of_the_list_has_one_row() -> None:
    assert sorted(one for ids, _ in rows() for one in ids.split(", ")) == sorted(LIST)


@pytest.mark.parametrize(("ids", "proof"), rows())
def test_every_row_has_a_test_that_there_is_or_a_reason(ids: str, proof: str) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", proof)
    assert named or proof.startswith("Reason: "), ids
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), (file, test)


def test_over_https_the_cookie_is_of_this_host_alone() -> None:
    request = make_mocked_request("POST", "/console/api/login").clone(scheme="https")
    response = web.Response()
    set_session(request, response, "token")
    cookie = response.cookies["__Host-relay"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")
    assert cookie["domain"] == ""
    assert "relay" not in response.cookies


async def test_passwords_are_kept_as_argon2id_of_46_mib() -> None:
    hasher = Hasher()
    try:
        assert (await hasher.hash(GOOD)).startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    finally:
        hasher.close()


async def test_no_other_origin_is_let_read(live: tuple[App, str]) -> None:
    """No answer grants another origin anything, whatever it asks (CORS)."""
    app, base = live
    browser = await as_person(app, base, "owner-shop1")
    browser.origin = "http://evil.example"
    for method, path in (("GET", "me"), ("GET", "settings"), ("OPTIONS", "settings"), ("POST", "login")):
        url = f"/console/api/{path}"
        async with browser.session.request(method, url, headers={"Origin": browser.origin}) as answer:
            assert not [one for one in answer.headers if one.lower().startswith("access-control")], path
    await browser.session.close()


async def test_a_session_in_the_address_is_nobodys(live: tuple[App, str]) -> None:
    app, base = live
    token = await app.console.sessions.begin(PersonId("owner-shop1"))
    async with ClientSession(base) as session:
        for query in (f"?token={token}", f"?relay={token}", f"?access_token={token}"):
            async with session.get(f"/console/api/me{query}") as answer:
                assert answer.status == 401
        async with session.get("/console/api/me", headers={"Authorization": f"Bearer {token}"}) as answer:
            assert answer.status == 200, "the token itself is good"


async def test_who_says_to_come_from_elsewhere_is_slowed_down_all_the_same(live: tuple[App, str]) -> None:
    """Without a proxy in the configuration nobody is believed about their address."""
    app, base = live
    browser = await as_person(app, base, "agent-shop1")
    body = {"person": "agent-shop1", "password": "wrong wrong wrong"}
    for number in range(6):
        status, _ = await browser.ask("POST", "login", body, **{"X-Forwarded-For": f"203.0.113.{number}"})
    status, _ = await browser.ask("POST", "login", {**body, "password": GOOD}, **{"X-Forwarded-For": "203.0.113.9"})
    assert status == 429
    await browser.session.close()


async def test_coming_and_failing_is_told_in_one_line_without_what_was_typed(
    live: tuple[App, str], capsys: pytest.CaptureFixture[str]
) -> None:
    app, base = live
    browser = Browser(base)
    await app.console.sessions.set_password(PersonId("agent-shop1"), GOOD)
    capsys.readouterr()
    for name in ("agent-shop1\n2026-01-01 [info] logged_in person=boss", "\x1b[2Jnobody", "agent-shop1"):
        await browser.log_in(name, "my secret of elsewhere")
    assert (await browser.log_in("agent-shop1", GOOD))[0] == 200
    told = "".join(capsys.readouterr())
    assert [len(re.findall(word, told)) for word in ("login_failed", "logged_in")] == [3, 1]
    for word in ("secret of elsewhere", GOOD, "person=boss", "2Jnobody"):
        assert word not in told
    await browser.session.close()
