"""Who comes when, to which shop, and says what: a script from a seed alone, endless, with nothing left to chance.

The first minutes hold one of everything that a visitor should see: in each shop a question that nobody can answer
quickly, a burst, and each of the bridge's mishaps once. After that they come as seldom as in life.
"""

import random
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from relay_demo.talk import COMPLAINT, GREETINGS, NAGS, THANKS, Topic, topics_of

Mishap = Literal["", "twice", "swapped", "recalled", "garbled"]
"""The bridge posts a message twice, two in the wrong order, a recall, or first a body that it has spoilt."""

SURE: Final[dict[int, Mishap]] = {1: "twice", 4: "garbled", 5: "swapped", 8: "recalled"}
NEED_TWO: Final = ("swapped", "recalled")
COMPLAINS: Final = 6
"""This visit, in the first shop, is a complaint that nobody answers quickly: the machine is silent there."""
PUT_OFF_FIRST: Final = (2, 3)
"""These visits, the one in the first shop and the other in the second, are put off for sure."""
SELDOM: Final[tuple[tuple[Mishap, float], ...]] = (("twice", 0.03), ("swapped", 0.02), ("recalled", 0.02))
GARBLED_EVERY: Final = 60
BURST_FIRST_S, BURST_EVERY_S, BURST_OF = 55.0, 160.0, 5
WEIGHTS: Final = {"quick": 6.0, "normal": 6.0, "look_up": 2.0, "put_off": 0.7}
ADJECTIVES: Final = ("早起的", "爱喝茶的", "慢吞吞的", "戴眼镜的", "江边的", "会做饭的", "怕冷的", "赶地铁的", "养花的")
NOUNS: Final = ("橘猫", "山雀", "小熊", "青蛙", "松鼠", "海豚", "刺猬", "白鹭")


class Visit(msgspec.Struct, frozen=True):
    """One buyer's stay. `opening`: pauses in seconds and texts; `then`: what follows after each answer, in order.

    `nag_s`: after so long without an answer the buyer asks whether anybody is there, once. `number`: the buyer's.
    """

    at_s: float
    shop: int
    number: int
    opening: tuple[tuple[float, str], ...]
    then: tuple[str, ...] = ()
    nag_s: float | None = None
    nag: str = NAGS[0]
    mishap: Mishap = ""

    @property
    def buyer(self) -> str:
        """The platform's id of the buyer."""
        return f"tb_{self.number:05}"

    @property
    def name(self) -> str:
        adjective = ADJECTIVES[self.number % len(ADJECTIVES)]
        return f"{adjective}{NOUNS[self.number // len(ADJECTIVES) % len(NOUNS)]}{self.number}"


def visits(seed: str, pace: float, first: int = 0) -> Iterator[Visit]:
    """The script. `pace`: buyers per minute; `first`: the first new buyer's number, those below may come back."""
    rng = random.Random(f"script {seed}")  # noqa: S311  (a seeded world)
    at_s, burst_at = 1.0, BURST_FIRST_S
    count, due = 0, 0
    while True:
        yield _visit(rng, at_s, count, first)
        count += 1
        if due:
            due -= 1
            at_s += rng.uniform(0.2, 1.5)
        elif at_s >= burst_at:
            due, burst_at = BURST_OF, burst_at + BURST_EVERY_S
        else:
            at_s += min(rng.expovariate(pace / 60), 240 / pace) if count > len(PUT_OFF_FIRST) + 2 else 60 / pace / 3


def _visit(rng: random.Random, at_s: float, count: int, first: int) -> Visit:
    certain = count in PUT_OFF_FIRST
    shop = PUT_OFF_FIRST.index(count) if certain else rng.randrange(2)
    if count == COMPLAINS:
        shop = 0
    topic = (
        COMPLAINT
        if count == COMPLAINS
        else _topic(rng, shop, ("put_off",) if certain else ("quick", "normal") if count in SURE else tuple(WEIGHTS))
    )
    number = first + count
    if number > 40 and count > 10 and rng.random() < 0.1:
        number = rng.randrange(number - 30)
    mishap: Mishap = SURE.get(count) or ("garbled" if count % GARBLED_EVERY == GARBLED_EVERY - 1 else _seldom(rng))
    if topic.effort == "put_off" and mishap in NEED_TWO:
        mishap = ""
    opening = _opening(rng, topic, mishap)
    then: list[str] = []
    if topic.effort != "put_off":
        if rng.random() < 0.35:
            then.append(rng.choice(_topic(rng, shop, ("quick", "normal")).asks))
        if rng.random() < 0.5:
            then.append(rng.choice(THANKS))
    return Visit(
        at_s=round(at_s, 3),
        shop=shop,
        number=number,
        opening=opening,
        then=tuple(then),
        nag_s=round(rng.uniform(60, 110), 1) if rng.random() < 0.5 else None,
        nag=rng.choice(NAGS),
        mishap=mishap,
    )


def _topic(rng: random.Random, shop: int, efforts: tuple[str, ...]) -> Topic:
    known = [topic for topic in topics_of(shop) if topic.effort in efforts]
    counts = {effort: sum(topic.effort == effort for topic in known) for effort in efforts}
    return rng.choices(known, [WEIGHTS[topic.effort] / counts[topic.effort] for topic in known])[0]


def _seldom(rng: random.Random) -> Mishap:
    return next((mishap for mishap, chance in SELDOM if rng.random() < chance), "")


def _opening(rng: random.Random, topic: Topic, mishap: Mishap) -> tuple[tuple[float, str], ...]:
    lines = [(0.0, rng.choice(topic.asks))]
    if topic.effort == "put_off":
        return tuple(lines)
    if mishap in NEED_TWO or rng.random() < 0.4:
        lines.insert(0, (0.0, rng.choice(GREETINGS)))
        lines[1] = (round(rng.uniform(1, 4), 1), lines[1][1])
    if rng.random() < 0.12:
        lines.append((round(rng.uniform(2, 6), 1), "在线等，挺急的"))
    return tuple(lines)
