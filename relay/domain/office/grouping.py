"""What may be wrong with a shop's table of groups and with the groups that a seat names."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from relay.domain.groups import EVERYBODY, PRESALE
from relay.domain.settings import Seat, Shop

LONGEST_S: Final = 3600
MOST_ROWS: Final = 100
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)


class Fault(NamedTuple):
    """The key it is about, in English and Chinese."""

    key: str
    en: str
    zh: str


def known_groups(shop: Shop) -> set[str]:
    """Every group that a row of the table can give, and presale, which needs no row."""
    return {PRESALE, *(row.group for row in shop.groups)}


def shop_faults(shop: Shop) -> Iterator[Fault]:
    """Of the table, of when it is relaxed, and of who has a head start."""
    if len(shop.groups) > MOST_ROWS:
        yield Fault("groups", f"at most {MOST_ROWS} rows", f"最多 {MOST_ROWS} 条")
    for row in shop.groups:
        if not _NAME.fullmatch(row.group):
            yield Fault("groups", f'"{row.group}" is no name: a-z 0-9 _ . -', f'"{row.group}" 不是有效的分组名')
        if not 0 <= row.head_start_s <= LONGEST_S:
            yield Fault("groups", f"head_start_s must be 0 to {LONGEST_S}", f"head_start_s 应为 0 到 {LONGEST_S}")
        if not (row.order_states or row.entries or row.keywords or row.follow_up) and row.group != PRESALE:
            yield Fault("groups", f'nothing leads to "{row.group}"', f"没有任何条件会分到 {row.group!r}")
    yield from _relaxations(shop)
    for start in shop.head_starts:
        if not start.tag or not 0 <= start.seconds <= LONGEST_S:
            yield Fault("head_starts", f"needs a tag and 0 to {LONGEST_S} seconds", f"须有 tag，秒数 0 到 {LONGEST_S}")


def _relaxations(shop: Shop) -> Iterator[Fault]:
    after = [step.after_s for step in shop.relaxations]
    if after != sorted(set(after)) or any(not 0 < one <= LONGEST_S for one in after):
        yield Fault(
            "relaxations",
            f"after_s must grow from step to step, within 1 to {LONGEST_S}",
            f"after_s 须逐级增大，在 1 到 {LONGEST_S} 之间",
        )
    strange = {one for step in shop.relaxations for one in step.to} - known_groups(shop) - {EVERYBODY}
    for name in sorted(strange):
        yield Fault("relaxations", f'there is no group "{name}"', f'没有分组 "{name}"')


def seat_faults(seat: Seat, shop: Shop) -> Iterator[Fault]:
    """A seat serves groups that its shop has, each named once."""
    for name in sorted(set(seat.groups) - known_groups(shop)):
        yield Fault("groups", f'the shop has no group "{name}"', f'店铺没有分组 "{name}"')
    if len(set(seat.groups)) != len(seat.groups):
        yield Fault("groups", "a group is named twice", "分组重复")
