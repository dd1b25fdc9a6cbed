"""The guards: what in a buyer's own words keeps a machine silent and calls a supervisor (§7).

Read at the edge, where tone and topic are, so that a desk sees one word for it and no text. Spelling hides nothing: a
text is compared folded (`relay.insight.library.folding`), by the same checker that judges quick replies, so that width,
spacing, zero-width signs, decoration and traditional characters are no way around; two words that only meet across the
end of a clause are not one, and a word in Latin letters or digits is not found inside a longer one.

Laws: a look-alike excuses a word only where it stands unbroken; what a shop adds, takes out or puts in its place holds
for that shop alone.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from ahocorasick_rs import AhoCorasick

from relay.domain.settings import Guard, GuardName, Shop
from relay.insight.guards.words import PARTICLES, SHIPPED, Words
from relay.insight.library.checking import Checker, Objection
from relay.insight.library.folding import fold
from relay.insight.library.words import Category

__all__ = ["GUARDS", "faults", "read_guard", "reads_as_thanks", "words_of"]

GUARDS: Final[tuple[GuardName, ...]] = tuple(SHIPPED)
_SEARCHED: Final = 2_000
"""A hostile text costs no more than so many characters."""
_THANKS_LONGEST: Final = 64


def words_of(name: GuardName, change: Guard | None) -> Words:
    """The list of one guard, as a shop has it."""
    shipped = SHIPPED[name]
    if change is None:
        return shipped
    if change.only is not None:
        return Words(change.only, change.innocent)
    out = set(map(_known_by, change.without))
    added = set(map(_known_by, change.add))
    kept = (word for word in (*shipped.words, *change.add) if _known_by(word) not in out)
    innocent = (word for word in (*shipped.innocent, *change.innocent) if _known_by(word) not in added)
    return Words(tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(innocent)))


def read_guard(text: str, shop: Shop) -> GuardName | None:
    """Which guard this text of a buyer trips, but for thanks; None for none. The gravest counts."""
    return _reader(tuple(shop.guards.items())).tag(text[:_SEARCHED])


def reads_as_thanks(text: str, shop: Shop) -> bool:
    """Whether it is nothing but thanks or goodbye, and politeness."""
    if len(text) > _THANKS_LONGEST:
        return False
    polite = (*shop.phrases.thanks, *shop.phrases.acknowledgement)
    return _reader(tuple(shop.guards.items())).is_thanks(text, polite)


def faults(guards: Mapping[GuardName, Guard]) -> Iterator[tuple[GuardName, str]]:
    """Words, each with its guard, of which folding leaves too little to be told from anything else."""
    for name, change in guards.items():
        least = 1 if name == "thanks" else 2
        for word in (*change.add, *(change.only or ()), *change.innocent):
            if len(fold(word)) < least and not word.startswith("="):
                yield name, word


def _known_by(word: str) -> str:
    return f"={fold(word)}" if word.startswith("=") else fold(word)


class _Reader:
    """All lists of one shop, ready."""

    def __init__(self, lists: Mapping[GuardName, Words]) -> None:
        self._thanks = _longest_first(lists["thanks"].words)
        spoken = {name: one for name, one in lists.items() if name != "thanks"}
        self._whole: dict[str, GuardName] = {}
        for name, one in spoken.items():
            for word in one.words:
                if word.startswith("="):
                    self._whole.setdefault(fold(word), name)
        parts = {name: [word for word in one.words if not word.startswith("=")] for name, one in spoken.items()}
        folded = [fold(word) for words in parts.values() for word in words]
        self._glance = AhoCorasick([word for word in folded if word]) if any(folded) else None
        self._checker = Checker(
            {
                name: Category(name, "refuse", words=tuple(parts[name]), innocent=one.innocent)
                for name, one in spoken.items()
            }
        )

    def tag(self, text: str) -> GuardName | None:
        words = fold(text)
        if words in self._whole:
            return self._whole[words]
        if self._glance is None or not self._glance.find_matches_as_indexes(words):
            return None  # nearly every text
        found = {one.category for one in self._checker.check(text) if _is_whole_number(text, one)}
        return next((name for name in GUARDS if name in found), None)

    def is_thanks(self, text: str, polite: tuple[str, ...]) -> bool:
        words = fold(text)
        rest = _without(words, self._thanks)
        return rest != words and not _without(_without(rest, _longest_first(polite)), _PARTICLES)


def _is_whole_number(text: str, one: Objection) -> bool:
    """A number that is a word by itself, as a hotline's, is not found inside a longer one, as an order's."""
    before, after = text[one.start - 1 : one.start] if one.start else "", text[one.end : one.end + 1]
    first, last = fold(one.matched)[:1], fold(one.matched)[-1:]
    return not ((first.isdigit() and fold(before).isdigit()) or (last.isdigit() and fold(after).isdigit()))


@lru_cache(maxsize=256)
def _reader(changes: tuple[tuple[GuardName, Guard], ...]) -> _Reader:
    given = dict(changes)
    return _Reader({name: words_of(name, given.get(name)) for name in GUARDS})


@lru_cache(maxsize=1024)
def _longest_first(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(filter(None, map(fold, words)), key=len, reverse=True))


_PARTICLES: Final = _longest_first(PARTICLES)


def _without(words: str, phrases: tuple[str, ...]) -> str:
    for phrase in phrases:
        words = words.replace(phrase, "")
    return words
