"""The row for searching the quick-reply library: thousands of replies for each key that an agent presses."""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Final

from rapidfuzz import fuzz, process

from bench.rows import Row, shorten
from relay.config.texts import starter
from relay.insight.library.searching import Entry, Index, spoken

REPLIES: Final = 5_000
TRIES: Final = 9
GOAL_MS: Final = 10
QUERIES: Final = (
    *("退货", "物流"),  # two characters
    *("n", "th", "ddxq"),  # one initial, and several
    *("an", "tuihuo", "fapiao"),  # pinyin
    *("tuhuo", "包裹破嵩了"),  # a slip of the finger
    *("退货 运费", "yi hu"),  # two parts
    "zzzzqq",  # what nobody has
)


def search() -> Row:
    """The slowest of the queries, each the best of its tries; beside one fuzzy pass over the same replies' pinyin."""
    entries = list(library(REPLIES))
    index = Index(entries)
    uses = {entry.id: number % 40 for number, entry in enumerate(entries)}
    ours = max(_best(partial(index.search, query, uses)) for query in QUERIES)
    pinyin = [spoken(entry.text).pinyin for entry in entries]
    theirs = _best(partial(process.extract, "tuhuo", pinyin, scorer=fuzz.partial_ratio, score_cutoff=75, limit=50))
    return Row(
        name=f"search of {REPLIES:,} quick replies, slowest of {len(QUERIES)} queries",
        value=shorten(ours * 1000),
        unit="ms",
        compared_with=f"one fuzzy pass of rapidfuzz over their pinyin, {shorten(theirs * 1000):g} ms",
        ratio=shorten(ours / theirs),
        goal=f"≤ {GOAL_MS} ms",
        holds=ours * 1000 <= GOAL_MS,
    )


def library(size: int) -> Sequence[Entry]:
    """Replies of the starter library's clauses, shuffled: real words and lengths, nearly all different."""
    chance = random.Random(1)
    clauses = [clause for topic in starter() for reply in topic.reply for clause in reply.text.rstrip("。").split("，")]
    names = cycle(topic.id for topic in starter())
    return [
        Entry(f"{name}.r{number}", "，".join(chance.sample(clauses, chance.randint(2, 5))) + "。", name)
        for number, name in enumerate(islice(names, size))
    ]


def _best(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(TRIES):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best
