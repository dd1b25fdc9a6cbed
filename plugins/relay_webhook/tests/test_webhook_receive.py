"""What a bridge posts: the order of the checks, what is taken, what is kept in quarantine, what may come again."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from relay.contracts import Arrival, HttpRequest, HttpResponse
from relay.domain.names import Millis, ShopId
from relay.errors import BadInputError, InboxFullError, OwnershipLostError, StoreLatchedError
from relay.testing.contracts_channel import OTHER_SHOP, SHOP, FakeIntake
from relay.testing.fakes import FakeClock
from relay_webhook.tests.bridge import NOW, SECRET, T_MS, T, body_of, content, line, make_channel, post, signed
from relay_webhook.wire import KINDS, MAX_BATCH

DEEP = b"[" * 20_000 + b"]" * 20_000


async def receive(
    request: HttpRequest, intake: FakeIntake, shops: tuple[ShopId, ...] = (SHOP,), **options: object
) -> HttpResponse:
    channel = make_channel(**options)  # type: ignore[arg-type]
    await channel.start(intake, shops)
    intake.states.clear()
    response = await post(channel, request)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response


def code_of(response: HttpResponse) -> str:
    answer: Any = content(response)
    assert answer["error"]["en"]
    assert answer["error"]["zh"]
    return str(answer["error"]["code"])


# --- the order of the checks


async def test_size_comes_first_then_signature_then_time_then_encoding() -> None:
    intake = FakeIntake()
    bad, late = b"no json", NOW // 1000 - 400
    cases: list[tuple[HttpRequest, int, str]] = [
        (signed(b"x" * 2001, webhook_signature="v1,x"), 413, "too_large"),
        (signed(bad, at=late, webhook_signature="v1,x", content_encoding="gzip"), 401, "bad_signature"),
        (signed(bad, at=late, content_encoding="gzip"), 401, "stale_timestamp"),
        (signed(bad, content_encoding="gzip"), 415, "content_encoding"),
        (signed(bad, content_encoding=""), 415, "content_encoding"),
    ]
    for request, status, code in cases:
        response = await receive(request, intake, max_body=2000)
        assert (response.status, code_of(response)) == (status, code)
    assert (intake.taken, intake.quarantined) == ([], [])
    response = await receive(signed(bad, content_encoding="Identity"), intake, max_body=2000)
    assert (response.status, code_of(response)) == (422, "unusable")


async def test_a_body_of_exactly_the_largest_size_is_taken() -> None:
    body = body_of("message", line())
    body += b" " * (1024 - len(body))
    assert (await receive(signed(body), FakeIntake(), max_body=1024)).status == 200
    assert (await receive(signed(body + b" "), FakeIntake(), max_body=1024)).status == 413


async def test_either_secret_opens_the_door_while_rotating() -> None:
    other = "whsec_" + "QUJD" * 11
    for secret in (SECRET, other):
        request = signed(body_of("message", line()), secret=secret)
        assert (await receive(request, FakeIntake(), secrets=[other, SECRET])).status == 200


# --- what is taken


async def test_every_field_of_a_line_arrives() -> None:
    intake = FakeIntake()
    data = line(
        shop=SHOP,
        role="merchant",
        kind="assist",
        buyer_name="小明",
        sub_account="店:客服1",
        from_sub="s0",
        bot="dianxiaomi",
        mode="assist",
        trigger="machine",
        path="vendor",
        origin="draft",
        content="text",
        buyer_class="xiaoer",
        tag="ad",
        order_state="paid",
        entry="detail",
        goods="g-100",
        order_no="10017",
        recalls="p0",
        echo_of="k1",
        self_id="me",
        conversation="c1",
        skew_ms=250,
        queued=True,
        outcome="unknown",
        replayed=True,
        something_new={"ignored": [1.5]},
    )
    response = await receive(signed(body_of("message", data)), intake)
    assert (response.status, content(response)) == (200, {"taken": "taken", "message": "m1"})
    assert intake.taken == [
        Arrival(
            shop=SHOP,
            at=Millis(T_MS),
            role="merchant",
            kind="assist",
            buyer="b1",
            id="p1",
            text="在吗？",
            buyer_name="小明",
            account="店:客服1",
            from_account="s0",
            provider="dianxiaomi",
            mode="assist",
            trigger="machine",
            path="vendor",
            origin="draft",
            content="text",
            buyer_class="xiaoer",
            tag="ad",
            order_state="paid",
            entry="detail",
            goods="g-100",
            order_no="10017",
            recalls="p0",
            echo_of="k1",
            self_id="me",
            conversation="c1",
            skew_ms=250,
            outcome="unknown",
            queued=True,
            replay=True,
        )
    ]


async def test_nulls_and_absent_keys_are_the_same() -> None:
    intake = FakeIntake()
    optional = ("shop", "text", "buyer_name", "sub_account", "bot", "mode", "to", "skew_ms", "self_id", "conversation")
    await receive(signed(body_of("message", line() | dict.fromkeys(optional))), intake)
    await receive(signed(body_of("message", line(text=None))), intake)
    assert intake.taken[0] == intake.taken[-1]


@given(st.text(st.characters(codec="utf-8")), st.booleans())
@example("\x00\x01\x1f\x7f\u2028\ufeff\ufffe\U0010ffff", False)
async def test_a_text_arrives_as_it_was_written(text: str, ascii_only: bool) -> None:
    intake = FakeIntake()
    body = json.dumps({"type": "message", "data": line(text=text)}, ensure_ascii=ascii_only).encode()
    assert (await receive(signed(body), intake)).status == 200
    assert intake.taken[0].text == text


async def test_a_repetition_and_a_conflict_are_told() -> None:
    intake = FakeIntake()
    for text, taken in [("a", "taken"), ("a", "duplicate"), ("b", "conflict")]:
        answer: Any = content(await receive(signed(body_of("message", line(text=text))), intake))
        assert answer["taken"] == taken


async def test_a_message_without_an_id_gets_one_that_is_stable_over_retries() -> None:
    intake = FakeIntake()
    body = body_of("message", line(id=None))
    for id, at, taken in [("a", 0, "taken"), ("a", 7, "duplicate"), ("b", 7, "taken")]:
        answer: Any = content(await receive(signed(body, id=id, at=NOW // 1000 + at), intake))
        assert answer["taken"] == taken
    assert [each.id for each in intake.taken] == ["wh:a", "wh:b"]


@pytest.mark.parametrize("kind", sorted(set().union(*KINDS.values())))
@pytest.mark.parametrize("role", KINDS)
async def test_which_role_may_write_which_kind(role: Any, kind: str) -> None:
    intake = FakeIntake()
    data = line(role=role, kind=kind, sub_account="s1", recalls="p0", to="2025-06-15T23:06:10+08:00")
    response = await receive(signed(body_of("message", data)), intake)
    assert response.status == (200 if kind in KINDS[role] else 422)
    assert bool(intake.quarantined) == (response.status == 422)
    if kind == "gap" and role == "system":
        assert intake.gaps == [(SHOP, T_MS, T_MS + 10_000, False)]


# --- what is kept in quarantine

MALFORMED: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("not UTF-8", b'{"type":"message","data":{"text":"\xff"}}'),
    ("not UTF-8 where nobody looks", body_of("message", line())[:-2] + b',"x":"\xff"}}'),
    ("a surrogate in UTF-8", b'{"type":"message","data":{"text":"\xed\xa0\x80"}}'),
    ("an overlong zero", b'{"type":"message","data":{"text":"\xc0\x80"}}'),
    ("UTF-16", '{"type":"message"}'.encode("utf-16")),
    ("a byte-order mark", b"\xef\xbb\xbf" + body_of("message", line())),
    ("cut off", body_of("message", line())[:-1]),
    ("something behind", body_of("message", line()) + b"{}"),
    ("a lone surrogate", body_of("message", line(text="X")).replace(b"X", b"\\ud800")),
    ("a lone low surrogate", body_of("message", line(text="X")).replace(b"X", b"\\udc00")),
    ("a raw control character", body_of("message", line(text="X")).replace(b"X", b"\x01")),
    ("NaN", body_of("message", line(t="X")).replace(b'"X"', b"NaN")),
    ("Infinity", body_of("message", line(t="X")).replace(b'"X"', b"-Infinity")),
    ("deep nesting", DEEP),
    ("deep nesting inside", b'{"type":"message","data":' + DEEP + b"}"),
    ("deep nesting where nobody looks", body_of("message", line())[:-2] + b',"x":' + DEEP + b"}}"),
    ("a form", b"type=message&data=1"),
    ("null", b"null"),
    ("a list", b"[]"),
    ("no type", b'{"data":{}}'),
    ("an unknown type", b'{"type":"order","data":{}}'),
    ("a type that is none", b'{"type":{"$ne":1},"data":{}}'),
    ("no data", b'{"type":"message"}'),
    ("data of another sort", b'{"type":"message","data":[]}'),
    ("no lines", body_of("messages", [])),
    ("lines of another sort", body_of("messages", line())),
    ("too many lines", body_of("messages", [1] * (MAX_BATCH + 1))),
    *((f"no {key}", body_of("message", line(**{key: None}))) for key in ("t", "role", "kind", "buyer")),
    *(
        (f"{key} of another sort", body_of("message", line(**{key: {"$gt": ""}})))
        for key in ("t", "role", "kind", "buyer", "id", "shop", "text", "sub_account", "bot", "self_id", "skew_ms")
    ),
    ("a number for a buyer", body_of("message", line(buyer=12))),
    ("a number for an id", body_of("message", line(id=12))),
    ("an empty id", body_of("message", line(id=""))),
    ("an endless id", body_of("message", line(id="x" * 257))),
    ("an unknown role", body_of("message", line(role="agent"))),
    ("an unknown robot", body_of("message", line(bot="gpt"))),
    ("a naive time", body_of("message", line(t="2025-06-15T23:06:00"))),
    ("a time in seconds", body_of("message", line(t=1_750_000_000))),
    ("a time before 2000", body_of("message", line(t="1999-12-31T23:59:59Z"))),
    ("a time of next week", body_of("message", line(t="2025-06-23T00:00:00Z"))),
    ("a negative skew", body_of("message", line(skew_ms=-1))),
    ("a skew with a fraction", body_of("message", line(skew_ms=1.5))),
    ("an unknown shop", body_of("message", line(shop="somebody-elses"))),
    ("a recall of nothing", body_of("message", line(kind="recall"))),
    ("an assignment to nobody", body_of("message", line(role="system", kind="assign"))),
    ("a gap without an end", body_of("message", line(role="system", kind="gap"))),
    ("a gap that ends before it begins", body_of("gap", {"from": T, "to": T})),
    ("a gap of words", body_of("gap", {"from": "then", "to": "now"})),
    ("a gap without times", body_of("gap", {})),
    ("a gap that is both", body_of("gap", {"from": T, "to": T_MS + 5, "recovered": True, "unrecoverable": True})),
    ("a state of an unknown shop", body_of("connected", {"shop": "x"})),
    ("a reason without end", body_of("lost", {"why": "x" * 201})),
]


@pytest.mark.parametrize("body", [each for _, each in MALFORMED], ids=[each for each, _ in MALFORMED])
async def test_what_is_signed_but_unusable_is_kept_raw_and_refused(body: bytes) -> None:
    intake = FakeIntake()
    response = await receive(signed(body), intake)
    assert (response.status, code_of(response)) == (422, "unusable")
    [(channel, raw, why)] = intake.quarantined
    assert (channel, raw) == ("hook", body)
    assert why
    assert (intake.taken, intake.states, intake.gaps) == ([], [], [])


async def test_what_cannot_be_quarantined_is_not_refused_for_good() -> None:
    for fault, status in [(StoreLatchedError("EIO"), 503), (OSError("disk"), 500)]:
        intake = Faulty(on_quarantine=fault)
        assert (await receive(signed(b"junk"), intake)).status == status


async def test_a_shop_must_be_named_where_there_are_several() -> None:
    intake = FakeIntake()
    shops = (SHOP, OTHER_SHOP)
    assert (await receive(signed(body_of("message", line())), intake, shops)).status == 422
    assert (await receive(signed(body_of("message", line(shop=OTHER_SHOP))), intake, shops)).status == 200
    assert [each.shop for each in intake.taken] == [OTHER_SHOP]


# --- acknowledgement


class Faulty(FakeIntake):
    """Raises for some texts, or when asked to quarantine."""

    def __init__(self, on_text: dict[str, Exception] | None = None, on_quarantine: Exception | None = None) -> None:
        super().__init__()
        self.on_text, self.on_quarantine = dict(on_text or {}), on_quarantine

    async def take(self, arrival: Arrival) -> Any:
        if error := self.on_text.get(arrival.text):
            raise error
        return await super().take(arrival)

    async def quarantine(self, channel: Any, raw: bytes, why: str) -> None:
        if self.on_quarantine is not None:
            raise self.on_quarantine
        await super().quarantine(channel, raw, why)


@pytest.mark.parametrize(
    ("body", "attribute"),
    [
        (body_of("message", line()), "taken"),
        (body_of("messages", [line(id="p1"), line(id="p2")]), "taken"),
        (body_of("gap", {"from": T, "to": "2025-06-15T23:06:10+08:00"}), "gaps"),
        (body_of("connected", {}), "states"),
        (body_of("lost", {"why": "logged out"}), "states"),
        (b"junk", "quarantined"),
    ],
)
async def test_l1_no_answer_before_the_intake_has_returned(body: bytes, attribute: str) -> None:
    intake, channel = FakeIntake(), make_channel()
    await channel.start(intake, [SHOP])
    intake.states.clear()
    intake.gate.clear()
    answering = asyncio.ensure_future(post(channel, signed(body)))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not answering.done()
    assert getattr(intake, attribute) == []
    intake.gate.set()
    assert (await answering).status == (422 if body == b"junk" else 200)
    assert getattr(intake, attribute)


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [
        (InboxFullError(3), 503, "inbox_full", "3"),
        (StoreLatchedError("EIO"), 503, "store_latched", "30"),
        (BadInputError("unknown shop / 未知店铺"), 422, "unusable", None),
        (OwnershipLostError("desk-1"), 500, "failed", None),
        (RuntimeError("在吗？ b1"), 500, "failed", None),
        (RecursionError(), 500, "failed", None),
    ],
)
async def test_what_the_intake_raises(fault: Exception, status: int, code: str, retry_after: str | None) -> None:
    intake = Faulty(on_text={"在吗？": fault})
    with capture_logs() as logs:
        response = await receive(signed(body_of("message", line())), intake)
    assert (response.status, code_of(response)) == (status, code)
    assert response.headers.get("retry-after") == retry_after
    assert bool(intake.quarantined) == (status == 422)
    if status == 500:
        assert "在吗" not in response.body.decode() + repr(logs), "no detail leaks and no personal data is logged"
        assert [each["event"] for each in logs] == ["webhook_failed"]


async def test_after_come_again_the_same_request_is_taken() -> None:
    intake, channel = FakeIntake(), make_channel()
    await channel.start(intake, [SHOP])
    request = signed(body_of("message", line()))
    intake.fault = InboxFullError()
    assert (await post(channel, request)).status == 503
    intake.fault = None
    assert content(await post(channel, request)) == {"taken": "taken", "message": "m1"}


async def test_stopping_answers_what_was_begun_and_nothing_new() -> None:
    intake, channel = FakeIntake(), make_channel()
    await channel.start(intake, [SHOP])
    intake.gate.clear()
    intake.asked.clear()
    begun = asyncio.ensure_future(post(channel, signed(body_of("message", line()))))
    await intake.asked.wait()
    stopping = asyncio.ensure_future(channel.stop())
    await asyncio.sleep(0)
    refused = await post(channel, signed(body_of("message", line(id="p2"))))
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert not stopping.done()
    intake.gate.set()
    assert (await begun).status == 200
    await stopping
    await channel.start(intake, [SHOP])
    assert (await post(channel, signed(body_of("message", line(id="p3"))))).status == 200


# --- batches


async def test_a_batch_is_answered_line_by_line() -> None:
    intake = FakeIntake()
    lines = [line(id=f"p{each}") for each in range(150)] + [line(id="p0"), line(id=None)]
    response = await receive(signed(body_of("messages", lines)), intake)
    answer: Any = content(response)
    assert (response.status, len(answer)) == (200, 152)
    assert [each["taken"] for each in answer] == ["taken"] * 150 + ["duplicate", "taken"]
    assert [each.id for each in intake.taken] == [*(f"p{each}" for each in range(150)), "wh:msg_1:151"]


async def test_a_bad_line_holds_up_none_of_the_others() -> None:
    intake = FakeIntake()
    body = body_of("messages", [line(id="p1"), line(t="2025-06-15T23:06:00"), 7, line(id="p3")])
    response = await receive(signed(body), intake)
    answer: Any = content(response)
    assert (response.status, code_of(response)) == (422, "unusable")
    assert [each.get("taken") for each in answer["results"]] == ["taken", None, None, "taken"]
    assert [each.id for each in intake.taken] == ["p1", "p3"]
    [(_, raw, why)] = intake.quarantined
    assert raw == body
    assert why.startswith("data[1]: ")
    assert "; data[2]: " in why


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ({"full": InboxFullError(2)}, 503),
        ({"full": InboxFullError(2), "broken": RuntimeError()}, 503),
        ({"full": InboxFullError(2), "foreign": BadInputError("x")}, 503),
        ({"broken": RuntimeError(), "foreign": BadInputError("x")}, 500),
        ({"foreign": BadInputError("x")}, 422),
    ],
)
async def test_the_gravest_answer_of_a_batch_counts_and_says_which_were_taken(
    faults: dict[str, Exception], status: int
) -> None:
    intake = Faulty(on_text=faults)
    texts = ["a", "full", "broken", "foreign", "b"]
    lines = [line(id=f"p{place}", text=text) for place, text in enumerate(texts)]
    response = await receive(signed(body_of("messages", lines)), intake)
    answer: Any = content(response)
    assert response.status == status
    assert ["taken" in each for each in answer["results"]] == [text not in faults for text in texts]
    assert response.headers.get("retry-after") == ("2" if status == 503 else None)
    intake.on_text.clear()
    again: Any = content(await receive(signed(body_of("messages", lines)), intake))
    assert [each["taken"] for each in again] == ["taken" if text in faults else "duplicate" for text in texts]


async def test_after_come_again_the_rest_of_a_batch_is_not_tried() -> None:
    intake = Faulty(on_text={"full": InboxFullError()})
    lines = [line(id=f"p{each}", text="full" if each == 3 else "a") for each in range(100)]
    answer: Any = content(await receive(signed(body_of("messages", lines)), intake))
    assert len(intake.taken) == 63
    assert [each["error"]["code"] for each in answer["results"][64:]] == ["not_tried"] * 36


# --- states and gaps


async def test_states_and_gaps_are_handed_on() -> None:
    intake = FakeIntake()
    gap = {"from": T, "to": T_MS + 5000, "recovered": True}
    for type, data in [("lost", {"shop": SHOP, "why": "logged out"}), ("connected", {"shop": SHOP}), ("gap", gap)]:
        response = await receive(signed(body_of(type, data)), intake)
        assert (response.status, content(response)) == (200, {"taken": "taken", "message": ""})
        if type != "gap":
            assert intake.states == [(type, SHOP)]
    assert intake.gaps == [(SHOP, T_MS, T_MS + 5000, True)]


async def test_a_sign_of_life_and_a_gap_that_is_given_up_are_handed_on() -> None:
    intake = FakeIntake()
    for type, data in [
        ("alive", {"shop": SHOP}),
        ("gap", {"from": T, "to": T_MS + 5000, "unrecoverable": True}),
    ]:
        assert (await receive(signed(body_of(type, data)), intake)).status == 200
    assert intake.signs == [SHOP]
    assert (intake.gaps, intake.given_up) == ([(SHOP, T_MS, T_MS + 5000, False)], [(SHOP, T_MS, T_MS + 5000)])


async def test_several_gaps_in_one_batch_are_several() -> None:
    intake = FakeIntake()
    lines = [line(role="system", kind="gap", t=T_MS + each, to=T_MS + each + 1, id=None) for each in (0, 10)]
    assert (await receive(signed(body_of("messages", lines)), intake)).status == 200
    assert len(intake.gaps) == 2


async def test_a_captured_state_cannot_be_replayed_while_its_signature_is_valid() -> None:
    clock = FakeClock(NOW)
    intake, channel = FakeIntake(), make_channel(clock=clock)
    await channel.start(intake, [SHOP])
    intake.states.clear()
    connected = signed(body_of("connected", {}), id="c", at=NOW // 1000 + 300)
    assert (await post(channel, connected)).status == 200
    assert (await post(channel, signed(body_of("lost", {}), id="l"))).status == 200
    for _ in range(2):
        clock.advance(300_000)
        assert content(await post(channel, connected)) == {"taken": "duplicate", "message": ""}
    clock.advance(1)
    assert (await post(channel, connected)).status == 401
    assert intake.states == [("connected", SHOP), ("lost", SHOP)]


async def test_a_lost_shop_stays_lost_when_the_channel_is_started_anew() -> None:
    intake, channel = FakeIntake(), make_channel()
    await channel.start(intake, [SHOP, OTHER_SHOP])
    await post(channel, signed(body_of("lost", {"shop": SHOP}), id="1"))
    for posted, connected in [(None, [OTHER_SHOP]), ("connected", [SHOP, OTHER_SHOP])]:
        if posted:
            await post(channel, signed(body_of(posted, {"shop": SHOP}), id="2"))
        await channel.stop()
        intake.states.clear()
        await channel.start(intake, [SHOP, OTHER_SHOP])
        assert intake.states == [("connected", shop) for shop in connected]


async def test_a_state_that_failed_may_come_again() -> None:
    intake, channel = FakeIntake(), make_channel()
    await channel.start(intake, [SHOP])
    intake.states.clear()
    request = signed(body_of("lost", {}))
    intake.fault = InboxFullError()
    assert (await post(channel, request)).status == 503
    intake.fault = None
    assert (await post(channel, request)).status == 200
    assert intake.states == [("lost", SHOP)]


# --- whatever is signed

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["buyer", "human", "gap", "recall", SHOP, T, T_MS, 1e300]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["t", "role", "kind", "to", "from", "shop", "why"]) | st.text(), inner)
    ),
    max_leaves=8,
)
KEYS = ("t", "to", "role", "kind", "buyer", "shop", "id", "text", "sub_account", "bot", "recalls", "skew_ms", "new")
LINES = st.builds(
    lambda key, value: line() | {key: value},
    st.sampled_from(KEYS),
    JSON | st.sampled_from(["", "gap", "recall", "system"]),
)
BODIES = (
    st.binary(max_size=300)
    | st.builds(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"), JSON)
    | st.builds(body_of, st.sampled_from(["message", "messages", "gap", "connected", "lost", "alive", "other"]), JSON)
    | st.builds(body_of, st.just("message"), LINES)
    | st.builds(body_of, st.just("messages"), st.lists(LINES | JSON, max_size=4))
    | st.builds(
        lambda place, byte: (
            (body := body_of("message", line()))[: place % len(body)] + bytes([byte]) + body[place % len(body) + 1 :]
        ),
        st.integers(0, 1000),
        st.integers(0, 255),
    )
)


@given(body=BODIES, full=st.booleans())
async def test_no_signed_body_leads_to_anything_but_taken_quarantined_or_come_again(body: bytes, full: bool) -> None:
    intake = FakeIntake()
    channel = make_channel()
    await channel.start(intake, [SHOP])
    intake.states.clear()
    intake.fault = InboxFullError() if full else None
    response = await post(channel, signed(body))
    assert response.status in ({503} if full else {200, 422})
    json.loads(response.body)
    if response.status == 422:
        assert [raw for _, raw, _ in intake.quarantined] == [body]
    elif response.status == 200:
        assert intake.quarantined == []
        assert intake.taken or intake.states or intake.gaps or intake.signs
