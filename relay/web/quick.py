"""Quick replies as screens have them: those in force, and what a change of the office says of one."""

from relay.domain import facts as f
from relay.domain.settings import QuickReply
from relay.domain.slots import slots_of
from relay.web import frames as w


def reply_info(reply: QuickReply) -> w.QuickReplyInfo:
    return w.QuickReplyInfo(
        reply.id,
        reply.version,
        reply.text,
        reply.purpose,
        reply.shops,
        reply.valid_from,
        reply.valid_to,
        slots_of(reply.text),
    )


def quick_reply_frame(
    seq: int, fact: f.OfficeTaken, in_force: QuickReply | None
) -> w.QuickReply | w.QuickReplyRemoved | None:
    """What a change of the office says to everybody of its shops; None if it changes no quick reply.

    `in_force` is the approved version after the change, None if there is none any more.
    """
    if isinstance(fact.subject, QuickReply):
        told = reply_info(in_force or fact.subject)
        usable = in_force is not None and not in_force.stopped
        return w.QuickReply(seq=seq, at=fact.at, usable=usable, reply=told)
    if fact.removed_sort == "reply":
        return w.QuickReplyRemoved(seq=seq, at=fact.at, reply=fact.removed_id or "")
    return None
