"""Who may ask which route of the console for which shop (L14): every route, every role, the own shop and another's."""

from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

import pytest

from relay.app import App
from relay.domain.names import PersonId, ShopId
from relay.rules.catalogue import Catalogue
from relay.runtime.handing import Asked, Step
from relay.web.console.entrance import API
from tests.console.test_entrance import Browser
from tests.console.test_settings import ROLES, as_person, live

__all__ = ["live"]
pytestmark = pytest.mark.timeout(180)
DAYS: Final = "from=2026-03-01&to=2026-03-02"
REPORT: Final = frozenset({"cs_admin", "operations", "owner", "auditor"})
AUDIT: Final = frozenset({"owner", "auditor"})
OWNER: Final = frozenset({"owner"})
DRY: Final = {"put": [], "dry_run": True}


class Case(NamedTuple):
    """What is asked, who may, and what they are answered. `own`: for the own shop alone; else a role anywhere will do,
    and the answer is of the own shops."""

    path: str
    who: frozenset[str]
    own: bool = True
    body: Any = None
    ok: int = 200


MAY: Final[dict[tuple[str, str], Case]] = {
    ("POST", "people/{person}/password"): Case("people/agent1/password", OWNER),
    ("POST", "people/{person}/end-sessions"): Case("people/agent1/end-sessions", OWNER),
    ("GET", "today"): Case("today", frozenset(ROLES), own=False),
    ("GET", "quick-replies"): Case("quick-replies?shop=shop1&q=", frozenset({"agent", "cs_admin", "owner"})),
    ("GET", "rounds/{shop}"): Case("rounds/shop1?day=2026-03-02", AUDIT),
    ("GET", "story"): Case("story?what=nobody", AUDIT, own=False, ok=422),
    ("POST", "texts/{desk}/{shop}/{buyer}"): Case("texts/main/shop1/nobody", AUDIT, ok=422),
    ("POST", "verify"): Case("verify", AUDIT, own=False),
    ("GET", "export/{shop}"): Case("export/shop1", AUDIT),
    ("GET", "reports/{shop}"): Case("reports/shop1", REPORT),
    ("GET", "reports/{shop}/kpi"): Case(f"reports/shop1/kpi?{DAYS}", REPORT),
    ("GET", "reports/{shop}/causes"): Case(f"reports/shop1/causes?{DAYS}", REPORT),
    ("POST", "reports/{shop}/made"): Case("reports/shop1/made", REPORT, body={"kind": "nothing"}, ok=422),
    ("GET", "reports/{shop}/made/{key}"): Case("reports/shop1/made/nothing", REPORT, ok=422),
    ("GET", "settings"): Case("settings", OWNER, own=False),
    ("POST", "settings"): Case("settings", OWNER, own=False, body=DRY),
    ("GET", "changes"): Case("changes", OWNER, own=False),
    ("GET", "ladders/{shop}"): Case("ladders/shop1", OWNER),
    ("POST", "events/{event}"): Case("events/none", OWNER | {"cs_admin"}, own=False, body={"do": "end"}, ok=409),
}
"""Every route that asks for a right, by method and path."""
OF_ONES_OWN: Final = {
    ("POST", "login"): "who comes in has no right yet",
    ("POST", "logout"): "ends the own session",
    ("GET", "me"): "the own name, roles and pages",
    ("POST", "password"): "the own password, with the old one",
    ("GET", "setup"): "whether there is anybody yet",
    ("POST", "setup"): "with the code of the window, while there is nobody",
}
"""The routes that ask for none, and why."""


def routes(app: App) -> set[tuple[str, str]]:
    """Every route of the console below its API, as it is served."""
    found = app.console.routes(app.vitals, app.store, Catalogue())
    return {(one.method, one.path.removeprefix(f"{API}/")) for one in found if one.path.startswith(API)}


async def test_every_route_is_in_one_of_the_tables(live: tuple[App, str]) -> None:
    app, _ = live
    assert MAY.keys().isdisjoint(OF_ONES_OWN)
    assert routes(app) == MAY.keys() | OF_ONES_OWN.keys()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("shop", ["shop1", "shop2"])
