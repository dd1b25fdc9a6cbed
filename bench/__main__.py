"""The run: every row in turn, what is going on while it goes on, the table, and `bench/results.json`."""

import sys
import time
from pathlib import Path

from bench import deadlines, desk, figure, intake, library, restart, settlement
from bench.rows import table, write

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {what}", file=sys.stderr, flush=True)

    rows, rate = intake.throughput(say)
    rows.append(intake.latency(say, rate / 2))
    rows += deadlines.deadlines(say, rate / 2)
    for name, work in (
        ("desk step", desk.step),
        ("routing", desk.routing),
        ("memory", desk.memory),
        ("replay", desk.replay),
        ("search", library.search),
    ):
        say(name)
        rows.append(work())
    rows += restart.restart(say)
    rows += settlement.settlement(say)
    say("audit")
    rows += figure.audit()
    write(rows, RESULTS)
    say(f"done, {RESULTS.name} written")
    print(table(rows))


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    main()
