"""How a command ends when it was given something it cannot use: one clear line on stderr, exit code 2."""

from typing import NoReturn

import click


def stop(message: str) -> NoReturn:
    """Say why and end with exit code 2."""
    click.echo(message, err=True)
    raise click.exceptions.Exit(2)
