"""Settings at the console: what is seen and changed, by whom, and that nothing of another shop is touched (L14)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.app import App
from relay.cli.starter import SETTINGS
from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.settings import Grant, Person, Seat, Shop
from relay.runtime.settings_text import dump_settings
from tests.console.test_entrance import GOOD, Browser
from tests.operation.served import serving

ROLES = ("agent", "cs_admin", "approver", "operations", "owner", "auditor")
SHOP2 = ShopId("shop2")


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[tuple[App, str]]:
    """Two shops, and one person per role in each."""
    async with serving(tmp_path) as (app, _):
        people = [
            Person(PersonId(f"{role.replace('_', '-')}-{shop}"), roles=(Grant(ShopId(shop), role),))
            for role in ROLES
            for shop in ("shop1", "shop2")
        ]
        both = Person(PersonId("both"), roles=(Grant(ShopId("shop1"), "agent"), Grant(SHOP2, "agent")))
        second = Shop(SHOP2, SETTINGS.desks[0].id, name="二店", channel=SETTINGS.shops[0].channel)
        seat = Seat(SeatId("shop2-1"), SHOP2, PersonId("both"), account="二店:1")
        wanted = msgspec.structs.replace(
            SETTINGS,
            persons=(*SETTINGS.persons, *people, both),
            shops=(*SETTINGS.shops, second),
            seats=(*SETTINGS.seats, seat),
        )
        await app.apply(dump_settings(wanted).encode(), dry_run=False)
        yield app, f"http://127.0.0.1:{app.config.http.port}"


async def as_person(app: App, base: str, person: str) -> Browser:
    browser = Browser(base)
    await app.console.sessions.set_password(PersonId(person), GOOD)
    assert (await browser.log_in(person, GOOD))[0] == 200
    return browser


async def test_one_sees_and_changes_the_own_shop_alone(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    seen = (await browser.ask("GET", "settings"))[1]
    assert [one["id"] for one in seen["shops"]] == ["shop2"]
    assert [one["id"] for one in seen["seats"]] == ["shop2-1"]
    both = next(one for one in seen["persons"] if one["id"] == "both")
    assert both["roles"] == [{"shop": "shop2", "role": "agent"}]
    assert "shop1" not in str(seen)
    approver = {"shop": "shop2", "role": "approver"}
    status, told = await browser.ask("POST", "settings", {"put": [{**both, "roles": [*both["roles"], approver]}]})
    assert status == 200, told
    person = app.service.office.state.persons[PersonId("both")]
    wanted = {Grant(ShopId("shop1"), "agent"), Grant(SHOP2, "agent"), Grant(SHOP2, "approver")}
    assert set(person.roles) == wanted, "the role that could not be seen is still there"
    first = app.service.office.state.shops[ShopId("shop1")]
    stolen = {"type": "shop", "id": "shop1", "desk": first.desk, "name": "!", "channel": first.channel}
    assert (await browser.ask("POST", "settings", {"put": [stolen]}))[0] == 403
    assert (await browser.ask("POST", "settings", {"remove": [{"sort": "seat", "id": "shop1-1"}]}))[0] == 403
    assert app.service.office.state.shops[ShopId("shop1")] == first
    await browser.session.close()


async def test_a_dry_run_says_it_and_a_write_does_it_as_the_person(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    seat = (await browser.ask("GET", "settings"))[1]["seats"][0]
    put = {"put": [{**seat, "cap": 9}]}
    before = app.service.office.state.seq
    told = (await browser.ask("POST", "settings", {**put, "dry_run": True}))[1]
    assert told == {"lines": ["~ seat shop2-1 cap: 5 → 9"], "dry_run": True}
    assert app.service.office.state.seq == before
    assert (await browser.ask("POST", "settings", put))[1]["lines"] == told["lines"]
    assert app.service.office.state.seats[SeatId("shop2-1")].cap == 9
    last = app.store.read("office", before + 1, before + 1)  # type: ignore[arg-type]
    assert b'"by":"owner-shop2"' in next(iter(last)).body
    await browser.session.close()


@pytest.mark.parametrize(
    ("put", "word"),
    [
        ({"type": "seat", "id": "shop2-1", "shop": "shop2", "agent": "nobody"}, "nobody"),
        ({"type": "seat", "id": "shop2-1", "shop": "shop2", "agent": "both", "cap": 0}, "cap"),
        ({"type": "seat", "id": "shop2-1", "shop": "shop2", "agent": "both", "cap": "9"}, "cap"),
        ({"type": "thing"}, "thing"),
    ],
)
async def test_what_cannot_be_is_told_and_changes_nothing(
    live: tuple[App, str], put: dict[str, Any], word: str
) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    before = app.service.office.state.seq
    status, told = await browser.ask("POST", "settings", {"put": [put]})
    assert status == 422
    assert word in str(told)
    assert app.service.office.state.seq == before
    await browser.session.close()


async def test_a_person_is_disabled_and_never_removed(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    status, _ = await browser.ask("POST", "settings", {"remove": [{"sort": "person", "id": "both"}]})
    assert status == 422
    await browser.session.close()
