"""Folding: a word stays the same whatever it is dressed in, and the way back leads to where it stood."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.insight.library.folding import Folded, fold, simplified


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ＡＢｃ １２", "abc12"),
        ("微\u200b信\ufeff", "微信"),
        ("微̶信̲", "微信"),
        ("薇·信…！", "薇信"),
        ("網絡客服", "网络客服"),
        ("❶②⑶４٥", "12345"),
        ("🅥🇽ⓦ𝔁", "vxwx"),
        ("㊙️", "秘"),
        ("ﬁÉß", "fiess"),
        ("1️⃣", "1"),
        ("", ""),
        ("～！🌷", ""),
    ],
)
def test_what_a_text_folds_to(text: str, words: str) -> None:
    assert fold(text) == words


def test_no_sign_there_is_folds_twice_to_something_else() -> None:
    signs = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    once = "\n".join(signs).translate({10: 10})
    assert all(fold(fold(sign)) == fold(sign) for sign in signs)
    assert all(one.isalnum() for one in fold(once))


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_a_sign_folds_the_same_wherever_it_stands(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)


@given(st.text())
def test_composed_or_not_is_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(st.text(min_size=1))
def test_every_letter_knows_where_it_came_from(text: str) -> None:
    folded = Folded(text)
    for number, letter in enumerate(folded.words):
        start, end = folded.place(number, number + 1)
        assert end == start + 1
        assert letter in fold(text[start:end])


def test_simplified_is_one_character() -> None:
    assert [simplified(sign) for sign in "證號嗎裏著信"] == list("证号吗里著信")
