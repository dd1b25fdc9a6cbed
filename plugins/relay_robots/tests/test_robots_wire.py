"""Signatures by their vectors, messages by their form and size, answers by their body."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contracts import NoticeResult
from relay.domain.names import Millis
from relay.runtime.plugins import Plugins
from relay.testing.contracts_notifier import notice
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_robots import dingtalk, feishu, register
from relay_robots.cutting import MORE, cut
from relay_robots.tests.group import KINDS, SECRET, TOKEN, Group, make, text_of

SHORT_S = 0.05


async def sent(group: Group, lines: tuple[str, ...] = (), link: str = "", **options: Any) -> NoticeResult:
    robot = make(group.kind, group.url, **options)
    await robot.start()
    try:
        return await robot.send(notice("n1", "relay · 标题", *lines, link=link))
    finally:
        await robot.stop()


@pytest.fixture(params=KINDS)
async def group(request: pytest.FixtureRequest) -> AsyncIterator[Group]:
    group = await Group.open(request.param)
    yield group
    await group.close()


# --- signatures


def test_the_vectors_of_the_signatures() -> None:
    assert dingtalk.sign("SEC123", Millis(1_700_000_000_000)) == "lkcPI1uoxBY1gUnCnnPH1Kkru0Hqjo7rFpA3haIVhEQ="
    assert feishu.sign("SEC123", 1_700_000_000) == "j/tImR0k8vYXRsYw0+GHVQkV1v/J/8obOuMU7PE/KDo="


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
async def test_a_robot_without_a_secret_sends_no_signature(kind: str) -> None:
    group = await Group.open(kind)
    queries: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        queries.append(dict(request.query))
        return web.json_response({"errcode": 0} if kind == "dingtalk" else {"code": 0})

    group.handler = take
    assert (await sent(group, secret=None)).outcome == "confirmed"
    assert not {"sign", "timestamp"} & (set(queries[0]) | set(json.loads(group.raw[0])))
    await group.close()


# --- messages


async def test_the_form_of_each_message() -> None:
    bodies = {}
    for kind in KINDS:
        group = await Group.open(kind)
        assert (await sent(group, ("· 一行",), "https://relay.example/")).outcome == "confirmed"
        bodies[kind] = group.accepted[0]
        await group.close()
    assert bodies["dingtalk"] == {
        "msgtype": "markdown",
        "markdown": {
            "title": "relay · 标题",
            "text": "**relay · 标题**\n\n[打开 relay / open relay](https://relay.example/)\n\n· 一行",
        },
        "at": {"atMobiles": [], "isAtAll": False},
    }
    assert bodies["wecom"] == {
        "msgtype": "markdown",
        "markdown": {"content": "**relay · 标题**\n[打开 relay / open relay](https://relay.example/)\n· 一行"},
    }
    assert bodies["feishu"] == {
        "timestamp": "1700000000",
        "sign": feishu.sign(SECRET, 1_700_000_000),
        "msg_type": "post",
        "content": {
            "post": {
                "zh_cn": {
                    "title": "relay · 标题",
                    "content": [
                        [{"tag": "text", "text": "· 一行"}],
                        [{"tag": "a", "text": "打开 relay / open relay", "href": "https://relay.example/"}],
                    ],
                }
            }
        },
    }


@pytest.mark.parametrize(
    ("kind", "format", "limit"),
    [
        ("dingtalk", "markdown", 4096),
        ("dingtalk", "text", 4096),
        ("wecom", "text", 2048),
        ("wecom", "markdown", 4096),
        ("feishu", "markdown", 20 * 1024),
    ],
)
async def test_no_message_is_larger_than_its_platform_takes(kind: str, format: str, limit: int) -> None:
    group = await Group.open(kind)
    lines = ("😀" * 9_000, "x" * 40_000, '"\\' * 9_000)
    for line in lines:
        assert (await sent(group, (line,) * 3, format=format)).outcome == "confirmed"
    assert (await sent(group, tuple('"\\' for _ in range(9_000)), format=format)).outcome == "confirmed"
    for body, raw in zip(group.accepted, group.raw, strict=True):
        size = len(raw) if kind == "feishu" else len(text_of(kind, body).encode())
        assert size <= limit
    await group.close()


@given(st.text(max_size=200), st.integers(0, 300))
@settings(max_examples=300, deadline=None)
def test_a_text_is_cut_on_a_character(text: str, limit: int) -> None:
    got = cut(text, limit)
    assert len(got.encode()) <= limit
    assert got == text or (got.endswith(MORE) and text.startswith(got[:-1])) or limit < 3


@pytest.mark.parametrize("kind", KINDS)
async def test_a_keyword_is_added_only_where_it_is_missing(kind: str) -> None:
    group = await Group.open(kind)
    await sent(group, keyword="告警")
    await sent(group, keyword="relay")
    texts = [text_of(kind, body).split("\n")[0].strip("*") for body in group.accepted]
    assert texts == ["relay · 标题 告警", "relay · 标题"]
    await group.close()


# --- answers


@pytest.mark.parametrize(
    ("kind", "answer", "code", "fault", "wait_s", "said"),
    [
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, "errcode_310000", True, 0, "签名"),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, "errcode_310000", True, 0, "关键词"),
        ("dingtalk", {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in whitelist"}, "errcode_310000", True, 0, "IP"),
        ("dingtalk", {"errcode": 300005, "errmsg": "token is not exist"}, "errcode_300005", True, 0, "令牌"),
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, "errcode_130101", False, 600, "频繁"),
        ("dingtalk", {"errcode": -1}, "errcode_-1", False, 60, "繁忙"),
        ("dingtalk", {"errcode": 777777}, "errcode_777777", False, 60, "拒绝"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "errcode_45009", False, 600, "频繁"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "errcode_93000", True, 0, "令牌"),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, "errcode_19021", True, 0, "签名"),
        ("feishu", {"code": 19022, "msg": "Ip Not Allowed"}, "errcode_19022", True, 0, "IP"),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, "errcode_19024", True, 0, "关键词"),
        ("feishu", {"code": 9499, "msg": "Bad Request"}, "errcode_9499", False, 60, "格式"),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, "errcode_11232", False, 60, "限流"),
    ],
)
async def test_what_a_body_says_is_what_holds_although_the_status_is_200(
    kind: str, answer: dict[str, Any], code: str, fault: bool, wait_s: float, said: str
) -> None:
    group = await Group.open(kind)
    group.answers = [answer]
    result = await sent(group)
    assert (result.outcome, result.code, result.fault, result.wait_s) == ("refused", code, fault, wait_s)
    assert said in result.zh
    assert result.en
    await group.close()


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
async def test_a_wrong_secret_is_a_fault_of_the_configuration(kind: str) -> None:
    group = await Group.open(kind)
    result = await sent(group, secret="SECother1234")
    assert (result.outcome, result.fault) == ("refused", True)
    await group.close()


async def test_a_wrong_token_is_a_fault_of_the_configuration(group: Group) -> None:
    result = await sent(group, token="tok-other-0123456")
    assert (result.outcome, result.fault) == ("refused", True)


@pytest.mark.parametrize(
    "body", [b"", b"ok", b"[]", b"<html>", b"\xff\xfe", b'{"errcode":"0"}', b"{}", b'{"errcode":null}', b"[" * 5_000]
)
async def test_an_answer_that_cannot_be_read_confirms_nothing(group: Group, body: bytes) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body)

    group.handler = answer
    assert (await sent(group)).outcome == "unknown"


async def test_an_endless_answer_is_let_go(group: Group) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'{"errcode":0,"code":0,"x":"' + b"y" * 100_000 + b'"}')

    group.handler = answer
    assert (await sent(group)).code == "endless_answer"


@pytest.mark.parametrize(
    ("status", "outcome", "fault"),
    [(404, "refused", True), (429, "refused", False), (503, "refused", False), (500, "unknown", False)],
)
async def test_a_status_that_is_not_200(group: Group, status: int, outcome: str, fault: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"errcode": 0, "code": 0}, status=status)

    group.handler = answer
    result = await sent(group)
    assert (result.outcome, result.fault, result.code) == (outcome, fault, f"http_{status}")


async def test_a_redirect_is_not_followed(group: Group) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": group.url + "/elsewhere"})

    group.handler = answer
    assert (await sent(group)).code == "http_302"
    assert len(group.raw) == 1


async def test_a_connection_that_ends_within_the_body_confirms_nothing(group: Group) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"errcode":0,')
        assert request.transport is not None
        request.transport.close()
        return response

    group.handler = answer
    assert (await sent(group)).code == "connection_lost"


async def test_an_answer_that_does_not_come_is_unknown(group: Group) -> None:
    group.handler = group.silence
    assert (await sent(group, timeout_s=SHORT_S)).code == "timeout"


@pytest.mark.parametrize("kind", KINDS)
async def test_where_nobody_listens_nothing_was_sent(kind: str) -> None:
    group = await Group.open(kind)
    url = group.url
    await group.close()
    robot = make(kind, url)
    await robot.start()
    result = await robot.send(notice())
    assert (result.outcome, result.code) == ("not_sent", "connect_failed")
    await robot.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_no_secret_is_logged_whatever_goes_wrong(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0, logger="relay")
    group = await Group.open(kind)
    group.answers = [{"errcode": 310000, "code": 19021, "errmsg": f"{TOKEN} {SECRET}"}]
    shown = [repr(await sent(group))]
    group.handler = group.silence
    shown.append(repr(await sent(group, timeout_s=SHORT_S)))
    await group.close()
    shown += [repr(make(kind)), caplog.text]
    assert not [secret for secret in (TOKEN, SECRET) for text in shown if secret in text]


# --- the table of the configuration


@pytest.mark.parametrize(
    ("kind", "pasted"),
    [
        ("dingtalk", f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"),
        ("feishu", f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}"),
        ("wecom", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}"),
    ],
)
async def test_the_whole_address_may_be_pasted_as_the_token(kind: str, pasted: str) -> None:
    group = await Group.open(kind)
    assert (await sent(group, token=pasted + "\n")).outcome == "confirmed"
    await group.close()


@pytest.mark.parametrize(
    ("kind", "changes", "key"),
    [
        ("dingtalk", {"token": "https://evil.example/robot/send?access_token=tok-0123456789"}, "token"),
        ("dingtalk", {"token": "https://oapi.dingtalk.com/robot/send"}, "token"),
        ("dingtalk", {"token": "a b"}, "token"),
        ("dingtalk", {"token": 7}, "token"),
        ("wecom", {"secret": "x"}, "secret"),
        ("feishu", {"tokn": "x"}, "tokn"),
        ("feishu", {"timeout_s": 60}, "timeout_s"),
        ("feishu", {"keyword": "x" * 33}, "keyword"),
        ("wecom", {"format": "html"}, "format"),
        ("wecom", {"base_url": "http://example.com"}, "base_url"),
        ("wecom", {"base_url": "http://10.0.0.1"}, "base_url"),
        ("wecom", {"base_url": "https://169.254.169.254"}, "base_url"),
        ("dingtalk", {"base_url": "http://127.1"}, "base_url"),
    ],
)
def test_what_cannot_be_used_is_named_and_a_secret_never_repeated(kind: str, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}") as error:
        make(kind, **changes)
    assert " / " in str(error.value)
    assert not [value for value in ("a b", "evil.example", "tok-0123456789") if value in str(error.value)]


def test_a_token_is_needed() -> None:
    plugins = Plugins()
    register(plugins)
    with pytest.raises(ValueError, match="token 缺少"):
        plugins.notifiers["wecom"]("group", {}, FakeClock(), SeededEntropy())
