"""A text is told from politeness by its first letter; that must never change what it is read as."""

from hypothesis import given
from hypothesis import strategies as st

from relay.domain.phrases import _PARTICLES, _only, _words, read_buyer_text
from relay.domain.settings import Phrases

PHRASES = Phrases()
PIECES = st.sampled_from([*PHRASES.thanks, *PHRASES.acknowledgement, *_PARTICLES, "在吗", "发货", "！", " ", "", "好"])
TEXTS = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=70)


@given(TEXTS)
def test_a_buyers_text_reads_as_it_does_without_the_first_look(text: str) -> None:
    words = _words(text)
    if _only(words, PHRASES.acknowledgement):
        expected = "acknowledgement"
    elif _only(words, PHRASES.thanks + PHRASES.acknowledgement):
        expected = "thanks"
    else:
        expected = "question"
    assert read_buyer_text(text, PHRASES) == expected
