"""Who may write, approve, retire and stop which version of a quick reply (L8).

* A proposal is anybody's who may propose in its shops, also beside an approved version, which it does not touch.
* What is approved, becomes so, or is taken out of force needs `approve`, and a new approval is the approver's own act.
* An approval says its kind. `two_person`: the approver did not write the text. `owner_self`: an owner approves their
  own, or one of no named author, and only where nobody else could approve it.
* A refusal is the refuser's own act, and needs `approve` as well.
* The emergency stop of a version needs no more than `stop`; to lift it needs `approve`.
"""

import msgspec

from relay.domain.names import ReplyId, ShopId
from relay.domain.office.rights import Right, grants, may, may_everywhere, shops_where
from relay.domain.office.state import OfficeState
from relay.domain.settings import Person, QuickReply, Subject


def reply_allowed(state: OfficeState, person: Person, name: str, subject: Subject | None) -> bool:
    """Whether this person may set this version, or with None take the reply out."""
    if not isinstance(subject, QuickReply):
        live = list(state.live(ReplyId(name)))
        return _may_change(state, person, live)
    was = state.version_of(subject)
    if was is not None and subject == msgspec.structs.replace(was, stopped=True):
        return may_everywhere(state, person, "stop", shops_of(state, was))
    if not _own_words(state, person, subject):
        return False
    if _is_new_approval(was, subject) and not (subject.approved_by == person.id and may_sign(state, person, subject)):
        return False
    if _is_new_refusal(was, subject) and subject.refused_by != person.id:
        return False
    felt = [one for one in state.live(subject.id) if one is was or (subject.is_approved and one.is_approved)]
    return _may_change(state, person, [subject, *felt])


def may_sign(state: OfficeState, person: Person, reply: QuickReply) -> bool:
    """Whether an approval by this person can be of the kind that the version says."""
    shops = shops_of(state, reply)
    if reply.approval == "two_person":
        return reply.author not in (None, person.id)
    owned = grants(person)
    return all("owner" in owned.get(shop, ()) for shop in shops) and not second_persons(state, person, shops)


def second_persons(state: OfficeState, person: Person, shops: set[ShopId]) -> list[Person]:
    """Who else could approve in one of these shops."""
    others = (one for one in state.persons.values() if one.id != person.id)
    return [one for one in others if any(may(one, shop, "approve") for shop in shops)]


def shops_of(state: OfficeState, reply: QuickReply) -> set[ShopId]:
    """The known shops in which it may be used."""
    return {shop for shop in reply.shops or state.shops if shop in state.shops}


def _may_change(state: OfficeState, person: Person, felt: list[QuickReply]) -> bool:
    """`felt`: the versions that the change makes, alters or takes out of force."""
    right: Right = "propose" if all(one.status in ("draft", "pending") for one in felt) else "approve"
    return bool(felt) and all(may_everywhere(state, person, right, shops_of(state, one)) for one in felt)


def _own_words(state: OfficeState, person: Person, new: QuickReply) -> bool:
    """Nobody writes in another's name. An owner may name the author, who need not have an account at that hour."""
    is_new = state.version_of(new, live=False) is None
    return not is_new or new.author in (None, person.id) or bool(shops_where(person, "settings"))


def _is_new_approval(was: QuickReply | None, new: QuickReply) -> bool:
    if new.status != "approved":
        return False
    return was is None or (was.status, was.approved_by, was.shops) != (new.status, new.approved_by, new.shops)


def _is_new_refusal(was: QuickReply | None, new: QuickReply) -> bool:
    told = (new.refused_by, new.refused_why)
    return told != (None, "") and (was is None or told != (was.refused_by, was.refused_why))
