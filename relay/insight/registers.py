"""Registers of follow-ups (登记表): which categories, when one is due, and the lines of one as of that instant.

Laws:
* A register is due at its time each day, or on the first of each month; of several that were missed only the newest is
  made, for it has everything that is still open.
* Its lines are the follow-ups that are open as of its instant, whenever they were made, and those that were kept or
  dropped since the register before it: nothing that ends between two registers is missing from both.
* It follows from the facts recorded up to its instant and from nothing else.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from relay.domain import facts as f
from relay.domain.marks import follow_up_id
from relay.domain.names import MINUTE, FollowUpId, Millis
from relay.domain.settings import Category
from relay.rules.instants import CHINA, DAY

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
NAMES: Final[dict[Category, str]] = {
    "refund": "退款 refund",
    "exchange": "换货 exchange",
    "invoice": "发票 invoice",
    "lost_parcel": "丢件 lost parcel",
    "compensation": "补偿 compensation",
    "call_back": "回电 call back",
    "other": "其他 other",
}
Stands = Literal["open", "overdue", "kept", "kept_late", "dropped"]
STANDS: Final[dict[Stands, str]] = {
    "open": "待办 open",
    "overdue": "已超时 overdue",
    "kept": "按时完成 kept in time",
    "kept_late": "超时完成 kept late",
    "dropped": "放弃 dropped",
}


class Register(NamedTuple):
    """`minute` of the day in China; `monthly`: on the first of the month only."""

    name: str
    categories: frozenset[str]
    minute: int
    monthly: bool

    def due(self, now: Millis) -> tuple[date, Millis, Millis]:
        """The newest that is due by now: its date, its instant, and that of the one before."""
        day = datetime.fromtimestamp((now + CHINA - self.minute * MINUTE) // 1000, UTC).date()
        if not self.monthly:
            return day, self.at(day), Millis(self.at(day) - DAY)
        first = day.replace(day=1)
        return first, self.at(first), self.at((first - timedelta(days=1)).replace(day=1))

    def at(self, day: date) -> Millis:
        """The instant of this register's time on a day in China."""
        return Millis((day - date(1970, 1, 1)).days * DAY - CHINA + self.minute * MINUTE)


def register(text: str, monthly_at: str) -> Register:
    """`refund+compensation@16:00`, `invoice@monthly`. Raises ValueError for a category that there is none of."""
    name, _, when = text.partition("@")
    categories = name.split("+")
    for one in categories:
        if one not in CATEGORIES:
            raise ValueError(f"{text}: 没有类别 / there is no category {one!r}; {', '.join(CATEGORIES)}")
    hour, minute = map(int, (monthly_at if when == "monthly" else when).split(":"))
    return Register(name, frozenset(categories), hour * 60 + minute, when == "monthly")


class FollowUpLine(msgspec.Struct, kw_only=True):
    """One follow-up. Whose it is, by when and about what is as it stood last; `ended_at` None: it is open."""

    id: FollowUpId
    shop: str
    buyer: str
    category: Category
    owner: str
    seat: str
    made_at: Millis
    due_at: Millis
    ended_at: Millis | None = None
    dropped: bool = False
    reason: str = ""

    def stands(self, at: Millis) -> Stands:
        if self.ended_at is None:
            return "overdue" if self.due_at < at else "open"
        if self.dropped:
            return "dropped"
        return "kept" if self.ended_at <= self.due_at else "kept_late"


class FollowUpBook:
    """Takes the facts of a desk in order."""

    def __init__(self) -> None:
        self._lines: dict[FollowUpId, FollowUpLine] = {}

    def take(self, seq: int, fact: f.DeskFact) -> None:
        match fact:
            case f.FollowUpMade():
                id = follow_up_id(seq)
                self._lines[id] = FollowUpLine(
                    id=id, shop=fact.shop, buyer=fact.buyer, category=fact.category, owner=fact.owner, seat=fact.seat,
                    made_at=fact.at, due_at=fact.due_at,
                )  # fmt: skip
            case f.FollowUpChanged() if fact.follow_up in self._lines:
                line = self._lines[fact.follow_up]
                line.owner, line.seat = fact.owner or "", fact.seat or ""
                line.due_at, line.category = fact.due_at, fact.category
            case f.FollowUpDone() if fact.follow_up in self._lines:
                line = self._lines[fact.follow_up]
                line.ended_at, line.reason = fact.at, fact.reason
            case f.FollowUpDropped() if fact.follow_up in self._lines:
                line = self._lines[fact.follow_up]
                line.ended_at, line.dropped, line.reason = fact.at, True, fact.reason
            case _:
                pass

    def lines(self, categories: frozenset[str], since: Millis) -> Iterator[FollowUpLine]:
        """Those that are open, and those that ended after `since`."""
        for line in self._lines.values():
            if line.category in categories and (line.ended_at is None or line.ended_at > since):
                yield line
