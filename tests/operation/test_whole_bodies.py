"""A body that comes in several pieces is read to its end.

A settings file above what a socket gives at once was cut there, and everything behind the cut counted as removed.
"""

import io
from pathlib import Path

import aiohttp
import pytest

from relay.app import ADMIN_TOKEN, App
from relay.web.admin import MOST_SETTINGS
from tests.operation.served import serving

COMMENT = b"# " + "一个很长的说明".encode() + b"\n"


@pytest.mark.parametrize("size", [1, 70_000, 400_000, MOST_SETTINGS - 100_000])
async def test_a_settings_file_is_taken_whole_however_long_it_is(tmp_path: Path, size: int) -> None:
    async with serving(tmp_path) as (app, session):
        owner = {"Authorization": f"Bearer {(tmp_path / 'data' / ADMIN_TOKEN).read_text()}"}
        async with session.get("/admin/settings", headers=owner) as answer:
            settings = await answer.read()
        long = COMMENT * (size // len(COMMENT)) + settings
        seq = app.service.office.state.seq
        async with session.post("/admin/settings", headers=owner, data=io.BytesIO(long)) as answer:
            assert (answer.status, await answer.json()) == (200, {"lines": []})
        assert app.service.office.state.seq == seq


async def test_a_body_above_the_bound_is_refused_and_nothing_of_it_is_taken(tmp_path: Path) -> None:
    async with serving(tmp_path) as (app, session):
        await _refused(app, session, (tmp_path / "data" / ADMIN_TOKEN).read_text())


async def _refused(app: App, session: aiohttp.ClientSession, token: str) -> None:
    seq = app.service.office.state.seq
    owner = {"Authorization": f"Bearer {token}"}
    async with session.post("/admin/settings", headers=owner, data=io.BytesIO(b"#" * (MOST_SETTINGS + 1))) as answer:
        assert answer.status == 422
        assert str(MOST_SETTINGS) in (await answer.json())["error"]
    assert app.service.office.state.seq == seq
