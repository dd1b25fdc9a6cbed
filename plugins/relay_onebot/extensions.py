"""What a shop's bridge may say beyond the standard: fields `<prefix>.<word>` beside an event's own.

The prefix is `relay`, one that the channel's configuration adds, or in version 12 the event's platform (`taobao.shop`).
Where several name the same word, the first of them in that order counts. Laws: the words below are typed strictly, a
wrong type makes the event unusable; any other word is ignored, and null is a missing field.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
NOTHING: Final = msgspec.Raw()
OWN_PREFIX: Final = "relay"


class Extensions(msgspec.Struct, frozen=True, kw_only=True):
    """The words relay knows. docs/bridge.md says what each means."""

    shop: Name | None = None
    account: Name | None = None
    from_account: Name | None = None
    owner: Name | None = None
    buyer: Name | None = None
    buyer_name: str | None = None
    buyer_class: Literal["consumer", "shop_sub_account", "merchant_account", "xiaoer"] | None = None
    time: msgspec.Raw = NOTHING
    message_time: msgspec.Raw = NOTHING
    order_state: Name | None = None
    entry: Name | None = None
    content: Name | None = None
    tag: Name | None = None
    text: str | None = None
    kind: Literal["human", "assist", "bot", "auto", "helper", "system", "unknown"] | None = None
    bot: Name | None = None
    mode: Literal["assist", "auto", "unknown"] | None = None
    trigger: Literal["person", "machine"] | None = None
    origin: Literal["draft"] | None = None
    path: Literal["client", "vendor", "relay", "hand"] | None = None
    echo_of: Name | None = None
    conversation: str | None = None
    outcome: Literal["unknown"] | None = None
    queued: bool | None = None
    skew_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)] | None = None
    until: msgspec.Raw = NOTHING
    replayed: bool | None = None


NONE: Final = Extensions()
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DECODER: Final = msgspec.json.Decoder(Extensions)


def read_extensions(raw: bytes, prefixes: Sequence[str]) -> Extensions:
    """The extension fields of an event that was read already. Raises `ValueError` for a word of the wrong type."""
    if not any(f'"{prefix}.'.encode() in raw for prefix in prefixes):
        return NONE
    fields = _FIELDS.decode(raw)
    words: dict[str, msgspec.Raw] = {}
    for prefix in reversed(prefixes):
        start = f"{prefix}."
        words |= {name.removeprefix(start): value for name, value in fields.items() if name.startswith(start)}
    return _DECODER.decode(
        msgspec.json.encode({word: value for word, value in words.items() if bytes(value) != b"null"})
    )


def extended(words: dict[str, Any]) -> dict[str, Any]:
    """Words as extension fields or parameters under relay's own prefix, without those that are None."""
    return {f"{OWN_PREFIX}.{word}": value for word, value in words.items() if value is not None}


def kind_of(name: str, prefixes: Sequence[str]) -> str | None:
    """The word of an extended type such as `relay.transfer`; None for a type of the standard or of another prefix."""
    prefix, point, word = name.partition(".")
    return word if point and prefix in prefixes else None
