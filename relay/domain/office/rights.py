"""Who may do what in which shop: one table, one function, used by every frame, route and command (L14).

What is absent from the table is forbidden. A person holds roles per shop; the rights of several roles add up, and a
disabled person has none. An auditor's role never grants a word to a buyer.
"""

from collections.abc import Iterable
from typing import Literal

from relay.domain.names import PersonId, ShopId
from relay.domain.office.state import OfficeState
from relay.domain.settings import Person, Role

Right = Literal[
    "see",  # read conversations and the queue
    "serve",  # hold a seat and be given buyers
    "answer",  # write to a buyer, also an approved draft
    "type",  # announce typing
    "close",  # end a reception, settle an answer debt with a reason
    "presence",  # set one's own presence
    "presence_of_others",  # set the presence of any seat of the shop
    "move",  # give a conversation to another seat
    "staff",  # set the cap of any seat of the shop, start and end its events
    "acknowledge",  # say that one has seen an alert, so that nobody else is called on
    "stop",  # stop every machine reply of the shop at once
    "report",  # read the shop's figures, no conversation
    "figures",  # take down what the platform published of the shop
    "propose",  # write a new version of a quick reply
    "approve",  # approve or retire a quick reply
    "audit",  # read verdicts, explanations and the ledger's proof
    "export",  # take facts or messages out
    "erase",  # erase a buyer
    "settings",  # change shop, seats, persons and ladders
]

_AGENT: frozenset[Right] = frozenset({"see", "serve", "answer", "type", "close", "presence", "stop", "propose"})
_CS_ADMIN: frozenset[Right] = _AGENT | {"presence_of_others", "move", "staff", "acknowledge", "report", "figures"}
_OWNER: frozenset[Right] = _CS_ADMIN | {"approve", "audit", "export", "erase", "settings"}

RIGHTS: dict[Role, frozenset[Right]] = {
    "agent": _AGENT,
    "cs_admin": _CS_ADMIN,
    "approver": frozenset({"propose", "approve"}),
    "operations": frozenset({"report", "propose"}),
    "owner": _OWNER,
    "auditor": frozenset({"see", "report", "audit", "export"}),
}


def may(person: Person | None, shop: ShopId, right: Right) -> bool:
    """Whether this person may do this in this shop. Nobody (None) may do nothing."""
    if person is None or person.disabled:
        return False
    return any(grant.shop == shop and right in RIGHTS[grant.role] for grant in person.roles)


def may_everywhere(state: OfficeState, person: Person, right: Right, shops: Iterable[ShopId]) -> bool:
    """Whether this person may do this anywhere at all, and in each of these shops that is known."""
    known = [shop for shop in shops if shop in state.shops]
    return bool(shops_where(person, right)) and all(may(person, shop, right) for shop in known)


def shops_where(person: Person | None, right: Right) -> frozenset[ShopId]:
    """The shops in which this person may do this."""
    if person is None or person.disabled:
        return frozenset()
    return frozenset(grant.shop for grant in person.roles if right in RIGHTS[grant.role])


def grants(person: Person | None) -> dict[ShopId, frozenset[Role]]:
    """The roles of this person per shop; none for a disabled person."""
    roles: dict[ShopId, frozenset[Role]] = {}
    if person is not None and not person.disabled:
        for grant in person.roles:
            roles[grant.shop] = roles.get(grant.shop, frozenset()) | {grant.role}
    return roles


def person_of(state: OfficeState, digest: str) -> Person | None:
    """Whose live token has this SHA-256 digest (hex); None if nobody's, or if the person is disabled."""
    person = state.persons.get(state.tokens.get(digest, PersonId("")))
    return None if person is None or person.disabled else person
