"""The machine's chance: blocks of it, and no byte given out twice."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from relay.runtime import system
from relay.runtime.system import BLOCK, SystemEntropy


@pytest.mark.parametrize("count", [0, 1, 16, 32, BLOCK - 1, BLOCK, BLOCK + 1])
def test_as_many_bytes_as_asked_for(count: int) -> None:
    entropy = SystemEntropy()
    assert [len(entropy.bytes(count)) for _ in range(3)] == [count] * 3


def test_no_byte_is_given_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(range(10_000))
    monkeypatch.setattr(system.secrets, "token_bytes", lambda count: next(drawn).to_bytes(4) * (count // 4))
    entropy = SystemEntropy()
    given = [entropy.bytes(BLOCK // 2) for _ in range(6)]
    assert len(set(given)) == 3  # two halves of a block are alike here, and no third one is


def test_not_by_two_threads_either() -> None:
    entropy = SystemEntropy()
    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(lambda _: entropy.bytes(16), range(20_000)))
    assert len(set(given)) == len(given)


def test_a_reference_has_128_bits_that_may_stand_in_an_address() -> None:
    entropy = SystemEntropy()
    refs = {entropy.ref() for _ in range(1000)}
    assert len(refs) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", ref) for ref in refs)
