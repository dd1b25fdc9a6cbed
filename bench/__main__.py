"""The run: every row in turn, what is going on while it goes on, the table, and `bench/results.json`.

`python -m bench onebot slow` (or `make bench ROWS="onebot slow"`) runs only the groups that are named, prints their
table and leaves `results.json` as it is: that is one whole run. `python -m bench --list` names them.
"""

import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from bench import (
    console,
    deadlines,
    desk,
    figure,
    intake,
    library,
    onebot,
    paint,
    restart,
    settlement,
    slow,
    wall,
    workbook,
)
from bench.intake import Say
from bench.rows import Row, table, write

RESULTS = Path(__file__).with_name("results.json")


@cache
def _throughput(say: Say) -> tuple[list[Row], float]:
    """Also whoever loads relay at half of its own maximum asks for this, and it is measured once."""
    return intake.throughput(say)


GROUPS: Final[dict[str, Callable[[Say], list[Row]]]] = {
    "intake": lambda say: _throughput(say)[0],
    "latency": lambda say: [intake.latency(say, _throughput(say)[1] / 2)],
    "onebot": onebot.onebot,
    "slow": slow.slow,
    "console": console.console,
    "paint": paint.paint,
    "wall": wall.wall,
    "deadlines": lambda say: deadlines.deadlines(say, _throughput(say)[1] / 2),
    "desk": lambda say: [work() for work in (desk.step, desk.routing, desk.memory, desk.replay)],
    "search": lambda say: [library.search()],
    "restart": restart.restart,
    "settlement": settlement.settlement,
    "audit": lambda say: figure.audit(),
    "workbook": lambda say: workbook.workbook(),
}


def main(names: list[str]) -> None:
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {what}", file=sys.stderr, flush=True)

    rows: list[Row] = []
    for name in names or GROUPS:
        say(name)
        rows += GROUPS[name](say)
    if names:
        say("done")
    else:
        write(rows, RESULTS)
        say(f"done, {RESULTS.name} written")
    print(table(rows))


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if "--list" in sys.argv[1:]:
        print("\n".join(GROUPS))
    elif unknown := [name for name in sys.argv[1:] if name not in GROUPS]:
        sys.exit(f"there is no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    else:
        main(sys.argv[1:])
