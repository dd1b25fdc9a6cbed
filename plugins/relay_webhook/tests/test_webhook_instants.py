"""How a time may be written, and how it is rounded: from its digits, half to even."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.names import Millis
from relay_webhook.instants import AHEAD_MS, EARLIEST, TimeError, instant_of, iso
from relay_webhook.tests.bridge import NOW


def read(token: str) -> int:
    return instant_of(msgspec.Raw(token.encode()), Millis(NOW))


@pytest.mark.parametrize(
    ("token", "at"),
    [
        ('"2025-06-15T23:06:40+08:00"', NOW),
        ('"2025-06-15T15:06:40Z"', NOW),
        ('"2025-06-15 15:06:40.000z"', NOW),
        ('"2025-06-15T23:06:40,5+0800"', NOW + 500),
        ('"2025-06-15T23:06+08"', NOW - 40_000),
        ('"2025-06-15T15:06:40.0005Z"', NOW),
        ('"2025-06-15T15:06:40.0015Z"', NOW + 2),
        ('"2025-06-15T15:06:40.0005000000000001Z"', NOW + 1),
        ('"\\u0032025-06-15T15:06:40Z"', NOW),
        ("1750000000000", NOW),
        ("1750000000.0", NOW),
        ("1.75e9", NOW),
        ("1750000000.0005", NOW),
        ("1750000000.0015", NOW + 2),
        ("1750000000.00050000000000000000000000000001", NOW + 1),
        ("1750000000.123456", NOW + 123),
        (str(EARLIEST), EARLIEST),
        (str(NOW + AHEAD_MS), NOW + AHEAD_MS),
    ],
)
def test_times(token: str, at: int) -> None:
    assert read(token) == at


@pytest.mark.parametrize(
    "token",
    [
        '"2025-06-15T23:06:40"',
        '"2025-06-15"',
        '"20250615T150640Z"',
        '"2025-02-30T00:00:00Z"',
        '"2025-06-15T24:00:00Z"',
        '"2025-06-15T23:59:60Z"',
        '"2025-06-15T15:06:40+99:00"',
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59-14:00"',
        '"1750000000000"',
        '"yesterday"',
        '""',
        '"' + "2" * 100 + '"',
        "1750000000",
        "0",
        "-1",
        "-0.0",
        "-1e400",
        "1e400",
        "1e999999999",
        "1e-999999999",
        "9" * 60,
        "9" * 6000,
        "null",
        "true",
        "[]",
        '{"$date":1750000000000}',
        str(EARLIEST - 1),
        str(NOW + AHEAD_MS + 1),
        "1.8e9",
    ],
)
def test_what_is_no_usable_time(token: str) -> None:
    with pytest.raises(TimeError):
        read(token)


@given(
    st.integers(EARLIEST * 10**6, (NOW + AHEAD_MS) * 10**6 - 10**6),
)
def test_seconds_are_rounded_half_to_even_by_their_digits(nanos_of_ms: int) -> None:
    """`round` of an exact fraction is half to even as well; no float on either side."""
    seconds, rest = divmod(nanos_of_ms, 10**9)
    assert read(f"{seconds}.{rest:09d}") == round(Fraction(nanos_of_ms, 10**6))


@given(st.integers(EARLIEST, NOW + AHEAD_MS))
def test_what_relay_writes_it_reads(at: int) -> None:
    assert read(f'"{iso(Millis(at))}"') == at
