"""`relay verify`: whether the ledger is unaltered. Exit 0 yes, 1 no (every finding is printed), 2 cannot be read."""

from pathlib import Path

import click

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop


@click.command()
@config_option
@data_option
@click.option("--against", type=click.Path(path_type=Path), help="Exported heads (or an export): a cut tail is found.")
def verify(config_path: Path, data_path: Path | None, against: Path | None) -> None:
    """Prove that the ledger is unaltered. 校验台账。"""
    from relay.errors import BadInputError
    from relay.store.export import read_heads
    from relay.store.verify import verify as find_flaws

    try:
        heads = read_heads(against.read_bytes().splitlines()) if against is not None else []
    except (OSError, BadInputError) as error:
        stop(f"{against}: {error}")
    with open_data(config_path, data_path) as ledger:
        flaws = find_flaws(ledger, heads)
        for flaw in flaws:
            click.echo(str(flaw))
        for head in ledger.heads():
            click.echo(f"{head.desk}: {head.seq} 条 / facts, {head.hash.hex()}")
    click.echo("台账已被改动 / the ledger was altered" if flaws else "台账完好 / the ledger is unaltered")
    raise click.exceptions.Exit(1 if flaws else 0)
