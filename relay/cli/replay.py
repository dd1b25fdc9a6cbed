"""`relay replay`: step a fresh desk through the ledger's own inputs; the facts must come out byte for byte (L16).

Exit 0 the same; 1 different: then this version decides otherwise than the one that wrote the ledger, from that seq on.
"""

from pathlib import Path

import click

from relay.cli.place import config_option, data_option, open_data


@click.command()
@config_option
@data_option
def replay(config_path: Path, data_path: Path | None) -> None:
    """Run the ledger's inputs again and compare. 重放核对。"""
    from relay.domain.codec import decode, encode
    from relay.domain.desk import Desk
    from relay.domain.replay import rerun
    from relay.domain.streams import is_desk
    from relay.rules.guiding import guiding

    differs = False
    with open_data(config_path, data_path) as ledger:
        for desk in ledger.desks():
            if not is_desk(desk):
                continue
            stored = [row.body for row in ledger.read(desk)]
            again = [encode(fact) for fact in rerun(Desk(desk, guiding), (decode(body) for body in stored))]  # type: ignore[misc]
            first = next(
                (seq for seq, (one, other) in enumerate(zip(stored, again, strict=False), 1) if one != other), None
            )
            if first is None and len(stored) != len(again):
                first = min(len(stored), len(again)) + 1
            differs = differs or first is not None
            told = (
                f"{len(stored)} 条一致 / facts, the same"
                if first is None
                else f"自第 {first} 条起不同 / differs from seq {first}"
            )
            click.echo(f"{desk}: {told}")
    raise click.exceptions.Exit(1 if differs else 0)
