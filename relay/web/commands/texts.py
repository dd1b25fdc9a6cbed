"""What people type, as it may go on: trimmed, bounded, without control characters. All of it raises `RefusedHere`."""

import unicodedata
from typing import Final

from relay.domain.facts import Tone
from relay.domain.phrases import read_shop_text
from relay.domain.settings import Phrases, QuickReply
from relay.web import frames as w
from relay.web.sentences import RefusedHere

REASON_LIMIT: Final = 200
NOTE_LIMIT: Final = 500


def checked_text(text: str) -> str:
    """A reply's text as it may go to a buyer."""
    clean = _lines(text)
    if not clean:
        raise RefusedHere("text_empty")
    if len(clean) > w.TEXT_LIMIT:
        raise RefusedHere("text_long")
    _no_controls(clean, "\n\t")
    return clean


def checked_reason(text: str) -> str:
    """A reason, which stays on the ledger for ever: one line."""
    clean = text.strip()
    if len(clean) > REASON_LIMIT:
        raise RefusedHere("reason_long")
    _no_controls(clean, "")
    return clean


def checked_note(text: str) -> str:
    """A note, which may be empty."""
    clean = _lines(text)
    if len(clean) > NOTE_LIMIT:
        raise RefusedHere("note_long")
    _no_controls(clean, "\n\t")
    return clean


def reads_as(text: str, phrases: Phrases, chosen: QuickReply | None) -> Tone:
    """What the text does (L10): only a quick reply of purpose `answer`, or typed words, can be the real answer."""
    read = read_shop_text(text, phrases)
    if chosen is None:
        return read
    if chosen.purpose == "hold":
        return "hold"
    if read == "answer" and chosen.purpose != "answer":
        return "acknowledgement"
    return read


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _no_controls(text: str, but: str) -> None:
    if any(unicodedata.category(ch) in ("Cc", "Cs") and ch not in but for ch in text):
        raise RefusedHere("text_control")
