"""What a text does, read by the shop's own phrases: it waits, acknowledges, thanks, or says something.

A text reads as a hold, an acknowledgement or thanks when it is *nothing but* such phrases and politeness:
"稍等哦亲" is a hold, "稍等，今天下午发货" is an answer. So a real answer is never mistaken for a hold, and a debt
closes on it (L10).
"""

import unicodedata
from functools import lru_cache
from typing import Final

from relay.domain.facts import Tone
from relay.domain.settings import GroupRule, Phrases

_PARTICLES = ("亲爱的", "亲", "您", "哦", "哈", "呢", "啊", "呀", "啦", "的", "一下", "please", "dear")
_LONGEST: Final = 64
_SEARCHED: Final = 2_000
"""Keywords are looked for in so many characters: a hostile text costs no more."""


def fold(text: str) -> str:
    """The text without width, case, spacing, punctuation and signs: what remains is words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded))  # letters and numbers: the categories L and N


def read_shop_text(text: str, phrases: Phrases) -> Tone:
    """What a merchant-side text does: hold, acknowledgement, or answer."""
    words = _words(text)
    if _only(words, phrases.hold):
        return "hold"
    if _only(words, phrases.acknowledgement):
        return "acknowledgement"
    return "answer"


def read_buyer_text(text: str, phrases: Phrases) -> Tone:
    """What a buyer's text does: thanks, acknowledgement, or question (everything else, an empty text too)."""
    words = _words(text)
    polite = phrases.thanks + phrases.acknowledgement
    if not _may_be_only(words, polite):
        return "question"
    if _only(words, phrases.acknowledgement):
        return "acknowledgement"
    if _only(words, polite):
        return "thanks"
    return "question"


def topic_of(text: str, groups: tuple[GroupRule, ...]) -> str | None:
    """The group of the first row that has one of its keywords in this buyer's text."""
    if not any(row.keywords for row in groups):
        return None
    words = fold(text[:_SEARCHED])
    return next((row.group for row in groups if any(word in words for word in _folded(row.keywords))), None)


def _words(text: str) -> str:
    """The words of a text that is short enough to be nothing but phrases; else none."""
    return fold(text) if len(text) <= _LONGEST else ""


def _may_be_only(words: str, phrases: tuple[str, ...]) -> bool:
    """Whether the first letter of the words begins a phrase or a particle: with no other can `_only` be true."""
    return words[:1] in _beginnings(phrases)


@lru_cache(maxsize=1024)
def _beginnings(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word[0] for word in (*_folded(phrases), *_PARTICLES))


def _only(words: str, phrases: tuple[str, ...]) -> bool:
    """Whether the words hold at least one of the phrases and, those and the particles taken out, nothing more."""
    rest = words
    for phrase in _folded(phrases):
        rest = rest.replace(phrase, "")
    if rest == words:
        return False
    for particle in _PARTICLES:
        rest = rest.replace(particle, "")
    return not rest


@lru_cache(maxsize=1024)
def _folded(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases as they are looked for: the longest first, none that folds to nothing."""
    return tuple(sorted(filter(None, map(fold, phrases)), key=len, reverse=True))
