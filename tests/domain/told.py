"""What a reader of the ledger alone knows: an independent picture, built from facts and never from the desk's state.

The laws are checked against this picture. It is written plainly and slowly on purpose, and shares no code with
`relay.domain.apply`.
"""

import unicodedata
from collections.abc import KeysView
from dataclasses import dataclass, field

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.guiding import Author, GuidingRule, GuidingRules, Kind
from relay.domain.settings import Event, LadderStep, Person, QuickReply, Seat, Shop
from tests.domain import promotion
from tests.domain.duty import Line
from tests.domain.taking import Deeds

NOT_A_QUESTION = {"refund_card", "system_card", "tip"}
NOT_A_CONSUMER = {"shop_sub_account", "merchant_account", "xiaoer"}
NO_MACHINE = {"ad", "complaint", "dispute", "person", "injury", "threat"}
A_DAY = 86_400_000
Key = tuple[str, str]
HOUR = 3_600_000
NOBODY: dict[Key, None] = {}


def is_question(fact: f.BuyerWrote) -> bool:
    return fact.kind != "system" and fact.content not in NOT_A_QUESTION and fact.buyer_class not in NOT_A_CONSUMER


def by_person(author: Author) -> bool:
    """A keystroke makes a text a person's, whoever composed it."""
    return author.trigger == "person" or (author.kind is Kind.human and author.trigger != "machine")


@dataclass
class Thread:
    """One (shop, buyer): its questions, its hold promises and where it is."""

    questions: dict[int, int] = field(default_factory=dict)  # seq -> server time, unanswered
    round: int | None = None  # number of the open round, counted over the ledger
    opened_at: int | None = None
    due_at: int | None = None
    due_from: int | None = None  # the question that has the deadline
    service: tuple[int, int] | None = None  # the service clock: from when, until when
    rungs: set[tuple[str, str]] = field(default_factory=set)  # of the open round: clock and rung
    announced: bool = False  # the hours have opened for it
    last_message: int = 0
    heard_here: int = 0  # the same, as long as the conversation lasts: 0 where only a debt has opened it
    last_tone: str = "question"
    last_tag: str | None = None  # what keeps a machine silent, as long as its round is open
    typed_at: int | None = None
    typing_since: int | None = None  # the same, until the conversation is closed
    seat: str | None = None
    queued: bool = False
    queued_at: int = 0
    waits_for: str | None = None  # the one seat that may take the buyer, and until when only that
    wait_until: int = 0
    group: str = "presale"
    head_start: int = 0
    level: int = 0
    transfer: f.TransferRequested | None = None  # asked of the platform, no outcome yet
    withheld: f.MoveWithheld | None = None
    debt: f.DebtOpened | None = None
    asked_at: int = 0  # the channel's time from which on a real answer closes it
    remind_at: int = 0
    reminded: int = 0
    owed_aloud: bool = False
    """The supervisors were told of the debt, not only its seat."""
    owed_since: int = 0
    debt_rungs: list[str] = field(default_factory=list)  # of the open debt, in the order in which they were taken
    offer: f.FollowUpOffered | None = None
    holds: set[str] = field(default_factory=set)  # the promises not yet kept: send ids, and "seen" for another client's
    machine: dict[int, set[str]] = field(default_factory=dict)  # round -> machine sends that may have reached the buyer
    answers: list[int] = field(default_factory=list)  # times of valid answers
    answered_until: int = 0  # the latest of them that the channel itself stamped
    said: list[tuple[int, str, str]] = field(default_factory=list)  # by a machine: when, its words, the send
    held_on: list[tuple[int, str]] = field(default_factory=list)  # the natural day of each machine hold, and the send
    supposed: list[tuple[int, str]] = field(
        default_factory=list
    )  # what a machine would have said, where it only records
    would_owe: int | None = None  # the question that the newest of these would have held
    real_until: int = 0  # the latest answer by a person that is neither hold nor acknowledgement
    held: int | None = None  # the newest round for which the machine's reply was decided
    about: tuple[str | None, str | None] = (None, None)  # the topic and the goods that the buyer last named
    passed_on: bool = False  # came from another seat, in this stay
    notices: list[tuple[f.NoticeIntended, str]] = field(default_factory=list)  # with their sends; who got none: gone


