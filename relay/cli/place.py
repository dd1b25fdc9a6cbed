"""The options by which commands find the configuration and the data file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config
    from relay.store.reader import Reader

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """`--config PATH`, config.toml by default."""
    return click.option(
        "--config", "config_path", default="config.toml", show_default=True, type=click.Path(path_type=Path)
    )(command)


def data_option(command: F) -> F:
    """`--data FILE`: a ledger file; by default the one of the configuration."""
    return click.option(
        "--data", "data_path", default=None, type=click.Path(path_type=Path), help="The ledger file, e.g. a backup."
    )(command)


def read_config(path: Path) -> "Config":
    """The configuration; ends the command with exit code 2 and every finding if it cannot be used."""
    from relay.config import load_config
    from relay.errors import BadInputError

    try:
        return load_config(path)
    except BadInputError as error:
        stop(str(error))


def ledger_path(config_path: Path, data_path: Path | None) -> Path:
    """Where the ledger of these options lies."""
    from relay.app import LEDGER

    return data_path or read_config(config_path).relay.data_dir / LEDGER


@contextmanager
def open_data(config_path: Path, data_path: Path | None) -> Iterator["Reader"]:
    """A snapshot of the ledger, whether or not relay is running."""
    from relay.errors import BadInputError
    from relay.store.sqlite import open_ledger

    path = ledger_path(config_path, data_path)
    if not path.exists():
        stop(f"{path}: 没有数据文件 / there is no ledger here; --config or --data names another")
    try:
        reader = open_ledger(path)
    except BadInputError as error:
        stop(str(error))
    with reader:
        yield reader
