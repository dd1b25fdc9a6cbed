"""The calendar's jobs: when they run, and that one that fails says so and is not forgotten."""

from pathlib import Path

import pytest

from relay.app import App
from relay.config import load_config
from relay.config.tables import BackupTable, HeadsTable, ReportsTable
from relay.errors import BadInputError
from relay.runtime.calendar import Calendar
from relay.runtime.reports import Reports
from relay.store import read_known, verify
from relay.store.backups import backups_in
from relay.store.projections import PROJECTIONS, look
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from tests.operation.served import serving


def calendar(tmp_path: Path, **more: object) -> Calendar:
    async def write_heads(folder: Path) -> None: ...

    heads = HeadsTable(at="03:30", export_to=tmp_path / "heads")
    return Calendar(MemoryStore(SeededEntropy()), heads, write_heads, **more)  # type: ignore[arg-type]


async def test_each_job_has_its_time_and_a_grace_of_hours(tmp_path: Path) -> None:
    async def back_up() -> None: ...

    jobs = calendar(tmp_path, backup=BackupTable(folder=tmp_path, at="04:05"), back_up=back_up)
    jobs.start()
    found = {job.id: (str(job.trigger), job.misfire_grace_time) for job in jobs._scheduler.get_jobs()}
    jobs.stop()
    assert found == {
        "check": ("cron[hour='3', minute='30']", 21_600),
        "heads": ("cron[hour='3', minute='30']", 21_600),
        "backup": ("cron[hour='4', minute='5']", 21_600),
    }


async def test_without_a_folder_there_is_no_daily_backup(tmp_path: Path) -> None:
    jobs = calendar(tmp_path)
    jobs.start()
    assert {job.id for job in jobs._scheduler.get_jobs()} == {"check", "heads"}
    jobs.stop()


async def test_a_job_that_failed_is_a_trouble_until_it_succeeds(tmp_path: Path) -> None:
    outcomes = [BadInputError("the disk is full"), None]

    async def back_up() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    jobs = calendar(tmp_path, backup=BackupTable(folder=tmp_path), back_up=back_up)
    await jobs.back_up()
    assert jobs.troubles == {"backup": "the disk is full"}
    await jobs.back_up()
    assert jobs.troubles == {}


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "config.toml").write_text(
        '[backup]\nfolder = "copies"\nkeep = 2\n[plugins]\nenabled = []\n', encoding="utf-8"
    )
    return App(load_config(tmp_path / "config.toml", {}), clock=FakeClock(), entropy=SeededEntropy())


async def test_the_daily_backup_keeps_so_many(app: App, tmp_path: Path) -> None:
    for _ in range(4):
        await app.calendar.back_up()
        app._clock.advance(1)  # type: ignore[attr-defined]
    assert len(backups_in(tmp_path / "copies")) == 2
    assert app.calendar.troubles == {}
    gauges = {(name, *labels.values()): value for name, _, labels, value in app.vitals.gauges()}
    assert gauges["backup_timestamp_seconds",] == 1_750_000_000.003
    assert gauges["calendar_failed", "backup"] == 0
    await app.store.close()


