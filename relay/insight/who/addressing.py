"""To which seat a buyer's line went, where the export does not say: for the rules that count by sub-account.

`tejia_3min`, `thread=buyer_sub_account` and their like judge a seat by the questions put to it. Exports name a seat on
the shop's lines only, so every question would lie in a thread of its own, answered by nobody.

Law: a line that names a seat keeps it. Another went to the seat that spoke to this buyer last before it on the same
natural day, else to the first that did after it on that day, else to none. This is a reading and no fact of the file;
it is made of all files at once, after `messages`, so that lines which two exports share stay equal.
"""

from bisect import bisect_left
from collections.abc import Iterable

from msgspec.structs import replace

from relay.rules.instants import day_of
from relay.rules.messages import Message

_Day = tuple[str | None, str | None, int]


class Addresses:
    """Who spoke to whom and when; ask it after it has noted everything."""

    def __init__(self, told: Iterable[Message] = ()) -> None:
        self._spoken: dict[_Day, list[tuple[int, str]]] = {}
        self._sorted = False
        for one in told:
            self.note(one)

    def note(self, one: Message) -> None:
        """Remember a line of the shop, or one that gives the buyer to a seat."""
        if one.sub_account is not None and (one.role == "merchant" or one.kind in ("transfer", "assign")):
            self._spoken.setdefault(_day(one), []).append((one.at, one.sub_account))
            self._sorted = False

    def addressed(self, one: Message) -> Message:
        """The line with its seat; itself if it is no buyer's, names one already, or nobody spoke that day."""
        if one.role != "buyer" or one.sub_account is not None:
            return one
        if not self._sorted:
            for spoken in self._spoken.values():
                spoken.sort()
            self._sorted = True
        spoken = self._spoken.get(_day(one), [])
        if not spoken:
            return one
        before = bisect_left(spoken, (one.at, ""))
        return replace(one, sub_account=spoken[before - 1 if before else 0][1])


def _day(one: Message) -> _Day:
    return one.shop, one.buyer, day_of(one.at)
