"""`relay doctor`: looks at machine, ledger, copies, shops and the running service, and says what to do.

Works on a stopped relay too, and says what it then cannot see. Exit 0 nothing needs doing, 1 something does, 2 the
configuration or the ledger cannot be read.
"""

from pathlib import Path
from typing import Final

import click
import msgspec

from relay.cli.place import config_option, read_config
from relay.insight.checkup import Finding

LEVELS: Final = {"error": "错误 / error", "warning": "注意 / warning", "note": "提示 / note", "good": "正常 / good"}


class Report(msgspec.Struct, frozen=True):
    """`healthy`: nothing needs doing. `running`: the service was asked too."""

    healthy: bool
    running: bool
    findings: list[Finding]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
def doctor(as_json: bool, config_path: Path) -> None:
    """Look at everything that can go wrong, and say what to do. 体检。"""
    from relay.cli.examining import examine

    config = read_config(config_path)
    findings, running = examine(config)
    healthy = not any(one.level in ("error", "warning") for one in findings)
    report = Report(healthy, running, sorted(findings, key=lambda one: list(LEVELS).index(one.level)))
    click.echo(msgspec.json.encode(report).decode() if as_json else _told(report))
    raise click.exceptions.Exit(0 if healthy else 1)


def _told(report: Report) -> str:
    lines = []
    for one in report.findings:
        lines.append(f"{LEVELS[one.level]}  {one.where}: {one.zh} / {one.en}")
        if one.do_zh:
            lines.append(f"    → {one.do_zh} / {one.do_en}" if one.do_zh != one.do_en else f"    → {one.do_zh}")
    count = sum(one.level in ("error", "warning") for one in report.findings)
    lines += ["", "一切正常 / all is well" if report.healthy else f"{count} 处需要处理 / {count} things need doing"]
    return "\n".join(lines)
