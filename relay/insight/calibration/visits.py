"""A buyer's messages cut into visits that no reading of any rule can join, so that each is judged only under the open
questions that touch it: a buyer who came back on ten days is ten short conversations, not one that everything touches.

A cut lies between two days, where nobody said anything for longer than any limit, and whatever an earlier question left
open is met by another question first: under every version an open round ends with its day there, as if nothing had
followed. What could carry anything over such a night is not cut at all: a placement (who owns what follows), an author
or a mode that is unknown (a conversation is read alike as a whole), a time that may be off, an id that comes twice.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from relay.rules.instants import CHINA, DAY
from relay.rules.messages import Body

Heard = tuple[int, Body]
QUIET_MS: Final = 15 * 60_000
"""Longer than the limit of any rule, and than the ten minutes after which a session has ended."""
_at: Final = itemgetter(0)
_CARRY_OVER: Final = frozenset({"unknown", "assign", "transfer"})


def visits(
    heard: Sequence[Heard], longest_ms: int = 0, seated: Callable[[Body], Body] | None = None
) -> Iterator[Sequence[Heard]]:
    """The messages of one buyer, in the order of their times. `longest_ms`: the longest limit that is tried.

    With `seated`, some rules see a question at another seat than others do: a cut must hold for both.
    """
    told = sorted(heard, key=_at)
    if len(told) < 2 or (told[0][0] + CHINA) // DAY == (told[-1][0] + CHINA) // DAY or not _may_be_cut(told):
        yield heard
        return
    cuts = _cuts(told, max(QUIET_MS, longest_ms))
    if seated is not None and cuts:
        too = {*_cuts([(at, seated(body)) for at, body in told], max(QUIET_MS, longest_ms))}
        cuts = [place for place in cuts if place in too]
    since = 0
    for place in cuts:
        yield told[since:place]
        since = place
    yield told[since:]


def _may_be_cut(told: Sequence[Heard]) -> bool:
    ids = set[str]()
    for _, body in told:
        if body.skew_ms or body.mode == "unknown" or body.kind in _CARRY_OVER or body.id in ids:
            return False
        if body.id is not None:
            ids.add(body.id)
    return True


def _cuts(told: Sequence[Heard], quiet_ms: int) -> list[int]:
    """The places before which a visit ends, ascending."""
    first_asked: dict[str | None, int] = {}
    for place, (_, body) in enumerate(told):
        if body.role == "buyer":
            first_asked.setdefault(body.sub_account, place)
    next_of: dict[str | None, bool] = {}
    following, cuts = True, list[int]()
    for place in range(len(told) - 1, 0, -1):
        at, body = told[place]
        following = next_of[body.sub_account] = _is_question(body)
        before = told[place - 1][0]
        apart = at - before > quiet_ms and (at + CHINA) // DAY > (before + CHINA) // DAY
        if apart and following and all(good or first_asked.get(one, place) >= place for one, good in next_of.items()):
            cuts.append(place)
    return cuts[::-1]


def _is_question(body: Body) -> bool:
    """A plain one, that every version hears."""
    plain = body.role == "buyer" and body.kind == "human" and body.content is None
    return plain and body.buyer_class in (None, "consumer") and not body.queued
