"""Which version of a quick reply is in force (L8): the approved one, whatever is written or proposed beside it.

An edit is a new version; until it is approved itself the one before goes on. An approval takes the place of the
approval before it, and only what is done to the version in force takes it out.
"""

import msgspec

from relay.domain.names import ReplyId
from relay.domain.settings import QuickReply


def take_version(in_force: dict[ReplyId, QuickReply], told: QuickReply) -> None:
    """Carry one version, as it now is, into the versions in force."""
    if told.is_approved:
        in_force[told.id] = told
    elif told.id in in_force and in_force[told.id].version == told.version:
        del in_force[told.id]


def signed(reply: QuickReply) -> QuickReply:
    """The version with its kind of approval named: who wrote it and who approved it say which."""
    if reply.approved_by is None or reply.approval is not None:
        return reply
    by_another = reply.author not in (None, reply.approved_by)
    return msgspec.structs.replace(reply, approval="two_person" if by_another else "owner_self")
