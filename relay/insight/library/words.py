"""Word lists as people write them: categories of words, what is innocent, what excuses, and a shop's own changes.

    [[category]]
    id = "messenger"
    severity = "refuse"                 # refuse, warn or off
    zh = "..."                          # why, for people
    en = "..."
    words = ["微信", "加v", "#小时内"]   # "#" is any number, in digits or in Chinese numerals
    innocent = ["微信支付"]              # within these a word means something else
    unless = ["因为"]                    # with one of these anywhere in the text nothing is said
    across = true                       # also where a clause ends between its characters ("加。微。信")

A list may be laid over another: a known category keeps what is not said anew, words and look-alikes are added, those
under `without` taken out.
"""

from typing import Final, Literal, get_args

import msgspec

from relay.insight.library.folding import fold

Severity = Literal["refuse", "warn", "off"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)

COUNTED: Final = ("telephone", "link", "length", "duplicate", "alike")
"""Categories that are found by counting and comparing. Their words: for `link` the endings of addresses, and under
`innocent` the shop's own and the platform's hosts; `most` is the length, or how alike two texts may be, in percent."""


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason to speak against a text. A new one of a shop needs severity and both sentences."""

    id: str
    severity: Severity | None = None
    zh: str = ""
    en: str = ""
    words: tuple[str, ...] = ()
    innocent: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    across: bool | None = None
    most: int | None = None


Lists = dict[str, Category]
"""By id, in their order."""


def lay_over(lists: Lists, changes: tuple[Category, ...]) -> Lists:
    """The lists with these changes."""
    laid = dict(lists)
    for change in changes:
        laid[change.id] = _changed(laid.get(change.id, Category(change.id)), change)
    return laid


def lacking(one: Category) -> list[str]:
    """What a category still lacks to stand by itself."""
    return [key for key in ("severity", "zh", "en") if not getattr(one, key)]


def unfit(one: Category) -> list[tuple[str, str]]:
    """Words, each with its key, of which folding leaves too little to be told from anything else."""
    if one.id in COUNTED:
        return []
    keys = ("words", "innocent", "unless")
    return [(key, word) for key in keys for word in getattr(one, key) if len(pattern(word)) < (key != "unless") + 1]


def pattern(word: str) -> str:
    """A listed word as it is sought: folded, but for `#`."""
    return "#".join(fold(part) for part in word.split("#"))


def _changed(before: Category, change: Category) -> Category:
    def joined(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys((*old, *new)) if one not in change.without)

    return Category(
        id=before.id,
        severity=change.severity or before.severity,
        zh=change.zh or before.zh,
        en=change.en or before.en,
        words=joined(before.words, change.words),
        innocent=joined(before.innocent, change.innocent),
        unless=joined(before.unless, change.unless),
        across=before.across if change.across is None else change.across,
        most=before.most if change.most is None else change.most,
    )
