"""The table of a bot in the configuration: what may stand there, and what to do when it is wrong.

A secret never stands in an error, not even a wrong one.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from yarl import URL

from relay_webhook.target import Target, TargetError

MOST_DRAFTS: Final = 5
"""relay takes no more of one responder for one question."""
LONGEST_S: Final = 170.0


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url`: where relay reaches the bot: ws and wss dial a reverse WebSocket, http and https post a webhook. `listen`:
    the bot comes to relay by itself, or calls its HTTP API. `token`: shown to the bot when dialling, and asked of it
    when it comes. `secret`: signs what is posted. `provider` and `mode`: who composed its texts, in the words of the
    rules. `wait_s`: how long a bot may be silent until its silence is its answer. `text`: what it is given, all of
    what is unanswered or the last message alone.
    """

    url: str | None = None
    onebot: Literal[11, 12] = 11
    listen: bool = False
    token: str | None = None
    secret: str | None = None
    self_id: int = 10_000
    provider: str | None = None
    mode: Literal["assist", "auto", "unknown"] = "unknown"
    drafts: int = 3
    wait_s: float = 20.0
    text: Literal["unanswered", "last"] = "unanswered"
    message_format: Literal["array", "string"] = "array"
    allow_private: bool = False


_REMEDY: Final[Mapping[str, tuple[str, str]]] = {
    "url": ("the bot's address, ws://, wss://, http:// or https://", "机器人的地址（ws、wss、http 或 https）"),
    "onebot": ("11 or 12", "11 或 12"),
    "listen": ("true or false", "true 或 false"),
    "token": ("the access token, with token_env or token_file", "访问令牌，用 token_env 或 token_file"),
    "secret": ("the secret that signs posts, with secret_env or secret_file", "签名密钥，用 secret_env 或 secret_file"),
    "self_id": ("a whole number from 1 to 9007199254740991", "1 至 9007199254740991 的整数"),
    "provider": ('a name of 1 to 32 characters other than "relay"', '1 至 32 字的名称，不可为 "relay"'),
    "mode": ('"assist", "auto" or "unknown"', '"assist"、"auto" 或 "unknown"'),
    "drafts": (f"a whole number from 1 to {MOST_DRAFTS}", f"1 至 {MOST_DRAFTS} 的整数"),
    "wait_s": ("seconds, at least 1 and at most 170", "秒数，1 至 170"),
    "text": ('"unanswered" or "last"', '"unanswered" 或 "last"'),
    "message_format": ('"array" or "string"', '"array" 或 "string"'),
    "allow_private": ("true or false", "true 或 false"),
}
_SECRET_KEYS: Final = frozenset({"token", "secret"})


def read_options(given: Mapping[str, object]) -> Options:
    """Check and complete a table. Raises `ValueError` naming key, value and remedy."""
    for key in given:
        if key not in _REMEDY:
            raise ValueError(f"{key}: 未知的配置项 / no such option of a bot; there are {', '.join(_REMEDY)}")
    for field in msgspec.structs.fields(Options):
        if field.name in given:
            try:
                msgspec.convert(given[field.name], type=field.type)
            except msgspec.ValidationError as error:
                raise _wrong(field.name, given[field.name], str(error)) from None
    options = msgspec.convert(given, Options)
    _check(options)
    return options


def _check(options: Options) -> None:
    if options.url is None and not options.listen:
        raise _wrong("url", None, "is missing, and only a bot with listen = true comes by itself")
    if options.listen and not options.token:
        raise _wrong("token", None, "is missing: a bot that comes by itself must show one")
    if options.onebot == 12 and is_webhook(options):
        raise _wrong("url", options.url, "OneBot 12 is spoken over WebSocket only, ws:// or wss://")
    if not 1 <= options.self_id <= 2**53 - 1:
        raise _wrong("self_id", options.self_id, "is out of range")
    if options.provider is not None and not _names_a_bot(options.provider):
        raise _wrong("provider", options.provider, "cannot be a bot's name")
    if not 1 <= options.drafts <= MOST_DRAFTS:
        raise _wrong("drafts", options.drafts, "is out of range")
    if not 1 <= options.wait_s <= LONGEST_S:
        raise _wrong("wait_s", options.wait_s, "is out of range")


def _names_a_bot(provider: str) -> bool:
    return 1 <= len(provider) <= 32 and provider.isprintable() and bool(provider.strip()) and provider != "relay"


def is_webhook(options: Options) -> bool:
    """Whether relay posts to the bot rather than dialling it."""
    return options.url is not None and options.url.startswith(("http://", "https://"))


def target_of(options: Options) -> tuple[Target, URL] | None:
    """Where to reach the bot, and which addresses that allows; None for one that comes by itself. Raises ValueError.

    The checks are those of `relay_webhook.target`: a socket is dialled where a webhook might be posted.
    """
    if options.url is None:
        return None
    scheme, mark, rest = options.url.partition("://")
    plain = {"ws": "http", "wss": "https", "http": "http", "https": "https"}.get(scheme.lower())
    if plain is None or not mark:
        raise _wrong("url", options.url, "is no ws, wss, http or https address")
    try:
        return Target(f"{plain}://{rest}", options.allow_private), URL(options.url)
    except TargetError as error:
        raise _wrong("url", options.url, str(error)) from None


def _wrong(key: str, value: object, what: str) -> ValueError:
    en, zh = _REMEDY[key]
    shown = "" if value is None or key in _SECRET_KEYS else f" = {value!r}"
    return ValueError(f"{key}{shown}: 应为{zh} / {what}; give {en}")
