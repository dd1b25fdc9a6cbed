"""What was promised and what became of it, read off the facts alone: answers owed since a hold, and follow-ups.

Laws:
* Each debt and each follow-up is counted once, on the day (in the zone of the rules) and for the seat where it began.
  A debt that was settled or closed and is owed again, because a person took that back, is the same one.
* A hold that provably never reached the buyer owes nothing and is counted apart.
* "Held and never answered" is what was settled with a reason, closed over, or is still open: the goal is 0. An answer
  that itself only promises something for later is an answer, and told apart (`promised`).
* A follow-up is in time if it was kept at or before its time as it then stood.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from relay.domain import facts as f
from relay.domain.marks import follow_up_id, send_id
from relay.domain.names import BuyerRef, DeskId, FollowUpId, Millis, SendId, ShopId
from relay.insight.lately import Lately

ZONE: Final = ZoneInfo("Asia/Shanghai")
NO_SEAT: Final = ""
Place = tuple[str, ShopId, str]
"""A date, a shop, and a seat ("" for none)."""


class Debts(msgspec.Struct):
    """Answers owed. `opened` is the sum of the others but `promised`, which are among the answered."""

    opened: int = 0
    answered: int = 0
    promised: int = 0
    settled: int = 0
    closed: int = 0
    not_sent: int = 0
    open: int = 0

    @property
    def never_answered(self) -> int:
        """Held and never answered: the goal is 0."""
        return self.settled + self.closed + self.open


class FollowUps(msgspec.Struct):
    """Follow-ups. `made` is `in_time`, `late`, `dropped` and `open` together; `overdue` are among the open."""

    made: int = 0
    in_time: int = 0
    late: int = 0
    dropped: int = 0
    open: int = 0
    overdue: int = 0


class Row(msgspec.Struct, frozen=True):
    date: str
    shop: ShopId
    seat: str
    debts: Debts
    follow_ups: FollowUps


class OpenDebt(msgspec.Struct, frozen=True):
    shop: ShopId
    buyer: BuyerRef
    since: Millis
    seat: str


class OpenFollowUp(msgspec.Struct, frozen=True):
    follow_up: FollowUpId
    shop: ShopId
    buyer: BuyerRef
    owner: str
    category: str
    due_at: Millis


class Owed:
    """Takes the facts of one desk in seq order."""

    def __init__(self, desk: DeskId) -> None:
        self.desk = desk
        self._rows: dict[Place, tuple[Debts, FollowUps]] = {}
        self._debts: dict[tuple[ShopId, BuyerRef], tuple[OpenDebt, Debts]] = {}
        self._given_up = Lately[tuple[OpenDebt, Debts, str]]()
        self._follow_ups: dict[FollowUpId, tuple[OpenFollowUp, FollowUps]] = {}
        self._promising: dict[SendId, None] = {}
        """The sends on their way whose text promises something."""
        self._answered_with: dict[int, bool] = {}
        """Whether the text that a fact shows promises something: of the newest fact that may answer."""

    def take(self, seq: int, fact: f.DeskFact) -> None:
        match fact:
            case f.DebtOpened() if fact.since is not None and self._again(fact):
                pass
            case f.DebtOpened():
                debts, _ = self._row(fact.at, fact.shop, fact.seat)
                debts.opened += 1
                one = OpenDebt(fact.shop, fact.buyer, fact.at, fact.seat or NO_SEAT)
                self._debts[fact.shop, fact.buyer] = (one, debts)
            case f.DebtClosed():
                self._close(fact)
            case f.ReplyIntended(promise=promise) if promise is not None:
                self._promising[send_id(seq)] = None
            case f.SendEnded(outcome="confirmed"):
                self._answered_with = {fact.cause or seq: self._promising.pop(fact.send, 0) is None}
            case f.ShopWrote(echo_of=None, unsure=False):
                self._answered_with = {seq: fact.promise is not None}
            case f.FollowUpMade():
                name = follow_up_id(seq)
                _, follow_ups = self._row(fact.at, fact.shop, fact.seat)
                follow_ups.made += 1
                told = OpenFollowUp(name, fact.shop, fact.buyer, fact.owner, fact.category, fact.due_at)
                self._follow_ups[name] = (told, follow_ups)
            case f.FollowUpChanged():
                told, counts = self._follow_ups[fact.follow_up]
                now = msgspec.structs.replace(told, owner=fact.owner or "", category=fact.category, due_at=fact.due_at)
                self._follow_ups[fact.follow_up] = (now, counts)
            case f.FollowUpDone():
                told, counts = self._follow_ups.pop(fact.follow_up)
                counts.in_time += fact.at <= told.due_at
                counts.late += fact.at > told.due_at
            case f.FollowUpDropped():
                self._follow_ups.pop(fact.follow_up)[1].dropped += 1
            case _:
                pass

    def _close(self, fact: f.DebtClosed) -> None:
        key = (fact.shop, fact.buyer)
        one, debts = self._debts.pop(key)
        if fact.why in ("settled", "closed"):
            self._given_up.put(key, fact.at, (one, debts, fact.why))
        match fact.why:
            case "answered":
                debts.answered += 1
                debts.promised += self._answered_with.get(fact.cause, False)
            case "settled":
                debts.settled += 1
            case "closed":
                debts.closed += 1
            case "hold_not_sent":
                debts.not_sent += 1

    def _again(self, fact: f.DebtOpened) -> bool:
        key = (fact.shop, fact.buyer)
        found = self._given_up.pop(key)
        if found is None:
            return False
        one, debts, why = found
        debts.settled -= why == "settled"
        debts.closed -= why == "closed"
        self._debts[key] = (one, debts)
        return True

    def _row(self, at: Millis, shop: ShopId, seat: str | None) -> tuple[Debts, FollowUps]:
        date = datetime.fromtimestamp(at / 1000, ZONE).date().isoformat()
        return self._rows.setdefault((date, shop, seat or NO_SEAT), (Debts(), FollowUps()))

    def rows(self, now: Millis) -> list[Row]:
        """Per day, shop and seat, as of this instant."""
        for debts, follow_ups in self._rows.values():
            debts.open = follow_ups.open = follow_ups.overdue = 0
        for _, debts in self._debts.values():
            debts.open += 1
        for told, follow_ups in self._follow_ups.values():
            follow_ups.open += 1
            follow_ups.overdue += told.due_at < now
        return [Row(*place, *self._rows[place]) for place in sorted(self._rows)]

    def open_debts(self) -> list[OpenDebt]:
        """The oldest first."""
        return sorted((one for one, _ in self._debts.values()), key=lambda one: (one.since, one.shop, one.buyer))

    def open_follow_ups(self) -> list[OpenFollowUp]:
        """By due."""
        return sorted((one for one, _ in self._follow_ups.values()), key=lambda one: (one.due_at, one.follow_up))


def plain(all_: Iterable[Owed], now: Millis, shops: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a report says of all desks, as plain values: the whole, and by day and seat. Ages are in seconds."""
    every = list(all_)
    rows = [row for one in every for row in one.rows(now) if not shops or row.shop in shops]
    debts = [one for owed in every for one in owed.open_debts() if not shops or one.shop in shops]
    total, follow_ups = Debts(), FollowUps()
    for row in rows:
        for name in Debts.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(row.debts, name))
        for name in FollowUps.__struct_fields__:
            setattr(follow_ups, name, getattr(follow_ups, name) + getattr(row.follow_ups, name))
    oldest = min((one.since for one in debts), default=None)
    return {
        "debts": _counts(total) | {"oldest_open_s": (now - oldest) // 1000 if oldest is not None else None},
        "follow_ups": msgspec.structs.asdict(follow_ups),
        "days": [
            {"date": row.date, "shop": row.shop, "seat": row.seat or None, "debts": _counts(row.debts),
             "follow_ups": msgspec.structs.asdict(row.follow_ups)}
            for row in sorted(rows, key=lambda row: (row.date, row.shop, row.seat))
        ],
    }  # fmt: skip


def _counts(debts: Debts) -> dict[str, Any]:
    return msgspec.structs.asdict(debts) | {"never_answered": debts.never_answered}
