"""The cause of one missed round: the first row of the table in `relay.insight.missed` that fits.

First what the buyer said, then what the ledger proves of an answer that was given, then what was done with the
conversation; and where nothing of that decides, where most of the wait went.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from relay.domain.names import SECOND, SeatId
from relay.insight.causes import Judged
from relay.insight.causes.threads import HELD_MS
from relay.insight.missed.records import CausedMiss, MissCause, Proof, Stretch, Tried
from relay.insight.missed.roster import Standing
from relay.insight.missed.sentences import explain
from relay.insight.missed.series import Series
from relay.insight.missed.talk import Question, Talk
from relay.rules.instants import end_of_day

SPENT: Final = tuple(MissCause)[tuple(MissCause).index(MissCause.channel_silent) :]
"""The causes that are where the wait went; of two that took as long the first counts."""


ARRIVES_MS: Final = 10 * SECOND
"""Longer than any channel needs for a text. What took less and still came late was given too late."""


class Scene(NamedTuple):
    """A miss and all that was around it. `due` is its deadline."""

    miss: Judged
    due: int
    limit_ms: int | None
    talk: Talk
    standing: Series[Standing]
    groups: Mapping[str, Series[Standing]]
    online: Mapping[SeatId, Series[bool]]
    channel: Series[bool]


def decide(scene: Scene, name: str | None) -> CausedMiss:
    """The miss with its cause, in numbers and in words."""
    miss = scene.miss
    cause, seat, proof = _decided(scene)
    zh, en = explain(cause, miss, seat, proof, scene.limit_ms)
    return CausedMiss(miss, name, cause, seat, proof, zh, en)


class _Decided(NamedTuple):
    cause: MissCause
    seat: SeatId | None
    proof: Proof


def _decided(scene: Scene) -> _Decided:
    miss, due, talk = scene.miss, scene.due, scene.talk
    question = talk.question(miss.opened)
    spent = _spent(scene, question)
    holder = talk.place.at(due - 1).seat
    said = [one for one in talk.words if miss.opened <= one.sent_at < due]
    standing = scene.standing.at(question.at if question is not None else miss.opened)
    left = _left(scene)
    tried = _tried(scene)
    signs = _signs(talk, left)
    proof = Proof(
        wait_ms=due - miss.opened,
        spent=spent,
        late_ms=miss.answered - due if miss.answered is not None and miss.answered >= due else None,
        on_shift=standing.on_shift,
        online=standing.online,
        free=standing.free,
        robot_texts=sum(one.by == "robot" for one in said),
        moves=sum(seq > question.seq and miss.opened <= at < due for seq, at in talk.moved)
        if question is not None
        else 0,
        tried=tried,
        signs=signs,
        answered_in_time=_answered(scene),
        known=question is not None,
    )
    if "advertisement" in signs:
        return _Decided(MissCause.advertisement, holder, proof)
    if signs:
        return _Decided(MissCause.ended_with_thanks, holder, proof)
    if tried is not None:
        return _Decided(MissCause.send_failed, tried.seat, proof)
    if proof.robot_texts and _nobody_followed(scene):
        return _Decided(MissCause.robot_only, holder, proof)
    if proof.moves:
        return _Decided(MissCause.transferred_unanswered, holder, proof)
    if question is None or proof.answered_in_time:
        return _Decided(MissCause.other, None, proof)
    return _Decided(*_longest(spent), proof)


def _left(scene: Scene) -> list[Question]:
    """The questions of the wait that no person had answered by its end."""
    miss, due, talk = scene.miss, scene.due, scene.talk
    answered = [one.sent_at for one in talk.words if one.by == "person" and one.sent_at < due]
    answered += [one.sent_at for one in talk.tried.values() if one.sent_at is not None and one.sent_at < due]
    since = max([at + 1 for at in answered if at >= miss.opened], default=miss.opened)
    return [one for one in talk.asked if since <= one.sent_at < due]


def _signs(talk: Talk, left: list[Question]) -> tuple[str, ...]:
    """What in the buyer's words decides. "好的" and a picture end nothing that no person has begun."""
    if any(one.advertises for one in left):
        return ("advertisement",)
    if not left or not all(one.thanks or one.acknowledges for one in left):
        return ()
    if all(one.thanks for one in left):
        return ("thanks",)
    first = min(one.sent_at for one in left)
    spoke = [one.sent_at for one in talk.words if one.by == "person"]
    spoke += [one.sent_at for one in talk.tried.values() if one.sent_at is not None]
    return ("acknowledgement",) if any(first - HELD_MS <= at < first for at in spoke) else ()


