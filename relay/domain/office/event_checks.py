"""What may be wrong with an event by itself, and with two events of one shop or one agent at the same time.

What an event makes of its shops and seats is judged by the checks of shops and seats themselves, on the values that
would hold while it is on (`relay.domain.office.checks`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Final

import msgspec

from relay.domain.events import CAP, extra_hours, is_of, shop_during, span
from relay.domain.names import PersonId, ReplyId, SeatId, ShopId
from relay.domain.office.event_words import cap_word, extra_word, is_wall_time
from relay.domain.office.grouping import Fault, known_groups
from relay.domain.office.words import CLOCK_TIME, is_date
from relay.domain.settings import CapChange, Event, ExtraHours, QuickReply, Seat, Shop

LONGEST: Final = timedelta(days=31)
MOST_PERCENT: Final = 1_000


class Around(msgspec.Struct, frozen=True):
    """What an event may name."""

    shops: Mapping[ShopId, Shop]
    seats: Mapping[SeatId, Seat]
    replies: Mapping[ReplyId, QuickReply]

    def seats_of(self, event: Event) -> list[Seat]:
        return [seat for seat in self.seats.values() if seat.shop in event.shops]


def is_timed(event: Event) -> bool:
    """Whether both its times can be read, so that it can be laid over anything at all."""
    return is_wall_time(event.starts) and is_wall_time(event.ends)


def event_faults(event: Event, around: Around) -> Iterator[Fault]:
    """Of its shops, its times, and whom its caps, hours and quick replies name."""
    if not event.shops:
        yield Fault("shops", "names no shop", "没有写店铺")
    if len(set(event.shops)) != len(event.shops):
        yield Fault("shops", "a shop is named twice", "店铺重复")
    for shop in sorted(set(event.shops) - set(around.shops)):
        yield Fault("shops", f'there is no shop "{shop}"', f'没有店铺 "{shop}"')
    yield from _times(event)
    yield from _caps(event, around)
    yield from _shifts(event, around)
    yield from _replies(event, around)


def overlaps(events: Iterable[Event], around: Around) -> Iterator[tuple[Event, Fault]]:
    """Of a shop one event at most is on, and of an agent's cap one event at most speaks: the later in the file is at
    fault."""
    before: list[Event] = []
    for event in events:
        if not is_timed(event):
            continue
        for other in before:
            fault = _overlap(event, other, around)
            if fault is not None:
                yield event, fault
        before.append(event)


def _times(event: Event) -> Iterator[Fault]:
    for key, value in (("starts", event.starts), ("ends", event.ends)):
        if not is_wall_time(value):
            yield Fault(
                key,
                f'must read "2026-11-11 00:00" (the shop\'s own clock), not "{value}"',
                f'应写成 "2026-11-11 00:00"（店铺所在时区的时间），而不是 "{value}"',
            )
    if not is_timed(event):
        return
    lasts = datetime.fromisoformat(event.ends) - datetime.fromisoformat(event.starts)
    if lasts <= timedelta():
        yield Fault("ends", "must be later than starts", "须晚于开始时间（starts）")
    elif lasts > LONGEST:
        yield Fault(
            "ends",
            f"an event lasts {LONGEST.days} days at most; what holds longer belongs into the shop itself",
            f"活动最长 {LONGEST.days} 天；更长期的安排请直接改店铺设置",
        )


def _caps(event: Event, around: Around) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for change in event.caps:
        word = cap_word(change)
        if not _is_amount(change):
            yield Fault(
                "caps",
                f'"{word}": say one of {CAP[0]} to {CAP[1]}, +1 to +{CAP[1]} (or -), 1% to {MOST_PERCENT}%',
                f'"{word}"：请写 {CAP[0]} 到 {CAP[1]}、+1 到 +{CAP[1]}（或负数）、1% 到 {MOST_PERCENT}% 之一',
            )
        if (change.of, change.name) in seen:
            yield Fault("caps", f'"{word}": the same is named twice', f'"{word}"：对象重复')
        seen.add((change.of, change.name))
        yield from _named("caps", word, change, event, around)


def _is_amount(change: CapChange) -> bool:
    given = [one for one in (change.to, change.add, change.percent) if one is not None]
    if len(given) != 1:
        return False
    if change.to is not None:
        return CAP[0] <= change.to <= CAP[1]
    if change.percent is not None:
        return 0 < change.percent <= MOST_PERCENT
    return change.add is not None and 0 < abs(change.add) <= CAP[1]


def _shifts(event: Event, around: Around) -> Iterator[Fault]:
    for extra in event.shifts:
        word = extra_word(extra)
        named = list(_named("shifts", word, extra, event, around))
        yield from named
        readable = (
            all(CLOCK_TIME.fullmatch(clock) for one in extra.hours for clock in (one.start, one.end))
            and extra.hours
            and (extra.date is None) == bool(extra.days)
            and (extra.date is None or is_date(extra.date))
        )
        if not readable:
            yield Fault(
                "shifts", f'"{word}": needs a date or weekdays, and hours', f'"{word}"：需要日期或星期，以及时间'
            )
        elif not named and is_timed(event):
            alone = msgspec.structs.replace(event, shifts=(extra,))
            about = [seat for seat in around.seats_of(event) if is_of(extra, seat)]
            if about and not any(extra_hours(seat, alone) for seat in about):
                yield Fault("shifts", f'"{word}": lies outside the event', f'"{word}"：不在活动时间内')


def _named(key: str, word: str, one: CapChange | ExtraHours, event: Event, around: Around) -> Iterator[Fault]:
    """What is named must be of the event's own shops."""
    seats = around.seats_of(event)
    match one.of:
        case "group" if one.name not in _groups(event, around):
            yield Fault(key, f'"{word}": there is no group "{one.name}"', f'"{word}"：没有分组 "{one.name}"')
        case "seat" if all(seat.id != one.name for seat in seats):
            yield Fault(
                key,
                f'"{word}": these shops have no seat "{one.name}"',
                f'"{word}"：这些店铺没有子账号 "{one.name}"',
            )
        case "agent" if one.name != "*" and all(seat.agent != one.name for seat in seats):
            yield Fault(
                key,
                f'"{word}": "{one.name}" has no seat in these shops',
                f'"{word}"："{one.name}" 在这些店铺没有子账号',
            )
        case _:
            pass


