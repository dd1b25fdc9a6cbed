"""A log by conversation, each with the open questions that can make a difference in it.

Most conversations are one question and a quick answer by a person: no reading but the hours changes anything there. A
conversation is judged only under the answers to the questions that touch it, and this is exact as long as what is not
named here truly cannot matter. A buyer who comes back is as many conversations as the rules can tell apart (`visits`).
The tests hold it against judging every conversation under every reading.

    limit_inclusive     a line and a later one, or the beginning of a gap, exactly as far apart as the limit; or a skew
    window_on           a question outside the hours of one of the versions
    cross_day           lines of two days
    thread, unit        more than one account, one that is not told included
    robots, providers   a machine's text, or one of unknown author
    bundle              a text that relay's machine sent
    last word, person   a question behind something of the shop's
    clock               more than one question
    queued              a question in the queue, or of no account
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from relay.insight.calibration.visits import visits
from relay.rules.authors import by_relay
from relay.rules.instants import CHINA, DAY, end_of_day
from relay.rules.messages import Body

Heard = tuple[int, Body]
KNOWN_AXES: Final = frozenset(
    {
        "limit_inclusive", "window_on", "cross_day", "thread", "unit", "robots", "assist_providers", "bundle",
        "last_word_required", "person_hit", "clock", "queued",
    }
)  # fmt: skip
"""The axes of which it is known where they can matter; any other can matter anywhere."""
AT_ONCE: Final = 50_000
"""Lines that one ledger holds while it judges, and about so many more as one visit has."""
_MACHINES: Final = frozenset({"assist", "bot", "unknown"})
_UNBOUND: Final = frozenset({"recall", "gap"})


class Talks:
    """All messages by shop and buyer. `control` are the lines that are about no single conversation.

    `seated` gives a question the seat that it was said to, where an export only lets that be read from its neighbours.
    """

    def __init__(self, seated: Callable[[Body], Body] | None = None) -> None:
        self.seated = seated
        self.talks: dict[tuple[str | None, str], list[Heard]] = {}
        self.control: list[Heard] = []
        self.providers: set[str | None] = set()
        self.latest: int | None = None
        self.earliest: int | None = None
        self.count = 0

    def take(self, at: int, body: Body) -> None:
        """One message, in any order."""
        self.count += 1
        self.latest = at if self.latest is None else max(at, self.latest)
        self.earliest = at if self.earliest is None else min(at, self.earliest)
        if body.buyer is None or body.kind in _UNBOUND:
            self.control.append((at, body))
            return
        self.talks.setdefault((body.shop, body.buyer), []).append((at, body))
        if body.role == "merchant" and body.kind in _MACHINES and body.trigger != "person":
            self.providers.add(body.bot)

    @property
    def as_of(self) -> int:
        """The end of the log's last day, from where every reading looks."""
        return 0 if self.latest is None else end_of_day(self.latest)

    @property
    def days(self) -> tuple[int, int] | None:
        """The first and the last day that the log is about, in days since 1970 in China."""
        if self.earliest is None or self.latest is None:
            return None
        return (self.earliest + CHINA) // DAY, (self.latest + CHINA) // DAY

    def touched(
        self, limits_ms: Sequence[int], hours: Sequence[tuple[int, int]]
    ) -> dict[frozenset[str], list[list[Heard]]]:
        """The messages of the visits that the same questions touch. `limits_ms` and `hours` (in milliseconds of
        the day) are those of the versions that are tried."""
        found: dict[frozenset[str], list[list[Heard]]] = {}
        gaps = {at for at, _ in self.control}
        longest = max(limits_ms, default=0)
        for whole in self.talks.values():
            for heard in visits(whole, longest, self.seated):
                told = heard if self.seated is None else [(at, self.seated(body)) for at, body in heard]
                put(found.setdefault(touching(told, limits_ms, hours, gaps), []), heard)
        return found


def put(batches: list[list[Heard]], heard: Sequence[Heard]) -> None:
    """Add a visit to the last batch that has room, for so much is judged at once and then let go."""
    if not batches or len(batches[-1]) >= AT_ONCE:
        batches.append([])
    batches[-1].extend(heard)


def touching(
    heard: Sequence[Heard], limits_ms: Sequence[int], hours: Sequence[tuple[int, int]], gaps: Collection[int] = ()
) -> frozenset[str]:
    """The axes that can make a difference in one conversation. `gaps`: when gaps began."""
    times = {at for at, _ in heard}
    ends = times.union(gaps)
    asked = [(at, body) for at, body in heard if body.role == "buyer"]
    shops = [at for at, body in heard if body.role == "merchant"]
    found = set[str]()
    if any(at + limit in ends for at in times for limit in limits_ms) or any(body.skew_ms for _, body in heard):
        found.add("limit_inclusive")
    if any(not _inside(at, hours) for at, _ in asked):
        found.add("window_on")
    if len({(at + CHINA) // DAY for at in times}) > 1:
        found.add("cross_day")
    if len({*_accounts(heard)}) > 1:
        found |= {"thread", "unit"}
    if any(body.role == "merchant" and body.kind in _MACHINES and body.trigger != "person" for _, body in heard):
        found |= {"robots", "assist_providers"}
    if any(by_relay(body) for _, body in heard):
        found.add("bundle")
    if shops and any(at >= min(shops) for at, _ in asked):
        found |= {"last_word_required", "person_hit"}
    if len(asked) > 1:
        found.add("clock")
    if any(body.queued or body.sub_account is None for _, body in asked):
        found.add("queued")
    return frozenset(found)


def _inside(at: int, hours: Sequence[tuple[int, int]]) -> bool:
    of_day = (at + CHINA) % DAY
    return all(since <= of_day < until for since, until in hours)


def _accounts(heard: Iterable[Heard]) -> Iterable[str | None]:
    for _, body in heard:
        yield body.sub_account
        if body.from_sub is not None:
            yield body.from_sub
