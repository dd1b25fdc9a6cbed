"""One calibration: a shop's published figures held against every reading of its rule on one log, and what came of it.

    nothing   no published figure lies within the days of the log
    few       too few do to call anything a fit
    none      no reading gives them
    alike     several give them about as well: these figures cannot tell them apart
    found     one does

It suggests, and a person adopts: a reading that gives thirty numbers may still be the wrong one, and whoever adopts it
should have looked at rounds that separate it from the next.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from relay.domain.office.published import Held
from relay.insight.calibration.fitting import FEWEST, Fit, fit_all, usable
from relay.insight.calibration.separating import Separating, separating
from relay.insight.calibration.space import Reading
from relay.insight.calibration.talks import Talks
from relay.insight.calibration.trying import Progress, space, try_all
from relay.insight.calibration.units import unit_of
from relay.rules.catalogue import Catalogue
from relay.rules.instants import date_text

Came = Literal["nothing", "few", "none", "alike", "found"]
ALIKE: Final = 2.0
"""Readings whose likelihoods differ by less than e to this (seven times) are not told apart."""
MOST_SHOWN: Final = 5
"""So many readings are worth a person's time."""


class Asked(NamedTuple):
    """What is calibrated. `seat` is the account as the log has it; `more` are further values to try, by option."""

    shop: str
    figure: str
    seat: str | None = None
    more: Mapping[str, Sequence[str]] = {}
    rules: Sequence[str] = ()


class Calibration(NamedTuple):
    """`fits` are all readings, the likeliest first; `used` the figures they were held against, `outside` those whose
    days the log does not reach. `apart` are the rounds that separate the first from the second, and how many."""

    asked: Asked
    unit: str
    first_day: str
    last_day: str
    messages: int
    tried: int
    used: Sequence[Held]
    outside: Sequence[Held]
    fits: Sequence[Fit]
    apart: tuple[Sequence[Separating], int]

    @property
    def alike(self) -> list[Fit]:
        """Those that give the figures about as well as the best."""
        return [one for one in self.fits if one.likelihood >= self.fits[0].likelihood - ALIKE]

    @property
    def came(self) -> Came:
        if not self.used or not self.fits:
            return "nothing"
        if len(self.used) < FEWEST:
            return "few"
        if not self.fits[0].fits:
            return "none"
        return "alike" if len(self.alike) > 1 else "found"

    @property
    def shown(self) -> Sequence[Fit]:
        """The readings that are worth looking at: numbered from 1 they are what a person adopts."""
        return self.fits[: max(min(len(self.alike), MOST_SHOWN), min(3, len(self.fits)))]

    @property
    def digest(self) -> str:
        """Of what was asked, held against and found: the same on the same log and figures, on any machine."""
        used = [(one.seq, one.fact.first_day, one.fact.last_day, str(one.fact.value)) for one in self.used]
        found = [([str(each) for each in fit.tried.readings], fit.matched) for fit in self.fits]
        told = (self.asked, self.first_day, self.last_day, self.messages, used, found)
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def calibrate(
    asked: Asked, held: Sequence[Held], talks: Talks, catalogue: Catalogue, progress: Progress | None = None
) -> Calibration:
    """Try everything. Raises `UnknownRuleError`, and `ValueError` for what cannot be asked."""
    unit, days = unit_of(catalogue, asked.figure), talks.days
    first_day, last_day = ("", "") if days is None else (date_text(days[0]), date_text(days[1]))
    used, outside = usable(held, first_day, last_day)
    where = space(asked.figure, catalogue, talks, asked.seat, asked.more, asked.rules)
    fits = fit_all(try_all(where, catalogue, talks, progress), used, unit) if used else []
    apart: tuple[Sequence[Separating], int] = ((), 0)
    if len(fits) > 1:
        apart = separating(fits[0].tried.reading, fits[1].tried.reading, where, catalogue, talks)
    return Calibration(asked, unit, first_day, last_day, talks.count, where.size, used, outside, fits, apart)


def undecided(fit: Fit) -> list[tuple[str, Sequence[str]]]:
    """The open questions on which this log says nothing: axes that readings of one group answer differently, with the
    options of each answer; `-` is the usual one."""
    readings = fit.tried.readings
    found: list[tuple[str, Sequence[str]]] = []
    for name in sorted({name for one in readings for name in one.places}):
        answers = sorted({_answer(one, name) for one in readings if name in one.places})
        if len(answers) > 1:
            found.append((name, answers))
    rules = sorted({one.rule for one in readings})
    return [("rule", rules), *found] if len(rules) > 1 else found


def _answer(one: Reading, name: str) -> str:
    if one.places[name] == 0:
        return "-"
    keys = ("robot_turn", "bundle") if name == "robots" else (name,)
    return next(f"{key}={one.options[key]}" for key in keys if key in one.options)
