"""Events, actions, responses, retcodes, ids and tokens: each as the standards write them."""

import msgspec
import pytest

from relay_onebot.actions import (
    Request,
    Response,
    decode_request,
    decode_response,
    echo_of,
    encode_request,
    encode_response,
)
from relay_onebot.auth import sign, signature_standing, standing_of, status_of
from relay_onebot.events11 import Message11, decode11
from relay_onebot.events12 import Message12, Self, decode12, encode
from relay_onebot.ids import text_id, wire_id
from relay_onebot.retcodes import Proof, proof_of
from relay_onebot.segments import text

ECHOES = ["k-1", 7, {"seq": 1}, [1, "a", None], True, 1.5]


@pytest.mark.parametrize("echo", ECHOES)
def test_an_echo_of_any_form_comes_back(echo: object) -> None:
    request = decode_request(encode_request("send_msg", {"message": "在吗"}, echo))
    assert echo_of(request) == echo
    response = decode_response(encode_response("ok", 0, {"message_id": 1}, echo=request.echo))
    assert echo_of(response) == echo


def test_an_echo_comes_back_byte_for_byte() -> None:
    request = decode_request(b'{"action":"a","echo":{"b" : 1.0 ,"a":[ ]}}')
    assert b'"echo":{"b" : 1.0 ,"a":[ ]}' in encode_response("ok", 0, echo=request.echo)
    assert b"echo" not in encode_response("ok", 0, echo=decode_request(b'{"action":"a"}').echo)


@pytest.mark.parametrize(
    ("action", "name", "ending"),
    [
        ("send_msg", "send_msg", ""),
        ("send_msg_async", "send_msg", "_async"),
        ("send_msg_rate_limited", "send_msg", "_rate_limited"),
        (".handle_quick_operation_async", ".handle_quick_operation", "_async"),
    ],
)
def test_version_11_says_at_the_end_of_a_name_how(action: str, name: str, ending: str) -> None:
    request = Request(action=action)
    assert (request.name, request.ending) == (name, ending)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"action":1}', b'{"action":"a","params":[]}', b'{"action":"a"'])
def test_what_is_no_request_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_request(raw)


PROOFS: list[tuple[str, int, Proof]] = [
    ("ok", 0, "done"),
    ("ok", 1, "doubtful"),
    ("async", 1, "doubtful"),
    ("async", 0, "doubtful"),
    ("failed", 0, "doubtful"),
    *(("failed", code, "refused") for code in (100, 103, 1400, 1401, 1403, 1404)),
    *(("failed", code, "refused") for code in (10001, 10002, 10003, 10007, 10102, 34001, 35999)),
    *(("failed", code, "tired") for code in (36000, 36001, 36999)),
    *(("failed", code, "doubtful") for code in (-1, 2, 1200, 20001, 20002, 31001, 33001, 40000, 60001, 99999)),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "proof"), PROOFS)
def test_l9_only_a_documented_code_proves_that_nothing_was_sent(status: str, code: int, proof: Proof) -> None:
    response = Response(status=status, retcode=code)
    assert proof_of(response) == proof
    if status == "failed" and proof == "doubtful":
        assert proof_of(response, also_refused=frozenset({code})) == "refused"


def test_an_event_of_version_12_keeps_its_extensions_apart() -> None:
    event = Message12(
        id="e1",
        time=1790000000.25,
        detail_type="private",
        sub_type="",
        own_=Self("taobao", "shop:sub1"),
        message_id="3311708369390.PNM",
        message=[text("什么时候发货")],
        alt_message="什么时候发货",
        user_id="buyer-77",
    )
    raw = encode(event, {"taobao.shop": "shop"})
    assert decode12(raw) == event
    fields = msgspec.json.decode(raw)
    assert (fields["taobao.shop"], fields["type"], fields["sub_type"]) == ("shop", "message", "")
    assert fields["self"] == {"platform": "taobao", "user_id": "shop:sub1"}


def test_an_event_of_version_11_is_read_with_ids_of_both_kinds() -> None:
    raw = (
        b'{"time":1790000000,"self_id":"shop1","post_type":"message","message_type":"private","sub_type":"friend",'
        b'"message_id":-12,"user_id":9007199254740993,"message":"[CQ:face,id=1]","raw_message":null,"font":0}'
    )
    event = decode11(raw)
    assert isinstance(event, Message11)
    assert (text_id(event.self_id), text_id(event.user_id), event.message_id) == ("shop1", "9007199254740993", -12)
    assert decode11(encode(event)) == event


@pytest.mark.parametrize(
    ("text", "integers", "expected"),
    [
        ("12", True, 12),
        ("-12", True, -12),
        ("12", False, "12"),
        ("012", True, "012"),
        ("buyer-7", True, "buyer-7"),
        ("９", True, "９"),
        ("1" * 30, True, "1" * 30),
    ],
)
def test_an_id_goes_out_as_the_peer_writes_them(text: str, integers: bool, expected: object) -> None:
    assert wire_id(text, integers) == expected


def test_an_id_has_an_end() -> None:
    assert (text_id(None), text_id(""), text_id(0), text_id("0")) == (None, None, "0", "0")
    for endless in (10**5000, "a" * 257):
        with pytest.raises(ValueError, match="at most"):
            text_id(endless)


STANDINGS = [
    ({"authorization": "Bearer t2"}, {}, "admitted"),
    ({"authorization": "bearer  t1 "}, {}, "admitted"),
    ({"authorization": "Bearer t3"}, {}, "wrong"),
    ({"authorization": "Bearer t3"}, {"access_token": "t1"}, "wrong"),
    ({"authorization": "t1"}, {"access_token": "t1"}, "wrong"),
    ({"authorization": ""}, {"access_token": "t1"}, "wrong"),
    ({"authorization": "Basic t1"}, {}, "wrong"),
    ({}, {"access_token": "t1"}, "admitted"),
    ({}, {"access_token": ""}, "wrong"),
    ({}, {}, "missing"),
]


@pytest.mark.parametrize(("headers", "query", "standing"), STANDINGS)
def test_a_header_alone_decides_where_there_is_one(
    headers: dict[str, str], query: dict[str, str], standing: str
) -> None:
    assert standing_of(["t1", "t2"], headers, query) == standing
    assert standing_of([], headers, query) != "admitted"


def test_a_signature_is_over_the_raw_body_under_any_secret() -> None:
    body = '{"文": 1}'.encode()
    assert sign("s1", b"{}") == "sha1=2bdba6f32d84dc74f035a9857d48c0e660b00be7"
    for secret in ("s1", "s2"):
        assert signature_standing(["s1", "s2"], {"x-signature": sign(secret, body)}, body) == "admitted"
    assert signature_standing(["s1"], {"x-signature": sign("s1", body)}, body + b" ") == "wrong"
    assert signature_standing(["s1"], {"x-signature": ""}, body) == "wrong"
    assert signature_standing(["s1"], {}, body) == "missing"


@pytest.mark.parametrize(
    ("standing", "v11", "v12"), [("admitted", 200, 200), ("missing", 401, 401), ("wrong", 403, 401)]
)
def test_each_version_has_its_status(standing: str, v11: int, v12: int) -> None:
    assert (status_of(standing, "11"), status_of(standing, "12")) == (v11, v12)  # type: ignore[arg-type]
