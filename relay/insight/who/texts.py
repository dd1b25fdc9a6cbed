"""The second reading: which wordings the shop's side repeats, how fast they come, and so who seems to send them.

A machine's text comes often and at once, an agent's quick phrase comes often and after as long as a person needs to
read. Both are proposed, each with its figures; what comes neither often nor at once is the rest. Texts that begin
alike and go on differently (a welcome with the name of the goods) are found by their beginning.

Laws: only what was said on the shop's side is counted; a wait is measured from the buyer's last line before it, in
the same conversation; a file without seconds has no waits, and then nothing is proposed as a machine's.
"""

from collections.abc import Iterable, Iterator

import msgspec

from relay.insight.utterances import Utterance
from relay.insight.who.proposal import NickProposal, RestProposal, TextProposal
from relay.insight.who.records import SHOP_SIDE, Match, NickRole, TextKind
from relay.insight.who.rereading import Item, Stamps, said
from relay.insight.who.roles import buyers_of
from relay.insight.who.survey import FEWEST_REPEATS, Place, Slots, Survey, place_of
from relay.insight.who.waits import QUICK_MS, Waits
from relay.insight.who.wording import beginning, normal, robot_name, shown

FEWEST_SLOW = 10
"""A phrase that people type is worth a line in the owner's file only when it is frequent."""
MOST_SLOW = 40
MOST_QUICK = 400
"""Entries in a file that a person reads. A shop has a handful of canned texts; a robot's answers are a few hundred."""
MOST_CONFIDENT_SLOW = 700
"""A robot may be set to answer slowly, so waits alone never prove a person."""
PEOPLE_BELOW = 50
"""Thousandths of quick lines among the rest up to which they look like people's: a person may be typing already."""
_SAMPLE = 200


class Wording:
    """What is counted of one wording, or of one beginning."""

    __slots__ = ("bots", "count", "nicks", "openings", "sample", "waits")

    def __init__(self, sample: str) -> None:
        self.sample = sample[:_SAMPLE]
        self.count = 0
        self.nicks: set[str] = set()
        self.bots: set[str] = set()
        self.waits, self.openings = Waits(), Waits()

    def add(self, one: Utterance, bot: str | None, wait: int | None, *, opening: bool) -> None:
        self.count += 1
        if one.text < self.sample:
            self.sample = one.text[:_SAMPLE]  # the first by its letters, whatever the order of conversations
        self.nicks.add(one.nick)
        if bot is not None:
            self.bots.add(bot)
        if wait is not None:
            self.waits.add(wait)
            if opening:
                self.openings.add(wait)

    def less(self, parts: "list[Wording]") -> "Wording":
        """This beginning without wordings that are proposed on their own."""
        left = Wording(self.sample)
        left.count, left.nicks, left.bots = self.count, self.nicks, self.bots
        left.waits.put(self.waits)
        left.openings.put(self.openings)
        for part in parts:
            left.count -= part.count
            left.waits.take_out(part.waits)
            left.openings.take_out(part.openings)
        return left

    @property
    def quick(self) -> bool:
        """At once after the buyer's line, or, where it is also said later, at once when it opens the conversation."""
        return self._quick(self.waits) or self._quick(self.openings)

    @staticmethod
    def _quick(waits: Waits) -> bool:
        median = waits.median
        return median is not None and median <= QUICK_MS and waits.total >= FEWEST_REPEATS


class _Talk:
    """Where a conversation stands: the buyer's last line, and whether the shop has spoken since its first.

    Among several buyers (not `timed`) nobody knows who is answered, so nothing is measured.
    """

    __slots__ = ("answered", "asked", "questions", "timed")

    def __init__(self, timed: bool) -> None:
        self.timed = timed
        self.asked: int | None = None
        self.questions = 0
        self.answered = False


class Texts:
    """Everything of the second reading."""

    def __init__(self, items: Iterable[Item], found: Survey, nicks: Iterable[NickProposal]) -> None:
        self._roles: dict[str, NickRole] = {one.nick: one.role for one in nicks}
        self._bots = {name: robot_name(name) for name, role in self._roles.items() if role in SHOP_SIDE}
        self._slots: tuple[Slots, Slots] = found.wordings, found.beginnings
        self._found = found
        self._stamps = Stamps()
        self._talks: dict[Place, _Talk] = {}
        self.exact: dict[str, Wording] = {}
        self.begun: dict[str, Wording] = {}
        self.all = Wording("")
        for one in said(items):
            self._take(one)

    def _take(self, one: Utterance) -> None:
        role = _role(one) or self._roles[one.nick]
        if role == "system":
            return
        place = place_of(one)
        talk = self._talks.get(place)
        if talk is None:
            timed = not self._found.whole_minutes and len(buyers_of(self._found.talks[place], self._roles)) == 1
            talk = self._talks[place] = _Talk(timed)
        at = self._stamps.maybe(one.t) if talk.timed else None
        if role not in SHOP_SIDE:
            talk.questions += not talk.answered
            if at is not None:
                talk.asked = at
            return
        wait = at - talk.asked if at is not None and talk.asked is not None and at >= talk.asked else None
        opening, talk.answered = talk.questions == 1 and not talk.answered, True
        self._count(one, wait, opening=opening)

    def _count(self, one: Utterance, wait: int | None, *, opening: bool) -> None:
        if one.kind is not None and one.kind != "unknown":
            return  # the file says what it is
        bot = one.bot or self._bots.get(one.nick)
        self.all.add(one, bot, wait, opening=opening)
        wording = normal(one.text)
        if not wording:
            return
        start = beginning(wording)
        for text, slots, table in ((wording, self._slots[0], self.exact), (start, self._slots[1], self.begun)):
            if text is None:
                continue
            counted = table.get(text)
            if counted is None:
                if not slots.often(text):
                    continue
                counted = table[text] = Wording(one.text)
            counted.add(one, bot, wait, opening=opening)


