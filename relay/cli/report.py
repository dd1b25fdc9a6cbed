"""`relay report`: the figure computed from the ledger itself; equal to `relay audit` of its export, byte for byte.

Below the figure it says what was held and never answered, and how follow-ups were kept. In JSON that is the key `owed`,
only with `--owed`: without it the object is the audit's, to the byte (L13).
"""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec

from relay.cli.place import config_option, data_option, ledger_path, open_data
from relay.cli.stop import stop


@click.command()
@click.option("--rule", "rule_id", default="taobao_ww3", show_default=True)
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="An option of the rule; repeatable.")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--to", "to_seq", type=int, help="As of this seq of each desk.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every round.")
@click.option(
    "--names", is_flag=True, help="With buyers' names: personal data! After a replay all names are the log's."
)
@click.option("--owed", "with_owed", is_flag=True, help="With --json: add what is owed, as the key `owed`.")
@config_option
@data_option
def report(
    rule_id: str,
    given: tuple[str, ...],
    shops: tuple[str, ...],
    to_seq: int | None,
    as_json: bool,
    names: bool,
    with_owed: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Compute the figure from the ledger. 按台账核算。"""
    from relay.cli.audit import _table
    from relay.cli.messages import messages
    from relay.cli.owing import owed_of, say
    from relay.cli.replaying.names import read_names
    from relay.domain.names import Millis
    from relay.insight.owed import plain
    from relay.rules.catalogue import Catalogue
    from relay.rules.options import pairs

    try:
        figure = Catalogue().open(rule_id, pairs(given))
    except ValueError as error:
        stop(str(error))
    with open_data(config_path, data_path) as ledger:
        own = read_names(ledger_path(config_path, data_path)) if names else None
        for message in messages(ledger, to_seq, (), shops, own):
            figure.take(message)
        owed, now = owed_of(ledger, to_seq) if with_owed or not as_json else ([], Millis(0))
    result = figure.report()
    if as_json:
        more = b',"owed":' + msgspec.json.encode(plain(owed, now, shops)) + b"}" if with_owed else b"}"
        click.echo(result.to_json().removesuffix(b"}") + more)
    else:
        _table(figure, result)
        say(plain(owed, now, shops))
        today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
        if result.days and result.days[-1].date == today and not any(one.startswith("as_of=") for one in given):
            click.echo(
                "\n今天还没有结束：未回复的轮次按当日结束计为未达标；要看此刻请加 --set as_of=时刻"
                "\ntoday has not ended: open rounds are counted as at its end; --set as_of=INSTANT shows another moment"
            )
