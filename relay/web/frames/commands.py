"""What a client says."""

from typing import Annotated, Literal

import msgspec

from relay.domain.settings import Presence
from relay.web.frames.words import snake

CommandId = Annotated[str, msgspec.Meta(max_length=64)] | Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=snake, forbid_unknown_fields=True):
    """What a client says. `id` comes back in the answer."""

    v: Literal[1]
    id: CommandId = None


class Hello(Command, frozen=True, kw_only=True):
    """The first frame. `token` unless it stood in the handshake; `since`: the last seq that was seen before."""

    token: Annotated[str, msgspec.Meta(max_length=512)] | None = None
    desk: Name | None = None
    since: int | None = None


class SetPresence(Command, frozen=True, kw_only=True, tag="presence"):
    seat: Name
    presence: Presence


class Reply(Command, frozen=True, kw_only=True):
    """`key` makes a frame that is sent twice one reply. With `reply` the text is a quick reply's ("" fills it in).

    With `draft` it is a draft that the person approves (text "" or as it was) or has edited.
    """

    shop: Name
    buyer: Name
    text: str
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
    reply: Name | None = None
    draft: Name | None = None


class RejectDraft(Command, frozen=True, kw_only=True):
    """Take a draft off the list."""

    shop: Name
    buyer: Name
    draft: Name
    reason: str = ""


class Typing(Command, frozen=True, kw_only=True):
    shop: Name
    buyer: Name


class Close(Command, frozen=True, kw_only=True):
    shop: Name
    buyer: Name
    reason: str = ""


class Settle(Command, frozen=True, kw_only=True):
    shop: Name
    buyer: Name
    reason: str


class Move(Command, frozen=True, kw_only=True):
    """Give the buyer to the seat `to`, to a `group`, or (neither) to whoever else is least loaded."""

    shop: Name
    buyer: Name
    to: Name | None = None
    group: Name | None = None
    reason: str = ""


class Resolve(Command, frozen=True, kw_only=True):
    """A person has looked whether a text of unknown outcome reached the buyer."""

    send: Name
    reached: bool


class Acknowledge(Command, frozen=True, kw_only=True):
    """A supervisor has seen every open alert of this buyer, or (none named) of the shop itself."""

    shop: Name
    buyer: Name | None = None


class AskHistory(Command, frozen=True, kw_only=True, tag="history"):
    """Messages of a conversation older than the seq `before`; without it the newest."""

    shop: Name
    buyer: Name
    before: int | None = None


class Ping(Command, frozen=True, kw_only=True):
    pass


AnyCommand = (
    Hello | SetPresence | Reply | RejectDraft | Typing | Close | Settle | Move | Resolve | Acknowledge
    | AskHistory | Ping
)  # fmt: skip
