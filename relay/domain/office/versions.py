"""What may be wrong with the versions of quick replies: beside each other in one file, and against those before them.

A version is written once: its text and its author stay, its number never comes again for other words, and numbers only
rise. Of the versions of one reply one at most is approved; a newer one beside it is still to be.
"""

from collections.abc import Iterable, Iterator

from relay.domain.library import signed
from relay.domain.names import ReplyId
from relay.domain.office.grouping import Fault
from relay.domain.office.state import OfficeState
from relay.domain.settings import QuickReply


def by_name(replies: Iterable[QuickReply]) -> dict[ReplyId, QuickReply]:
    """One version of each: the approved one, else the newest."""
    return {one.id: one for one in sorted(replies, key=lambda one: (one.is_approved, one.version))}


def beside_faults(replies: Iterable[QuickReply]) -> Iterator[tuple[QuickReply, Fault]]:
    """Of versions that stand in one file: the later in the file is at fault."""
    seen: set[tuple[ReplyId, int]] = set()
    approved: dict[ReplyId, int] = {}
    for one in replies:
        name, number = one.id, one.version
        if (name, number) in seen:
            yield one, Fault("id", f'version {number} of "{name}" is there twice', f'"{name}" 的版本 {number} 重复')
        elif one.status == "approved" and (other := approved.setdefault(name, number)) != number:
            fault = Fault(
                "status",
                f'version {other} of "{name}" is approved too; set the old one to retired, or take it out',
                f'"{name}" 的版本 {other} 也是 approved；请把旧版本改为 retired 或删去',
            )
            yield one, fault
        seen.add((name, number))


def history_faults(reply: QuickReply, state: OfficeState) -> Iterator[Fault]:
    """Against what was known of this reply before."""
    known, newest = state.version_of(reply, live=False), state.replies.get(reply.id)
    if known is not None and known.text != reply.text:
        yield Fault(
            "text",
            f"version {reply.version} has another text for ever; give the new text a higher version",
            f"版本 {reply.version} 的文字不能再改；新文字请用更高的版本号",
        )
    elif known is not None and newest is not None and known.author != reply.author:
        yield Fault("author", "the author of a version never changes", "同一版本的作者不能再改")
    elif newest is not None and reply.version < newest.version and not _may_stay(reply, state):
        yield Fault(
            "version",
            f"version {newest.version} is known already; a version never goes back",
            f"已有版本 {newest.version}，版本号不能变小",
        )


def _may_stay(reply: QuickReply, state: OfficeState) -> bool:
    """An older version may stand in the file as it is, and the one in force may be changed or retired."""
    in_force = state.approved.get(reply.id)
    return signed(reply) == state.version_of(reply, live=False) or (
        in_force is not None and in_force.version == reply.version
    )
