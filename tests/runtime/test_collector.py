"""The collector of cycles looks at what is new in passing, and at everything only at rest."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from relay.runtime.collector import EVERY, LATEST, QUIET, YOUNG, Collector


class _Knot:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def _tie() -> "tuple[list[_Knot], weakref.ref[_Knot]]":
    knot = _Knot()
    return [knot], weakref.ref(knot)


def _make_much() -> None:
    """So many objects that whatever may be looked at in passing has been."""
    kept: list[list[int]] = []
    for _ in range(100 * YOUNG):
        kept.append([])


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_stopping_gives_the_collector_back_as_it_was() -> None:
    before = gc.get_threshold()
    collector = Collector()
    collector.start()
    assert gc.get_threshold() != before
    collector.stop()
    assert gc.get_threshold() == before


def test_new_garbage_goes_in_passing(collector: Collector) -> None:
    held, knot = _tie()
    held.clear()
    _make_much()
    assert knot() is None


def test_what_has_grown_old_is_looked_at_only_when_nothing_happens(collector: Collector) -> None:
    held, knot = _tie()
    _make_much()
    held.clear()
    _make_much()
    for number in range(1, EVERY + 1):
        collector.beat(number)
    for _ in range(QUIET - 1):
        collector.beat(EVERY)
    assert knot() is not None
    collector.beat(EVERY)
    assert knot() is None


def test_where_it_is_never_quiet_it_is_not_put_off_for_ever(collector: Collector) -> None:
    held, knot = _tie()
    gc.collect()
    held.clear()
    for number in range(1, LATEST):
        collector.beat(number)
    assert knot() is not None
    collector.beat(LATEST)
    assert knot() is None
