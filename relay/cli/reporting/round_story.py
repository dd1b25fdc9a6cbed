"""All about one round: verdict, clause, other readings, cause, decisions, ladder, sends, drafts, debts, every fact."""

from typing import Any

import msgspec

from relay.cli.reporting.asking import Asked
from relay.cli.reporting.candidates import DECISIONS, Decision, decisions_of
from relay.cli.reporting.judged_thread import Heard, Judgement, beside, judge
from relay.cli.reporting.readings import Reading, terms
from relay.domain import facts as f
from relay.domain.names import BuyerRef, ShopId
from relay.errors import BadInputError
from relay.insight.missed import WORDS, CausedMiss, Witness
from relay.insight.story import (
    DraftStory,
    Moment,
    RungStory,
    SendStory,
    Thread,
    drafts_of,
    ladder_story,
    sends_of,
    spans_of,
    timeline,
)
from relay.rules.instants import CHINA_ZONE, InstantWriter
from relay.rules.ledger import Placed
from relay.rules.report import Verdict

_OF_A_DEBT = ("DebtOpened", "DebtReminded", "DebtSettled", "DebtClosed")


class OtherReading(msgspec.Struct, frozen=True):
    """Another reading of the rule: `option` as it would be set; no verdict where it has no such round."""

    option: str
    verdict: Verdict | None
    clause: str | None
    zh: str
    en: str


class RoundStory(msgspec.Struct, frozen=True, kw_only=True):
    """A round as explain tells it. `first` and `last` are the facts of it; `also` the clauses that mattered beside."""

    id: str | None
    shop: str
    buyer: str
    version: str
    opened: str
    answered: str | None
    wait_s: int | float | None
    verdict: Verdict
    clause: str
    also: tuple[str, ...]
    zh: str
    en: str
    others: list[OtherReading]
    cause: CausedMiss | None
    do_zh: str = ""
    do_en: str = ""
    first: int
    last: int
    decisions: list[Decision]
    ladder: list[RungStory]
    sends: list[SendStory]
    debts: list[Moment]
    drafts: list[DraftStory]
    timeline: list[Moment]


class Stories:
    """The rounds of one buyer of a shop, to be told one by one."""

    def __init__(self, asked: Asked, heard: Heard, thread: tuple[ShopId, BuyerRef], reading: Reading) -> None:
        self._asked, self._heard, self._thread, self._reading = asked, heard, thread, reading
        self.judgement: Judgement = judge(heard, thread, reading)
        self._questions = self._asked_in()
        self._spans = spans_of(self._questions, max(asked.facts))
        self._witness: Witness | None = None

    def name(self, one: Placed) -> str | None:
        return self._heard.ids.of(one[2], one[1], one[4].started)

    def wanted(self) -> list[Placed]:
        """The rounds that were asked for; all of them where a buyer was. Raises BadInputError where there is none."""
        asked, rounds = self._asked, self.judgement.rounds
        if asked.at is not None:
            return self._at(asked.at)
        seq = asked.round_seq if asked.round_seq is not None else asked.seq
        if seq is None:
            return rounds
        if asked.round_seq is not None:
            own = [one for one in rounds if self.name(one) in (f"r{seq}", f"{asked.desk}/r{seq}")]
            if own:
                return own
        return [one for one, span in zip(rounds, self._spans, strict=True) if span.first <= seq <= span.last]

    def tell(self, one: Placed) -> RoundStory:
        asked, facts, law = self._asked, self._asked.facts, self.judgement.figure.law
        shop, buyer = self._thread
        entry, writer = one[4], InstantWriter(CHINA_ZONE)
        shown, why = self.judgement.figure.verdict(one, writer), law.explain(entry)
        first, last = self._spans[self.judgement.rounds.index(one)]
        thread = Thread(shop, buyer, first, last)
        moments = timeline(facts, thread)
        cause = self._cause(one) if entry.verdict is Verdict.miss else None
        made = [
            seq
            for seq, fact in facts.items()
            if first <= seq <= last and _of(fact, thread) and isinstance(fact, DECISIONS)
        ]
        return RoundStory(
            id=self.name(one),
            shop=shop,
            buyer=buyer,
            version=law.version,
            opened=shown.opened,
            answered=shown.answered,
            wait_s=shown.wait_s,
            verdict=shown.verdict,
            clause=shown.clause,
            also=why.also,
            zh=why.zh,
            en=why.en,
            others=[
                OtherReading(
                    f"{other.key}={other.value}",
                    other.verdict,
                    None if other.entry is None else other.entry.clause,
                    other.zh,
                    other.en,
                )
                for other in beside(self._heard, self._thread, self._reading, one)
            ],
            cause=cause,
            do_zh=WORDS[cause.cause].do_zh if cause is not None else "",
            do_en=WORDS[cause.cause].do_en if cause is not None else "",
            first=first,
            last=last,
            decisions=decisions_of(asked.desk, facts, made),
            ladder=ladder_story(asked.desk, facts, thread),
            sends=sends_of(facts, thread),
            debts=[moment for moment in moments if moment.type in _OF_A_DEBT],
            drafts=drafts_of(facts, thread),
            timeline=moments,
        )

    def brief(self, one: Placed) -> dict[str, Any]:
        """A round in a list."""
        cause = self._cause(one).cause if one[4].verdict is Verdict.miss else None
        shown = self.judgement.figure.verdict(one, InstantWriter(CHINA_ZONE))
        return {
            "id": self.name(one),
            "opened": shown.opened,
            "answered": shown.answered,
            "wait_s": shown.wait_s,
            "verdict": shown.verdict,
            "clause": shown.clause,
            "cause": cause,
        }

    def _cause(self, one: Placed) -> CausedMiss:
        if self._witness is None:
            self._witness = Witness(self._asked.desk)
            for seq, fact in self._asked.facts.items():
                self._witness.take(seq, fact)
        return self._witness.explain(self.judgement.judged(one), terms(self.judgement.figure))

    def _at(self, at: int) -> list[Placed]:
        found = [one for one in self.judgement.rounds if one[4].started // 1000 == at // 1000]
        if not found:
            writer = InstantWriter(CHINA_ZONE)
            near = sorted(self.judgement.rounds, key=lambda one: abs(one[4].started - at))[:3]
            when = ", ".join(writer.write(one[4].started) for one in sorted(near, key=lambda one: one[0])) or "–"
            raise BadInputError(
                f"该买家此时没有轮次，最近的开始于 {when} / no round of this buyer opens then; the nearest do at {when}"
            )
        return found

    def _asked_in(self) -> list[list[int]]:
        """Of each round the facts that took its questions: those from its opening to before the next one's."""
        shop, buyer = self._thread
        asked = [
            (fact.sent_at, seq)
            for seq, fact in self._asked.facts.items()
            if isinstance(fact, f.BuyerWrote) and (fact.shop, fact.buyer) == (shop, buyer)
        ]
        starts = [one[4].started for one in self.judgement.rounds]
        ends = [min((later for later in starts if later > start), default=None) for start in starts]
        return [
            [seq for at, seq in asked if start <= at and (end is None or at < end)]
            for start, end in zip(starts, ends, strict=True)
        ]


def _of(fact: f.DeskFact, thread: Thread) -> bool:
    return getattr(fact, "shop", None) == thread.shop and getattr(fact, "buyer", None) == thread.buyer
