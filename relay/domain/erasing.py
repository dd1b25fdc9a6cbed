"""Erasing on purpose: what a desk refuses to erase, and what it forgets itself (design §9).

Laws:
* Whoever still has to hear something is not forgotten: a buyer with a reception, an unanswered question, an answer
  debt, a text on its way or an open follow-up is refused, and the refusal says which.
* Text and name lie in the store; the same transaction takes them that brings `Erased`. The desk itself knows a buyer by
  reference alone, and forgets who served them and that there were notes: one who returns comes under another reference.
* Nothing that is counted changes: facts stay, and so do the keys by which a message is taken once.
"""

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.model import DeskState, Key
from relay.domain.refusal import Refusal
from relay.domain.step import Step


def erase(step: Step, given: i.Erase) -> None:
    """The texts of these facts, and who these buyers are."""
    for buyer in given.buyers:
        code = open_matter(step.state, (given.shop, buyer))
        if code is not None:
            raise Refusal(code)
    step.emit(
        f.Erased(
            at=step.at,
            by=given.by,
            contents=given.contents,
            buyers=given.buyers,
            shop=given.shop,
            why=given.why,
            unparsed=given.unparsed,
        )
    )


def open_matter(state: DeskState, key: Key) -> str | None:
    """The code of the refusal that says what is still open with this buyer; None if nothing is."""
    if state.promised.get(key):
        return "erase_follow_up"
    conv = state.conversations.get(key)
    if conv is None:
        return None
    if conv.debt is not None:
        return "erase_debt"
    if conv.round is not None:
        return "erase_question"
    if conv.sends and conv.seat is None:
        return "erase_send"
    return "erase_reception"