def _role(one: Utterance) -> NickRole | None:
    """The role that the file gives to this line."""
    return "seat" if one.role == "merchant" else one.role


def text_proposals(texts: Texts) -> tuple[list[TextProposal], RestProposal]:
    """Machines' texts first, then people's phrases, each by count and then by wording; and what is left."""
    quick = _first(((text, one) for text, one in texts.exact.items() if one.quick), FEWEST_REPEATS, MOST_QUICK)
    parts: dict[str | None, list[Wording]] = {}
    for text, one in quick:
        parts.setdefault(beginning(text), []).append(one)
    left = ((text, one.less(parts.get(text, []))) for text, one in texts.begun.items())
    begun = _first(((text, one) for text, one in left if one.quick), FEWEST_REPEATS, MOST_QUICK)
    taken = {text for text, _ in begun}
    slow = ((text, one) for text, one in texts.exact.items() if not one.quick and beginning(text) not in taken)
    people = _first(slow, FEWEST_SLOW, MOST_SLOW)
    rest = texts.all.less([one for _, one in quick + begun])
    total = max(texts.all.count, 1)
    proposals = [_machine(text, one, "exact", total) for text, one in quick]
    proposals += [_machine(text, one, "prefix", total) for text, one in begun]
    if texts.all.waits.total:
        proposals += [_person(text, one, total) for text, one in people]
    return proposals, _rest(rest)


def _first(wordings: Iterator[tuple[str, Wording]], fewest: int, most: int) -> list[tuple[str, Wording]]:
    often = [(text, one) for text, one in wordings if one.count >= fewest]
    return sorted(often, key=lambda pair: (-pair[1].count, pair[0]))[:most]


def _machine(text: str, one: Wording, match: Match, total: int) -> TextProposal:
    bots = one.bots or {bot for bot in (robot_name(one.sample),) if bot is not None}
    sure = max(1000 * waits.quick // waits.total for waits in (one.waits, one.openings) if waits.total)
    sure = sure * one.count // (one.count + 2)
    bot = min(bots) if bots else None
    return _text(text, one, match, total, "bot" if bots else "auto", sure, bot)


def _person(text: str, one: Wording, total: int) -> TextProposal:
    waits = one.waits
    sure = MOST_CONFIDENT_SLOW * (waits.total - waits.quick) // max(one.count, 1) * one.count // (one.count + 10)
    return _text(text, one, "exact", total, "human", sure, None)


def _text(
    text: str, one: Wording, match: Match, total: int, kind: TextKind, sure: int, bot: str | None
) -> TextProposal:
    return TextProposal(
        text=text,
        kind=kind,
        confidence=sure,
        sample=shown(one.sample, _SAMPLE),
        count=one.count,
        nicks=len(one.nicks),
        share=1000 * one.count // total,
        waits=one.waits.total,
        quick=one.waits.quick,
        median_wait_ms=one.waits.median,
        openings=one.openings.total,
        median_opening_ms=one.openings.median,
        match=match,
        bot=bot,
    )


def _rest(rest: Wording) -> RestProposal:
    waits = rest.waits.total
    quick = rest.waits.quick
    people = waits >= FEWEST_REPEATS and 1000 * quick <= PEOPLE_BELOW * waits
    return RestProposal(
        kind="human" if people else "unknown",
        confidence=MOST_CONFIDENT_SLOW * (waits - quick) // max(rest.count, 1) if people else 0,
        count=rest.count,
        waits=waits,
        quick=quick,
        median_wait_ms=rest.waits.median,
    )


class Read(msgspec.Struct, frozen=True):
    """What the second reading gives."""

    texts: list[TextProposal]
    rest: RestProposal


def read_texts(items: Iterable[Item], found: Survey, nicks: Iterable[NickProposal]) -> Read:
    """The texts of a source, as `survey` returned it."""
    return Read(*text_proposals(Texts(items, found, nicks)))
