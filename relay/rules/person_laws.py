"""What the laws of the person rules share: who answers, who is no consumer, and when a day no longer changes.

A rule of persons counts each buyer once a natural day. Persons' texts answer everywhere; which machines' do is the
rule's own word. Whoever is no consumer is listed as excluded by one clause.
"""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from relay.rules.authors import Axis, Hand, open_axes
from relay.rules.entries import Entry
from relay.rules.instants import end_of_day
from relay.rules.laws import RuleLaw
from relay.rules.limits import RuleVersion
from relay.rules.messages import Body
from relay.rules.person_sentences import Words, explain
from relay.rules.persons import Fold, PersonNote, PersonTerms, PersonWalk, decides, person
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.walks import Sentence, Unit, Walk

OFFICIAL = "dianxiaomi"
"""The platform's own robot, 店小蜜."""


class PersonLaw(RuleLaw):
    """A law of persons' days. `class_clause` takes out whoever is no consumer."""

    unit: Unit = "person"
    class_clause: str
    words: Words

    def exclude(self, body: Body) -> str | None:
        return None if body.buyer_class in (None, "consumer") else self.class_clause

    def judge(self, body: Body, hand: Hand) -> Judgement:
        if hand == Hand.canned:
            return Judgement(Effect.noted, Note.canned)
        unsure = PersonNote.unsure if open_axes(body) & ~Axis.mode else 0  # in whatever mode, a robot is heard or not
        if hand == Hand.person:
            return Judgement(Effect.answers, unsure | (Note.approved if drafted(body) else 0))
        if self.hears(body):
            return Judgement(Effect.answers, unsure | Note.assist)
        return Judgement(Effect.robot, Note.robot)

    def hears(self, body: Body) -> bool:
        """Whether a machine's text, in whatever mode, is a valid answer."""
        raise NotImplementedError

    def settled_by(self, at: int) -> int:
        return min(at + self.limit_ms, end_of_day(at))


def drafted(body: Body) -> bool:
    """Whether a person's text is a robot's draft that was let go by a keystroke."""
    return body.origin == "draft" or (body.trigger == "person" and body.kind in ("assist", "bot", "auto"))


class FoldedLaw(PersonLaw):
    """A law whose persons are folded from rounds that have a limit."""

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.terms = PersonTerms(limit=self.limit, clause=self.limit_clause, fold=self.chosen_fold(options))

    def chosen_fold(self, options: Mapping[str, str]) -> Fold:
        """One late round fails the person, unless the rule lets a shop choose."""
        return "all"

    def walk(self) -> Walk:
        return PersonWalk(self.terms)

    def person(self, parts: Sequence[Entry]) -> Entry:
        return person(parts, decides(parts, self.terms.fold))

    def explain(self, entry: Entry) -> Sentence:
        return explain(entry, self.words, self.terms)
