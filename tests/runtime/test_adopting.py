"""`relay calibrate`, from published figures in the office and a log to an adopted reading: who may, what is written,
and what becomes of a shop whose machine was allowed to send."""

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from relay.app import App
from relay.cli.calibrate import calibrate
from relay.config import load_config
from relay.domain.facts import ReadingAdopted, SettingSet
from relay.domain.names import PersonId
from relay.domain.settings import Person, Shop
from relay.errors import BadInputError, ConfigError, ForbiddenError
from relay.insight.calibration.adoptions import adoptions
from relay.insight.calibration.units import units
from relay.rules.catalogue import Catalogue
from relay.rules.messages import encode_all
from relay.runtime.adopting import AdoptedReading, adopt, revert
from relay.runtime.decoding import decoded
from relay.runtime.figures import FigureAct, Figures, GivenFigure
from relay.runtime.settings_text import dump_settings
from relay.runtime.system import SystemClock
from tests.insight.published_worlds import figures, messages
from tests.proof.checks import check_unaltered
from tests.proof.process import BOSS, SHOP, Place, shop_settings

MISS = {"cross_day": "miss", "thread": "buyer_sub_account"}


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


def person(app: App, name: str = BOSS) -> Person:
    return app.service.office.state.persons[PersonId(name)]


def shop_of(app: App) -> Shop:
    return app.service.office.state.shops[SHOP]


def reading(**keys: Any) -> AdoptedReading:
    usual = {
        "shop": SHOP, "rule": "taobao_ww3", "options": MISS, "settles": ("cross_day", "window_on", "thread"),
        "calibration": "abc" + "0" * 61, "figures": (3, 4), "matched": 2,
    }  # fmt: skip
    return msgspec.convert({**usual, **keys}, AdoptedReading)


def office_facts(app: App) -> list[Any]:
    return [decoded("office", row) for row in app.store.read("office")]  # type: ignore[arg-type]


async def said(place: Place, *words: str) -> tuple[int, str]:
    """The command as it is typed, while a relay serves."""

    def run() -> tuple[int, str]:
        done = CliRunner().invoke(calibrate, [SHOP, *words, "--config", str(place.config)])
        told = "" if done.exception is None or isinstance(done.exception, SystemExit) else repr(done.exception)
        return done.exit_code, done.output + told

    return await asyncio.to_thread(run)


async def test_from_published_figures_and_a_log_to_the_adopted_reading(app: App, place: Place, tmp_path: Path) -> None:
    told = messages(21)
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(encode_all(told)))
    rows = tuple(
        GivenFigure(shop=SHOP, figure="taobao_ww3", first=one.fact.first_day, value=str(one.fact.value))
        for one in figures(told, "taobao_ww3", MISS, noise=21)
    )
    office = Figures(app.service.office, SystemClock(), units(Catalogue()))
    await office.act(FigureAct(do="record", figures=rows), person(app))

    code, output = await said(place, "--log", str(log))
    assert code == 0, output
    assert "one reading gives the published figures" in output
    assert re.search(r"^1\. taobao_ww3 cross_day=miss thread=buyer_sub_account$", output, re.MULTILINE)
    assert f"relay calibrate {SHOP} --config {place.config} --log {log} --adopt 1" in output
    assert shop_of(app).rule_options == {}, "it suggests, and changes nothing"
    code, output = await said(place, "--log", str(log), "--adopt", "9")
    assert (code, "no reading 9" in output) == (2, True)

    code, output = await said(place, "--log", str(log), "--adopt", "1")
    assert code == 0, output
    assert shop_of(app).rule_options == MISS
    assert "falls back to suggest" in output
    fact, setting = office_facts(app)[-2:]
    assert isinstance(fact, ReadingAdopted)
    assert isinstance(setting, SettingSet)
    assert (fact.by, fact.rule, fact.options, fact.matched, len(fact.figures)) == (BOSS, "taobao_ww3", MISS, 29, 30)
    assert (len(fact.calibration), len(fact.log)) == (64, 64)
    recorded = app.service.office.state.published.recorded
    assert {recorded[seq].shop for seq in fact.figures} == {SHOP}, "it names the figures that it was held against"

    assert "nothing differs" in (await said(place, "--log", str(log), "--adopt", "1"))[1]
    code, output = await said(place, "--log", str(log), "--show", "--json", "--last", "5")
    view = json.loads(output)
    assert view["adopted"]["options"] == MISS
    assert len(view["days"]) == 5
    assert [one["given"] for one in view["days"]].count(False) <= 1, "relay's days are under the adopted reading"

    await _taken_back(app, place, ("--log", str(log)))


