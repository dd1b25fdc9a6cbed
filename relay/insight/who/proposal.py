"""What relay proposes about an export, each piece with its figures, how sure it is, and a sentence.

A proposal is never a fact: `WhoIsWho` made of it (`Proposal.who`) has nothing confirmed. Confidence is in thousandths.
"""

from enum import StrEnum

import msgspec

from relay.insight.who.records import Match, NickEntry, NickRole, Sentence, TextEntry, TextKind, WhoIsWho
from relay.insight.who.sentences import nick_sentence, rest_sentence, text_sentence
from relay.rules.messages import BuyerClass

SURE = 700
"""Below this the sentence asks the owner to look, and a buyer is written into the file although buyers need not be."""
MOST_BUYERS_WRITTEN = 30


class Why(StrEnum):
    """What a role rests on, the surest first."""

    told = "told"  # the file gives this nick a role
    mixed = "mixed"  # the file gives it more than one role
    named = "named"  # the file names it in its column of buyers or seats
    platform = "platform"  # a name under which platforms speak
    colon = "colon"  # the form shop:seat
    guest = "guest"  # the form shop:seat, of a shop that is a guest in this one's conversations
    account = "account"  # the shop's own name
    name_of_talk = "name_of_talk"  # conversations bear its name
    peers = "peers"  # how many different people it exchanges words with
    opener = "opener"  # nothing tells the two apart but who spoke first
    alone = "alone"  # nobody else spoke in its conversations


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of a nick: lines, conversations, those it opens, and different neighbours in them.

    `told` are the lines to which the file gives a role, as (role, lines); `as_buyer` and `as_seat` the lines whose
    own column of buyer or seat names it.
    """

    lines: int
    talks: int
    opens: int
    peers: int
    told: tuple[tuple[str, int], ...] = ()
    as_buyer: int = 0
    as_seat: int = 0
    shop: str | None = None


class NickProposal(msgspec.Struct, frozen=True, kw_only=True):
    nick: str
    role: NickRole
    confidence: int
    why: Why
    evidence: Evidence
    sub_account: str | None = None
    buyer_class: BuyerClass | None = None

    @property
    def sentence(self) -> Sentence:
        return nick_sentence(self.role, self.why.value, self.evidence, sure=self.confidence >= SURE)

    @property
    def entry(self) -> NickEntry:
        return NickEntry(nick=self.nick, role=self.role, sub_account=self.sub_account, buyer_class=self.buyer_class)


class TalkProposal(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation and its buyer; None where there is no buyer or more than one (`buyers` says which).

    `talk` None: the lines of the file that name none. `buyers` are at most three.
    """

    shop: str | None
    talk: str | None
    buyer: str | None
    confidence: int
    lines: int
    buyers: tuple[str, ...] = ()
    shop_side: int = 0


class TextProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A wording that the shop's side repeats, or with `match` prefix its beginning. `sample` is one way it was written.

    `count` times by `nicks` different nicks; `share` is that of all shop lines, in thousandths. `median_wait_ms` is
    after the buyer's last line, over `waits` of them; `quick` of those took `QUICK_MS` or less. `openings` times it
    was the shop's first word after the buyer's first, with `median_opening_ms`.
    """

    text: str
    kind: TextKind
    confidence: int
    sample: str
    count: int
    nicks: int
    share: int
    waits: int
    quick: int
    median_wait_ms: int | None
    openings: int
    median_opening_ms: int | None
    match: Match = "exact"
    bot: str | None = None

    @property
    def sentence(self) -> Sentence:
        return text_sentence(self)

    @property
    def entry(self) -> TextEntry:
        return TextEntry(text=self.text, kind=self.kind, match=self.match, bot=self.bot)


class RestProposal(msgspec.Struct, frozen=True, kw_only=True):
    """All other lines of the shop's side: `human` as far as their waits say so, else `unknown`."""

    kind: TextKind
    confidence: int
    count: int
    waits: int
    quick: int
    median_wait_ms: int | None

    @property
    def sentence(self) -> Sentence:
        return rest_sentence(self)


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `first` and `last` are instants in milliseconds, of times without an offset as if in China.

    `naive`: some time has no offset, so a zone is needed. `whole_minutes`: no time has seconds, so waits say nothing
    and no text is proposed as a machine's. `out_of_order`: lines that stand before an earlier one of their
    conversation; the file was sorted for this look.
    """

    nicks: tuple[NickProposal, ...]
    talks: tuple[TalkProposal, ...]
    texts: tuple[TextProposal, ...]
    rest: RestProposal
    lines: int
    unread: int
    bad_times: int
    naive: bool
    whole_minutes: bool
    out_of_order: int
    first: int | None
    last: int | None

    def who(self) -> WhoIsWho:
        """The proposal as a file for the owner: nothing confirmed, the rest of the texts unknown.

        A nick that is not named is a buyer, so buyers are named only where that is doubtful.
        """
        doubtful = [one for one in self.nicks if one.role == "buyer" and _doubtful(one)][:MOST_BUYERS_WRITTEN]
        named = [one for one in self.nicks if one.role != "buyer"] + doubtful
        return WhoIsWho(nicks=tuple(one.entry for one in named), texts=tuple(one.entry for one in self.texts))


def _doubtful(one: NickProposal) -> bool:
    return one.buyer_class is not None or (one.confidence < SURE and one.why is not Why.alone)


def merged(who: WhoIsWho, proposal: Proposal) -> WhoIsWho:
    """What the owner said, as it stands, and behind it, unconfirmed, what a newer export adds."""
    nicks = {one.nick for one in who.nicks}
    texts = {one.key for one in who.texts}
    new = proposal.who()
    return msgspec.structs.replace(
        who,
        nicks=who.nicks + tuple(one for one in new.nicks if one.nick not in nicks),
        texts=who.texts + tuple(one for one in new.texts if one.key not in texts),
    )
