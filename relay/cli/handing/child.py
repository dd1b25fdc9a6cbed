"""One file of one shop for the report page:

    python -m relay.cli.handing.child ORDER

is a child process of a running service (`relay.runtime.handing`): ORDER is JSON, and how far it is goes out in lines of
JSON. It is the code of `relay report` and its options, so both make the same.
"""

import sys
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from relay.cli.handing.comma import write_csv
from relay.cli.handing.gathering import Wanted
from relay.cli.handing.page import plotly_script, write_html
from relay.cli.handing.plotted import plotted
from relay.cli.handing.records import Handout
from relay.cli.handing.tables import notes
from relay.cli.handing.workbook import write_xlsx
from relay.cli.handing.writing import gathered
from relay.domain.names import Millis
from relay.errors import RelayError
from relay.runtime.child import begin
from relay.runtime.handing import Order, Step

ROUNDS: Final = "rounds"


def main() -> None:
    begin()
    try:
        make(msgspec.json.decode(sys.argv[1], type=Order))
    except (RelayError, ValueError) as error:
        _say(Step("wrong", wrong=str(error)))


def make(order: Order) -> None:
    """Raises BadInputError, and ValueError for a date that is none."""
    asked = order.asked
    if asked.kind == "html":
        plotly_script()  # before an hour is spent
    wanted = Wanted(shops=(order.shop,), days=asked.days, until=date.fromisoformat(asked.until))
    of = gathered(
        Path(order.config), None, wanted, Millis(order.now), lambda stage, done, of: _say(Step(stage, done, of))
    )
    _say(Step("writing"))
    _write(of, order)


def _write(of: Handout, order: Order) -> None:
    path = Path(order.path)
    match order.asked.kind:
        case "csv":
            write_csv(of, path, order.asked.table)
        case "xlsx":
            write_xlsx(of, path, without=() if order.rounds else (ROUNDS,))
        case "html":
            write_html(of, path)
        case "plots":
            shown = [{**plots, "notes": [*notes(shop, of)]} for plots, shop in zip(plotted(of), of.shops, strict=True)]
            path.write_bytes(msgspec.json.encode({"as_of": of.as_of, "shop": shown[0]}))


def _say(step: Step) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(step) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
