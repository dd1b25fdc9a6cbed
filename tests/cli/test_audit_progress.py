"""Progress: blocks in, a line now and then, nothing where nobody looks."""

import pytest

from relay.cli.auditing import progress as told
from relay.cli.auditing.progress import LARGE, Progress, progress
from tests.cli.conftest import Call, line


def test_a_line_at_most_five_times_a_second() -> None:
    now, said = [0.0], list[str]()
    shown = Progress(1000, said.append, lambda: now[0])
    for _ in range(100):
        now[0] += 0.01
        shown.advance(10, 2)
    assert len(said) in (4, 5)
    assert said[0].startswith(" 2")
    assert "200 行/秒 lines/s" in said[-1]
    assert "%" in said[-1]
    shown.end()
    assert said[-1] == ""


def test_a_file_that_grew_is_never_over_the_whole() -> None:
    now, said = [0.0], list[str]()
    shown = Progress(10, said.append, lambda: now[0])
    now[0] = 1.0
    shown.advance(1000, 1)
    assert said[-1].startswith("100%")
    assert said[-1].endswith("about 0 s")


@pytest.mark.parametrize(("size", "terminal", "wanted"), [(LARGE, True, True), (LARGE, False, False), (9, True, False)])
def test_only_for_large_files_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, size: int, terminal: bool, wanted: bool
) -> None:
    class Stderr:
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr(told.sys, "stderr", Stderr())
    assert (progress(size, 2) is not None) is wanted


def test_nothing_is_said_otherwise(call: Call) -> None:
    assert call(line("10:00:00", "buyer") * 3, "--json").stderr == ""
