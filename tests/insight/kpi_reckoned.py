"""The KPIs a second time, the slow way: every number from the whole list of facts, by its definition in docs/kpi.md.

Nothing of `relay.insight.kpi` is used. There is no state that facts change: each question walks the facts anew, up to a
seq where it needs to know how things stood.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from relay.domain import facts as f
from relay.domain.settings import Seat, Shop

HOLDING = {"seat": 0, "agent": 1, "vendor": 2}
EIGHT = timedelta(hours=8)
OWN = {"shop_sub_account", "merchant_account", "xiaoer"}
NOTICES = {"refund_card", "system_card", "tip"}


def day(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC) + EIGHT:%Y-%m-%d}"


def hour(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC) + EIGHT:%H}"


class Reckoned:
    """All facts of a desk, numbered from 1, and questions to them."""

    def __init__(self, facts: list[f.DeskFact]) -> None:
        self.facts = list(enumerate(facts, 1))
        self.by_seq = dict(self.facts)
        self.clock: list[int] = [0]
        for fact in facts:
            self.clock.append(max(self.clock[-1], fact.at))
        self.presence: dict[str, list[tuple[int, str]]] = {}
        self.seat_at = cache(self._seat_at)
        self.holder_at = cache(self._holder_at)
        self.keys = sorted({(fact.shop, fact.buyer) for _, fact in self.facts if getattr(fact, "buyer", None)})  # type: ignore[union-attr]
        self.of_key: dict[Any, list[tuple[int, Any]]] = {key: [] for key in self.keys}
        for seq, fact in self.facts:
            key = (getattr(fact, "shop", None), getattr(fact, "buyer", None))
            if key in self.of_key:
                self.of_key[key].append((seq, fact))
        self.office = [(seq, fact) for seq, fact in self.facts if isinstance(fact, f.OfficeTaken)]

    # --- settings as of a seq

    def _seat_at(self, seat: str, seq: int) -> Seat | None:
        found = None
        for number, fact in self.office:
            if number > seq:
                break
            if isinstance(fact.subject, Seat) and fact.subject.id == seat:
                found = fact.subject
            elif fact.removed_sort == "seat" and fact.removed_id == seat:
                found = None
        return found

    def named(self, seat: str | None, seq: int) -> tuple[str, str, str] | None:
        one = self.seat_at(seat, seq) if seat is not None else None
        return (one.id, one.agent, one.vendor or "-") if one is not None else None

    def seats(self, seq: int) -> list[Seat]:
        names = dict.fromkeys(fact.subject.id for _, fact in self.office if isinstance(fact.subject, Seat))
        return [one for name in names if (one := self.seat_at(name, seq)) is not None]

    def limit(self, shop: str, seq: int) -> Shop:
        return next(
            fact.subject
            for number, fact in reversed(self.office)
            if number <= seq and isinstance(fact.subject, Shop) and fact.subject.id == shop
        )

    # --- where a buyer is after a seq

    def _holder_at(self, key: Any, seq: int) -> tuple[int, str] | None:
        """The seat that has this buyer after this fact, and the seq since which it has."""
        place = None
        happened = [*self.of_key[key], *((number, one) for number, one in self.office if one.removed_sort == "seat")]
        for number, fact in sorted(happened, key=lambda one: one[0]):
            if number > seq:
                break
            match fact:
                case f.Assigned():
                    if place is None or place[1] != fact.seat:
                        place = (number, fact.seat)
                case f.Queued() | f.ConversationClosed():
                    place = None
                case f.OfficeTaken() if place is not None and fact.removed_id == place[1]:
                    place = None
        return place

    def group_at(self, key: Any, seq: int) -> str:
        group = "presale"
        for number, fact in self.of_key[key]:
            if number > seq:
                break
            if isinstance(fact, f.Grouped):
                group = fact.group
            elif isinstance(fact, f.ConversationClosed):
                group = "presale"
        return group

    def since(self, key: Any, seq: int, number: int) -> int | None:
        """Since when whoever has the buyer in this dimension has had them without a break."""
        place = self.holder_at(key, seq)
        if place is None:
            return None
        name = self.named(place[1], seq)[number]  # type: ignore[index]
        began = seq
        while began > 1:
            before = self.holder_at(key, began - 1)
            holder = self.named(before[1], began - 1) if before is not None else None
            if holder is None or holder[number] != name:
                break
            began -= 1
        return self.clock[began]

    # --- messages

    def lines(self, key: Any) -> list[dict[str, Any]]:
        """Every message of this buyer that counts, in server-time order, with what was recalled left out."""
        recalled = {fact.message for _, fact in self.of_key[key] if isinstance(fact, f.MessageRecalled)}
        told: list[dict[str, Any]] = []
        confirmed: set[str] = set()
        for seq, fact in self.of_key[key]:
            if isinstance(fact, f.BuyerWrote):
                if fact.kind != "system" and fact.content not in NOTICES and not self._gone(key, f"m{seq}", seq):
                    told.append(self._asked(key, seq, fact))
            elif isinstance(fact, f.ShopWrote):
                if not self._is_echo(fact, seq) and f"m{seq}" not in recalled:
                    told += self._said(key, seq, fact, self._writer(fact, seq), fact.sent_at, fact.tone == "hold")
            elif isinstance(fact, f.SendEnded) and fact.outcome == "confirmed" and fact.send not in confirmed:
                confirmed.add(fact.send)
                told += self._sent(key, seq, fact) if not self._gone(key, fact.send, seq) else []
        return sorted(told, key=lambda one: (one["at"], one["merchant"], one["seq"]))

    def _gone(self, key: Any, name: str, seq: int) -> bool:
        later = [fact for n, fact in self.of_key[key] if n > seq]
        return any(isinstance(fact, f.MessageRecalled) and fact.message == name for fact in later)

    def _is_echo(self, fact: f.ShopWrote, seq: int) -> bool:
        if fact.echo_of is None:
            return False
        began = any(isinstance(one, f.SendStarted) and one.send == fact.echo_of for n, one in self.facts if n < seq)
        ended = any(
            isinstance(one, f.SendEnded) and one.send == fact.echo_of and one.outcome == "confirmed"
            for n, one in self.facts
            if n < seq
        )
        intent = self.by_seq.get(int(fact.echo_of[1:]))
        return began or ended or not isinstance(intent, f.ReplyIntended | f.HoldIntended | f.NoticeIntended)

    def _writer(self, fact: f.ShopWrote, seq: int) -> tuple[str, str, str] | None:
        if fact.account is None:
            return self.named(fact.seat, seq)
        for seat in self.seats(seq):
            if seat.shop == fact.shop and fact.account in (seat.account, seat.id):
                return self.named(seat.id, seq)
        return None

    def _said(self, key: Any, seq: int, fact: Any, who: Any, at: int, hold: bool) -> list[dict[str, Any]]:
        author = fact.author
        if author.kind == "human" or author.trigger == "person":
            sort = "person"
        elif author.kind in ("assist", "bot"):
            sort = "machine"
        elif author.kind == "unknown":
            sort = "unknown"
        else:
            return []
        who = who if sort == "person" else None
        entered = {}
        place = self.holder_at(key, seq)
        for by, number in HOLDING.items():
            if who is not None and place is not None:
                has = self.named(place[1], seq)
                if has is not None and has[number] == who[number] != "":
                    entered[by] = self.since(key, seq, number)
        group = self.group_at(key, seq)
        line = {"at": at, "seq": seq, "sort": sort, "merchant": 1, "who": who, "hold": hold, "group": group}
        return [line | {"entered": entered, "lists": [], "owner": None, "ad": False}]

    def _sent(self, key: Any, seq: int, fact: f.SendEnded) -> list[dict[str, Any]]:
        intent = self.by_seq[int(fact.send[1:])]
        begun = [
            one.at for n, one in self.facts if n < seq and isinstance(one, f.SendStarted) and one.send == fact.send
        ]
        at = fact.sent_at if fact.sent_at is not None else begun[-1] if begun else fact.at
        who = None
        hold = isinstance(intent, f.HoldIntended)
        if isinstance(intent, f.ReplyIntended):
            hold = intent.reads_as == "hold"
            who = self.sender(intent, int(fact.send[1:]))
        return self._said(key, seq, fact, who, at, hold)

    def sender(self, intent: Any, seq: int) -> tuple[str, str, str]:
        through = self.named(intent.seat, seq)
        if through is not None and through[1] == intent.by:
            return through
        own = [one for one in self.seats(seq) if one.shop == intent.shop and one.agent == intent.by]
        return (through[0] if through else "", intent.by, (own[0].vendor or "-") if own else "-")

    def _asked(self, key: Any, seq: int, fact: f.BuyerWrote) -> dict[str, Any]:
        """A buyer's line, and every list on which it stood while nobody had answered it."""
        sort = "own" if fact.buyer_class in OWN else "question"
        lists: list[Any] = []
        owner = None
        for number in self._while_open(key, seq, fact) if sort == "question" else [seq]:
            place = self.holder_at(key, number)
            owner = self.named(place[1], number) if place is not None else None
            if owner is not None and owner not in lists:
                lists.append(owner)
        ad = fact.guard is not None and not self._silent_first(fact.tag)
        tag = fact.guard if ad else fact.tag
        said = [n for n, one in self.of_key[key] if isinstance(one, f.Grouped) and one.cause == seq]
        group = self.group_at(key, said[-1] if said else seq)
        return {"at": fact.sent_at, "seq": seq, "sort": sort, "merchant": 0, "who": None, "hold": False,
                "group": group, "entered": {}, "lists": lists, "owner": owner, "ad": tag == "ad"}  # fmt: skip

    @staticmethod
    def _silent_first(tag: str | None) -> bool:
        return tag in ("complaint", "dispute", "person", "injury", "threat")

    def _while_open(self, key: Any, seq: int, fact: f.BuyerWrote) -> list[int]:
        """The seqs of this buyer (and of settings) from the question on, while it is open and its day lasts."""
        found = [seq]
        for number in range(seq + 1, self._open_until(key, seq, fact)):
            one = self.by_seq[number]
            mine = (getattr(one, "shop", None), getattr(one, "buyer", None)) == key
            if (mine or isinstance(one, f.OfficeTaken)) and day(self.clock[number]) == day(fact.sent_at):
                found.append(number)
        return found

    def _open_until(self, key: Any, seq: int, fact: f.BuyerWrote) -> int:
        """The seq with which the question is answered, recalled, or closed over; its own if it never was open.

        A question that is older than a person's text which came before it is open at no time.
        """
        texts = self.person_texts(key)
        closed = max((n for n, one in self.of_key[key] if isinstance(one, f.ConversationClosed) and n < seq), default=0)
        if any(closed < n < seq and at >= fact.sent_at for n, at in texts):
            return seq
        ends = [n for n, at in texts if n > seq and at >= fact.sent_at]
        for number, one in self.of_key[key]:
            closes = isinstance(one, f.ConversationClosed)
            if number > seq and (closes or (isinstance(one, f.MessageRecalled) and one.message == f"m{seq}")):
                ends.append(number)
        return min(ends, default=len(self.facts) + 1)

    def is_carried(self, key: Any, date: str) -> bool:
        """Whether a person's text of this date answers a question of an earlier one."""
        asked = [
            (number, one) for number, one in self.of_key[key]
            if isinstance(one, f.BuyerWrote) and one.kind != "system" and one.content not in NOTICES
            and one.buyer_class not in OWN and day(one.sent_at) < date
        ]  # fmt: skip
        return any(
            day(at) == date and number < seq and self._open_until(key, number, one) == seq
            for seq, at in self.person_texts(key)
            for number, one in asked
        )

    def person_texts(self, key: Any) -> list[tuple[int, int]]:
        """Seq and server time of every text of a person, recalled or not."""
        found, confirmed = [], set()
        for seq, fact in self.of_key[key]:
            person = getattr(fact, "author", None)
            person = person is not None and (person.kind == "human" or person.trigger == "person")
            if isinstance(fact, f.ShopWrote) and person and not self._is_echo(fact, seq):
                found.append((seq, fact.sent_at))
            elif isinstance(fact, f.SendEnded) and fact.outcome == "confirmed" and fact.send not in confirmed:
                confirmed.add(fact.send)
                if person:
                    begun = [
                        one.at
                        for n, one in self.facts
                        if n < seq and isinstance(one, f.SendStarted) and one.send == fact.send
                    ]
                    found.append((seq, fact.sent_at if fact.sent_at is not None else begun[-1] if begun else fact.at))
        return found

    # --- moves

    def moves(self, key: Any) -> list[dict[str, Any]]:
        """Each seq at which another seat, or none, has the buyer, unless the conversation was closed by it."""
        found: list[dict[str, Any]] = []
        came = None
        for seq, fact in self.facts:
            mine = (getattr(fact, "shop", None), getattr(fact, "buyer", None)) == key
            if not mine and not isinstance(fact, f.OfficeTaken):
                continue
            if mine and isinstance(fact, f.ConversationClosed):
                came = None
                continue
            old, new = self.holder_at(key, seq - 1) if seq > 1 else None, self.holder_at(key, seq)
            before = self.named(old[1], seq - 1) if old else None
            after = self.named(new[1], seq) if new else None
            if old is not None and new is not None and old[1] == new[1]:
                came = after  # only its holder may have changed
                continue
            group = self.group_at(key, seq)
            if before is not None:
                found.append({"seq": seq, "at": self.clock[seq], "leaves": before, "to": after, "group": group,
                              "unanswered": self._unanswered(key, seq, old)})  # fmt: skip
            if after is not None:
                found.append({"seq": seq, "at": self.clock[seq], "gets": after, "came": came, "group": group})
                came = after
        return found

    def _unanswered(self, key: Any, seq: int, old: Any) -> bool:
        asked = [
            number
            for number, one in self.of_key[key]
            if number < seq
            and isinstance(one, f.BuyerWrote)
            and one.kind != "system"
            and one.content not in NOTICES
            and one.buyer_class not in OWN
            and self._open_at(key, number, one, seq - 1)
        ]
        wrote = any(
            old[0] <= number < seq and self._writer_at(key, number) == old[1] for number, _ in self.person_texts(key)
        )
        return bool(asked) and not wrote

    def _open_at(self, key: Any, asked: int, fact: f.BuyerWrote, seq: int) -> bool:
        return asked <= seq < self._open_until(key, asked, fact)

    def _writer_at(self, key: Any, seq: int) -> str | None:
        for line in self._said_at(key, seq):
            return line["who"][0] if line["who"] is not None else None
        return None

    def _said_at(self, key: Any, seq: int) -> list[dict[str, Any]]:
        fact = self.by_seq[seq]
        if isinstance(fact, f.ShopWrote):
            return self._said(key, seq, fact, self._writer(fact, seq), fact.sent_at, False)
        return self._sent(key, seq, fact)  # type: ignore[arg-type]


