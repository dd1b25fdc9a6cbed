"""What relay tells of a conversation: its lines, drafts, sends and rounds. Each frame is one committed fact."""

from relay.domain.facts import (
    ClockName,
    MoveWhy,
    Outcome,
    VoidWhy,
)
from relay.domain.names import (
    DraftId,
    MessageId,
    Millis,
    PersonId,
    ReplyId,
    SendId,
)
from relay.domain.settings import (
    Action,
    NoticePurpose,
)
from relay.web.frames.event import ConversationEvent
from relay.web.frames.parts import (
    Draft,
    Message,
    Sentence,
)


class BuyerWrote(ConversationEvent, frozen=True, kw_only=True):
    """`guard`: what the shop's own lists read in it, before which no machine speaks. `still_owed`: the buyer only
    acknowledges or thanks, and an answer is owed all the same. `last_message`: what a hold by key names from now on.
    """

    buyer_name: str | None
    queued: bool
    questions: int
    message: Message
    guard: str | None = None
    still_owed: bool = False
    last_message: MessageId | None = None


class ShopWrote(ConversationEvent, frozen=True, kw_only=True):
    """A merchant-side text was seen on the channel. `echo_of`: it is relay's own send, no new line.

    `still_owed`: it only holds or acknowledges, and an answer is owed all the same.
    """

    message: Message
    echo_of: SendId | None
    still_owed: bool = False


class Recalled(ConversationEvent, frozen=True, kw_only=True):
    message: MessageId
    questions: int


class Typed(ConversationEvent, frozen=True, kw_only=True):
    """`by` is writing, whom others call `name`; both null where that was not written down."""

    by: PersonId | None = None
    name: str | None = None


class ReplyIntended(ConversationEvent, frozen=True, kw_only=True):
    """`draft`: the draft that it is, `edited` or as it was; it is off the list. `still_owed`: it only holds or
    acknowledges, and an answer is owed all the same."""

    message: Message
    draft: DraftId | None = None
    edited: bool = False
    still_owed: bool = False


class DraftOffered(ConversationEvent, frozen=True, kw_only=True):
    """A draft for what the buyer said last (`message`). `order` names all live drafts, best first: keys 1 to 9."""

    message: MessageId
    responder: str
    draft: Draft
    order: list[DraftId]


class DraftVoid(ConversationEvent, frozen=True, kw_only=True):
    """Every draft of the conversation is void: take them off the list."""

    why: VoidWhy


class DraftRejected(ConversationEvent, frozen=True, kw_only=True):
    draft: DraftId
    by: PersonId
    reason: str
    order: list[DraftId]


class HoldIntended(ConversationEvent, frozen=True, kw_only=True):
    """The machine's one hold. With `shadow` it is only what would have been sent."""

    message: Message
    due_at: Millis
    shadow: bool


class HoldWithheld(ConversationEvent, frozen=True, kw_only=True):
    why: str


class NoticeIntended(ConversationEvent, frozen=True, kw_only=True):
    """An automatic notice is on its way. With `shadow` it is only what would have been sent."""

    message: Message
    purpose: NoticePurpose
    shadow: bool
    again: bool


class SendStarted(ConversationEvent, frozen=True, kw_only=True):
    """`text`: what goes out, where the slots of a machine's text were filled in since its intent; else null."""

    send: SendId
    attempt: int
    text: str | None = None


class SendEnded(ConversationEvent, frozen=True, kw_only=True):
    send: SendId
    outcome: Outcome
    machine: bool
    why: str
    retry_at: Millis | None
    by: PersonId | None
    ask: Sentence | None


class SendRequeued(ConversationEvent, frozen=True, kw_only=True):
    send: SendId


class Ladder(ConversationEvent, frozen=True, kw_only=True):
    """`due_at` is the deadline of `clock`. `passed`: lower rungs that came due with this one, told by it alone.

    `hold`: at `alert` and `approve`, also where one is passed, the approved hold to send with one key.
    """

    do: Action
    round_at: Millis
    due_at: Millis | None
    queued: bool
    clock: ClockName = "rule"
    passed: tuple[str, ...] = ()
    hold: ReplyId | None = None


class Overnight(ConversationEvent, frozen=True, kw_only=True):
    """The hours have opened for a buyer who wrote before: their service clock runs."""

    opened_at: Millis
    service_from: Millis
    service_due_at: Millis
    queued: bool


class RoundOpened(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    due_at: Millis | None
    questions: int
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class RoundMoved(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    due_at: Millis | None
    why: MoveWhy
    questions: int
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class Answered(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    answered_at: Millis


class RoundDropped(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    why: str
