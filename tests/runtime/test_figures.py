"""`relay platform-figure` and `/figures`: through the running service, and under the file lock if none runs."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from click.testing import CliRunner

from relay.app import App
from relay.cli.platform_figure import platform_figure
from relay.config import load_config
from relay.domain.names import PersonId
from relay.domain.settings import Grant, Person
from relay.runtime.settings_text import dump_settings
from tests.proof.checks import check_unaltered
from tests.proof.process import SHOP, Place, shop_settings

TABLE = (
    "店铺,指标,周期,日期,数值,分子,分母\n{shop},taobao_ww3,日,2026/3/1,96.3%,,\n{shop},投诉率,月,2026-02-10,0.02%,,\n"
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("RELAY_TOKEN", raising=False)
    return Place(tmp_path, "http://127.0.0.1:9/send")


@pytest.fixture
async def app(place: Place) -> AsyncIterator[App]:
    app = App(load_config(place.config))
    await app.start()
    await app.apply(dump_settings(shop_settings()).encode(), False)
    yield app
    await app.stop()
    check_unaltered(place.ledger)
    gc.unfreeze()


def at_once(place: Place, *words: str, token: str | None = None) -> tuple[int, str]:
    more = []
    if token is not None:
        (place.folder / "token").write_text(token, "utf-8")
        more = ["--token-file", str(place.folder / "token")]
    done = CliRunner().invoke(platform_figure, [*words, "--config", str(place.config), *more])
    told = "" if done.exception is None or isinstance(done.exception, SystemExit) else str(done.exception)
    return done.exit_code, done.output + told


async def said(place: Place, *words: str, token: str | None = None) -> tuple[int, str]:
    return await asyncio.to_thread(at_once, place, *words, token=token)


async def listed(place: Place, *words: str) -> list[dict[str, Any]]:
    code, output = await said(place, "list", "--json", *words)
    assert code == 0, output
    found: list[dict[str, Any]] = json.loads(output)
    return found


def facts(app: App) -> int:
    return app.service.office.state.seq


async def test_record_again_correct_and_withdraw_on_a_running_service(app: App, place: Place) -> None:
    words = ("record", SHOP, "taobao_ww3", "96.3%", "--day", "2026-03-01")
    before = facts(app)
    code, output = await said(place, *words)
    assert code == 0
    assert "96.3 %" in output
    assert facts(app) == before + 1
    assert "nothing differs" in (await said(place, *words))[1]
    assert facts(app) == before + 1, "the same again leaves no fact"
    [one] = await listed(place)
    assert (one["value"], one["state"], one["source"]) == ("96.3 %", "live", "typed")

    _, output = await said(place, "correct", str(one["record"]), "96.4%", "--counts", "964/1000")
    assert f"corrects {one['record']}" in output
    assert "96.3 % → 96.4 % (964/1000)" in output
    [now] = await listed(place, "--shop", SHOP)
    assert (now["corrects"], now["numerator"]) == (one["record"], 964)
    assert [each["state"] for each in await listed(place, "--all")] == ["corrected", "live"]

    assert (await said(place, "withdraw", str(now["record"]), "--reason", "读错了"))[0] == 0
    assert await listed(place) == []
    assert [each["state"] for each in await listed(place, "--all")] == ["corrected", "withdrawn"]
    code, output = await said(place, "correct", str(now["record"]), "90%")
    assert (code, "no figure" in output) == (2, True)


async def test_a_file_is_taken_down_once_and_what_contradicts_it_is_told(
    app: App, place: Place, tmp_path: Path
) -> None:
    file = tmp_path / "平台.csv"
    file.write_bytes(TABLE.format(shop=SHOP).encode("gbk"))
    code, output = await said(place, "import", str(file), "--dry-run")
    assert (code, "nothing was written" in output) == (0, True)
    assert await listed(place) == []
    _, output = await said(place, "import", str(file))
    assert "2 new, 0 corrected, 0 as they were" in output
    before = facts(app)
    file.write_bytes(TABLE.format(shop=SHOP).encode("utf-8-sig"))
    assert "nothing differs" in (await said(place, "import", str(file)))[1], "another encoding, the same figures"
    assert facts(app) == before
    file.write_text(TABLE.format(shop=SHOP).replace("96.3", "93.6"), "utf-8")
    _, output = await said(place, "import", str(file))
    assert "96.3 % → 93.6 %" in output
    assert "0 new, 1 corrected, 1 as they were" in output
    complaints, rate = await listed(place)
    assert (complaints["first_day"], complaints["last_day"]) == ("2026-02-01", "2026-02-28")
    assert (rate["line"], rate["source"], len(rate["digest"])) == (2, "file", 64)


async def test_faulty_rows_are_named_and_nothing_is_written(app: App, place: Place, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text(
        TABLE.format(shop=SHOP) + f"{SHOP},taobao_ww3,日,2099-01-01,96%,,\nnone,taobao_ww3,日,2026-03-02,x,,", "utf-8"
    )
    before = facts(app)
    code, output = await said(place, "import", str(file))
    assert code == 2
    assert "row 4" in output
    assert "not over" in output
    assert "row 5" in output
    assert "no shop" in output
    assert facts(app) == before


async def test_l14_only_who_may_takes_figures_down(app: App, place: Place) -> None:
    agent = await app.service.office.issue_token(PersonId("ann"), PersonId("boss"))
    state = app.service.office.state
    assert state.persons.keys() >= {PersonId("ann")}, "the settings of the tests know her"
    code, output = await said(place, "record", SHOP, "taobao_ww3", "96.3%", "--day", "2026-03-01", token=agent)
    assert (code, "no shop" in output) == (2, True)
    code, output = await said(place, "list", "--shop", SHOP, token=agent)
    assert code == 2, "an agent reads no figures"


async def test_a_supervisor_takes_figures_down_in_their_own_name_and_settings_stay_as_they_were(
    app: App, place: Place
) -> None:
    told = shop_settings()
    cao = Person(PersonId("cao"), roles=(Grant(SHOP, "cs_admin"),))
    await app.apply(dump_settings(msgspec.structs.replace(told, persons=(*told.persons, cao))).encode(), False)
    before = await app.settings()
    token = await app.service.office.issue_token(PersonId("cao"), PersonId("boss"))
    assert (await said(place, "record", SHOP, "投诉", "3次", "--period", "7d", "--to", "2026-03-07", token=token))[
        0
    ] == 0
    [one] = await listed(place)
    assert (one["by"], one["figure"], one["first_day"], one["value"]) == ("cao", "complaints", "2026-03-01", "3")
    assert await app.settings() == before


async def test_a_large_file_reaches_the_service_whole(app: App, place: Place) -> None:
    rows = "".join(
        f"{SHOP},other:第{number:03} 项 {'长' * 24},日,2026-03-01,{number}.25,,\n" for number in range(2_000)
    )
    body = ("店铺,指标,周期,日期,数值,分子,分母\n" + rows).encode()
    assert len(body) > 200_000, "more than one read of a socket gives"
    token = (place.folder / "data" / "admin.token").read_text("ascii")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        base = f"http://127.0.0.1:{app.config.http.port}"
        async with session.post(f"{base}/figures/file?name=f.csv", data=body) as answer:
            told = await answer.json()
            assert answer.status == 200, told
    assert len(told["lines"]) == 2_000
    assert len(await listed(place)) == 2_000


def test_without_a_service_it_is_written_under_the_lock_and_is_there_at_the_next_start(place: Place) -> None:
    async def once(check: bool) -> None:
        app = App(load_config(place.config))
        await app.start()
        if check:
            [one] = await listed(place)
            assert one["value"] == "96.3 %"
        else:
            await app.apply(dump_settings(shop_settings()).encode(), False)
        await app.stop()
        gc.unfreeze()

    asyncio.run(once(check=False))
    assert at_once(place, "record", SHOP, "taobao_ww3", "96.3%", "--day", "2026-03-01")[0] == 0
    assert "96.3 %" in at_once(place, "list")[1]
    asyncio.run(once(check=True))
    check_unaltered(place.ledger)
