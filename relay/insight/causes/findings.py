"""What an owner should look at first: every finding, ordered by the rounds it cost.

Findings may share rounds, so they are not to be added up. The thresholds and their reasons stand here and in `finding`
and `hours`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from relay.domain.names import SECOND
from relay.insight.causes.finding import FEWEST, FORGIVEN, Finding, FindingKind, Ground, finding
from relay.insight.causes.hours import overloaded_hours, silent_hours
from relay.insight.causes.records import Cause, Missed, Seat
from relay.rules.report import Verdict

FEWEST_OF_A_SEAT = 5
"""Misses of a seat before it is named: to name a person takes more than a bad hour."""
FAR_ABOVE = 2
"""A seat's share of misses in its rounds against that of all other seats together."""
SIGMAS = 3
"""And so many roots of the misses expected at the others' rate above these: chance alone goes there once in 700."""
NEAR_MS = 30 * SECOND
"""Missed by less than one answer's typing; faster typing, a quick reply or an earlier alarm would have met it."""


def findings(ground: Ground) -> list[Finding]:
    """Every finding, the costliest first; then by kind, shop, and the first round."""
    found = [
        *silent_hours(ground), *_seats_above_share(ground), *overloaded_hours(ground),
        *_just_late(ground), *_not_followed(ground), *_thanks(ground),
    ]  # fmt: skip
    kinds = list(FindingKind)
    return sorted(found, key=lambda one: (-one.lost, kinds.index(one.kind), one.shop, one.rounds[0].opened))


def _seats_above_share(ground: Ground) -> Iterator[Finding]:
    """In each shop the seat with most misses, if it misses far more often than the other seats together."""
    handled: dict[str, dict[Seat, int]] = defaultdict(lambda: defaultdict(int))
    missed: dict[Seat, list[Missed]] = defaultdict(list)
    for one, seat in ground.answers:
        if seat is not None and one.verdict is Verdict.hit:
            handled[one.shop][seat] += 1
    for miss in ground.misses:
        if miss.seat is not None and miss.cause not in FORGIVEN:
            handled[miss.seat.shop][miss.seat] += 1
            missed[miss.seat].append(miss)
    for seats in handled.values():
        worst = min(seats, key=lambda seat: (-len(missed[seat]), seat))
        misses, own = missed[worst], seats[worst]
        others = sum(seats.values()) - own
        of_others = sum(len(missed[seat]) for seat in seats) - len(misses)
        if _far_above(len(misses), own, of_others, others):
            expected = own * of_others // others
            yield finding(
                FindingKind.seat_above_share,
                misses,
                {"misses": len(misses), "rounds": own, "expected": expected, "misses_of_others": of_others,
                 "rounds_of_others": others},
                f"{worst.name} 的 {own} 个轮次中有 {len(misses)} 个未达标，按其他客服的水平约为 {expected} 个",
                f"{worst.name} missed {len(misses)} of {own} rounds; at the other seats' rate it would be {expected}",
                worst.name,
            )  # fmt: skip


def _far_above(misses: int, own: int, of_others: int, others: int) -> bool:
    if misses < FEWEST_OF_A_SEAT or not others:
        return False
    excess = misses * others - own * of_others  # times `others`, to stay with integers
    return (
        misses * others >= FAR_ABOVE * own * of_others
        and excess > 0
        and excess * excess >= SIGMAS * SIGMAS * own * of_others * others
    )


def _by_shop(misses: Iterable[Missed]) -> Iterator[list[Missed]]:
    shops: dict[str, list[Missed]] = defaultdict(list)
    for miss in misses:
        shops[miss.round.shop].append(miss)
    return (found for found in shops.values() if len(found) >= FEWEST)


def _just_late(ground: Ground) -> Iterator[Finding]:
    limit = ground.terms.limit
    if limit is None:
        return
    close = [
        miss
        for miss in ground.misses
        if miss.round.answered is not None and 0 <= miss.round.answered - miss.round.opened - limit < NEAR_MS
    ]
    for misses in _by_shop(close):
        yield finding(
            FindingKind.just_late,
            misses,
            {"rounds": len(misses), "limit_s": limit // SECOND, "within_s": NEAR_MS // SECOND},
            f"{len(misses)} 个轮次只超时不到 {NEAR_MS // SECOND} 秒",
            f"{len(misses)} rounds missed by less than {NEAR_MS // SECOND} s",
        )


def _not_followed(ground: Ground) -> Iterator[Finding]:
    alone = [
        miss
        for miss in ground.misses
        if miss.evidence.robot_texts + miss.evidence.canned_texts
        and miss.evidence.late_ms is None
        and not miss.evidence.person_that_day
        and miss.cause not in FORGIVEN
    ]
    for misses in _by_shop(alone):
        robots = sum(bool(miss.evidence.robot_texts) for miss in misses)
        yield finding(
            FindingKind.not_followed,
            misses,
            {"rounds": len(misses), "with_robot": robots, "canned_only": len(misses) - robots},
            f"{len(misses)} 个轮次有机器人（{robots}）或欢迎语（{len(misses) - robots}）答复，但当日无人工跟进",
            f"{len(misses)} rounds got a robot's text ({robots}) or a welcome line ({len(misses) - robots}) "
            "and no person followed that day",
        )


def _thanks(ground: Ground) -> Iterator[Finding]:
    for misses in _by_shop([miss for miss in ground.misses if miss.cause is Cause.ended_with_thanks]):
        yield finding(
            FindingKind.thanks_unanswered,
            misses,
            {"rounds": len(misses)},
            f"{len(misses)} 个轮次以买家道谢结束；及时回一个表情就不算未达标",
            f"{len(misses)} rounds ended with the buyer's thanks; an emoji in time would have met them",
        )
