"""What the desk asks of a shop's guiding rule, and nothing more.

`relay.rules` implements this small interface, always under the strict bundle of the rule, so that ladder, debt and
the platform's figure agree on what an answer is while the arrow of imports still points down.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

import msgspec

from relay.domain.names import Millis


class Kind(StrEnum):
    """Who wrote a merchant-side text (发送方)."""

    human = "human"
    assist = "assist"
    bot = "bot"
    auto = "auto"
    helper = "helper"
    system = "system"
    unknown = "unknown"


class Author(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who composed a text and how it was sent: the four words the platforms' rules turn on."""

    kind: Kind
    provider: str | None = None
    mode: str | None = None
    trigger: str | None = None
    path: str | None = None
    origin: str | None = None


def is_persons(author: Author) -> bool:
    """Whether a person sent it: typed it, or let it go by a keystroke, whoever composed it."""
    return author.kind is Kind.human or author.trigger == "person"


class GuidingRule(Protocol):
    def answers(self, author: Author) -> bool:
        """Whether a text by this author is a valid answer under the strict bundle."""

    @property
    def charges_first_seat(self) -> bool:
        """Whether a seat that passes an unanswered buyer on is charged for it: then nothing moves a round by itself."""

    def due_at(self, question_at: Millis) -> Millis | None:
        """The last instant at which an answer to a question of this server time is still in time.

        None where the question is outside the assessed hours, or the rule sets no limit. A later question is never
        due before an earlier one.
        """

    def opens_at(self, at: Millis) -> Millis:
        """The first instant from `at` on that lies in the assessed hours: `at` itself inside them.

        Always `at` itself under a rule that sets no limit, for it has no hours in which one could be kept.
        """

    def day_of(self, at: Millis) -> int:
        """The number of the rule's own natural day, in order; an unanswered round never crosses its border."""


GuidingRules = Callable[[str, Mapping[str, str]], GuidingRule]
"""Rule id and the shop's explicit options to the guiding rule; raises `ValueError` on an unknown id or option."""
