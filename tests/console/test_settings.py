"""Settings at the console: what is seen and changed, by whom, and that nothing of another shop is touched (L14)."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.app import App
from relay.cli.starter import SETTINGS
from relay.domain.names import EventId, PersonId, SeatId, ShopId
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
    await app.console.sessions.set_password(PersonId("owner-shop1"), GOOD)
    browser = await as_person(app, base, "owner-shop2")
    seen = (await browser.ask("GET", "settings"))[1]
    assert [one["id"] for one in seen["shops"]] == ["shop2"]
    assert seen["has_password"] == ["owner-shop2"]
    assert [one["id"] for one in seen["seats"]] == ["shop2-1"]
    known = {one["id"] for one in seen["rules"]}
    assert set(seen["rule_of"]) == {"taobao", "tmall", "tejia", "kuaishou"}
    assert all(rule.startswith(platform) and rule in known for platform, rule in seen["rule_of"].items())
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
    assert (await browser.ask("POST", "settings", {"remove": [{"sort": "seat", "id": "shop1-1"}]}))[0] == 422
    assert SeatId("shop1-1") in app.service.office.state.seats
    assert app.service.office.state.shops[ShopId("shop1")] == first
    await browser.session.close()


async def test_a_dry_run_says_it_and_a_write_does_it_as_the_person(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    seat = (await browser.ask("GET", "settings"))[1]["seats"][0]
    put = {"put": [{**seat, "cap": 9}]}
    before = app.service.office.state.seq
    told = (await browser.ask("POST", "settings", {**put, "dry_run": True}))[1]
    assert (told["lines"], told["dry_run"]) == (["~ seat shop2-1 cap: 5 → 9"], True)
    assert told["changes"][0]["keys"] == [{"key": "cap", "before": 5, "after": 9}]
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
    if "findings" in told:
        assert ["seat", "shop2-1", word if word == "cap" else "agent"] in [one["path"] for one in told["findings"]]
    assert app.service.office.state.seq == before
    await browser.session.close()


async def test_a_person_is_disabled_and_never_removed(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    status, _ = await browser.ask("POST", "settings", {"remove": [{"sort": "person", "id": "both"}]})
    assert status == 422
    await browser.session.close()


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(live: tuple[App, str]) -> None:
    app, base = live
    browser, admin = await as_person(app, base, "owner-shop2"), await as_person(app, base, "boss")
    seen = (await browser.ask("GET", "settings"))[1]
    seat, mine = seen["seats"][0], {"based_on": seen["seq"]}
    boss = {"type": "person", "id": "boss", "name": "店主", "roles": [{"shop": "shop2", "role": "owner"}]}
    assert (await browser.ask("POST", "settings", {"put": [boss], **mine}))[0] == 200
    assert (await admin.ask("POST", "settings", {"put": [{**seat, "cap": 7}], **mine}))[0] == 200, "another subject"
    for dry in (True, False):
        body = {"put": [{**seat, "cap": 9}], **mine, "dry_run": dry}
        status, told = await browser.ask("POST", "settings", body)
        assert (status, told["code"]) == (409, "changed_meanwhile")
    assert (await browser.ask("POST", "settings", {"remove": [{"sort": "seat", "id": "shop2-1"}], **mine}))[0] == 409
    assert app.service.office.state.seats[SeatId("shop2-1")].cap == 7
    fresh = (await browser.ask("GET", "settings"))[1]
    body = {"put": [{**fresh["seats"][0], "cap": 9}], "based_on": fresh["seq"]}
    assert (await browser.ask("POST", "settings", body))[0] == 200
    for one in (browser, admin):
        await one.session.close()


async def test_a_change_is_told_with_who_and_when_and_is_taken_back_by_another(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    seat = (await browser.ask("GET", "settings"))[1]["seats"][0]
    await browser.ask("POST", "settings", {"put": [{**seat, "cap": 9, "groups": ["presale"]}]})
    await browser.ask("POST", "settings", {"remove": [{"sort": "seat", "id": "shop2-1"}]})
    gone, changed, added = (await browser.ask("GET", "changes?sort=seat&id=shop2-1"))[1]["changes"]
    assert (gone["what"], changed["what"], added["what"]) == ("removed", "changed", "added")
    assert (changed["by"], changed["keys"][0]) == ("owner-shop2", {"key": "cap", "before": 5, "after": 9})
    assert (added["by"], added["by_name"]) == ("boss", "店主")
    assert abs(changed["at"] - time.time() * 1000) < 60_000
    assert all(one["back"] for one in (gone, changed, added))
    for seq, cap in ((gone["seq"], 9), (added["seq"], 5)):
        told = (await browser.ask("POST", "settings", {"back_to": [seq], "dry_run": True}))[1]
        assert (await browser.ask("POST", "settings", {"back_to": [seq]}))[1]["lines"] == told["lines"]
        assert app.service.office.state.seats[SeatId("shop2-1")].cap == cap
    newest = (await browser.ask("GET", "changes?sort=seat"))[1]["changes"]
    assert len(newest) == 5, "to go back is a change of its own"
    assert [one.get("back", False) for one in newest] == [False, True, True, True, False]
    assert (await browser.ask("POST", "settings", {"back_to": [10_000]}))[0] == 422
    await browser.session.close()


async def test_nothing_of_another_shop_is_told_of_what_was_changed_nor_gone_back_to(live: tuple[App, str]) -> None:
    app, base = live
    browser, other = await as_person(app, base, "owner-shop2"), await as_person(app, base, "owner-shop1")
    both = next(one for one in (await other.ask("GET", "settings"))[1]["persons"] if one["id"] == "both")
    auditor = {"shop": "shop1", "role": "auditor"}
    assert (await other.ask("POST", "settings", {"put": [{**both, "roles": [*both["roles"], auditor]}]}))[0] == 200
    theirs = (await other.ask("GET", "changes?id=both"))[1]["changes"]
    assert len(theirs) == 2
    mine = (await browser.ask("GET", "changes"))[1]
    assert "shop1" not in str(mine)
    assert [one["what"] for one in mine["changes"] if one["id"] == "both"] == ["added"]
    assert (await browser.ask("POST", "settings", {"back_to": [theirs[0]["seq"]]}))[0] == 422 or (
        await browser.ask("POST", "settings", {"back_to": [theirs[0]["seq"]], "dry_run": True})
    )[1]["changes"] == []
    assert Grant(ShopId("shop1"), "auditor") in app.service.office.state.persons[PersonId("both")].roles
    for one in (browser, other):
        await one.session.close()


async def test_going_back_neither_lifts_a_stop_nor_lets_the_machine_send(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    shop = (await browser.ask("GET", "settings"))[1]["shops"][0]
    await browser.ask("POST", "settings", {"put": [{**shop, "name": "新名"}]})
    await browser.ask("POST", "settings", {"put": [{**shop, "name": "新名", "stopped": True, "assist": "off"}]})
    first = (await browser.ask("GET", "changes?sort=shop"))[1]["changes"][-1]
    assert (await browser.ask("POST", "settings", {"back_to": [first["seq"]]}))[0] == 200
    now = app.service.office.state.shops[SHOP2]
    assert (now.name, now.stopped, now.assist) == ("二店", True, "off")
    await browser.session.close()


async def test_one_is_told_the_names_of_those_who_work_in_the_own_shops_alone(live: tuple[App, str]) -> None:
    app, base = live
    admin = await as_person(app, base, "boss")
    owner = await as_person(app, base, "owner-shop2")
    ming = {"type": "person", "id": "ming", "name": "小明", "roles": [{"shop": "shop2", "role": "agent"}]}
    assert (await owner.ask("POST", "settings", {"put": [ming]}))[0] == 200
    agent = await as_person(app, base, "ming")
    persons = app.service.office.state.persons.values()
    theirs = {one.id: one.name for one in persons if one.name and any(role.shop == SHOP2 for role in one.roles)}
    assert (await agent.ask("GET", "me"))[1]["colleagues"] == theirs
    assert "小明" in theirs.values()
    assert "小明" not in str((await admin.ask("GET", "me"))[1]["colleagues"]), "boss has shop1 alone"
    for one in (admin, owner, agent):
        await one.session.close()


async def test_an_event_is_rehearsed_before_it_is_written_then_begun_and_ended(live: tuple[App, str]) -> None:
    app, base = live
    browser = await as_person(app, base, "owner-shop2")
    event = {
        "type": "event", "id": "sale", "shops": ["shop2"], "starts": "2099-11-10 20:00", "ends": "2099-11-12 00:00",
        "caps": [{"of": "*", "add": 3}], "ladder": [{"do": "badge", "after_s": 30}],
    }  # fmt: skip
    told = (await browser.ask("POST", "settings", {"put": [event], "dry_run": True}))[1]
    [shop] = told["preview"]["events"]["sale"]
    assert (shop["places"], shop["places_during"], shop["stage"]) == (5, 8, "ahead")
    [ladders] = told["preview"]["ladders"]
    assert [one["second"] for one in ladders["ladders"][0]["happenings"] if one["what"] == "badge"] == [30]
    wrong = {**event, "ends": "2099-11-10 19:00", "caps": [{"of": "seat", "name": "shop1-1", "add": 1}]}
    told = (await browser.ask("POST", "settings", {"put": [wrong], "dry_run": True}))[1]
    assert [one["path"][2] for one in told["findings"]] == ["ends", "caps"]
    assert (await browser.ask("POST", "settings", {"put": [{**event, "shops": ["shop1", "shop2"]}]}))[0] == 403
    assert (await browser.ask("POST", "settings", {"put": [event]}))[0] == 200
    assert (await browser.ask("POST", "events/sale", {"do": "end"}))[0] == 409
    now = {"do": "start", "minutes": 60}
    [shop] = (await browser.ask("POST", "events/sale", {**now, "dry_run": True}))[1]["rehearsal"]
    assert (shop["places"], shop["places_during"], shop["stage"], shop["hours_long"]) == (5, 8, "on", 1.0)
    assert (await browser.ask("POST", "events/sale", {"do": "start", "minutes": 10**18}))[0] == 422
    assert (await browser.ask("POST", "events/sale", {"do": "start", "dry_run": True}))[0] == 409, "seventy years"
    assert app.service.office.state.events[EventId("sale")].starts.startswith("2099"), "only said"
    assert (await browser.ask("POST", "events/sale", now))[1]["rehearsal"] == [shop]
    assert app.service.office.state.events[EventId("sale")].starts.startswith("20")
    stranger = await as_person(app, base, "cs-admin-shop1")
    for deed in ({"do": "end"}, {"do": "start", "minutes": 5, "dry_run": True}):
        told = (await stranger.ask("POST", "events/sale", deed))[1]
        assert told["en"] == "there is no such event", "none of theirs"
    for one in (browser, stranger):
        await one.session.close()


async def test_no_error_tells_what_another_shop_has(live: tuple[App, str]) -> None:
    app, base = live
    browser, admin = await as_person(app, base, "owner-shop2"), await as_person(app, base, "boss")
    sale = {"type": "event", "starts": "2030-11-11 00:00", "ends": "2030-11-12 00:00"}
    told = await admin.ask("POST", "settings", {"put": [{**sale, "id": "sale1", "shops": ["shop1"]}]})
    assert told[0] == 200

    async def asked(**body: Any) -> str:
        return str(await browser.ask("POST", "settings", {**body, "based_on": 0}))

    mine = {"type": "seat", "id": "shop1-1", "shop": "shop2", "agent": "both"}
    assert "forbidden" in await asked(put=[mine]), "nor which shop has it, nor who changed it"
    assert "forbidden" in await asked(put=[{**sale, "id": "both", "shops": ["shop1", "shop2"]}]), "nor when its sale is"
    for sort, known in (("seat", "shop1-1"), ("event", "sale1")):
        theirs, nowhere = [await asked(remove=[{"sort": sort, "id": one}]) for one in (known, "nowhere")]
        assert theirs == nowhere.replace("nowhere", known)
    theirs, nowhere = [str(await browser.ask("POST", f"events/{one}", {"do": "end"})) for one in ("sale1", "nowhere")]
    assert theirs == nowhere
    for one in (browser, admin):
        await one.session.close()
