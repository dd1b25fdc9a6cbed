"""Every text that was to go to a buyer: who decided it, when it left, and what became of it."""

from typing import Literal

import msgspec

from relay.domain import facts as f
from relay.domain.marks import send_id
from relay.domain.names import Millis, PersonId, ReplyId, SeatId, SendId
from relay.insight.story.timeline import Facts, Thread


class SendStory(msgspec.Struct):
    """One send. `started` are the instants at which an attempt began; `outcome` None: none is known yet.

    `answers`: the guiding rule takes it for a valid answer. `shadow`: it was only recorded.
    """

    send: SendId
    kind: Literal["reply", "hold", "notice"]
    decided_at: Millis
    seat: SeatId | None
    by: PersonId | None = None
    reply: ReplyId | None = None
    version: int | None = None
    reads_as: str = ""
    shadow: bool = False
    started: list[Millis] = []
    outcome: f.Outcome | None = None
    ended_at: Millis | None = None
    sent_at: Millis | None = None
    why: str = ""
    answers: bool = False


def sends_of(facts: Facts, thread: Thread) -> list[SendStory]:
    """The sends that were decided within the thread's facts, with everything that became of them since."""
    found: dict[SendId, SendStory] = {}
    for seq, fact in facts.items():
        if thread.first <= seq <= thread.last and (story := _decided(seq, fact, thread)) is not None:
            found[story.send] = story
        elif isinstance(fact, f.SendStarted) and fact.send in found:
            found[fact.send].started.append(fact.at)
        elif isinstance(fact, f.SendEnded) and fact.send in found:
            one = found[fact.send]
            one.outcome, one.ended_at, one.sent_at = fact.outcome, fact.at, fact.sent_at
            one.why, one.answers = fact.why, fact.answers
    return list(found.values())


def _decided(seq: int, fact: f.DeskFact, thread: Thread) -> SendStory | None:
    match fact:
        case f.ReplyIntended(shop=thread.shop, buyer=thread.buyer):
            return SendStory(
                send_id(seq),
                "reply",
                fact.at,
                fact.seat,
                by=fact.by,
                reply=fact.reply,
                version=fact.version,
                reads_as=fact.reads_as,
            )
        case f.HoldIntended(shop=thread.shop, buyer=thread.buyer):
            kind: Literal["hold", "notice"] = "hold"
            reads_as = "hold"
        case f.NoticeIntended(shop=thread.shop, buyer=thread.buyer):
            kind, reads_as = "notice", fact.purpose
        case _:
            return None
    return SendStory(
        send_id(seq),
        kind,
        fact.at,
        fact.seat,
        by=fact.approved_by,
        reply=fact.reply,
        version=fact.version,
        reads_as=reads_as,
        shadow=fact.shadow,
    )
