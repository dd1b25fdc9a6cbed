"""A text to so many bytes of UTF-8, on a character, with a sign that something is missing."""

from typing import Final

MORE: Final = "…"


def cut(text: str, limit: int) -> str:
    """The text, or as much of its beginning as fits with the sign behind it. A lone surrogate becomes `?`."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return raw.decode("utf-8")
    kept = raw[: max(0, limit - len(MORE.encode()))].decode("utf-8", "ignore")
    return kept + MORE if limit >= len(MORE.encode()) else ""
