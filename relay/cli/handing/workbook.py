"""Everything as an Excel workbook: a sheet for each table (`sheets`), and the program's own charts beside the numbers.

Laws: the same ledger read on the same day gives the same bytes; a day without a rate is an empty cell, so that a
chart has a gap there and no zero.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from relay.cli.handing.records import Handout, ShopFigures
from relay.cli.handing.sheets import Sheets, for_paper, workbook
from relay.cli.handing.tables import Column, causes_of, tables

CHARTS: Final = "图表 charts"
_HIGH: Final = 16
"""Rows that a chart takes."""


def write_xlsx(of: Handout, path: Path, *, without: Collection[str] = ()) -> None:
    """`without`: tables that are left out. Raises BadInputError where the file cannot be written."""
    with workbook(path, "relay 报表 report", of.as_of) as book:
        sheets = Sheets(book)
        charts = book.add_worksheet(CHARTS)
        for_paper(charts)
        for table in tables(of):
            if table.key not in without:
                sheets.add(table)
        _draw(book, charts, of)


def _draw(book: Any, sheet: Any, of: Handout) -> None:
    """A shop's charts side by side, the shops below each other. What a chart shows is in the sheets behind it."""
    starts = dict.fromkeys(("days", "causes", "ladder"), 1)
    columns = {table.key: (table.name, [one.head for one in table.columns]) for table in tables(of)}
    line = 0
    for shop in of.shops:
        size = {"days": len(shop.days), "causes": len(causes_of(shop)), "ladder": len(shop.rungs)}
        place = 0
        for key, chart in _charts(book, shop, columns, starts, size):
            if size[key]:
                chart.set_size({"width": 640, "height": 300})
                sheet.insert_chart(line, place, chart)
                place += 10
        line += _HIGH
        for key in starts:
            starts[key] += size[key]


def _charts(
    book: Any,
    shop: ShopFigures,
    columns: dict[str, tuple[str, list[str]]],
    starts: dict[str, int],
    size: dict[str, int],
) -> Iterator[tuple[str, Any]]:
    def cells(key: str, head: str) -> list[object]:
        name, heads = columns[key]
        at = heads.index(head)
        return [name, starts[key], at, starts[key] + size[key] - 1, at]

    name = f"{shop.name} ({shop.shop})" if shop.name != shop.shop else shop.shop
    unit = "平均秒 {} mean_s" if shop.mean else "比率 {} rate"
    rate = book.add_chart({"type": "line"})
    dates = cells("days", "日期 date")
    for title, head, look in (
        ("本店口径 default", f"本店口径{unit.format('default')}", ("#F2B98A", 7, 9)),
        ("从严 strict", f"从严{unit.format('strict')}", ("#1F5FA8", 2, 4)),
    ):  # the strict line lies upon the other, wide and pale, so that both are seen where they are one
        rate.add_series(
            {"name": title, "categories": dates, "values": cells("days", head), **_line(*look)},
        )
    if shop.threshold_percent is not None:
        dashed = {"color": "#C0392B", "dash_type": "dash"}
        values = cells("days", "门槛 threshold")
        rate.add_series({"name": "门槛 threshold", "categories": dates, "values": values, "line": dashed})
    rate.set_title({"name": f"{name} 每日 per day", "name_font": {"size": 12}})
    rate.set_x_axis({"text_axis": True, "num_format": "m-d"})  # every day has its row, so none is passed over
    rate.set_y_axis({"min": 0} if shop.mean else {"min": 0, "max": 1, "num_format": "0%"})
    rate.set_legend({"position": "bottom"})
    rate.show_blanks_as("gap")
    yield "days", rate
    causes = book.add_chart({"type": "bar"})
    causes.add_series(
        {
            "categories": cells("causes", "原因"),
            "values": cells("causes", "未达标 misses"),
            "data_labels": {"value": True},
        }
    )
    causes.set_title({"name": f"{name} 未达标原因 causes", "name_font": {"size": 12}})
    causes.set_y_axis({"reverse": True})
    causes.set_legend({"none": True})
    yield "causes", causes
    ladder = book.add_chart({"type": "bar", "subtype": "stacked"})
    for head, colour in zip(
        [one.head for one in _ends(columns)], ("#2E8B57", "#C0392B", "#999999", "#D9A400"), strict=True
    ):
        ladder.add_series(
            {
                "name": head,
                "categories": cells("ladder", "到达"),
                "values": cells("ladder", head),
                "fill": {"color": colour},
            }
        )
    ladder.set_title({"name": f"{name} 催办后的结局 after each rung", "name_font": {"size": 12}})
    ladder.set_y_axis({"reverse": True})
    ladder.set_legend({"position": "bottom"})
    yield "ladder", ladder


def _line(colour: str, width: int, size: int) -> dict[str, Any]:
    paint = {"color": colour}
    return {
        "line": paint | {"width": width},
        "marker": {"type": "circle", "size": size, "fill": paint, "border": paint},
    }


def _ends(columns: dict[str, tuple[str, list[str]]]) -> list[Column]:
    """The counts of the ladder's table."""
    return [Column(head) for head in columns["ladder"][1][3:]]
