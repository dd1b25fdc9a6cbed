"""Seeded shops with everything that the readings of a rule disagree about, and the daily figures that a platform would
publish of them under one planted reading: rounded, one day missing, one day mistyped."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import msgspec

from relay.domain.facts import PlatformFigureRecorded
from relay.domain.names import HOUR, SECOND, Millis, PersonId, ShopId
from relay.domain.office.published import Held
from relay.domain.published import Published, Unit
from relay.insight.calibration.talks import Talks
from relay.rules.catalogue import Catalogue
from relay.rules.instants import DAY
from relay.rules.messages import Message

SHOP = ShopId("shop-1")
FIRST = date(2022, 3, 20)
"""So that thirty days cross a month."""
START = ((FIRST - date(1970, 1, 1)).days * 24 - 8) * HOUR
DAYS = 30
ACCOUNTS = ("one:an", "one:bo", "one:cai")
PROVIDERS = ("dianxiaomi", "leyan", "xiaoduo", "relay", "chitu", None)


def messages(seed: int, per_day: int = 30, days: int = DAYS) -> list[Message]:
    """Every conversation draws a few of the things that readings disagree about."""
    chance = random.Random(seed)
    told: list[Message] = []
    for day in range(days):
        for number in range(per_day):
            told += _talk(chance, day, f"b{day}-{number}")
    return told


def _talk(chance: random.Random, day: int, buyer: str) -> list[Message]:
    hour = chance.choice((7, 8, 9, 11, 14, 17, 20, 22, 23))
    at = START + day * DAY + hour * HOUR + chance.randrange(3600) * SECOND
    account = chance.choice(ACCOUNTS)
    told: list[Message] = []

    def say(role: str, later_s: float, kind: str = "human", **more: Any) -> None:
        nonlocal at
        at += int(later_s * SECOND)
        keys = {"sub_account": account, "shop": SHOP, "id": f"{buyer}-{len(told)}"} | more
        told.append(Message(at=at, role=role, kind=kind, buyer=buyer, **keys))  # type: ignore[arg-type]

    if chance.random() < 0.1:
        say("system", 0, "assign")
        at += chance.choice((10, 100, 240)) * SECOND
    say("buyer", 0, queued=True if chance.random() < 0.12 else None)
    if told[-1].queued:
        say("system", chance.choice((20, 90, 200)), "assign")
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if chance.random() < 0.25:
            say("buyer", chance.choice((20, 60, 150)))
        if chance.random() < 0.15:
            provider = chance.choice(PROVIDERS)
            kind = chance.choice(("bot", "assist"))
            say("merchant", 5, kind, bot=provider, mode="assist" if kind == "assist" else "auto", trigger="machine")
            if chance.random() < 0.5:
                say("buyer", 30)
        fate = chance.random()
        if fate < 0.62:
            say("merchant", chance.choice((15, 60, 120)))
        elif fate < 0.74:
            say("merchant", chance.choice((200, 400)))
        elif fate < 0.78:
            say("merchant", told[-1].at / SECOND + 180 - at / SECOND)
        elif fate < 0.84:
            account = chance.choice(ACCOUNTS)
            say("merchant", 90)
        elif fate < 0.9:
            at = START + (day + 1) * DAY + 9 * HOUR + chance.randrange(600) * SECOND
            say(chance.choice(("merchant", "buyer")), 0)
            break
        else:
            break
        if chance.random() < 0.4:
            say("buyer", chance.choice((30, 300)))
    return told


def heard(told: Sequence[Message]) -> Talks:
    talks = Talks()
    for one in told:
        talks.take(one.at, one)
    return talks


def figures(
    told: Sequence[Message],
    rule: str,
    options: Mapping[str, str],
    *,
    decimals: int = 1,
    noise: int | None = None,
    unit: Unit = "percent",
    figure: str | None = None,
) -> list[Held]:
    """What a platform publishes that computes by this reading, day by day. With `noise` (a seed) one day is missing and
    the digits of another were swapped as people swap them."""
    ledger = Catalogue().open(rule, options)
    for one in told:
        ledger.take(one)
    held = []
    for number, day in enumerate(ledger.report().days, 1):
        if not day.denominator:
            continue
        exact = Fraction(day.numerator) / day.denominator * (100 if unit == "percent" else 1)
        fact = PlatformFigureRecorded(
            at=Millis(0), by=PersonId("owner"), shop=SHOP, figure=figure or rule, period="day",
            first_day=day.date, last_day=day.date, value=Published(round(exact * 10**decimals), decimals, unit),
        )  # fmt: skip
        held.append(Held(number, fact))
    return held if noise is None else _noisy(held, random.Random(noise))


def _noisy(held: list[Held], chance: random.Random) -> list[Held]:
    missing, mistyped = chance.sample(range(len(held)), 2)
    told = []
    for place, one in enumerate(held):
        if place == mistyped and one.fact.value is not None:
            was = one.fact.value
            slipped = abs(was.digits + chance.choice((-30, -9, 9, 27)))
            one = Held(one.seq, _with(one.fact, Published(slipped, was.decimals, was.unit)))
        if place != missing:
            told.append(one)
    return told


def _with(fact: PlatformFigureRecorded, value: Published) -> PlatformFigureRecorded:
    return msgspec.structs.replace(fact, value=value)