async def test_each_route_asks_role_and_shop(live: tuple[App, str], role: str, shop: str) -> None:
    app, base = live
    person = f"{role.replace('_', '-')}-{shop}"
    browser = await as_person(app, base, person)
    for (method, _), case in MAY.items():
        allowed = role in case.who and (shop == "shop1" or not case.own)
        status, told = await browser.ask(method, case.path, case.body)
        assert status == (case.ok if allowed else 403), (person, method, case.path, told)
        other = "shop2" if shop == "shop1" else "shop1"
        if case.path in ("today", "settings", "changes", "story?what=nobody"):
            assert other not in str(told), (person, case.path)
    await browser.session.close()


async def test_nobody_is_asked_to_come_in(live: tuple[App, str]) -> None:
    _, base = live
    browser = Browser(base)
    for (method, _), case in MAY.items():
        assert (await browser.ask(method, case.path, case.body))[0] == 401, case.path
    await browser.session.close()


async def test_who_is_disabled_may_nothing_from_then_on(live: tuple[App, str]) -> None:
    app, base = live
    browser, owner = await as_person(app, base, "auditor-shop1"), await as_person(app, base, "owner-shop1")
    assert (await browser.ask("GET", "rounds/shop1?day=2026-03-02"))[0] == 200
    gone = next(one for one in (await owner.ask("GET", "settings"))[1]["persons"] if one["id"] == "auditor-shop1")
    assert (await owner.ask("POST", "settings", {"put": [{**gone, "disabled": True}]}))[0] == 200
    for (method, _), case in MAY.items():
        assert (await browser.ask(method, case.path, case.body))[0] in (401, 403), case.path
    for one in (browser, owner):
        await one.session.close()


ROUNDS: Final = {"kind": "csv", "table": "rounds", "until": "2026-03-02", "days": 7}


@pytest.mark.parametrize("role", sorted(REPORT))
async def test_single_rounds_are_taken_out_by_those_alone_who_may_audit(live: tuple[App, str], role: str) -> None:
    """What is asked of the child is enough: what it makes of it is `tests/cli/test_handing.py`'s."""
    app, base = live
    asked: list[tuple[str, bool]] = []

    async def make(asked_: Asked, shop: ShopId, person: PersonId, *, rounds: bool) -> AsyncGenerator[Step | str, None]:
        asked.append((asked_.kind, rounds))
        yield Step("starting")

    app.console.handing.make = make  # type: ignore[method-assign]
    browser = await as_person(app, base, f"{role.replace('_', '-')}-shop1")
    audits = role in AUDIT
    assert (await browser.ask("POST", "reports/shop1/made", ROUNDS))[0] == (200 if audits else 403)
    for kind in ("xlsx", "plots"):
        assert (await browser.ask("POST", "reports/shop1/made", {**ROUNDS, "kind": kind}))[0] == 200
    assert asked == [*([("csv", True)] if audits else []), ("xlsx", audits), ("plots", audits)]
    await browser.session.close()


async def test_looking_at_texts_of_nobody_leaves_no_fact(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "auditor-shop1")
    before = app.service.office.state.seq
    for path in ("texts/main/shop1/nobody", "texts/office/shop1/nobody", "texts/nowhere/shop1/nobody"):
        status, told = await browser.ask("POST", path)
        assert status == 422, told
    assert app.service.office.state.seq == before
    await browser.session.close()


async def test_a_session_of_before_is_not_the_one_of_after(live: tuple[App, str]) -> None:
    """Session fixation: a cookie that somebody planted is not the session that a login begins."""
    app, base = live
    browser = Browser(base)
    browser.session.cookie_jar.update_cookies({"relay": "planted-by-somebody-else"})
    await app.console.sessions.set_password(PersonId("agent-shop1"), "four green lamps at noon")
    assert (await browser.log_in("agent-shop1", "four green lamps at noon"))[0] == 200
    [cookie] = browser.headers.getall("Set-Cookie")
    assert "planted" not in cookie
    thief = Browser(base)
    thief.session.cookie_jar.update_cookies({"relay": "planted-by-somebody-else"})
    assert (await thief.ask("GET", "me"))[0] == 401
    first = cookie.partition("=")[2].partition(";")[0]
    assert (await browser.log_in("agent-shop1", "four green lamps at noon"))[0] == 200
    thief.session.cookie_jar.clear()
    thief.session.cookie_jar.update_cookies({"relay": first})
    assert (await thief.ask("GET", "me"))[0] == 401, "the session before ends with the next login of its browser"
    for one in (browser, thief):
        await one.session.close()
