"""What a bridge may say, event by event: the whole catalogue of both versions, and what relay makes of each.

Every event goes through the channel as it would from a socket. What relay takes is compared field by field; what is of
no interest leaves nothing; what cannot be used is quarantined raw.
"""

import json
from typing import Any

import pytest

from relay.contracts import Arrival
from relay.domain.names import Millis
from relay.testing.contracts_channel import OTHER_SHOP, SHOP, FakeIntake
from relay_onebot.options import Version
from relay_onebot.tests.bridge import AT, Script, make_channel
from relay_onebot.tests.fake_socket import Line, turns

V11, V12 = Script("11"), Script("12")
TEXT = {"type": "text", "data": {"text": "在吗"}}


async def told(version: Version, *events: dict[str, Any], **options: object) -> FakeIntake:
    """What a channel makes of these events."""
    channel, intake = make_channel(version=version, **options), FakeIntake()
    await channel.start(intake, [SHOP, OTHER_SHOP])
    line = Line(channel, Script(version))
    for event in events:
        line.socket.push(event)
    await turns()
    await channel.stop()
    await line.task
    return intake


def changed(arrival: Arrival) -> dict[str, object]:
    """The fields of an arrival that say something."""
    plain = Arrival(shop=SHOP, at=Millis(0), role="buyer", kind="human", buyer="")
    return {
        name: getattr(arrival, name)
        for name in Arrival.__struct_fields__
        if getattr(arrival, name) != getattr(plain, name)
    }


BUYER11 = {"at": AT * 1000, "buyer": "b1", "id": f"5@{AT}", "text": "在吗", "account": "seat-1", "self_id": "1001",
           "skew_ms": 1000}  # fmt: skip
