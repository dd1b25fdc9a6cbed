"""`relay assist` and `/assist`: statement, confirmation and mode, through the running service and without one."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from click.testing import CliRunner

from relay.app import App
from relay.cli.assist import assist
from relay.cli.settings import settings
from relay.config import load_config
from relay.domain.confirming import mode_of
from relay.domain.names import PersonId
from relay.domain.office import settings_of
from relay.domain.settings import Assist, Shop
from relay.errors import ConfigError, ForbiddenError
from relay.insight.statement import confirmed, statement
from relay.runtime.settings_text import dump_settings
from tests.proof.process import DESK, SHOP, Place, shop_settings

UNCONFIRMED = {
    "assist_confirmed_by": None,
    "assist_confirmed_on": None,
    "assist_confirmed_statement": None,
    "assist": "suggest",
}


def fresh() -> bytes:
    """The shop with nobody's word on it yet."""
    told = shop_settings()
    shops = tuple(msgspec.structs.replace(one, **UNCONFIRMED) for one in told.shops)  # type: ignore[arg-type]
    return dump_settings(msgspec.structs.replace(told, shops=shops)).encode()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("RELAY_TOKEN", raising=False)
    return Place(tmp_path, "http://127.0.0.1:9/send")


@pytest.fixture
async def app(place: Place) -> AsyncIterator[App]:
    app = App(load_config(place.config))
    await app.start()
    await app.apply(fresh(), False)
    yield app
    await app.stop()
    gc.unfreeze()


def at_once(place: Place, *words: str, token: str | None = None, typed: str = "") -> tuple[int, str]:
    """A command as a person types it; `typed` is what they answer when asked."""
    more = []
    if token is not None:
        (place.folder / "token").write_text(token, "utf-8")
        more = ["--token-file", str(place.folder / "token")]
    done = CliRunner().invoke(assist, [*words, "--config", str(place.config), *more], input=typed)
    return done.exit_code, done.output


async def said(place: Place, *words: str, token: str | None = None, typed: str = "") -> tuple[int, str]:
    return await asyncio.to_thread(at_once, place, *words, token=token, typed=typed)


def shop_of(app: App) -> Shop:
    return app.service.office.state.shops[SHOP]


async def acts_as(app: App) -> Assist:
    """How the desk itself sees it."""
    return await app.service.desks[DESK].runner.look(lambda state: mode_of(state.shops[SHOP].setting))


async def test_the_whole_way_from_reading_to_sending(app: App, place: Place) -> None:
    code, told = await said(place, "assist", SHOP)
    assert code == 2
    assert f"relay assist confirm {SHOP}" in told
    assert await acts_as(app) == "suggest"
    shown = json.loads((await said(place, "statement", SHOP, "--json"))[1])
    assert (shown["confirmed"], shown["acts_as"]) == (False, "suggest")
    code, told = await said(place, "confirm", SHOP, typed="no\n")
    assert code == 2
    assert "A.valid" in told
    assert shop_of(app).assist_confirmed_by is None
    assert (await said(place, "confirm", SHOP, typed="yes\n"))[0] == 0
    assert shop_of(app).assist_confirmed_by == "boss"
    assert shop_of(app).assist_confirmed_statement == shown["statement"] == statement(shop_of(app)).digest
    assert await acts_as(app) == "suggest", "confirming is not yet letting it send"
    code, told = await said(place, "assist", SHOP)
    assert (code, told.strip()) == (0, f"~ shop {SHOP} assist: suggest → assist")
    assert await acts_as(app) == "assist"
    assert "已确认 / confirmed: boss" in (await said(place, "statement", SHOP))[1]
    for mode in ("shadow", "off", "suggest"):
        assert (await said(place, mode, SHOP))[0] == 0
        assert await acts_as(app) == mode


async def test_only_an_owner_confirms_and_only_what_was_read(app: App, place: Place) -> None:
    ann = await app.token("ann")
    number = statement(shop_of(app)).digest
    assert (await said(place, "statement", SHOP, token=ann))[0] == 0, "whoever has a role there may read it"
    code, told = await said(place, "confirm", SHOP, "--statement", number, token=ann)
    assert (code, "没有权限" in told) == (2, True)
    assert (await said(place, "off", SHOP, token=ann))[0] == 2
    code, told = await said(place, "confirm", SHOP, "--statement", "0123456789ab-0123456789ab")
    assert code == 2
    assert "read it again" in told
    assert shop_of(app).assist_confirmed_by is None
    assert (await said(place, "statement", "elsewhere"))[0] == 2


