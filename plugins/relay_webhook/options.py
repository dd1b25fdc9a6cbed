"""The table of a webhook channel in the configuration: what may stand there, and what to do when it is wrong.

A secret never stands in an error, not even a wrong one.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from relay.contracts import Placement
from relay_webhook.signature import key_of
from relay_webhook.target import Target, TargetError

KIB: Final = 1024
LONGEST_S: Final = 25
"""The outbox gives up on any send after 30 s and calls it unknown; a shorter limit here keeps the proofs."""


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`secrets`: any of them opens the door, so that a new one can be added before the old one is taken away.

    `send_url`, `send_secret`: where relay posts what a buyer shall read, and the secret it signs with; needed unless
    the placement is `observe`. `timeout_s`: for one send, from the first try to connect to the end of the answer.
    `idempotent`: the bridge promises that a send repeated with the same key reaches the buyer once. `max_body`: the
    largest request in bytes. `allow_private`: `send_url` may name an address of the local network. `alive_every_s`:
    the bridge promises something, an `alive` at least, every so many seconds; 0 promises nothing.
    """

    secrets: list[str]
    send_url: str | None = None
    send_secret: str | None = None
    timeout_s: float = 10.0
    idempotent: bool = False
    max_body: int = 256 * KIB
    allow_private: bool = False
    placement: Placement = "relay"
    alive_every_s: float = 0.0


_HOW_TO_MAKE_ONE: Final = (
    """make one with: python3 -c "import base64, secrets; """
    """print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\""""
)
_REMEDY: Final[Mapping[str, tuple[str, str]]] = {
    "secrets": (f"a list of at least one secret; {_HOW_TO_MAKE_ONE}", "至少一个密钥（whsec_ 加 base64）"),
    "send_url": ("the https address (http only on this machine) to which relay posts replies", "relay 发送回复的网址"),
    "send_secret": (f"the secret relay signs with; {_HOW_TO_MAKE_ONE}", "relay 签名所用的密钥（whsec_ 加 base64）"),
    "timeout_s": ("seconds, more than 0 and at most 25", "秒数，大于 0，不超过 25"),
    "idempotent": ("true or false", "true 或 false"),
    "max_body": ("bytes, a whole number from 1024 to 16777216", "字节数，1024 至 16777216 的整数"),
    "allow_private": ("true or false", "true 或 false"),
    "alive_every_s": ("seconds, 0 (no promise) or 1 to 600", "秒数，0（不承诺）或 1 至 600"),
    "placement": ('"relay", "transfer", "platform" or "observe"', '"relay"、"transfer"、"platform" 或 "observe"'),
}
_SECRET_KEYS: Final = frozenset({"secrets", "send_secret"})


def read_options(given: Mapping[str, object]) -> Options:
    """Check and complete a table. Raises `ValueError` naming key, value and remedy."""
    for key in given:
        if key not in _REMEDY:
            allowed = ", ".join(_REMEDY)
            raise ValueError(f"{key}: 未知的配置项 / no such option of a webhook channel; there are {allowed}")
    for field in msgspec.structs.fields(Options):
        if field.name in given:
            _check_type(field.name, given[field.name], field.type)
        elif field.required:
            raise _wrong(field.name, None, "is missing")
    options = msgspec.convert(given, Options)
    _check_values(options)
    return options


def target_of(options: Options) -> Target | None:
    """Where to send to, or None for a channel that never sends. Raises `ValueError`."""
    if options.placement == "observe":
        return None
    if options.send_url is None or options.send_secret is None:
        key = "send_url" if options.send_url is None else "send_secret"
        raise _wrong(key, None, 'is missing, and only a channel with placement = "observe" can do without')
    try:
        return Target(options.send_url, options.allow_private)
    except TargetError as error:
        raise _wrong("send_url", options.send_url, str(error)) from None


def _check_type(key: str, value: object, kind: object) -> None:
    try:
        msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong(key, value, "has the wrong type" if key in _SECRET_KEYS else str(error)) from None


def _check_values(options: Options) -> None:
    if not options.secrets:
        raise _wrong("secrets", None, "is empty")
    for number, secret in enumerate(options.secrets, 1):
        _check_secret("secrets", secret, f"number {number}: ")
    if options.send_secret is not None:
        _check_secret("send_secret", options.send_secret, "")
    if not 0 < options.timeout_s <= LONGEST_S:
        raise _wrong("timeout_s", options.timeout_s, "is out of range")
    if options.alive_every_s and not 1 <= options.alive_every_s <= 600:
        raise _wrong("alive_every_s", options.alive_every_s, "is out of range")
    if not KIB <= options.max_body <= 16 * KIB * KIB:
        raise _wrong("max_body", options.max_body, "is out of range")


def _check_secret(key: str, secret: str, which: str) -> None:
    try:
        key_of(secret)
    except ValueError as error:
        raise _wrong(key, None, f"{which}{error}") from None


def _wrong(key: str, value: object, what: str) -> ValueError:
    en, zh = _REMEDY[key]
    shown = "" if value is None or key in _SECRET_KEYS else f" = {value!r}"
    return ValueError(f"{key}{shown}: 应为{zh} / {what}; give {en}")