BUYER12 = {"at": AT * 1000, "buyer": "b1", "id": "5", "text": "在吗", "account": "seat-1", "self_id": "1001"}
OWN = {"role": "merchant", "path": "client"}
CASES: list[tuple[str, dict[str, Any], dict[str, object]]] = [
    # --- lines of buyers
    ("11", V11.message("5", "在吗"), BUYER11),
    ("11", V11.message("5", "在吗", message="在吗"), BUYER11),
    ("11", V11.message("5", "在吗", message=TEXT), BUYER11),
    ("11", V11.message("5", "在吗", message_id=5, user_id=77), BUYER11 | {"buyer": "77"}),
    ("11", V11.message("5", "在吗", sub_type="group", sender=None), BUYER11),
    ("11", V11.message("5", "在吗", sender={"nickname": "小王", "card": ""}), BUYER11 | {"buyer_name": "小王"}),
    ("11", V11.message("5", "在吗", message="在&#91;吗&#93;&amp;"), BUYER11 | {"text": "在[吗]&"}),
    ("12", V12.message("5", "在吗"), BUYER12),
    ("12", V12.message("5", "在吗", time=AT + 0.0005), BUYER12),
    ("12", V12.message("5", "在吗", time=AT + 0.0015), BUYER12 | {"at": AT * 1000 + 2}),
    ("12", V12.message("5", "在吗", time=AT), BUYER12),
    # --- extension fields
    ("11", V11.message("5", "在吗", relay__time=AT * 1000 + 123), {**BUYER11, "at": AT * 1000 + 123, "skew_ms": 0}),
    ("12", V12.message("5", "在吗", relay__time="2025-06-15T23:06:40.5+08:00"), BUYER12 | {"at": AT * 1000 + 500}),
    ("12", V12.message("5", "在吗", taobao__shop=OTHER_SHOP), BUYER12 | {"shop": OTHER_SHOP}),
    ("12", V12.message("5", "在吗", taobao__shop="no", relay__shop=OTHER_SHOP), BUYER12 | {"shop": OTHER_SHOP}),
    ("12", V12.message("5", "在吗", other__shop="no"), BUYER12),
    ("11", V11.message("5", "在吗", taobao__shop="no"), BUYER11),
    ("12", V12.message("5", "在吗", taobao__account="seat-9"), BUYER12 | {"account": "seat-9"}),
    ("12", V12.message("5", "在吗", taobao__owner="seat-3"), BUYER12 | {"account": "seat-3"}),
    ("12", V12.message("5", "在吗", taobao__buyer_name="小王", relay__shop=None), BUYER12 | {"buyer_name": "小王"}),
    (
        "12",
        V12.message("5", "在吗", relay__order_state="shipped", relay__entry="item", relay__tag="vip"),
        BUYER12 | {"order_state": "shipped", "entry": "item", "tag": "vip"},
    ),
    ("12", V12.message("5", "在吗", relay__buyer_class="xiaoer"), BUYER12 | {"buyer_class": "xiaoer"}),
    ("12", V12.message("5", "在吗", relay__text="显示的"), BUYER12 | {"text": "显示的"}),
    ("12", V12.message("5", "在吗", relay__conversation="c9"), BUYER12 | {"conversation": "c9"}),
    # --- lines of the shop
    ("11", V11.own("5", "您好"), BUYER11 | OWN | {"text": "您好"}),
    ("11", V11.message("5", "您好", post_type="message_sent", user_id="b1"), BUYER11 | OWN | {"text": "您好"}),
    ("11", V11.message("5", "您好", user_id=1001, target_id="b1"), BUYER11 | OWN | {"text": "您好"}),
    ("12", V12.own("5", "您好"), BUYER12 | OWN | {"text": "您好"}),
    (
        "12",
        V12.own("5", "您好", relay__kind="bot", relay__bot="leyan", relay__mode="assist", relay__trigger="machine"),
        BUYER12 | {"role": "merchant", "kind": "bot", "provider": "leyan", "mode": "assist",
                   "trigger": "machine", "text": "您好"},
    ),
    (
        "12",
        V12.own("5", "您好", relay__echo_of="d-s1-00"),
        BUYER12 | {"role": "merchant", "text": "您好", "echo_of": "d-s1-00"},
    ),
    (
        "12",
        V12.message("5", "我来回复", user_id="seat-2", taobao__buyer="b1"),
        BUYER12 | OWN | {"text": "我来回复", "account": "seat-2"},
    ),
    (
        "11",
        V11.message("5", "我来回复", user_id="seat-2", relay__buyer="b1"),
        BUYER11 | OWN | {"text": "我来回复", "account": "seat-2"},
    ),
    # --- what happened
    (
        "11",
        V11.notice("friend_recall", message_id=5, relay__message_time=AT * 1000),
        {"at": AT * 1000, "kind": "recall", "buyer": "b1", "id": f"recall:5@{AT}", "recalls": f"5@{AT}",
         "self_id": "1001"},
    ),
    (
        "12",
        V12.notice("private_message_delete", message_id="5", sub_type="recall"),
        {"at": AT * 1000, "kind": "recall", "buyer": "b1", "id": "recall:5", "recalls": "5", "self_id": "1001"},
    ),
    (
        "12",
        V12.notice("taobao.assign", taobao__account="seat-2"),
        {"at": AT * 1000, "role": "system", "kind": "assign", "buyer": "b1", "account": "seat-2",
         "id": f"assign:b1:seat-2:{AT * 1000}"},
    ),
    (
        "11",
        V11.notice("relay.transfer", relay__account="seat-2", relay__from_account="seat-1"),
        {"at": AT * 1000, "role": "system", "kind": "transfer", "buyer": "b1", "account": "seat-2",
         "from_account": "seat-1", "id": f"transfer:b1:seat-2:{AT * 1000}"},
    ),
    (
        "12",
        V12.notice("taobao.system", taobao__text="买家已付款"),
        {"at": AT * 1000, "role": "system", "kind": "system", "buyer": "b1", "text": "买家已付款",
         "id": "n-taobao.system", "account": "seat-1", "self_id": "1001"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("version", "event", "expected"), CASES)
async def test_an_event_is_taken(version: Version, event: dict[str, Any], expected: dict[str, object]) -> None:
    intake = await told(version, event)
    assert intake.quarantined == []
    assert [changed(each) for each in intake.taken] == [
        {name: value for name, value in expected.items() if not (name == "shop" and value == SHOP) and value != 0}
    ]


SEGMENTS = [
    ("image", {"file": "a.jpg"}, "[图片/image]", "image"),
    ("voice", {"file_id": "f"}, "[语音/voice]", "voice"),
    ("record", {"file": "f"}, "[语音/voice]", "voice"),
    ("audio", {"file_id": "f"}, "[音频/audio]", "audio"),
    ("video", {"file_id": "f"}, "[视频/video]", "video"),
    ("file", {"file_id": "f", "name": "发票.pdf"}, "[文件/file: 发票.pdf]", "file"),
    ("location", {"latitude": 1.5, "title": "西湖"}, "[位置/location: 西湖]", "location"),
    ("mention", {"user_id": "1001"}, "[提到/mention: 1001]", None),
    ("at", {"qq": "1001"}, "[提到/mention: 1001]", None),
    ("mention_all", {}, "[提到所有人/mention all]", None),
    ("reply", {"id": "4"}, "[回复/reply]", None),
    ("face", {"id": "178"}, "[表情/emoji]", "emoji"),
    ("share", {"url": "http://x/", "title": "好物"}, "[链接/link: 好物]", "link"),
    ("json", {"data": "{}"}, "[卡片/card]", "card"),
    ("taobao.order_card", {"order_id": "123"}, "[订单/order: 123]", "order_card"),
    ("relay.product_card", {"title": "连衣裙\n红"}, "[商品/product: 连衣裙 红]", "product_card"),
    ("refund_card", {}, "[退款/refund]", "refund_card"),
    ("qq.poke", None, "[其他/qq.poke]", "other"),
    ("node", {"x": [1]}, "[其他/node]", "other"),
]


@pytest.mark.parametrize("version", ["11", "12"])
@pytest.mark.parametrize(("kind", "data", "text", "content"), SEGMENTS)
async def test_a_segment_is_a_placeholder_with_its_sort(
    version: Version, kind: str, data: Any, text: str, content: str | None
) -> None:
    segment = {"type": kind, "data": data}
    alone = await told(version, Script(version).message("5", "", message=[segment]))
    assert [(each.text, each.content) for each in alone.taken] == [(text, content)]
    beside = await told(version, Script(version).message("5", "", message=[segment, TEXT]))
    assert [(each.text, each.content) for each in beside.taken] == [(f"{text}在吗", None)]


async def test_a_message_of_nothing_is_still_a_message() -> None:
    empty = await told(
        "12", V12.message("5", "", alt_message=""), V12.message("6", "", message=[], alt_message="[戳一戳]")
    )
    assert [(each.text, each.content) for each in empty.taken] == [("[空消息/empty]", "other"), ("[戳一戳]", None)]


OF_NO_INTEREST: list[tuple[str, dict[str, Any]]] = [
    ("11", V11.message("5", "在吗", message_type="group", group_id=9)),
    ("11", V11.heartbeat()),
    ("11", V11.connect()),
    *(("11", V11.notice(kind, group_id=9)) for kind in (
        "group_upload", "group_admin", "group_decrease", "group_increase", "group_ban", "friend_add", "group_recall",
        "notify", "taobao.assign",
    )),
    ("11", {"time": AT, "self_id": 1001, "post_type": "request", "request_type": "friend", "user_id": 7, "comment": "x",
            "flag": "f"}),
    ("12", V12.message("5", "在吗", detail_type="group", group_id="9")),
    ("12", V12.message("5", "在吗", detail_type="channel", guild_id="9", channel_id="1")),
    ("12", V12.heartbeat()),
    *(("12", V12.notice(kind)) for kind in (
        "friend_increase", "friend_decrease", "group_member_increase", "group_member_decrease", "group_message_delete",
        "guild_member_increase", "channel_create", "other.assign",
    )),
    ("12", V12.notice("x", type="request")),
]  # fmt: skip


@pytest.mark.parametrize(("version", "event"), OF_NO_INTEREST)
async def test_the_rest_of_the_catalogue_leaves_nothing(version: Version, event: dict[str, Any]) -> None:
    intake = await told(version, event)
    assert (intake.taken, intake.quarantined) == ([], [])


def without(event: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != name}


UNUSABLE: list[tuple[str, dict[str, Any]]] = [
    *(("12", without(V12.message("5", "在吗"), name)) for name in (
        "id", "time", "type", "detail_type", "sub_type", "self", "message_id", "message", "alt_message", "user_id",
    )),
    *(("11", without(V11.message("5", "在吗"), name)) for name in (
        "time", "self_id", "post_type", "message_type", "user_id", "message",
    )),
    ("12", V12.message("5", "在吗", time="1750000000")),
    ("12", V12.message("5", "在吗", time=AT * 1000)),
    ("12", V12.message("5", "在吗", time=-1.5)),
    ("12", V12.message("5", "在吗", time=1e300)),
    ("12", V12.message("5", "在吗", message_id=5)),
    ("12", V12.message("5", "在吗", message="在吗")),
    ("12", V12.message("5", "在吗", user_id="")),
    ("12", V12.message("x" * 257, "在吗")),
    ("12", V12.message("5", "在吗", relay__shop="nobody's")),
    ("12", V12.message("5", "在吗", relay__shop=7)),
    ("12", V12.message("5", "在吗", relay__kind="robot")),
    ("12", V12.message("5", "在吗", relay__time="10:00")),
    ("12", V12.message("5", "在吗", self_id="1003")),
    ("12", without(V12.own("5", "您好"), "relay.buyer")),
    ("12", V12.notice("taobao.assign")),
    ("12", without(V12.notice("private_message_delete", message_id="5"), "user_id")),
    ("11", V11.message("5", "在吗", time=AT * 1000)),
    ("11", V11.message("5", "在吗", time=float(AT) + 0.5)),
    ("11", V11.message("5", "在吗", user_id=True)),
    ("11", V11.message("5", "在吗", user_id=10**40)),
    ("11", V11.message("5", "在吗", message=[{"data": {}}])),
    ("11", V11.message("5", "您好", post_type="message_sent", user_id=1001)),
]  # fmt: skip


@pytest.mark.parametrize(("version", "event"), UNUSABLE)
async def test_what_cannot_be_used_is_kept_raw_and_harms_nothing(version: Version, event: dict[str, Any]) -> None:
    good = Script(version).message("6", "后面的")
    intake = await told(version, event, good)
    assert [each.text for each in intake.taken] == ["后面的"]
    [(_, raw, why)] = intake.quarantined
    assert json.loads(raw) == event
    assert 0 < len(why) <= 1000


async def test_one_shop_needs_no_table_of_accounts() -> None:
    channel, intake = make_channel(version="12", accounts={}), FakeIntake()
    await channel.start(intake, [SHOP])
    line = Line(channel, Script("12"), "anybody")
    line.socket.push(V12.message("5", "在吗", self_id="anybody"))
    await turns()
    assert [(each.shop, each.account) for each in intake.taken] == [(SHOP, "anybody")]
    await channel.stop()
    await line.task


async def test_a_prefix_of_the_configuration_counts_after_relays_own() -> None:
    event = V11.message("5", "在吗", qianniu__owner="seat-7", qianniu__tag="ad", relay__tag="vip")
    intake = await told("11", event, prefixes=["qianniu"])
    assert [(each.account, each.tag) for each in intake.taken] == [("seat-7", "vip")]


async def test_l2_ids_of_the_shop_are_not_told_apart_by_account() -> None:
    seen = [V12.message("5", "在吗"), V12.message("5", "在吗", self_id="1001")]
    intake = await told("12", *seen, shared_ids=True)
    assert [each.self_id for each in intake.taken] == [""]
