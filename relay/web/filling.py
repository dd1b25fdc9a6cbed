"""Quick replies as an agent may send them: slots that relay knows are filled in, the others are marked as gaps.

Law: what is sent has no open gap, whether relay filled it in, the agent did, or somebody pasted a template as it was.
"""

from collections.abc import Mapping

from relay.domain.model import Conversation
from relay.domain.names import Millis, PersonId
from relay.domain.settings import QuickReply
from relay.domain.slots import SLOTS, Filled, Slot, fill, open_gaps, slots_of
from relay.domain.wording import known
from relay.runtime.filling import personal
from relay.web import frames as w
from relay.web.feed import Feed
from relay.web.sentences import RefusedHere


def filled_for(
    feed: Feed, conv: Conversation, by: PersonId, reply: QuickReply, values: Mapping[str, str], at: Millis
) -> Filled:
    """The quick reply for this buyer as this person would send it. `values` are the person's own, and come first."""
    names = slots_of(reply.text)
    if stray := [name for name in values if name not in names]:
        raise RefusedHere("no_slot", (", ".join(stray), "、".join(stray)))
    told = {name: known(feed.state, feed.lanes, conv, at, name, by) for name in names if not SLOTS[name].personal}
    if len(told) < len(names):
        told |= personal(feed.port.buyer(conv.buyer))
    given = {name: value for name, value in values.items() if value.strip()}
    return fill(reply.text, {name: value for name, value in told.items() if value is not None} | given)


def gaps_of(filled: Filled) -> list[w.Gap]:
    """The gaps as the client is told of them."""
    return [w.Gap(one.slot.name, one.slot.zh, one.slot.en, one.start, one.end) for one in filled.gaps]


def refuse_gaps(text: str, filled: Filled | None = None) -> None:
    """Raise `RefusedHere` if something is left to fill in."""
    slots: tuple[Slot, ...] = open_gaps(text)
    if filled is not None:
        slots = tuple(dict.fromkeys((*slots, *(one.slot for one in filled.gaps))))
    if slots:
        raise RefusedHere(
            "slot_unfilled",
            (
                ", ".join(f"{{{one.name}}} ({one.en})" for one in slots),
                "、".join(f"{{{one.name}}}（{one.zh}）" for one in slots),
            ),
        )
