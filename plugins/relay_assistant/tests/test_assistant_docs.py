"""docs/assistant.md: its program runs as it stands, and every option, field and code has its place in it."""

import asyncio
import os
import re
import sys
import time
from pathlib import Path

import msgspec
import pytest

from relay.testing.contracts_responder import FakeBook, question
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_assistant.options import Options
from relay_assistant.responder import build
from relay_assistant.tests.desk import SECRET, SEND_SECRET
from relay_assistant.wire import Answer, Callback, Given

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "assistant.md").read_text("utf-8")
SOURCE = (ROOT / "plugins" / "relay_assistant" / "responder.py").read_text("utf-8")


@pytest.mark.parametrize(("secret", "answered"), [(SEND_SECRET, True), (SECRET, False)])
async def test_the_example_drafts_for_relay_and_for_nobody_else(secret: str, answered: bool) -> None:
    found = re.search(r"<!-- example: assistant -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", found[1]),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "RELAY_SEND_SECRET": SEND_SECRET, "ASSISTANT_PORT": "0"},
    )
    assert process.stdout is not None
    port = int((await process.stdout.readline()).split()[-1])
    clock = FakeClock(time.time_ns() // 1_000_000)
    options = {"url": f"http://127.0.0.1:{port}/relay", "send_secret": secret}
    responder = build("leyan", options, clock, SeededEntropy())
    await responder.start(FakeBook())
    try:
        if answered:
            [draft] = [one async for one in responder.drafts(question("什么时候发货？"))]
            assert (draft.text, draft.provider, draft.mode) == ("今天下午四点前发货。", "leyan", "assist")
        else:
            with pytest.raises(Exception, match="http_401"):
                await anext(responder.drafts(question()))
    finally:
        await responder.stop()
        process.terminate()
        await process.communicate()


def test_every_option_field_and_code_has_its_place() -> None:
    for kind in (Options, Given, Answer, Callback):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.name}`" in PAGE or f'"{field.name}"' in PAGE, field.name
    for code in (*re.findall(r'code="(\w+)"', SOURCE), "missing_header", "bad_signature", "stale_timestamp"):
        assert f"`{code}`" in PAGE, code
