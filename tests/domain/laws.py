"""The laws of the design as checks over one step: what was told before, the step's facts, and the desk after it.

Every law is written from its own sentence and knows nothing of how the desk decides. `Laws.check` runs after every
step of a `World`; a broken law raises `Broken` with the law's number, so that a random run says at once what failed.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

import msgspec

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import encode
from relay.domain.desk import Desk
from relay.domain.due import conversation_due, seat_due
from relay.domain.effects import Deliver, Prepare, effects_of, pending
from relay.domain.guiding import GuidingRules
from relay.domain.names import DeskId
from relay.domain.replay import input_of
from relay.domain.settings import Seat
from tests.domain import promotion
from tests.domain.told import Text, Told, by_person

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

    def __init__(self, desk: DeskId, rules: GuidingRules, leave: frozenset[str] = frozenset()) -> None:
        self.leave = leave
        self.told = Told(rules)
        self.mirror, self.twin = Desk(desk, rules), Desk(desk, rules)
        self.prepared: dict[str, int] = {}
        self.delivered: dict[str, int] = {}
        self.reason = ""
        self.at = 0

    def _broken(self, law: str, what: str, detail: object = "") -> None:
        if f"{law} {what}" not in self.leave:
            raise Broken(law, what, detail)

    def check(self, desk: Desk, given: i.Input, at: int, facts: list[f.DeskFact]) -> None:
        """Take the facts of one step and hold every law against it."""
        self.at = at
        self._one_observation(given, facts)
        self._same_again(facts)
        real_answers = list(self._real_answers(facts))
        for fact in facts:
            before: Callable[[f.DeskFact, i.Input, int], None] | None = self._BEFORE.get(type(fact))
            if before is not None:
                before(self, fact, given, at)
            self.mirror.replay(fact)
            self.told.take(fact)
            self._effects(fact)
        if facts:
            self._events(at)
            self._turned(at)
            self._l3(at)
            self._left_behind()
        self._l4_overdrawn()
        self._l6(facts)
        self._l10(facts, real_answers)
        self._l11(desk)

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

    def _l11(self, desk: Desk) -> None:
        if picture(self.mirror.state) != picture(desk.state):
            self._broken("L11", "replayed_state_differs")
        dues = [due[0] for conv in desk.state.conversations.values() if (due := conversation_due(desk.state, conv))]
        dues += [due[0] for seat in desk.state.seats.values() if (due := seat_due(seat))]
        first, armed = min(dues, default=None), desk.next_due()
        if first is not None and (armed is None or armed > first):
            self._broken("L11", "due_is_not_armed", (first, armed))

    # --- L3

    def _l3(self, at: int) -> None:
        told = self.told
        for key, thread in told.threads.items():
            if told.placement[key[0]] != "relay":
                continue
            if thread.round is not None and (thread.seat is None) == (not thread.queued):
                self._broken("L3", "owner_xor_queue", (key, thread))
            if thread.seat is not None and thread.seat not in told.seats:
                self._broken("L3", "owner_is_gone", (key, thread.seat))
            if thread.round is None and thread.debt is None and thread.queued:
                self._broken("L3", "queued_without_question", key)
        for key, thread in told.threads.items():
            if not thread.queued or told.placement[key[0]] != "relay":
                continue
            if thread.waits_for is not None:
                if thread.debt is None or thread.wait_until - thread.queued_at > 60_000:
                    self._broken("L3", "waits_for_a_seat_without_reason_or_end", (key, thread))
                if self._may_return(thread.waits_for):
                    self._broken("L3", "waits_for_a_seat_that_is_free", (key, thread))
            elif free := self._eligible(key):
                self._broken("L3", "waits_although_room", (key, free))
        for key, state in self.mirror.state.conversations.items():
            if (state.queued_at is not None) != self.told.thread(key).queued or state.seat != self.told.thread(
                key
            ).seat:
                self._broken("L3", "picture", key)
            if not (
                state.seat or state.queued_at is not None or state.round or state.debt or state.sends or state.transfer
            ):
                self._broken("L3", "holds_nothing_and_is_kept", key)
        for shop in self.mirror.state.shops.values():
            queued = [key[1] for key, one in told.threads.items() if one.queued and key[0] == shop.setting.id]
            if sorted(queued) != sorted(shop.queue):
                self._broken("L3", "queue_places", (queued, shop.queue))
        for seat_id, seat in self.mirror.state.seats.items():
            if set(seat.open) != set(told.open_on(seat_id)) or seat.waiting != len(told.waiting_on(seat_id)):
                self._broken("L3", "reception_list", (seat_id, seat.open, seat.waiting))

    def _eligible(self, key: tuple[str, str]) -> list[str]:
        """Serving seats with room, as the told picture has it; CS admins only when no agent serves.

        A buyer's group is widened step by step where nobody of it serves at all.
        """
        told, relaxations = self.told, len(self.told.shops[key[0]].relaxations)
        serving = self._serving(key[0])
        agents = [seat for seat in serving if seat.role == "agent"]
        fit = agents or serving
        for level in range(told.thread(key).level if agents else relaxations + 1, relaxations + 2):
            fit = [seat for seat in agents or serving if told.may_serve(key, seat.id, level)]
            if fit:
                break
        return [seat.id for seat in fit if self._has_room(seat.id)]

    def _may_return(self, seat_id: str) -> bool:
        """Whether the seat that owes an answer may have its buyer back: on duty, with room, be it an admin's."""
        seat = self.told.seats.get(seat_id)
        serving = self._serving(seat.shop) if seat is not None else []
        return seat in serving and self._has_room(seat_id)

    def _serving(self, shop: str) -> list[Seat]:
        told = self.told
        here = [seat for seat in told.seats.values() if seat.shop == shop]
        return [
            seat
            for seat in here
            if told.presence[seat.id] == "online"
            and not told.lines[seat.id].flapping
            and told.works(seat.id, self.at)
            and not told.is_draining(seat.id, self.at)
            and seat.agent in told.persons
            and not told.persons[seat.agent].disabled
        ]

    def _has_room(self, seat_id: str) -> bool:
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

    def _turned(self, at: int) -> None:
        """Whatever ticks came or did not: after a step every seat stands as the calendar has it at its instant."""
        told = self.told
        for seat_id in told.seats:
            state, line = self.mirror.state.seats[seat_id], told.lines.get(seat_id)
            if state.shift_on != told.works(seat_id, at) or state.draining != told.is_draining(seat_id, at):
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
        if (fact.on, fact.draining) != (self.told.works(fact.seat, at), self.told.is_draining(fact.seat, at)):
            self._broken("L11", "shift_turned_wrong", fact)

    def _left_behind(self) -> None:
        """Whose shift is over keeps no unanswered buyer whom another could take, unless an answer is on its way."""
        told = self.told
        off = {one for one in told.seats if not told.works(one, self.at)}
        if set(self.mirror.state.left) != {one for one in off | told.gone if told.waiting_on(one)}:
            self._broken("§6", "left", (self.mirror.state.left, off))
        for key, thread in told.threads.items():
            if thread.seat is None or thread.round is None or told.placement[key[0]] != "relay":
                continue
            if told.works(thread.seat, self.at):
                continue
            going = any(
                text.key == key and not text.machine and text.stage in ("intended", "sending", "waiting")
                for text in told.texts.values()
            )
            if going or not self._eligible(key):
                continue
            if told.must_answer_first(key, self.at):
                if thread.withheld is None or thread.withheld.why != "answer_first":
                    self._broken("§6", "kept_without_a_word", (key, thread.seat))
            else:
                self._broken("§6", "left_behind", (key, thread.seat, self._eligible(key)))

    # --- L4, L5

    def _assigned(self, fact: f.Assigned, given: i.Input, at: int) -> None:
        if fact.reason == "platform":
            return
        told, key = self.told, (fact.shop, fact.buyer)
        seat = told.seats.get(fact.seat)
        if seat is None or seat.shop != fact.shop:
            self._broken("L14", "seat_of_another_shop", fact)
        thread = told.thread(key)
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
        if fact.reason == "debt":
            if thread.waits_for != fact.seat or not self._may_return(fact.seat):
                self._broken("L5", "not_the_seat_that_owes", fact)
            return
        eligible = [one for one in self._eligible(key) if one != thread.seat]
        if fact.seat not in eligible:
            self._broken("L5", "not_eligible", (fact, eligible))
        if fact.from_queue:
            self._turn(fact, at)
        if fact.reason == "sticky":
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
        ready = [
            key
            for key, one in told.threads.items()
            if key[0] == shop and one.queued and one.waits_for is None and self._eligible(key)
        ]
        late = [key for key in ready if told.lost_at(key) <= at]
        savable = [key for key in ready if told.lost_at(key) > at]
        turn = late if late and (not savable or told.savable_in_a_row.get(shop, 0) >= 3) else savable

        def rank(key: tuple[str, str]) -> tuple[int, int, str]:
            thread = told.thread(key)
            since = told.waits_since(key) if turn is late else told.lost_at(key)
            return since - thread.head_start, thread.last_message, key[1]

        if min(turn, key=rank) != (shop, fact.buyer):
            self._broken("L3", "not_next_in_the_queue", (fact, sorted(turn, key=rank)))

    def _rank(self, seat_id: str) -> tuple[Fraction, Fraction, int, str]:
        told, seat = self.told, self.told.seats[seat_id]
        mine, places = told.seats_of(seat.agent), seat.cap * seat.weight
        waiting = sum(len(told.waiting_on(one)) for one in mine)
        opened = sum(len(told.open_on(one)) + len(told.expected_on(one)) for one in mine)
        return Fraction(waiting, places), Fraction(opened, places), told.last_assigned.get(seat_id, 0), seat_id

    def _l4_overdrawn(self) -> None:
        told = self.told
        for seat_id, seat in told.seats.items():
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

    def _l6(self, facts: list[f.DeskFact]) -> None:
        told = self.told
        for key in {(one.shop, one.buyer) for one in facts if hasattr(one, "buyer")}:
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
        if (fact.clock, fact.rung) in thread.rungs and fact.do != "hold":  # one that never left may be decided anew
            self._broken("§7", "rung_twice", (fact, thread.rungs))
        rung = {f"{one.do}+{one.after_s}" if one.before_s is None else f"{one.do}-{one.before_s}": one
                for one in told.ladder(key)}.get(fact.rung)  # fmt: skip
        begins, due = (thread.due_from, thread.due_at) if fact.clock == "rule" else (thread.service or (None, None))
        if rung is None or rung.do != fact.do or begins is None or due is None or due != fact.due_at:
            self._broken("§7", "rung_of_another_ladder", (fact, told.ladder(key), begins, due))
        if at < max(begins, begins + rung.after_s * 1000 if rung.after_s is not None else due - rung.before_s * 1000):
            self._broken("§7", "rung_before_its_second", (fact, begins, due))
        if fact.do == "hold" and fact.clock == "service":
            self._broken("§7", "machine_under_the_service_clock", fact)

    def _began(self, fact: f.ServiceBegan, given: i.Input, at: int) -> None:
        thread = self.told.thread((fact.shop, fact.buyer))
        if thread.service != (fact.service_from, fact.service_due_at) or thread.opened_at != fact.opened_at:
            self._broken("§7", "opening_of_another_clock", (fact, thread.service))
        if thread.announced or at < fact.service_from or fact.opened_at >= fact.service_from:
            self._broken("§7", "not_overnight", fact)

    # --- L7, L8

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
        if thread.debt is not None:
            self._broken("L7", "hold_while_debt_open", fact)

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
        if shop.stopped or shop.assist == "off" or told.placement[key[0]] == "observe":
            self._broken("L7", "stopped", key)
        if not told.connected[key[0]]:
            self._broken("L7", "channel_lost", key)
        if thread.due_at is None or at >= thread.due_at:
            self._broken("L11", "hold_after_deadline", key)
        if thread.last_tone in ("thanks", "acknowledgement"):
            self._broken("L7", "after_thanks", key)
        if thread.last_tag:
            self._broken("L7", "tag", thread.last_tag)
        if thread.typed_at is not None and at - TYPING_MS < thread.typed_at <= at < thread.due_at - LAST_CALL_MS:
            self._broken("L7", "while_agent_types", (at, thread.typed_at))

    def _send_started(self, fact: f.SendStarted, given: i.Input, at: int) -> None:
        text = self.told.texts.get(fact.send)
        if text is None or text.stage != "intended":
            self._broken("L9", "started_twice", (fact, text))
        if text.proved:
            self._broken("L9", "started_although_proved", fact)
        if fact.attempt != text.attempts + 1:
            self._broken("L9", "attempt", fact)
        if not text.machine:
            return
        thread = self.told.thread(text.key)
        intent = text.intent
        assert isinstance(intent, f.HoldIntended)
        if len(thread.answers) > text.at_answers and thread.answers[-1] >= intent.round_at:
            self._broken("L7", "sent_after_an_answer", (fact, thread.answers))
        if thread.round is None or intent.last_message != f"m{thread.last_message}":
            self._broken("L7", "stale", fact)
        if self.told.shops[text.key[0]].assist != "assist":
            self._broken("L7", "sent_in_mode", self.told.shops[text.key[0]].assist)
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
        waiting = {send for send, text in self.told.texts.items() if text.stage == "intended"}
        if {one.send for one in pending(self.mirror.state) if isinstance(one, Prepare)} != waiting:
            self._broken("L9", "pending", waiting)
        for send, text in self.told.texts.items():
            if self.delivered.get(send, 0) != text.attempts:
                self._broken("L9", "delivered", send)
            if self.prepared.get(send, 0) != text.intents:
                self._broken("L9", "prepared", send)

    # --- L10

    def _real_answers(self, facts: list[f.DeskFact]) -> Iterator[tuple[tuple[str, str], int]]:
        for fact in facts:
            match fact:
                case f.ShopWrote(echo_of=None, tone="answer") if by_person(fact.author):
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

    def _l10(self, facts: list[f.DeskFact], real: list[tuple[tuple[str, str], int]]) -> None:
        for fact in facts:
            if isinstance(fact, f.DebtClosed) and fact.why == "answered":
                key = (fact.shop, fact.buyer)
                if all(one != key for one, _ in real):
                    self._broken("L10", "closed_by_no_real_answer", facts)
        for key in {(one.shop, one.buyer) for one in facts if hasattr(one, "buyer")}:
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
            if seat.border is not None and at < seat.border and self.told.works(seat.setting.id, at) != seat.shift_on:
                self._broken("L11", "shift", seat.setting.id)

    _BEFORE: dict[type, Callable[..., None]] = {
        f.Assigned: _assigned,
        f.TransferRequested: _requested,
        f.TransferEnded: _transfer_ended,
        f.MoveAdvised: _advised,
        f.RoundOpened: _opened,
        f.RoundMoved: _moved,
        f.LadderStepped: _stepped,
        f.ServiceBegan: _began,
        f.HoldIntended: _hold_intended,
        f.SendStarted: _send_started,
        f.SendEnded: _send_ended,
        f.SendRequeued: _requeued,
        f.DebtClosed: _debt_closed,
        f.ShiftTurned: _shift_turned,
        f.EventTurned: _event_turned,
        f.FlappingBegan: _flapping_began,
        f.FlappingEnded: _flapping_ended,
    }
