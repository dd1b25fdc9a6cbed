"""The rounds of one buyer under a reading of the rule, and under every other reading that its options name.

Only the buyer's own messages are judged, and what concerns the whole shop: no rule looks at anybody else's. The instant
as of which is that of the whole ledger, so that a round is here what it is in the report.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from relay.cli.messages import messages
from relay.cli.reporting.readings import Reading, ids_for
from relay.insight.causes import Judged
from relay.insight.round_ids import RoundIds
from relay.rules.alternatives import alternatives
from relay.rules.catalogue import Catalogue
from relay.rules.entries import Entry
from relay.rules.instants import end_of_day
from relay.rules.ledger import Ledger, Placed
from relay.rules.messages import Message
from relay.rules.report import Verdict
from relay.store.reader import Reader

Thread = tuple[str, str]
"""Shop and buyer."""


class Heard(NamedTuple):
    """What was said to and by some buyers, the names of their rounds, and the instant as of which to judge."""

    lines: Mapping[Thread, Sequence[Message]]
    ids: RoundIds
    as_of: int


class Judgement(NamedTuple):
    """A thread judged: the law, and its entries by opening."""

    figure: Ledger
    rounds: list[Placed]

    def judged(self, place: Placed) -> Judged:
        _, buyer, shop, sub, entry, _ = place
        seat = entry.seat or sub or None
        return Judged(shop, buyer, seat, entry.started, entry.answered, entry.verdict, entry.clause)


class Beside(NamedTuple):
    """A round under another reading; `entry` None where that has no such round."""

    key: str
    value: str
    entry: Entry | None
    zh: str
    en: str

    @property
    def verdict(self) -> Verdict | None:
        return None if self.entry is None else self.entry.verdict


def listen(ledger: Reader, threads: Sequence[Thread], to_seq: int | None = None) -> Heard:
    """One walk over the ledger's messages."""
    lines: dict[Thread, list[Message]] = {thread: [] for thread in threads}
    ids, latest = ids_for(ledger), 0
    for message in messages(ledger, to_seq, (), ()):
        latest = max(latest, message.at)
        if message.buyer is None:
            for (shop, _), heard in lines.items():
                if message.shop in (None, shop):
                    heard.append(message)
        elif (message.shop or "", message.buyer) in lines:
            lines[message.shop or "", message.buyer].append(message)
            ids.take(message)
    return Heard(lines, ids, end_of_day(latest) if latest else 0)


def judge(heard: Heard, thread: Thread, reading: Reading) -> Judgement:
    """Raises ValueError for a rule or an option that nobody knows."""
    figure = Catalogue().open(reading.rule_id, reading.options)
    for message in heard.lines[thread]:
        figure.take(message)
    as_of = heard.as_of if figure.law.as_of is None else figure.law.as_of
    rounds = [one for one in figure.rounds(as_of) if (one[2], one[1]) == thread]
    return Judgement(figure, rounds)


def beside(heard: Heard, thread: Thread, reading: Reading, of: Placed) -> Iterator[Beside]:
    """The same stretch under each other reading: the other bundle always, an option where its verdict is another."""
    rule = Catalogue().rule(reading.rule_id)
    for key, value in alternatives(rule, reading.options):
        other = judge(heard, thread, reading._replace(options={**reading.options, key: value}))
        found = next((one for one in other.rounds if _same(of, one)), None)
        told = _beside(key, value, other, found)
        if key == "bundle" or told.verdict is not of[4].verdict:
            yield told


def _beside(key: str, value: str, other: Judgement, found: Placed | None) -> Beside:
    if found is None:
        return Beside(key, value, None, "没有对应的轮次", "it has no such round")
    why = other.figure.law.explain(found[4])
    return Beside(key, value, found[4], why.zh, why.en)


def _same(one: Placed, other: Placed) -> bool:
    """Whether two entries of a thread share their question, or some time."""
    if one[3] and other[3] and one[3] != other[3]:
        return False
    if one[4].opened == other[4].opened:
        return True
    return one[4].started < _end(other) and other[4].started < _end(one)


def _end(placed: Placed) -> int:
    entry = placed[4].parts[-1] if placed[4].parts else placed[4]
    return entry.until if entry.answered is None else entry.answered