def rounds_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A question that no question before it leaves open, up to the next person's text."""
    found = []
    for number, line in enumerate(lines):
        if line["sort"] != "question":
            continue
        earlier = [one["sort"] for one in lines[:number] if one["sort"] in ("question", "person")]
        if earlier and earlier[-1] == "question":
            continue
        later = [one for one in lines[number:] if one["sort"] == "person"]
        answer = later[0] if later else None
        last = [one for one in lines if one["sort"] == "question" and (answer is None or one["at"] <= answer["at"])][-1]
        found.append({"opening": line, "last": last, "answer": answer})
    return found


def talk(book: Reckoned, by: str, name: str, date: str, shops: tuple[str, ...] = ()) -> dict[str, int]:
    sums: dict[str, int] = {}

    def add(what: str, value: int = 1, at: int | None = None) -> None:
        if by != "hour" or (at is not None and hour(at) == name):
            sums[what] = sums.get(what, 0) + int(value)

    for key in book.keys:
        if (shops and key[0] not in shops) or (by == "shop" and key[0] != name):
            continue
        lines = [line for line in book.lines(key) if day(line["at"]) == date]
        moves = [move for move in book.moves(key) if day(move["at"]) == date]
        _of_buyer(book, key, by, name, lines, moves, add)
    return {what: value for what, value in sums.items() if value}


