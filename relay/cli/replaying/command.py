"""`relay replay LOG` as a person types it: read, tell, compare, and say what to type next."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from relay.app import LEDGER
from relay.cli.auditing.given import Given
from relay.cli.auditing.judging import Asked, UnreadableLogError
from relay.cli.auditing.plugged import Plugged
from relay.cli.auditing.printing import columns_of_terminal, say
from relay.cli.auditing.table import table
from relay.cli.auditing.told import refused
from relay.cli.replaying import comparing
from relay.cli.replaying.house import SUFFIX, House
from relay.cli.replaying.names import for_shops, read_names
from relay.cli.replaying.playing import Outcome, Replay, Show
from relay.cli.replaying.script import LeftOut, Script, read_script
from relay.cli.replaying.settings import Assist, made, matched, owners
from relay.cli.stop import stop
from relay.domain.names import DeskId, Millis
from relay.domain.office import Settings
from relay.errors import BadInputError, RelayError
from relay.rules.catalogue import Catalogue
from relay.rules.instants import CHINA_ZONE, InstantWriter
from relay.rules.options import pairs

USUAL_RULE: Final = "taobao_ww3"
_EVERY_S: Final = 0.2


class Wanted(NamedTuple):
    """What was typed."""

    given: Given
    speed: float | None
    into: Path | None
    onebot: str
    assist: str
    settings: Path | None
    lenient: bool
    as_json: bool


def replay_log(wanted: Wanted) -> None:
    """Ends the process: 0 the same verdicts, 1 others or stopped, 2 what cannot be used."""
    try:
        _replay(wanted)
    except UnreadableLogError as error:
        stop(refused(wanted.given.logs[0].name, error.watch))
    except ZoneInfoNotFoundError:
        stop("未知时区或没有时区数据 / unknown time zone, or no time zone data (pip install tzdata)")
    except (RelayError, ValueError) as error:
        stop(str(error))


def _replay(wanted: Wanted) -> None:
    given, assist = wanted.given, cast(Assist, wanted.assist)
    mine = owners(wanted.settings, assist) if wanted.settings is not None else None
    rule_id, options = _rule(given, mine)
    zone = ZoneInfo(given.timezone) if given.timezone is not None else None
    asked = Asked(rule_id, options, zone, wanted.lenient)
    catalogue = Plugged(given).rules(Catalogue(), rule_id)
    shops_of = for_shops if mine is None else lambda names: matched(cast(Path, wanted.settings), mine.shops, names)
    script = read_script(given, asked, catalogue, shops_of)
    if not script.lines:
        raise BadInputError(f"{script.name}: 没有可重放的消息 / there is nothing to replay in it")
    settings = mine if mine is not None else made(script, *_guiding(rule_id, options), assist)
    outcome, house = _play(wanted, script, settings)
    for line in _told(script.left_out, outcome):
        click.echo(line, err=True)
    if outcome.stopped:
        click.echo(
            f"已停在第 {outcome.progress.done} / {outcome.progress.total} 条；再次运行同一命令会从这里继续"
            f" / stopped after line {outcome.progress.done} of {outcome.progress.total}; the same command goes on",
            err=True,
        )
        raise click.exceptions.Exit(1)
    _compare(wanted, script, house, catalogue, asked, settings.shops[0].desk)


def _rule(given: Given, settings: Settings | None) -> tuple[str, dict[str, str]]:
    """The rule by which both are judged: the one named, else the owner's, else the usual one."""
    if given.rule_id is None and settings is not None:
        return settings.shops[0].rule, {**settings.shops[0].rule_options, **pairs(given.settings)}
    return given.rule_id or USUAL_RULE, pairs(given.settings)


