"""Which column of a table is what, where the owner names one: what was named before, or guessed, with that in front."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from relay.cli.auditing.widths import visible
from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.contracts import Reader

_LONGEST = 40


class Headings(Protocol):
    """What a table's reader says of a file: its headings and their row, what they seem to be, the first rows."""

    @property
    def row(self) -> int: ...

    @property
    def headings(self) -> Sequence[str]: ...

    @property
    def columns(self) -> Mapping[str, str]: ...

    @property
    def missing(self) -> Sequence[str]: ...

    @property
    def rows(self) -> Sequence[Sequence[str]]: ...


@runtime_checkable
class ShowsColumns(Protocol):
    """A reader whose files have columns that the owner may name."""

    def propose(self, path: Path) -> Headings: ...


def headings_of(path: Path, reader: "Reader") -> Headings | None:
    """None for a format without columns. Raises BadInputError, OSError."""
    if not isinstance(reader, ShowsColumns):
        return None
    try:
        return reader.propose(path)
    except ValueError as error:
        raise BadInputError(f"{path.name}: {error}") from None


def lacks_columns(path: Path, reader: "Reader", used: Mapping[str, str]) -> bool:
    """Whether a table was not read because nobody knows its columns."""
    try:
        found = headings_of(path, reader)
    except (BadInputError, OSError):
        return False
    return found is not None and bool(found.missing or used)


def whole(
    named: Mapping[str, str], known: Mapping[str, str], exports: Sequence[tuple[Path, "Reader"]]
) -> dict[str, str]:
    """A mapping that is complete: a reader guesses nothing beside one. A heading has one field, the named one."""
    if not known:
        found = (headings_of(path, reader) for path, reader in exports)
        known = next((dict(one.columns) for one in found if one is not None), {})
    taken = set(named.values())
    return {**{field: of for field, of in known.items() if of not in taken}, **named}


def shown(found: Headings, used: Mapping[str, str]) -> Iterator[str]:
    """The headings, what each is taken for, what is missing, and the first rows."""
    columns = used or found.columns
    yield f"表头在第 {found.row} 行 / headings in row {found.row}: {_row(found.headings)}"
    yield f"  {', '.join(f'{field} = {_cell(of)}' for field, of in columns.items()) or '–'}"
    for row in found.rows:
        yield f"  {_row(row)}"
    if found.missing and not used:
        missing = ", ".join(found.missing)
        yield f"  缺少 missing: {missing}；用 --columns 字段=表头 指明 / name them with --columns FIELD=HEADING"


def _row(cells: Sequence[str]) -> str:
    return " | ".join(_cell(cell) or "–" for cell in cells)


def _cell(text: str) -> str:
    return visible(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
