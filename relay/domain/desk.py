"""The desk: one writer's whole judgement over the shops that share agents.

    Desk.step(input, at) -> facts     decides; applies its own facts as it goes
    Desk.next_due() -> instant        the one timer the runtime arms

Synchronous and pure: no I/O, clock, chance, logging or await. The heap of due things is derived from the state (one
entry per conversation and seat, checked again when it comes up), so it may be rebuilt at any time and decides nothing.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Final

from relay.domain import facts as f
from relay.domain import follow_ups, noting
from relay.domain import inputs as i
from relay.domain.agenda import Agenda, due_of
from relay.domain.alerting import acknowledge, note_forecast, note_told
from relay.domain.apply import apply
from relay.domain.closing import close, settle
from relay.domain.connection import RESTART, begins_to_flap, quiet_at
from relay.domain.drafting import offer_draft, reject_draft
from relay.domain.due import conversation_due, conversation_dues, seat_due
from relay.domain.erasing import erase
from relay.domain.event_turns import after_turn, caps_of_agents, note_lowered, note_seats
from relay.domain.guiding import GuidingRules
from relay.domain.handover import hand_over, place_debts
from relay.domain.lanes import Lanes
from relay.domain.listening import (
    UNREAD_MS,
    connect,
    lose,
    note_heard,
    note_sending,
    note_silence,
    report_gap,
)
from relay.domain.messages import take_buyer_message, take_placement, take_recall, take_shop_message
from relay.domain.model import DeskState, Key, SeatState
from relay.domain.moving import leave_removed, move_buyer
from relay.domain.names import DeskId, Millis, SeatId
from relay.domain.placing import drain, empty_seat, end_waits, note_agent_overdraft, note_overdraft
from relay.domain.ranking import Ranking
from relay.domain.refusal import Refusal
from relay.domain.sending import end, lose_in_flight, prepare, reply, resolve
from relay.domain.settings import Event, Person, Seat
from relay.domain.step import RuleBook, Step
from relay.domain.taking_back import take_back
from relay.domain.transferring import end_transfer
from relay.domain.turns import Turns
from relay.domain.watching import do_conversation, do_seat


class Desk:
    """One desk. `rules` builds the guiding rule of a shop from its id and options.

    `state` is what it is to go on from, its own from now on: call `rearm` before the first step.
    """

    __slots__ = ("_agenda", "_heap", "_lanes", "_ranking", "_rules", "_stale", "_turns", "state")

    def __init__(self, desk: DeskId, rules: GuidingRules, state: DeskState | None = None) -> None:
        self.state = state or DeskState(desk)
        self._rules = RuleBook(rules)
        self._ranking = Ranking()
        self._lanes = Lanes()
        self._turns = Turns()
        self._agenda = Agenda()
        self._heap: list[tuple[Millis, Key | tuple[SeatId]]] = []
        self._stale = False
        """The heap is to be built before it is next looked at."""

    def replay(self, fact: f.DeskFact) -> None:
        """Apply a fact from the ledger without deciding anything. Call `rearm` after the last one."""
        apply(self.state, fact)

    def rearm(self) -> None:
        """Build the heap, the seats' order and the queue's from the state, as after a replay.

        The heap waits until it is asked: what still comes before the first tick, such as a channel that connects, moves
        every conversation's due, and each is reckoned once.
        """
        self._ranking.rebuild(self.state)
        self._lanes.rebuild(self.state)
        self._turns.rebuild(self.state)
        self._agenda.rebuild(self.state)
        self._stale = True

    def step(self, given: i.Input, at: Millis) -> list[f.DeskFact]:
        """Decide. Raises `Refusal`, with nothing changed, for a command that is not possible now."""
        step = Step(self.state, self._ranking, self._lanes, self._turns, at, self._rules)
        if isinstance(given, i.Tick):
            self._tick(step)
        else:
            _TABLE[type(given)](step, given)
        if step.room or self.state.left:
            _settle_seats(step)
        for key in step.touched:
            self._arm(key)
        self._agenda.note(self.state, step.facts)
        return step.facts

    def next_due(self) -> Millis | None:
        """The instant at which the runtime must tick; None if nothing is ever due."""
        if self._stale:
            self._fill_heap()
        dues = [self._turns.next_event(), self._agenda.next_due(self.state), self._heap[0][0] if self._heap else None]
        return min((due for due in dues if due is not None), default=None)

    def _tick(self, step: Step) -> None:
        """Take the first thing that is truly due by now; entries that were overtaken by events are put right.

        A border of an event comes before all else: what is due then is asked under the settings that hold from there.
        """
        if self._stale:
            self._fill_heap()
        while (shop := self._turns.take_event(self.state, step.at)) is not None:
            step.turn_event(shop)
            if step.facts:
                return
        promised = self._agenda.next_due(self.state)
        while self._heap and self._heap[0][0] <= step.at and (promised is None or self._heap[0][0] < promised):
            armed, entry = heappop(self._heap)
            if len(entry) == 2:
                conv = self.state.conversations.get(entry)
                if conv is None or conv.armed != armed:
                    continue
                conv.armed = None
                dues = sorted(conversation_dues(self.state, conv))
                if dues and dues[0][0] <= armed:
                    do_conversation(step, conv, dues)
                    return
                self._arm(conv.key)
            else:
                seat = self.state.seats.get(entry[0])
                if seat is None or seat.armed != armed:
                    continue
                seat.armed = None
                due = seat_due(seat)
                if due is not None and due[0] <= armed:
                    do_seat(step, seat, due)
                    return
                self._arm(seat.setting.id)
        if promised is not None and promised <= step.at:
            one = self._agenda.first(self.state)
            due_then = due_of(self.state, one)
            assert due_then is not None
            follow_ups.fall_due(step, one, due_then[1])

    def _fill_heap(self) -> None:
        heap = self._heap = []
        for key, conv in self.state.conversations.items():
            due = conversation_due(self.state, conv)
            conv.armed = due[0] if due is not None else None
            if due is not None:
                heap.append((due[0], key))
        for seat_id, seat in self.state.seats.items():
            due = seat_due(seat)
            seat.armed = due[0] if due is not None else None
            if due is not None:
                heap.append((due[0], (seat_id,)))
        heapify(heap)
        self._stale = False

    def _arm(self, key: Key | SeatId) -> None:
        """See that the heap has an entry at or before the next due of this conversation or seat."""
        if self._stale:
            return
        if isinstance(key, tuple):
            conv = self.state.conversations.get(key)
            if conv is None:
                return
            due = conversation_due(self.state, conv)
            if due is not None and (conv.armed is None or due[0] < conv.armed):
                conv.armed = due[0]
                heappush(self._heap, (due[0], key))
        else:
            seat = self.state.seats.get(key)
            if seat is None:
                return
            due = seat_due(seat)
            if due is not None and (seat.armed is None or due[0] < seat.armed):
                seat.armed = due[0]
                heappush(self._heap, (due[0], (key,)))


def _settle_seats(step: Step) -> None:
    """Whoever waits gets what room there is, and whose shift is over hands over; an event may end a shift, too."""
    for fact in list(step.facts):
        if isinstance(fact, f.ShiftTurned):
            place_debts(step, step.state.seats[fact.seat])
        elif isinstance(fact, f.EventTurned):
            after_turn(step, fact)
    drain(step)
    while hand_over(step):
        pass


def _start(step: Step, given: i.StartDesk) -> None:
    step.emit(f.DeskStarted(at=step.at, epoch=given.epoch, restored_from=given.restored_from))
    _reckon_all(step)
    lose_in_flight(step, restored=given.restored_from is not None)
    if given.restored_from is not None:
        for shop in step.state.shops:
            since = given.restored_from
            until = Millis(step.at + UNREAD_MS)
            step.emit(
                f.ChannelGap(at=step.at, cause=step.cause, shop=shop, from_at=since, to_at=step.at, silent_until=until)
            )
    for seat in step.state.seats.values():
        if seat.presence != "offline":  # nobody is connected to a process that has just begun
            _disconnect(step, seat)


def _disconnect(step: Step, seat: SeatState) -> None:
    """The seat's grace begins anew: who comes back within it keeps their buyers."""
    setting = seat.setting
    step.emit(
        f.PresenceSet(at=step.at, cause=step.cause, seat=setting.id, shop=setting.shop, presence="offline", why=RESTART)
    )
    step.touched[setting.id] = None


