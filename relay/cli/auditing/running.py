"""One run over the logs: open them, read them as often as what is asked for needs, without the collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from relay.cli.auditing.files import Files
from relay.cli.auditing.given import Given
from relay.cli.auditing.judging import Asked, Audit, figure
from relay.cli.auditing.opening import Chosen, Opened, open_logs
from relay.errors import BadInputError
from relay.rules.catalogue import Catalogue

if TYPE_CHECKING:
    from relay.cli.auditing.exported import Unconfirmed
    from relay.cli.auditing.inquiring import Listener


def run(
    chosen: Chosen,
    catalogue: Catalogue,
    asked: Asked,
    listener: "Listener | None",
    files: Files,
    given: Given,
    *,
    whole: bool,
) -> tuple[Audit, str, str]:
    """The audit, what the logs are called together, and their SHA-256 where a file will name it.

    The report alone takes one reading; `whole`, or a file, takes a second one. Raises BadInputError.
    """
    whole = whole or files.any
    with _no_collector(), open_logs(chosen, 2 if whole else 1) as opened:
        source = opened.source
        try:
            if not whole:
                return _with_exports(figure(source, catalogue, asked), opened, given), source.name, ""
            from relay.cli.auditing.inquiring import audit

            found = audit(source, catalogue, asked, listener)
        except ValueError as error:
            raise BadInputError(f"{source.name}: {error}") from None
        return _with_exports(found, opened, given), source.name, source.sha256() if files.xlsx is not None else ""


def _with_exports(found: Audit, opened: Opened, given: Given) -> Audit:
    """What exports leave out and leave open stands beside the figure."""
    exports = opened.exports
    if exports is None:
        return found
    unconfirmed = exports.unconfirmed()
    steps = () if unconfirmed is None else tuple(next_steps(given, unconfirmed))
    return replace(found, aside=exports.left_out, unconfirmed=unconfirmed, next_step=steps)


def next_steps(given: Given, unconfirmed: "Unconfirmed") -> Iterator[str]:
    """What to type, and where to write, so that the range becomes a figure."""
    path = given.who_path
    if path is None or unconfirmed.new:
        yield "  下一步：生成身份文件，确认后再核算 / next: write the file to confirm, then audit with it"
        yield f"    {given.dry_run()}"
        return
    yield f"  下一步：在 {path} 中核对，对的写 confirmed = true，再核算 / next: confirm what is right in {path}, then"
    yield f"    {given.audit()}"


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
