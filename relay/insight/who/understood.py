"""The dry run: what was understood of an export and what was not, who seems to be who, and what to confirm next.

Nothing is computed here but counts, so that an owner sees what a figure would rest on before there is one.
"""

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec

from relay.insight.utterances import Unread
from relay.insight.who.proposal import SURE, NickProposal, Proposal, RestProposal, TextProposal, merged
from relay.insight.who.proposing import propose
from relay.insight.who.records import Ignored, NickEntry, Sentence, TextEntry, WhoIsWho
from relay.insight.who.rereading import Item, again
from relay.insight.who.retelling import messages
from relay.insight.who.telling import told
from relay.rules.instants import CHINA_ZONE
from relay.rules.messages import Message

EXAMPLES = 3
MOST_REASONS = 30
_MORE: Sentence = "其他原因", "other reasons"


class Reason(msgspec.Struct, frozen=True):
    """Why pieces were not understood, how many, and the first of them."""

    zh: str
    en: str
    count: int
    examples: tuple[Unread, ...]


class NickState(msgspec.Struct, frozen=True):
    """A nick of the file: its entry, whether the owner stands by it, and what was measured of it here."""

    entry: NickEntry
    sure: bool
    proposed: NickProposal | None = None


class TextState(msgspec.Struct, frozen=True):
    entry: TextEntry
    proposed: TextProposal | None = None


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """`pieces` of the export = `messages` + `unread` + `ignored`; `gaps` are what several buyers at once leave open.

    `kinds` are the shop's messages by kind. `conversations` have a buyer each but for `without_buyer`. `first` and
    `last` are instants; `zone` is the one that was used, and `zone_missing` says that it was a guess.
    """

    pieces: int
    messages: int
    unread: int
    ignored: int
    gaps: int
    reasons: tuple[Reason, ...]
    kinds: tuple[tuple[str, int], ...]
    conversations: int
    without_buyer: int
    buyers: int
    seats: tuple[tuple[str, int], ...]
    nicks: tuple[NickState, ...]
    texts: tuple[TextState, ...]
    rest: RestProposal
    rest_kind: str
    first: int | None
    last: int | None
    zone: str
    zone_missing: bool
    whole_minutes: bool
    out_of_order: int

    @property
    def doubtful(self) -> tuple[NickState, ...]:
        """Nicks whose role is neither confirmed nor sure."""
        return tuple(
            one for one in self.nicks if not one.sure and one.proposed is not None and one.proposed.confidence < SURE
        )

    def lines(self) -> list[str]:
        """All of it for people, Chinese and English."""
        return told(self)


def understood(
    utterances: Iterable[Item],
    who: WhoIsWho | None = None,
    zone: ZoneInfo | None = None,
    proposal: Proposal | None = None,
) -> Understood:
    """Read everything as `messages` would, under the owner's record and, behind it, what is proposed.

    Where no zone is named, times without an offset are read as China's and `zone_missing` says so.
    """
    source = again(utterances)
    proposal = propose(source) if proposal is None else proposal
    record = merged(who or WhoIsWho(), proposal)
    if zone is None:
        zone = CHINA_ZONE if record.timezone is None else ZoneInfo(record.timezone)
        missing = proposal.naive and record.timezone is None
    else:
        missing = False
    count = _Count()
    for one in messages(source, record, zone):
        count.take(one)
    nicks = {one.nick: one for one in proposal.nicks}
    texts = {(one.match, one.text): one for one in proposal.texts}
    return Understood(
        pieces=count.messages + count.unread + count.ignored,
        messages=count.messages,
        unread=count.unread,
        ignored=count.ignored,
        gaps=count.gaps,
        reasons=count.told(),
        kinds=_ordered(count.kinds),
        conversations=len(proposal.talks),
        without_buyer=sum(one.buyer is None for one in proposal.talks),
        buyers=len(count.buyers),
        seats=_ordered(count.seats),
        nicks=tuple(NickState(one, record.sure(one), nicks.get(one.nick)) for one in record.nicks),
        texts=tuple(TextState(one, texts.get(one.key)) for one in record.texts),
        rest=proposal.rest,
        rest_kind=record.rest,
        first=count.first,
        last=count.last,
        zone=str(zone),
        zone_missing=missing,
        whole_minutes=proposal.whole_minutes,
        out_of_order=proposal.out_of_order,
    )


class _Count:
    """What comes out of the retelling, counted."""

    def __init__(self) -> None:
        self.messages = self.unread = self.ignored = self.gaps = 0
        self.first: int | None = None
        self.last: int | None = None
        self.kinds: Counter[str] = Counter()
        self.seats: Counter[str] = Counter()
        self.buyers: set[str] = set()
        self._reasons: dict[Sentence, list[Unread]] = {}
        self._counts: Counter[Sentence] = Counter()

    def take(self, one: Message | Unread) -> None:
        if isinstance(one, Message):
            self._message(one)
            return
        if isinstance(one, Ignored):
            self.ignored += 1
        else:
            self.unread += 1
        reason = (one.zh, one.en)
        if reason not in self._reasons and len(self._reasons) >= MOST_REASONS:
            reason = _MORE
        self._counts[reason] += 1
        examples = self._reasons.setdefault(reason, [])
        if len(examples) < EXAMPLES:
            examples.append(one)

    def _message(self, one: Message) -> None:
        if one.kind == "gap":
            self.gaps += 1
            return
        self.messages += 1
        if self.first is None or one.at < self.first:
            self.first = one.at
        if self.last is None or one.at > self.last:
            self.last = one.at
        if one.role == "buyer" and one.buyer is not None:
            self.buyers.add(one.buyer)
        elif one.role == "merchant":
            self.kinds[one.kind] += 1
            self.seats[one.sub_account or ""] += 1

    def told(self) -> tuple[Reason, ...]:
        ordered = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(Reason(*reason, count, tuple(self._reasons[reason])) for reason, count in ordered)


def _ordered(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