def _office(step: Step, given: i.TakeOffice) -> None:
    if given.office_seq <= step.state.office_seq:
        raise Refusal("office_order")
    caps = caps_of_agents(step)
    removed = step.state.seats.get(SeatId(given.removed_id or "")) if given.removed_sort == "seat" else None
    had, expected = (list(removed.open), list(removed.expected)) if removed is not None else ([], [])
    step.emit(
        f.OfficeTaken(
            at=step.at,
            office_seq=given.office_seq,
            subject=given.subject,
            removed_sort=given.removed_sort,
            removed_id=given.removed_id,
        )
    )
    if isinstance(given.subject, Person):
        note_agent_overdraft(step, step.state.persons[given.subject.id], "cap_lowered")
    elif isinstance(given.subject, Seat):
        note_overdraft(step, step.state.seats[given.subject.id], "cap_lowered")
        note_agent_overdraft(step, step.state.persons.get(given.subject.agent), "seat_given")
    elif given.removed_sort == "seat" and given.removed_id is not None:
        end_waits(step, SeatId(given.removed_id))
        empty_seat(step, SeatId(given.removed_id), keep_answered=False, why="seat_removed")
        leave_removed(step, had, expected)
    elif isinstance(given.subject, Event) or given.removed_sort == "event":
        for shop in step.state.shops:
            note_seats(step, shop, "event_changed")
    note_lowered(step, caps, "event_changed")
    if isinstance(given.subject, Seat | Person) or given.removed_sort in ("seat", "person"):
        follow_ups.rehome(step)
    for key in step.state.conversations:
        step.touched[key] = None
    for seat_id in step.state.seats:
        step.touched[seat_id] = None


