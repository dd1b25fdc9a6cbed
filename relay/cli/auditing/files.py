"""The files that `--csv` and `--xlsx` ask for: whether they may be written, their writing, and what is said of it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from relay.cli.auditing.judging import Audit
from relay.errors import BadInputError


class Files(NamedTuple):
    csv: Path | None
    xlsx: Path | None

    @property
    def any(self) -> bool:
        return self.csv is not None or self.xlsx is not None

    def check(self, logs: Iterable[Path], *, force: bool) -> None:
        """Before the log is read. Raises BadInputError."""
        if not self.any:
            return
        from relay.cli.auditing.saving import may_write

        for path in self._paths():
            for log in logs:
                may_write(path, log, force=force)
        if self.csv is not None and self.xlsx is not None and self.csv.resolve() == self.xlsx.resolve():
            raise BadInputError(f"{self.csv}: --csv 与 --xlsx 同名 / --csv and --xlsx name the same file")

    def write(self, audit: Audit, log: str, sha256: str) -> None:
        """Raises BadInputError."""
        if self.csv is not None:
            from relay.cli.auditing.comma import write_csv

            write_csv(audit, self.csv)
        if self.xlsx is not None:
            from relay.cli.auditing.book import write_xlsx

            write_xlsx(audit, self.xlsx, log, sha256)

    def tell(self) -> None:
        for path in self._paths():
            click.echo(f"已写入 written: {path}", err=True)

    def _paths(self) -> Iterator[Path]:
        return (path for path in self if path is not None)
