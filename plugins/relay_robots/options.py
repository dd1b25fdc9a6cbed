"""A robot's table of the configuration: what may stand there, and what to do when it is wrong.

The token is what the platform puts into the robot's address. People copy the whole address, so that may be given
instead. Neither ever stands in an error.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec
from yarl import URL

from relay_webhook.target import Target, TargetError

Format = Literal["markdown", "text"]
LONGEST_S: Final = 15.0
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,256}")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`token`: of the robot's address, or the address. `secret`: of its signature, where it has one. `keyword`: is
    added where the text does not have it. `base_url`: another address of the platform; one of this machine must stand
    there literally (127.0.0.1).
    """

    token: str
    secret: str | None = None
    keyword: str = ""
    format: Format = "markdown"
    base_url: str | None = None
    allow_private: bool = False
    timeout_s: float = 10.0


_REMEDY: Final[Mapping[str, tuple[str, str]]] = {
    "token": (
        "the robot's token or its whole address, by token_file or token_env",
        "机器人的令牌或完整 Webhook 地址（token_file 或 token_env）",
    ),
    "secret": (
        "the secret of the robot's signature, by secret_file or secret_env",
        "机器人加签的密钥（secret_file 或 secret_env）",
    ),
    "keyword": ("a word of at most 32 letters", "不超过 32 字的词"),
    "format": ('"markdown" or "text"', '"markdown" 或 "text"'),
    "base_url": ("an https address (http only on this machine)", "https 网址（仅本机可用 http）"),
    "allow_private": ("true or false", "true 或 false"),
    "timeout_s": ("seconds, more than 0 and at most 15", "秒数，大于 0，不超过 15"),
}
_SECRET_KEYS: Final = frozenset({"token", "secret"})


def read_options(given: Mapping[str, object], platform: str, token_of: Callable[[URL], str], signs: bool) -> Options:
    """Check and complete a table. Raises `ValueError` naming key and remedy."""
    for key, value in given.items():
        if key not in _REMEDY or (key == "secret" and not signs):
            allowed = ", ".join(name for name in _REMEDY if signs or name != "secret")
            raise ValueError(f"{key}: 未知的配置项 / no such option of this robot; there are {allowed}")
        [kind] = [field.type for field in msgspec.structs.fields(Options) if field.name == key]
        try:
            msgspec.convert(value, type=kind)
        except msgspec.ValidationError:
            raise wrong(key, "has the wrong type", "类型不对") from None
    if "token" not in given:
        raise wrong("token", "is missing", "缺少")
    options = msgspec.convert(given, Options)
    if not 0 < options.timeout_s <= LONGEST_S:
        raise wrong("timeout_s", "is out of range", "超出范围")
    if len(options.keyword) > 32 or not options.keyword.isprintable():
        raise wrong("keyword", "is too long or not printable", "过长或含不可见字符")
    return msgspec.structs.replace(options, token=_token(options.token, platform, token_of))


def target_of(options: Options, usual: str) -> Target:
    """Where to send to. Raises `ValueError`."""
    try:
        return Target(options.base_url or usual, options.allow_private)
    except TargetError as error:
        raise wrong("base_url", str(error), "不可用") from None


def wrong(key: str, en: str, zh: str) -> ValueError:
    remedy_en, remedy_zh = _REMEDY[key]
    return ValueError(f"{key} {zh}：应为{remedy_zh} / {key} {en}; give {remedy_en}")


def _token(given: str, platform: str, token_of: Callable[[URL], str]) -> str:
    text = given.strip()
    if text.startswith(("http://", "https://")):
        try:
            url = URL(text)
        except ValueError:
            raise wrong("token", "is no address of this robot", "不是该机器人的地址") from None
        if url.host != URL(platform).host:
            raise wrong("token", "is the address of another platform", "是其他平台的地址")
        text = token_of(url)
    if not _TOKEN.fullmatch(text):
        raise wrong("token", "does not look like one", "格式不对")
    return text