async def test_one_that_fails_is_an_alert_each_time_and_relay_stays_ready(app: App, tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("in the way", encoding="utf-8")
    for _ in range(2):
        await app.calendar.back_up()
        app._clock.advance(1)  # type: ignore[attr-defined]
    assert app.alerts.count["backup_failed"] == 2
    assert "the backup failed" in app.calendar.troubles["backup"]
    assert "self_check_failed" not in app.vitals.unready()
    await app.store.close()


async def test_days_are_settled_after_midnight_in_each_shops_zone_also_in_one_that_is_new(tmp_path: Path) -> None:
    zones = {"Asia/Shanghai", "Europe/Berlin"}
    settled = 0

    async def settle() -> None:
        nonlocal settled
        settled += 1

    jobs = calendar(tmp_path, settle=settle, zones=lambda: zones)
    jobs.start()
    zones.add("America/New_York")
    await jobs.settle()
    found = {
        job.id: (str(job.trigger), str(job.trigger.timezone))
        for job in jobs._scheduler.get_jobs()
        if job.id.startswith("settle")
    }
    jobs.stop()
    assert settled == 1
    at = "cron[hour='0', minute='31']"
    assert found == {
        "settle Asia/Shanghai": (at, "Asia/Shanghai"),
        "settle Europe/Berlin": (at, "Europe/Berlin"),
        "settle America/New_York": (at, "America/New_York"),
    }


async def test_a_running_relay_settles_and_binds_its_ledger_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole wiring: the ledger in use, the enabled plugins, processes of their own, the files that they leave."""
    async with serving(tmp_path) as (app, _):
        monkeypatch.setattr(app.calendar, "_heads", HeadsTable(export_to=tmp_path / "heads"))
        (tmp_path / "heads").mkdir()
        (tmp_path / "heads" / "heads-1772416800000.part").touch()  # of a night that was cut off
        await app.calendar.export_heads()
        [path] = (tmp_path / "heads").iterdir()
        known = read_known(path.read_bytes().splitlines())
        assert list(known.heads) == app.store.heads()
        assert {one.desk for one in known.spines} == {"main", "office"} == {one.desk for one in known.tallies}
        with app.store.snapshot() as ledger:
            assert verify(ledger, known=known) == []
        (tmp_path / "file").write_bytes(b"")
        monkeypatch.setattr(app.calendar, "_heads", HeadsTable(export_to=tmp_path / "file"))
        await app.calendar.export_heads()
        assert "file" in app.calendar.troubles.pop("heads")
        await app.calendar.settle()
        assert app.calendar.troubles == {}
        gauges = {(name, *labels.values()): value for name, _, labels, value in app.vitals.gauges()}
        assert gauges["calendar_failed", "settle"] == 0
        with look(app.config.relay.data_dir / PROJECTIONS) as sight:
            cursors = [sight.cursor("settlement", desk) for desk in app.service.desks]
        heads = {head.desk: head.seq for head in app.store.heads()}
        assert [one.seq if one else None for one in cursors] == [heads[desk] for desk in app.service.desks]


async def test_reports_have_their_times_and_none_without_a_folder(tmp_path: Path) -> None:
    def times(wanted: ReportsTable) -> set[str]:
        jobs = calendar(tmp_path, reports=Reports(wanted, tmp_path / "config.toml", FakeClock(), lambda *_: None))
        jobs.start()
        found = {job.id: str(job.trigger) for job in jobs._scheduler.get_jobs() if job.id.startswith("reports")}
        jobs.stop()
        return set(found.values())

    assert times(ReportsTable()) == set()
    assert times(ReportsTable(folder=tmp_path)) == {
        "cron[hour='8', minute='30']",
        "cron[hour='16', minute='0']",
        "cron[hour='17', minute='0']",
    }


async def test_a_running_relay_makes_what_is_due_once_and_tells_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole wiring: a process of its own beside the ledger in use, and the folder of the configuration."""
    monkeypatch.setenv("RELAY__REPORTS__FOLDER", str(tmp_path / "out"))
    async with serving(tmp_path) as (app, _):
        told: list[str] = []
        monkeypatch.setattr(app.reports, "_tell", lambda title, shops: told.append(title))
        await app.calendar.settle()
        await app.calendar.report()
        assert app.calendar.troubles == {}
        made = sorted(path.relative_to(tmp_path / "out").parts for path in (tmp_path / "out").rglob("*.xlsx"))
        names = [folder for folder, _ in made]
        assert names.count("registers") == 3
        assert len(told) == len(made)
        await app.calendar.report()
        assert len(told) == len(made), "nothing is made twice"


async def test_a_report_that_cannot_be_written_is_a_trouble(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[reports]\nfolder = "out"\n[plugins]\nenabled = []\n', encoding="utf-8")
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    app = App(load_config(tmp_path / "config.toml", {}), clock=FakeClock(), entropy=SeededEntropy())
    await app.calendar.report()
    assert "out" in app.calendar.troubles["reports"]
    gauges = {(name, *labels.values()): value for name, _, labels, value in app.vitals.gauges()}
    assert gauges["calendar_failed", "reports"] == 1
    await app.store.close()
