"""Who is a seat and who a buyer, from a survey: by what the file says, by names, and last by who talks with whom.

A shop's people take part in many conversations with many peers, a buyer in few with few. So where nothing else tells,
each conversation has one buyer: of its unnamed speakers the one with fewest peers, then fewest conversations, then
the one who opened it, then the first by name. Each conversation casts such votes, and a nick is what most of them say.
What a name or the file has settled is not voted on. Order of conversations changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from relay.insight.who.proposal import Evidence, NickProposal, TalkProposal, Why
from relay.insight.who.records import SHOP_SIDE, NickRole
from relay.insight.who.survey import Nick, Place, Survey, Talk
from relay.insight.who.wording import shop_part, system_name

FEWEST_TALKS = 3
"""Conversations, and different peers in them, from which on a nick looks like a seat rather than a returning buyer."""
MIXED_FROM = 100
"""Thousandths of lines in a second role that make the first one doubtful."""
BY_GAP = (400, 550, 650, 750, 850)
"""Confidence of a vote by how many peers more the next speaker has than the one taken for the buyer."""
_ALONE, _NOBODY_ANSWERED = 600, 300
_MOST_BUYERS_SHOWN = 3


class Verdict(msgspec.Struct, frozen=True):
    role: NickRole
    confidence: int
    why: Why


def nick_proposals(found: Survey) -> list[NickProposal]:
    """Every nick of the survey: the shop's side, then the platform, then buyers; within each by lines, then by name."""
    shops = _shops(found)
    settled = {name: verdict for name, nick in found.nicks.items() if (verdict := _settled(nick, shops))}
    votes = _votes(found, settled)
    any_shop = any(one.role in SHOP_SIDE for one in settled.values()) or any(
        role == "seat" for cast in votes.values() for role, _ in cast
    )
    proposals = [
        _proposal(nick, settled.get(name) or _elected(nick, votes.get(name), any_shop), shops)
        for name, nick in found.nicks.items()
    ]
    rank = {"shop": 0, "seat": 0, "system": 1}
    proposals.sort(key=lambda one: (rank.get(one.role, 2), -one.evidence.lines, one.nick))
    return proposals


def talk_proposals(found: Survey, nicks: Iterable[NickProposal]) -> list[TalkProposal]:
    """Every conversation with its buyer, in the order of shop and name; what the file does not name comes first."""
    known = {one.nick: one for one in nicks}
    return [_talk(place, found.talks[place], known) for place in sorted(found.talks, key=_unnamed_first)]


def _unnamed_first(place: Place) -> tuple[tuple[bool, str], ...]:
    return tuple((part is not None, part or "") for part in place)


def buyers_of(talk: Talk, roles: Mapping[str, NickRole]) -> tuple[str, ...]:
    """The buyers of a conversation: those that its lines name, else those who speak in it."""
    return tuple(sorted(talk.buyers or (name for name in talk.speakers if roles[name] == "buyer")))


class _Shops(msgspec.Struct, frozen=True):
    """Shop parts of nicks like `shop:seat`. `guests` are nicks that speak where a better known shop does."""

    parts: frozenset[str]
    guests: frozenset[str]


def _shops(found: Survey) -> _Shops:
    part_of = {name: part for name in found.nicks if (part := shop_part(name)) is not None}
    talks: Counter[str] = Counter()
    together: list[set[str]] = []
    for talk in found.talks.values():
        parts = {part_of[name] for name in talk.speakers if name in part_of}
        talks.update(parts)
        if len(parts) > 1:
            together.append(parts)
    beaten: Counter[str] = Counter()
    for parts in together:
        home = min(parts, key=lambda part: (-talks[part], part))
        beaten.update(parts - {home})
    strangers = {part for part, times in beaten.items() if 2 * times > talks[part]}
    guests = frozenset(name for name, part in part_of.items() if part in strangers)
    return _Shops(frozenset(part_of.values()) - strangers, guests)


def _settled(nick: Nick, shops: _Shops) -> Verdict | None:
    """What the file or the name says of a nick; None if neither does."""
    if 2 * nick.roles.total() >= nick.lines:
        return _told(nick, shops)
    if nick.as_buyer:
        return Verdict("buyer", 950, Why.named)
    if nick.as_seat:
        return Verdict("seat", 950, Why.named)
    if system_name(nick.name):
        return Verdict("system", 900, Why.platform)
    if nick.name in shops.guests:
        return Verdict("buyer", 600, Why.guest)
    if shop_part(nick.name) is not None:
        return Verdict("seat", 900, Why.colon)
    if nick.name in shops.parts or nick.name in nick.shops:
        return Verdict("shop", 850, Why.account)
    if nick.titles and 2 * nick.titles >= nick.talks:
        return Verdict("buyer", 800, Why.name_of_talk)
    return None


def _told(nick: Nick, shops: _Shops) -> Verdict:
    role, lines = min(nick.roles.items(), key=lambda pair: (-pair[1], pair[0]))
    share = 1000 * lines // nick.lines
    why = Why.told if 1000 * (nick.roles.total() - lines) < MIXED_FROM * nick.lines else Why.mixed
    confidence = share if why is Why.told else share // 2
    if role == "merchant":
        return Verdict("shop" if nick.name in shops.parts | nick.shops else "seat", confidence, why)
    return Verdict("system" if role == "system" else "buyer", confidence, why)


