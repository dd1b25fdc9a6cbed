"""The signature scheme: known vectors, the window to the second, rotation, and no flipped byte that passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contracts import HttpRequest
from relay.testing.contracts_channel import SHOP, FakeIntake
from relay_webhook import sign
from relay_webhook.signature import SignatureError, key_of, verify
from relay_webhook.tests.bridge import NEXT_SECRET, NOW, SECRET, body_of, content, line, make_channel, post, signed

BODY = body_of("message", line())
VECTOR = b'{"test": 2432232314}'
VECTOR_ID, VECTOR_AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
VECTOR_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def fault_of(headers: dict[str, str], body: bytes = VECTOR, at_ms: int = VECTOR_AT * 1000, *secrets: str) -> str | None:
    try:
        verify([key_of(each) for each in secrets or (SECRET,)], headers, body, at_ms)
    except SignatureError as error:
        return error.code
    return None


def vector(**changes: str) -> dict[str, str]:
    plain = {"id": VECTOR_ID, "timestamp": str(VECTOR_AT), "signature": VECTOR_SIGNATURE} | changes
    return {f"webhook-{name}": value for name, value in plain.items()}


def test_the_public_vector() -> None:
    assert sign(SECRET, VECTOR_ID, VECTOR_AT, VECTOR) == VECTOR_SIGNATURE
    assert fault_of(vector()) is None


def test_the_prefix_of_a_secret_may_be_missing() -> None:
    assert sign(SECRET.removeprefix("whsec_"), VECTOR_ID, VECTOR_AT, VECTOR) == VECTOR_SIGNATURE


@pytest.mark.parametrize(
    ("offset_ms", "fault"),
    [
        (-300_000, None),
        (300_000, None),
        (-301_000, "stale_timestamp"),
        (301_000, "stale_timestamp"),
        (300_001, "stale_timestamp"),
        (0, None),
    ],
)
def test_the_window_is_five_minutes_both_ways(offset_ms: int, fault: str | None) -> None:
    assert fault_of(vector(), at_ms=VECTOR_AT * 1000 + offset_ms) == fault


@pytest.mark.parametrize(
    ("signature", "fault"),
    [
        (f"{VECTOR_SIGNATURE} v1,AAAA", None),
        (f"v1,AAAA {VECTOR_SIGNATURE}", None),
        (f"v1a,abc {VECTOR_SIGNATURE} v2,zzz", None),
        (f"v2,{VECTOR_SIGNATURE[3:]}", "bad_signature"),
        (VECTOR_SIGNATURE[3:], "bad_signature"),
        (VECTOR_SIGNATURE.replace(" ", ","), None),
        (VECTOR_SIGNATURE.lower(), "bad_signature"),
        (VECTOR_SIGNATURE + "=", "bad_signature"),
        (VECTOR_SIGNATURE[:-1], "bad_signature"),
        ("v1,", "bad_signature"),
        ("", "bad_signature"),
        ("v1,é", "bad_signature"),
        ("v1,\udc80", "bad_signature"),
    ],
)
def test_one_of_several_signatures_is_enough(signature: str, fault: str | None) -> None:
    assert fault_of(vector(signature=signature)) == fault


def test_any_of_the_secrets_is_enough_and_no_other() -> None:
    at = VECTOR_AT * 1000
    assert fault_of(vector(), VECTOR, at, NEXT_SECRET, SECRET) is None
    assert fault_of(vector(), VECTOR, at, SECRET, NEXT_SECRET) is None
    assert fault_of(vector(), VECTOR, at, NEXT_SECRET) == "bad_signature"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": ""}, "missing_header"),
        ({"id": "a b"}, "missing_header"),
        ({"id": "a\nb"}, "missing_header"),
        ({"id": "信"}, "missing_header"),
        ({"id": "\udcff"}, "missing_header"),
        ({"id": "x" * 257}, "missing_header"),
        ({"id": "x" * 256}, "bad_signature"),
        ({"timestamp": ""}, "missing_header"),
        ({"timestamp": "1614265330.5"}, "missing_header"),
        ({"timestamp": "+1614265330"}, "missing_header"),
        ({"timestamp": "-1"}, "missing_header"),
        ({"timestamp": " 1614265330"}, "missing_header"),
        ({"timestamp": "１６１４２６５３３０"}, "missing_header"),
        ({"timestamp": "9" * 5000}, "missing_header"),
        ({"timestamp": "01614265330"}, "bad_signature"),
    ],
)
def test_headers_that_cannot_be_right(changes: dict[str, str], fault: str) -> None:
    assert fault_of(vector(**changes)) == fault


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = vector()
    del headers[name]
    with pytest.raises(SignatureError, match=name):
        verify([key_of(SECRET)], headers, VECTOR, VECTOR_AT * 1000)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_not base64!", "hunter2", "whsec_" + "QUJD" * 22])
def test_a_bad_secret_is_refused_and_never_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="secret") as error:
        key_of(secret)
    assert secret == "whsec_" or secret not in str(error.value)


async def _status(request: HttpRequest) -> int:
    channel, intake = make_channel(), FakeIntake()
    await channel.start(intake, [SHOP])
    response = await post(channel, request)
    if response.status == 401:
        assert intake.taken == []
        assert intake.quarantined == [], "what is not signed is never stored"
        error = content(response)
        assert isinstance(error, dict)
        assert error["error"].keys() == {"code", "en", "zh"}
    return response.status


@given(place=st.integers(0, len(BODY) - 1), mask=st.integers(1, 255))
async def test_a_flipped_byte_of_the_body_is_refused(place: int, mask: int) -> None:
    good = signed(BODY)
    flipped = BODY[:place] + bytes([BODY[place] ^ mask]) + BODY[place + 1 :]
    assert await _status(good) == 200
    assert await _status(HttpRequest("POST", good.path, good.headers, flipped)) == 401


@given(name=st.sampled_from(["id", "timestamp", "signature"]), data=st.data())
async def test_a_flipped_byte_of_a_header_is_refused(name: str, data: st.DataObject) -> None:
    good = signed(BODY)
    value = good.headers[f"webhook-{name}"]
    place = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(max_codepoint=255).filter(lambda char: char != value[place]))
    changed = value[:place] + other + value[place + 1 :]
    assert await _status(HttpRequest("POST", good.path, {**good.headers, f"webhook-{name}": changed}, BODY)) == 401


@given(body=st.binary(max_size=200), signature=st.text(max_size=80))
async def test_no_signature_that_was_not_made_with_the_secret_passes(body: bytes, signature: str) -> None:
    assert await _status(signed(body, webhook_signature=signature)) == 401


async def test_the_window_in_the_channel_itself() -> None:
    for offset, status in [(300, 200), (301, 401), (-300, 200), (-301, 401)]:
        assert await _status(signed(BODY, at=NOW // 1000 + offset)) == status
