"""KPIs (客服绩效) per seat, agent, vendor, group, shop, hour and day, from the ledger's facts alone.

`Kpi` takes facts, its rows are sums by day, a `Column` makes a figure of sums. The platform's own figure is another
thing (`relay.rules`) and is never computed here; what it published stands beside (`relay.insight.kpi.beside`).
"""

from relay.insight.kpi.columns import BY_NAME, COLUMNS, Column, Figure, columns_of
from relay.insight.kpi.roster import BYS, By
from relay.insight.kpi.sums import Sums
from relay.insight.kpi.table import VERSION, TableLine, fairness, lines_of, plain
from relay.insight.kpi.taking import Kpi, Row

__all__ = [
    "BYS", "BY_NAME", "COLUMNS", "VERSION", "By", "Column", "Figure", "Kpi", "Row", "Sums", "TableLine",
    "columns_of", "fairness", "lines_of", "plain",
]  # fmt: skip
