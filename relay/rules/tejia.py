"""`tejia_3min`, 淘宝特价版三分钟客服响应率: person-times answered in time, one for each buyer, seat and day.

The notice speaks of person-times once per sub-account (C.formula), so a thread is one buyer at one seat and only that
seat's answer counts for it. It also asks that every message be answered in time (C.general1), so all rounds of a
person-time must be; `person_hit` lets a shop look at other readings, and `rate_any` stands beside the rate, because
the two may lie on either side of the penalty's threshold (`relay.rules.penalty`).
"""

from collections.abc import Mapping, Sequence
from typing import Self

from msgspec.structs import replace

from relay.rules import options as read
from relay.rules.entries import Entry
from relay.rules.laws import VersionedRule
from relay.rules.limits import LIMIT_KEYS, RuleVersion
from relay.rules.messages import Body
from relay.rules.person_laws import OFFICIAL, FoldedLaw
from relay.rules.person_sentences import Words
from relay.rules.persons import Fold, PersonNote, PersonTerms, PersonWalk, decides
from relay.rules.report import Amount, Extras, Figure, Verdict, ratio
from relay.rules.senses import Effect, Sense
from relay.rules.walks import Walk
from relay.rules.wording import Said

TEJIA_3MIN = RuleVersion(
    id="tejia_3min", valid_from="2022-03-13", window_from_h=8, window_to_h=23, threshold_percent=40
)
"""The notice was shown from 2022-03-05 and is in force from 2022-03-13 (C.effective)."""

WORDS = Words(
    formula="C.formula",
    valid="C.formula",
    window="C.window",
    every="C.general1",
    machine=Said("店小蜜接待算有效响应", "店小蜜 answered, which is valid in any mode"),
)
_FOLDS: Mapping[str | None, Fold] = {None: "all", "all": "all", "first": "first", "any": "any"}


class TejiaLaw(FoldedLaw):
    """The rule with its options: see `walks.Law`."""

    limit_clause = validity_clause = class_clause = "C.formula"
    certain = frozenset({"C.formula"})  # only an excluded entry asks, and only class excludes here
    by_sub_account = True
    words = WORDS

    def chosen_fold(self, options: Mapping[str, str]) -> Fold:
        return _FOLDS[read.choice(options, "person_hit", "all", "first", "any")]

    def hears(self, body: Body) -> bool:
        return body.bot == OFFICIAL

    def walk(self) -> Walk:
        return TejiaWalk(self.terms)

    def extras(self, figure: Figure, entries: Sequence[Entry]) -> Extras:
        low = below(figure.numerator, figure.denominator)
        if self.terms.fold == "any":
            return Extras(rate_any=figure.rate, below_threshold=low)
        found = [any_in_time(entry) for entry in entries]
        any_rate = ratio(found.count(Verdict.hit), found.count(Verdict.miss))
        return Extras(rate_any=any_rate, below_threshold=low)


def below(numerator: Amount, denominator: int) -> bool | None:
    """Whether a rate is below the penalised threshold, in integers (C.penalty); None for 0/0, which is no rate."""
    percent = TEJIA_3MIN.threshold_percent or 0
    return 100 * numerator < percent * denominator if denominator else None


class TejiaWalk(PersonWalk):
    """A walk that also knows which rounds are in time even if no unknown text was an answer.

    `_sure` is the question that waits when only known answers are heard, and `_place` which of the day's rounds began
    with it: to hear fewer answers joins rounds and never opens one where none was.
    """

    __slots__ = ("_place", "_sure", "_sure_skew", "_unsure")

    def __init__(self, terms: PersonTerms) -> None:
        super().__init__(terms)
        self._sure: int | None = None
        self._place = self._sure_skew = 0
        self._unsure = False

    def fork(self) -> Self:
        twin = super().fork()
        twin._sure, twin._place = self._sure, self._place
        twin._sure_skew, twin._unsure = self._sure_skew, self._unsure
        return twin

    def step(self, at: int, sense: Sense) -> None:
        super().step(at, sense)
        if sense.effect is Effect.asks:
            if self._sure is None and self._opened == at:
                self._sure, self._sure_skew, self._place = at, sense.skew, len(self._rounds)
        elif sense.effect is Effect.answers:
            if sense.note & PersonNote.unsure:
                self._unsure = True
            elif self._sure is not None:
                if self._unsure:
                    self._mark(at - self._sure, self._sure_skew + sense.skew)
                self._sure = None

    def _end_day(self, sense: Sense) -> None:
        super()._end_day(sense)
        self._sure, self._unsure = None, False

    def _mark(self, wait: int, skew: int) -> None:
        """Note the round that began with the question which a known answer now closed, if that was in time."""
        limit, one = self._terms.limit, self._rounds[self._place]
        if limit.kept(wait) and not (skew and abs(wait - limit.ms) <= skew):
            sure = self._rounds[self._place] = replace(one, notes=one.notes | PersonNote.sure)
            self._deciding = sure if self._deciding is one else self._deciding


def any_in_time(entry: Entry) -> Verdict:
    """The verdict of a person-time for which one round in time is enough.

    Its rounds are those of the reading in which every unknown text is an answer. What is no hit even so is none in
    any reading; a hit on or after an unknown text holds in all of them only where the walk has noted that.
    """
    rounds = entry.parts or (entry,)
    unsure = False
    for one in rounds:
        unsure = unsure or bool(one.notes & PersonNote.unsure)
        if one.verdict == Verdict.hit and (not unsure or one.notes & PersonNote.sure):
            return Verdict.hit
    found = decides(rounds, "any").verdict
    return Verdict.undetermined if found == Verdict.hit else found


TEJIA = VersionedRule(TEJIA_3MIN, LIMIT_KEYS | {"person_hit"}, TejiaLaw)
