"""The webhook notifier: a notice as a signed post, for whoever builds their own way to people.

    {"type": "notice", "timestamp": "…", "data": {"key", "title", "lines", "link", "text"}}

The same signature and the same guard of addresses as the channel's sends. Here the HTTP status is the answer: 2xx is
confirmed, and a repeated `webhook-id` is the same notice.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from relay.contracts import Clock, Entropy, Notice, NoticeLimits, NoticeResult, Notifier
from relay.domain.names import ChannelName
from relay_webhook.send import Sender
from relay_webhook.signature import key_of
from relay_webhook.target import Target, TargetError

LONGEST_S: Final = 15.0
MAX_BYTES: Final = 16 * 1024
FAULTS: Final = frozenset({"http_401", "http_403", "http_404", "http_410", "address_not_allowed"})


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`send_url`, `send_secret`, `allow_private`: as of the channel. `per_minute`: so many notices in any minute."""

    send_url: str
    send_secret: str
    per_minute: int = 60
    timeout_s: float = 10.0
    allow_private: bool = False


_REMEDY: Final[Mapping[str, tuple[str, str]]] = {
    "send_url": ("the https address (http only on this machine) to which relay posts", "relay 发送通知的网址"),
    "send_secret": (
        "the secret relay signs with, by send_secret_file or send_secret_env",
        "签名密钥（send_secret_file）",
    ),
    "per_minute": ("a whole number from 1 to 600", "1 至 600 的整数"),
    "timeout_s": ("seconds, more than 0 and at most 15", "秒数，大于 0，不超过 15"),
    "allow_private": ("true or false", "true 或 false"),
}


class WebhookNotifier:
    """Implements `relay.contracts.Notifier`."""

    def __init__(self, name: str, per_minute: int, sender: Sender) -> None:
        self.name, self.limits = name, NoticeLimits(per_minute=per_minute, max_bytes=MAX_BYTES)
        self._sender = sender
        self._open = False

    async def start(self) -> None:
        if not self._open:
            self._sender.open()
            self._open = True

    async def stop(self) -> None:
        if self._open:
            self._open = False
            await self._sender.close()

    async def send(self, notice: Notice) -> NoticeResult:
        if not self._open:
            return NoticeResult(outcome="not_sent", code="not_started")
        lines, left = [], MAX_BYTES
        for line in notice.lines:
            left -= len(line.encode("utf-8", "replace")) + 1
            if left < 0:
                break
            lines.append(line)
        data: dict[str, object] = {
            "key": notice.key,
            "title": notice.title,
            "lines": lines,
            "link": notice.link,
            "text": "\n".join((notice.title, *lines)),
        }
        told = await self._sender.notify(notice.key, data)
        fault = told.why in FAULTS
        zh, en = ("接收端拒绝：核对地址和密钥", "the receiver refused: check address and secret") if fault else ("", "")
        return NoticeResult(outcome=told.outcome, code=told.why, zh=zh, en=en, fault=fault)


def build(name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Notifier:
    """A notifier from its table. Raises `ValueError` naming key and remedy, and never a secret."""
    for key, value in options.items():
        if key not in _REMEDY:
            raise ValueError(
                f"{key}: 未知的配置项 / no such option of a webhook notifier; there are {', '.join(_REMEDY)}"
            )
        [kind] = [field.type for field in msgspec.structs.fields(Options) if field.name == key]
        try:
            msgspec.convert(value, type=kind)
        except msgspec.ValidationError:
            raise _wrong(key, "has the wrong type", "类型不对") from None
    for key in ("send_url", "send_secret"):
        if key not in options:
            raise _wrong(key, "is missing", "缺少")
    given = msgspec.convert(options, Options)
    if not 1 <= given.per_minute <= 600:
        raise _wrong("per_minute", "is out of range", "超出范围")
    if not 0 < given.timeout_s <= LONGEST_S:
        raise _wrong("timeout_s", "is out of range", "超出范围")
    try:
        key_of(given.send_secret)
    except ValueError as error:
        raise _wrong("send_secret", str(error), "格式不对") from None
    try:
        target = Target(given.send_url, given.allow_private)
    except TargetError as error:
        raise _wrong("send_url", str(error), "不可用") from None
    sender = Sender(ChannelName(name), target, given.send_secret, given.timeout_s, idempotent=True, clock=clock)
    return WebhookNotifier(name, given.per_minute, sender)


def _wrong(key: str, en: str, zh: str) -> ValueError:
    remedy_en, remedy_zh = _REMEDY[key]
    return ValueError(f"{key} {zh}：应为{remedy_zh} / {key} {en}; give {remedy_en}")