async def test_the_same_over_the_api(app: App) -> None:
    url = f"http://127.0.0.1:{app.server.port}/assist/{SHOP}"
    boss = {"Authorization": f"Bearer {await app.token('boss')}"}
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"Authorization": "Bearer relay_x"}):
            async with session.get(url, headers=headers) as answer:
                assert answer.status == 403
        async with session.get(url, headers=boss) as answer:
            told = await answer.json()
        assert told["rules"][0]["clause"] == "A.valid"
        assert {"en", "zh"} == set(told["lines"][0])
        for body, status in (
            ({"do": "mode", "mode": "assist"}, 422),
            ({"do": "confirm"}, 422),
            ({"do": "dance"}, 422),
            ({"do": "confirm", "statement": told["statement"]}, 200),
            ({"do": "mode", "mode": "assist"}, 200),
        ):
            async with session.post(url, json=body, headers=boss) as answer:
                assert answer.status == status, body
    assert await acts_as(app) == "assist"


async def test_the_settings_file_keeps_a_confirmation_and_takes_no_false_one(app: App, place: Place) -> None:
    assert (await said(place, "confirm", SHOP, "--statement", statement(shop_of(app)).digest))[0] == 0
    assert (await said(place, "assist", SHOP))[0] == 0
    text = dump_settings(settings_of(app.service.office.state))
    assert await app.apply(text.encode(), False) == []
    for old, new in (
        (statement(shop_of(app)).digest, "0123456789ab-0123456789ab"),
        ('rule = "taobao_ww3"', 'rule = "taobao_ww3_2023"'),
        ('assist = "assist"', 'assist = "assist"\nrule_options = { assist_providers = "relay" }'),
    ):
        assert old in text
        with pytest.raises(ConfigError) as refused:
            await app.apply(text.replace(old, new).encode(), False)
        assert f"relay assist confirm {SHOP}" in str(refused.value)
    assert await acts_as(app) == "assist"


async def test_nobody_confirms_in_anothers_name(app: App) -> None:
    """Whoever may change settings may not sign for somebody else."""
    office = app.service.office
    wanted = settings_of(office.state)
    shops = tuple(confirmed(one, PersonId("ann"), "2026-03-01") for one in wanted.shops)
    with pytest.raises(ForbiddenError):
        await office.apply_settings(
            msgspec.structs.replace(wanted, shops=shops), office.state.persons[PersonId("boss")]
        )


async def test_an_older_text_falls_back_to_suggest_before_anything_ticks_and_calls(place: Place) -> None:
    """After an upgrade that says something else, a confirmation of the old text is none."""
    app = App(load_config(place.config))
    await app.start()
    await app.apply(dump_settings(shop_settings()).encode(), False)
    assert await acts_as(app) == "assist"
    said_before = statement(shop_of(app)).digest
    stale = msgspec.structs.replace(
        shop_of(app), assist_confirmed_statement=f"{said_before.partition('-')[0]}-000000000000"
    )
    office = app.service.office
    wanted = msgspec.structs.replace(settings_of(office.state), shops=(stale,))
    lines = [line for change in await office.apply_settings(wanted, None) for line in change.lines]
    assert lines[-1] == f"~ shop {SHOP} assist: assist → suggest"
    assert app.service.alerts.count["assist_void"] == 1  # type: ignore[attr-defined]
    assert await acts_as(app) == "suggest"
    await app.stop()
    gc.unfreeze()


def test_without_a_service_it_is_the_same(place: Place) -> None:
    (place.folder / "s.toml").write_bytes(fresh())
    args = ["apply", str(place.folder / "s.toml"), "--config", str(place.config)]
    assert CliRunner().invoke(settings, args).exit_code == 0
    assert at_once(place, "assist", SHOP)[0] != 0
    assert at_once(place, "confirm", SHOP, typed="yes\n")[0] == 0
    assert at_once(place, "assist", SHOP)[0] == 0
    code, told = at_once(place, "statement", SHOP)
    assert (code, "已确认 / confirmed: boss" in told) == (0, True)
