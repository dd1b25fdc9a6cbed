"""Several logs as one source. Law: a bad line is named with its file."""

from collections.abc import Callable, Iterator, Sequence

from relay.cli.auditing.exported import combined
from relay.cli.auditing.source import Source
from relay.rules.flaws import LogError, Watch
from relay.rules.messages import Body


class Joined:
    """Sources one after the other; the ledger puts their messages in order."""

    def __init__(self, name: str, parts: Sequence[Source]) -> None:
        self.name, self._parts = name, parts

    @property
    def seated(self) -> Callable[[Body], Body] | None:
        """That of the exports among them; it leaves the lines of message logs alone."""
        return next((part.seated for part in self._parts if part.seated is not None), None)

    def messages(self, watch: Watch) -> Iterator[tuple[int, Body]]:
        for part in self._parts:
            yield from part.messages(_Named(watch, part.name))

    def places(self, ids: frozenset[str]) -> Iterator[tuple[int, str]]:
        for part in self._parts:
            for number, id in part.places(ids):
                yield number, f"{part.name}: {id}"

    def sha256(self) -> str:
        return combined((part.name, part.sha256()) for part in self._parts)


class _Named(Watch):
    """Another's watch for one file of several."""

    def __init__(self, of: Watch, name: str) -> None:
        super().__init__(lenient=of.lenient, most=of.most, within=of.within)
        self._of, self._name = of, name
        self.offsets = of.offsets

    def refuse(self, error: LogError) -> None:
        self._of.refuse(LogError(error.number, f"{self._name}：{error.zh}", f"{self._name}: {error.en}", error.flaw))
