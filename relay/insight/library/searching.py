"""A quick reply found under pressure: by a part of its words, its pinyin, the initials of its pinyin, or nearly so.

    退货              a part of the text, two characters are enough
    tuihuo, tui货     its pinyin, from any character on
    th, tkcl          the initials of its pinyin, from any character on
    退伙              the same sounds in another character
    退货 运费         both of two parts
    tuhuo, 快送单号   where hardly anything fits: pinyin with one slip (`slips`), and what is nearly so

Ranked by fit and by the asker's own use, which lifts a reply by at most `_USE_MOST` points: past a neighbouring kind of
fit, never from a slip of the finger past a word that stands there. Equal ones keep the library's order.
Everything is held in memory and gone through: a full-text index of a database finds no two-character words.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import msgspec
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from relay.insight.library.folding import fold
from relay.insight.library.slips import Slips

Why = Literal["id", "text", "topic", "pinyin", "sound", "initials", "nearly"]

_USE_MOST: Final = 15.0
_LONGEST: Final = 64
_PARTS: Final = 2
"""So much of a query is looked at: nobody types more, and each part costs a search. A single letter is no part."""
_ENOUGH: Final = 3
"""With so many that fit, nearly is not near enough."""
_NEARLY_LEAST: Final = 3
_ALIKE: Final = 60
_IN_ORDER: Final = 0.7
"""What is nearly meant: three characters or more, and a part of the text that is so much alike, in percent, or so many
of the characters in their order, whatever stands between."""


class Entry(msgspec.Struct, frozen=True):
    """What is searched: a reply's id, its text and what else people call it (its topic)."""

    id: str
    text: str
    topic: str = ""


class Match(msgspec.Struct, frozen=True):
    """A reply that fits: `fit` 0 to 100, `score` with the asker's own use, and by what it was found."""

    id: str
    text: str
    score: float
    fit: float
    why: Why


class _Spoken(NamedTuple):
    """The pinyin of a text, as a whole and character by character, and the initials."""

    pinyin: str
    syllables: tuple[str, ...]
    initials: str


_Fits = dict[int, tuple[float, Why]]


