"""Corpora of hostile text, where there are some: every line is text on the desk and the same bytes on the ledger.

RELAY_CORPORA names a folder with lists of texts: `*.json` (an array of strings) and `*.txt` (one a line), such as the
Big List of Naughty Strings or the payloads that HTML sanitisers are tried with. None is part of relay.
"""

import json
import os
from pathlib import Path
from typing import Final

import msgspec
import pytest
from playwright.async_api import expect

from tests.console.rig import housed, needs_browser, settings
from tests.console.test_browser import at_work
from tests.console.test_hostile import contents, is_text

FOLDER: Final = Path(os.environ.get("RELAY_CORPORA", ""))
AT_ONCE: Final = 40
"""Texts of one buyer: each of them stands on one page."""

pytestmark = [
    needs_browser,
    pytest.mark.prove,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(not os.environ.get("RELAY_CORPORA"), reason="RELAY_CORPORA names no folder of hostile texts"),
]


def texts(path: Path) -> list[str]:
    told = path.read_text(encoding="utf-8")
    found = json.loads(told) if path.suffix == ".json" else told.splitlines()
    return [one for one in found if one]


async def test_every_text_of_every_corpus_is_text_and_the_same_bytes(tmp_path: Path) -> None:
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in (".json", ".txt"))
    hostile = [one for path in files for one in texts(path)]
    assert hostile, f"{FOLDER} has no *.json and no *.txt"
    usual = settings()
    wanted = msgspec.structs.replace(usual, seats=(msgspec.structs.replace(usual.seats[0], cap=400), *usual.seats[1:]))
    async with housed(tmp_path, wanted=wanted) as house:
        page = await at_work(house)
        for start in range(0, len(hostile), AT_ONCE):
            some = hostile[start : start + AT_ONCE]
            for text in some:
                await house.buyer(f"buyer {start}", text)
            await page.locator(".list .talk", has_text=f"buyer {start}").last.click()
            shown = page.locator(".msg.theirs .bubble")
            await expect(shown).to_have_count(len(some))
            assert await shown.evaluate_all("(all) => all.map((one) => one.textContent)") == some
            await is_text(page)
        assert contents(house) == hostile
