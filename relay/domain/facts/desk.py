"""The desk itself: its starts, its settings, its clock, and what was erased."""

from relay.domain.facts.fact import Fact
from relay.domain.names import PersonId
from relay.domain.settings import DeskSubject, Sort


class DeskStarted(Fact, frozen=True, kw_only=True):
    """A process took the desk over. Channels are taken as lost until they report."""

    epoch: int


class OfficeTaken(Fact, frozen=True, kw_only=True):
    """The desk took over one change of the office that concerns it."""

    office_seq: int
    subject: DeskSubject | None = None
    removed_sort: Sort | None = None
    removed_id: str | None = None


class ClockStepped(Fact, frozen=True, kw_only=True):
    """Wall time left monotonic time by so many milliseconds: the clock was set, or the machine slept."""

    by_ms: int


class Erased(Fact, frozen=True, kw_only=True):
    """The content of these facts was erased on purpose; their digests stay and the chain still verifies."""

    by: PersonId
    contents: tuple[int, ...]
