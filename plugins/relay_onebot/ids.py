"""Ids on the wire: version 11 writes integers, version 12 strings, and peers of either do as they please.

Laws: an id is kept as text inside relay, digit for digit, whatever its size; it goes back out in the form in which the
peer wrote ids, so that a bridge with 32-bit integers is never given a string. An empty id is no id.
"""

from typing import Final

Id = str | int
MOST: Final = 256
_LARGEST: Final = 2**63


def text_id(given: Id | None) -> str | None:
    """An id as text; None for none. Raises `ValueError` if it is longer than any id."""
    if given is None or given == "":
        return None
    if isinstance(given, int) and abs(given) >= _LARGEST:  # str() of a huge integer takes its time
        raise ValueError("an integer id has at most 63 bits")
    written = str(given)
    if len(written) > MOST:
        raise ValueError(f"an id has at most {MOST} characters")
    return written


def wire_id(text: str, integers: bool) -> Id:
    """An id as this peer writes it: an integer where it sends integers and this is one written plainly."""
    if integers and len(text) <= 19 and text.isascii() and text.removeprefix("-").isdigit() and str(int(text)) == text:
        return int(text)
    return text
