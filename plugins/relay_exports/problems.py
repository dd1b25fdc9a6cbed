"""The two ways to say that something cannot be read: an error for the whole file, an `Unread` for a piece of it."""

from relay.contracts import Unread

LONGEST_SHOWN = 120
"""Characters of an unread piece that are shown."""


class ExportError(ValueError):
    """The file as a whole is not of this format: what is wrong, where, and what to do, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.zh, self.en = zh, en


def unread(where: int, text: str, zh: str, en: str) -> Unread:
    """A piece that was not understood, with no more of it than may be shown."""
    return Unread(where=where, text=text[:LONGEST_SHOWN], zh=zh, en=en)
