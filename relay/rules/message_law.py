"""What the laws of messages, sessions and means share: persons answer, canned texts do not, machines as each says.

Law: the explanation never claims an author that is not known. Where a text's unknowns leave open what it was, its
judgement carries no note.
"""

from relay.rules.authors import Axis, Hand, open_axes
from relay.rules.laws import RuleLaw
from relay.rules.messages import Body
from relay.rules.senses import Effect, Judgement, Note


class MessageLaw(RuleLaw):
    """`class_clause` takes out who is no consumer."""

    class_clause: str

    def machine(self, body: Body, hand: Hand) -> Judgement:
        """What a robot's text does, in assist mode or on its own."""
        raise NotImplementedError

    def judge(self, body: Body, hand: Hand) -> Judgement:
        judged = self._judge(body, hand)
        return judged if self._told(body) else Judgement(judged.effect)

    def exclude(self, body: Body) -> str | None:
        return None if body.buyer_class in (None, "consumer") else self.class_clause

    def _judge(self, body: Body, hand: Hand) -> Judgement:
        if hand == Hand.person:
            drafted = body.kind in ("assist", "bot") or body.origin == "draft"
            return Judgement(Effect.answers, Note.approved if drafted else 0)
        if hand == Hand.canned:
            return Judgement(Effect.noted, Note.canned)
        return self.machine(body, hand)

    def _told(self, body: Body) -> bool:
        """Whether a note says what is known: of an unknown mode, where it makes no difference."""
        axes = open_axes(body)
        return not axes or (axes == Axis.mode and self.machine(body, Hand.assist) == self.machine(body, Hand.robot))
