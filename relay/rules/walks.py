"""The shape of a rule: its way through one thread, and all else that a ledger needs of it.

A rule whose unit is the round, the person's day, the single message or the session differs in its walk and in
nothing else: taking messages, order, duplicates, recalls, readings, gaps, ranges and days are the same for all.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, Self

from relay.rules.entries import Entry
from relay.rules.report import Extras, Figure
from relay.rules.rows import Row
from relay.rules.senses import Sense, Senses

Unit = Literal["round", "person", "message", "session"]


class Sentence(NamedTuple):
    """Why an entry has its verdict, in Chinese and English; `also` are clauses that mattered beside the deciding."""

    zh: str
    en: str
    also: tuple[str, ...] = ()


class Walk(Protocol):
    """One thread under one reading, messages in server-time order."""

    closed: list[Entry]
    """The entries that no further message in order can change; it only grows."""

    def fork(self) -> Self:
        """A walk that goes on from here on its own, its `closed` empty."""

    def step(self, at: int, sense: Sense) -> None:
        """Take the next message of the thread."""

    def ending(self, as_of: int) -> Sequence[Entry]:
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
    def unit(self) -> Unit:
        """What is counted; a person's row carries its `day`, a message's row its `message`."""

    @property
    def by_sub_account(self) -> bool:
        """Whether the thread is (shop, buyer, sub-account) and not (shop, buyer)."""

    @property
    def seats(self) -> bool:
        """Whether the walk asks whose a message is: senses then carry seat and queue, and moves are walked."""

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

    @property
    def row(self) -> type[Row]:
        """How entries are counted."""

    def walk(self) -> Walk: ...

    def person(self, parts: Sequence[Entry]) -> Entry:
        """One person's day from its rounds, in order; only asked where entries have parts."""

    def shown_wait(self, entry: Entry) -> int | None:
        """The wait as the report shows it, milliseconds."""

    def extras(self, figure: Figure, entries: Sequence[Entry]) -> Extras:
        """What this rule publishes beside its rate."""

    def settled_by(self, at: int) -> int:
        """When a thread whose last message is at this instant no longer changes by the passing of time alone."""

    def explain(self, entry: Entry) -> Sentence:
        """Why an entry has its verdict."""