class Index:
    """The replies, ready to be searched. Making it costs about 0.2 ms a reply that was not seen before."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        self._ids = [entry.id.casefold() for entry in self._entries]
        self._texts = [fold(entry.text) for entry in self._entries]
        self._topics = [fold(entry.topic) for entry in self._entries]
        self._spoken = [spoken(text) for text in self._texts]
        self._heard = _heard(self._spoken)
        self._initials = [one.initials for one in self._spoken]
        self._slips = Slips(one.syllables for one in self._spoken)

    def search(self, query: str, uses: Mapping[str, int] | None = None, limit: int = 10) -> list[Match]:
        """The best matches, best first. `uses`: how often the asker used a reply, by its id."""
        words = fold(query[:_LONGEST])
        if not words:
            return []
        fits = self._fits(words, query.strip().casefold())
        parts = [part for part in map(fold, query[:_LONGEST].split()) if len(part) > part.isascii()][:_PARTS]
        if len(parts) > 1:
            _better(fits, _all_of([self._fits(part, part) for part in parts]))
        if len(fits) < _ENOUGH:
            _better(fits, self._nearly(words))
        ranked = ((-fit - _lift(uses, self._entries[at].id), at) for at, (fit, _) in fits.items())
        return [self._match(at, -score, *fits[at]) for score, at in heapq.nsmallest(limit, ranked)]

    def _match(self, at: int, score: float, fit: float, why: Why) -> Match:
        return Match(self._entries[at].id, self._entries[at].text, round(score, 2), round(fit, 2), why)

    def _fits(self, words: str, name: str) -> _Fits:
        """Everything that has these words, by the best of the ways in which it has them."""
        fits: _Fits = {}
        if words.isascii():
            _better(fits, self._by_initials(words))
        _better(fits, self._by_pinyin(words))
        _better(fits, {at: (78.0, "topic") for at, topic in enumerate(self._topics) if words in topic})
        _better(fits, self._by_text(words))
        ids = enumerate(self._ids)
        _better(fits, {at: (100.0 if one == name else 94.0, "id") for at, one in ids if one.startswith(name)})
        return fits

    def _by_text(self, words: str) -> _Fits:
        return {
            at: (92.0 if text.startswith(words) else 85.0 + 5 * len(words) / len(text), "text")
            for at, text in enumerate(self._texts)
            if words in text
        }

    def _by_pinyin(self, words: str) -> _Fits:
        sought = spoken(words).pinyin
        if len(sought) < 2:
            return {}  # one letter is an initial
        first: dict[int, int] = {}
        for syllable, places in self._heard.items():
            if syllable.startswith(sought):  # then it stands at each of these places, with nothing left to compare
                first |= {at: min(place, first.get(at, place)) for at, place in reversed(places)}
            elif sought.startswith(syllable):
                for at, place in places:
                    if self._spoken[at].pinyin.startswith(sought, place):
                        first[at] = min(place, first.get(at, place))
        typed = any(map(str.isascii, words))
        begins: tuple[float, Why] = (74.0, "pinyin") if typed else (66.0, "sound")
        within: tuple[float, Why] = (70.0, "pinyin") if typed else (66.0, "sound")
        return {at: within if place else begins for at, place in first.items()}

    def _by_initials(self, words: str) -> _Fits:
        return {
            at: (64.0 if initials.startswith(words) else 60.0, "initials")
            for at, initials in enumerate(self._initials)
            if words in initials
        }

    def _nearly(self, words: str) -> _Fits:
        if len(words) < _NEARLY_LEAST:
            return {}
        if words.isascii():
            meant = self._slips.find(words)
            return {at: (48.0 if one[:1] == words[:1] else 42.0, "nearly") for at, one in meant.items()}
        alike = process.extract(words, self._texts, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE, limit=50)
        fits: _Fits = {at: (score / 2, "nearly") for _, score, at in alike}
        least = math.ceil(_IN_ORDER * len(words))
        ordered = process.extract(words, self._texts, scorer=LCSseq.similarity, score_cutoff=least, limit=50)
        _better(fits, {at: (45 * score / len(words), "nearly") for _, score, at in ordered})
        return fits


@lru_cache(maxsize=20_000)
def spoken(words: str) -> _Spoken:
    """The pinyin of folded words, read as the phrase has it: 重庆 is chongqing, 重要 zhongyao."""
    syllables = lazy_pinyin(words)
    initials = (one if one in words else one[:1] for one in syllables)  # what is no character stands for itself
    return _Spoken("".join(syllables), tuple(syllables), "".join(initials))


def _heard(texts: Sequence[_Spoken]) -> dict[str, list[tuple[int, int]]]:
    """Every syllable with the texts that have it and the places where it begins."""
    heard: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for at, one in enumerate(texts):
        place = 0
        for syllable in one.syllables:
            heard[syllable].append((at, place))
            place += len(syllable)
    return dict(heard)


def _lift(uses: Mapping[str, int] | None, name: str) -> float:
    """What the asker's own use of a reply adds: the first times most, and never more than `_USE_MOST`."""
    often = uses.get(name, 0) if uses else 0
    return min(_USE_MOST, 4 * math.log2(1 + often)) if often > 0 else 0.0


def _better(fits: _Fits, more: _Fits) -> None:
    """Let each keep the better of its fits."""
    for at, fit in more.items():
        if at not in fits or fit[0] > fits[at][0]:
            fits[at] = fit


def _all_of(parts: list[_Fits]) -> _Fits:
    """Those that have every part, by the middle of their fits."""
    common = set(parts[0]).intersection(*parts[1:])
    return {at: (sum(part[at][0] for part in parts) / len(parts), parts[0][at][1]) for at in common}