def _groups(event: Event, around: Around) -> set[str]:
    shops = [around.shops[shop] for shop in event.shops if shop in around.shops]
    return {group for shop in shops for group in known_groups(shop_during(shop, event))}


def _replies(event: Event, around: Around) -> Iterator[Fault]:
    named = event.replies or ()
    if len(set(named)) != len(named):
        yield Fault("replies", "a reply is named twice", "短语重复")
    for name in dict.fromkeys(named):
        reply = around.replies.get(name)
        if reply is None:
            yield Fault("replies", f'there is no reply "{name}"', f'没有短语 "{name}"')
        elif reply.purpose != "hold":
            yield Fault(
                "replies",
                f'"{name}" is no hold; the machine sends nothing else',
                f'"{name}" 不是稍等话术（hold），机器只会发送稍等话术',
            )
        elif reply.shops and not set(reply.shops) & set(event.shops):
            yield Fault("replies", f'"{name}" is not for these shops', f'"{name}" 不用于这些店铺')


def _overlap(event: Event, other: Event, around: Around) -> Fault | None:
    for mine, theirs in product(event.shops, other.shops):
        if mine not in around.shops or theirs not in around.shops:
            continue
        one, two = span(event, around.shops[mine].zone), span(other, around.shops[theirs].zone)
        if one[0] >= two[1] or two[0] >= one[1]:
            continue
        if mine == theirs:
            return Fault(
                "starts",
                f'overlaps the event "{other.id}" ({other.starts} to {other.ends}) in shop "{mine}"; '
                "a shop has one event at a time",
                f'与活动 "{other.id}"（{other.starts} 至 {other.ends}）在店铺 "{mine}" 重叠；'
                "一个店铺同一时间只能有一个活动",
            )
        both = sorted(_agents(event, mine, around) & _agents(other, theirs, around))
        if both:
            return Fault(
                "caps",
                f'the event "{other.id}" changes the cap of agent "{both[0]}" at the same time',
                f'活动 "{other.id}" 同时也改了客服 "{both[0]}" 的合计上限',
            )
    return None


def _agents(event: Event, shop: ShopId, around: Around) -> set[PersonId]:
    """Those of this shop whose cap over all seats the event changes."""
    named = {change.name for change in event.caps if change.of == "agent"}
    return {seat.agent for seat in around.seats.values() if seat.shop == shop and named & {seat.agent, "*"}}
