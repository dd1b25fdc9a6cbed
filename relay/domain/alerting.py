"""Alerts that people were told of: a notifier's answer, and a person who has seen them.

Neither decides anything about a buyer; both are on the ledger so that it is proven who was told when, and so that after
a restart nobody is told again what they have confirmed.
"""

from relay.domain import facts as f
from relay.domain import inputs as i
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
