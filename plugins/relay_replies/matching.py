"""How well approved replies fit a question. Chinese first: what is compared is pairs of characters and of their sounds.

A reply has two fields: its own words, and its topics with the goods it is about, which say what buyers call it. The
score of a reply is the share of the question's weight that it has: each pair of characters weighs by how rare it is in
the library (as in BM25), a pair that only sounds alike half, and a topic that stands in the question as a whole lifts
the reply. Words that stand in every question ("请问", "什么时候") weigh nothing; what no reply knows weighs against.

The score becomes a confidence by `CALIBRATION`: how often the best reply was the right one among the first questions of
`tests/questions.py` whose best score lay there, by the rule of succession, rounded down to hundredths. A test holds the
two together.
"""

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pypinyin import lazy_pinyin

from relay.domain.settings import QuickReply
from relay.insight.library.folding import fold

LONGEST: Final = 200
"""Of a question its last characters count."""
_FILLERS: Final = re.compile(
    "请问一下|麻烦问|想问问?|问一下|请问|你好|您好|在吗|在不在|有人吗|亲+|哈喽|老板|客服|这个|那个|这款|那款|一下|"
    "什么时候|啥时候|多久|怎么办|怎么|咋|如何|什么|啥|多少|可不可以|可以|能不能|能|是不是|是|有没有|有|会不会|会|"
    "我想|我要|我|你们|你|咱们|的话|的|了|吗|呢|吧|呀|啊|哦|嘛|么|都|就|要|给|把|想|还|得|好"
)
_TOPIC_LIFT: Final = 0.35
_SOUND: Final = 0.5
_UNKNOWN: Final = 0.6
"""Of the weight that a pair would have which stands in a single reply."""
CALIBRATION: Final = ((0.30, 570), (0.70, 940))
"""From this score on, this confidence in thousandths; below the first nothing was measured, and nothing is offered."""


class Fit(NamedTuple):
    """A reply that fits: `score` 0 to 1, `confidence` in thousandths, and the words that it was found by."""

    reply: QuickReply
    score: float
    confidence: int
    found: str


class Matcher:
    """Replies, ready to be asked. Making it costs about 0.2 ms for a reply whose words were not seen before."""

    def __init__(self, replies: Iterable[QuickReply]) -> None:
        self._replies = [one for one in replies if one.purpose == "answer" and "{" not in one.text]
        self._topics = [[fold(topic) for topic in (*one.topics, *one.goods)] for one in self._replies]
        fields = [[*_clauses(one.text), *topics] for one, topics in zip(self._replies, self._topics, strict=True)]
        self._having: dict[str, list[int]] = defaultdict(list)
        for at, field in enumerate(fields):
            for pair in {pair for words in field for pair in (*_pairs(words), *_sounds(words))}:
                self._having[pair].append(at)

    def ask(self, question: str, most: int = 3, group: str | None = None) -> list[Fit]:
        """The replies that fit best, best first; equal ones keep the library's order."""
        clauses = _clauses(question[-LONGEST:])
        scores = self._scores(clauses)
        whole = fold(question[-LONGEST:])
        fits = []
        for at, reply in enumerate(self._replies):
            topic = max((one for one in self._topics[at] if len(one) > 1 and one in whole), key=len, default="")
            score = min(1.0, scores.get(at, 0.0) + (_TOPIC_LIFT if topic else 0.0))
            if score > 0 and (group is None or reply.serves(group)):
                fits.append((score, -at, topic))
        ranked = sorted(fits, reverse=True)[:most]
        return [Fit(self._replies[-at], score, confidence_of(score), topic) for score, at, topic in ranked]

    def _scores(self, clauses: Sequence[str]) -> dict[int, float]:
        """For each reply its share of the question's weight."""
        shares: defaultdict[int, float] = defaultdict(float)
        total = 0.0
        for words in clauses:
            for pair, sound in zip(_pairs(words), _sounds(words), strict=True):
                has, heard = self._having.get(pair, ()), self._having.get(sound, ())
                total += self._weight(len(has) or len(heard)) if has or heard else _UNKNOWN * self._weight(1)
                for at in has:
                    shares[at] += self._weight(len(has))
                for at in set(heard).difference(has):
                    shares[at] += _SOUND * self._weight(len(heard))
        return {at: share / total for at, share in shares.items()}

    def _weight(self, count: int) -> float:
        return math.log(1 + (len(self._replies) - count + 0.5) / (count + 0.5))


def confidence_of(score: float) -> int:
    """The confidence of a score, in thousandths; 0 below everything that is worth offering."""
    place = bisect_right([least for least, _ in CALIBRATION], score)
    return CALIBRATION[place - 1][1] if place else 0


def _clauses(text: str) -> list[str]:
    """The folded pieces of a text between its fillers and signs: no pair reaches over either."""
    pieces = re.split(r"[\s，。！？、；：,.!?;:~～…]+", _FILLERS.sub(" ", text))
    return [folded for piece in pieces if (folded := fold(piece))]


@lru_cache(maxsize=20_000)
def _pairs(words: str) -> tuple[str, ...]:
    """Every two neighbouring characters; a single one stands for itself."""
    return tuple(words[at : at + 2] for at in range(max(1, len(words) - 1)))


@lru_cache(maxsize=20_000)
def _sounds(words: str) -> tuple[str, ...]:
    """The sounds of the same pairs. They begin with a blank, so that no sound is taken for letters."""
    heard = [lazy_pinyin(one)[0] if not one.isascii() else one for one in words]
    return tuple(" " + "'".join(heard[at : at + 2]) for at in range(max(1, len(words) - 1)))
