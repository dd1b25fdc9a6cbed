"""Who asks: the person whose token or session a request brings, or this machine's owner as the first owner of shops."""

from typing import Protocol

from aiohttp import web

from relay.domain.settings import Person
from relay.errors import ForbiddenError
from relay.web.admin import is_owners
from relay.web.credentials import credential


class People(Protocol):
    """Who acts."""

    def person_of(self, token: str) -> Person | None:
        """Whose live token this is."""

    def owner(self) -> Person | None:
        """As whom the owner of this machine acts."""


def who_asks(request: web.Request, people: People, secret: str) -> Person:
    """Raises ForbiddenError for nobody. `secret`: what only this machine's owner can read."""
    person = people.owner() if is_owners(request, secret) else people.person_of(credential(request) or "")
    if person is None:
        raise ForbiddenError
    return person
