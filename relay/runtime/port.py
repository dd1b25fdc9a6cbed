"""How the rest of the process talks to a running desk: commands in, committed facts out, looks at a settled state.

Nothing outside ever sees a fact above the committed seq: what `Port` hands out has been durable before.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import msgspec

from relay.contracts import RefRow
from relay.domain.facts import DeskFact
from relay.domain.inputs import Input
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, DeskId

T = TypeVar("T")


class Committed(msgspec.Struct, frozen=True, gc=False):
    """A durable fact with its seq, and the text that it binds (None: no text, or erased)."""

    seq: int
    fact: DeskFact
    text: str | None = None


Listener = Callable[[Sequence[Committed]], None]


class Port(Protocol):
    """A running desk."""

    @property
    def desk(self) -> DeskId: ...

    async def submit(self, given: Input, text: str | None = None) -> Sequence[Committed]:
        """Step this input and return its facts once they are durable. `text` is the content its observation binds;
        the input's `digest` is filled in from it.

        Raises RefusedError (nothing changed), InboxFullError, StoreLatchedError, OwnershipLostError.
        """

    async def look(self, at: Callable[[DeskState], T]) -> T:
        """Call `at` with the state when all of it is durable, before any further step. It must not keep the state."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """From now on call `listener` with every committed batch, in order, on the loop. Returns how to stop it.

        Called inside `look`, not a single fact is missed or told twice after the state that was seen.
        """

    def read(self, from_seq: int, to_seq: int | None = None) -> Iterator[Committed]:
        """Committed facts from the store, with their texts."""

    def buyer_names(self, refs: Sequence[BuyerRef]) -> dict[BuyerRef, str]:
        """What these buyers are called (or their platform ids); missing where erased."""

    def buyer(self, ref: BuyerRef) -> RefRow | None:
        """Who this buyer is; None if erased."""
