"""The laws of the design as checks over one step: what was told before, the step's facts, and the desk after it.

Every law is written from its own sentence and knows nothing of how the desk decides. `Laws.check` runs after every
step of a `World`; a broken law raises `Broken` with the law's number, so that a random run says at once what failed.

Each step is held against every law, but only where it can have changed anything: at the buyers and seats it names, and
at everybody who waits. Every `thorough`-th step, and each that changes the frame (settings, channels, clock, start), is
looked at as a whole, so that a change in a place that no fact named is found too. With 1 every step is.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import msgspec

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import encode
from relay.domain.confirming import terms_of
from relay.domain.desk import Desk
from relay.domain.due import conversation_due, seat_due
from relay.domain.effects import Deliver, Prepare, effects_of, pending
from relay.domain.guiding import GuidingRules
from relay.domain.model import Conversation, DeskState
from relay.domain.names import DeskId, Millis, SeatId
from relay.domain.replay import input_of
from relay.domain.settings import Seat
from tests.domain import by_hand, promises, promotion, taking
from tests.domain.draft_laws import DraftLaws
from tests.domain.duty import MINUTE
from tests.domain.told import Text, Told, by_person

FRAME = (
    f.OfficeTaken, f.EventTurned, f.ChannelConnected, f.ChannelLost, f.DeskStarted, f.ClockStepped,
    f.ChannelGap, f.ChannelSilent, f.ChannelHeard, f.SendingMeasured,
)  # fmt: skip
"""After these anything may have changed anywhere."""
FAR = 1 << 60
MOST_A_DAY = 2
A_DAY = 86_400_000
PERSONAL = {"buyer_name", "order_no"}
TWELVE_HOURS = 12 * 3_600_000
TYPING_MS = 8_000
LAST_CALL_MS = 8_000


class Broken(AssertionError):
    """A law does not hold; `law` is its number and `what` the short name of the breach."""

    def __init__(self, law: str, what: str, detail: object = "") -> None:
        self.law, self.what = law, what
        super().__init__(f"{law} {what}: {detail}")


def picture(value: object) -> object:
    """The state as plain values in order, without what only the timer needs."""
    if isinstance(value, msgspec.Struct):
        return tuple((name, picture(getattr(value, name))) for name in value.__struct_fields__ if name != "armed")
    if isinstance(value, dict):
        return tuple((picture(key), picture(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(picture(one) for one in value)
    return value


class Laws:
    """The watcher of one desk. It keeps a mirror (replay only) and a twin (stepped again from the ledger)."""

    def __init__(
        self, desk: DeskId, rules: GuidingRules, leave: frozenset[str] = frozenset(), thorough: int = 1
    ) -> None:
        self.leave, self.thorough, self.steps = leave, thorough, 0
        self.told = Told(rules)
        self.drafts = DraftLaws(self.told, self._broken)
        self.mirror, self.twin = Desk(desk, rules), Desk(desk, rules)
        self.prepared: dict[str, int] = {}
        self.delivered: dict[str, int] = {}
        self.reason = ""
        self.at = 0
        self._latest, self._unnoticed = 0, False
        self._minutes: list[int] = []
        self._now = (0, 0, False)
        """As of when the three below were looked up: seq, instant, and whether a clock set back is not noticed yet."""
        self._found: dict[tuple[str, str, int], list[str]] = {}
        self._serve: dict[str, list[Seat]] = {}
        self._room: dict[str, bool] = {}
        self._book: tuple[int, object] = (0, None)
        self._duty: dict[tuple[str, int, int], bool] = {}
        self._dues: list[tuple[int, tuple[str, str]]] = []
        self._due_of: dict[tuple[str, str], int] = {}
        self._seat_dues: dict[str, int] = {}
        self._due_since: dict[tuple[str, str], int] = {}

    def _broken(self, law: str, what: str, detail: object = "") -> None:
        if f"{law} {what}" not in self.leave:
            raise Broken(law, what, detail)

    def check(self, desk: Desk, given: i.Input, at: int, facts: list[f.DeskFact]) -> None:
        """Take the facts of one step and hold every law against it."""
        if any(isinstance(fact, f.ClockStepped | f.DeskStarted) for fact in facts) or at >= self._latest:
            self._latest, self._unnoticed = at, False
        elif facts:
            self._unnoticed = True
        self.at = at
        self.steps += 1
        whole = self.steps % self.thorough == 0 or any(isinstance(fact, FRAME) for fact in facts)
        self._one_observation(given, facts)
        self._same_again(facts)
        real_answers = list(self._real_answers(facts))
        for fact in facts:
            before: Callable[[f.DeskFact, i.Input, int], None] | None = self._BEFORE.get(type(fact))
            if before is not None:
                before(self, fact, given, at)
            self.drafts.before(fact, given)
            self.mirror.replay(fact)
            self.told.take(fact)
            self.drafts.after(self.told.seq, fact)
            if isinstance(fact, f.OfficeTaken | f.EventTurned):
                self._duty.clear()
            self._effects(fact)
        named = {(one.shop, one.buyer): None for one in facts if hasattr(one, "buyer")}
        seats = list(self.mirror.state.seats) if whole else self._seats_named(facts)
        if facts and isinstance(facts[0], f.DeskStarted):
            self._nobody_is_connected(facts)
            self._nothing_is_on_its_way(facts)
        if facts:
            keys = list(self.told.threads) if whole else list(named)
            if not self._unnoticed and (whole or any(isinstance(fact, f.EventTurned) for fact in facts)):
                self._events(at)
            if self._may_have_turned(at, facts, whole):
                self._turned(at)
            self._l3(keys, seats)
            self._left_behind()
        self._alerts(list(self.told.threads) if whole else list(named), whole)
        if whole:
            self._all_effects()
        self._l4_overdrawn(seats)
        self.drafts.finish(self.told.threads if whole else named, self.mirror.state)
        self._l6(named, facts)
        self._l10(named, facts, real_answers)
        slower = {fact.shop for fact in facts if isinstance(fact, f.SendingMeasured)}
        self._lead([*named, *(key for key in self.told.threads if key[0] in slower)], at)
        promises.hold(self, facts, desk.next_due())
        if whole or any(isinstance(fact, by_hand.NOTED) for fact in facts):
            by_hand.hold(self, at)
        self._l11(desk, named, seats, whole)

    def _seats_named(self, facts: list[f.DeskFact]) -> list[SeatId]:
        """The seats that these facts speak of, as far as there still are such seats."""
        told = [getattr(fact, name, None) for fact in facts for name in ("seat", "previous", "waits_for", "to")]
        return [one for one in dict.fromkeys(told) if one in self.mirror.state.seats]

    def _is_on(self, seat: Seat, at: int) -> bool:
        """What the calendar says, remembered for the minute.

        A clock that was set back is noticed within a second: until then the shifts stand as the later time had them.
        """
        if self._unnoticed:
            return self.mirror.state.seats[seat.id].shift_on
        key = (seat.id, at // MINUTE, -1)
        if key not in self._duty:
            self._duty[key] = self.told.works(seat.id, at)
        return self._duty[key]

    def _is_draining(self, seat: Seat, at: int) -> bool:
        shop = self.told.shops[seat.shop]
        if self._unnoticed:
            return self.mirror.state.seats[seat.id].draining
        key = (seat.id, at // MINUTE, (at + shop.drain_s * 1000) // MINUTE)
        if key not in self._duty:
            self._duty[key] = self.told.is_draining(seat.id, at)
        return self._duty[key]

    # --- L16 and L11: the same facts again, and the same state from the facts

    def _one_observation(self, given: i.Input, facts: list[f.DeskFact]) -> None:
        if not facts and not isinstance(given, i.Tick):
            self._broken("L16", "input_left_no_fact", given)
        cause = self.told.seq + 1
        for number, fact in enumerate(facts):
            if fact.cause != (0 if number == 0 else cause):
                self._broken("L16", "cause", (number, fact))

    def _same_again(self, facts: list[f.DeskFact]) -> None:
        if not facts:
            return
        try:
            again = self.twin.step(input_of(facts[0]), facts[0].at)
        except Exception as why:
            self._broken("L16", "rerun_raised", (facts[0], why))
            return
        if [encode(one) for one in again] != [encode(one) for one in facts]:
            self._broken("L16", "rerun_differs", (facts, again))

    def _l11(self, desk: Desk, named: Iterable[tuple[str, str]], seats: list[SeatId], whole: bool) -> None:
        mine, theirs = self.mirror.state, desk.state
        if whole:
            self._same_state(mine, theirs)
        for key in named:
            self._same(mine.conversations.get(key), theirs.conversations.get(key))  # type: ignore[call-overload]
            if mine.past.get(key) != theirs.past.get(key):  # type: ignore[call-overload]
                self._broken("L11", "replayed_state_differs", key)
        for seat_id in seats:
            self._same(mine.seats[seat_id], theirs.seats[seat_id])
        if whole:
            self._seat_dues = {}
        for seat_id in seats:
            due = seat_due(theirs.seats[seat_id])
            self._seat_dues[seat_id] = FAR if due is None else due[0]
        first = self._first_due(desk, [*theirs.conversations, *self._due_of] if whole else named)
        armed = desk.next_due()
        if first is not None and (armed is None or armed > first):
            self._broken("L11", "due_is_not_armed", (first, armed))

    def _same_state(self, mine: DeskState, theirs: DeskState) -> None:
        """Everything, and at a thorough step its order too."""
        for key, conv in theirs.conversations.items():
            self._same(mine.conversations.get(key), conv)
        for seat_id, seat in theirs.seats.items():
            self._same(mine.seats.get(seat_id), seat)
        if mine != theirs:
            self._broken("L11", "replayed_state_differs")
        if self.steps % self.thorough == 0 and picture(mine) != picture(theirs):
            self._broken("L11", "replayed_state_differs")

    def _same(self, mine: Any, theirs: Any) -> None:
        if mine is not None and theirs is not None:
            mine.armed = theirs.armed  # what only the timer needs; the mirror has no timer
        if mine != theirs:
            self._broken("L11", "replayed_state_differs", (mine, theirs))

    def look_at_all(self) -> None:
        """After a restart: what the ledger gives back is what the desk that wrote it had."""
        if picture(self.mirror.state) != picture(self.twin.state):
            self._broken("L11", "replayed_state_differs")

    def overdue(self, at: Millis) -> None:
        """Everything that was due by this instant has been done, and nobody is left with a seat that is gone.

        For a process that has been running well for a while; what it does is on the ledger by now.
        """
        first = self._first_due(self.twin, ())
        if first is not None and first <= at:
            late = {key: due for key, due in self._due_of.items() if due <= at and self._due_since[key] <= at}
            seats = {id: due for id, one in self.twin.state.seats.items() if (due := seat_due(one)) and due[0] <= at}
            if late or seats:
                self._broken("L11", "due_and_not_done", (late, seats, at))
        for seat_id, seat in self.told.seats.items():
            line = self.told.lines.get(seat_id)
            if line is None or line.connected or line.until > at:
                continue
            for key in self.told.waiting_on(seat_id):
                if self.told.placement[seat.shop] == "relay" and self._eligible(key):
                    self._broken("§6", "gone_and_kept", (key, seat_id, line.last))
        promises.overdue(self, at)

    def _first_due(self, desk: Desk, changed: Iterable[tuple[str, str]]) -> int | None:
        """The earliest due of all, by the state alone: those that may have changed are reckoned anew."""
        for key in changed:
            conv = desk.state.conversations.get(key)  # type: ignore[call-overload]
            due = conversation_due(desk.state, conv) if conv is not None else None
            if due is None:
                self._due_of.pop(key, None)
            elif self._due_of.get(key) != due[0]:
                self._due_of[key], self._due_since[key] = due[0], self.at
                heapq.heappush(self._dues, (due[0], key))
        while self._dues and self._due_of.get(self._dues[0][1]) != self._dues[0][0]:
            heapq.heappop(self._dues)
        first = min([*self._seat_dues.values(), *(one[0] for one in self._dues[:1])], default=FAR)
        return None if first == FAR else first

    # --- L3

    def _l3(self, keys: list[tuple[str, str]], seats: list[SeatId]) -> None:
        told, conversations = self.told, self.mirror.state.conversations
        for key in keys:
            thread = told.thread(key)
            state = conversations.get(key)  # type: ignore[call-overload]
            if state is not None:
                self._as_told(key, state)
            if told.placement[key[0]] != "relay":
                continue
            if thread.round is not None and (thread.seat is None) == (not thread.queued):
                self._broken("L3", "owner_xor_queue", (key, thread))
            if thread.seat is not None and thread.seat not in told.seats:
                self._broken("L3", "owner_is_gone", (key, thread.seat))
            if thread.round is None and thread.debt is None and thread.queued:
                self._broken("L3", "queued_without_question", key)
        shops = {key[0] for key in keys}
        for shop_id, shop in self.mirror.state.shops.items():
            queued = told.queued_in(shop_id)
            if shop_id in shops and {key[1] for key in queued} != shop.queue.keys():
                self._broken("L3", "queue_places", (queued, shop.queue))
            if queued and told.placement[shop_id] == "relay":
                self._waits_for_a_reason(shop_id, queued)
        for seat_id in seats:
            seat = self.mirror.state.seats[seat_id]
            if seat.open.keys() != told.open_on(seat_id) or seat.waiting != len(told.waiting_on(seat_id)):
                self._broken("L3", "reception_list", (seat_id, seat.open, seat.waiting))

    def _as_told(self, key: tuple[str, str], state: Conversation) -> None:
        thread = self.told.thread(key)
        if (state.queued_at is not None, state.seat) != (thread.queued, thread.seat):
            self._broken("L3", "picture", key)
        busy = state.round or state.debt or state.sends or state.transfer
        if not (state.seat or state.queued_at is not None or busy):
            self._broken("L3", "holds_nothing_and_is_kept", key)

    def _waits_for_a_reason(self, shop: str, queued: Iterable[tuple[str, str]]) -> None:
        """Whoever waits waits because nobody has room, or for a seat that owes them an answer."""
        seen: set[tuple[str, int]] = set()
        for key in queued:
            thread = self.told.thread(key)
            if thread.waits_for is None and (thread.group, thread.level) in seen:
                continue
            seen.add((thread.group, thread.level))
            if thread.waits_for is not None:
                if thread.debt is None or thread.wait_until - thread.queued_at > 60_000:
                    self._broken("L3", "waits_for_a_seat_without_reason_or_end", (key, thread))
                if self._may_take_back(key[0], thread.waits_for):
                    self._broken("L3", "waits_for_a_seat_that_is_free", (key, thread))
            elif free := self._eligible(key):
                self._broken("L3", "waits_although_room", (key, free))

    def _eligible(self, key: tuple[str, str]) -> list[str]:
        """Serving seats with room, as the told picture has it; CS admins only when no agent serves.

        A buyer's group is widened step by step where nobody of it serves at all.
        """
        thread = self.told.thread(key)
        self._forget_what_was_before()
        kind = (key[0], thread.group, thread.level)
        if kind not in self._found:
            self._found[kind] = self._look_for(key)
        return self._found[kind]

    def _forget_what_was_before(self) -> None:
        now = (self.told.seq, self.at, self._unnoticed)
        if self._now != now:
            self._now = now
            self._found, self._serve, self._room = {}, {}, {}

    def _look_for(self, key: tuple[str, str]) -> list[str]:
        told, relaxations = self.told, len(self.told.shops[key[0]].relaxations)
        serving = self._serving(key[0])
        agents = [seat for seat in serving if seat.role == "agent"]
        fit = agents or serving
        for level in range(told.thread(key).level if agents else relaxations + 1, relaxations + 2):
            fit = [seat for seat in agents or serving if told.may_serve(key, seat.id, level)]
            if fit:
                break
        return [seat.id for seat in fit if self._has_room(seat.id)]

    def _may_take_back(self, shop: str, seat_id: str) -> bool:
        """Whoever owes an answer gets their buyer back whatever the group, a CS admin too, once there is room."""
        return any(seat.id == seat_id for seat in self._serving(shop)) and self._has_room(seat_id)

    def _serving(self, shop: str) -> list[Seat]:
        self._forget_what_was_before()
        if shop not in self._serve:
            self._serve[shop] = self._look_who_serves(shop)
        return self._serve[shop]

    def _look_who_serves(self, shop: str) -> list[Seat]:
        told = self.told
        here = [seat for seat in told.seats.values() if seat.shop == shop]
        return [
            seat
            for seat in here
            if told.presence[seat.id] == "online"
            and not told.lines[seat.id].flapping
            and self._is_on(seat, self.at)
            and not self._is_draining(seat, self.at)
            and seat.agent in told.persons
            and not told.persons[seat.agent].disabled
        ]

    def _has_room(self, seat_id: str) -> bool:
        self._forget_what_was_before()
        if seat_id not in self._room:
            self._room[seat_id] = self._look_for_room(seat_id)
        return self._room[seat_id]

    def _look_for_room(self, seat_id: str) -> bool:
        told, seat = self.told, self.told.seats[seat_id]
        person = told.persons.get(seat.agent)
        return (
            len(told.open_on(seat_id)) + len(told.expected_on(seat_id)) < seat.cap
            and person is not None
            and (person.cap is None or self._agent_open(seat.agent) < person.cap)
        )

    def _agent_open(self, agent: str) -> int:
        told = self.told
        return sum(len(told.open_on(seat)) + len(told.expected_on(seat)) for seat in told.seats_of(agent))

    # --- events (L11, §8): whatever ticks came or did not

    def _events(self, at: int) -> None:
        """At every instant what counts is what counts outside events, laid over by the event that is on."""
        told, state = self.told, self.mirror.state
        for name, shop in told.base_shops.items():
            event, here = promotion.on_in(shop, told.events.values(), at), state.shops[name]
            on = event.id if event is not None else None
            if (on, on) != (told.on.get(name), here.event):
                self._broken("L11", "event", (name, at, on, told.on.get(name), here.event))
            if here.setting != promotion.shop_as(shop, event) or here.base != shop:
                self._broken("§8", "shop_during_event", (name, here.setting))
            if here.holds != (event.replies if event is not None else None):
                self._broken("L8", "holds_of_the_event", (name, here.holds))
        for name, seat in told.base_seats.items():
            now = state.seats[name]
            if now.base != seat or now.setting.cap != told.seats[name].cap:
                self._broken("§8", "seat_during_event", (name, now))
            if told.on.get(seat.shop) is None and now.setting != seat:
                self._broken("§8", "not_as_before", (name, now))
        if state.base_persons != told.base_persons or state.persons != told.persons:
            self._broken("§8", "agents_during_event", (state.persons, told.persons))

    def _event_turned(self, fact: f.EventTurned, given: i.Input, at: int) -> None:
        event = promotion.on_in(self.told.base_shops[fact.shop], self.told.events.values(), at)
        if fact.event != (event.id if event is not None else None):
            self._broken("L11", "event_turned_wrong", fact)

    # --- shifts and connections (L11, §6)

    def _nothing_is_on_its_way(self, facts: list[f.DeskFact]) -> None:
        """L9: what was being sent when the process ended, or had not ended when the backup was taken, is unknown."""
        assert isinstance(facts[0], f.DeskStarted)
        stages = ("sending",) if facts[0].restored_from is None else ("intended", "sending", "waiting")
        for send, text in self.told.texts.items():
            if text.stage in stages:
                self._broken("L9", "decided_blindly_after_a_start", (send, text))

    def _may_have_turned(self, at: int, facts: list[f.DeskFact], whole: bool) -> bool:
        """Whether a minute has begun, or a seat was named, since the seats were last looked at."""
        now = [at // MINUTE, *((at + shop.drain_s * 1000) // MINUTE for shop in self.told.shops.values())]
        was, self._minutes = self._minutes, now
        named = any(hasattr(fact, "seat") and not hasattr(fact, "buyer") for fact in facts)
        return whole or named or was != now or any(line.flapping for line in self.told.lines.values())

    def _turned(self, at: int) -> None:
        """Whatever ticks came or did not: after a step every seat stands as the calendar has it at its instant."""
        told = self.told
        for seat_id, seat in told.seats.items():
            state, line = self.mirror.state.seats[seat_id], told.lines.get(seat_id)  # type: ignore[index]
            if state.shift_on != self._is_on(seat, at) or state.draining != self._is_draining(seat, at):
                self._broken("L11", "shift", (seat_id, at, state))
            if line is None:
                continue
            if (state.flapping_until is not None) != line.flapping:
                self._broken("L11", "flapping_state", (seat_id, state, line.flapping))
            if line.flaps and not line.flapping and line.last == at:
                self._broken("§6", "flaps_untold", (seat_id, line.counted))
            if line.flapping and line.over_at() <= at:
                self._broken("L11", "flapping_does_not_end", (seat_id, line.counted, at))

    def _flapping_began(self, fact: f.FlappingBegan, given: i.Input, at: int) -> None:
        line = self.told.lines[fact.seat]
        if not isinstance(given, i.SetPresence) or line.flapping or not line.flaps or fact.until != line.over_at():
            self._broken("§6", "flapping_without_cause", (fact, line.counted))

    def _flapping_ended(self, fact: f.FlappingEnded, given: i.Input, at: int) -> None:
        if not self.told.lines[fact.seat].flapping:
            self._broken("§6", "flapping_ended_twice", fact)

    def _shift_turned(self, fact: f.ShiftTurned, given: i.Input, at: int) -> None:
        seat = self.told.seats[fact.seat]
        if (fact.on, fact.draining) != (self._is_on(seat, at), self._is_draining(seat, at)):
            self._broken("L11", "shift_turned_wrong", fact)

    def _left_behind(self) -> None:
        """Whose shift is over keeps no unanswered buyer whom another could take, unless an answer is on its way."""
        told = self.told
        off = {one for one in told.kept_waiting() if not self._is_on(told.seats[one], self.at)}
        if set(self.mirror.state.left) != off | {one for one in told.gone if told.waiting_on(one)}:
            self._broken("§6", "left", (self.mirror.state.left, off, told.gone))
        for seat_id in off:
            for key in told.waiting_on(seat_id):
                going = any(
                    not text.machine and text.stage in ("intended", "sending", "waiting")
                    for text in told.live_texts(key)
                )
                if told.placement[key[0]] == "relay" and not going and self._eligible(key):
                    self._kept(key)

    def _kept(self, key: tuple[str, str]) -> None:
        """Only one whose seat must answer first may stay there, and then that is said."""
        thread = self.told.thread(key)
        if not self.told.must_answer_first(key, self.at):
            self._broken("§6", "left_behind", (key, thread.seat, self._eligible(key)))
        elif thread.withheld is None or thread.withheld.why != "answer_first":
            self._broken("§6", "kept_without_a_word", (key, thread.seat))

    def _nobody_is_connected(self, facts: list[f.DeskFact]) -> None:
        """A process that has just begun has no client yet; whoever was connected has a whole grace to come back."""
        lost = {fact.seat for fact in facts if isinstance(fact, f.PresenceSet)}
        for seat_id, seat in self.mirror.state.seats.items():
            whole = self.at + self.told.shops[seat.setting.shop].grace_s * 1000
            if seat.presence != "offline" or (seat_id in lost and seat.grace_until != whole):
                self._broken("L11", "connected_to_a_dead_process", seat_id)

    def _grace_ended(self, fact: f.GraceEnded, given: i.Input, at: int) -> None:
        line = self.told.lines[fact.seat]
        if not isinstance(given, i.Tick) or line.connected or not line.until:
            self._broken("§6", "grace_ended_without_cause", (fact, given))
        if at < line.until:
            self._broken("§6", "grace_cut_short", (fact, line.last, line.until))

    def _reminded(self, fact: f.DebtReminded, given: i.Input, at: int) -> None:
        thread = self.told.thread((fact.shop, fact.buyer))
        if thread.debt is None or not isinstance(given, i.Tick) or fact.times != thread.reminded + 1:
            self._broken("L10", "reminded_without_cause", (fact, thread.debt))
        due, rung = self.told.debt_rung((fact.shop, fact.buyer))
        if fact.rung in thread.debt_rungs:
            self._broken("L10", "rung_twice", (fact, thread.debt_rungs))
        if fact.rung != rung or (fact.do != rung.partition("+")[0]):
            self._broken("L10", "rung_out_of_order", (fact, rung))
        if at < due:
            self._broken("L11", "reminded_before_its_time", (fact, due))

    # --- L4, L5

    def _assigned(self, fact: f.Assigned, given: i.Input, at: int) -> None:
        if fact.reason == "platform":
            return
        told, key = self.told, (fact.shop, fact.buyer)
        seat = told.seats.get(fact.seat)
        if seat is None or seat.shop != fact.shop:
            self._broken("L14", "seat_of_another_shop", fact)
        thread = told.thread(key)
        if fact.reason == "taken_back" and isinstance(given, i.TakeBack):
            taking.led_back(self, fact, given, own_seat=thread.seat is None)
            return
        if told.placement[fact.shop] != "relay":
            there = told.arrived
            if there is None or (there.shop, there.buyer) != key or there.to != fact.seat:
                self._broken("L3", "relay_moves_where_the_platform_places", fact)
            return
        if fact.reason in ("manual", "transfer") and fact.winner is None:
            self._named(fact, told.asked)
            return
        if not self._has_room(fact.seat):
            self._broken("L4", "placed_at_or_above_cap", fact)
        if fact.reason == "rescue" and told.must_answer_first(key, at):
            self._broken("§6", "moved_before_the_seat_that_is_charged_answered", fact)
        own_word = isinstance(given, i.Reply) and told.seats[fact.seat].agent == given.by
        if fact.reason == "follow_up" and not (own_word or fact.seat in [one.seat for one in told.promised_to(key)]):
            self._broken("L5", "not_a_seat_that_promised", fact)
        if fact.reason == "follow_up" and isinstance(given, i.Reply):  # by the word of whoever promised
            if fact.seat not in [one.id for one in self._serving(fact.shop)]:
                self._broken("L5", "promised_seat_does_not_serve", fact)
            return
        if fact.reason == "debt":
            if thread.waits_for != fact.seat or not self._may_take_back(fact.shop, fact.seat):
                self._broken("L5", "not_the_seat_that_owes", fact)
            return
        eligible = [one for one in self._eligible(key) if one != thread.seat]
        if fact.seat not in eligible:
            self._broken("L5", "not_eligible", (fact, eligible))
        if fact.from_queue and fact.reason not in ("manual", "transfer"):
            self._turn(fact, at)
        promised = {one.seat for one in told.promised_to(key)} & set(eligible)
        if promised and fact.reason in ("sticky", "least_loaded", "fallback"):
            self._broken("L5", "promised_seat_passed_over", (fact, promised))
        if fact.reason in ("sticky", "follow_up"):
            return
        best = min(eligible, key=self._rank)
        if best != fact.seat:
            self._broken("L5", "not_least_loaded", (fact, {one: self._rank(one) for one in eligible}))
        if fact.winner is None or fact.winner.seat != fact.seat or (len(eligible) > 1) != (fact.runner_up is not None):
            self._broken("L5", "keys_not_named", fact)

    def _named(self, fact: f.Assigned | f.TransferRequested, asked: f.MoveAsked | None) -> None:
        """A person named the seat: only a supervisor may go above a cap, and nobody to a seat without anybody."""
        seat = fact.seat if isinstance(fact, f.Assigned) else fact.to
        if asked is None or (asked.shop, asked.buyer, asked.to) != (fact.shop, fact.buyer, seat):
            self._broken("L5", "moved_without_a_word", (fact, asked))
        elif not asked.push and not self._has_room(seat):
            self._broken("L4", "passed_on_above_cap", (fact, asked))
        if self.told.presence[seat] == "offline":
            self._broken("§6", "moved_to_nobody", fact)

    def _requested(self, fact: f.TransferRequested, given: i.Input, at: int) -> None:
        told, key = self.told, (fact.shop, fact.buyer)
        thread = told.thread(key)
        if told.placement[fact.shop] != "transfer":
            self._broken("L3", "transfer_where_relay_may_not", fact)
        if fact.attempt > 1:
            if thread.transfer is None or (thread.transfer.transfer, thread.transfer.to) != (fact.transfer, fact.to):
                self._broken("L3", "asked_again_for_another", (fact, thread.transfer))
            return
        if thread.transfer is not None or fact.seat != thread.seat:
            self._broken("L3", "two_transfers", (fact, thread))
        if fact.reason == "taken_back":
            taking.led_back(self, fact, given)
            return
        if fact.winner is None:
            self._named(fact, told.asked)
            return
        if not isinstance(given, i.MoveBuyer) and told.shops[fact.shop].moves != "auto":
            self._broken("L3", "moves_by_itself_without_leave", fact)
        if fact.reason == "rescue" and told.must_answer_first(key, at):
            self._broken("§6", "moved_before_the_seat_that_is_charged_answered", fact)
        eligible = [one for one in self._eligible(key) if one != thread.seat]
        if fact.to not in eligible or min(eligible, key=self._rank) != fact.to:
            self._broken("L5", "not_least_loaded", (fact, eligible))

    def _transfer_ended(self, fact: f.TransferEnded, given: i.Input, at: int) -> None:
        waiting = self.told.thread((fact.shop, fact.buyer)).transfer
        if waiting is None or (waiting.transfer, waiting.to) != (fact.transfer, fact.to):
            self._broken("L3", "ended_what_was_not_asked", (fact, waiting))
        if fact.outcome == "confirmed" and not isinstance(given, i.EndTransfer | i.TakePlacement | i.TakeBuyerMessage):
            self._broken("L9", "transfer_confirmed_without_evidence", (fact, given))

    def _advised(self, fact: f.MoveAdvised, given: i.Input, at: int) -> None:
        thread = self.told.thread((fact.shop, fact.buyer))
        eligible = [one for one in self._eligible((fact.shop, fact.buyer)) if one != thread.seat]
        if fact.to not in eligible or min(eligible, key=self._rank) != fact.to:
            self._broken("L5", "advice_is_not_the_least_loaded", (fact, eligible))

    def _turn(self, fact: f.Assigned, at: int) -> None:
        """Of all who could be placed now: three that can be saved, by remaining time, then one late, by age."""
        told, shop = self.told, fact.shop
        ready = [key for key in told.queued_in(shop) if told.thread(key).waits_for is None and self._eligible(key)]
        late = [key for key in ready if told.lost_at(key) <= at]
        savable = [key for key in ready if told.lost_at(key) > at]
        turn = late if late and (not savable or told.savable_in_a_row.get(shop, 0) >= 3) else savable

        def rank(key: tuple[str, str]) -> tuple[int, int, str]:
            thread = told.thread(key)
            since = told.waits_since(key) if turn is late else told.lost_at(key)
            return since - thread.head_start, thread.heard_here, key[1]

        if min(turn, key=rank) != (shop, fact.buyer):
            self._broken("L3", "not_next_in_the_queue", (fact, sorted(turn, key=rank)))

    def _rank(self, seat_id: str) -> tuple[Fraction, Fraction, int, str]:
        told, seat = self.told, self.told.seats[seat_id]
        mine, places = told.seats_of(seat.agent), seat.cap * seat.weight
        waiting = sum(len(told.waiting_on(one)) for one in mine)
        opened = sum(len(told.open_on(one)) + len(told.expected_on(one)) for one in mine)
        return Fraction(waiting, places), Fraction(opened, places), told.last_assigned.get(seat_id, 0), seat_id

    def _l4_overdrawn(self, seats: list[SeatId]) -> None:
        told = self.told
        for seat_id in seats:
            seat = told.seats[seat_id]
            person = told.persons.get(seat.agent)
            over_seat = len(told.open_on(seat_id)) > seat.cap
            opened = sum(len(told.open_on(one)) for one in told.seats_of(seat.agent))
            over_agent = person is not None and person.cap is not None and opened > person.cap
            if over_seat and seat_id not in told.over_told:
                self._broken("L4", "overdrawn_untold", seat_id)
            if over_agent and not told.over_told & set(told.seats_of(seat.agent)):
                self._broken("L4", "agent_overdrawn_untold", seat_id)
            if not over_seat and not over_agent:
                told.over_told.discard(seat_id)

    # --- L6

    def _opened(self, fact: f.RoundOpened | f.RoundMoved, given: i.Input, at: int) -> None:
        self._clock_given(fact)
        answers = self.told.thread((fact.shop, fact.buyer)).answers
        if fact.opened_at < self.told.thread((fact.shop, fact.buyer)).answered_until:
            self._broken("L6", "opens_what_is_answered", (fact, answers))

    def _moved(self, fact: f.RoundMoved, given: i.Input, at: int) -> None:
        self._clock_given(fact)
        thread = self.told.thread((fact.shop, fact.buyer))
        allowed: dict[str, tuple[type[i.Input], ...]] = {
            "recall": (i.TakeRecall,),
            "earlier_message": (i.TakeBuyerMessage,),
            "day_border": (i.TakeBuyerMessage,),
            "first_assessed": (i.TakeBuyerMessage,),
            "answered_in_part": (i.TakeShopMessage, i.EndSend, i.ResolveSend),
            "settings": (i.TakeOffice,),
        }
        if not isinstance(given, allowed[fact.why]):
            self._broken("L6", "moved_without_cause", (fact, given))
        if fact.why == "earlier_message":
            self._opened(fact, given, at)
        asked = None if fact.due_at is None else fact.due_from or fact.opened_at
        if (thread.opened_at, thread.due_at, thread.due_from) == (fact.opened_at, fact.due_at, asked):
            self._broken("L6", "moved_nothing", fact)
        kept = thread.service == (None if fact.service_from is None else (fact.service_from, fact.service_due_at))
        if thread.opened_at == fact.opened_at and not kept:
            self._broken("L6", "service_clock_moved", (fact, thread.service))

    def _l6(self, named: Iterable[tuple[str, str]], facts: list[f.DeskFact]) -> None:
        told = self.told
        for key in named:
            thread, want = told.thread(key), told.expected_opening(key)
            if want != thread.opened_at:
                self._broken("L6", "clock", (key, want, thread.opened_at, thread.questions, facts))
            if want is not None and told.expected_due(key) != thread.due_at:
                self._broken("L6", "deadline", (key, told.expected_due(key), thread.due_at))
            if want is not None and told.expected_due_from(key) != thread.due_from:
                self._broken("L6", "deadline_of_which", (key, told.expected_due_from(key), thread.due_from))
            begins = thread.service[0] if thread.service is not None else None
            if told.expected_service_from(key) != begins:
                self._broken("L6", "service_clock", (key, told.expected_service_from(key), thread.service))
            state = self.mirror.state.conversations.get(key)
            now = None if state is None or state.round is None else (state.round.opened_at, state.round.due_at)
            if now != (None if want is None else (thread.opened_at, thread.due_at)):
                self._broken("L6", "state", (key, now, want))

    # --- the service clock and the ladder (§7)

    def _clock_given(self, fact: f.RoundOpened | f.RoundMoved) -> None:
        """The shop's standard of that moment, counted from where the clock begins."""
        if fact.service_from is None or fact.service_due_at is None:
            return
        standard = self.told.shops[fact.shop].service_s * 1000
        was = self.told.thread((fact.shop, fact.buyer)).service
        if fact.service_due_at - fact.service_from != standard and was != (fact.service_from, fact.service_due_at):
            self._broken("§7", "service_limit", fact)

    def _stepped(self, fact: f.LadderStepped, given: i.Input, at: int) -> None:
        told, key = self.told, (fact.shop, fact.buyer)
        thread = told.thread(key)
        if not isinstance(given, i.Tick) or thread.opened_at != fact.round_at:
            self._broken("§7", "rung_of_nothing", (fact, given))
        begins, due = (thread.due_from, thread.due_at) if fact.clock == "rule" else (thread.service or (None, None))
        if begins is None or due is None or due != fact.due_at:
            self._broken("§7", "rung_of_another_ladder", (fact, begins, due))
        ladder = {f"{one.do}+{one.after_s}" if one.before_s is None else f"{one.do}-{one.before_s}": one
                  for one in told.ladder(key)}  # fmt: skip
        for name in (*fact.passed, fact.rung):
            rung = ladder.get(name)
            if (fact.clock, name) in thread.rungs and fact.do != "hold":  # one that never left may be decided anew
                self._broken("§7", "rung_twice", (fact, thread.rungs))
            if rung is None or (name == fact.rung and rung.do != fact.do):
                self._broken("§7", "rung_of_another_ladder", (fact, told.ladder(key)))
            before_ms = (rung.before_s or 0) * 1000
            if fact.do == "hold":  # where sending is slow it stands earlier
                before_ms = max(before_ms, 2 * told.sending.get(fact.shop, 0) + 5_000)
            if at < max(begins, begins + rung.after_s * 1000 if rung.after_s is not None else due - before_ms):
                self._broken("§7", "rung_before_its_second", (fact, begins, due))
            if name != fact.rung and (rung.do in ("hold", "reroute") or fact.do in ("hold", "reroute")):
                self._broken("§7", "decided_in_passing", fact)
        if fact.do == "hold" and fact.clock == "service":
            self._broken("§7", "machine_under_the_service_clock", fact)

    def _began(self, fact: f.ServiceBegan, given: i.Input, at: int) -> None:
        thread = self.told.thread((fact.shop, fact.buyer))
        if thread.service != (fact.service_from, fact.service_due_at) or thread.opened_at != fact.opened_at:
            self._broken("§7", "opening_of_another_clock", (fact, thread.service))
        if thread.announced or at < fact.service_from or fact.opened_at >= fact.service_from:
            self._broken("§7", "not_overnight", fact)

    def _lead(self, keys: Iterable[tuple[str, str]], at: int) -> None:
        """The machine's reply stands twice the time of sending, and five seconds, before the deadline, or earlier."""
        told = self.told
        for key in keys:
            thread, shop = told.thread(key), told.shops[key[0]]
            conv = self.mirror.state.conversations.get(key)  # type: ignore[call-overload]
            waits = told.silent.get(key[0]) or any(at < (one.silent_until or 0) for one in told.unread.get(key[0], ()))
            if thread.due_at is None or thread.due_from is None or waits or not told.connected[key[0]]:
                continue
            only_watched = told.placement[key[0]] == "observe" and shop.assist != "shadow"
            if conv is None or shop.assist == "off" or only_watched:
                continue
            for rung in told.ladder(key):
                if rung.do != "hold" or ("rule", f"hold-{rung.before_s}") in thread.rungs:
                    continue
                before = max((rung.before_s or 0) * 1000, 2 * told.sending.get(key[0], 0) + 5_000)
                stands = max(thread.due_from, thread.due_at - before)
                if thread.typed_at is not None and thread.typed_at + TYPING_MS > stands:
                    continue
                due = conversation_due(self.mirror.state, conv)
                if due is None or due[0] > max(stands, at):
                    self._broken("§7", "hold_too_late", (key, due, stands))

    # --- L7, L8

    def _gap(self, fact: f.ChannelGap, given: i.Input, at: int) -> None:
        """What is still to be read keeps the machine silent, and not for ever."""
        if (fact.silent_until is None) != (fact.recovered or fact.unrecoverable):
            self._broken("§7", "gap_without_a_bound", fact)
        if fact.silent_until is not None and fact.silent_until - at > 300_000:
            self._broken("§7", "gap_without_an_end", fact)

    def _hold_intended(self, fact: f.HoldIntended, given: i.Input, at: int) -> None:
        told, thread = self.told, self.told.thread((fact.shop, fact.buyer))
        if not isinstance(given, i.Tick):
            self._broken("L11", "hold_not_by_its_due", given)
        if thread.opened_at != fact.round_at or fact.last_message != f"m{thread.last_message}":
            self._broken("L7", "bound_to_another_round", fact)
        if fact.office_seq != told.office_seq:
            self._broken("L8", "office_seq", fact)
        self._approved(fact.reply, fact.version, (fact.shop, fact.buyer), at, fact.approved_by)
        self._may_speak((fact.shop, fact.buyer), at)
        if told.shops[fact.shop].assist != ("shadow" if fact.shadow else "assist"):
            self._broken("L7", "mode", fact)
        if not fact.shadow:
            self._confirmed(fact.shop)
        self._not_again((fact.shop, fact.buyer), fact.reply, at)
        if thread.debt is not None:
            self._broken("L7", "hold_while_debt_open", fact)
        if fact.shadow:
            self._only_supposed(fact, at)
        self._words(fact)
        self._about(fact)

    def _only_supposed(self, fact: f.HoldIntended, at: int) -> None:
        """Where nothing leaves, what would have been said and be owed holds back as what was does."""
        thread, day = self.told.thread((fact.shop, fact.buyer)), (at + 8 * 3_600_000) // A_DAY
        if thread.would_owe is not None:
            self._broken("L7", "supposed_while_it_would_owe", (fact, thread.would_owe))
        if any(words == self.told.words(fact.reply) and at - then < A_DAY for then, words in thread.supposed):
            self._broken("§7", "supposed_in_the_same_words", (fact, thread.supposed))
        today = [then for then, _ in thread.supposed if (then + 8 * 3_600_000) // A_DAY == day]
        if len(today) + sum(one == day for one, _ in thread.held_on) >= MOST_A_DAY:
            self._broken("§7", "more_supposed_than_the_days_limit", (fact, thread.supposed))

    # --- slots (L8), and automatic notices (§7)

    def _words(self, fact: f.HoldIntended | f.NoticeIntended) -> None:
        """Every slot that the text cannot do without is filled in, or is one of those that only the store knows."""
        text = self.told.replies[fact.reply].text
        filling = fact.filling or f.Filling()
        for name in re.findall(r"\{(\w+)\}", text.replace("{{", "").replace("}}", "")):
            if name not in PERSONAL and not filling.known.get(name):
                self._broken("L8", "slot_left_open", (fact, text))
            if name in PERSONAL and (name in filling.known or name not in filling.wanted):
                self._broken("L12", "personal_in_a_fact", fact)

    def _about(self, fact: f.HoldIntended | f.NoticeIntended) -> None:
        """What names a topic or goods is for a conversation in which the buyer named them."""
        reply, said = self.told.replies[fact.reply], self.told.thread((fact.shop, fact.buyer)).about
        if (reply.topics and said[0] not in reply.topics) or (reply.goods and said[1] not in reply.goods):
            self._broken("L8", "about_something_else", (fact, reply, said))

    def _hold_withheld(self, fact: f.HoldWithheld, given: i.Input, at: int) -> None:
        """The one reply of a round is used by nothing but itself: no notice takes it."""
        thread = self.told.thread((fact.shop, fact.buyer))
        forgotten = "before the restore" in thread.machine.get(thread.round or 0, ())  # it may have been used since
        if fact.why == "used" and thread.held != thread.round and not forgotten:
            self._broken("L7", "used_up_by_something_else", fact)
        live = self.told.live_texts((fact.shop, fact.buyer))
        if fact.why == "machine_reply_on_its_way" and not any(isinstance(one.intent, f.HoldIntended) for one in live):
            self._broken("L7", "used_up_by_something_else", fact)

    def _notice_intended(self, fact: f.NoticeIntended, given: i.Input, at: int) -> None:
        told, key = self.told, (fact.shop, fact.buyer)
        thread, shop = told.thread(key), told.shops[fact.shop]
        reply = told.replies.get(fact.reply)
        if reply is None or reply.purpose != fact.purpose or fact.office_seq != told.office_seq:
            self._broken("L8", "not_a_text_of_its_purpose", (fact, reply))
        self._approved(fact.reply, fact.version, key, at, fact.approved_by)
        self._words(fact)
        self._about(fact)
        self._may_notify(key, fact.purpose)
        if fact.shadow != (shop.assist == "shadow"):
            self._broken("§7", "notice_mode", fact)
        before = [one for one, _ in thread.notices if one.purpose == fact.purpose]
        if fact.again:
            first = before[-1] if before and fact.purpose == "queue_notice" else None
            if first is None or first.again or at - first.at < 120_000 or not (fact.place or FAR) < (first.place or 0):
                self._broken("§7", "notice_again_without_cause", (fact, before))
        else:
            if any(at - one.at < TWELVE_HOURS for one in before):
                self._broken("§7", "notice_twice", (fact, before))
            if not isinstance(given, i.TakeBuyerMessage) or not self._just_opened(key, fact.cause):
                self._broken("§7", "notice_without_its_occasion", (fact, given))
        self._where(fact, at)

    def _just_opened(self, key: tuple[str, str], cause: int) -> bool:
        """Whether this step began a round of this buyer."""
        return any(
            isinstance(one, f.RoundOpened) and (one.shop, one.buyer) == key and one.cause == cause
            for one in self.told.facts[cause:]
        )

    def _where(self, fact: f.NoticeIntended, at: int) -> None:
        """A greeting is from a seat to one who came to it, the queue's to one who waits, the night's tells the hour."""
        thread = self.told.thread((fact.shop, fact.buyer))
        if fact.purpose == "greeting" and (thread.seat is None or thread.passed_on):
            self._broken("§7", "greeted_on_a_transfer", (fact, thread))
        if fact.purpose == "queue_notice" and not thread.queued:
            self._broken("§7", "told_of_a_queue_outside_it", fact)
        if fact.purpose == "after_hours":
            self._opening(fact, at)

    def _opening(self, fact: f.NoticeIntended, at: int) -> None:
        """By the calendar nobody works now nor before the hour that is named, and then somebody does."""
        opening = fact.opening
        if opening is None or not (fact.filling or f.Filling()).known.get("opening"):
            self._broken("§7", "after_hours_without_opening", fact)
            return
        between = {at, *range(at, opening, max(MINUTE, (opening - at) // 40))}
        if any(self._opens(fact.shop, moment) for moment in between) or not self._opens(fact.shop, opening):
            self._broken("§7", "opening_is_not_true", (fact, at, opening))

    def _opens(self, shop_id: str, at: int) -> bool:
        """Whether an agent of the shop works at this instant, by the event that is on then."""
        told = self.told
        event = promotion.on_in(told.base_shops[shop_id], told.events.values(), at)
        shop = promotion.shop_as(told.base_shops[shop_id], event)
        seats = [one for one in told.base_seats.values() if one.shop == shop_id]
        there = [one for one in seats if one.agent in told.persons and not told.persons[one.agent].disabled]
        opening = [one for one in there if one.role == "agent"] or there
        return any(promotion.works(shop, one, event, at) for one in opening)

    def _may_notify(self, key: tuple[str, str], purpose: str) -> None:
        """Where and when an automatic notice is never sent."""
        told, thread = self.told, self.told.thread(key)
        shop = told.shops[key[0]]
        if getattr(shop, purpose) != "on":
            self._broken("§7", "notice_that_is_off", (key, purpose))
        if shop.stopped or told.placement[key[0]] == "observe" or not told.connected[key[0]]:
            self._broken("§7", "notice_where_nothing_is_sent", key)
        if thread.debt is not None or thread.group == "aftersale":
            self._broken("§7", "notice_in_an_aftersale_case", (key, thread))
        if thread.last_tag:
            self._broken("L7", "tag", thread.last_tag)
        if any(not one.machine for one in told.live_texts(key)):
            self._broken("§7", "notice_beside_an_answer", key)
        if thread.typing_since is not None and self.at - TYPING_MS < thread.typing_since <= self.at:
            self._broken("L7", "while_agent_types", key)

    def _notice_started(self, fact: f.SendStarted, text: Text, intent: f.NoticeIntended, at: int) -> None:
        thread = self.told.thread(text.key)
        if thread.round is None:
            self._broken("§7", "notice_after_an_answer", fact)
        if self.told.shops[text.key[0]].assist == "shadow":
            self._broken("§7", "notice_mode", fact)
        if thread.seat != intent.seat:
            self._broken("§7", "notice_to_one_who_moved", (fact, thread))
        self._approved(fact.reply, fact.version, text.key, at)
        self._may_notify(text.key, intent.purpose)
        self._where(intent, at)

    def _confirmed(self, shop: str) -> None:
        """§7: nothing leaves by itself without an owner's word on the terms that the shop has."""
        one = self.told.shops[shop]
        said = one.assist_confirmed_statement or ""
        if not (one.assist_confirmed_by and one.assist_confirmed_on and said.startswith(f"{terms_of(one)}-")):
            self._broken("§7", "unconfirmed", one)

    def _not_again(self, key: tuple[str, str], reply: str | None, at: int) -> None:
        """The same words not twice within a day to one buyer, and two holds at most on one."""
        told, thread = self.told, self.told.thread(key)
        if any(words == told.words(reply or "") and at - said_at < A_DAY for said_at, words, _ in thread.said):
            self._broken("§7", "same_words_again", (key, reply, thread.said))
        today = [day for day, _ in thread.held_on if day == (at + 8 * 3_600_000) // A_DAY]
        if len(today) >= min(MOST_A_DAY, told.shops[key[0]].holds_per_day):
            self._broken("§7", "more_than_the_days_limit", (key, thread.held_on))

    def _approved(
        self, reply_id: str | None, version: int | None, key: tuple[str, str], at: int, by: str | None = None
    ) -> None:
        shop, group = key[0], self.told.thread(key).group
        reply = self.told.replies.get(reply_id or "")
        if reply is None or reply.version != version or not reply.usable(shop, at):
            self._broken("L8", "not_an_approved_version", (reply_id, version))
        if reply.stopped:
            self._broken("L8", "stopped", (reply_id, version))
        if reply.groups and group not in reply.groups:
            self._broken("L8", "of_another_group", (reply_id, group))
        holds = self.mirror.state.shops[shop].holds
        if reply.purpose == "hold" and holds is not None and reply_id not in holds:
            self._broken("L8", "not_a_hold_of_the_event", reply_id)
        if by is not None and reply.approved_by != by:
            self._broken("L8", "approver", (reply_id, by))

    def _may_speak(self, key: tuple[str, str], at: int) -> None:
        """§7: where and when a machine text is never sent."""
        told, thread = self.told, self.told.thread(key)
        shop = told.shops[key[0]]
        only_watched = told.placement[key[0]] == "observe" and shop.assist != "shadow"
        if shop.stopped or shop.assist == "off" or only_watched:
            self._broken("L7", "stopped", key)
        if not told.connected[key[0]]:
            self._broken("L7", "channel_lost", key)
        if told.silent.get(key[0]):
            self._broken("§7", "channel_silent", key)
        if any(at < (gap.silent_until or 0) for gap in told.unread.get(key[0], ())):
            self._broken("§7", "gap_not_read", (key, told.unread[key[0]]))
        slow = told.sending.get(key[0], 0)
        if thread.due_at is not None and thread.due_at - slow < at < thread.due_at:
            self._broken("§7", "too_late_to_arrive", (key, slow))
        if thread.due_at is None or at >= thread.due_at:
            self._broken("L11", "hold_after_deadline", key)
        if thread.last_tone in ("thanks", "acknowledgement"):
            self._broken("L7", "after_thanks", key)
        if thread.last_tag:
            self._broken("L7", "tag", thread.last_tag)
        last_call = max(LAST_CALL_MS, slow + 2_000)
        typed = thread.typing_since
        if typed is not None and at - TYPING_MS < typed <= at < thread.due_at - last_call:
            self._broken("L7", "while_agent_types", (at, typed))

    def _send_started(self, fact: f.SendStarted, given: i.Input, at: int) -> None:
        text = self.told.texts.get(fact.send)
        if text is None or text.stage != "intended":
            self._broken("L9", "started_twice", (fact, text))
        if text.proved:
            self._broken("L9", "started_although_proved", fact)
        if fact.attempt != text.attempts + 1:
            self._broken("L9", "attempt", fact)
        if not text.machine:
            by_hand.started(self, text, at)
            return
        thread = self.told.thread(text.key)
        intent = text.intent
        assert not isinstance(intent, f.ReplyIntended)
        if (intent.filling is not None) != bool(fact.digest):
            self._broken("L8", "sent_with_a_gap", (fact, intent))
        if isinstance(intent, f.NoticeIntended):
            self._notice_started(fact, text, intent, at)
            return
        if len(thread.answers) > text.at_answers and thread.answers[-1] >= intent.round_at:
            self._broken("L7", "sent_after_an_answer", (fact, thread.answers))
        if thread.round is None or intent.last_message != f"m{thread.last_message}":
            self._broken("L7", "stale", fact)
        if self.told.shops[text.key[0]].assist != "assist":
            self._broken("L7", "sent_in_mode", self.told.shops[text.key[0]].assist)
        self._confirmed(text.key[0])
        if fact.attempt == 1:
            self._not_again(text.key, fact.reply, at)
        if thread.debt is not None and thread.debt.send != fact.send:
            self._broken("L7", "sent_while_debt_open", fact)
        if others := thread.machine.get(thread.round, set()) - {fact.send}:
            self._broken("L7", "second_machine_reply", (fact, others))
        self._approved(fact.reply, fact.version, text.key, at)
        self._may_speak(text.key, at)

    # --- L9

    def _send_ended(self, fact: f.SendEnded, given: i.Input, at: int) -> None:
        text = self.told.texts.get(fact.send)
        if text is None or (text.stage == "over" and not self._late_proof(text, fact)):
            self._broken("L9", "ended_twice", fact)
        if fact.outcome != "confirmed":
            if text.doubt and fact.outcome in ("refused", "not_sent") and fact.by is None:
                self._broken("L9", "claimed_without_proof", fact)
            return
        proof = (
            (isinstance(given, i.EndSend) and given.send == fact.send and given.outcome == "confirmed")
            or (isinstance(given, i.TakeShopMessage) and given.echo_of == fact.send)
            or (isinstance(given, i.ResolveSend) and given.send == fact.send and given.reached)
        )
        if not proof or fact.sent_at is None or fact.author is None:
            self._broken("L9", "confirmed_without_evidence", (fact, given))

    def _late_proof(self, text: Text, fact: f.SendEnded) -> bool:
        """The channel said no and then showed the text all the same: the evidence wins, once."""
        return text.outcome in ("refused", "not_sent") and fact.outcome == "confirmed" and fact.why == "echo"

    def _foreseen(self, fact: f.FigureForeseen, given: i.Input, at: int) -> None:
        told = self.told.falls.get(fact.shop)
        if (told is None and not fact.falling) or (told is not None and fact.date <= told):
            self._broken("§4", "figure_told_again", (fact, told))

    def _requeued(self, fact: f.SendRequeued, given: i.Input, at: int) -> None:
        if self.told.texts[fact.send].stage != "waiting":
            self._broken("L9", "retried_without_leave", fact)

    def _effects(self, fact: f.DeskFact) -> None:
        for effect in effects_of(self.told.seq, fact):
            match effect:
                case Prepare(send):
                    self.prepared[send] = self.prepared.get(send, 0) + 1
                case Deliver(send):
                    self.delivered[send] = self.delivered.get(send, 0) + 1
                case _:
                    pass
        if {one.send for one in pending(self.mirror.state) if isinstance(one, Prepare)} != self.told.intended.keys():
            self._broken("L9", "pending", self.told.intended)
        if isinstance(fact, f.ReplyIntended | f.HoldIntended | f.NoticeIntended):
            self._asked_for(f"s{self.told.seq}")
        elif isinstance(fact, f.SendStarted | f.SendRequeued | f.SendEnded):
            self._asked_for(fact.send)

    def _all_effects(self) -> None:
        for send in self.told.texts:
            self._asked_for(send)

    def _asked_for(self, send: str) -> None:
        text = self.told.texts.get(send)
        if text is None:
            return
        if self.delivered.get(send, 0) != text.attempts:
            self._broken("L9", "delivered", send)
        if self.prepared.get(send, 0) != text.intents:
            self._broken("L9", "prepared", send)

    # --- alerts: open exactly as long as their matter

    def _alerts(self, keys: list[tuple[str, str]], whole: bool) -> None:
        book = self.mirror.state.alerts
        now = (len(book.open), next(reversed(book.open), None))
        if whole or now != self._book:
            self._book = now
            self._all_alerts()
        for key in keys:
            self._alerts_of(key)

    def _all_alerts(self) -> None:
        book = self.mirror.state.alerts
        found = {*book.of_shop.values(), *(one for some in book.by_buyer.values() for one in some)}
        if book.open.keys() != found or len({one.key for one in book.open.values()}) != len(found):
            self._broken("§4", "alerts_by_key", book.open)
        falling = {one.key for one in book.open.values() if one.what == "figure_falling"}
        if falling != {f"{shop}:figure:{date}" for shop, date in self.told.falls.items()}:
            self._broken("§4", "alert_of_a_figure", (falling, self.told.falls))

    def _alerts_of(self, key: tuple[str, str]) -> None:
        book = self.mirror.state.alerts
        thread = self.told.thread(key)
        mine = [book.open[one] for one in book.by_buyer.get(key, ())]  # type: ignore[call-overload]
        unknown = {f"{send}:unknown" for send in self.told.unknown_texts(key)}
        if {one.key for one in mine if one.what == "send_unknown"} != unknown:
            self._broken("L9", "unknown_without_its_alert", (key, mine, unknown))
        late = {clock for clock, rung in thread.rungs if rung.startswith("alert")} if thread.round else set()
        alerted = {"service" if one.key.endswith(":service") else "rule" for one in mine if one.what == "unanswered"}
        if late != alerted:
            self._broken("§4", "alert_of_a_round", (key, late, mine))
        debts = sum(one.what == "debt" for one in mine)
        if debts != (thread.debt is not None and thread.owed_aloud):
            self._broken("§4", "alert_of_a_debt", (key, mine))
        promised = {one.key.partition(":")[0] for one in mine if one.what.startswith("follow_up")}
        if not promised <= {name for name, one in self.told.follow_ups.items() if one.key == key}:
            self._broken("§4", "alert_of_no_promise", (key, mine))

    # --- L10

    def _real_answers(self, facts: list[f.DeskFact]) -> Iterator[tuple[tuple[str, str], int]]:
        for fact in facts:
            match fact:
                case f.ShopWrote(echo_of=None, tone="answer", unsure=False) if by_person(fact.author):
                    yield (fact.shop, fact.buyer), fact.sent_at
                case f.SendEnded(outcome="confirmed", machine=False) if self._tone(fact.send) == "answer":
                    assert fact.sent_at is not None
                    yield (fact.shop, fact.buyer), fact.sent_at
                case _:
                    pass

    def _tone(self, send: str) -> str:
        return self.told.texts[send].tone

    def _debt_closed(self, fact: f.DebtClosed, given: i.Input, at: int) -> None:
        key = (fact.shop, fact.buyer)
        thread = self.told.thread(key)
        match fact.why:
            case "answered":
                if not isinstance(given, i.TakeShopMessage | i.EndSend | i.ResolveSend):
                    self._broken("L10", "closed_without_answer", (fact, given))
                self.reason = "answered"
            case "settled":
                if not (isinstance(given, i.SettleDebt) and given.reason.strip()):
                    self._broken("L10", "settled_without_reason", given)
            case "closed":
                if not (isinstance(given, i.CloseConversation) and given.reason.strip()):
                    self._broken("L10", "closed_without_reason", given)
            case "hold_not_sent":
                if thread.holds:
                    self._broken("L10", "closed_while_a_hold_stands", (fact, thread.holds))

    def _l10(
        self, named: Iterable[tuple[str, str]], facts: list[f.DeskFact], real: list[tuple[tuple[str, str], int]]
    ) -> None:
        for fact in facts:
            if isinstance(fact, f.DebtClosed) and fact.why == "answered":
                key = (fact.shop, fact.buyer)
                if all(one != key for one, _ in real):
                    self._broken("L10", "closed_by_no_real_answer", facts)
        for key in named:
            thread = self.told.thread(key)
            if (thread.debt is not None) != bool(thread.holds):
                self._broken("L10", "debt_and_holds", (key, thread.debt, thread.holds, facts))
                thread.holds = {"seen"} if thread.debt is not None else set()
            state = self.mirror.state.conversations.get(key)
            if (state is not None and state.debt is not None) != (thread.debt is not None):
                self._broken("L10", "state", key)
        for key, at in real:
            thread = self.told.thread(key)
            if thread.debt is not None and at >= max(thread.asked_at, thread.opened_at or 0):
                self._broken("L10", "real_answer_closed_nothing", (key, facts))

    def finish(self, at: int) -> None:
        """At the end of a run: what stands on the seats' shifts agrees with the calendar where no border is due."""
        for seat in self.mirror.state.seats.values():
            if seat.border is not None and at < seat.border and self._is_on(seat.setting, at) != seat.shift_on:
                self._broken("L11", "shift", seat.setting.id)

    _BEFORE: dict[type, Callable[..., None]] = {
        f.Assigned: _assigned,
        f.ChannelGap: _gap,
        f.FigureForeseen: _foreseen,
        f.TransferRequested: _requested,
        f.TransferEnded: _transfer_ended,
        f.MoveAdvised: _advised,
        f.RoundOpened: _opened,
        f.RoundMoved: _moved,
        f.LadderStepped: _stepped,
        f.ServiceBegan: _began,
        f.HoldIntended: _hold_intended,
        f.HoldWithheld: _hold_withheld,
        f.NoticeIntended: _notice_intended,
        f.SendStarted: _send_started,
        f.SendEnded: _send_ended,
        f.SendRequeued: _requeued,
        f.DebtClosed: _debt_closed,
        f.ShiftTurned: _shift_turned,
        f.EventTurned: _event_turned,
        f.FlappingBegan: _flapping_began,
        f.FlappingEnded: _flapping_ended,
        f.GraceEnded: _grace_ended,
        f.LadderStepped: _stepped,
        f.DebtReminded: _reminded,
        f.FollowUpOffered: promises.offered,
        f.FollowUpDismissed: promises.dismissed,
        f.FollowUpMade: promises.made,
        f.FollowUpChanged: promises.changed,
        f.FollowUpDue: promises.due,
        f.FollowUpDone: promises.done,
        f.FollowUpDropped: promises.dropped,
        f.TakenBack: taking.taken_back,
        f.ReplyIntended: by_hand.intended,
        f.NoteWritten: by_hand.written,
        f.NoteRemoved: by_hand.removed,
    }
