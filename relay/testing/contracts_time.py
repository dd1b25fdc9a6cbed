"""What every `Clock` and every `Entropy` promises, as test classes: give them a fixture `clock`, or `entropy`."""

import re

from relay.contracts import Clock, Entropy

YEAR_2020, YEAR_2100 = 1_577_836_800_000, 4_102_444_800_000


class ClockContract:
    """Wall time in whole milliseconds of this age; monotonic time that never goes back."""

    def test_wall_time_is_whole_milliseconds_since_1970(self, clock: Clock) -> None:
        assert isinstance(clock.now(), int)
        assert YEAR_2020 < clock.now() < YEAR_2100

    def test_monotonic_time_never_goes_back(self, clock: Clock) -> None:
        seen = [clock.monotonic() for _ in range(1000)]
        assert seen == sorted(seen)


class EntropyContract:
    """Bytes of the length asked for and references that never meet."""

    def test_bytes_have_the_length_that_was_asked_for(self, entropy: Entropy) -> None:
        assert [len(entropy.bytes(count)) for count in (0, 1, 16, 32)] == [0, 1, 16, 32]

    def test_references_are_short_safe_and_never_the_same(self, entropy: Entropy) -> None:
        refs = [entropy.ref() for _ in range(10_000)]
        assert len(set(refs)) == len(refs)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", ref) for ref in refs)

    def test_bytes_are_not_repeated(self, entropy: Entropy) -> None:
        drawn = [entropy.bytes(16) for _ in range(1000)]
        assert len(set(drawn)) == len(drawn)
