"""The events of OneBot 11 (botuniverse/onebot-11, event/*.md), typed as far as they are needed, in both directions.

Laws: what steers relay is typed strictly, and a wrong type makes the event unusable as a whole; what it does not need
is not looked at. Unknown keys are ignored, and null is a missing key. Ids may be integers or strings (`relay_onebot.
ids`). Version 11 gives an event no id of its own: a message is known by account, conversation and `message_id`.
"""

from typing import Any, Final

import msgspec

from relay_onebot.ids import Id
from relay_onebot.segments import Message


class Said11(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a message and its own account's echo share. `time` is in whole seconds since 1970."""

    time: int
    self_id: Id
    message_type: str
    sub_type: str | None = None
    message_id: Id | None = None
    user_id: Id
    group_id: Id | None = None
    target_id: Id | None = None
    message: Message
    raw_message: str | None = None
    font: int | None = None
    sender: dict[str, Any] | None = None


class Message11(Said11, frozen=True, kw_only=True, omit_defaults=True, tag_field="post_type", tag="message"):
    """Somebody wrote to the account: `message_type` private or group."""


class MessageSent11(Said11, frozen=True, kw_only=True, omit_defaults=True, tag_field="post_type", tag="message_sent"):
    """The account itself wrote, here or in another client: an extension that most implementations have.

    The buyer is `target_id` where it is given; older peers put them into `user_id`.
    """


class Notice11(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="post_type", tag="notice"):
    """Something happened, such as `friend_recall`. Extensions have types with a prefix."""

    time: int
    self_id: Id
    notice_type: str
    sub_type: str | None = None
    user_id: Id | None = None
    group_id: Id | None = None
    operator_id: Id | None = None
    target_id: Id | None = None
    message_id: Id | None = None


class Request11(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="post_type", tag="request"):
    """Somebody asks to become a friend or to join. relay answers none of these."""

    time: int
    self_id: Id
    request_type: str
    sub_type: str | None = None
    user_id: Id | None = None
    comment: str | None = None
    flag: str | None = None


class Meta11(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="post_type", tag="meta_event"):
    """The implementation about itself: `lifecycle` (enable, disable, connect) or `heartbeat` (`interval` in ms)."""

    time: int
    self_id: Id
    meta_event_type: str
    sub_type: str | None = None
    interval: int | None = None
    status: dict[str, Any] | None = None


Event11 = Message11 | MessageSent11 | Notice11 | Request11 | Meta11
_DECODER: Final[msgspec.json.Decoder[Event11]] = msgspec.json.Decoder(Event11)


def decode11(raw: bytes | str) -> Event11:
    """An event. Raises `ValueError` or `RecursionError` for anything else."""
    return _DECODER.decode(raw)
