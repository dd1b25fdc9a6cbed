"""The whole demo for a few seconds: real sockets, a real ledger, a clean end, and a second start that goes on."""

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli import COMMANDS, _relay
from relay.cli.demo import Options, _move_aside, run
from relay.domain import facts as f
from relay.domain.names import Millis
from relay.errors import BadInputError
from relay.runtime.port import Committed
from relay.store.lock import FileLock
from relay.testing.fakes import SeededEntropy
from relay_demo.place import Place
from relay_demo.shops import COUNTS, HOME, SHOPS


class Seen:
    """Counts what relay commits, and asks for the end when enough of it has happened."""

    def __init__(self, enough: Callable[["Seen"], bool]) -> None:
        self.counts: Counter[str] = Counter()
        self.first = self.last = 0
        self.ending = asyncio.Event()
        self._enough = enough

    def __call__(self, batch: Sequence[Committed]) -> None:
        self.first = self.first or batch[0].seq
        self.last = batch[-1].seq
        for one in batch:
            self.counts[type(one.fact).__name__] += 1
            if isinstance(one.fact, f.SendEnded):
                self.counts[f"{one.fact.outcome} {one.fact.why}".strip()] += 1
        if self._enough(self):
            self.ending.set()


async def play(folder: Path, enough: Callable[[Seen], bool]) -> Seen:
    seen = Seen(enough)
    async with asyncio.timeout(20):
        await run(Options(folder=folder, pace=600.0, haste=0.01), seen.ending, told=seen)
    return seen


def relay(*args: str, code: int = 0) -> str:
    result = CliRunner().invoke(_relay, args, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


async def test_a_demo_from_nothing_and_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, ledger = tmp_path / "演示", tmp_path / "演示" / "relay.sqlite"

    def everything(seen: Seen) -> bool:
        kinds = ("RoundAnswered", "Queued", "DebtOpened", "DebtClosed", "MessageRecalled", "ConversationClosed")
        sends = ("unknown connection_lost", "confirmed echo", "refused http_422", "refused http_503")
        return seen.counts["RoundAnswered"] >= 40 and all(seen.counts[what] for what in (*kinds, *sends))

    first = await play(folder, everything)
    assert first.counts["Assigned"] >= 20
    assert "台账完好" in relay("verify", "--data", str(ledger))
    check_commands(capsys.readouterr().out)
    check_figures(folder, ledger)

    second = await play(folder, lambda seen: seen.counts["RoundAnswered"] >= 10)
    assert second.first > first.last
    assert "台账完好" in relay("verify", "--data", str(ledger))
    assert "不同" not in relay("replay", "--data", str(ledger))
    check_figures(folder, ledger)
    messages = (folder / "all.jsonl").read_text("utf-8")
    ids = [json.loads(line).get("id") for line in messages.splitlines()]
    assert len([one for one in ids if one]) == len({one for one in ids if one})


def check_commands(shown: str) -> None:
    """What is shown for afterwards works as it stands, and gives the figure of the last picture."""
    commands = [shlex.split(line)[1:] for line in shown.splitlines() if line.startswith("  relay ")]
    said = {command[0]: relay(*command) for command in commands if command[0] not in ("demo", "explain")}
    assert list(said) == ["verify", "report", "export", "audit"]
    last = [line for line in shown.splitlines() if "棉里家居: " in line][-1]
    figure = re.search(r"(\d+/\d+) [\d.]+%", last)
    assert figure is not None
    assert said["report"].splitlines()[0].endswith(f" {figure[1]}")
    assert said["report"].splitlines()[0] == said["audit"].splitlines()[0]


def check_figures(folder: Path, ledger: Path) -> None:
    """The ledger's figure is the audit's of the export, and the machine's share counts where the owner says so."""
    relay("export", "--messages", "--data", str(ledger), "--out", str(folder / "all.jsonl"))
    for shop in SHOPS:
        log = folder / f"{shop}.jsonl"
        relay("export", "--messages", "--shop", shop, "--data", str(ledger), "--out", str(log))
        options = [f"--set={key}={value}" for key, value in (COUNTS if shop == HOME else {}).items()]
        report = relay("report", "--shop", shop, *options, "--json", "--data", str(ledger))
        assert report == relay("audit", str(log), "--rule", "taobao_ww3", *options, "--json")
        assert json.loads(report)["numerator"] > 0


def test_the_command_ends_by_itself_and_says_what_next(tmp_path: Path) -> None:
    args = ["--data-dir", "d", "--minutes", "0.03", "--pace", "120", "--lang", "en"]
    ended = subprocess.run(
        [sys.executable, "-c", "from relay.cli import main; main()", "demo", *args],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=20,
        encoding="utf-8",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\x1b" not in ended.stdout
    assert "Stopped; everything stands in" in ended.stdout
    assert "demo" in COMMANDS
    assert "webhook" in (tmp_path / "d" / "config.toml").read_text("utf-8")
    assert '"level": "error"' not in (tmp_path / "d" / "relay.log").read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be sent Ctrl-C there without its console")
def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from relay.cli import main; main()", "demo", "--data-dir", "d", "--lang", "en"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdout is not None
        assert any("wait 0" in line for line in running.stdout)
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
        assert running.wait(timeout=20) == 0
    assert "Stopped; everything stands in" in rest


async def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    Place(tmp_path).begin(Millis(0), SeededEntropy())
    lock = FileLock(tmp_path / "relay.sqlite")
    try:
        with pytest.raises(BadInputError):
            await run(Options(folder=tmp_path), asyncio.Event())
        with pytest.raises(BadInputError):
            _move_aside(tmp_path)
    finally:
        lock.release()
    assert Place(tmp_path).settings.exists() is False
