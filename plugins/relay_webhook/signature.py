"""The Standard Webhooks signature scheme, version 1 (github.com/standard-webhooks, spec/standard-webhooks.md).

    signed content   webhook-id "." webhook-timestamp "." raw body
    signature        "v1," + base64(HMAC-SHA256(key, signed content))
    header           webhook-signature: one or several of these, separated by spaces
    secret           "whsec_" + base64(key), a key of 24 to 64 bytes; the prefix may be missing

Laws: the bytes that are checked are the bytes that arrived, never a re-encoding. Any one signature under any one
secret is enough, so that both sides can rotate. Every comparison takes constant time. A sender's words never reach an
error's text. The instant is an argument.
"""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from typing import Final, Literal

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

PREFIX: Final = "whsec_"
TOLERANCE_MS: Final = 300_000
MIN_KEY, MAX_KEY = 24, 64
MAX_ID: Final = 256
_VISIBLE: Final = re.compile("[!-~]+")

Fault = Literal["missing_header", "bad_signature", "stale_timestamp"]


class SignatureError(Exception):
    """This request cannot be trusted. `code` is stable; the text is for the bridge's author."""

    def __init__(self, code: Fault, en: str, zh: str) -> None:
        super().__init__(en)
        self.code, self.en, self.zh = code, en, zh


def key_of(secret: str) -> bytes:
    """The key that a secret stands for. Raises `ValueError`, which never repeats the secret."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (Base64Error, ValueError):
        raise ValueError(f"a secret is {PREFIX} and then base64") from None
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise ValueError(f"a secret's key has {MIN_KEY} to {MAX_KEY} bytes, this one {len(key)}")
    return key


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """One signature for the webhook-signature header. `timestamp` is in whole seconds since 1970, UTC."""
    return _signature(key_of(secret), id, str(timestamp), body)


def verify(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now_ms: int) -> str:
    """Check a request and return its webhook-id. Raises `SignatureError`.

    The signature comes first: what an unsigned request says of its time is nobody's business.
    """
    id, timestamp = _header(headers, ID_HEADER), _header(headers, TIMESTAMP_HEADER)
    given = _header(headers, SIGNATURE_HEADER)
    if not usable_id(id):
        raise _missing(ID_HEADER, f"1 to {MAX_ID} visible ASCII characters", f"1 至 {MAX_ID} 个可见 ASCII 字符")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise _missing(TIMESTAMP_HEADER, "whole seconds since 1970", "1970 年以来的整数秒")
    if not _any_matches(keys, id, timestamp, body, given):
        raise SignatureError(
            "bad_signature",
            "no signature in webhook-signature fits id, timestamp and the raw body under any configured secret",
            "签名不符：请核对密钥，并对原始请求体签名",
        )
    late_ms = now_ms - int(timestamp) * 1000
    if abs(late_ms) > TOLERANCE_MS:
        raise SignatureError(
            "stale_timestamp",
            f"webhook-timestamp is {late_ms / 1000:+.0f} s behind this clock; at most 300 s are allowed: "
            "set the clock, and stamp and sign each attempt anew",
            f"时间戳与本机时钟相差 {late_ms / 1000:+.0f} 秒（最多 300 秒）：请校准时钟，每次重发重新签名",
        )
    return id


def usable_id(id: str) -> bool:
    """Whether this can stand in a webhook-id header: visible ASCII of bounded length."""
    return len(id) <= MAX_ID and _VISIBLE.fullmatch(id) is not None


def _any_matches(keys: Sequence[bytes], id: str, timestamp: str, body: bytes, given: str) -> bool:
    """Compare all with all, without stopping at the first match."""
    offered = [each.encode() for each in given.split(" ") if each.startswith("v1,") and each.isascii()]
    expected = [_signature(key, id, timestamp, body).encode() for key in keys]
    matches = [hmac.compare_digest(one, other) for one in expected for other in offered]
    return any(matches)


def _signature(key: bytes, id: str, timestamp: str, body: bytes) -> str:
    content = b"".join((id.encode(), b".", timestamp.encode(), b".", body))
    return "v1," + b64encode(hmac.digest(key, content, hashlib.sha256)).decode("ascii")


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if value is None:
        raise SignatureError("missing_header", f"the header {name} is missing", f"缺少请求头 {name}")
    return value


def _missing(name: str, en: str, zh: str) -> SignatureError:
    return SignatureError("missing_header", f"the header {name} must be {en}", f"请求头 {name} 应为{zh}")
