"""`relay doctor`: every finding it can have, each with what it means and what to do, and the command on real files."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relay.contracts import Quarantined
from relay.domain import facts as f
from relay.domain.marks import DAY
from relay.domain.names import BuyerRef, ChannelName, Millis, ReplyId, SeatId, SendId, ShopId
from relay.domain.sending import PERSON
from relay.insight import checkup
from relay.insight.checkup import Finding, Quiet
from relay.runtime.system import SystemClock, SystemEntropy
from relay.store import open_store
from relay.testing.scribe import Scribe
from tests.operation.test_backup_command import bring, running, shop
from tests.proof.process import DESK, SHOP

NOW = 1_772_416_800_000
CASES: list[tuple[str, str, Callable[[], Any]]] = [
    ("sqlite", "note", lambda: checkup.sqlite_version((3, 40, 1))),
    ("sqlite", "good", lambda: checkup.sqlite_version((3, 51, 3))),
    ("disk_full", "error", lambda: checkup.free_space("data", 10, 5)),
    ("disk_small", "warning", lambda: checkup.free_space("data", 5 * 1024**3, 3 * 1024**3)),
    ("disk", "good", lambda: checkup.free_space("data", 7 * 1024**3, 3 * 1024**3)),
    ("fsync_slow", "warning", lambda: checkup.fsync_speed("data", 50.1)),
    ("fsync", "good", lambda: checkup.fsync_speed("data", 50.0)),
    ("slept", "warning", lambda: checkup.clock_steps([(NOW, -5_000), (NOW + 1, 3_600_000)])),
    ("clock_stepped", "warning", lambda: checkup.clock_steps([(NOW, -5_000)])),
    ("clock", "good", lambda: checkup.clock_steps([])),
    ("may_sleep", "note", lambda: checkup.laptop("Windows", None)),
    ("may_sleep", "note", lambda: checkup.laptop("Linux", True)),
    ("clock_behind", "warning", lambda: checkup.skew({"shop1": -5_000, "shop2": 300})),
    ("late_messages", "warning", lambda: checkup.skew({"shop1": 61_000})),
    ("channel_lost", "error", lambda: checkup.silence([Quiet("shop1", False, NOW, NOW)], NOW)),
    ("silent", "warning", lambda: checkup.silence([Quiet("shop1", True, None, NOW - DAY - 1)], NOW)),
    ("silent", "warning", lambda: checkup.silence([Quiet("shop1", True)], NOW)),
    ("gap", "note", lambda: checkup.unread_gaps("shop1", 2)),
    ("unknown_sends", "error", lambda: checkup.unknown_sends("shop1", 1, NOW)),
    ("quarantine", "warning", lambda: checkup.quarantined(3, NOW, "no shop")),
    ("no_backups", "warning", lambda: checkup.backups(None, None, False, NOW)),
    ("backup_old", "error", lambda: checkup.backups("copies", None, False, NOW)),
    ("backup_old", "error", lambda: checkup.backups("copies", NOW - 2 * DAY - 1, False, NOW)),
    ("backup", "good", lambda: checkup.backups("copies", NOW - 2 * DAY, False, NOW)),
    ("backup_same_disk", "note", lambda: checkup.backups("copies", NOW, True, NOW)[1]),
    ("no_heads", "note", lambda: checkup.heads(None, None, NOW)),
    ("heads_old", "warning", lambda: checkup.heads("heads", NOW - 3 * DAY, NOW)),
    ("heads", "good", lambda: checkup.heads("heads", NOW, NOW)),
    ("not_running", "note", checkup.not_running),
    ("store_latched", "error", lambda: checkup.unready(["store_latched"])),
    ("job_backup", "error", lambda: checkup.troubles({"backup": "the disk is full"})),
    ("plugin_failures", "warning", lambda: checkup.plugin_failures([{"plugin": "main", "call": "send", "count": 2}])),
    ("replays_refused", "warning", lambda: checkup.replays_refused({"/channel/main": 2})),
]


@pytest.mark.parametrize(("code", "level", "found"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_each_finding(code: str, level: str, found: Callable[[], Any]) -> None:
    told = found()
    one: Finding = told[0] if isinstance(told, list) else told
    assert (one.code, one.level) == (code, level)
    assert not isinstance(told, list) or len(told) == 1
    assert one.zh
    assert one.en
    assert bool(one.do_zh) == bool(one.do_en)
    assert one.level not in ("warning", "error") or one.do_en


@pytest.mark.parametrize(
    "nothing",
    [
        lambda: checkup.laptop("Linux", False),
        lambda: checkup.skew({"shop1": 0, "shop2": 60_000, "shop3": -1_000}),
        lambda: checkup.silence([Quiet("shop1", True, None, NOW - DAY)], NOW),
        lambda: checkup.quarantined(0, 0, ""),
        lambda: checkup.unready([]),
    ],
)
def test_where_all_is_well_nothing_is_said(nothing: Callable[[], list[Finding]]) -> None:
    assert nothing() == []


async def told(place: Any, code: int) -> dict[str, dict[str, Any]]:
    """The findings by their code."""
    ended, said = await place.run("doctor", "--json")
    assert ended == code, said
    report = json.loads(said.splitlines()[-1])
    assert report["healthy"] == (code == 0)
    return {one["code"]: one for one in report["findings"]} | {"running": report["running"]}


async def test_on_a_running_relay_and_on_a_stopped_one(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        serving = await running(place)
        await bring(place, 1, 2)
        found = await told(place, 1)
        assert found["running"]
        assert found["backup_old"]["level"] == "error"
        assert {"sqlite", "disk", "clock", "no_heads", "settings"} <= found.keys()
        assert {"fsync", "fsync_slow"} & found.keys()  # a busy disk may well be slow
        assert not {"not_running", "channel_lost", "silent", "unknown_sends", "quarantine"} & found.keys()
        assert (await place.run("backup"))[0] == 0
        found = await told(place, 1)
        assert found["backup"]["level"] == "good"
        assert found["backup_same_disk"]["level"] == "note"
        await serving.kill()
        found = await told(place, 1)
        assert not found["running"]
        assert found["not_running"]["level"] == "note"
        code, said = await place.run("doctor")
        assert code == 1
        assert "需要处理 /" in said
        assert "没有人核对" in said
        assert list((tmp_path / "data").glob("doctor-*")) == []


async def test_what_lies_on_the_ledger_is_found(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        serving = await running(place)
        await bring(place, 1)
        await serving.kill()
        await write_troubles(place.ledger)
        found = await told(place, 1)
        assert found["unknown_sends"]["where"] == f"shop {SHOP}"
        assert found["slept"]["level"] == "warning"
        assert found["quarantine"]["en"].endswith("no such shop")
        assert found["gap"]["level"] == "note"


async def write_troubles(path: Path) -> None:
    """An unknown send, a sleep, a gap and a line in quarantine."""
    clock = SystemClock()
    store = open_store(path, SystemEntropy(), clock)
    [buyer] = [BuyerRef(row[0]) for row in sqlite3.connect(path).execute("SELECT ref FROM buyers")]
    now, who = clock.now(), {"shop": ShopId(SHOP), "buyer": buyer, "seat": SeatId("seat-ann")}
    scribe = await Scribe.of(store, DESK)
    send = SendId(f"s{scribe.seq + 1}")
    given: list[f.DeskFact] = [
        f.ReplyIntended(at=now, by="ann", digest="", reply=ReplyId("wait"), version=1, **who),  # type: ignore[arg-type]
        f.SendStarted(at=now, send=send, attempt=1, machine=False, reply=None, version=None, **who),  # type: ignore[arg-type]
        f.SendEnded(at=now, send=send, outcome="unknown", machine=False, author=PERSON, **who),  # type: ignore[arg-type]
        f.ClockStepped(at=now, by_ms=3_600_000),
        f.ChannelGap(at=now, shop=ShopId(SHOP), from_at=Millis(now - 9), to_at=now),
    ]
    await store.append(scribe.facts(*given))
    await store.quarantine(Quarantined(now, ChannelName("main"), "no such shop", b"{}"))
    await store.close()


async def test_before_there_is_anything(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        place.ledger.unlink()
        found = await told(place, 1)
        assert found["no_ledger"]["level"] == "note"
        assert found["no_shops"]["level"] == "warning"
        place.config.write_text("[relay", encoding="utf-8")
        assert (await place.run("doctor"))[0] == 2
