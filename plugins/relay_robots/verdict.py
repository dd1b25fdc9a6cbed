"""What a robot's answer means. It says so in the body: the HTTP status is 200 when it refuses, too.

A code that is not in a robot's table is a refusal like any other, tried again later with what then holds.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from relay.contracts import NoticeResult

BLOCKED_S: Final = 600.0
SOON_S: Final = 60.0
Sort = Literal["limit", "busy", "fault"]


class Meaning(msgspec.Struct, frozen=True):
    """What a code means, and what to do about it. `wait_s`: nothing is taken before."""

    zh: str
    en: str
    sort: Sort = "fault"
    wait_s: float = 0.0


SIGN: Final = Meaning(
    "签名或时间不符：核对机器人的加签密钥和本机时钟", "the signature does not fit: check the secret and this clock"
)
KEYWORD: Final = Meaning(
    "不含机器人的关键词：把关键词设为 relay，或写入 keyword", "its keyword is missing: make it relay, or set keyword"
)
IP: Final = Meaning("本机 IP 不在机器人的白名单中", "this machine's address is not on the robot's list")
TOKEN: Final = Meaning(
    "令牌无效，或机器人已停用、群已解散：请重新复制 Webhook 地址",
    "the token is not valid: copy the robot's address again",
)
LIMIT: Final = Meaning("发送过于频繁，稍后再试", "too many messages, tried again later", "limit", BLOCKED_S)
BUSY: Final = Meaning("平台繁忙，稍后再试", "the platform is busy, tried again later", "busy", SOON_S)


class Answer(msgspec.Struct, frozen=True):
    """The two forms of an answer: `errcode` (DingTalk, WeCom) and `code` (Feishu)."""

    errcode: int | None = None
    errmsg: str = ""
    code: int | None = None
    msg: str = ""


def read(status: int, body: bytes, meanings: Mapping[int, Meaning]) -> NoticeResult:
    """The outcome of an answer that came in whole."""
    if status != 200:
        return _of_status(status)
    try:
        answer = msgspec.json.decode(body, type=Answer)
    except (ValueError, RecursionError):
        return unknown("unreadable_answer")
    code = answer.errcode if answer.errcode is not None else answer.code
    if code is None:
        return unknown("answer_without_code")
    if code == 0:
        return NoticeResult(outcome="confirmed")
    meaning = _refined(code, answer.errmsg or answer.msg, meanings)
    if meaning is None:
        return refused(f"errcode_{code}", Meaning("平台拒绝了通知", "the platform refused the notice", "busy", SOON_S))
    return refused(f"errcode_{code}", meaning)


def _refined(code: int, said: str, meanings: Mapping[int, Meaning]) -> Meaning | None:
    """One code may stand for three settings of a robot; the platform's words tell which. They are never repeated."""
    meaning = meanings.get(code)
    if meaning is SIGN and "keyword" in said.lower():
        return KEYWORD
    if meaning is SIGN and ("whitelist" in said.lower() or " ip " in f" {said.lower()} "):
        return IP
    return meaning


def _of_status(status: int) -> NoticeResult:
    if status in (429, 503):
        return refused(f"http_{status}", BUSY)
    if status >= 500 or 300 <= status < 400:
        return unknown(f"http_{status}")
    return refused(f"http_{status}", TOKEN)


def refused(code: str, meaning: Meaning) -> NoticeResult:
    return NoticeResult(
        outcome="refused",
        code=code,
        zh=meaning.zh,
        en=meaning.en,
        fault=meaning.sort == "fault",
        wait_s=meaning.wait_s,
    )


def unknown(code: str) -> NoticeResult:
    return NoticeResult(
        outcome="unknown",
        code=code,
        zh="不知是否送达，将再次发送",
        en="it may or may not have arrived; it is sent again",
    )


def not_sent(code: str) -> NoticeResult:
    return NoticeResult(
        outcome="not_sent",
        code=code,
        zh="连不上平台，将再次发送",
        en="the platform cannot be reached; it is sent again",
    )
