"""`relay backup` and `relay restore` on the real process, as owners type them, and the first start after a restore."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from relay.domain import facts as f
from relay.store import open_ledger, verify
from relay.store.backups import backups_in
from tests.proof.process import DESK, Bridge, Counted, Message, Place, Serving
from tests.proof.world import desk_facts


class Owned(Place):
    """A place whose processes end with the test, however that ends."""

    def __init__(self, folder: Path, send_url: str, config: Callable[[str], str]) -> None:
        super().__init__(folder, send_url, config)
        self.started: list[Serving] = []

    async def serve(self, before: str = "") -> Serving:
        self.started.append(await super().serve(before))
        return self.started[-1]


@asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[Place]:
    """A folder with a shop's settings applied and a folder for backups."""
    place = Owned(
        folder, "http://127.0.0.1:9/send", lambda text: text.replace('# folder = "backups"', 'folder = "backups"')
    )
    code, told = await place.run("settings", "apply", "settings.toml")
    assert code == 0, told
    try:
        yield place
    finally:
        for serving in place.started:
            await serving.kill()


async def bring(place: Place, *numbers: int) -> None:
    bridge = Bridge(place.url, Counted())
    bridge.add([Message(number, 0) for number in numbers])
    async with aiohttp.ClientSession() as session:
        while bridge.left:
            await bridge.bring(session)


async def running(place: Place) -> Serving:
    serving = await place.serve()
    await serving.ready()
    return serving


def seq_of(path: Path) -> int:
    with open_ledger(path) as ledger:
        assert verify(ledger) == []
        return next(head.seq for head in ledger.heads() if head.desk == DESK)


def facts(place: Place) -> list[f.DeskFact]:
    return desk_facts(place.ledger)[DESK]


async def test_through_the_running_service_and_on_the_file_when_it_is_stopped(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        serving = await running(place)
        await bring(place, 1, 2, 3)
        code, told = await place.run("backup")
        assert code == 0, told
        assert "backed up and checked" in told
        await serving.said("backup_made")
        code, told = await place.run("backup", "elsewhere")
        assert code == 0, told
        async with aiohttp.ClientSession() as session, session.get(f"{place.url}/metrics") as answer:
            assert "relay_backup_timestamp_seconds 1" in await answer.text()
        await serving.kill()
        code, told = await place.run("backup")
        assert code == 0, told
        assert len(backups_in(tmp_path / "backups")) == 2
        assert [seq_of(one.path) for one in backups_in(tmp_path / "elsewhere")] == [seq_of(place.ledger)]


async def test_a_backup_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        (tmp_path / "file").write_text("no folder")
        code, told = await place.run("backup", "file")
        assert code == 2
        assert "the backup failed" in told
        assert len(told.splitlines()) == 1


async def test_restored_messages_come_again_and_are_taken_and_what_was_lost_is_a_gap(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        serving = await running(place)
        await bring(place, 1, 2)
        code, told = await place.run("backup")
        assert code == 0, told
        [made] = backups_in(tmp_path / "backups")
        await bring(place, 3, 4)
        code, told = await place.run("restore", str(made.path), "--force")
        assert (code, "another relay uses this file" in told) == (2, True), told
        await serving.kill()
        before = seq_of(place.ledger)

        code, told = await place.run("restore", str(made.path))
        assert (code, "--force" in told) == (2, True), told
        code, told = await place.run("restore", str(made.path), "--force")
        assert code == 0, told
        assert "what was there is kept in" in told
        assert "facts are there and not in the backup" in told
        assert "cannot be known" not in told
        assert "it is unaltered" in told
        kept = seq_of(made.path)
        assert seq_of(place.ledger) == kept < before

        serving = await running(place)
        await bring(place, 1, 2, 3, 4)  # the bridge brings its history: two are known, two are not
        await serving.kill()
        new = facts(place)[kept:]
        assert [one.restored_from is not None for one in new if isinstance(one, f.DeskStarted)] == [True]
        assert [one.recovered for one in new if isinstance(one, f.ChannelGap)] == [False]
        assert sum(isinstance(one, f.BuyerWrote) for one in new) == 2
        await (await running(place)).kill()
        starts = [one for one in facts(place) if isinstance(one, f.DeskStarted)]
        assert [one.restored_from is not None for one in starts][-2:] == [True, False]
        assert [one.epoch for one in starts] == sorted({one.epoch for one in starts})
        code, told = await place.run("replay")
        assert code == 0, told


async def test_it_says_how_much_is_missing_against_the_newest_exported_head(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        code, told = await place.run("backup")
        assert code == 0, told
        [made] = backups_in(tmp_path / "backups")
        serving = await running(place)
        await bring(place, 1)
        await serving.kill()
        (tmp_path / "heads").mkdir()
        with open_ledger(place.ledger) as ledger:
            heads = [{"desk": one.desk, "head": one.seq, "hash": one.hash.hex()} for one in ledger.heads()]
        old, new = (tmp_path / "heads" / f"heads-{at}.jsonl" for at in (999, 1000))
        old.write_text("not the newest")
        new.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in heads))
        config = place.config.read_text("utf-8")
        place.config.write_text(config.replace('# export_to = "heads"', 'export_to = "heads"'), "utf-8")
        missing = next(one["head"] for one in heads if one["desk"] == DESK)
        code, told = await place.run("restore", str(made.path), "--force")
        assert code == 0, told
        assert f"at least {missing} facts are missing" in told or f"{missing} facts are there" in told, told


@pytest.mark.parametrize("name", ["nothing.sqlite", "config.toml"])
async def test_what_is_no_backup_is_one_clear_line(tmp_path: Path, name: str) -> None:
    async with shop(tmp_path) as place:
        code, told = await place.run("restore", name)
        assert code == 2
        assert len(told.splitlines()) == 1
        with open_ledger(place.ledger) as ledger:
            assert [head.desk for head in ledger.heads()] == ["office"]
