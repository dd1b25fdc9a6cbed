"""Alerts that people were told of: a notifier's answer, a person who has seen them; and that a figure falls.

None decides anything about a buyer; they are on the ledger so that it is proven who was told when, and so that after a
restart nobody is told again what they have confirmed.
"""

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_alerts import foreseen_on
from relay.domain.refusal import Refusal
from relay.domain.step import Step


def note_told(step: Step, given: i.NoteAlertsTold) -> None:
    """A notifier has answered, or could not."""
    step.emit(
        f.AlertsTold(
            at=step.at,
            notifier=given.notifier,
            outcome=given.outcome,
            alerts=given.alerts,
            level=given.level,
            code=given.code,
            resolved=given.resolved,
        )
    )


def acknowledge(step: Step, given: i.AcknowledgeAlerts) -> None:
    """A person has seen them. What ended meanwhile, or another saw first, is left out; refuses if nothing is left.

    Whether this person may is asked where they are known (L14).
    """
    known = [step.state.alerts.open.get(name) for name in dict.fromkeys(given.alerts)]
    mine = [
        one
        for one in known
        if one is not None and (one.shop, one.buyer) == (given.shop, given.buyer) and one.seen_by is None
    ]
    if not mine:
        raise Refusal("unknown_alert")
    step.emit(
        f.AlertAcknowledged(
            at=step.at,
            shop=given.shop,
            by=given.by,
            alerts=tuple(one.id for one in mine),
            buyer=given.buyer,
            seat=mine[0].seat,
        )
    )


def note_forecast(step: Step, given: i.NoteForecast) -> None:
    """Once a shop and date: the open alert of a date knows that it was told, also after a restart. A date without
    falling ends the alert of the one before. Refuses what is told already, and what changes nothing."""
    step.shop(given.shop)
    told = foreseen_on(step.state.alerts, given.shop)
    if (told is None and not given.falling) or (told is not None and given.date <= told):
        raise Refusal("duplicate")
    step.emit(f.FigureForeseen(at=step.at, shop=given.shop, date=given.date, falling=given.falling))
