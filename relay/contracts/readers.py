"""Readers: formats of exported chat logs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from relay.insight.utterances import Unread, Utterance


class Reader(Protocol):
    """One format of exported chat logs. It says what is written, never who is who; what it cannot read it names."""

    @property
    def name(self) -> str:
        """What `relay audit --reader` calls it, such as `wangwang-im`."""

    @property
    def title(self) -> tuple[str, str]:
        """The format in Chinese and English, as its users call it."""

    def fits(self, head: bytes, name: str) -> int:
        """How surely a file is of this format, 0 (not) to 100, from its first 64 KiB and its file name."""

    def read(self, path: Path, columns: Mapping[str, str] = MappingProxyType({})) -> Iterator[Utterance | Unread]:
        """Everything in file order, lazily; the same file gives the same again.

        `columns` says for a table which column is what; a reader of another format ignores it. Raises `ValueError`
        (Chinese and English) where the file as a whole cannot be this format, `OSError` where it cannot be opened.
        """