async def _taken_back(app: App, place: Place, log: tuple[str, ...]) -> None:
    """Who adopted what and when is seen, and what stood before stands again."""
    [one] = json.loads((await said(place, *log, "--adopted", "--json"))[1])
    assert (one["by"], one["before"], one["options"]) == (BOSS, {"rule": "taobao_ww3", "options": {}}, MISS)
    assert (one["matched"], one["figures"], one["stands"]) == (29, 30, "in_force")
    assert one["figure_before"] is None, "the log is of years before the adoption"
    code, output = await said(place, *log, "--adopted")
    assert (code, f"--revert {one['record']}" in output, "现行口径 in force" in output) == (0, True, True)
    code, output = await said(place, "--revert", str(one["record"] + 1))
    assert (code, "no reading was adopted under" in output) == (2, True)

    code, output = await said(place, "--revert", str(one["record"]))
    assert (code, "takes back adoption" in output) == (0, True), output
    assert shop_of(app).rule_options == {}
    fact, setting = office_facts(app)[-2:]
    assert isinstance(setting, SettingSet)
    assert (fact.reverts, fact.by, fact.options) == (one["record"], BOSS, {})
    assert "has the reading" not in (await said(place, "--revert", "1"))[1]
    code, output = await said(place, "--revert", str(one["record"]))
    assert (code, "already" in output) == (2, True)
    first, second = json.loads((await said(place, "--adopted", "--json"))[1])
    assert (first["stands"], second["stands"], second["reverts"]) == ("replaced", "in_force", one["record"])
    assert "was taken back" in (await said(place, *log, "--show"))[1]


async def test_the_setting_and_its_reason_are_one_change_and_the_confirmation_is_void(app: App) -> None:
    assert shop_of(app).assist == "assist"
    before = app.service.office.state.seq
    lines = await adopt(app.service.office, reading(), person(app))
    assert app.service.office.state.seq == before + 2
    assert shop_of(app).assist == "suggest", "what was confirmed was another reading (§7)"
    assert sum("falls back to suggest" in line for line in lines) == 1
    assert any("cross_day=miss" in line for line in lines)
    assert await adopt(app.service.office, reading(), person(app)) == []
    assert app.service.office.state.seq == before + 2, "the same again leaves no fact"


async def test_only_what_was_tried_gives_way(app: App) -> None:
    shop = msgspec.structs.replace(shop_of(app), rule_options={"limit_s": "170", "window_on": "opening"})
    await app.apply(dump_settings(shop_settings(rule_options=shop.rule_options)).encode(), False)
    await adopt(app.service.office, reading(), person(app))
    assert shop_of(app).rule_options == {"limit_s": "170", **MISS}


async def test_what_was_set_by_hand_since_survives_going_back(app: App) -> None:
    office = app.service.office
    await app.apply(dump_settings(shop_settings(rule_options={"window_on": "opening"})).encode(), False)
    await adopt(office, reading(settles=("cross_day", "window_on", "thread")), person(app))
    [record] = office.state.published.adoptions
    await app.apply(dump_settings(shop_settings(rule_options={**MISS, "limit_s": "170"})).encode(), False)
    [view] = adoptions(office.state, SHOP)
    assert (view.stands, str(view.before)) == ("in_force", "taobao_ww3 window_on=opening")
    before = office.state.seq
    with pytest.raises(ForbiddenError):
        await revert(office, record, person(app, "ann"))
    assert office.state.seq == before
    await revert(office, record, person(app))
    assert shop_of(app).rule_options == {"window_on": "opening", "limit_s": "170"}
    await app.apply(dump_settings(shop_settings(rule_options={"thread": "buyer"})).encode(), False)
    assert [one.stands for one in adoptions(office.state, SHOP)] == ["replaced", "changed"]