def _guiding(rule_id: str, options: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The rule that guides the desk: this one, where it can."""
    from relay.rules.guiding import guiding

    lasting = {key: value for key, value in options.items() if key != "as_of"}
    try:
        guiding(rule_id, lasting)
    except ValueError:
        return USUAL_RULE, {}
    return rule_id, lasting


# --- playing


def _play(wanted: Wanted, script: Script, settings: Settings) -> tuple[Outcome, House]:
    from relay.config.tables import LogTable
    from relay.logs import set_up_logging
    from relay.runtime.system import SystemClock, SystemEntropy

    house = House(wanted.into or Path(f"{wanted.given.logs[0].name}{SUFFIX}"))
    progress = house.begin(script, wanted.onebot, wanted.assist, SystemEntropy())
    house.write_config(script, wanted.onebot, ["onebot", *wanted.given.plugins])
    click.echo(
        f"{script.name}: {len(script.lines)} 条经 OneBot {wanted.onebot} 重放到 {house.folder}"
        f" / lines over OneBot {wanted.onebot} into {house.folder}"
        + (f"，从第 {progress.done + 1} 条继续 / going on from line {progress.done + 1}" if progress.done else ""),
        err=True,
    )
    clock = SystemClock()
    shown = _Shown(len(script.lines), progress.done, clock.monotonic) if sys.stderr.isatty() else None
    show: Show = shown.show if shown is not None else lambda done, at: None
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        set_up_logging(LogTable(format="json", file=house.folder / "relay.log"), nowhere)
        replay = Replay(house, script, settings, progress, wanted.speed, show)
        try:
            outcome = asyncio.run(_until_signal(replay))
        finally:
            if shown is not None:
                shown.end()
    return outcome, house


async def _until_signal(replay: Replay) -> Outcome:
    """Ctrl-C ends it cleanly; a second one ends it at once. On Windows too."""
    ending, loop = asyncio.Event(), asyncio.get_running_loop()

    def told(_number: int, _frame: object) -> None:
        if ending.is_set():
            os._exit(130)
        loop.call_soon_threadsafe(ending.set)

    before = {}
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            before[getattr(signal, name)] = signal.signal(getattr(signal, name), told)
    try:
        return await replay.run(ending)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Shown:
    """How far it is, on a terminal: a line in the place of the one before, at most five times a second."""

    def __init__(self, total: int, done: int, monotonic: Callable[[], float]) -> None:
        self._total, self._first, self._monotonic = total, done, monotonic
        self._started = self._last = monotonic()
        self._write = InstantWriter(CHINA_ZONE).write

    def show(self, done: int, at: Millis) -> None:
        now = self._monotonic()
        if now - self._last < _EVERY_S:
            return
        self._last = now
        pace = (done - self._first) / (now - self._started)
        left = (self._total - done) / pace if pace else 0
        sys.stderr.write(
            f"\r\x1b[K{done / self._total:4.0%}  {done:,} / {self._total:,}  {self._write(at)[:19]}  "
            f"{pace:,.0f} 条/秒 lines/s  还需约 about {left:,.0f} s"
        )
        sys.stderr.flush()

    def end(self) -> None:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


# --- afterwards


def _told(left_out: LeftOut, outcome: Outcome) -> Iterator[str]:
    """What did not go through, by reason."""
    total = left_out.counts.total()
    if total:
        reasons = "; ".join(f"{zh} {en}: {count}" for (zh, en), count in left_out.counts.most_common())
        yield f"{total} 条桥接无法表达，未重放 / lines that no bridge can tell were left out: {reasons}"
        yield from (f"  {one}" for one in left_out.named)
    if outcome.quarantined:
        yield f"{outcome.quarantined} 条被 relay 隔离 / lines were quarantined by relay: {outcome.why}"


def _compare(wanted: Wanted, script: Script, house: House, catalogue: Catalogue, asked: Asked, desk: DeskId) -> None:
    from relay.cli.auditing.judging import of_ledger

    ledger = house.folder / LEDGER
    found = comparing.compare(ledger, read_names(ledger), catalogue, asked, script.report)
    if wanted.as_json:
        click.echo(found.report.to_json())
    else:
        say(table(of_ledger(found.ledger, found.report), columns_of_terminal()))
    click.echo(
        "\n台账与日志的判定逐字节一致 / the ledger's verdicts are those of relay audit, byte for byte"
        if found.same
        else "\n台账与日志的判定不同 / the ledger's verdicts differ from those of relay audit:",
        err=True,
    )
    if not found.same:
        for line in comparing.differences(found.report, script.report):
            click.echo(line, err=True)
    config = house.config
    rule = asked.rule_id
    click.echo(
        f"接下来 / next:\n  relay report --config {config} --rule {rule} --names\n  relay verify --config {config}\n"
        f"  relay explain {desk} 买家BUYER --config {config}\n  relay replay {ledger}",
        err=True,
    )
    raise click.exceptions.Exit(0 if found.same else 1)
