"""The office: who serves whom, under which rules, and who may do what. Pure, like everything on this floor.

state     Settings (a whole set of values) and OfficeState (what the facts of the `office` stream add up to)
checks    what is wrong with a set of settings, all of it at once
changes   the facts that lead from a state to wanted settings, with lines for people; which desk a fact concerns
rights    the one function that says who may do what in which shop (L14)
words     the short forms in which people write shifts, roles and ladders; event_words those of events
"""

from relay.domain.office.allowing import not_allowed
from relay.domain.office.changes import Change, concerns, diff
from relay.domain.office.checks import Problem, check_settings
from relay.domain.office.rights import Right, grants, may, person_of, shops_where
from relay.domain.office.state import OfficeState, Settings, apply, settings_of

__all__ = [
    "Change",
    "OfficeState",
    "Problem",
    "Right",
    "Settings",
    "apply",
    "check_settings",
    "concerns",
    "diff",
    "grants",
    "may",
    "not_allowed",
    "person_of",
    "settings_of",
    "shops_where",
]
