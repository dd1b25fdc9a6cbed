"""Persons' days under one-late-message-fails: Pinduoduo's rate of human answers, and two versions of Kuaishou's.

    rule                  hours     valid                        who counts
    pdd_3min_human        8 to 23   persons                      every buyer
    kuaishou_2023_human   8 to 23   persons                      who met a person, or met no robot and left the queue
    kuaishou_2021_person  8 to 24   persons, robots, assistants  every buyer

No document of either platform was at hand for these: merchants' media printed the formulas, and every report says so.
"""

from typing import Self

from relay.rules.entries import Entry
from relay.rules.laws import VersionedRule
from relay.rules.limits import LIMIT_KEYS, RuleVersion
from relay.rules.messages import Body
from relay.rules.person_laws import FoldedLaw
from relay.rules.person_sentences import Words
from relay.rules.persons import PersonNote, PersonTerms, PersonWalk
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense
from relay.rules.walks import Walk

PDD_3MIN_HUMAN = RuleVersion(
    id="pdd_3min_human", valid_from="2020-01-01", window_from_h=8, window_to_h=23, verified=False
)
"""The pages are undated; one of 2019 still describes the figure before it, with an hour to answer in."""
KUAISHOU_2021_PERSON = RuleVersion(
    id="kuaishou_2021_person", valid_from="2021-09-01", window_from_h=8, window_to_h=24, verified=False
)
KUAISHOU_2023_HUMAN = RuleVersion(
    id="kuaishou_2023_human", valid_from="2023-03-27", window_from_h=8, window_to_h=23, verified=False
)


class PddLaw(FoldedLaw):
    """Only persons answer, and every buyer counts."""

    limit_clause = class_clause = "P.formula"
    validity_clause = "P.human"
    certain = frozenset({"P.formula"})
    words = Words(formula="P.formula", valid="P.human", window="P.window", every="P.any")

    def hears(self, body: Body) -> bool:
        return False


class Kuaishou2021Law(FoldedLaw):
    """Robots and assistants answer as well as persons do; a canned text does not."""

    limit_clause = class_clause = "D.formula"
    validity_clause = "D.bots"
    certain = frozenset({"D.formula"})
    words = Words(
        formula="D.formula",
        valid="D.bots",
        window="D.window",
        every="D.formula",
    )

    def hears(self, body: Body) -> bool:
        return True


class Kuaishou2023Law(FoldedLaw):
    """Only persons answer, and only buyers who reached a person count, or whom nothing kept from one."""

    limit_clause = class_clause = "Y.formula"
    validity_clause = "Y.human"
    certain = frozenset({"Y.formula"})
    seats = True
    words = Words(formula="Y.formula", valid="Y.human", window="Y.window", every="Y.formula")

    def hears(self, body: Body) -> bool:
        return False

    def walk(self) -> Walk:
        return ReachedWalk(self.terms)


class ReachedWalk(PersonWalk):
    """A walk that knows whom the buyer met: a day on which no person spoke has one open round and no other.

    That round is taken out (Y.human) where a robot spoke that day, or where a question stands in the queue that no
    seat was given since. A person's text at any hour of the day counts as met, before the first question too.
    """

    __slots__ = ("_person", "_queued", "_robot")

    def __init__(self, terms: PersonTerms) -> None:
        super().__init__(terms)
        self._person = self._robot = self._queued = False

    def fork(self) -> Self:
        twin = super().fork()
        twin._person, twin._robot, twin._queued = self._person, self._robot, self._queued
        return twin

    def step(self, at: int, sense: Sense) -> None:
        super().step(at, sense)
        match sense.effect:
            case Effect.asks:
                self._queued = self._queued or sense.queued
            case Effect.moves:
                self._queued = False
            case Effect.answers:
                self._person = True
            case Effect.robot:
                self._robot = True

    def _end_day(self, sense: Sense) -> None:
        super()._end_day(sense)
        self._person = self._robot = self._queued = False

    def _unanswered(self, opened: int, end: int, notes: int) -> Entry:
        if self._out is not None or self._person or not (self._robot or self._queued):
            return super()._unanswered(opened, end, notes)
        met = Note.robot if self._robot else PersonNote.queued
        return Entry(opened, None, Verdict.excluded, "Y.human", notes | met, end)


PDD = VersionedRule(PDD_3MIN_HUMAN, LIMIT_KEYS, PddLaw)
KUAISHOU_2021 = VersionedRule(KUAISHOU_2021_PERSON, LIMIT_KEYS, Kuaishou2021Law)
KUAISHOU_2023 = VersionedRule(KUAISHOU_2023_HUMAN, LIMIT_KEYS, Kuaishou2023Law)