def _clock(step: Step, given: i.NoteClockStep) -> None:
    """After a step everything is decided anew by the state and the new time: also who is on shift."""
    step.emit(f.ClockStepped(at=step.at, by_ms=given.by_ms))
    _reckon_all(step)
    for key in step.state.conversations:
        step.touched[key] = None


def _reckon_all(step: Step) -> None:
    """The clock may have gone back, too: then borders lie ahead again that had been passed."""
    for shop in step.state.shops:
        step.turn_event(shop)
    for seat in step.state.seats:
        step.turn(seat)
        step.touched[seat] = None


def _presence(step: Step, given: i.SetPresence) -> None:
    seat = step.state.seats.get(given.seat)
    if seat is None:
        raise Refusal("unknown_seat")
    was = seat.presence
    step.emit(
        f.PresenceSet(
            at=step.at,
            seat=given.seat,
            shop=seat.setting.shop,
            presence=given.presence,
            by=given.by,
            why=given.why,
        )
    )
    if begins_to_flap(seat, was):
        step.emit(
            f.FlappingBegan(
                at=step.at,
                cause=step.cause,
                seat=given.seat,
                shop=seat.setting.shop,
                changes=len(seat.changes),
                until=quiet_at(seat, step.at),
            )
        )
    step.touched[given.seat] = None


def _typing(step: Step, given: i.NoteTyping) -> None:
    conv = step.conversation(given.shop, given.buyer)
    if given.seat not in step.state.seats:
        raise Refusal("unknown_seat")
    step.emit(f.AgentTyped(at=step.at, shop=given.shop, buyer=given.buyer, seat=given.seat, by=given.by))
    step.touch(conv)


_TABLE: Final[dict[type[i.Input], Callable[[Step, Any], None]]] = {
    i.StartDesk: _start,
    i.TakeOffice: _office,
    i.ConnectChannel: connect,
    i.LoseChannel: lose,
    i.ReportGap: report_gap,
    i.NoteSilence: note_silence,
    i.NoteHeard: note_heard,
    i.NoteSending: note_sending,
    i.TakeBuyerMessage: take_buyer_message,
    i.TakeShopMessage: take_shop_message,
    i.TakeRecall: take_recall,
    i.TakePlacement: take_placement,
    i.NoteClockStep: _clock,
    i.Erase: erase,
    i.SetPresence: _presence,
    i.NoteTyping: _typing,
    i.MoveBuyer: move_buyer,
    i.EndTransfer: end_transfer,
    i.Reply: reply,
    i.OfferDraft: offer_draft,
    i.RejectDraft: reject_draft,
    i.PrepareSend: prepare,
    i.EndSend: end,
    i.ResolveSend: resolve,
    i.CloseConversation: close,
    i.SettleDebt: settle,
    i.NoteAlertsTold: note_told,
    i.AcknowledgeAlerts: acknowledge,
    i.NoteForecast: note_forecast,
    i.TakeBack: take_back,
    i.MakeFollowUp: follow_ups.make,
    i.DismissOffer: follow_ups.dismiss,
    i.ChangeFollowUp: follow_ups.change,
    i.FinishFollowUp: follow_ups.finish,
    i.DropFollowUp: follow_ups.drop,
    i.WriteNote: noting.write,
    i.RemoveNote: noting.remove,
}
