"""The desk itself: its starts, its settings, its clock, and what was erased."""

from relay.domain.facts.fact import Fact
from relay.domain.names import BuyerRef, Millis, PersonId, ShopId
from relay.domain.settings import DeskSubject, Sort


class DeskStarted(Fact, frozen=True, kw_only=True):
    """A process took the desk over. Channels are taken as lost until they report.

    `restored_from`: the ledger was put back from a backup whose last fact has this instant. What was said from then on
    is not known here: what had not ended may have gone out, and in every open round a machine may have spoken.
    """

    epoch: int
    restored_from: Millis | None = None


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
    """The content of these facts was erased on purpose; their digests stay and the chain still verifies.

    `buyers`: of these references nobody knows any more who they are; one of them who returns gets another. With `shop`
    all of it is that shop's. `why`: `request`, or the rule of retention by which it went, such as `texts>180d`.
    `unparsed`: so many lines that could not be parsed spoke of them, and went too.
    """

    by: PersonId
    contents: tuple[int, ...]
    buyers: tuple[BuyerRef, ...] = ()
    shop: ShopId = ShopId("")
    why: str = ""
    unparsed: int = 0
