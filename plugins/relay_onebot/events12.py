"""The events of OneBot 12 (botuniverse/onebot, specs/interface/**), typed as far as needed, in both directions.

Laws: the standard calls an event with a missing or wrongly typed field no event at all, and so does this module for
every field that steers relay. `self` stands in every event but meta. `time` is in seconds with a fraction. Extension
fields have a prefix and a point (`taobao.shop`); they are read beside the event (`relay_onebot.extensions`).
"""

from typing import Any, Final

import msgspec

from relay_onebot.segments import Segment


class Self(msgspec.Struct, frozen=True):
    """Whose event it is: one account of one platform."""

    platform: str
    user_id: str


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all events have. `sub_type` is there and may be empty."""

    id: str
    time: float
    detail_type: str
    sub_type: str

    @property
    def own(self) -> Self | None:
        """Whose event it is; None for meta."""
        return None


class AccountEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    own_: Self = msgspec.field(name="self")

    @property
    def own(self) -> Self:
        return self.own_


class Message12(AccountEvent, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="message"):
    """Somebody wrote: `detail_type` private, group or channel."""

    message_id: str
    message: list[Segment]
    alt_message: str
    user_id: str
    group_id: str | None = None


class Notice12(AccountEvent, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="notice"):
    """Something happened, such as `private_message_delete`. Extensions have types with a prefix."""

    user_id: str | None = None
    message_id: str | None = None
    group_id: str | None = None
    operator_id: str | None = None


class Request12(AccountEvent, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="request"):
    """A request; the standard has none of its own."""

    user_id: str | None = None


class ImplVersion(msgspec.Struct, frozen=True):
    impl: str
    version: str
    onebot_version: str


class BotStatus(msgspec.Struct, frozen=True):
    """Whether one account is online."""

    own: Self = msgspec.field(name="self")
    online: bool


class Status(msgspec.Struct, frozen=True):
    good: bool
    bots: list[BotStatus] = []


class Meta12(Event, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="meta"):
    """The implementation about itself: `connect` (the first frame of any socket), `heartbeat` (`interval` in ms),
    `status_update`.
    """

    version: ImplVersion | None = None
    interval: int | None = None
    status: Status | None = None


Event12 = Message12 | Notice12 | Request12 | Meta12
_DECODER: Final[msgspec.json.Decoder[Event12]] = msgspec.json.Decoder(Event12)


def decode12(raw: bytes | str) -> Event12:
    """An event. Raises `ValueError` or `RecursionError` for anything else."""
    return _DECODER.decode(raw)


def encode(event: msgspec.Struct, extensions: dict[str, Any] | None = None) -> bytes:
    """An event of either version as JSON, with extension fields beside its own."""
    if not extensions:
        return msgspec.json.encode(event)
    own: dict[str, Any] = msgspec.to_builtins(event)
    return msgspec.json.encode(own | extensions)
