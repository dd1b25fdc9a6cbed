"""The root of all facts, and the words that several of them use."""

from typing import Literal

import msgspec

from relay.domain.names import Millis

Seen = Literal["new", "conflict"]
Tone = Literal["question", "thanks", "acknowledgement", "hold", "answer"]
Basis = Literal["channel", "relay"]
Outcome = Literal["confirmed", "refused", "not_sent", "unknown"]
ClockName = Literal["rule", "service"]
MoveWhy = Literal["recall", "earlier_message", "day_border", "answered_in_part", "first_assessed"]
DebtWhy = Literal["answered", "settled", "hold_not_sent", "closed"]
AssignReason = Literal[
    "least_loaded", "sticky", "debt", "fallback", "platform", "manual", "transfer", "rescue", "follow_up", "taken_back"
]
"""`manual`: a supervisor's word; `transfer`: an agent passed the buyer on; `rescue`: taken from a seat that did not
answer, or can no longer; `follow_up`: the seat of whoever has promised this buyer something; `taken_back`: the
seat that had them before a person took back their own word."""
TransferOutcome = Literal["confirmed", "refused", "unknown"]
Withheld = Literal["answer_first", "being_answered", "bounced", "nobody"]


def _version(name: str) -> str:
    return f"{name}@1"


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=_version, gc=False):
    """What happened, and at which instant of relay's own clock (which may step: order is seq, never `at`)."""

    at: Millis
    cause: int = 0
