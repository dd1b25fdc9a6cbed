"""§7: an open socket that says nothing."""

from relay.domain.names import ShopId
from relay.runtime.silence import SilenceWatch

A, B = ShopId("a"), ShopId("b")


def test_silent_after_three_missed_signs_and_told_once() -> None:
    watch = SilenceWatch(10.0)
    watch.connected(A, 0.0)
    assert list(watch.beat(30.0)) == []
    assert list(watch.beat(30.5)) == [A]
    assert list(watch.beat(31.5)) == []


def test_any_sign_counts_and_the_end_of_a_silence_is_told_once() -> None:
    watch = SilenceWatch(10.0)
    watch.connected(A, 0.0)
    assert not watch.sign(A, 20.0)
    assert list(watch.beat(50.0)) == []
    assert list(watch.beat(50.5)) == [A]
    assert watch.sign(A, 60.0)
    assert not watch.sign(A, 61.0)


def test_a_channel_that_promises_nothing_is_never_silent() -> None:
    watch = SilenceWatch(0.0)
    watch.connected(A, 0.0)
    assert list(watch.beat(1e9)) == []


def test_who_is_lost_is_not_silent_and_begins_anew() -> None:
    watch = SilenceWatch(10.0)
    watch.connected(A, 0.0)
    watch.connected(B, 0.0)
    watch.lost(A)
    assert list(watch.beat(100.0)) == [B]
    assert not watch.sign(A, 100.0)
    watch.connected(B, 101.0)
    assert list(watch.beat(110.0)) == []
