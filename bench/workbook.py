"""The row of the workbook: fifty thousand rounds as XLSX, beside XlsxWriter alone with the same texts and numbers.

The rounds are made here, with sentences as long as the program's own, so that the row is of the writing; what reading a
ledger costs is the rows of the audit and of the settlement.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import xlsxwriter

from bench.rows import Row, shorten
from relay.cli.handing.records import Handout, Reading, RoundLine, ShopFigures
from relay.cli.handing.tables import tables
from relay.cli.handing.workbook import write_xlsx
from relay.domain.names import DeskId, Millis, ShopId
from relay.rules.report import Figure, Verdict

ROUNDS: Final = 50_000
GOAL: Final = 2.0
TRIES: Final = 3
BEGINS: Final = 1_772_380_800_000
SHOP: Final = ShopId("shop")


def workbook() -> list[Row]:
    handout = _handout()
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as made:
        runs = [
            (
                _spent(lambda: write_xlsx(handout, Path(made) / "own.xlsx")),
                _spent(lambda: _bare(handout, Path(made) / "bare.xlsx")),
            )
            for _ in range(TRIES)
        ]
    own, bare = (statistics.median(times) for times in zip(*runs, strict=True))
    return [
        Row(
            name=f"workbook of {ROUNDS:,} rounds, median of {TRIES}",
            value=shorten(own),
            unit="s",
            compared_with=f"XlsxWriter alone with the same cells, {shorten(bare)} s",
            ratio=shorten(own / bare),
            goal=f"≤ {GOAL:g} ×",
            holds=own <= GOAL * bare,
        )
    ]


def _handout() -> Handout:
    rounds = [_round(number) for number in range(ROUNDS)]
    hits = sum(one.verdict is Verdict.hit for one in rounds)
    figure = Figure(hits, ROUNDS, hits / ROUNDS, hits / ROUNDS, hits / ROUNDS)
    shop = ShopFigures(
        shop=SHOP, name="shop", desk=DeskId("main"), rule="taobao_ww3", version="taobao_ww3@2022-01-08", mean=False,
        unverified=False, threshold_percent=None, limit_ms=180_000, limit_inclusive=True,
        strict=Reading(figure, figure), default=Reading(figure, figure), days=(), rounds=rounds,
    )  # fmt: skip
    return Handout(as_of=Millis(BEGINS), begun=None, shops=[shop], seats=[], agents=[])


def _round(number: int) -> RoundLine:
    wait = 5_000 + number * 7_919 % 200_000
    hit = wait <= 180_000
    return RoundLine(
        id=f"r{number}", shop=SHOP, buyer=f"{number:022}", seat=f"seat{number % 40}", opened=BEGINS + number * 50_000,
        answered=BEGINS + number * 50_000 + wait, wait_ms=wait, verdict=Verdict.hit if hit else Verdict.miss,
        clause="A.def" if hit else "A.ex3",
        zh=f"首问后 {wait / 1000} 秒内有效回复。", en=f"validly answered {wait / 1000} s after the first question.",
    )  # fmt: skip


def _bare(handout: Handout, path: Path) -> None:
    (table,) = (one for one in tables(handout) if one.key == "rounds")
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(table.rows()):
            for place, value in enumerate(row):
                if isinstance(value, str) and value:
                    sheet.write_string(line, place, value)
                elif isinstance(value, int | float):
                    sheet.write_number(line, place, value)


def _spent(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started
