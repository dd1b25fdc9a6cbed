"""The verdict on a bridge: what each way of behaving comes to, and the whole command against real bridges."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from relay.domain.names import Millis
from relay_onebot.actions import Response
from relay_onebot.extensions import Extensions
from relay_onebot.reference_bridge import Bridge
from relay_onebot.segments import text
from relay_onebot.tests.bridge import TOKEN, ForwardWorld, Script
from relay_onebot.told import Said
from relay_onebot.verdicts import Seen, judge

OK = Response(status="ok", retcode=0)
NO = Response(status="failed", retcode=10002)
LINE = Said(
    self_id="1", at=Millis(1), skew_ms=0, buyer="b", own=False, message_id="m1", segments=[text("在吗")],
    extensions=Extensions(),
)  # fmt: skip


def good(**changes: Any) -> Seen:
    """What is seen of a bridge that does everything."""
    plain: dict[str, Any] = {
        "version": "12", "came": True, "wrong_token": 401, "first": "meta.connect", "self_ids": ["1"], "status": OK,
        "echo_kept": True, "unknown_action": NO, "line": LINE, "sent": OK, "sent_tried": True, "sent_id": "m2",
        "sent_at": Millis(2), "own_ids": ["m2"], "came_back": True, "interval_ms": 5000, "history": OK,
        "transfer": OK, "transfer_tried": True, "placed": True,
    }  # fmt: skip
    return Seen(**(plain | changes))


def test_a_bridge_that_does_everything_has_nothing_to_correct() -> None:
    findings = judge(good())
    assert {one.level for one in findings} == {"ok"}
    assert len({one.name for one in findings}) == len(findings) > 12


def test_the_page_names_every_finding() -> None:
    page = (Path(__file__).parents[3] / "docs" / "bridge.md").read_text("utf-8")
    names = {one.name for changes, _, _ in WRONG for one in judge(good(**changes))}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def replaced(**changes: Any) -> Said:
    return Said(**({name: getattr(LINE, name) for name in Said.__struct_fields__} | changes))


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"came": False}, "connect", "fail"),
    ({"wrong_token": 101}, "token", "fail"),
    ({"first": "message.private"}, "first_frame", "fail"),
    ({"version": "11"}, "first_frame", "warn"),
    ({"self_ids": []}, "account", "fail"),
    ({"echo_kept": False}, "echo", "fail"),
    ({"echo_kept": None}, "echo", "fail"),
    ({"unknown_action": None}, "retcode", "warn"),
    ({"unknown_action": OK}, "retcode", "warn"),
    ({"line": None}, "message", "fail"),
    ({"line": replaced(message_id=None)}, "id", "fail"),
    ({"line_late_ms": 8 * 3_600_000}, "time", "fail"),
    ({"line": replaced(skew_ms=1000)}, "time", "warn"),
    ({"sent": None}, "send", "fail"),
    ({"sent": NO}, "send", "fail"),
    ({"sent_tried": False}, "send", "skipped"),
    ({"sent_id": None}, "send_id", "fail"),
    ({"sent_at": None}, "send_time", "warn"),
    ({"own_ids": []}, "own_echo", "fail"),
    ({"own_ids": ["m3"]}, "own_echo", "fail"),
    ({"came_back": False}, "reconnect", "fail"),
    ({"interval_ms": None, "status": None}, "silence", "fail"),
    ({"history": NO}, "history", "warn"),
    ({"placed": False}, "placement", "warn"),
    ({"transfer": NO}, "transfer", "fail"),
    ({"transfer_tried": False}, "transfer", "skipped"),
    ({"bad": ["it is not UTF-8"]}, "frames", "fail"),
]


@pytest.mark.parametrize(("changes", "name", "level"), WRONG)
def test_what_is_wrong_is_named_in_two_languages(changes: dict[str, Any], name: str, level: str) -> None:
    [found] = [one for one in judge(good(**changes)) if one.name == name]
    assert found.level == level
    assert found.zh
    assert found.en
    assert found.zh != found.en


def test_an_echo_that_says_whose_it_is_needs_no_id() -> None:
    assert "fail" not in {one.level for one in judge(good(own_ids=["m3"], own_keys=["relay-check"]))}


# --- the command


async def check(folder: Path, *arguments: str, before: str = "") -> asyncio.subprocess.Process:
    """The command as a process of its own; `before` is done in it first."""
    (folder / "token").write_text(TOKEN, "ascii")
    return await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-c",
            f"{before}from relay.cli import main; main()",
            "bridge-check",
            "--json",
            "--wait",
            "20",
        ),
        *("--token-file", str(folder / "token"), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def levels(out: bytes) -> dict[str, str]:
    return {one["name"]: one["level"] for one in json.loads(out)["findings"]}


async def test_the_reference_bridge_passes(tmp_path: Path) -> None:
    process = await check(tmp_path, "--listen", "0", "--transfer", "seat-2")
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode().strip()
    bridge = Bridge(url, TOKEN, "1001", lambda line: None)
    living = asyncio.create_task(bridge.live())
    assert "买家" in (await process.stderr.readline()).decode()
    where: dict[str, Any] = {"relay.owner": "1001"}
    await bridge.write("b1", "在吗", **where)
    out, _ = await process.communicate()
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    assert set(levels(out).values()) == {"ok"}, out.decode()
    assert process.returncode == 0


@pytest.mark.parametrize("version", ["11", "12"])
async def test_a_bridge_that_sends_back_nothing_is_told_so(version: Any, tmp_path: Path) -> None:
    world = await ForwardWorld.open(version)
    url = str(world.server.make_url("/")).replace("http", "ws", 1)
    impatient = "import relay_onebot.trial as trial; trial.ECHO_S = 0.5; "
    process = await check(tmp_path, url, "--version", version, before=impatient)
    assert process.stderr is not None
    assert "买家" in (await process.stderr.readline()).decode()
    await world.push(Script(version).message("1", "在吗"))
    out, err = await process.communicate()
    told = levels(out)
    assert (told["token"], told["message"], told["send"], told["own_echo"]) == ("ok", "ok", "ok", "fail"), err
    assert (told["time"], told["reconnect"]) == ("fail", "ok"), "its clock stands in 2025"
    assert process.returncode == 1
    await world.close()


async def test_what_is_not_there_cannot_be_tried(tmp_path: Path) -> None:
    process = await check(tmp_path, "ws://127.0.0.1:9/")
    out, _ = await process.communicate()
    assert (levels(out), process.returncode) == ({"connect": "fail"}, 2)
    both = await check(tmp_path, "ws://127.0.0.1:9/", "--listen", "0")
    _, err = await both.communicate()
    assert both.returncode == 2
    assert "--listen" in err.decode()
