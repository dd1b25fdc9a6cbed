"""Everything as one page that needs nothing else: figures and tables as HTML, plots by plotly's own script inside it.

What draws them is the console's own `plots.js`, so that both show the same.

Laws: the page asks nothing of any network, and its own policy forbids it to; every text is escaped where it stands, in
HTML, in the data and in the plots' labels; a plot whose script does not run leaves the tables, which say the same.
"""

from collections.abc import Iterator
from html import escape
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from relay.cli.auditing.headline import amount
from relay.cli.auditing.saving import saved
from relay.cli.auditing.words import mean, rate
from relay.cli.handing.plotted import plotted
from relay.cli.handing.records import Handout, Reading, ShopFigures
from relay.cli.handing.tables import causes_of, notes
from relay.errors import BadInputError
from relay.insight.kpi import BY_NAME
from relay.insight.missed import WORDS
from relay.rules.instants import CHINA_ZONE, InstantWriter
from relay.rules.report import Figure, Verdict

_POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_SEAT_COLUMNS: Final = ("received", "mean_response", "within_30s", "unanswered", "holds", "debts_never")
_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def plotly_script() -> str:
    """plotly's script as its package has it. Raises BadInputError where the package is not installed."""
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise BadInputError(
            "网页报表需要 plotly，请安装：pip install 'relay-desk[reports]'"
            " / the page draws with plotly, which is not installed: pip install 'relay-desk[reports]'"
        ) from None
    script: str = get_plotlyjs()
    return script


def write_html(of: Handout, path: Path) -> None:
    """Raises BadInputError where the file cannot be written or the plots have no script."""
    script = plotly_script()
    with saved(path) as made, made.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_page(of, script))


def data_of(of: Handout) -> str:
    """The plots' data as JSON in which no tag, comment or line end of a script can stand."""
    return msgspec.json.encode(plotted(of)).decode().translate(_ESCAPES)


def _page(of: Handout, script: str) -> Iterator[str]:
    own = resources.files("relay.cli.handing")
    until = InstantWriter(CHINA_ZONE).write(of.as_of)[:19].replace("T", " ")
    yield '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>relay 报表 report</title>\n<style>\n{own.joinpath('page.css').read_text('utf-8')}</style>\n</head>\n"
    yield "<body>\n<header><h1>relay 报表 report</h1>"
    yield f"<p>台账截至 ledger as of {until} 北京时间 Beijing time</p></header>\n"
    if not of.shops:
        yield "<p>台账中没有店铺 / there is no shop on the ledger</p>\n"
    for number, shop in enumerate(of.shops):
        yield from _shop(number, shop, of)
    yield f'<script type="application/json" id="data">{data_of(of)}</script>\n'
    yield f"<script>{script}</script>\n"
    drawing = resources.files("relay.web").joinpath("static/plots.js").read_text("utf-8")
    yield f"<script type=module>\n{drawing}{own.joinpath('page.js').read_text('utf-8')}</script>\n</body>\n</html>\n"


def _shop(number: int, shop: ShopFigures, of: Handout) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(shop.name)} <small>{escape(shop.shop)} · {escape(shop.version)}</small></h2>\n"
    yield '<div class="figures">\n'
    yield _card("从严 strict", shop.strict, shop, headline=True)
    yield _card("本店口径 default", shop.default, shop, headline=False)
    yield _counts(shop)
    yield "</div>\n"
    for note in notes(shop, of):
        yield f'<p class="note">{escape(note)}</p>\n'
    yield f'<div class="plots" id="plots-{number}"></div>\n'
    yield from _causes(shop)
    yield from _seats(shop, of)
    yield "</section>\n"


def _card(title: str, reading: Reading, shop: ShopFigures, *, headline: bool) -> str:
    whole, bare = reading.whole, reading.bare
    ranged = whole.rate_low != whole.rate_high
    between = f"<p>区间 range {_said(whole.rate_low, shop)} .. {_said(whole.rate_high, shop)}</p>" if ranged else ""
    return (
        f'<div class="card{" headline" if headline else ""}"><h3>{escape(title)}</h3>'
        f"<strong>{_said(whole.rate, shop)}</strong><p>{_of(whole)}</p>{between}"
        f"<p>不含自动 without automation {_said(bare.rate, shop)} ({_of(bare)})</p></div>\n"
    )


def _counts(shop: ShopFigures) -> str:
    misses = sum(one.verdict is Verdict.miss for one in shop.rounds)
    dates = f"{shop.days[0].date} … {shop.days[-1].date}" if shop.days else "–"
    return (
        f'<div class="card"><h3>轮次 entries</h3><strong>{len(shop.rounds):,}</strong>'
        f"<p>未达标 misses {misses:,}</p><p>{dates}</p></div>\n"
    )


def _said(value: float | None, shop: ShopFigures) -> str:
    return mean(value) if shop.mean else rate(value)


def _of(figure: Figure) -> str:
    return f"{amount(figure.numerator)}/{figure.denominator}"


def _causes(shop: ShopFigures) -> Iterator[str]:
    found = causes_of(shop)
    if not found:
        return
    yield "<h3>未达标原因与办法 causes of misses, and what to do</h3>\n<table><thead><tr><th>原因 cause</th>"
    yield "<th>未达标 misses</th><th>办法 what to do</th></tr></thead><tbody>\n"
    for cause, number in found:
        words = WORDS[cause]
        yield f"<tr><td>{escape(words.zh)} {escape(words.en)}</td><td class=number>{number:,}</td>"
        yield f"<td>{escape(words.do_zh)}<br>{escape(words.do_en)}</td></tr>\n"
    yield "</tbody></table>\n"


def _seats(shop: ShopFigures, of: Handout) -> Iterator[str]:
    mine = [one for one in of.seats if one.shop == shop.shop]
    if not mine:
        return
    columns = [BY_NAME[name] for name in _SEAT_COLUMNS]
    yield "<h3>子账号 seats</h3>\n<table><thead><tr><th>子账号 seat</th><th>客服 agent</th>"
    yield "".join(f"<th>{escape(column.zh)}<br>{escape(column.en)}</th>" for column in columns)
    yield "</tr></thead><tbody>\n"
    for one in mine:
        yield f"<tr><td>{escape(one.line.name)}</td><td>{escape(one.agent)}</td>"
        for column in columns:
            value = column.figure(one.line.sums).value
            text = rate(value) if column.kind == "rate" else "–" if value is None else f"{value:,.6g}"
            yield f"<td class=number>{text}</td>"
        yield "</tr>\n"
    yield "</tbody></table>\n"
