"""A bot's table of the configuration: what is wrong is named with its remedy, and no secret is ever shown."""

import pytest

from relay_bot.options import read_options, target_of
from relay_bot.tests.floor import made

WS = "ws://127.0.0.1:8080/onebot/v11/ws"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ("url", "is missing", "地址")),
        ({"url": "ftp://x/"}, ("url", "is no ws", "ftp://x/")),
        ({"url": "127.0.0.1:8080"}, ("url", "is no ws")),
        ({"url": "ws://example.com/ws"}, ("url", "allow_private")),
        ({"url": "ws://192.168.1.7/ws"}, ("url", "allow_private")),
        ({"url": WS, "onebot": 10}, ("onebot", "11 or 12")),
        ({"url": "http://127.0.0.1/", "onebot": 12}, ("url", "WebSocket only")),
        ({"listen": True}, ("token", "must show one")),
        ({"url": WS, "self_id": 0}, ("self_id", "out of range")),
        ({"url": WS, "self_id": "1"}, ("self_id", "whole number")),
        ({"url": WS, "provider": "relay"}, ("provider", "relay")),
        ({"url": WS, "provider": ""}, ("provider", "1 to 32")),
        ({"url": WS, "mode": "human"}, ("mode", "unknown")),
        ({"url": WS, "drafts": 0}, ("drafts", "1 to 5")),
        ({"url": WS, "wait_s": 0.5}, ("wait_s", "170")),
        ({"url": WS, "text": "all"}, ("text", "last")),
        ({"url": WS, "message_format": "cq"}, ("message_format", "array")),
        ({"url": WS, "tokens": "x"}, ("tokens", "no such option", "token")),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, object], words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=words[0]) as wrong:
        made(**given)
    assert all(word in str(wrong.value) for word in words)


@pytest.mark.parametrize("key", ["token", "secret"])
def test_a_secret_is_never_shown(key: str) -> None:
    with pytest.raises(ValueError, match=key) as wrong:
        read_options({"url": WS, key: ["hidden"]})
    assert "hidden" not in str(wrong.value)


@pytest.mark.parametrize(
    "given",
    [
        {"url": WS},
        {"url": "wss://example.com/onebot/v11/ws", "token": "t"},
        {"url": "ws://192.168.1.7:8080/ws/", "allow_private": True},
        {"url": "http://localhost:8080/", "secret": "s", "mode": "assist", "provider": "dianxiaomi"},
        {"listen": True, "token": "t", "onebot": 12},
    ],
)
def test_what_is_right_is_taken(given: dict[str, object]) -> None:
    options = read_options(given)
    place = target_of(options)
    assert (place is None) is ("url" not in given)
    assert made(**given).name == "shopbot"


def test_what_a_bot_serves() -> None:
    assert [route.path for route in made(url=WS).sockets()] == []
    assert made(url=WS).routes() == []
    eleven, twelve = made(listen=True, token="t"), made(listen=True, token="t", onebot=12)
    assert [route.path for route in eleven.sockets()] == [f"/bot/shopbot{end}" for end in ("", "/event", "/api")]
    assert {route.path for route in eleven.routes()} == {"/bot/shopbot/{action}", "/bot/shopbot/{action}/"}
    assert [route.path for route in twelve.sockets()] == ["/bot/shopbot"]
    assert twelve.routes() == []
