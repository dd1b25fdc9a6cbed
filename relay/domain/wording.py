"""What the desk knows of the slots of a text, and which texts it may therefore choose (L8).

Laws:
* A personal value is never here: the desk names the slot (`Filling.wanted`), the runtime fills it in from the store.
* A text that needs what the desk does not know, or what nobody could fill for this buyer before, is not chosen.
* What the desk has filled in must still be so when the text goes out: who serves, whether the buyer waits, when the
  shop opens. A place and an estimate are as of the choice.
"""

from collections.abc import Iterable
from typing import Final

from relay.domain import facts as f
from relay.domain.estimate import estimate
from relay.domain.lanes import Lanes
from relay.domain.model import Conversation, DeskState, Send
from relay.domain.names import Millis, PersonId
from relay.domain.opening import opening_at, opening_words
from relay.domain.settings import Purpose, QuickReply
from relay.domain.slots import SLOTS, clean, is_sound, needed, slots_of

_PASSING: Final = frozenset({"position", "minutes"})
"""What changes by the second: it need only still be a value when the text goes out."""


def known(
    state: DeskState, lanes: Lanes, conv: Conversation, at: Millis, slot: str, by: PersonId | None = None
) -> str | None:
    """The value of a slot that is not personal; `by` is who sends, None for the machine: then who has the buyer."""
    shop = state.shops[conv.shop].setting
    match slot:
        case "agent":
            seat = state.seats.get(conv.seat) if conv.seat is not None else None
            name = by if by is not None else seat.setting.agent if seat is not None else None
            person = state.persons.get(name) if name is not None else None
            return clean(person.name) if person is not None and clean(person.name) else None
        case "shop":
            return clean(shop.name) or None
        case "position" | "minutes":
            queue = estimate(state, lanes, conv, at)
            value = None if queue is None else queue.place if slot == "position" else queue.minutes
            return None if value is None else str(value)
        case "opening":
            opening = opening_at(state, conv.shop, at)
            return None if opening is None else opening_words(shop.zone, at, opening)
    return None


def filling_of(state: DeskState, lanes: Lanes, conv: Conversation, at: Millis, text: str) -> f.Filling | None:
    """How the slots of this text are to be filled for this buyer; None for a text without slots."""
    names = slots_of(text)
    if not names:
        return None
    told = {name: known(state, lanes, conv, at, name) for name in names if not SLOTS[name].personal}
    return f.Filling(
        known={name: value for name, value in told.items() if value is not None},
        wanted=tuple(name for name in names if SLOTS[name].personal),
    )


def can_fill(state: DeskState, lanes: Lanes, conv: Conversation, at: Millis, text: str) -> bool:
    """Whether every slot that the text needs has a value, as far as a desk can know."""
    if not is_sound(text):
        return False
    return all(
        name not in conv.gaps if SLOTS[name].personal else known(state, lanes, conv, at, name) is not None
        for name in needed(text)
    )


def still_true(state: DeskState, lanes: Lanes, conv: Conversation, at: Millis, send: Send) -> bool:
    """Whether what the desk filled in may still be said."""
    said = send.filling.known if send.filling is not None else {}
    for name, value in said.items():
        now = known(state, lanes, conv, at, name)
        if now is None or (now != value and name not in _PASSING):
            return False
    return True


def in_scope(replies: Iterable[QuickReply], purpose: Purpose, conv: Conversation, at: Millis) -> list[QuickReply]:
    """The versions for this purpose that are in force here and meant for this buyer; the most particular first.

    One that names the goods comes before one that names the topic, before one that names the group; by id for the rest.
    """
    found = [
        reply
        for reply in replies
        if reply.purpose == purpose and reply.usable(conv.shop, at)
        if reply.serves(conv.group) and reply.is_about(conv.topic, conv.goods)
    ]
    return sorted(found, key=lambda reply: (not reply.goods, not reply.topics, not reply.groups, reply.id))
