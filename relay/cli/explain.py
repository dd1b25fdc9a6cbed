"""`relay explain [DESK] WHAT`: what happened to a round, a buyer or a message, and how a decision was taken.

WHAT is a round as `relay report` names it (`r12`, or BUYER@TIME), a buyer's reference, platform id or name, a message,
send or alert (`m12`, `s30`, `a31`), or a seq. Of a round everything is told: verdict and clause, what another reading
would say, why it was missed, who was eligible for the seat, what the ladder did and did not do, sends, drafts, debts,
and every fact to the second. In a shop in shadow each missed round of the buyer says what relay would have done. No
text is shown, so nothing is read that would have to be recorded as read.
"""

from pathlib import Path
from typing import Any

import click
import msgspec

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop


@click.command()
@click.argument("words", metavar="[DESK] ROUND|BUYER|MESSAGE", nargs=-1, required=True)
@click.option("--rule", "rule_id", help="By default the rule of the buyer's shop.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="An option of the rule; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
@data_option
def explain(
    words: tuple[str, ...],
    rule_id: str | None,
    given: tuple[str, ...],
    as_json: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Say what happened to a round, a buyer or a message, and why. 解释经过与原因。"""
    from relay.cli.auditing.printing import columns_of_terminal, say
    from relay.cli.owing import say_of_buyer
    from relay.cli.reporting import explaining
    from relay.cli.reporting.asking import resolve
    from relay.cli.reporting.judged_thread import listen
    from relay.cli.reporting.round_story import Stories
    from relay.cli.shadowing import say_of_buyer as say_of_shadow
    from relay.cli.shadowing import was_only_recorded
    from relay.errors import BadInputError

    if len(words) > 2:
        stop("最多两个参数：客服台和对象 / at most a desk and what to explain")
    threads: list[dict[str, Any]] = []
    try:
        with open_data(config_path, data_path) as ledger:
            asked = resolve(ledger, words)
            heard = listen(ledger, asked.threads)
            if not as_json:
                say(explaining.about_fact(asked))
            for shop, buyer in asked.threads:
                stories = Stories(asked, heard, (shop, buyer), explaining.reading_of(asked, shop, rule_id, given))
                if as_json:
                    threads.append(explaining.plain(asked, stories, shop, buyer))
                else:
                    say(explaining.lines(asked, stories, shop, buyer, columns_of_terminal()))
                    say_of_buyer(explaining.owed_to(asked), buyer)
                    if any(
                        was_only_recorded(fact)
                        for fact in asked.facts.values()
                        if getattr(fact, "buyer", None) == buyer
                    ):
                        say_of_shadow(ledger, asked.desk, buyer)
    except (ValueError, BadInputError) as error:
        stop(str(error))
    if as_json:
        fact = explaining.named(asked)
        click.echo(msgspec.json.encode({"desk": asked.desk, "what": asked.what, "fact": fact, "threads": threads}))
