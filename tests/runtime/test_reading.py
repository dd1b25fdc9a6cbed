"""Choosing a reader: the surest one, and no choice where it is not clear."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
import structlog

from relay.contracts import Unread, Utterance
from relay.errors import BadInputError
from relay.runtime.reading import HEAD, detect


class FakeReader:
    """As sure as it is told to be; raises where it is told so."""

    title = ("假的", "fake")

    def __init__(self, name: str, score: int | Exception) -> None:
        self.name, self._score = name, score
        self.head = b""
        self.file = ""

    def fits(self, head: bytes, name: str) -> int:
        self.head, self.file = head, name
        if isinstance(self._score, Exception):
            raise self._score
        return self._score

    def read(self, path: Path, columns: Mapping[str, str] = MappingProxyType({})) -> Iterator[Utterance | Unread]:
        return iter(())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * (HEAD + 1))
    return path


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((), None), ((0, 0), None), ((1, 0), "r0"), ((40, 50), "r1"), ((95, 85, 0), "r0"), ((100, 500, 90), None)],
)
def test_the_surest_wins_by_a_clear_lead(path: Path, scores: tuple[int, ...], expected: str | None) -> None:
    readers = [FakeReader(f"r{number}", score) for number, score in enumerate(scores)]
    if 500 in scores:
        with pytest.raises(BadInputError, match="r0, r1"):
            detect(readers, path)
    else:
        found = detect(readers, path)
        assert (found and found.name) == expected


def test_a_tie_is_refused_with_the_names(path: Path) -> None:
    readers = [FakeReader("b", 60), FakeReader("a", 69), FakeReader("c", 59), FakeReader("d", 0)]
    with pytest.raises(ValueError, match=r"a\.txt: may be any of a, b; .*--reader"):
        detect(readers, path)


def test_a_reader_that_fails_harms_no_other(path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        found = detect([FakeReader("bad", RuntimeError("x")), FakeReader("good", 60)], path)
    assert (found and found.name) == "good"
    assert [(one["event"], one["reader"]) for one in logs] == [("reader_failed", "bad")]


def test_a_reader_sees_the_beginning_and_the_name(path: Path) -> None:
    reader = FakeReader("a", 60)
    detect([reader], path)
    assert (len(reader.head), reader.file) == (HEAD, "a.txt")
    detect([reader], path.parent)
    assert reader.file == "a.txt"


def test_an_empty_folder_is_nobody_s_and_an_absent_file_an_os_error(tmp_path: Path) -> None:
    assert detect([FakeReader("a", 0)], tmp_path) is None
    with pytest.raises(OSError, match="absent"):
        detect([FakeReader("a", 60)], tmp_path / "absent")
