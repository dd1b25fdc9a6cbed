"""A first guess at an export: two readings of it, and everything that can be said without asking the owner."""

from collections.abc import Iterable

from relay.insight.who.proposal import Proposal
from relay.insight.who.rereading import Item
from relay.insight.who.roles import nick_proposals, talk_proposals
from relay.insight.who.survey import survey
from relay.insight.who.texts import read_texts


def propose(utterances: Iterable[Item]) -> Proposal:
    """Who is who, as far as the file shows.

    The source is read twice: give something that can be, such as `Again`; an iterator is kept in memory. What else is
    kept is nicks, conversations, and the wordings that are repeated. What a reader could not read is counted only.
    """
    found, source = survey(utterances)
    nicks = nick_proposals(found)
    read = read_texts(source, found, nicks)
    return Proposal(
        nicks=tuple(nicks),
        talks=tuple(talk_proposals(found, nicks)),
        texts=tuple(read.texts),
        rest=read.rest,
        lines=found.lines,
        unread=found.unread,
        bad_times=found.bad_times,
        naive=found.naive,
        whole_minutes=found.whole_minutes and found.lines > found.bad_times,
        out_of_order=found.backward,
        first=found.first,
        last=found.last,
    )
