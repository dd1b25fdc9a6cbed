"""Facts in, sums out: the KPIs of a desk, or of some of its shops, by day and by whatever subject.

Laws:
* It is a fold of the facts in seq order; of some shops it needs those shops' facts and settings alone, so one shop's
  export (`relay export --shop`) gives the figures of the whole ledger for that shop.
* A day's rows of talk follow from that day's messages (`relay.insight.kpi.talk`). Debts, follow-ups and drafts count
  where they began, and what is open is as of the last fact, never as of a clock.
* Every row is of one day, so that days add up (`Sums.add`); `forget` lets go of days that are kept elsewhere.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import msgspec

from relay.domain import facts as f
from relay.domain.guiding import Author, Kind, is_persons
from relay.domain.marks import day_of, send_id
from relay.domain.names import BuyerRef, Millis, SeatId, SendId, ShopId
from relay.domain.rounds import CONSUMERS_EXCLUDED, asks, silent_tag
from relay.domain.settings import Seat, Shop
from relay.insight.kpi.holding import Holding, Key
from relay.insight.kpi.owing import Owing
from relay.insight.kpi.presence import Presences
from relay.insight.kpi.roster import HOLDERS, By, Holder, Place, Roster
from relay.insight.kpi.sums import Sums
from relay.insight.kpi.talk import Arrival, BuyerDay, Departure, Line, Sort, tally
from relay.insight.kpi.when import date_of, hour_of, start_of


class Row(msgspec.Struct, frozen=True):
    """The sums of one subject on one day. An hour's name is "00" to "23"; a day's own is empty."""

    date: str
    by: By
    name: str
    sums: Sums = msgspec.field(default_factory=Sums)


class _Send(msgspec.Struct):
    """A text on its way: who sent it (nobody: a machine), and from which instant."""

    who: Holder | None
    hold: bool
    started: Millis | None = None


class Kpi:
    """Take every fact of a desk in order, then ask. `shops`: these only."""

    def __init__(self, shops: Collection[str] | None = None) -> None:
        self.as_of = Millis(0)
        """How far the ledger goes."""
        self.late = 0
        """Messages of days that were forgotten already; they count nowhere."""
        self.roster = Roster()
        self._shops = shops
        self._days: dict[tuple[ShopId, BuyerRef, int], BuyerDay] = {}
        self._cells: dict[Place, Sums] = {}
        self._holding = Holding(self._moved)
        self._presences = Presences()
        self._owing = Owing(self._places, self._add)
        self._sends: dict[SendId, _Send] = {}
        self._lines: dict[str, tuple[tuple[ShopId, BuyerRef, int], int]] = {}
        self._first_day = -1

    def take(self, seq: int, fact: f.DeskFact) -> None:
        """One more fact."""
        if self._shops is not None and not self._concerns(fact):
            return
        self.as_of = max(self.as_of, fact.at)
        self._holding.peaks.pass_to(self.as_of)
        row = _TABLE.get(type(fact))
        if row is not None:
            row(self, seq, fact)

    def rows(self, standing: bool = True) -> list[Row]:
        """Every subject of every day that was not forgotten, by day, dimension and name.

        Without `standing` the rows can be kept elsewhere and added to: what comes in later days is then in rows of
        their own, also where it belongs to an earlier one (a debt that is answered next week).
        """
        cells = {place: msgspec.structs.replace(sums) for place, sums in self._cells.items()}

        def add(place: Place, sums: Sums) -> None:
            cells.setdefault(place, Sums()).add(sums)

        for buyer_day in self._days.values():
            for by, name, pieces in tally(buyer_day):
                for piece in pieces:
                    places: tuple[Place, ...] = ((buyer_day.day, by, name),)
                    if by == "shop":
                        places = _where(buyer_day.day, piece.hour, buyer_day.shop)
                    for place in places:
                        cells.setdefault(place, Sums()).count(piece.counts)
        for day, hour, by, name, sums in self._presences.told(self.as_of):
            for place in _where(day, hour, name) if by == "shop" else ((day, by, name),):
                if day >= self._first_day:
                    add(place, sums)
        for (number, by, name), peak in self._holding.peaks.highest.items():
            add(((number // 24), by, name), Sums(peak=peak))
            if by == "day":
                add((number // 24, "hour", f"{number % 24:02}"), Sums(peak=peak))
        for places, sums in self._owing.open(self.as_of) if standing else ():
            for place in places:
                add(place, sums)
        return sorted(
            (Row(date_of(day), by, name, sums) for (day, by, name), sums in cells.items()),
            key=lambda row: (row.date, row.by, row.name),
        )

    def days(self) -> Iterable[BuyerDay]:
        """What was said, by buyer and day: for figures that more than the talk belongs to."""
        return self._days.values()

    def forget(self, before: int) -> None:
        """Let go of the days before this one (`relay.domain.marks.day_of`); what is open stays open.

        They are over once a fact of a later day was taken: who was online until midnight is known only then.
        """
        self._first_day = before
        self._days = {key: one for key, one in self._days.items() if key[2] >= before}
        self._cells = {place: sums for place, sums in self._cells.items() if place[0] >= before}
        self._lines = {name: line for name, line in self._lines.items() if line[0][2] >= before}
        self._presences.forget(start_of(before))
        highest = self._holding.peaks.highest
        self._holding.peaks.highest = {spot: peak for spot, peak in highest.items() if spot[0] // 24 >= before}

    # --- where

    def _concerns(self, fact: f.DeskFact) -> bool:
        assert self._shops is not None
        if isinstance(fact, f.OfficeTaken):
            match fact.subject:
                case Seat() as seat:
                    return seat.shop in self._shops
                case Shop() as shop:
                    return shop.id in self._shops
                case _:
                    removed = SeatId(fact.removed_id or "") if fact.removed_sort == "seat" else None
                    return removed is not None and self.roster.shop_of(removed) is not None
        return getattr(fact, "shop", None) in self._shops

    def _places(self, at: Millis, key: Key, seat: SeatId | None) -> tuple[Place, ...]:
        """Every place in which something of this buyer and seat counts."""
        thread = self._holding.threads.get(key)
        return self._spots(at, key[0], self.roster.holder(seat), thread.group if thread is not None else "presale")

    def _spots(self, at: Millis, shop: ShopId, who: Holder | None, group: str) -> tuple[Place, ...]:
        day = day_of(at)
        mine: list[Place] = [(day, "group", group), *_where(day, hour_of(at), shop)]
        if who is not None:
            mine += [(day, by, who[number]) for number, by in enumerate(HOLDERS) if who[number]]
        return tuple(mine)

    def _add(self, places: Iterable[Place], sums: Sums) -> None:
        for place in places:
            self._cells.setdefault(place, Sums()).add(sums)

    def _buyer_day(self, key: Key, day: int) -> BuyerDay | None:
        if day < self._first_day:
            return None
        found = self._days.get((*key, day))
        if found is None:
            limits = self.roster.limits(key[0])
            found = self._days[(*key, day)] = BuyerDay(key[0], key[1], day, limits)
        return found

    def _moved(self, key: Key, move: Departure | Arrival) -> None:
        day = self._buyer_day(key, day_of(move.at))
        if day is not None:
            day.moves.append(move)

    # --- messages

    def _write(self, key: Key, line: Line, message: str) -> None:
        day = self._buyer_day(key, day_of(line.at))
        if day is None:
            self.late += 1
            return
        day.lines.append(line)
        self._lines[message] = ((*key, day.day), line.seq)

    def _buyer_wrote(self, seq: int, fact: f.BuyerWrote) -> None:
        if not asks(fact.kind, fact.content, None):
            return
        key = (fact.shop, fact.buyer)
        thread = self._holding.thread(key)
        sort: Sort = "own" if fact.buyer_class in CONSUMERS_EXCLUDED else "question"
        line = Line(fact.sent_at, seq, sort, thread.group, ad=silent_tag(fact.tag, fact.guard) == "ad")
        if sort == "question":
            self._holding.ask(key, line)
        elif thread.who is not None:
            line.lists, line.owner = (thread.who,), thread.who
        self._write(key, line, f"m{seq}")

    def _shop_wrote(self, seq: int, fact: f.ShopWrote) -> None:
        if fact.echo_of is not None and ((known := self._sends.get(fact.echo_of)) is None or known.started is not None):
            return  # relay's own text, which its own facts tell
        who = None
        if fact.account is not None:
            who = self.roster.of_account(fact.shop, fact.account)
        elif fact.seat is not None:
            who = self.roster.holder(fact.seat)
        self._said((fact.shop, fact.buyer), seq, fact.sent_at, fact.author, who, fact.tone == "hold", f"m{seq}")

    def _said(
        self, key: Key, seq: int, at: Millis, author: Author, who: Holder | None, hold: bool, message: str
    ) -> None:
        sort = _sort(author)
        if sort is None:
            return
        thread = self._holding.thread(key)
        line = Line(at, seq, sort, thread.group, who=who if sort == "person" else None, hold=hold)
        carried = sort == "person" and self._holding.answer(key, line)
        self._write(key, line, message)
        if carried and (day := self._buyer_day(key, day_of(at))) is not None:
            day.carried = True

    def _recalled(self, seq: int, fact: f.MessageRecalled) -> None:
        if (found := self._lines.pop(fact.message, None)) is None:
            return
        day = self._days[found[0]]
        day.lines = [line for line in day.lines if line.seq != found[1]]
        if (thread := self._holding.threads.get((fact.shop, fact.buyer))) is not None:
            thread.open.pop(found[1], None)

    # --- sends

    def _reply_intended(self, seq: int, fact: f.ReplyIntended) -> None:
        who = self.roster.sender(fact.shop, fact.by, fact.seat)
        self._sends[send_id(seq)] = _Send(who, fact.reads_as == "hold")
        if fact.draft is not None:
            self._count(fact, who, Sums(drafts_edited=fact.edited, drafts_approved=not fact.edited))

    def _hold_intended(self, seq: int, fact: f.HoldIntended) -> None:
        self._sends[send_id(seq)] = _Send(None, hold=True)

    def _notice_intended(self, seq: int, fact: f.NoticeIntended) -> None:
        self._sends[send_id(seq)] = _Send(None, hold=False)

    def _send_started(self, seq: int, fact: f.SendStarted) -> None:
        if (known := self._sends.get(fact.send)) is not None:
            known.started = fact.at

    def _send_ended(self, seq: int, fact: f.SendEnded) -> None:
        """Only what is proven to have reached the buyer is a message; it counts when the channel says it was sent."""
        if fact.outcome != "confirmed" or (send := self._sends.pop(fact.send, None)) is None:
            return
        assert fact.author is not None
        at = fact.sent_at if fact.sent_at is not None else send.started if send.started is not None else fact.at
        self._said((fact.shop, fact.buyer), seq, at, fact.author, send.who, send.hold, fact.send)

    # --- drafts

    def _draft_offered(self, seq: int, fact: f.DraftOffered) -> None:
        self._count(fact, self.roster.holder(fact.seat), Sums(drafts=1))

    def _draft_rejected(self, seq: int, fact: f.DraftRejected) -> None:
        who = self.roster.sender(fact.shop, fact.by, fact.seat)
        self._count(fact, who, Sums(drafts_rejected=1))

    def _count(self, fact: f.ReplyIntended | f.DraftOffered | f.DraftRejected, who: Holder | None, sums: Sums) -> None:
        thread = self._holding.threads.get((fact.shop, fact.buyer))
        self._add(self._spots(self.as_of, fact.shop, who, thread.group if thread is not None else "presale"), sums)

    # --- lists

    def _assigned(self, seq: int, fact: f.Assigned) -> None:
        if (who := self.roster.holder(fact.seat)) is not None:
            self._holding.assign((fact.shop, fact.buyer), who, self.as_of)

    def _queued(self, seq: int, fact: f.Queued) -> None:
        self._holding.unplace((fact.shop, fact.buyer), self.as_of)

    def _closed(self, seq: int, fact: f.ConversationClosed) -> None:
        self._holding.close((fact.shop, fact.buyer))

    def _grouped(self, seq: int, fact: f.Grouped) -> None:
        key = (fact.shop, fact.buyer)
        self._holding.regroup(key, fact.group)
        found = self._lines.get(f"m{fact.cause}")  # the message that said so is of the group already
        if found is not None:
            for line in self._days[found[0]].lines:
                if line.seq == found[1]:
                    line.group = fact.group

    # --- settings, presence, owing

    def _office(self, seq: int, fact: f.OfficeTaken) -> None:
        self.roster.take(fact, day_of(self.as_of))
        if isinstance(fact.subject, Seat):
            seat, who = fact.subject, self.roster.holder(fact.subject.id)
            assert who is not None
            self._holding.rename(seat.id, who, self.as_of)
            self._presences.rename(seat.shop, seat.id, who, self.as_of)
        elif fact.removed_sort == "seat":
            self._holding.remove(SeatId(fact.removed_id or ""), self.as_of)
            self._presences.end(SeatId(fact.removed_id or ""), self.as_of)

    def _presence(self, seq: int, fact: f.PresenceSet) -> None:
        if (who := self.roster.holder(fact.seat)) is not None:
            self._presences.begin(fact.shop, fact.seat, who, fact.presence, self.as_of)

    def _owed(self, seq: int, fact: f.DeskFact) -> None:
        self._owing.take(seq, fact, self.as_of)


def _where(day: int, hour: int, shop: str) -> tuple[Place, Place, Place]:
    return (day, "shop", shop), (day, "hour", f"{hour:02}"), (day, "day", "")


def _sort(author: Author) -> Sort | None:
    """What a merchant-side text is here; None for canned texts, helpers and the platform's own lines."""
    if is_persons(author):
        return "person"
    match author.kind:
        case Kind.assist | Kind.bot:
            return "machine"
        case Kind.unknown:
            return "unknown"
        case _:
            return None


_TABLE: Final[dict[type, Callable[[Kpi, int, Any], None]]] = {
    f.OfficeTaken: Kpi._office,
    f.BuyerWrote: Kpi._buyer_wrote,
    f.ShopWrote: Kpi._shop_wrote,
    f.MessageRecalled: Kpi._recalled,
    f.ReplyIntended: Kpi._reply_intended,
    f.HoldIntended: Kpi._hold_intended,
    f.NoticeIntended: Kpi._notice_intended,
    f.SendStarted: Kpi._send_started,
    f.SendEnded: Kpi._send_ended,
    f.DraftOffered: Kpi._draft_offered,
    f.DraftRejected: Kpi._draft_rejected,
    f.Assigned: Kpi._assigned,
    f.Queued: Kpi._queued,
    f.ConversationClosed: Kpi._closed,
    f.Grouped: Kpi._grouped,
    f.PresenceSet: Kpi._presence,
    f.DebtOpened: Kpi._owed,
    f.DebtClosed: Kpi._owed,
    f.FollowUpMade: Kpi._owed,
    f.FollowUpChanged: Kpi._owed,
    f.FollowUpDone: Kpi._owed,
    f.FollowUpDropped: Kpi._owed,
}
