"""What a client says."""

from typing import Annotated, Literal

import msgspec

from relay.domain.settings import Category, Presence
from relay.domain.slots import VALUE_LIMIT
from relay.web.frames.words import snake

CommandId = Annotated[str, msgspec.Meta(max_length=64)] | Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Values = Annotated[
    dict[Annotated[str, msgspec.Meta(max_length=32)], Annotated[str, msgspec.Meta(max_length=VALUE_LIMIT)]],
    msgspec.Meta(max_length=16),
]


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
    `follow_up`: the reply keeps it, and may be the first word to a buyer whose conversation is over.
    `values`: what the agent puts into its slots, by name.
    """

    shop: Name
    buyer: Name
    text: str
    key: Key
    reply: Name | None = None
    draft: Name | None = None
    follow_up: Name | None = None
    values: Values = {}


class Hold(Command, frozen=True, kw_only=True):
    """Hold the buyer with this `version` of an approved hold, for the message `question` that they wrote last.

    `key` as of a reply. It reads as a hold, whatever its words: an answer is owed from then on.
    """

    shop: Name
    buyer: Name
    reply: Name
    version: int
    question: Annotated[str, msgspec.Meta(pattern=r"^m[0-9]{1,18}$")]
    key: Key
    values: Values = {}


class WriteNote(Command, frozen=True, kw_only=True, tag="note"):
    """Note something of this buyer, for whoever has them later. `replaces`: another wording of that note."""

    shop: Name
    buyer: Name
    text: str
    replaces: Name | None = None


class RemoveNote(Command, frozen=True, kw_only=True, tag="note_remove"):
    shop: Name
    buyer: Name
    note: Name


class AskTargets(Command, frozen=True, kw_only=True, tag="targets"):
    """To whom could this buyer be given, and how much do they have?"""

    shop: Name
    buyer: Name


class AskOrders(Command, frozen=True, kw_only=True, tag="orders"):
    """What has this buyer ordered in this shop?"""

    shop: Name
    buyer: Name


class AskQueue(Command, frozen=True, kw_only=True, tag="queue"):
    """Who waits in this shop's queue, in order, and why?"""

    shop: Name


class SetCap(Command, frozen=True, kw_only=True):
    """A supervisor lets this seat take so many conversations from now on."""

    seat: Name
    cap: Annotated[int, msgspec.Meta(ge=1, le=1000)]


class StartEvent(Command, frozen=True, kw_only=True):
    """A supervisor starts this event now, for so many minutes; without them it ends when it was to end anyway."""

    event: Name
    minutes: Annotated[int, msgspec.Meta(ge=1, le=44_640)] | None = None


class EndEvent(Command, frozen=True, kw_only=True):
    event: Name


class PlanEvent(Command, frozen=True, kw_only=True):
    """A supervisor sets when this event begins and ends, by its shops' own wall clock: `YYYY-MM-DD HH:MM`."""

    event: Name
    starts: Annotated[str, msgspec.Meta(max_length=16)]
    ends: Annotated[str, msgspec.Meta(max_length=16)]


class RejectDraft(Command, frozen=True, kw_only=True):
    """Take a draft off the list."""

    shop: Name
    buyer: Name
    draft: Name
    reason: str = ""


class Fill(Command, frozen=True, kw_only=True):
    """What a quick reply would say to this buyer; nothing is sent."""

    shop: Name
    buyer: Name
    reply: Name
    values: Values = {}


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


class MakeFollowUp(Command, frozen=True, kw_only=True, tag="follow_up"):
    """Promise this buyer something. The time is `due_at`, or `when` in words, or else that of the offer (`offered`) or
    the shop's usual one; the owner is whoever asks, unless another is named.
    """

    shop: Name
    buyer: Name
    due_at: int | None = None
    when: Annotated[str, msgspec.Meta(max_length=100)] = ""
    category: Category | None = None
    owner: Name | None = None
    note: str = ""
    offered: bool = False


class DismissOffer(Command, frozen=True, kw_only=True, tag="follow_up_dismiss"):
    """What was taken for a promise needs no follow-up."""

    shop: Name
    buyer: Name


class ChangeFollowUp(Command, frozen=True, kw_only=True, tag="follow_up_change"):
    """What is left out stays as it is."""

    follow_up: Name
    due_at: int | None = None
    when: Annotated[str, msgspec.Meta(max_length=100)] = ""
    category: Category | None = None
    owner: Name | None = None
    note: str = ""


class FinishFollowUp(Command, frozen=True, kw_only=True, tag="follow_up_done"):
    """It was kept, in the way that `reason` says."""

    follow_up: Name
    reason: str


class DropFollowUp(Command, frozen=True, kw_only=True, tag="follow_up_drop"):
    """It is given up, and why."""

    follow_up: Name
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


class TakeBack(Command, frozen=True, kw_only=True):
    """Take back one's own deed of a moment ago: `of` is the seq that its `done` named."""

    of: Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class AskHistory(Command, frozen=True, kw_only=True, tag="history"):
    """Messages of a conversation older than the seq `before`; without it the newest."""

    shop: Name
    buyer: Name
    before: int | None = None


class Ping(Command, frozen=True, kw_only=True):
    pass


AnyCommand = (
    Hello | SetPresence | Reply | Fill | RejectDraft | Typing | Close | Settle | Move | Resolve | Acknowledge
    | AskHistory | Ping | MakeFollowUp | DismissOffer | ChangeFollowUp | FinishFollowUp | DropFollowUp
    | Hold | WriteNote | RemoveNote | AskTargets | AskQueue | AskOrders | SetCap | StartEvent | EndEvent
    | PlanEvent | TakeBack
)  # fmt: skip
