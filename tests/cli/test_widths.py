"""Columns of a terminal: what is wide, what is cut, and that no control character gets through."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.cli.auditing.widths import columns, cut, visible, width, wrapped


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", 0),
        ("seat", 4),
        ("客服", 4),
        ("店铺:客服1", 10),
        ("e\u0301", 1),
        ("ＡＢ", 4),
        ("😀", 2),
        ("…", 1),
        ("한", 2),
    ],
)
def test_width(text: str, taken: int) -> None:
    assert width(text) == taken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("在吗", "在吗"),
        ("a\nb\r\nc", "a↵b↵c"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\u202eabc", "\\u202eabc"),
        ("\x9b1m", "\\x9b1m"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_visible_controls_a_terminal(text: str) -> None:
    kinds = {unicodedata.category(ch) for ch in visible(text) if ch != "\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(alphabet="ab 客服é"), st.integers(1, 30))
def test_cut(text: str, most: int) -> None:
    shown = cut(text, most)
    assert width(shown) <= most
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


@given(st.text(alphabet="ab 客服，"), st.integers(20, 60))
def test_wrapping_loses_nothing_but_spaces(text: str, most: int) -> None:
    lines = wrapped(text, most, "  ")
    assert all(width(one) <= most for one in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


CELLS = st.text(alphabet="ab客服é:1", max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 999).map(str)), max_size=5), st.none() | st.integers(30, 60))
def test_every_column_begins_at_the_same_place(rows: list[tuple[str, str, str]], most: int | None) -> None:
    lines = columns(("买家 buyer", "seat", "n"), rows, most, frozenset({2}))
    assert len({width(one) for one in lines}) == 1  # the last column is set to the right, so every line is full
    assert most is None or width(lines[0]) <= most
