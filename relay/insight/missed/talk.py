"""One (shop, buyer) as its facts tell it: what was asked and said, where the buyer was, and what was tried.

Only instants, seats and a few words are kept. A text is read at the edge when it comes, and its tone and guard are on
the fact; so nothing here ever needs the text.
"""

from typing import NamedTuple

from relay.domain.names import SeatId, SendId
from relay.insight.missed.records import Tried
from relay.insight.missed.series import Series

PICTURES = frozenset({"emoji", "sticker"})


class Place(NamedTuple):
    """Where a buyer is: on a seat's list, or in the queue with their group, perhaps for one seat alone."""

    seat: SeatId | None = None
    queued: bool = False
    group: str = ""
    waits_for: SeatId | None = None


NOWHERE = Place()


class Question(NamedTuple):
    """What a buyer wrote: when by the channel's time, when relay took it, and by which fact."""

    sent_at: int
    at: int
    seq: int
    thanks: bool
    acknowledges: bool
    advertises: bool


class Word(NamedTuple):
    """What the shop's side wrote, seen on the channel or proven to have arrived."""

    sent_at: int
    by: str
    """`person`, `robot`, `unknown`."""


class Talk:
    """Everything of one conversation that bears on its misses. Filled by `relay.insight.missed.witness`."""

    __slots__ = ("asked", "moved", "place", "tried", "words")

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.words: list[Word] = []
        self.tried: dict[SendId, Tried] = {}
        self.moved: list[tuple[int, int]] = []
        """By which fact, and when, a person or the platform gave the buyer to another seat."""
        self.place: Series[Place] = Series(NOWHERE)

    def question(self, opened: int) -> Question | None:
        """The question at this instant of the channel's time; of several the one that relay took first."""
        return min((one for one in self.asked if one.sent_at == opened), key=lambda one: one.seq, default=None)

    def forget(self, before: int) -> bool:
        """Drop what is older, as far as nothing later needs it; whether nothing was said since."""
        self.asked = [one for one in self.asked if one.at >= before]
        self.words = [one for one in self.words if one.sent_at >= before]
        self.tried = {send: one for send, one in self.tried.items() if one.at >= before}
        self.moved = [(seq, at) for seq, at in self.moved if at >= before]
        self.place.forget(before)
        return not (self.asked or self.words or self.tried)