@dataclass
class Promised:
    """One open follow-up, as the ledger tells it."""

    key: Key
    owner: str | None
    seat: str | None
    due_at: int
    category: str
    told: list[str] = field(default_factory=list)  # of this due: owner, supervisor


@dataclass
class Text:
    """One send, as the ledger tells it."""

    key: Key
    intent: f.ReplyIntended | f.HoldIntended | f.NoticeIntended
    machine: bool
    tone: str
    at_answers: int
    stage: str = "intended"  # sending, waiting, unknown, over
    attempts: int = 0
    intents: int = 1
    doubt: bool = False
    proved: bool = False
    outcome: str | None = None
    round: int | None = None


class Told:
    """The picture, and the facts it was made from."""

    def __init__(self, rules: GuidingRules) -> None:
        self._rules = rules
        self._rule_of: dict[str, tuple[Shop, GuidingRule]] = {}
        self.facts: list[f.DeskFact] = []
        self.base_shops: dict[str, Shop] = {}
        self.base_seats: dict[str, Seat] = {}
        self.base_persons: dict[str, Person] = {}
        self.events: dict[str, Event] = {}
        self.on: dict[str, str | None] = {}  # by shop: the event that is on, as it was told
        # as they count now
        self.shops: dict[str, Shop] = {}
        self.seats: dict[str, Seat] = {}
        self.persons: dict[str, Person] = {}
        self.replies: dict[str, QuickReply] = {}
        self.connected: dict[str, bool] = {}
        self.placement: dict[str, str] = {}
        self.silent: dict[str, bool] = {}
        self.falls: dict[str, str] = {}  # by shop: the date of which it is told that its figure falls
        self.unread: dict[str, list[f.ChannelGap]] = {}  # by shop: the gaps that nobody has read or given up
        self.set_back = 0  # by so much relay's clock was set back since those were told
        self.sending: dict[str, int] = {}
        self.presence: dict[str, str] = {}
        self.restored_at = 0
        self.lines: dict[str, Line] = {}
        self.threads: dict[Key, Thread] = {}
        self.texts: dict[str, Text] = {}
        self.follow_ups: dict[str, Promised] = {}
        self.notes: dict[str, tuple[Key, str, int]] = {}  # of whom, by whom, when
        self.last_assigned: dict[str, int] = {}
        self.office_seq = 0
        self.rounds = 0
        self.over_told: set[str] = set()
        self.savable_in_a_row: dict[str, int] = {}
        self.gone: set[str] = set()  # never connected, or away for longer than the grace
        self.deeds = Deeds()
        self.asked: f.MoveAsked | None = None  # the last word of a person, and the last transfer that arrived
        self.arrived: f.TransferEnded | None = None
        self.intended: dict[str, None] = {}
        self._held: dict[str, dict[Key, None]] = {}
        self._waiting: dict[str, dict[Key, None]] = {}
        self._queued: dict[str, dict[Key, None]] = {}
        self._places: dict[Key, tuple[str | None, str | None, str | None]] = {}
        self._live: dict[Key, dict[str, None]] = {}
        self._moving: dict[Key, None] = {}

    def event(self, shop: str) -> Event | None:
        """The event that is on in this shop, if it is still known and still for the shop."""
        event = self.events.get(self.on.get(shop) or "")
        return event if event is not None and shop in event.shops else None

    def works(self, seat: str, at: int) -> bool:
        one = self.base_seats[seat]
        return promotion.works(self.shops[one.shop], one, self.event(one.shop), at)

    def is_draining(self, seat: str, at: int) -> bool:
        one = self.base_seats[seat]
        return promotion.is_draining(self.shops[one.shop], one, self.event(one.shop), at)

    def _lay_over(self) -> None:
        """What counts now, from what counts outside events and the events that are on."""
        self.shops = {name: promotion.shop_as(shop, self.event(name)) for name, shop in self.base_shops.items()}
        self.seats = {
            name: replace(seat, cap=promotion.seat_cap(seat, self.event(seat.shop)))
            for name, seat in self.base_seats.items()
        }
        self.persons = {
            name: replace(person, cap=promotion.agent_cap(person, self._events_of(name)))
            for name, person in self.base_persons.items()
        }

    def _events_of(self, agent: str) -> list[Event]:
        found = {self.event(seat.shop) for seat in self.base_seats.values() if seat.agent == agent}
        return [event for event in found if event is not None]

    @property
    def seq(self) -> int:
        return len(self.facts)

    def rule(self, shop: str) -> GuidingRule:
        setting = self.shops[shop]
        known = self._rule_of.get(shop)
        if known is None or known[0] is not setting:
            known = self._rule_of[shop] = (setting, self._rules(setting.rule, setting.rule_options))
        return known[1]

    def thread(self, key: Key) -> Thread:
        found = self.threads.get(key)
        if found is None:
            found = self.threads[key] = Thread()
        return found

    def open_on(self, seat: str) -> KeysView[Key]:
        return self._held.get(seat, NOBODY).keys()

    def waiting_on(self, seat: str) -> KeysView[Key]:
        return self._waiting.get(seat, NOBODY).keys()

    def kept_waiting(self) -> list[str]:
        """The seats that there are whose buyers wait for them."""
        return [seat for seat, some in self._waiting.items() if some and seat in self.seats]

    def queued_in(self, shop: str) -> KeysView[Key]:
        return self._queued.get(shop, NOBODY).keys()

    def live_texts(self, key: Key) -> list[Text]:
        """What is on its way to this buyer, or may be."""
        return [self.texts[send] for send in self._live.get(key, ())]

    def unknown_texts(self, key: Key) -> list[str]:
        """The sends of which nobody knows whether they reached this buyer."""
        return [send for send in self._live.get(key, ()) if self.texts[send].stage == "unknown"]

    def expected_on(self, seat: str) -> list[Key]:
        """Who is on the way there by a transfer without an outcome: each keeps a place."""
        return [key for key in self._moving if (one := self.threads[key].transfer) is not None and one.to == seat]

    def must_answer_first(self, key: Key, at: int) -> bool:
        """Whether the rule charges the seat that has this question, and it can still be answered in time there."""
        thread = self.thread(key)
        if thread.due_at is None or at > thread.due_at or thread.seat not in self.seats or thread.seat in self.gone:
            return False
        return self.rule(key[0]).charges_first_seat

    def seats_of(self, agent: str) -> list[str]:
        return [seat.id for seat in self.seats.values() if seat.agent == agent]

    def lost_at(self, key: Key) -> int:
        """From when on a waiting buyer counts as late: the deadline, else the shop's own standard."""
        thread = self.thread(key)
        if thread.due_at is None and thread.service is not None:
            return thread.service[1]
        return thread.due_at or self.waits_since(key) + self.shops[key[0]].service_s * 1000

    def waits_since(self, key: Key) -> int:
        thread = self.thread(key)
        return thread.queued_at if thread.opened_at is None else thread.opened_at

    def may_serve(self, key: Key, seat: str, level: int) -> bool:
        """Whether the seat's groups fit this buyer at this level of relaxation, whoever else serves."""
        shop, thread, groups = self.shops[key[0]], self.thread(key), self.seats[seat].groups
        if not shop.groups or not groups or level > len(shop.relaxations):
            return True
        reach = {thread.group}.union(*(one.to for one in shop.relaxations[:level]))
        return "*" in reach or bool(reach & set(groups))

    def expected_opening(self, key: Key) -> int | None:
        """L6: the earliest unanswered question by server time, of the newest natural day that has one."""
        return min(self._of_newest_day(key), default=None)

    def _of_newest_day(self, key: Key) -> list[int]:
        asked, day_of = list(self.thread(key).questions.values()), self.rule(key[0]).day_of
        newest = max(map(day_of, asked), default=0)
        return [at for at in asked if day_of(at) == newest]

    def expected_due(self, key: Key) -> int | None:
        dues = [self.rule(key[0]).due_at(at) for at in self._of_newest_day(key)]
        return min((due for due in dues if due is not None), default=None)

    def expected_due_from(self, key: Key) -> int | None:
        """The earliest question with the deadline; None where no question has one."""
        due, rule = self.expected_due(key), self.rule(key[0])
        return min((at for at in self._of_newest_day(key) if due is not None and rule.due_at(at) == due), default=None)

    def expected_service_from(self, key: Key) -> int | None:
        """§7: the opening that a question from outside the hours waits for; at once where no hour has a limit."""
        asked, rule = self.expected_opening(key), self.rule(key[0])
        if asked is None or rule.due_at(asked) is not None:
            return None
        hours = (hour * HOUR for hour in range(asked // HOUR + 1, asked // HOUR + 26))
        return next((hour for hour in hours if rule.due_at(hour) is not None), asked)

    def ladder(self, key: Key) -> tuple[LadderStep, ...]:
        shop = self.shops[key[0]]
        return shop.ladders.get(self.thread(key).group, shop.ladder)

    def debt_rung(self, key: Key) -> tuple[int, str]:
        """When an open debt is next told of, and by which rung of its ladder; "" after the last one."""
        thread = self.thread(key)
        left = [
            (thread.owed_since + one.after_s * 1000, f"{one.do}+{one.after_s}")
            for one in self.shops[key[0]].debt_ladder
            if f"{one.do}+{one.after_s}" not in thread.debt_rungs
        ]
        return min(left, key=lambda one: one[0], default=(thread.remind_at, ""))

    def follow_up_rung(self, name: str) -> tuple[int, str] | None:
        """When an open follow-up is next told of, and to whom; None after the supervisors."""
        one = self.follow_ups[name]
        if not one.told:
            return one.due_at, "owner"
        later = one.due_at + self.shops[one.key[0]].follow_up_alert_s * 1000
        return (later, "supervisor") if one.told == ["owner"] else None

    def promised_to(self, key: Key) -> list[Promised]:
        return [one for one in self.follow_ups.values() if one.key == key]

    # --- taking a fact

    def take(self, fact: f.DeskFact) -> None:
        key = (getattr(fact, "shop", ""), getattr(fact, "buyer", ""))
        self.deeds.take(self.seq + 1, fact, self.threads.get(key))
        self.facts.append(fact)
        self._take(fact)
        if key not in self.threads:
            return
        self._note_place(key)
        if isinstance(fact, f.ReplyIntended | f.HoldIntended | f.NoticeIntended):
            self._note_text(f"s{self.seq}")
        elif isinstance(fact, f.SendStarted | f.SendRequeued | f.SendEnded):
            self._note_text(fact.send)
        if self._is_over(key) and not isinstance(fact, f.TakenBack):
            thread = self.threads[key]
            thread.group, thread.head_start, thread.level, thread.offer = "presale", 0, 0, None
            thread.real_until = 0  # the desk keeps it no longer than the conversation
            thread.passed_on = False
            if not isinstance(fact, f.BuyerWrote):
                thread.about = (None, None)
                thread.heard_here = 0

    def _is_over(self, key: Key) -> bool:
        thread = self.threads[key]
        busy = thread.queued or thread.round is not None or thread.debt is not None or thread.transfer is not None
        return thread.seat is None and not busy and not self._live.get(key)

    # --- who is where, and what is on its way: kept beside the threads, so that a question costs what it answers

    def _note_place(self, key: Key) -> None:
        thread, was = self.threads[key], self._places.get(key, (None, None, None))
        asks = thread.seat if thread.round is not None else None
        now = self._places[key] = (thread.seat, asks, key[0] if thread.queued else None)
        for index, old, new in zip((self._held, self._waiting, self._queued), was, now, strict=True):
            if old != new:
                index.get(old or "", {}).pop(key, None)
                if new is not None:
                    index.setdefault(new, {})[key] = None

    def _note_text(self, send: str) -> None:
        text = self.texts.get(send)
        if text is None:
            return
        live = self._live.setdefault(text.key, {})
        _keep(live, send, text.stage not in ("over", "dropped"))
        _keep(self.intended, send, text.stage == "intended")

    def _take(self, fact: f.DeskFact) -> None:
        key = (getattr(fact, "shop", ""), getattr(fact, "buyer", ""))
        match fact:
            case f.DeskStarted():
                self.connected = dict.fromkeys(self.connected, False)
                self.silent.clear()
                if fact.restored_from is not None:  # whatever was said since then is not told here
                    self.restored_at = fact.at
                    for thread in self.threads.values():
                        if thread.round is not None:
                            thread.machine.setdefault(thread.round, set()).add("before the restore")
            case f.OfficeTaken():
                self._office(fact)
                self._lay_over()
            case f.EventTurned():
                self.on[fact.shop] = fact.event
                self._lay_over()
            case f.ChannelConnected():
                self.connected[fact.shop], self.placement[fact.shop] = True, fact.placement
                self.silent.pop(fact.shop, None)
            case f.ChannelLost():
                self.connected[fact.shop] = False
                self.silent.pop(fact.shop, None)
            case f.ChannelSilent():
                self.silent[fact.shop] = True
            case f.ChannelHeard():
                self.silent.pop(fact.shop, None)
            case f.FigureForeseen(falling=()):
                self.falls.pop(fact.shop, None)
            case f.FigureForeseen():
                self.falls[fact.shop] = fact.date
            case f.ChannelGap():
                self._gap(fact)
            case f.SendingMeasured():
                self.sending[fact.shop] = fact.p95_ms
            case f.BuyerWrote() if is_question(fact):
                thread = self.thread(key)
                thread.last_message = thread.heard_here = self.seq
                thread.last_tone = fact.tone
                thread.about = (fact.topic or thread.about[0], fact.goods or thread.about[1])
                words = [one for one in (fact.tag, fact.guard) if one in NO_MACHINE]
                if thread.round is None or not thread.last_tag or words:
                    thread.last_tag = words[0] if words else None
                if fact.sent_at >= thread.answered_until:
                    self._settle_earlier_days(key, fact.sent_at)
                    thread.questions[self.seq] = fact.sent_at
            case f.ShopWrote():
                self._shop_wrote(key, fact)
            case f.MessageRecalled():
                self.thread(key).questions.pop(int(fact.message[1:]), None)
            case f.PresenceSet(why="restart"):
                self.presence[fact.seat] = fact.presence
                self.gone.discard(fact.seat)
                self.lines.setdefault(fact.seat, Line()).lose_all(fact.at, self.shops[fact.shop].grace_s * 1000)
            case f.PresenceSet():
                if fact.presence != "offline" or self.presence[fact.seat] != "offline":
                    self.gone.discard(fact.seat)
                self.presence[fact.seat] = fact.presence
                grace_ms = self.shops[fact.shop].grace_s * 1000
                self.lines.setdefault(fact.seat, Line()).tell(fact.at, fact.presence != "offline", grace_ms)
            case f.GraceEnded():
                self.lines[fact.seat].until = 0
                self.gone.add(fact.seat)
            case f.MoveAsked():
                self.asked = fact
            case f.TransferRequested():
                self.thread(key).transfer = fact
                self._moving[key] = None
            case f.TransferEnded():
                if fact.retry_at is None:
                    self.thread(key).transfer = None
                    self._moving.pop(key, None)
                if fact.outcome == "confirmed":
                    self.arrived = fact
            case f.MoveWithheld():
                self.thread(key).withheld = fact
            case f.ClockStepped() if fact.by_ms < 0:
                for line in self.lines.values():
                    line.set_back(fact.by_ms)
                for shop, gaps in self.unread.items():
                    moved = [(one, (one.silent_until or 0) + fact.by_ms) for one in gaps]
                    self.unread[shop] = [replace(one, silent_until=until) for one, until in moved]
                for thread in self.threads.values():
                    thread.remind_at += fact.by_ms
                    thread.owed_since += fact.by_ms
            case f.FlappingBegan():
                self.lines[fact.seat].flapping = True
            case f.FlappingEnded():
                self.lines[fact.seat].flapping = False
            case f.AgentTyped():
                self.thread(key).typed_at = self.thread(key).typing_since = fact.at
            case f.ReplyIntended():
                self._intend(key, fact, machine=False, tone=fact.reads_as)
            case f.HoldIntended(shadow=False):
                self.thread(key).held = self.thread(key).round
                self._intend(key, fact, machine=True, tone="hold")
            case f.HoldIntended():
                thread = self.thread(key)
                thread.held, thread.would_owe = thread.round, fact.round_at
                thread.supposed.append((fact.at, self.words(fact.reply)))
            case f.NoticeIntended():
                self.thread(key).notices.append((fact, f"s{self.seq}"))
                if not fact.shadow:
                    self._intend(key, fact, machine=True, tone="notice")
            case f.SendStarted():
                self._started(key, fact)
            case f.SendRequeued():
                self.texts[fact.send].stage = "intended"
                self.texts[fact.send].intents += 1
            case f.SendEnded():
                self._ended(key, fact)
            case f.LadderStepped():
                self.thread(key).rungs |= {(fact.clock, rung) for rung in (*fact.passed, fact.rung)}
            case f.ServiceBegan():
                self.thread(key).announced = True
            case f.RoundOpened() | f.RoundMoved():
                self._round(key, fact)
            case f.RoundAnswered() | f.RoundDropped():
                thread = self.thread(key)
                thread.round = thread.opened_at = thread.due_at = thread.due_from = thread.service = None
                thread.queued, thread.waits_for, thread.level = False, None, 0
            case f.Assigned():
                thread = self.thread(key)
                thread.passed_on = thread.passed_on or fact.previous is not None
                thread.seat, thread.queued, thread.waits_for, thread.level = fact.seat, False, None, 0
                self.last_assigned[fact.seat] = fact.at
                if fact.lane is not None:
                    run = self.savable_in_a_row.get(fact.shop, 0)
                    self.savable_in_a_row[fact.shop] = run + 1 if fact.lane == "savable" else 0
            case f.Queued():
                thread = self.thread(key)
                if not thread.queued:
                    thread.queued_at, thread.level = fact.at, 0
                thread.seat, thread.queued = None, True
                thread.waits_for, thread.wait_until = fact.waits_for, fact.wait_until or 0
            case f.Grouped():
                thread = self.thread(key)
                thread.group, thread.head_start = fact.group, fact.head_start_s * 1000
            case f.GroupRelaxed():
                self.thread(key).level = fact.level
            case f.WaitEnded():
                self.thread(key).waits_for = None
            case f.ConversationClosed():
                thread = self.thread(key)
                thread.seat = thread.typing_since = None
                for send in [send for send in self._live.get(key, ()) if self.texts[send].stage == "unknown"]:
                    self.texts[send].stage = "dropped"  # nobody waits for its outcome any more
                    self._note_text(send)
                if fact.by is not None:
                    thread.questions.clear()
                    thread.would_owe = None
            case f.DebtOpened():
                thread = self.thread(key)
                thread.debt, thread.remind_at, thread.reminded = fact, fact.remind_at, 0
                thread.owed_aloud = False
                thread.owed_since, thread.debt_rungs = fact.at if fact.since is None else fact.since, []
                thread.asked_at = fact.at if fact.asked_at is None else fact.asked_at
                if thread.round is not None and thread.opened_at is not None:
                    thread.asked_at = thread.opened_at
            case f.DebtReminded():
                thread = self.thread(key)
                thread.remind_at, thread.reminded = fact.next_at, fact.times
                thread.owed_aloud = thread.owed_aloud or fact.do != "remind" or fact.seat is None
                if fact.rung:
                    thread.debt_rungs.append(fact.rung)
            case f.DebtClosed():
                thread = self.thread(key)
                thread.debt = thread.waits_for = None
                thread.queued = thread.queued and thread.round is not None
                if fact.why != "hold_not_sent":
                    thread.holds.clear()
            case f.Overdrawn():
                self.over_told.add(fact.seat)
            case f.FollowUpOffered():
                self.thread(key).offer = fact
            case f.FollowUpDismissed():
                self.thread(key).offer = None
            case f.FollowUpMade():
                self.follow_ups[f"f{self.seq}"] = Promised(key, fact.owner, fact.seat, fact.due_at, fact.category)
                if fact.offered:
                    self.thread(key).offer = None
            case f.FollowUpChanged():
                one = self.follow_ups[fact.follow_up]
                one.told = one.told if one.due_at == fact.due_at else []
                one.owner, one.seat, one.due_at, one.category = fact.owner, fact.seat, fact.due_at, fact.category
            case f.FollowUpDue():
                self.follow_ups[fact.follow_up].told.append(fact.rung)
            case f.FollowUpDone() | f.FollowUpDropped():
                del self.follow_ups[fact.follow_up]
            case f.NoteWritten():
                self.notes.pop(fact.replaces or "", None)
                self.notes[f"n{self.seq}"] = (key, fact.by, fact.at)
            case f.NoteRemoved():
                del self.notes[fact.note]
            case _:
                pass

    def _gap(self, fact: f.ChannelGap) -> None:
        """A later word on the same hours, or on more, is that they were read or will not be."""
        gaps = self.unread.setdefault(fact.shop, [])
        if fact.recovered or fact.unrecoverable:
            gaps[:] = [one for one in gaps if not fact.from_at <= one.from_at <= one.to_at <= fact.to_at]
        else:
            gaps.append(fact)

    def words(self, reply: str) -> str:
        """By what a text is the same text."""
        told = unicodedata.normalize("NFKC", self.replies[reply].text).casefold()
        return "".join(letter for letter in told if letter.isalnum())

    def _office(self, fact: f.OfficeTaken) -> None:
        self.office_seq = fact.office_seq
        match fact.subject:
            case Shop() as shop:
                self.base_shops[shop.id] = shop
                self.connected.setdefault(shop.id, False)
                self.placement.setdefault(shop.id, "relay")
            case Seat() as seat:
                self.base_seats[seat.id] = seat
                if seat.id not in self.presence:
                    self.presence[seat.id] = "offline"
                    self.gone.add(seat.id)
            case Person() as person:
                self.base_persons[person.id] = person
            case QuickReply() as reply:
                known = self.replies.get(reply.id)
                if reply.status == "approved" and reply.approved_by:
                    self.replies[reply.id] = reply
                elif known is not None and known.version == reply.version:
                    del self.replies[reply.id]
            case Event() as event:
                self.events[event.id] = event
            case None:
                name = fact.removed_id or ""
                match fact.removed_sort:
                    case "seat":
                        for key in list(self.open_on(name)):
                            if self.placement[key[0]] != "relay":
                                self.threads[key].seat = None
                                self._note_place(key)
                        self.gone.discard(name)
                        self.base_seats.pop(name, None)
                        self.presence.pop(name, None)
                        self.lines.pop(name, None)
                        self.last_assigned.pop(name, None)
                    case "shop" if name in self.base_shops:
                        self.base_shops[name] = replace(
                            self.base_shops[name], assist="off", greeting="off", queue_notice="off", after_hours="off"
                        )
                    case "person":
                        self.base_persons.pop(name, None)
                    case "reply":
                        self.replies.pop(name, None)
                    case "event":
                        self.events.pop(name, None)
                    case _:
                        pass

    def _settle_earlier_days(self, key: Key, asked_at: int) -> None:
        """An unanswered round never crosses the border of its day: the first question of a later day begins anew."""
        thread, day_of = self.thread(key), self.rule(key[0]).day_of
        if all(day_of(at) < day_of(asked_at) for at in thread.questions.values()):
            thread.questions.clear()

    def _shop_wrote(self, key: Key, fact: f.ShopWrote) -> None:
        if fact.echo_of is not None:
            text = self.texts.get(fact.echo_of)
            if text is not None:
                text.proved = True
            return
        if fact.unsure:
            return  # nobody knows whether it reached the buyer, so it did nothing
        thread = self.thread(key)
        counts = thread.debt is not None or self._is_over(key) or fact.sent_at >= thread.real_until
        if fact.tone == "hold" and by_person(fact.author) and counts:
            thread.holds.add("seen")
        self.reached(key, fact.sent_at, fact.author, fact.tone, "channel")

    def _intend(
        self, key: Key, fact: f.ReplyIntended | f.HoldIntended | f.NoticeIntended, machine: bool, tone: str
    ) -> None:
        thread = self.thread(key)
        self.texts[f"s{self.seq}"] = Text(key, fact, machine, tone, len(thread.answers))

    def _started(self, key: Key, fact: f.SendStarted) -> None:
        text, thread = self.texts[fact.send], self.thread(key)
        text.stage, text.attempts = "sending", text.attempts + 1
        if text.tone == "hold":
            thread.holds.add(fact.send)
        if isinstance(text.intent, f.HoldIntended) and thread.round is not None and text.round is None:
            text.round = thread.round
            thread.said.append((fact.at, self.words(fact.reply or ""), fact.send))
            thread.held_on.append(((fact.at + 8 * HOUR) // A_DAY, fact.send))
            thread.machine.setdefault(thread.round, set()).add(fact.send)

    def _ended(self, key: Key, fact: f.SendEnded) -> None:
        text, thread = self.texts[fact.send], self.thread(key)
        was_over, text.outcome = text.stage == "over", fact.outcome
        text.doubt = text.doubt or fact.outcome == "unknown"
        never_left = fact.checked and fact.outcome == "not_sent"
        moment = fact.why in ("buyer_wrote", "round_moved", "typing", "no_longer_true") or fact.unfilled
        if isinstance(text.intent, f.HoldIntended) and never_left and moment:
            thread.rungs = {rung for rung in thread.rungs if not rung[1].startswith("hold")}  # it is decided anew
        text.stage = "waiting" if fact.retry_at is not None else "unknown" if fact.outcome == "unknown" else "over"
        if text.stage == "unknown" and text.tone == "hold" and text.attempts == 0:  # it may have begun after the backup
            thread.holds.add(fact.send)
        if fact.outcome in ("not_sent", "refused") and text.stage == "over":
            thread.holds.discard(fact.send)
            for sends in thread.machine.values():
                sends.discard(fact.send)
            thread.said = [one for one in thread.said if one[2] != fact.send]
            thread.held_on = [one for one in thread.held_on if one[1] != fact.send]
            thread.notices = [one for one in thread.notices if one[1] != fact.send]
        if fact.outcome == "confirmed" and fact.sent_at is not None and fact.author is not None:
            if was_over and text.tone == "hold" and thread.real_until < fact.sent_at:
                thread.holds.add(fact.send)
            self.reached(key, fact.sent_at, fact.author, text.tone, fact.basis, fact.skew_ms)

    def _round(self, key: Key, fact: f.RoundOpened | f.RoundMoved) -> None:
        thread = self.thread(key)
        if isinstance(fact, f.RoundOpened):
            thread.questions[int(fact.message[1:])] = fact.opened_at
        if isinstance(fact, f.RoundOpened) or fact.why in ("answered_in_part", "day_border"):
            if not (isinstance(fact, f.RoundOpened) and fact.again):  # else it is the round that it was
                self.rounds += 1
                thread.round = self.rounds
            thread.rungs, thread.announced = set(), False
        if fact.opened_at < self.restored_at and thread.round is not None:
            thread.machine.setdefault(thread.round, set()).add("before the restore")
        thread.opened_at, thread.due_at = fact.opened_at, fact.due_at
        named = fact.due_from
        thread.due_from = None if fact.due_at is None else named or fact.opened_at
        clock = fact.service_from, fact.service_due_at
        thread.service = None if clock[0] is None or clock[1] is None else (clock[0], clock[1])

    def reached(self, key: Key, at: int, author: Author, tone: str, basis: str, skew_ms: int = 0) -> None:
        """A merchant's text reached the buyer at this server time, or so much before it by relay's own clock."""
        thread = self.thread(key)
        if self.rule(key[0]).answers(author):
            thread.answers.append(at)
            if basis == "channel":
                thread.answered_until = max(thread.answered_until, at)
            thread.questions = {seq: asked for seq, asked in thread.questions.items() if asked > at}
        if by_person(author) and tone == "answer":
            real_at = at - (skew_ms if basis == "relay" else 0)
            thread.real_until = max(thread.real_until, real_at)
            if thread.would_owe is not None and real_at >= thread.would_owe:
                thread.would_owe = None


def _keep(held: dict[str, None], one: str, belongs: bool) -> None:
    if belongs:
        held[one] = None
    else:
        held.pop(one, None)
