"""The office: settings and tokens."""

from relay.domain.facts.fact import Fact
from relay.domain.names import BuyerRef, DeskId, PersonId, ShopId
from relay.domain.settings import Sort, Subject


class SettingSet(Fact, frozen=True, kw_only=True):
    by: PersonId
    subject: Subject


class SettingRemoved(Fact, frozen=True, kw_only=True):
    by: PersonId
    sort: Sort
    id: str


class TokenIssued(Fact, frozen=True, kw_only=True):
    """A person's token was made; only its SHA-256 is kept. A new one ends the one before."""

    by: PersonId
    person: PersonId
    digest: str


class TokenEnded(Fact, frozen=True, kw_only=True):
    """A person's token was ended, and none took its place."""

    by: PersonId
    person: PersonId


class PasswordSet(Fact, frozen=True, kw_only=True):
    """A person was given another password for the console. Neither it nor its hash is on the ledger."""

    by: PersonId
    person: PersonId


class BuyerExported(Fact, frozen=True, kw_only=True):
    """A person took out everything that is kept of a buyer."""

    by: PersonId
    desk: DeskId
    shop: ShopId
    buyer: BuyerRef


class QuarantineErased(Fact, frozen=True, kw_only=True):
    """So many lines that could not be parsed were erased on purpose; `why` as in `Erased`."""

    by: PersonId
    count: int
    why: str


class ContentRead(Fact, frozen=True, kw_only=True):
    """A person had a buyer's texts shown at the auditor's page, which is no part of serving them."""

    by: PersonId
    desk: DeskId
    shop: ShopId
    buyer: BuyerRef
