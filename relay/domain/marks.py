"""How things are called inside a desk: read off the seq of their fact, never drawn by lot."""

from functools import lru_cache
from typing import Final

from relay.domain.names import (
    AlertId,
    DraftId,
    FollowUpId,
    MessageId,
    Millis,
    NoteId,
    SendId,
    TransferId,
)
from relay.domain.settings import DebtStep, LadderStep

DAY: Final = 86_400_000
CHINA: Final = 8 * 3_600_000
OPENING: Final = "opening"
"""Among the rungs that were taken: the opening of the hours was told."""


def message_id(seq: int) -> MessageId:
    """relay's own name of the message that the fact `seq` took."""
    return MessageId(f"m{seq}")


def message_seq(message: MessageId) -> int:
    """The seq of the fact that took this message."""
    return int(message[1:])


def send_id(seq: int) -> SendId:
    """The name of the send that the fact `seq` intended."""
    return SendId(f"s{seq}")


def transfer_id(seq: int) -> TransferId:
    """The name of the transfer that the fact `seq` first asked for."""
    return TransferId(f"t{seq}")


def alert_id(seq: int) -> AlertId:
    """The name of the alert that the fact `seq` raised."""
    return AlertId(f"a{seq}")


def draft_id(seq: int) -> DraftId:
    """The name of the draft that the fact `seq` offered."""
    return DraftId(f"d{seq}")


def follow_up_id(seq: int) -> FollowUpId:
    """The name of the follow-up that the fact `seq` made."""
    return FollowUpId(f"f{seq}")


def note_id(seq: int) -> NoteId:
    """The name of the note that the fact `seq` wrote."""
    return NoteId(f"n{seq}")


def day_of(at: Millis) -> int:
    """The natural day in China, where every platform counts."""
    return (at + CHINA) // DAY


@lru_cache(maxsize=1024)
def action_of(rung: str) -> str:
    """What the rung of this name does."""
    return rung.partition("+")[0].partition("-")[0]


@lru_cache(maxsize=1024)
def rung_name(rung: LadderStep) -> str:
    """How a rung of the ladder is remembered, wherever it stands in the list."""
    return f"{rung.do}+{rung.after_s}" if rung.after_s is not None else f"{rung.do}-{rung.before_s}"


def debt_rung_name(rung: DebtStep) -> str:
    """The same for a rung of a debt's ladder."""
    return f"{rung.do}+{rung.after_s}"
