"""Random worlds settled and held against the second reckoning, under every rule and in any number of goes."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.insight.settlement import fold
from relay.insight.settlement.lateness import Lateness
from relay.insight.settlement.reasons import WORDS
from relay.insight.settlement.records import DayRow, Reading, Restated, shown
from relay.insight.settlement.terms import terms_of
from relay.insight.settlement.threads import Threads
from relay.rules.catalogue import RULES
from tests.insight.settling import Desk, Reckoned, open_law, random_world, reckon, shop_of

PLATFORMS = {"taobao_ww3": "taobao", "tejia_3min": "tejia", "kuaishou_shop_3min": "kuaishou"}
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Auckland")


def settled(desk: Desk, reading: Reading) -> dict[str, Reckoned]:
    """The program's word in the form of the second reckoning."""
    found = {}
    for _, value in desk.shelf.scan("day"):
        row = msgspec.msgpack.decode(value, type=DayRow)
        if (row.rule, row.reading) == (reading.rule, reading.name):
            was = None if row.settled is None else shown(row.settled)
            now = shown(row.now)
            found[row.date] = Reckoned(None if was is None else (was.whole, was.bare), (now.whole, now.bare), [])
    for _, value in desk.shelf.scan("restated"):
        one = msgspec.msgpack.decode(value, type=Restated)
        if (one.rule, one.reading) == (reading.rule, reading.name):
            found[one.date].moved.append((one.seq, (one.was.whole, one.was.bare), (one.now.whole, one.now.bare)))
    return found


def kept(desk: Desk) -> dict[str, list[tuple[str, bytes]]]:
    """The whole shelf: what a reader may ask of it, and the fold's own memory."""
    return {kind: list(desk.shelf.scan(kind)) for kind in desk.shelf.kinds()}


@pytest.mark.parametrize("rule", sorted(RULES))
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 100_000), zone=st.sampled_from(ZONES))
def test_a_random_world_is_settled_as_the_second_reckoning_settles_it(rule: str, seed: int, zone: str) -> None:
    shop = shop_of(rule, zone=zone)
    desk = Desk(shop)
    for fact in random_world(seed):
        desk.tell(fact)
    for reading in terms_of([shop], open_law)[0].readings:
        mine = settled(desk, reading)
        theirs = reckon(desk.facts, reading.rule, dict(reading.options), zone)
        for date in sorted({*mine, *theirs}):
            if date in mine or theirs[date].now[0].denominator:
                assert mine.get(date) == theirs.get(date), (reading, date)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 100_000),
    rule=st.sampled_from(sorted(PLATFORMS)),
    zone=st.sampled_from(ZONES),
    cuts=st.sets(st.integers(0, 60), max_size=8),
    told=st.sets(st.integers(0, 60), max_size=4),
)
def test_it_cannot_be_seen_in_how_many_sittings_facts_were_taken(
    seed: int, rule: str, zone: str, cuts: set[int], told: set[int]
) -> None:
    shop = shop_of(rule, PLATFORMS[rule], zone=zone)
    whole, parts = Desk(shop), Desk(shop)
    facts = random_world(seed)
    for place, fact in enumerate(facts):
        whole.tell(fact)
        parts.tell(fact)
        if place in told:
            parts.fold.tell(fact.at + 86_400_000)
        if place in cuts:
            parts.fold.keep()
            parts.fold = parts.open()
    now = facts[-1].at + 2 * 86_400_000
    for desk in (whole, parts):
        desk.fold.keep()
        desk.fold.tell(now)
    assert kept(parts) == kept(whole)


def test_random_worlds_have_what_the_settlement_is_about() -> None:
    """Restatements for every reason there is, under a rule whose days move."""
    met = set()
    for seed in range(60):
        desk = Desk(shop_of("taobao_ww3"))
        for fact in random_world(seed):
            desk.tell(fact)
        for _, value in desk.shelf.scan("restated"):
            met.add(msgspec.msgpack.decode(value, type=Restated).why)
    assert met == set(WORDS)


def differs(seed: int, rule: str = "taobao_ww3") -> bool:
    """Whether the second reckoning objects to the settlement of this world."""
    shop = shop_of(rule)
    desk = Desk(shop)
    for fact in random_world(seed):
        desk.tell(fact)
    for reading in terms_of([shop], open_law)[0].readings:
        mine = settled(desk, reading)
        theirs = reckon(desk.facts, reading.rule, dict(reading.options), shop.zone)
        if any(mine.get(day) != told for day, told in theirs.items() if day in mine or told.now[0].denominator):
            return True
    return False


PLANTED: dict[str, tuple[type, str, Callable[..., object]]] = {
    "every message in order passes": (fold._Shop, "_passes", lambda *_: True),
    "a gap touches nobody": (Threads, "reached", lambda *_: []),
    "nothing is late for its day": (Lateness, "concerns", lambda *_: False),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_the_second_reckoning_finds_a_planted_bug(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = PLANTED[bug]
    assert not any(differs(seed) for seed in range(3))
    monkeypatch.setattr(where, name, wrong)
    assert any(differs(seed) for seed in range(60))