def _of_buyer(book: Reckoned, key: Any, by: str, name: str, lines: Any, moves: Any, add: Any) -> None:
    number = HOLDING.get(by)

    def is_mine(holder: Any) -> bool:
        return holder is not None and holder[number] == name

    def says(line: Any) -> bool:
        if number is None:
            return by != "group" or line["group"] == name
        return is_mine(line["who"]) or any(is_mine(one) for one in line["lists"])

    def my_moves(what: str, other: str) -> list[Any]:
        some = [move for move in moves if what in move]
        if number is None:
            return [move for move in some if by != "group" or move["group"] == name]
        return [move for move in some if is_mine(move[what]) and not is_mine(move[other])]

    leaving = my_moves("leaves", "to")
    for place, move in enumerate(leaving):
        add("transfers", 1, move["at"])
        add("transfers_unanswered", move["unanswered"], move["at"])
        add("transferred_out", place == 0, move["at"])
    mine = [line for line in lines if says(line)]
    if not mine:
        return
    begins = mine[0]["at"]
    add("consulted", 1, begins)
    asked = [line for line in lines if line["sort"] == "question"]
    if not asked:
        apart = "" if book.is_carried(key, day(begins)) else "one_way"
        apart = "own_accounts" if any(line["sort"] == "own" for line in lines) else apart
    else:
        apart = "ads" if all(line["ad"] for line in asked) else ""
    for line in mine:
        if line["sort"] == "machine":
            add("machine_messages", 1, line["at"])
            add("machine_holds", line["hold"], line["at"])
        add("unknown_messages", line["sort"] == "unknown", line["at"])
    if apart:
        add(apart, 1, begins)
        return
    for line in mine:
        add("agent_messages", line["sort"] == "person", line["at"])
        add("holds", line["sort"] == "person" and line["hold"], line["at"])
        if line["sort"] == "question":
            add("buyer_messages", number is None or is_mine(line["lists"][0]), line["at"])
    rounds = []
    for one in rounds_of(lines):
        if number is None:
            rounds += [one] if says(one["opening"]) else []
        elif is_mine(one["answer"]["who"] if one["answer"] else one["last"]["owner"]):
            rounds.append(one)
    waits = []
    for one in rounds:
        at = one["opening"]["at"]
        add("rounds", 1, at)
        if one["answer"]:
            start = max(at, one["answer"]["entered"].get(by, at))
            waits.append(max(0, one["answer"]["at"] - start))
            add("replies", 1, at)
            add("reply_ms", waits[-1], at)
            add("reply_squares", ((waits[-1] + 50) // 100) ** 2, at)
            add("within_30s", waits[-1] <= 30_000, at)
    persons = [line for line in mine if line["sort"] == "person"]
    if number is not None and not persons:
        mine_moves = [
            move for move in moves
            if ("leaves" in move and is_mine(move["leaves"]) and not is_mine(move["to"]))
            or ("gets" in move and is_mine(move["gets"]))
        ]  # fmt: skip
        if mine_moves and "leaves" in mine_moves[-1]:
            return
    add("received", 1, begins)
    getting = my_moves("gets", "came")
    if number is not None:
        add("transferred_in", bool(getting) and getting[0]["came"] is not None, begins)
    else:
        add("transferred_in", any(m["came"] is not None and m["came"][0] != m["gets"][0] for m in getting), begins)
    first = next((line["at"] for line in mine if line["sort"] == "question"), None)
    unanswered = first is not None and not any(line["at"] >= first for line in persons)
    add("unanswered", unanswered, begins)
    robots = [line for line in lines if line["sort"] == "machine" and asked and line["at"] >= asked[0]["at"]]
    add("machine_only", unanswered and bool(robots), begins)
    limits = book.limit(key[0], min(one["seq"] for one in [*lines, *moves]))
    spoken = [line["at"] for line in mine if line["sort"] in ("question", "own", "person")]
    length = max(spoken) - min(spoken) if spoken else 0
    add("reception_ms", length, begins)
    add("reception_squares", ((length + 50) // 100) ** 2, begins)
    add("long", length > limits.long_reception_s * 1000, begins)
    if waits:
        add("first_replies", 1, begins)
        add("first_ms", waits[0], begins)
        add("first_squares", ((waits[0] + 50) // 100) ** 2, begins)
        add("slow", sum(waits) / len(waits) > limits.slow_reply_s * 1000, begins)


# --- what is no talk: lists, presence, debts, follow-ups, drafts


def others(book: Reckoned, by: str, name: str, date: str) -> dict[str, int]:
    """Every other sum of one subject on one date."""
    sums: dict[str, int] = {}

    def add(what: str, value: int = 1) -> None:
        sums[what] = sums.get(what, 0) + int(value)

    most = max(_at_once(book, by, name, date), default=0)
    add("peak", most)
    _presence(book, by, name, date, add)
    for seq, fact in book.facts:
        if _is_at(book, seq, fact, by, name, date):
            _begun(book, seq, fact, add)
    oldest = [
        book.clock[-1] - book.clock[seq]
        for seq, fact in book.facts
        if isinstance(fact, f.DebtOpened) and _is_at(book, seq, fact, by, name, date) and _closing(book, seq) is None
    ]
    add("debt_oldest_ms", max(oldest, default=0))
    return {what: value for what, value in sums.items() if value}


def _is_at(book: Reckoned, seq: int, fact: Any, by: str, name: str, date: str) -> bool:
    if day(book.clock[seq]) != date or not getattr(fact, "buyer", None):
        return False
    if by in HOLDING:
        draft = isinstance(fact, f.ReplyIntended | f.DraftRejected)
        who = book.sender(fact, seq) if draft else book.named(getattr(fact, "seat", None), seq)
        return who is not None and who[HOLDING[by]] == name
    if by == "group":
        return book.group_at((fact.shop, fact.buyer), seq) == name
    return by == "day" or (by == "shop" and fact.shop == name) or (by == "hour" and hour(book.clock[seq]) == name)


def _closing(book: Reckoned, opened: int) -> int | None:
    key = (book.by_seq[opened].shop, book.by_seq[opened].buyer)  # type: ignore[union-attr]
    return next((n for n, one in book.of_key[key] if n > opened and isinstance(one, f.DebtClosed)), None)


def _begun(book: Reckoned, seq: int, fact: Any, add: Any) -> None:
    match fact:
        case f.DebtOpened():
            add("debts")
            closed = _closing(book, seq)
            if closed is None:
                add("debts_open")
                add("debt_open_ms", book.clock[-1] - book.clock[seq])
                return
            why = book.by_seq[closed].why  # type: ignore[union-attr]
            add({"answered": "debts_answered", "hold_not_sent": "debts_not_sent"}.get(why, "debts_given_up"))
            add("debt_ms", book.clock[closed] - book.clock[seq] if why == "answered" else 0)
        case f.FollowUpMade():
            add("follow_ups")
            mine = [one for _, one in book.facts if getattr(one, "follow_up", None) == f"f{seq}"]
            due_at = [fact.due_at, *(one.due_at for one in mine if isinstance(one, f.FollowUpChanged))][-1]
            ends = [one for one in mine if isinstance(one, f.FollowUpDone | f.FollowUpDropped)]
            if not ends:
                add("follow_ups_open")
                add("follow_ups_overdue", due_at < book.clock[-1])
                add("follow_up_open_ms", book.clock[-1] - book.clock[seq])
            elif isinstance(ends[0], f.FollowUpDropped):
                add("follow_ups_dropped")
            else:
                add("follow_ups_in_time" if ends[0].at <= due_at else "follow_ups_late")
        case f.DraftOffered():
            add("drafts")
        case f.DraftRejected():
            add("drafts_rejected")
        case f.ReplyIntended() if fact.draft is not None:
            add("drafts_edited" if fact.edited else "drafts_approved")


def _at_once(book: Reckoned, by: str, name: str, date: str) -> Iterable[int]:
    """How many stood on its lists after each fact of the day, and as the day (or the hour) began."""

    def fits(at: int) -> bool:
        return day(at) == date and (by != "hour" or hour(at) == name)

    for seq, _ in book.facts:
        later = book.clock[seq + 1] if seq + 1 < len(book.clock) else book.clock[seq]
        borders = range(book.clock[seq] // 3_600_000 + 1, later // 3_600_000 + 1)
        if fits(book.clock[seq]) or any(fits(number * 3_600_000) for number in borders):
            yield sum(_stands(book, key, seq, by, name) for key in book.keys)


def _stands(book: Reckoned, key: Any, seq: int, by: str, name: str) -> bool:
    place = book.holder_at(key, seq)
    if place is None:
        return False
    if by in HOLDING:
        return book.named(place[1], seq)[HOLDING[by]] == name  # type: ignore[index]
    return (
        by in ("hour", "day")
        or (by == "shop" and key[0] == name)
        or (by == "group" and book.group_at(key, seq) == name)
    )


def _presence(book: Reckoned, by: str, name: str, date: str, add: Any) -> None:
    if by == "group":
        return
    units: dict[Any, list[tuple[int, int, str]]] = {}
    for seq, _ in book.facts:
        since = book.clock[seq]
        until = book.clock[seq + 1] if seq + 1 < len(book.clock) else since
        if since == until:
            continue
        now: dict[Any, str] = {}
        for seat in book.seats(seq):
            who = (seat.id, seat.agent, seat.vendor or "-")
            unit = seat.agent if by == "agent" else (seat.shop, *who)
            is_subject = who[HOLDING[by]] == name if by in HOLDING else by != "shop" or seat.shop == name
            if is_subject:
                state = _state(book, seat.id, seq)
                now[unit] = max(now.get(unit, ""), state, key=("", "offline", "away", "online").index)
        for unit, state in now.items():
            units.setdefault(unit, []).append((since, until, state))
    for spells in units.values():
        _spells(_merged(spells), by, name, date, add)


def _state(book: Reckoned, seat: str, seq: int) -> str:
    if seat not in book.presence:
        changes = [(0, "offline")]
        for number, fact in book.facts:
            if isinstance(fact, f.PresenceSet) and fact.seat == seat:
                changes.append((number, fact.presence))
            elif isinstance(fact, f.OfficeTaken) and fact.removed_sort == "seat" and fact.removed_id == seat:
                changes.append((number, "offline"))
        book.presence[seat] = changes
    return [state for number, state in book.presence[seat] if number <= seq][-1]


def _merged(spells: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for since, until, state in spells:
        if found and found[-1][2] == state and found[-1][1] == since:
            found[-1] = (found[-1][0], until, state)
        else:
            found.append((since, until, state))
    return found


def _spells(spells: list[tuple[int, int, str]], by: str, name: str, date: str, add: Any) -> None:
    def here(at: int) -> bool:
        return day(at) == date and (by != "hour" or hour(at) == name)

    online = None
    for since, until, state in spells:
        if state == "away" and here(since):
            add("aways")
        if state not in ("online", "away"):
            continue
        at = since
        while at < until:
            border = min(until, (at // 3_600_000 + 1) * 3_600_000)
            if here(at):
                add(f"{state}_ms", border - at)
            at = border
        if state == "online":
            if online is not None and day(online) == day(since) and online < since and here(online):
                add("breaks")
                add("break_ms", since - online)
            online = until