async def test_another_version_of_the_figure_takes_over_with_its_rule_unconfirmed(app: App) -> None:
    settings = shop_settings(rule_confirmed_by=BOSS, rule_confirmed_on="2026-03-01")
    await app.apply(dump_settings(settings).encode(), False)
    await adopt(app.service.office, reading(rule="taobao_ww3_2023", options={}), person(app))
    assert (shop_of(app).rule, shop_of(app).rule_confirmed_on) == ("taobao_ww3_2023", None)


@pytest.mark.parametrize(
    ("keys", "error", "why"),
    [
        ({"rule": "tejia_3min"}, BadInputError, "is guided by taobao_ww3"),
        ({"options": {"cross_day": "maybe"}}, ConfigError, "cross_day"),
        ({"shop": "none"}, ForbiddenError, "not yours"),
    ],
)
async def test_what_cannot_be_adopted_leaves_nothing(
    app: App, keys: dict[str, Any], error: type[Exception], why: str
) -> None:
    before = app.service.office.state.seq
    with pytest.raises(error, match=why):
        await adopt(app.service.office, reading(**keys), person(app))
    assert app.service.office.state.seq == before


async def test_l14_whoever_may_not_change_settings_adopts_nothing(app: App) -> None:
    before = app.service.office.state.seq
    with pytest.raises(ForbiddenError):
        await adopt(app.service.office, reading(), person(app, "ann"))
    assert app.service.office.state.seq == before


async def test_a_shop_with_no_message_sees_the_platforms_days(app: App, place: Place) -> None:
    office = Figures(app.service.office, SystemClock(), units(Catalogue()))
    row = GivenFigure(shop=SHOP, figure="taobao_ww3", first="2026-03-01", value="96.3%")
    await office.act(FigureAct(do="record", figures=(row,)), person(app))
    code, output = await said(place, "--show")
    assert code == 0, output
    assert "96.3 %" in output
    code, output = await said(place)
    assert (code, "no message to judge" in output) == (2, True)


def test_without_relay_a_log_and_a_table_are_enough(tmp_path: Path) -> None:
    told = messages(22)
    (tmp_path / "log.jsonl").write_bytes(b"".join(encode_all(told)))
    held = figures(told, "taobao_ww3", {"thread": "buyer_sub_account"})
    table = "日期,数值\n" + "".join(f"{one.fact.first_day},{one.fact.value}\n" for one in held)
    (tmp_path / "f.csv").write_bytes(table.encode("gbk"))
    words = ["店", "--log", str(tmp_path / "log.jsonl"), "--figures", str(tmp_path / "f.csv"), "--json"]
    done = CliRunner().invoke(calibrate, [*words, "--config", str(tmp_path / "none.toml")])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert (found["came"], found["readings"][0]["options"]) == ("found", {"thread": "buyer_sub_account"})
    assert found["used"] == list(range(2, len(held) + 2)), "rows of the table"


def test_a_log_that_cannot_be_read_is_refused_as_the_audit_refuses_it(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"t": "2022-03-08T10:00:00+08:00", "role": "buyer"\n', "utf-8")
    (tmp_path / "f.csv").write_text("first,value\n2022-03-08,96.3%\n", "utf-8")
    words = ["店", "--log", str(tmp_path / "log.jsonl"), "--figures", str(tmp_path / "f.csv")]
    done = CliRunner().invoke(calibrate, [*words, "--config", str(tmp_path / "none.toml")])
    assert done.exit_code == 2
    assert "log.jsonl" in done.output


def test_a_log_of_several_shops_must_hold_this_one(tmp_path: Path) -> None:
    told = [msgspec.structs.replace(one, shop=shop) for shop in ("a", "b") for one in messages(1, per_day=1, days=8)]
    (tmp_path / "log.jsonl").write_bytes(b"".join(encode_all(told)))
    (tmp_path / "f.csv").write_text("first,value\n2022-03-20,96.3%\n", "utf-8")

    def run(shop: str) -> tuple[int, str]:
        words = [shop, "--log", str(tmp_path / "log.jsonl"), "--figures", str(tmp_path / "f.csv"), "--json"]
        done = CliRunner().invoke(calibrate, [*words, "--config", str(tmp_path / "none.toml")])
        return done.exit_code, done.output

    code, output = run("c")
    assert (code, "and not of c: a, b" in output) == (2, True)
    code, output = run("a")
    assert (code, json.loads(output)["messages"]) == (0, len(told) // 2)
