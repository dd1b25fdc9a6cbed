"""The shape of a rule's way through one thread, and of the entries it leaves.

A rule whose unit is the round, the person's day, the single message or the session differs in its walk and in
nothing else: taking messages, order, duplicates, recalls, readings, gaps, ranges and days are the same for all.
"""

from typing import NamedTuple, Protocol, Self

import msgspec

from relay.rules.report import Verdict
from relay.rules.senses import Sense, Senses


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One verdict in a thread. Instants are milliseconds.

    `until` is when the entry was over: the answer, the message that settled it, or 24:00. `notes` are bits of `Note`.
    """

    opened: int
    answered: int | None
    verdict: Verdict
    clause: str
    notes: int
    until: int


class Sentence(NamedTuple):
    """Why an entry has its verdict, in Chinese and English; `also` are clauses that mattered beside the deciding."""

    zh: str
    en: str
    also: tuple[str, ...] = ()


class Walk(Protocol):
    """One thread under one reading, messages in server-time order."""

    @property
    def closed(self) -> list[Entry]:
        """The entries that no further message in order can change."""

    def fork(self) -> Self:
        """A walk that goes on from here on its own."""

    def step(self, at: int, sense: Sense) -> None:
        """Take the next message of the thread."""

    def ending(self, as_of: int) -> Entry | None:
        """What is still open, as it stands when nothing more comes until `as_of`."""


class Law(Protocol):
    """A rule with its options chosen: all that a ledger needs of it."""

    @property
    def rule(self) -> str: ...

    @property
    def version(self) -> str:
        """`ID@valid_from`."""

    @property
    def senses(self) -> Senses: ...

    @property
    def limit_ms(self) -> int: ...

    @property
    def limit_inclusive(self) -> bool: ...

    @property
    def by_sub_account(self) -> bool:
        """Whether the thread is (shop, buyer, sub-account) and not (shop, buyer)."""

    @property
    def as_of(self) -> int | None:
        """Where the shop looks from; messages after it are not taken."""

    @property
    def limit_clause(self) -> str:
        """The clause of a verdict that hangs on the limit."""

    @property
    def validity_clause(self) -> str:
        """The clause of a verdict that hangs on who wrote a text."""

    @property
    def certain(self) -> frozenset[str]:
        """The clauses that take an entry out whatever a gap hides."""

    def walk(self) -> Walk: ...

    def settled_by(self, at: int) -> int:
        """When a thread whose last message is at this instant no longer changes by the passing of time alone."""

    def explain(self, entry: Entry) -> Sentence:
        """Why an entry has its verdict."""

    def items(self, hits: int) -> int | None:
        """The platform's display count, where it has one."""
