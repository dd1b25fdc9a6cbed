"""Which rounds somebody asks about: by number, by buyer, or by buyer and time; and the messages around them.

A time names the round that starts at it; if none does, the round that was open then. It is China time, as the lists
print it, unless it carries an offset.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from relay.cli.auditing.listing import moment
from relay.domain.names import MINUTE, SECOND
from relay.errors import BadInputError
from relay.rules.instants import CHINA_ZONE, InstantReader
from relay.rules.ledger import Placed
from relay.rules.messages import Body

BEFORE_MS = 10 * MINUTE
"""What was said so long before a question shows what it is about."""
AFTER_MS = 5 * MINUTE


class Wanted:
    """`--explain TEXT`, or `--round NUMBER`. Resolve it when the rounds are known, then let it hear the messages.

    `places` are the rounds asked about; `whole` says that they were named one by one, to see all their reasoning.
    """

    def __init__(self, text: str | None, number: int | None) -> None:
        self._text, self._number = text or "", number
        self.places: list[int] = []
        self.whole = number is not None
        self._heard: dict[tuple[str, str], list[tuple[int, Body]]] = {}

    def resolve(self, rounds: Sequence[Placed]) -> None:
        """Raises BadInputError where nothing is as asked."""
        self.places = self._found(rounds)
        if self.whole:
            self._heard = {(rounds[place][1], rounds[place][2]): [] for place in self.places}

    def _found(self, rounds: Sequence[Placed]) -> list[int]:
        if self._number is not None:
            return [_numbered(rounds, self._number)]
        own = [place for place, one in enumerate(rounds) if one[1] == self._text]
        buyer, at = _parted(self._text)
        if own or at is None:
            return own or _nobody(self._text)
        theirs = [place for place, one in enumerate(rounds) if one[1] == buyer]
        self.whole = True
        return _at(rounds, theirs or _nobody(buyer), at)

    def take(self, at: int, body: Body) -> None:
        heard = self._heard.get((body.buyer or "", body.shop or ""))
        if heard is not None:
            heard.append((at, body))

    def around(self, placed: Placed) -> list[tuple[int, Body]]:
        """The messages of a round's conversation from before its question to after its end, by server time."""
        since, until = _starts(placed) - BEFORE_MS, ends(placed) + AFTER_MS
        heard = self._heard.get((placed[1], placed[2]), [])
        return sorted([one for one in heard if since <= one[0] <= until], key=_order)


def _numbered(rounds: Sequence[Placed], number: int) -> int:
    if not 1 <= number <= len(rounds):
        raise BadInputError(
            f"没有第 {number} 个轮次，共 {len(rounds)} 个 / there is no round {number}; there are {len(rounds)}"
        )
    return number - 1


def _parted(text: str) -> tuple[str, int | None]:
    """Buyer and instant; no instant where what follows the last `@` is none, for a buyer's name may hold one."""
    buyer, sign, when = text.rpartition("@")
    if not sign:
        return text, None
    try:
        return buyer, InstantReader(ZoneInfo(CHINA_ZONE.key)).read(when)
    except ValueError:
        return text, None


def _nobody(buyer: str) -> list[int]:
    raise BadInputError(f"no round of buyer {buyer!r} in this log / 记录中没有买家 {buyer!r} 的轮次")


def _at(rounds: Sequence[Placed], places: Sequence[int], at: int) -> list[int]:
    starting = [place for place in places if rounds[place][4].started // SECOND == at // SECOND]
    open_then = [place for place in places if _starts(rounds[place]) <= at <= ends(rounds[place])]
    found = starting or open_then
    if not found:
        near = sorted(places, key=lambda place: abs(rounds[place][4].started - at))[:3]
        when = ", ".join(moment(rounds[place][4].started) for place in sorted(near))
        raise BadInputError(
            f"该买家此时没有轮次，最近的开始于 {when} / no round of this buyer then; the nearest start at {when}"
        )
    return found


def _starts(placed: Placed) -> int:
    return min(placed[4].opened, placed[4].started)


def ends(placed: Placed) -> int:
    """When a round was over: its answer, the message that settled it, or the end of its day."""
    entry = placed[4].parts[-1] if placed[4].parts else placed[4]
    return entry.until if entry.answered is None else entry.answered


def _order(one: tuple[int, Body]) -> tuple[int, int]:
    return one[0], ("buyer", "system", "merchant").index(one[1].role)
