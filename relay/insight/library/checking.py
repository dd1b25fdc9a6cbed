"""What speaks against a text: each objection with its category, its place in the text, its reason and its weight.

    refuse    a text with it should not be approved
    warn      whoever approves should look at it

Words are sought in the folded text (`folding`), so spacing, decoration, width and script hide none; three readings are
looked at: as it stands, with every number as `#`, and with every plus sign as "加". A word in Latin letters is not
found inside a longer one. A slot is read as nothing, so that none can stand inside a word to hide it.

Laws: the span of an objection is what stands in the text; a look-alike excuses a word only where it stands unbroken; a
text is judged by itself alone, but for `duplicate` and `alike` (`Shelf`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick
from rapidfuzz import fuzz, process

from relay.domain.office.checks import TEXT_LIMIT
from relay.domain.slots import words_alone
from relay.insight.library.contacts import CLAUSE_MARKS, Span, links, telephones
from relay.insight.library.folding import Folded, fold
from relay.insight.library.words import COUNTED, Category, Lists, pattern

_NUMBER: Final = re.compile(r"[0-9零〇一二三四五六七八九十百千万两半几]+")
_PLUS: Final = dict.fromkeys(map(ord, "+＋➕﹢⁺✚"), "加")
_ALIKE_LEAST: Final = 8
"""Shorter texts are easily like each other."""


class Objection(msgspec.Struct, frozen=True, order=True):
    """Something that speaks against a text; `matched` is its text from `start` up to `end`."""

    start: int
    end: int
    category: str
    severity: Literal["refuse", "warn"]
    matched: str
    zh: str
    en: str


class _Hit(NamedTuple):
    start: int
    end: int
    category: str


Role = Literal["word", "innocent", "unless"]


class Checker:
    """These lists, ready to judge many texts."""

    def __init__(self, lists: Lists) -> None:
        self.lists = {name: one for name, one in lists.items() if one.severity != "off"}
        plain: dict[str, list[tuple[str, Role]]] = defaultdict(list)
        numbered: dict[str, list[tuple[str, Role]]] = defaultdict(list)
        for one in self.lists.values():
            if one.id in COUNTED:
                continue
            for word, role in _roles(one):
                (numbered if "#" in word else plain)[pattern(word)].append((one.id, role))
        self._plain, self._numbered = _Seeker(plain), _Seeker(numbered)

    def check(self, text: str) -> list[Objection]:
        """Everything that speaks against this text, in its order."""
        read = words_alone(text)
        found = {*self._counted(read), *self._spelled(read)}
        if read.translate(_PLUS) != read:
            found |= set(self._spelled(read.translate(_PLUS)))
        return [self._objection(text, one) for one in _joined(found)]

    def _objection(self, text: str, hit: _Hit) -> Objection:
        said = objection(self.lists[hit.category], text, hit.start, hit.end)
        if hit.category == "length" and not 0 < len(text.strip()) <= TEXT_LIMIT:
            return msgspec.structs.replace(said, severity="refuse")  # the office takes no such text
        return said

    def _counted(self, text: str) -> Iterator[_Hit]:
        lists = self.lists
        if "telephone" in lists:
            yield from (_Hit(*span, "telephone") for span in telephones(text))
        if "link" in lists:
            link = lists["link"]
            yield from (_Hit(*span, "link") for span in links(text, link.words, link.innocent))
        length = lists.get("length")
        if length is not None and not 0 < len(text.strip()) <= (length.most or TEXT_LIMIT):
            yield _Hit(0, len(text), "length")

    def _spelled(self, text: str) -> Iterator[_Hit]:
        folded = Folded(text)
        found = [*self._plain.seek(folded, None), *self._numbered.seek(folded, _numbers(folded.words))]
        for name in dict.fromkeys(one.category for one, _ in found):
            mine = [(hit, role) for hit, role in found if hit.category == name]
            innocent = [hit for hit, role in mine if role == "innocent" and _unbroken(folded, hit)]
            words = [hit for hit, role in mine if role == "word" and not _within(hit, innocent)]
            excused = any(role == "unless" and not _within(hit, words) for hit, role in mine)
            if not excused:
                across = bool(self.lists[name].across)
                yield from (
                    _Hit(*folded.place(*hit[:2]), name)
                    for hit in words
                    if _whole(folded, hit) and (across or not _two_clauses(folded, hit))
                )


class _Seeker:
    """All words of one reading in one pass."""

    def __init__(self, roles: dict[str, list[tuple[str, Role]]]) -> None:
        self._roles = list(roles.values())
        self._words = AhoCorasick(list(roles)) if roles else None

    def seek(self, folded: Folded, numbers: "_Numbers | None") -> Iterator[tuple[_Hit, Role]]:
        if self._words is None:
            return
        line = numbers.line if numbers else folded.words
        for number, start, end in self._words.find_matches_as_indexes(line, overlapping=True):
            span = numbers.span(start, end) if numbers else (start, end)
            for category, role in self._roles[number]:
                yield _Hit(*span, category), role


class _Numbers(NamedTuple):
    """Folded words with each number as `#`, and where each of its letters begins and ends in the words."""

    line: str
    spans: list[Span]

    def span(self, start: int, end: int) -> Span:
        return self.spans[start][0], self.spans[end - 1][1]


class Shelf:
    """The texts that are there already, against which a new one is held."""

    def __init__(self, lists: Lists) -> None:
        self._lists = {name: one for name, one in lists.items() if one.severity != "off"}
        self._names: dict[str, str] = {}

    def add(self, name: str, text: str) -> None:
        self._names.setdefault(fold(text), name)

    def twins(self, name: str, text: str) -> list[Objection]:
        """The same words, or nearly so, under another name."""
        words = fold(text)
        same = self._names.get(words)
        if same is not None:
            return [] if same == name else self._said("duplicate", text, same)
        alike = self._lists.get("alike")
        if len(words) < _ALIKE_LEAST or alike is None:
            return []
        near = process.extract(words, self._names.keys(), scorer=fuzz.ratio, score_cutoff=alike.most or 90, limit=2)
        others = [self._names[one] for one, _, _ in near if self._names[one] != name]
        return self._said("alike", text, others[0]) if others else []

    def _said(self, category: str, text: str, other: str) -> list[Objection]:
        if category not in self._lists:
            return []
        said = objection(self._lists[category], text, 0, len(text))
        return [msgspec.structs.replace(said, zh=f"{said.zh}：{other}", en=f"{said.en}: {other}")]


def objection(category: Category, text: str, start: int, end: int) -> Objection:
    """The category's own sentence about this span of a text."""
    severity: Literal["refuse", "warn"] = "warn" if category.severity == "warn" else "refuse"
    return Objection(start, end, category.id, severity, text[start:end], category.zh, category.en)