def _tried(scene: Scene) -> Tried | None:
    """The first answer that a person gave in time and that did not arrive in time; none where another did."""
    miss, due = scene.miss, scene.due
    if _answered(scene):
        return None
    given = [
        one
        for one in scene.talk.tried.values()
        if miss.opened <= one.at < due and not (one.sent_at is not None and one.sent_at - one.at <= ARRIVES_MS)
    ]
    return min(given, key=lambda one: (one.at, one.send), default=None)


def _answered(scene: Scene) -> bool:
    """Whether a person's word arrived within the wait: then the rule did not count it."""
    miss, due, talk = scene.miss, scene.due, scene.talk
    arrived = [one.sent_at for one in talk.words if one.by == "person"]
    arrived += [one.sent_at for one in talk.tried.values() if one.sent_at is not None]
    return any(miss.opened <= at < due for at in arrived)


def _nobody_followed(scene: Scene) -> bool:
    """Whether no person wrote to this buyer until 24:00, and nothing leaves that open."""
    since, until = scene.miss.opened, end_of_day(scene.miss.opened)
    words = any(one.by != "robot" and since <= one.sent_at < until for one in scene.talk.words)
    return not words and not any(since <= one.at < until for one in scene.talk.tried.values())


def _longest(spent: tuple[Stretch, ...]) -> tuple[MissCause, SeatId | None]:
    """Where most of the wait went, and with which seat."""
    sums = dict.fromkeys(SPENT, 0)
    for one in spent:
        sums[one.cause] += one.ms
    cause = max(SPENT, key=lambda one: sums[one])
    return cause, next((one.seat for one in spent if one.cause is cause), None)


def _spent(scene: Scene, question: Question | None) -> tuple[Stretch, ...]:
    """The wait cut where anything changed, and each part with what stood in the way; the longest first."""
    opened, due = scene.miss.opened, scene.due
    if question is None:
        return (Stretch(MissCause.other, None, due - opened),)
    borders = {opened, due, *scene.channel.changes(opened, due), *scene.talk.place.changes(opened, due)}
    borders.add(question.at)
    for series in (scene.standing, *scene.groups.values()):
        borders.update(series.changes(opened, due))
    seats = {scene.talk.place.at(at) for at in borders}
    for name in {one for place in seats for one in (place.seat, place.waits_for) if one is not None}:
        if name in scene.online:
            borders.update(scene.online[name].changes(opened, due))
    found: dict[tuple[MissCause, SeatId | None], int] = {}
    cuts = sorted(at for at in borders if opened <= at <= due)
    for since, until in pairwise(cuts):
        what = _stands(scene, since) if since >= question.at else (MissCause.channel_silent, None)
        found[what] = found.get(what, 0) + until - since
    order = sorted(found.items(), key=lambda one: (-one[1], SPENT.index(one[0][0]), one[0][1] or ""))
    return tuple(Stretch(cause, seat, ms) for (cause, seat), ms in order)


def _stands(scene: Scene, at: int) -> tuple[MissCause, SeatId | None]:
    """What stood between the buyer and an answer at this instant."""
    if not scene.channel.at(at):
        return MissCause.channel_silent, None
    place, shop = scene.talk.place.at(at), scene.standing.at(at)
    seat = place.seat or place.waits_for
    if seat is not None and not (seat in scene.online and scene.online[seat].at(at)):
        return MissCause.seat_absent, seat
    if place.seat is not None:
        return MissCause.seat_slow, place.seat
    if place.waits_for is not None:
        return MissCause.all_full, None
    if not shop.on_shift:
        return MissCause.nobody_on_shift, None
    if not shop.online:
        return MissCause.nobody_online, None
    own = scene.groups[place.group].at(at) if place.group in scene.groups else shop
    if not own.online or (not own.free and shop.free):
        return MissCause.group_empty, None
    if not own.free:
        return MissCause.all_full, None
    return MissCause.other, None
