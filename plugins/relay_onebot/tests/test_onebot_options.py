"""The channel's table of the configuration: what it completes, and what it says when something is wrong."""

import pytest

from relay.contracts import ServesSockets
from relay.domain.names import ChannelName
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_onebot.channel import build
from relay_onebot.tests.bridge import SECRET, TOKEN

GOOD: dict[str, object] = {"tokens": [TOKEN]}
BAD: list[tuple[dict[str, object], str]] = [
    ({}, "tokens"),
    ({"tokens": []}, "tokens"),
    ({"tokens": ["short"]}, "tokens"),
    ({"tokens": TOKEN}, "tokens"),
    (GOOD | {"version": "13"}, "version"),
    (GOOD | {"version": 12}, "version"),
    (GOOD | {"transport": "http"}, "transport"),
    (GOOD | {"transport": "forward"}, "url"),
    (GOOD | {"transport": "forward", "url": "http://127.0.0.1:1/"}, "url"),
    (GOOD | {"transport": "forward", "url": "ws://10.0.0.1:1/"}, "url"),
    (GOOD | {"transport": "forward", "url": "ws://user:pass@127.0.0.1/"}, "url"),
    (GOOD | {"transport": "forward", "url": "wss://169.254.169.254/", "allow_private": True}, "url"),
    (GOOD | {"transport": "webhook"}, "url"),
    (GOOD | {"transport": "webhook", "version": "11", "url": "http://127.0.0.1:1"}, "secrets"),
    ({"transport": "webhook", "version": "12", "url": "http://127.0.0.1:1", "secrets": [SECRET]}, "tokens"),
    (GOOD | {"timeout_s": 0}, "timeout_s"),
    (GOOD | {"timeout_s": 26}, "timeout_s"),
    (GOOD | {"silence_s": 1}, "silence_s"),
    (GOOD | {"quiet_s": 5}, "quiet_s"),
    (GOOD | {"missing_s": 5}, "missing_s"),
    (GOOD | {"max_frame": 5}, "max_frame"),
    (GOOD | {"prefixes": ["a.b"]}, "prefixes"),
    (GOOD | {"prefixes": [""]}, "prefixes"),
    (GOOD | {"transfer_action": " "}, "transfer_action"),
    (GOOD | {"accounts": {"1001": {"shopp": "x"}}}, "accounts"),
    (GOOD | {"accounts": {"1001": "shop"}}, "accounts"),
    (GOOD | {"placement": "mine"}, "placement"),
    (GOOD | {"refused_codes": ["1"]}, "refused_codes"),
    (GOOD | {"toke": 1}, "toke"),
]


@pytest.mark.parametrize(("options", "key"), BAD)
def test_a_mistake_is_named_with_its_remedy_in_two_languages(options: dict[str, object], key: str) -> None:
    with pytest.raises(ValueError, match=rf"^{key}[ :].*/ .*") as told:
        build(ChannelName("ob"), options, FakeClock(), SeededEntropy())
    assert TOKEN not in str(told.value)
    assert "short" not in str(told.value)


@pytest.mark.parametrize(
    ("options", "sockets", "routes"),
    [
        (GOOD, ["/onebot/ob/v12"], []),
        (GOOD | {"version": "11"}, ["/onebot/ob/v11", "/onebot/ob/v11/api", "/onebot/ob/v11/event"], []),
        ({"transport": "forward", "url": "ws://127.0.0.1:1/"}, [], []),
        (GOOD | {"transport": "webhook", "placement": "observe"}, [], ["/onebot/ob/v12"]),
        (
            {"version": "11", "transport": "webhook", "url": "http://127.0.0.1:1", "secrets": [SECRET]},
            [],
            ["/onebot/ob/v11"],
        ),
    ],
)
def test_each_transport_has_its_endpoints(options: dict[str, object], sockets: list[str], routes: list[str]) -> None:
    channel = build(ChannelName("ob"), options, FakeClock(), SeededEntropy())
    assert isinstance(channel, ServesSockets)
    assert [one.path for one in channel.sockets()] == sockets
    assert [one.path for one in channel.routes()] == routes


def test_capabilities_follow_the_table() -> None:
    channel = build(
        ChannelName("ob"),
        GOOD | {"history": "relay.get_history", "placement": "transfer"},
        FakeClock(),
        SeededEntropy(),
    )
    able = channel.capabilities
    assert (able.placement, able.echo, able.history, able.idempotent, able.sends_time) == (
        "transfer", True, True, False, True,
    )  # fmt: skip
