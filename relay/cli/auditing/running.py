"""One run over a log: open it, read it as often as what is asked for needs, without the collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from relay.cli.auditing.files import Files
from relay.cli.auditing.judging import Asked, Audit, figure
from relay.cli.auditing.source import open_log
from relay.errors import BadInputError
from relay.rules.catalogue import Catalogue

if TYPE_CHECKING:
    from relay.cli.auditing.inquiring import Listener


def run(
    log: Path, catalogue: Catalogue, asked: Asked, listener: "Listener | None", files: Files, *, whole: bool
) -> tuple[Audit, str]:
    """The audit, and the log's SHA-256 where a file will name it.

    The report alone takes one reading; `whole`, or a file, takes a second one. Raises BadInputError.
    """
    whole = whole or files.any
    with open_log(log, asked.zone, 2 if whole else 1) as source, _no_collector():
        try:
            if not whole:
                return figure(source, catalogue, asked), ""
            from relay.cli.auditing.inquiring import audit

            found = audit(source, catalogue, asked, listener)
        except ValueError as error:
            raise BadInputError(f"{log.name}: {error}") from None
        return found, source.sha256() if files.xlsx is not None else ""


@contextmanager
def _no_collector() -> Iterator[None]:
    """A log makes millions of records and no cycles; searching them for cycles costs a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