_Cast = list[tuple[NickRole, int]]
"""Votes for a nick: a role and how sure."""


def _votes(found: Survey, settled: dict[str, Verdict]) -> dict[str, _Cast]:
    votes: dict[str, _Cast] = {}
    for place, talk in found.talks.items():
        open_ = [found.nicks[name] for name in talk.speakers if name not in settled]
        if not open_:
            continue
        roles = {settled[name].role for name in talk.speakers if name in settled}
        buyer = "buyer" in roles or any(name not in talk.speakers for name in talk.buyers)
        if found.pile(place):
            cast = _in_a_pile(open_, shop=bool(roles & SHOP_SIDE))
        else:
            cast = _in_a_talk(open_, next(iter(talk.speakers)), shop=bool(roles & SHOP_SIDE), buyer=buyer)
        for name, role, sure in cast:
            votes.setdefault(name, []).append((role, sure))
    return votes


def _hub(nick: Nick) -> bool:
    return nick.talks >= FEWEST_TALKS and len(nick.peers) >= FEWEST_TALKS


def _in_a_talk(open_: list[Nick], opener: str, *, shop: bool, buyer: bool) -> list[tuple[str, NickRole, int]]:
    """The votes of one conversation, in which somebody of the shop or the buyer may be known already."""
    if buyer:
        return [(nick.name, "seat", 750 if _hub(nick) else 600) for nick in open_]
    if shop:
        return [(nick.name, "seat", 600) if _hub(nick) else (nick.name, "buyer", 800) for nick in open_]
    if len(open_) == 1:
        return []
    ranked = sorted(open_, key=lambda nick: (len(nick.peers), nick.talks, nick.name != opener, nick.name))
    gap = len(ranked[1].peers) - len(ranked[0].peers)
    sure = BY_GAP[min(gap, len(BY_GAP) - 1)]
    return [(ranked[0].name, "buyer", sure), *((nick.name, "seat", sure) for nick in ranked[1:])]


def _in_a_pile(open_: list[Nick], *, shop: bool) -> list[tuple[str, NickRole, int]]:
    """A file in which all conversations lie in one: whoever has most neighbours by far is the shop."""
    ranked = sorted(open_, key=lambda nick: (-len(nick.peers), -nick.lines, nick.name))
    second = len(ranked[1].peers) if len(ranked) > 1 else 0
    if shop or len(ranked[0].peers) < 2 * second:
        return [(nick.name, "buyer", 700 if shop else BY_GAP[0]) for nick in ranked]
    return [(ranked[0].name, "seat", BY_GAP[1]), *((nick.name, "buyer", BY_GAP[1]) for nick in ranked[1:])]


def _elected(nick: Nick, cast: _Cast | None, any_shop: bool) -> Verdict:
    """What the votes make of a nick; a tie is a buyer's, for a buyer too many is seen and one too few is not."""
    if not cast:
        return Verdict("buyer", _ALONE if any_shop else _NOBODY_ANSWERED, Why.alone)
    seat = [sure for role, sure in cast if role == "seat"]
    buyer = [sure for role, sure in cast if role == "buyer"]
    role: NickRole = "seat" if len(seat) > len(buyer) else "buyer"
    won = seat if role == "seat" else buyer
    confidence = sum(won) // len(cast)
    return Verdict(role, confidence, Why.opener if max(won) <= BY_GAP[0] else Why.peers)


def _proposal(nick: Nick, verdict: Verdict, shops: _Shops) -> NickProposal:
    guest = verdict.role == "buyer" and shop_part(nick.name) is not None
    return NickProposal(
        nick=nick.name,
        role=verdict.role,
        confidence=verdict.confidence,
        why=verdict.why,
        sub_account=nick.name if verdict.role == "seat" and not nick.seated else None,
        buyer_class="shop_sub_account" if guest else None,
        evidence=Evidence(
            lines=nick.lines,
            talks=nick.talks,
            opens=nick.opens,
            peers=len(nick.peers),
            told=tuple(sorted(nick.roles.items())),
            as_buyer=nick.as_buyer,
            as_seat=nick.as_seat,
            shop=shop_part(nick.name),
        ),
    )


def _talk(place: Place, talk: Talk, known: dict[str, NickProposal]) -> TalkProposal:
    buyers = buyers_of(talk, {name: known[name].role for name in talk.speakers})
    buyer = buyers[0] if len(buyers) == 1 else None
    sure = 0 if buyer is None else 950 if buyer in talk.buyers else known[buyer].confidence
    return TalkProposal(
        shop=place[0],
        talk=place[1],
        buyer=buyer,
        confidence=sure,
        lines=sum(talk.speakers.values()),
        buyers=buyers[:_MOST_BUYERS_SHOWN],
        shop_side=sum(known[name].role in SHOP_SIDE for name in talk.speakers),
    )
