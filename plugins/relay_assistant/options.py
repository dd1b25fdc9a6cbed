"""The table of an assistant in the configuration. A secret never stands in an error, not even a wrong one."""

from collections.abc import Mapping
from typing import Final

import msgspec

from relay_webhook.signature import key_of
from relay_webhook.target import Target, TargetError


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url` takes the questions, signed with `send_secret`; any of `secrets` opens the callback, served only where
    there is one. `provider` is who composes the drafts that name nobody. `allow_private`: `url` may name an
    address of the local network.
    """

    url: str
    send_secret: str
    secrets: list[str] = []
    provider: str = "other"
    allow_private: bool = False


_REMEDY: Final[Mapping[str, tuple[str, str]]] = {
    "url": ("the https address (http only on this machine) that takes questions", "接收问题的网址"),
    "send_secret": ("the secret relay signs with: whsec_ and base64 of 24 to 64 bytes", "relay 签名所用的密钥"),
    "secrets": ("a list of secrets: whsec_ and base64 of 24 to 64 bytes", "回传草稿所用的密钥列表"),
    "provider": ("a name of 1 to 64 characters", "1 到 64 个字符的名称"),
    "allow_private": ("true or false", "true 或 false"),
}
_SECRET: Final = frozenset({"send_secret", "secrets"})


def read_options(given: Mapping[str, object]) -> tuple[Options, Target]:
    """Check and complete a table. Raises `ValueError` naming the key and the remedy."""
    for key in given:
        if key not in _REMEDY:
            raise ValueError(f"{key}: 没有此项 / no such option; there are: {', '.join(_REMEDY)}")
    for key in ("url", "send_secret"):
        if key not in given:
            raise _wrong(key, "is missing")
    for field in msgspec.structs.fields(Options):
        if field.name in given:
            try:
                msgspec.convert(given[field.name], field.type)
            except msgspec.ValidationError as error:
                raise _wrong(field.name, "has the wrong type" if field.name in _SECRET else str(error)) from None
    options = msgspec.convert(given, Options)
    for key, secret in (("send_secret", options.send_secret), *(("secrets", one) for one in options.secrets)):
        try:
            key_of(secret)
        except ValueError as error:
            raise _wrong(key, str(error)) from None
    if not 1 <= len(options.provider.strip()) <= 64 or not options.provider.isprintable():
        raise _wrong("provider", "is out of range")
    try:
        return options, Target(options.url, options.allow_private)
    except TargetError as error:
        raise _wrong("url", str(error)) from None


def _wrong(key: str, what: str) -> ValueError:
    en, zh = _REMEDY[key]
    return ValueError(f"{key}: 应为{zh} / {what}; give {en}")
