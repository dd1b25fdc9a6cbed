"""What a platform published of a shop, a seat or a person, beside what relay computed: never a part of it.

Complaints, the attitude score, refund disputes and their time, negative reviews, satisfaction: relay sees nothing of
which they could be made. They are shown as they were taken down (`relay platform-figure`), and of the days they cover.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from relay.domain.office.published import Held
from relay.domain.published import SHOP_FIGURES, figure_name
from relay.insight.kpi.roster import By


class Beside(msgspec.Struct, frozen=True):
    """One published figure of a subject. `value` is as the platform showed it, `3/120` where there are only counts."""

    name: str
    shop: str
    figure: str
    zh: str
    en: str
    first_day: str
    last_day: str
    value: str
    source: str


def beside(held: Iterable[Held], by: By, first: str, last: str) -> list[Beside]:
    """The figures of such subjects that relay never computes, of days that touch these, by subject, figure and days."""
    found = [
        _told(one, name)
        for one in held
        if not _is_computed(one.fact.figure)
        and (name := _name(one, by)) is not None
        and one.fact.first_day <= last
        and one.fact.last_day >= first
    ]
    return sorted(found, key=lambda one: (one.name, one.figure, one.first_day, one.last_day))


def plain(found: Iterable[Beside]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(one) for one in found]


def _is_computed(figure: str) -> bool:
    """A rule's own figure stands in the settlement, with relay's and the difference."""
    return figure not in SHOP_FIGURES and not figure.startswith("other:")


def _name(one: Held, by: By) -> str | None:
    """Whose figure it is, as the rows of `by` are named; None if it is no such subject's."""
    fact = one.fact
    match by:
        case "shop":
            return fact.shop if fact.seat is None and fact.agent is None else None
        case "seat":
            return fact.seat
        case "agent":
            return fact.agent
        case _:
            return None


def _told(one: Held, name: str) -> Beside:
    fact = one.fact
    zh, en = figure_name(fact.figure)
    counts = f"{fact.numerator}/{fact.denominator}" if fact.denominator is not None else str(fact.numerator)
    value = str(fact.value) if fact.value is not None else counts
    return Beside(name, fact.shop, fact.figure, zh, en, fact.first_day, fact.last_day, value, fact.source)
