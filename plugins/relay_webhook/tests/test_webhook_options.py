"""The configuration of a channel, and the addresses it may post to."""

import ipaddress

import pytest

import relay_webhook
from relay.domain.names import ChannelName
from relay.runtime.plugins import Plugins
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_webhook.channel import build
from relay_webhook.options import read_options, target_of
from relay_webhook.target import AddressRefusedError, Target, TargetError
from relay_webhook.tests.bridge import SECRET, SEND_SECRET, make_channel

GOOD: dict[str, object] = {"secrets": [SECRET], "send_url": "http://127.0.0.1:8080/send", "send_secret": SEND_SECRET}


def test_the_defaults() -> None:
    options = read_options(GOOD)
    assert (options.timeout_s, options.max_body, options.placement) == (10.0, 262_144, "relay")
    assert not options.idempotent
    assert not options.allow_private
    [route] = make_channel(**GOOD).routes()  # type: ignore[arg-type]
    assert (route.method, route.path, route.max_body) == ("POST", "/channel/hook", 262_144)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sekret": "x"}, ["sekret", "secrets", "send_url", "未知"]),
        ({"secrets": None}, ["secrets", "at least one", "至少"]),
        ({"secrets": []}, ["secrets", "is empty"]),
        ({"secrets": "whsec_abc"}, ["secrets", "wrong type"]),
        ({"secrets": [SECRET, "hunter2"]}, ["secrets", "number 2", "base64"]),
        ({"send_secret": 5}, ["send_secret", "wrong type"]),
        ({"send_secret": "whsec_hunter2"}, ["send_secret"]),
        ({"send_secret": None}, ["send_secret", "observe"]),
        ({"send_url": None}, ["send_url", "observe"]),
        ({"send_url": "ftp://x"}, ["send_url", "'ftp://x'", "https"]),
        ({"timeout_s": "10"}, ["timeout_s", "'10'", "seconds"]),
        ({"timeout_s": 25.1}, ["timeout_s", "25.1", "at most 25"]),
        ({"timeout_s": 0}, ["timeout_s", "0", "more than 0"]),
        ({"timeout_s": float("nan")}, ["timeout_s", "nan"]),
        ({"timeout_s": True}, ["timeout_s", "True"]),
        ({"alive_every_s": 0.5}, ["alive_every_s", "0.5", "1 to 600"]),
        ({"alive_every_s": 601}, ["alive_every_s", "601"]),
        ({"alive_every_s": float("nan")}, ["alive_every_s", "nan"]),
        ({"alive_every_s": -1}, ["alive_every_s", "-1"]),
        ({"idempotent": "yes"}, ["idempotent", "'yes'", "true or false"]),
        ({"idempotent": 1}, ["idempotent", "1"]),
        ({"max_body": 10}, ["max_body", "10", "1024"]),
        ({"max_body": 1e6}, ["max_body", "1000000.0"]),
        ({"placement": "somewhere"}, ["placement", "'somewhere'", "observe", "transfer"]),
    ],
)
def test_a_wrong_option_is_named_with_its_value_and_what_to_do(changes: dict[str, object], said: list[str]) -> None:
    options = {key: value for key, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(ValueError, match=r"应为|未知") as error:
        build(ChannelName("hook"), options, FakeClock(), SeededEntropy())
    assert all(each in str(error.value) for each in said)
    for secret in (SECRET, SEND_SECRET, "hunter2", "whsec_abc"):
        assert secret not in str(error.value), "no secret in an error"


def test_an_observing_channel_needs_no_address() -> None:
    options = read_options({"secrets": [SECRET], "placement": "observe"})
    assert target_of(options) is None


def test_the_plugin_offers_the_kind_webhook() -> None:
    kinds = Plugins()
    relay_webhook.register(kinds)
    assert kinds.channels == {"webhook": build}
    assert (kinds.rules, kinds.readers, kinds.responders) == ({}, {}, {})


@pytest.mark.parametrize(
    ("url", "allowed", "allowed_private"),
    [
        ("http://127.0.0.1:8080/send", True, True),
        ("http://127.9.9.9/send", True, True),
        ("http://[::1]:8080/send", True, True),
        ("http://[::ffff:127.0.0.1]/send", True, True),
        ("http://localhost:8080/send?shop=1", True, True),
        ("http://LOCALHOST./send", True, True),
        ("https://bridge.example/send", True, True),
        ("https://8.8.8.8/send", True, True),
        ("http://bridge.example/send", False, True),
        ("https://10.0.0.1/send", False, True),
        ("https://192.168.1.5/send", False, True),
        ("https://172.16.0.1/send", False, True),
        ("https://100.64.0.1/send", False, True),
        ("https://[fd00::1]/send", False, True),
        ("https://[::ffff:10.0.0.1]/send", False, True),
        ("https://[64:ff9b::a00:1]/send", False, True),
        ("https://[2002:a00:1::]/send", False, True),
        ("https://169.254.169.254/latest", False, False),
        ("https://[fe80::1]/send", False, False),
        ("https://[::ffff:169.254.169.254]/", False, False),
        ("https://[64:ff9b::a9fe:a9fe]/", False, False),
        ("https://100.100.100.200/", False, False),
        ("https://168.63.129.16/", False, False),
        ("https://[fd00:ec2::254]/", False, False),
        ("https://0.0.0.0/", False, False),
        ("https://[::]/", False, False),
        ("https://224.0.0.1/", False, False),
        ("https://255.255.255.255/", False, False),
        ("http://2130706433/", False, False),
        ("http://0x7f.1/", False, False),
        ("http://0177.0.0.1/", False, False),
        ("http://127.1/", False, False),
        ("https://user:pass@bridge.example/", False, False),
        ("https:///send", False, False),
        ("https://bridge.example:99999/", False, False),
        ("file:///etc/passwd", False, False),
        ("127.0.0.1:8080", False, False),
        ("", False, False),
    ],
)
def test_where_a_text_may_be_posted_to(url: str, allowed: bool, allowed_private: bool) -> None:
    for allow_private, expected in [(False, allowed), (True, allowed_private)]:
        try:
            Target(url, allow_private)
            accepted = True
        except TargetError:
            accepted = False
        assert accepted == expected, (url, allow_private)


@pytest.mark.parametrize(
    ("url", "address", "allowed"),
    [
        ("https://bridge.example/", "93.184.216.34", True),
        ("https://bridge.example/", "127.0.0.1", False),
        ("https://bridge.example/", "::1", False),
        ("https://bridge.example/", "10.1.2.3", False),
        ("https://bridge.example/", "169.254.169.254", False),
        ("https://bridge.example/", "fe80::1%eth0", False),
        ("http://localhost/", "127.0.0.1", True),
        ("http://localhost/", "10.0.0.1", False),
    ],
)
def test_what_a_name_may_resolve_to(url: str, address: str, allowed: bool) -> None:
    target = Target(url, allow_private=False)
    assert ipaddress.ip_address(address)
    if allowed:
        target.check(address)
    else:
        with pytest.raises(AddressRefusedError):
            target.check(address)
