"""Passwords, sessions and the door: who comes in, how often one may try, and that what ended stays ended."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.names import HOUR, MINUTE, Millis, PersonId
from relay.runtime.access import Hasher, Sessions, Terms, Throttle, unfit
from relay.runtime.access.sessions import MOST_OF_ONE
from relay.runtime.access.throttle import FREE_OF_ADDRESS, FREE_OF_PERSON, LONGEST_WAIT
from relay.store.access import FILE, AccessFile
from relay.testing.fakes import SeededEntropy

ANN = PersonId("ann")
GOOD = "blue horse 7 dances"


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = Millis(1_772_416_800_000)

    def now(self) -> Millis:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000


@pytest.fixture
def clock() -> Hand:
    return Hand()


def opened(folder: Path, clock: Hand, seed: int = 1) -> Sessions:
    return Sessions(AccessFile(folder / FILE), Hasher(8 * 1024), clock, SeededEntropy(seed), Terms())


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "10"),
        ("x" * 129, "128"),
        ("aaaaaaaaaaaa", "different"),
        ("0123456789ab", "guessed"),
        ("password1234", "guessed"),
        ("ann-ann-ann12", "guessed"),
        ("qwertyuiop12", "guessed"),
    ],
)
def test_a_weak_password_is_told_why(password: str, word: str) -> None:
    why = unfit(password, "ann")
    assert why is not None
    assert word in why[0]
    assert why[1]


@pytest.mark.parametrize("password", [GOOD, "一二三四五六七八九十", "kT9#mQ2$vX5&"])
def test_a_long_one_is_taken(password: str) -> None:
    assert unfit(password, "ann") is None


async def test_only_the_right_password_fits_and_nobody_has_none(tmp_path: Path, clock: Hand) -> None:
    sessions = opened(tmp_path, clock)
    await sessions.set_password(ANN, GOOD)
    assert await sessions.fits(ANN, GOOD)
    assert not await sessions.fits(ANN, GOOD + " ")
    assert not await sessions.fits(PersonId("bob"), GOOD)
    assert not await sessions.fits(PersonId("bob"), "nobody's")
    sessions.close()


async def test_neither_password_nor_token_is_in_the_file(tmp_path: Path, clock: Hand) -> None:
    sessions = opened(tmp_path, clock)
    await sessions.set_password(ANN, GOOD)
    token = await sessions.begin(ANN)
    sessions.close()
    kept = (tmp_path / FILE).read_bytes()
    assert GOOD.encode() not in kept
    assert token.encode() not in kept
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


Ends = Callable[[Sessions, str, Hand], Awaitable[None]]


async def _idle(_: Sessions, __: str, clock: Hand) -> None:
    clock.at = Millis(clock.at + 30 * MINUTE)


async def _aged(sessions: Sessions, token: str, clock: Hand) -> None:
    for _ in range(12 * 4):
        clock.at = Millis(clock.at + 15 * MINUTE)
        sessions.saw(token)


async def _logged_out(sessions: Sessions, token: str, _: Hand) -> None:
    await sessions.end(token)


async def _other_password(sessions: Sessions, _: str, __: Hand) -> None:
    await sessions.set_password(ANN, GOOD + "!")


async def _sent_out(sessions: Sessions, _: str, __: Hand) -> None:
    assert await sessions.end_all(ANN) == 1


@pytest.mark.parametrize("ends", [_idle, _aged, _logged_out, _other_password, _sent_out])
async def test_what_ended_is_never_found_again(tmp_path: Path, clock: Hand, ends: Ends) -> None:
    sessions = opened(tmp_path, clock)
    await sessions.set_password(ANN, GOOD)
    token = await sessions.begin(ANN)
    assert sessions.person_of(token) == ANN
    told: list[bool] = []
    sessions.on_change(lambda: told.append(True))
    await ends(sessions, token, clock)
    assert sessions.person_of(token) is None
    sessions.saw(token)
    await sessions.sweep()
    assert told, "open sockets must hear of it"
    sessions.close()
    again = opened(tmp_path, clock, 2)
    assert again.person_of(token) is None
    again.close()


async def test_a_session_and_its_last_deed_outlive_a_restart(tmp_path: Path, clock: Hand) -> None:
    sessions = opened(tmp_path, clock)
    token = await sessions.begin(ANN)
    clock.at = Millis(clock.at + 20 * MINUTE)
    sessions.saw(token)
    await sessions.sweep()
    sessions.close()
    clock.at = Millis(clock.at + 20 * MINUTE)
    again = opened(tmp_path, clock, 2)
    assert again.person_of(token) == ANN
    again.close()


async def test_a_person_has_ten_sessions_and_the_eleventh_ends_the_first(tmp_path: Path, clock: Hand) -> None:
    sessions = opened(tmp_path, clock)
    tokens = []
    for _ in range(MOST_OF_ONE + 1):
        clock.at = Millis(clock.at + 1)
        tokens.append(await sessions.begin(ANN))
    assert [sessions.person_of(token) == ANN for token in tokens] == [False] + [True] * MOST_OF_ONE
    sessions.close()


async def test_many_at_once_wait_in_line_and_each_gets_its_answer(tmp_path: Path, clock: Hand) -> None:
    sessions = opened(tmp_path, clock)
    await sessions.set_password(ANN, GOOD)
    found = await asyncio.gather(*(sessions.fits(ANN, GOOD if n % 2 else "no") for n in range(10)))
    assert found == [bool(n % 2) for n in range(10)]
    sessions.close()


@pytest.mark.parametrize(("failures", "wait"), [(4, 0), (5, 1), (6, 2), (10, 32), (14, 512), (16, 900), (60, 900)])
def test_each_further_failure_waits_longer_and_at_most_a_quarter_of_an_hour(failures: int, wait: int) -> None:
    throttle = Throttle()
    for _ in range(failures):
        throttle.failed("ann", "1.2.3.4", 0)
    assert throttle._wait(("ann", "1.2.3.4"), FREE_OF_PERSON, 0) == wait * 1000


def test_nobody_is_kept_out_by_a_stranger_elsewhere() -> None:
    throttle = Throttle()
    for _ in range(1000):
        throttle.failed("ann", "6.6.6.6", 0)
    assert throttle.wait("ann", "6.6.6.6", 0) == LONGEST_WAIT
    assert throttle.wait("ann", "1.2.3.4", 0) == 0
    assert throttle.wait("ann", "6.6.6.6", HOUR) == 0


def test_who_tries_many_names_from_one_address_is_slowed_down() -> None:
    throttle = Throttle()
    for n in range(FREE_OF_ADDRESS):
        throttle.failed(f"name{n}", "6.6.6.6", 0)
    assert throttle.wait("ann", "6.6.6.6", 0) > 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 120_000)), max_size=60))
def test_a_wait_is_over_when_it_said_so(tries: list[tuple[str, int]]) -> None:
    throttle, now = Throttle(), 0
    for name, later in tries:
        now += later
        throttle.failed(name, "x", now)
        wait = throttle.wait(name, "x", now)
        assert 0 <= wait <= LONGEST_WAIT
        assert throttle.wait(name, "x", now + wait) == 0
