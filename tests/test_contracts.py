"""The small contracts, run over every implementation that ships; stores and channels have theirs beside them."""

import pytest

from relay.contracts import Clock, Entropy, Responder
from relay.rules.catalogue import RULES, Rule
from relay.runtime.system import SystemClock, SystemEntropy
from relay.testing.contracts_responder import FakeResponder, ResponderContract
from relay.testing.contracts_rule import RuleContract
from relay.testing.contracts_time import ClockContract, EntropyContract
from relay.testing.fakes import FakeClock, SeededEntropy


class TestClocks(ClockContract):
    @pytest.fixture(params=[SystemClock, FakeClock])
    def clock(self, request: pytest.FixtureRequest) -> Clock:
        made: Clock = request.param()
        return made


class TestEntropies(EntropyContract):
    @pytest.fixture(params=[SystemEntropy, SeededEntropy])
    def entropy(self, request: pytest.FixtureRequest) -> Entropy:
        made: Entropy = request.param()
        return made


class TestFakeResponder(ResponderContract):
    def responder(self) -> Responder:
        return FakeResponder()


class TestRules(RuleContract):
    @pytest.fixture(params=sorted(RULES))
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        return RULES[request.param]


def test_seeded_entropy_is_the_same_for_the_same_seed() -> None:
    assert SeededEntropy(7).bytes(64) == SeededEntropy(7).bytes(64)
    assert SeededEntropy(7).ref() != SeededEntropy(8).ref()
