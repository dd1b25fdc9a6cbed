"""What a row of the results is, how it is judged and how it is shown."""

import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `compared_with` says what stands beside it and what that came to in the same run.

    `ratio` is relay's figure over the other's. `goal` and `holds` are null where nothing is aimed at.
    """

    name: str
    value: float
    unit: str
    compared_with: str | None = None
    ratio: float | None = None
    goal: str | None = None
    holds: bool | None = None


def middle(figures: Sequence[float]) -> float:
    """The median, rounded to what such a measurement can tell."""
    return shorten(statistics.median(figures))


def shorten(figure: float) -> float:
    """Four significant digits."""
    return float(f"{figure:.4g}")


def write(rows: Sequence[Row], path: Path) -> None:
    """`results.json`: a list of rows, newest run only."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")


def table(rows: Sequence[Row]) -> str:
    """The rows for people."""
    lines = [("", "value", "ratio", "goal", "holds", "compared with")]
    for row in rows:
        holds = {True: "yes", False: "NO", None: "–"}[row.holds]
        ratio = "–" if row.ratio is None else f"{row.ratio:g}"
        value = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.3g}"
        lines.append((row.name, f"{value} {row.unit}", ratio, row.goal or "–", holds, row.compared_with or "–"))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    shown = []
    for line in lines:
        cells = [
            cell.ljust(width) if at in (0, 3) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=False))
        ]
        shown.append("  ".join([*cells, line[5]]).rstrip())
    return "\n".join(shown)