def _roles(one: Category) -> Iterator[tuple[str, Role]]:
    yield from ((word, "word") for word in one.words)
    yield from ((word, "innocent") for word in one.innocent)
    yield from ((word, "unless") for word in one.unless)


def _numbers(words: str) -> _Numbers:
    spans, at = [], 0
    for found in _NUMBER.finditer(words):
        spans += [(one, one + 1) for one in range(at, found.start())]
        spans.append(found.span())
        at = found.end()
    spans += [(one, one + 1) for one in range(at, len(words))]
    return _Numbers(_NUMBER.sub("#", words), spans)


def _within(hit: _Hit, wider: list[_Hit]) -> bool:
    return any(one.start <= hit.start and hit.end <= one.end for one in wider)


def _gaps(folded: Folded, hit: _Hit) -> list[str]:
    """What stands between the letters of a hit."""
    places = folded.places(hit.start, hit.end)
    return [folded.text[one + 1 : after] for one, after in pairwise(places)]


def _unbroken(folded: Folded, hit: _Hit) -> bool:
    return not any(_gaps(folded, hit))


def _two_clauses(folded: Folded, hit: _Hit) -> bool:
    """Whether a clause ends within: its words then only happen to meet. A mark in every gap is decoration."""
    gaps = _gaps(folded, hit)
    ends = any(CLAUSE_MARKS.intersection(gap) for gap in gaps)
    return ends and not (len(gaps) > 1 and all(gaps))


def _whole(folded: Folded, hit: _Hit) -> bool:
    """Whether no Latin letter stands right beside a Latin end of the hit."""
    start, end = folded.place(hit.start, hit.end)
    before, after = folded.text[start - 1 : start] if start else "", folded.text[end : end + 1]
    return not (
        (_is_latin(folded.words[hit.start]) and _is_latin(fold(before)[-1:]))
        or (_is_latin(folded.words[hit.end - 1]) and _is_latin(fold(after)[:1]))
    )


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _joined(hits: set[_Hit]) -> list[_Hit]:
    """Hits of one category that overlap as one, in the text's order."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda one: (one.category, one.start)):
        if kept and kept[-1].category == hit.category and hit.start < kept[-1].end:
            kept[-1] = kept[-1]._replace(end=max(kept[-1].end, hit.end))
        else:
            kept.append(hit)
    return sorted(kept)
