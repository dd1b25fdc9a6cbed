"""Who wrote a merchant-side text, as the platforms' rules ask it, and what is not known of it.

A platform asks whether a person, a robot in assist mode, an autonomous robot or a canned text spoke. The log may not
know: its kind, its mode, or (relay's own key) whether the text was sent at all. Each of the three is an axis of
readings. A `Reading` settles all three; all unknowns of one sort are read alike; `TRANSPARENT` is the cut in which
every unknown text is as if it were not there.

A keystroke (`trigger: person`) makes any text a person's. Otherwise the kind rules over the mode, except that a mode
`unknown` on a robot's text makes it unknown which of the two it was.
"""

from enum import IntEnum
from itertools import product
from typing import NamedTuple

from relay.rules.messages import Body


class Hand(IntEnum):
    """Who wrote a text, once a reading has settled it."""

    silent = 0  # a helper, a system line, or never sent
    person = 1
    assist = 2
    robot = 3
    canned = 4


class Axis(IntEnum):
    """What may be unknown of a text; a set of them is the sum of its bits."""

    kind = 1
    mode = 2
    outcome = 4


class Reading(NamedTuple):
    """One way to read every unknown: the hand behind an unknown kind, behind an unknown mode, and whether sent."""

    kind: Hand
    mode: Hand
    sent: bool


TRANSPARENT = Reading(Hand.silent, Hand.silent, False)
EVERY_AXIS = 7
_KINDS = (Hand.person, Hand.canned, Hand.robot)
_MODES = (Hand.assist, Hand.robot)
_OUTCOMES = (True, False)


def readings(axes: int) -> list[Reading]:
    """Every reading of a thread in which these axes are open, the first reading first."""
    return [
        Reading(*one)
        for one in product(
            _KINDS if axes & Axis.kind else _KINDS[:1],
            _MODES if axes & Axis.mode else _MODES[:1],
            _OUTCOMES if axes & Axis.outcome else _OUTCOMES[:1],
        )
    ]


def open_axes(body: Body) -> int:
    """What is not known of this merchant-side text."""
    axes = Axis.outcome if body.outcome == "unknown" else 0
    if body.trigger != "person":
        if body.kind == "unknown":
            axes |= Axis.kind
        elif body.kind in ("bot", "assist") and body.mode == "unknown":
            axes |= Axis.mode
    return axes


def hand(body: Body, reading: Reading) -> Hand:
    """Who wrote this merchant-side text under one reading."""
    if body.outcome == "unknown" and not reading.sent:
        return Hand.silent
    if body.trigger == "person" or body.kind == "human":
        return Hand.person
    if body.kind == "unknown":
        return reading.kind
    if body.kind in ("bot", "assist"):
        if body.mode == "unknown":
            return reading.mode
        return Hand.assist if body.kind == "assist" else Hand.robot
    return Hand.canned if body.kind == "auto" else Hand.silent


def by_machine(body: Body) -> bool:
    """Whether a machine set this text off: its trigger says so, or a robot's or canned text names none."""
    if body.role != "merchant" or body.trigger == "person":
        return False
    return body.trigger == "machine" or body.kind in ("assist", "bot", "auto")


def by_relay(body: Body) -> bool:
    """Whether relay's own machine set it off; the strict bundle hears such a text under no rule."""
    return body.bot == "relay" and by_machine(body)


NOT_QUESTIONS = frozenset({"refund_card", "system_card", "tip"})
"""Contents on the buyer's side that the platform writes there itself."""


def asks(body: Body) -> bool:
    """Whether a line is a question: a buyer's own message of any content, a sticker included."""
    return body.role == "buyer" and body.kind != "system" and body.content not in NOT_QUESTIONS
