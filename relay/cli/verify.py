"""`relay verify`: whether the ledger is unaltered. Exit 0 yes, 1 no (every finding is printed), 2 cannot be read."""

from pathlib import Path

import click

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop


@click.command()
@config_option
@data_option
@click.option("--against", type=click.Path(path_type=Path), help="Exported heads, spines, tallies (or an export).")
def verify(config_path: Path, data_path: Path | None, against: Path | None) -> None:
    """Prove that the ledger is unaltered. 校验台账。"""
    from relay.errors import BadInputError
    from relay.store.export import read_known
    from relay.store.verify import verify as find_flaws

    try:
        known = read_known(against.read_bytes().splitlines()) if against is not None else None
    except (OSError, BadInputError) as error:
        stop(f"{against}: {error}")
    with open_data(config_path, data_path) as ledger:
        flaws = find_flaws(ledger, known=known)
        for flaw in flaws:
            click.echo(str(flaw))
        for head in ledger.heads():
            click.echo(f"{head.desk}: {head.seq} 条 / facts, {head.hash.hex()}")
        if known is not None and not flaws:
            heads, spines, tallies = len(known.heads), len(known.spines), len(known.tallies)
            click.echo(
                f"与导出的链头 {heads} 个、主干 {spines} 个、清点 {tallies} 个相符"
                f" / {heads} exported heads, {spines} spines and {tallies} tallies hold"
            )
    click.echo("台账已被改动 / the ledger was altered" if flaws else "台账完好 / the ledger is unaltered")
    raise click.exceptions.Exit(1 if flaws else 0)
