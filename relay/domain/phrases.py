"""What a text does, read by the shop's own phrases: it waits, acknowledges, thanks, or says something.

A text reads as a hold, an acknowledgement or thanks when it is *nothing but* such phrases and politeness:
"稍等哦亲" is a hold, "稍等，今天下午发货" is an answer. So a real answer is never mistaken for a hold, and a debt
closes on it (L10).
"""

import unicodedata

from relay.domain.facts import Tone
from relay.domain.settings import Phrases

_PARTICLES = ("亲爱的", "亲", "您", "哦", "哈", "呢", "啊", "呀", "啦", "的", "一下", "please", "dear")


def fold(text: str) -> str:
    """The text without width, case, spacing, punctuation and signs: what remains is words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(ch for ch in folded if unicodedata.category(ch)[0] in "LN")


def read_shop_text(text: str, phrases: Phrases) -> Tone:
    """What a merchant-side text does: hold, acknowledgement, or answer."""
    if _only(text, phrases.hold):
        return "hold"
    if _only(text, phrases.acknowledgement):
        return "acknowledgement"
    return "answer"


def read_buyer_text(text: str, phrases: Phrases) -> Tone:
    """What a buyer's text does: thanks, acknowledgement, or question (everything else, an empty text too)."""
    if _only(text, phrases.acknowledgement):
        return "acknowledgement"
    if _only(text, phrases.thanks + phrases.acknowledgement):
        return "thanks"
    return "question"


def _only(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether the text holds at least one of the phrases and, those and the particles taken out, nothing more."""
    if len(text) > 64:
        return False
    rest = fold(text)
    met = False
    for phrase in sorted((fold(phrase) for phrase in phrases), key=len, reverse=True):
        if phrase and phrase in rest:
            met, rest = True, rest.replace(phrase, "")
    for particle in _PARTICLES:
        rest = rest.replace(particle, "")
    return met and not rest
