"""What relay tells of what is owed and promised to a buyer, and noted of them."""

from relay.domain.facts import (
    DebtWhy,
)
from relay.domain.names import (
    FollowUpId,
    Millis,
    NoteId,
    PersonId,
    SendId,
)
from relay.domain.settings import (
    Category,
)
from relay.web.frames.event import ConversationEvent
from relay.web.frames.parts import (
    FollowUp,
    Message,
    Note,
)


class DebtOpened(ConversationEvent, frozen=True, kw_only=True):
    """`since`: it had been open since then, and what had closed it was taken back."""

    send: SendId | None
    remind_at: Millis
    since: Millis | None = None


class DebtReminded(ConversationEvent, frozen=True, kw_only=True):
    """`do` is the rung of the debt's ladder: `remind`, `alert`, `reroute`; empty after the last one."""

    times: int
    next_at: Millis
    do: str = ""


class DebtSettled(ConversationEvent, frozen=True, kw_only=True):
    by: PersonId
    reason: str


class DebtClosed(ConversationEvent, frozen=True, kw_only=True):
    why: DebtWhy


class FollowUpOffered(ConversationEvent, frozen=True, kw_only=True):
    """A person's text promises something. `named`: its words say when; else `due_at` is the shop's usual time."""

    owner: PersonId | None
    due_at: Millis
    category: Category
    named: bool


class FollowUpDismissed(ConversationEvent, frozen=True, kw_only=True):
    by: PersonId


class FollowUpMade(ConversationEvent, frozen=True, kw_only=True):
    """`offered`: the open offer is taken up by it."""

    by: PersonId
    offered: bool
    follow_up: FollowUpId
    now: FollowUp


class FollowUpChanged(ConversationEvent, frozen=True, kw_only=True):
    """`by` null: its owner or their seat is no more."""

    by: PersonId | None
    follow_up: FollowUpId
    now: FollowUp


class FollowUpDue(ConversationEvent, frozen=True, kw_only=True):
    """Its time has come. `rung`: `owner`, then some time later `supervisor`. `messages`: the last lines at hand."""

    rung: str
    follow_up: FollowUpId
    now: FollowUp
    messages: list[Message]


class FollowUpDone(ConversationEvent, frozen=True, kw_only=True):
    """Kept: by the reply `send`, or as `reason` says."""

    follow_up: FollowUpId
    by: PersonId | None
    reason: str
    send: SendId | None


class FollowUpDropped(ConversationEvent, frozen=True, kw_only=True):
    follow_up: FollowUpId
    by: PersonId
    reason: str


class NoteWritten(ConversationEvent, frozen=True, kw_only=True):
    """`replaces`: it is another wording of that note, which is gone."""

    note: Note
    replaces: NoteId | None


class NoteRemoved(ConversationEvent, frozen=True, kw_only=True):
    note: NoteId
    by: PersonId
