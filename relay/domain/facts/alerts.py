"""Alerts as people were told of them: what a notifier said of a message, and who has seen what.

An alert is named by the seq of the fact that raised it (`a812`), so that neither fact repeats what that one says.
"""

from typing import Literal

from relay.domain.facts.fact import Fact, Outcome
from relay.domain.names import AlertId, BuyerRef, PersonId, SeatId, ShopId


class AlertsTold(Fact, frozen=True, kw_only=True):
    """A message to a notifier ended. `alerts` are those of this desk that it told, `resolved` counts those of whose end
    it told; `level` is the notifier's own, `code` what it answered. A message that told many is several such facts.
    """

    notifier: str
    outcome: Outcome
    alerts: tuple[AlertId, ...] = ()
    level: int = 1
    code: str = ""
    resolved: int = 0


class AlertAcknowledged(Fact, frozen=True, kw_only=True):
    """A person has seen these alerts of one buyer, or (none named) of the shop: nobody else is called on for them."""

    shop: ShopId
    by: PersonId
    alerts: tuple[AlertId, ...]
    buyer: BuyerRef | None = None
    seat: SeatId | None = None


class FigureForeseen(Fact, frozen=True, kw_only=True):
    """Of which of the shop's figures it is foreseen, on this date, that it ends below the goal; none: a new day begins
    well. It is told once a shop and date, so that the ledger itself knows that it was told. What is foreseen is no part
    of any decision.
    """

    shop: ShopId
    date: str
    falling: tuple[Literal["day", "thirty_days"], ...] = ()
