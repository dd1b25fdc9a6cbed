"""The ladder of an answer that is owed (欠答阶梯, L10): what happens at which second after a hold.

Laws:
* Each rung is taken once per debt, in the order of time, and leaves a fact; which are left is read off the state and
  the settings that hold now, so that neither a restart nor a clock that steps takes one twice or leaves one out (L11).
* After the last rung, or without a ladder, it reminds again and again, ever less often, and at least once an hour.
* The rung for another seat moves nobody by itself: it asks for a rescue, with all that guards one
  (`relay.domain.moving`).
"""

from typing import Final

from relay.domain import facts as f
from relay.domain.marks import debt_rung_name
from relay.domain.model import Conversation, Debt
from relay.domain.moving import OWED, reroute
from relay.domain.names import HOUR, Millis
from relay.domain.settings import Shop
from relay.domain.step import Step

LONGEST_REMINDER_MS: Final = HOUR


def first_due(shop: Shop, since: Millis) -> Millis:
    """When a debt that begins now is first told of."""
    after_s = min((rung.after_s for rung in shop.debt_ladder), default=shop.debt_after_s)
    return Millis(since + after_s * 1000)


def remind(step: Step, conv: Conversation, place: int) -> None:
    """Take a rung of the ladder; below 0, tell of the debt once more."""
    debt, shop = conv.debt, step.state.shops[conv.shop].setting
    assert debt is not None
    rung = shop.debt_ladder[place] if place >= 0 else None
    name = debt_rung_name(rung) if rung is not None else ""
    step.emit(
        f.DebtReminded(
            at=step.at,
            shop=conv.shop,
            buyer=conv.buyer,
            seat=conv.seat,
            times=debt.times + 1,
            next_at=_next_at(shop, debt, name, step.at),
            do=rung.do if rung is not None else "",
            rung=name,
        )
    )
    if rung is not None and rung.do == "reroute":
        reroute(step, conv, OWED)


def _next_at(shop: Shop, debt: Debt, taken: str, at: Millis) -> Millis:
    done = (*debt.done, taken) if taken else debt.done
    left = [rung.after_s for rung in shop.debt_ladder if debt_rung_name(rung) not in done]
    if left:
        return Millis(debt.since + min(left) * 1000)
    repeats = debt.times + 1 - len(done)
    return Millis(at + min(shop.debt_after_s * 1000 * 2**repeats, LONGEST_REMINDER_MS))
