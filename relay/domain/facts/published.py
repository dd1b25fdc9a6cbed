"""What a platform published of a shop, as a person took it down, and the reading of a rule that was adopted from it.

A figure that was taken down wrongly is never altered: the next fact about the same days names it in `corrects`.
"""

from typing import Literal

from relay.domain.facts.fact import Fact
from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.published.number import Published
from relay.domain.published.periods import Period

FigureSource = Literal["typed", "file"]


class PlatformFigureRecorded(Fact, frozen=True, kw_only=True):
    """`figure` is a rule id, a name of `relay.domain.published.SHOP_FIGURES`, or `other:` and a name.

    The days are those of the platform's calendar, both inside. `seat` or `agent`: whose figure it is, if not the
    shop's. At least one of the counts and the number as shown is there. `digest` is the SHA-256 of the file that it was
    read from, and `line` the row. `corrects` is the office seq of the fact in whose place this one stands.
    """

    by: PersonId
    shop: ShopId
    figure: str
    period: Period
    first_day: str
    last_day: str
    seat: SeatId | None = None
    agent: PersonId | None = None
    numerator: int | None = None
    denominator: int | None = None
    value: Published | None = None
    source: FigureSource = "typed"
    digest: str = ""
    line: int | None = None
    corrects: int | None = None


class PlatformFigureWithdrawn(Fact, frozen=True, kw_only=True):
    """The figure of the fact `record` (its office seq) counts no more, and nothing stands in its place."""

    by: PersonId
    record: int
    reason: str = ""


class ReadingAdopted(Fact, frozen=True, kw_only=True):
    """A person took over a reading of a shop's rule that a calibration found; the setting itself is the next fact.

    `figures` are the office seqs of the figures that it was held against, `matched` how many of them it gives.
    `calibration` is the digest of what was tried and found, `log` the SHA-256 of the log, if it was no ledger.
    `settles` are options beside the usual ones that were tried, and gave way too. `reverts`: this one takes back the
    adoption with that office seq, and the reading is what stood before it.
    """

    by: PersonId
    shop: ShopId
    rule: str
    options: dict[str, str]
    calibration: str
    figures: tuple[int, ...] = ()
    matched: int = 0
    log: str = ""
    settles: tuple[str, ...] = ()
    reverts: int | None = None
