"""The table of a OneBot channel in the configuration: what may stand there, and what to do when it is wrong.

No secret stands in an error, not even a wrong one.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from relay.contracts import Placement
from relay_onebot.accounts import AccountOption
from relay_webhook.target import Target, TargetError

KIB: Final = 1024
LONGEST_S: Final = 25
"""The outbox gives up on any send after 30 s and calls it unknown; a shorter limit here keeps the proofs."""
Version = Literal["11", "12"]
Transport = Literal["reverse", "forward", "webhook"]
LATEST_EVENTS: Final = "get_latest_events"


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """docs/bridge.md has a row for each."""

    version: Version = "12"
    transport: Transport = "reverse"
    tokens: list[str] = []
    secrets: list[str] = []
    url: str | None = None
    url_token: str | None = None
    split: bool = False
    accounts: dict[str, AccountOption] = {}
    prefixes: list[str] = []
    placement: Placement = "relay"
    extended: bool = False
    idempotent: bool = False
    history: str = ""
    transfer_action: str = "relay.transfer"
    timeout_s: float = 10.0
    silence_s: float = 90.0
    quiet_s: float = 0.0
    missing_s: float = 900.0
    shared_ids: bool = False
    recycled_ids: bool | None = None
    strings: bool = False
    refused_codes: list[int] = []
    max_frame: int = 256 * KIB
    allow_private: bool = False
    replay: bool = False


_YES_NO: Final = ("true or false", "true 或 false")
_REMEDY: Final[Mapping[str, tuple[str, str]]] = {
    "version": ('"11" or "12"', '"11" 或 "12"'),
    "transport": ('"reverse", "forward" or "webhook"', '"reverse"、"forward" 或 "webhook"'),
    "tokens": (
        "a list of at least one token of 16 characters or more, given with tokens_file or tokens_env",
        "至少一个令牌（16 个字符以上），用 tokens_file 或 tokens_env 给出",
    ),
    "secrets": (
        "a list of at least one secret of 16 characters or more, given with secrets_file or secrets_env",
        "至少一个密钥（16 个字符以上），用 secrets_file 或 secrets_env 给出",
    ),
    "url": (
        "the address of the bridge: ws or wss for forward, http or https for webhook",
        "桥接程序的地址：forward 用 ws 或 wss，webhook 用 http 或 https",
    ),
    "url_token": ("the token of the bridge, with url_token_file or url_token_env", "桥接程序的令牌"),
    "split": _YES_NO,
    "accounts": (
        'tables of self ids: [channel.options.accounts."SELF ID"] with shop and account',
        'self id 的表：[channel.options.accounts."SELF ID"]，内有 shop 和 account',
    ),
    "prefixes": ('a list of words such as "qianniu", without points', '前缀列表，例如 "qianniu"，不含点'),
    "placement": ('"relay", "transfer", "platform" or "observe"', '"relay"、"transfer"、"platform" 或 "observe"'),
    "extended": _YES_NO,
    "idempotent": _YES_NO,
    "history": (
        f'"" (none), "{LATEST_EVENTS}" or the name of the bridge\'s own action such as "relay.get_history"',
        f'""（没有）、"{LATEST_EVENTS}" 或桥接程序自己的动作名，例如 "relay.get_history"',
    ),
    "transfer_action": ("the name of an action", "动作名"),
    "timeout_s": ("seconds, more than 0 and at most 25", "秒数，大于 0，不超过 25"),
    "silence_s": ("seconds, 0 (never) or 5 to 3600", "秒数，0（不检查）或 5 至 3600"),
    "quiet_s": ("seconds, 0 (never) or 60 to 86400", "秒数，0（不检查）或 60 至 86400"),
    "missing_s": ("seconds, 0 (for ever) or 60 to 86400", "秒数，0（一直）或 60 至 86400"),
    "shared_ids": _YES_NO,
    "recycled_ids": _YES_NO,
    "strings": _YES_NO,
    "refused_codes": ("a list of whole numbers", "整数列表"),
    "max_frame": ("bytes, a whole number from 1024 to 16777216", "字节数，1024 至 16777216 的整数"),
    "allow_private": _YES_NO,
    "replay": ("true only with placement observe", "仅在 placement 为 observe 时可为 true"),
}
_SECRET_KEYS: Final = frozenset({"tokens", "secrets", "url_token"})
_LEAST_SECRET: Final = 16


def read_options(given: Mapping[str, object]) -> Options:
    """Check and complete a table. Raises `ValueError` naming key, value and remedy."""
    for key in given:
        if key not in _REMEDY:
            raise ValueError(
                f"{key}: 未知的配置项 / no such option of a OneBot channel; there are {', '.join(_REMEDY)}"
            )
    for field in msgspec.structs.fields(Options):
        if field.name in given:
            _check_type(field.name, given[field.name], field.type)
    options = msgspec.convert(given, Options)
    _check_secrets(options)
    _check_numbers(options)
    _check_words(options)
    return options


def target_of(options: Options) -> Target | None:
    """Where relay dials or posts to; None where it does neither. Raises `ValueError`."""
    if options.transport == "reverse":
        return None
    if options.url is None:
        if options.transport == "webhook" and options.placement == "observe":
            return None
        raise _wrong("url", None, "is missing")
    scheme, mark, rest = options.url.partition("://")
    schemes = {"ws": "http", "wss": "https"} if options.transport == "forward" else {"http": "http", "https": "https"}
    if not mark or scheme not in schemes:
        raise _wrong("url", options.url, f"has the wrong scheme for {options.transport}")
    try:
        return Target(f"{schemes[scheme]}://{rest}", options.allow_private)
    except TargetError as error:
        raise _wrong("url", options.url, str(error)) from None


def _check_type(key: str, value: object, kind: object) -> None:
    try:
        msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong(key, value, "has the wrong type" if key in _SECRET_KEYS else str(error)) from None


def _check_secrets(options: Options) -> None:
    """Who comes in must show something: a token, or for version 11's HTTP POST a signature."""
    signed = options.transport == "webhook" and options.version == "11"
    if signed and not options.secrets:
        raise _wrong("secrets", None, "is empty")
    if options.transport != "forward" and not signed and not options.tokens:
        raise _wrong("tokens", None, "is empty")
    for key, values in (("tokens", options.tokens), ("secrets", options.secrets)):
        for number, value in enumerate(values, 1):
            if len(value) < _LEAST_SECRET:
                raise _wrong(key, None, f"number {number} has only {len(value)} characters")


def _check_numbers(options: Options) -> None:
    if not 0 < options.timeout_s <= LONGEST_S:
        raise _wrong("timeout_s", options.timeout_s, "is out of range")
    if options.silence_s and not 5 <= options.silence_s <= 3600:
        raise _wrong("silence_s", options.silence_s, "is out of range")
    if options.quiet_s and not 60 <= options.quiet_s <= 86400:
        raise _wrong("quiet_s", options.quiet_s, "is out of range")
    if options.missing_s and not 60 <= options.missing_s <= 86400:
        raise _wrong("missing_s", options.missing_s, "is out of range")
    if not KIB <= options.max_frame <= 16 * KIB * KIB:
        raise _wrong("max_frame", options.max_frame, "is out of range")


def _check_words(options: Options) -> None:
    for prefix in options.prefixes:
        if not prefix or "." in prefix or '"' in prefix:
            raise _wrong("prefixes", prefix, "is no prefix")
    if not options.transfer_action.strip():
        raise _wrong("transfer_action", options.transfer_action, "is empty")
    if options.replay and options.placement != "observe":
        raise _wrong("replay", options.replay, f"cannot stand with placement {options.placement}")


def _wrong(key: str, value: object, what: str) -> ValueError:
    en, zh = _REMEDY[key]
    shown = "" if value is None or key in _SECRET_KEYS else f" = {value!r}"
    return ValueError(f"{key}{shown}: 应为{zh} / {what}; give {en}")
