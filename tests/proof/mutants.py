"""Planted bugs: small changes of the real program, each of which the simulation must find. They test the tests.

Each has a name, the laws that may name it, and `plant`, which changes the program for as long as a run lasts. A bug is
caught when a law is broken that its row names; a crash counts only where the row says so.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import msgspec

from relay.contracts import SendResult, TransferResult
from relay.domain import (
    answering,
    apply,
    assist,
    debts,
    desk,
    due,
    follow_ups,
    lists,
    messages,
    moving,
    notices,
    placing,
    ranking,
    sending,
    settings,
    step,
    watching,
    wording,
)  # fmt: skip
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import Alert, Prepare
from relay.domain.guiding import is_persons
from relay.domain.marks import rung_name
from relay.domain.model import Draft
from relay.domain.names import Millis
from relay.runtime import arrivals, desk_runner, draft, office, outbox, recognition, service, stepping
from relay.runtime.port import Committed

Plant = Callable[[ExitStack], None]
LATE_S = 15.0


@dataclass(frozen=True)
class Mutant:
    """A planted bug. `laws` are the breaches that show it, as `law what` or the law alone."""

    plant: Plant
    laws: tuple[str, ...]

    def is_shown_by(self, breach: str) -> bool:
        return any(breach == law or breach.startswith(f"{law} ") for law in self.laws)


def nothing(stack: ExitStack) -> None:
    """No bug."""


def swap(stack: ExitStack, owner: Any, name: str, new: Any) -> Any:
    """Put `new` in the place of what `owner` calls `name`, until the stack is closed; returns what was there."""
    old = owner[name] if isinstance(owner, dict) else getattr(owner, name)
    put = owner.__setitem__ if isinstance(owner, dict) else lambda key, value: setattr(owner, key, value)
    put(name, new)
    stack.callback(put, name, old)
    return old


def swapped(owner: Any, name: str, make: Callable[[Any], Any]) -> Plant:
    """A plant that puts `make(what was there)` in its place."""

    def plant(stack: ExitStack) -> None:
        old = owner[name] if isinstance(owner, dict) else getattr(owner, name)
        swap(stack, owner, name, make(old))

    return plant


def both(*plants: Plant) -> Plant:
    def plant(stack: ExitStack) -> None:
        for one in plants:
            one(stack)

    return plant


def blind_to(*reasons: str) -> Callable[[Any], Any]:
    """A check that no longer sees these reasons."""

    def make(check: Any) -> Any:
        def blind(*args: Any) -> Any:
            why = check(*args)
            return None if why in reasons else why

        return blind

    return make


def _not_carried(old: Any) -> Any:
    """The fact stands on the ledger, and the state knows nothing of it."""
    return lambda state, fact: None


# --- L1, L2: acknowledgements and duplicates


def _told_at_once(old: Any) -> Any:
    def await_receipt(self: Any, done: Any, receipt: Any) -> None:
        if not done.done():
            done.set_result(receipt)

    return await_receipt


def _answered_at_once(old: Any) -> Any:
    def await_facts(self: Any, done: Any, start: int) -> None:
        facts = self.facts[start - self.first_seq :]
        if not done.done():
            done.set_result([Committed(seq, fact) for seq, fact in enumerate(facts, start)])

    return await_facts


def _carried_first(commit: Any) -> Any:
    async def early(self: Any, batch: Any) -> None:
        carry = self._carry
        carry([Committed(seq, fact, batch.texts.get(seq)) for seq, fact in enumerate(batch.facts, batch.first_seq)])
        self._carry = lambda committed: None
        try:
            await commit(self, batch)
        finally:
            self._carry = carry

    return early


def _only_the_store_knows(note: Any) -> Any:
    def forgetful(self: Any, identity: Any, seq: int, new_buyer: Any, batch: Any) -> None:
        note(self, identity, seq, new_buyer, batch)
        self._messages.pop(identity.key, None)

    return forgetful


def _no_key_is_kept(note: Any) -> Any:
    def forgetful(self: Any, identity: Any, seq: int, new_buyer: Any, batch: Any) -> None:
        note(self, msgspec.structs.replace(identity, key=None), seq, new_buyer, batch)

    return forgetful


def _keys_are_not_asked(reply: Any) -> Any:
    def again(step_: Any, given: Any) -> None:
        conv = step_.state.conversations.get((given.shop, given.buyer))
        if conv is None or conv.past is None:
            reply(step_, given)
            return
        known, conv.past.keys = conv.past.keys, ()
        try:
            reply(step_, given)
        finally:
            conv.past.keys = (*known, *conv.past.keys)[-16:]

    return again


# --- L3, L4, L5: who gets whom


def _obstacle_without(*reasons: str, cap: int = 0) -> Callable[[Any], Any]:
    """The ranking's obstacle, blind to some causes; with `cap`, one place more on each seat."""

    def make(obstacle: Any) -> Any:
        def blind(state: Any, seat: Any, agent_open: int) -> Any:
            why = obstacle(state, seat, agent_open)
            if why == "full" and cap and len(seat.open) < seat.setting.cap + cap:
                return None
            return None if why in reasons else why

        return blind

    return make


def _sticky_whatever(choose: Any) -> Any:
    def sticky(state: Any, order: Any, conv: Any, at: Millis) -> Any:
        choice = choose(state, order, conv, at)
        past = conv.past.seat if conv.past is not None else None
        if past in state.seats and past != conv.seat and state.seats[past].presence == "online":
            return placing.Choice(past, "sticky", choice.winner, choice.runner_up, choice.rejected)
        return choice

    return sticky


def _second_best(choose: Any) -> Any:
    def second(state: Any, order: Any, conv: Any, at: Millis) -> Any:
        choice = choose(state, order, conv, at)
        if choice.runner_up is None or choice.reason == "sticky":
            return choice
        return placing.Choice(choice.runner_up.seat, choice.reason, choice.runner_up, choice.winner, choice.rejected)

    return second


def _answered_and_queued(old: Any) -> Any:
    def round_over(state: Any, fact: Any) -> None:
        conv = state.conversations[fact.shop, fact.buyer]
        conv.round = None
        lists.count_waiting(state, conv, -1)
        lists.let_go(state, conv)

    return round_over


def _without(*kinds: type) -> Callable[[Any], Any]:
    return lambda room: tuple(kind for kind in room if kind not in kinds)


def _idle_whoever_waits(old: Any) -> Any:
    def idle_at(state: Any, conv: Any) -> Any:
        if conv.seat is None or conv.sends:
            return None
        return Millis(conv.last_at + state.shops[conv.shop].setting.idle_release_s * 1000)

    return idle_at


# --- L6: the clock of a round


def _latest_question(old: Any) -> Any:
    def move_round(step_: Any, conv: Any, why: Any = None) -> None:
        if conv.round.questions[-1][0] > conv.round.opened_at:
            answering.emit_moved(step_, conv, conv.round.questions[-1][0], "day_border")

    return move_round


def _recall_is_noted_only(old: Any) -> Any:
    def take_recall(step_: Any, given: Any) -> None:
        step_.emit(
            f.MessageRecalled(
                at=step_.at, shop=given.shop, buyer=given.buyer, message=given.message, sent_at=given.sent_at
            )
        )

    return take_recall


# --- L7, L8: the machine's one reply


def _decides_despite(*reasons: str) -> Callable[[Any], Any]:
    """What forbids the machine to speak at all still does."""

    def make(obstacle: Any) -> Any:
        def blind(step_: Any, conv: Any) -> Any:
            why = obstacle(step_, conv)
            return assist._obstacle(step_, conv) if why in reasons else why

        return blind

    return make


def _any_version(choose_reply: Any) -> Any:
    def any_reply(step_: Any, conv: Any) -> Any:
        """The next version, which nobody has approved yet."""
        chosen = choose_reply(step_, conv)
        return msgspec.structs.replace(chosen, version=chosen.version + 1) if chosen is not None else None

    return any_reply


def _any_age(choose_reply: Any) -> Any:
    def any_reply(step_: Any, conv: Any) -> Any:
        ended = [one for one in step_.state.replies.values() if one.status == "approved" and one.valid_to is not None]
        return min(ended, key=lambda one: one.id, default=None) or choose_reply(step_, conv)

    return any_reply


def _outbox_is_late(of: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """No bug by itself: what is only intended is asked for much later, so that a lot may happen until then."""

    def make(carry_out: Any) -> Any:
        def late(self: Any, effect: Any) -> None:
            send = self._desk._desk.state.sends.get(effect.send) if isinstance(effect, Prepare) else None
            if send is not None and of(send):
                asyncio.get_running_loop().call_later(LATE_S, carry_out, self, effect)
            else:
                carry_out(self, effect)

        return late

    return make


def _always_moved(transferred: Any) -> Any:
    """Whatever the platform says of a transfer is taken for a yes."""

    async def believe(self: Any, effect: Any) -> TransferResult:
        await transferred(self, effect)
        return TransferResult(outcome="confirmed")

    return believe


late_outbox = swapped(outbox.Outbox, "carry_out", _outbox_is_late(lambda send: send.machine))
late_keys = swapped(outbox.Outbox, "carry_out", _outbox_is_late(lambda send: send.question > 0))


# --- slots and notices


def _gaps_go_out(filled_in: Any) -> Any:
    return lambda *args: filled_in(*args)._replace(gaps=())


def _notice_on_a_transfer(move_buyer: Any) -> Any:
    def move(step_: Any, given: i.MoveBuyer) -> None:
        move_buyer(step_, given)
        conv = step_.state.conversations.get((given.shop, given.buyer))
        if conv is not None and conv.round is not None:
            notices.notify(step_, conv, True)

    return move


def _said_without_opening(withhold: Any) -> Any:
    def anyway(step_: Any, conv: Any, purpose: Any, why: str, again: bool = False) -> None:
        chosen = notices.choose_notice(step_, conv, purpose) if why == "opening_unknown" else None
        if chosen is None:
            withhold(step_, conv, purpose, why, again)
            return
        step_.emit(
            f.NoticeIntended(
                at=step_.at, cause=step_.cause, shop=conv.shop, buyer=conv.buyer, purpose=purpose, reply=chosen.id,
                version=chosen.version, approved_by=chosen.approved_by, office_seq=step_.state.office_seq,
                seat=conv.seat,
            )
        )  # fmt: skip
        step_.touch(conv)

    return anyway


def _an_hour_late(opening_at: Any) -> Any:
    def late(*args: Any) -> Any:
        opening = opening_at(*args)
        return None if opening is None else Millis(opening + 3_600_000)

    return late


def _next_notice(choose: Any) -> Any:
    def unapproved(step_: Any, conv: Any, purpose: Any) -> Any:
        chosen = choose(step_, conv, purpose)
        return msgspec.structs.replace(chosen, version=chosen.version + 1) if chosen is not None else None

    return unapproved


def _takes_the_machines_turn(notice_intended: Any) -> Any:
    def greedy(state: Any, fact: Any) -> None:
        notice_intended(state, fact)
        state.conversations[fact.shop, fact.buyer].round.machine = True

    return greedy


# --- L9: sends


def _unknown_is_fine(end: Any) -> Any:
    def confirmed(step_: Any, given: i.EndSend) -> None:
        if given.outcome == "unknown":
            given = msgspec.structs.replace(given, outcome="confirmed", sent_at=step_.at)
        end(step_, given)

    return confirmed


def _try_again(result: Any) -> Any:
    async def blind(self: Any, effect: Any) -> SendResult:
        told: SendResult = await result(self, effect)
        return msgspec.structs.replace(told, retryable=True) if told.outcome == "unknown" else told

    return blind


def _lost_is_not_sent(old: Any) -> Any:
    def lose_in_flight(step_: Any, restored: bool) -> None:
        for send in [one for one in step_.state.sends.values() if one.status == "sending"]:
            sending._end(step_, send, "not_sent", "restart", retry_at=Millis(step_.at + 1000))

    return lose_in_flight


def _without_alerts(effects_of: Any) -> Any:
    return lambda seq, fact: tuple(one for one in effects_of(seq, fact) if not isinstance(one, Alert))


# --- L10: debts


def _closes_by(closes: Callable[[Any, str], bool]) -> Callable[[Any], Any]:
    def make(note_answer: Any) -> Any:
        def note(step_: Any, conv: Any, at: Any, author: Any, tone: str, account: Any) -> None:
            note_answer(step_, conv, at, author, tone, account)
            if conv.debt is not None and closes(author, tone):
                answering.close_debt(step_, conv, "answered")

        return note

    return make


def _debt_falls_off(queued: Any) -> Any:
    def lossy(state: Any, fact: Any) -> None:
        queued(state, fact)
        state.conversations[fact.shop, fact.buyer].debt = None

    return lossy


def _restart_forgives(recover: Any) -> Any:
    def forgiving(*args: Any) -> Any:
        found, told = recover(*args)
        for conv in found.state.conversations.values():
            conv.debt = None
        return found, told

    return forgiving


def _lossy_where(loses: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """A row of `apply` after which the state has lost something of its buyer, too."""

    def make(row: Any) -> Any:
        def lossy(state: Any, fact: Any) -> None:
            row(state, fact)
            loses(state, fact)

        return lossy

    return make


def _follow_ups_fall_off(state: Any, fact: Any) -> None:
    for name in state.promised.pop((fact.shop, fact.buyer), ()):
        del state.follow_ups[name]


def _notes_fall_off(state: Any, fact: Any) -> None:
    state.notes.pop((fact.shop, fact.buyer), None)


def _rungs_forgotten(state: Any, fact: Any) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    if conv.debt is not None:
        conv.debt.done = ()


def _restart_tells_again(recover: Any) -> Any:
    def anew(*args: Any) -> Any:
        found, told = recover(*args)
        for one in found.state.follow_ups.values():
            one.told = 0
        return found, told

    return anew


def _kept_by_anything(old: Any) -> Any:
    def keep_by_reply(step_: Any, send: Any) -> None:
        old(step_, msgspec.structs.replace(send, tone="answer", promise=None))

    return keep_by_reply


def _rescue_to_the_full(reroute: Any) -> Any:
    """The rung of a debt gives the buyer to a seat on duty that is full, where there is one."""

    def push(step_: Any, conv: Any, why: str = "owed") -> None:
        seats = [step_.state.seats[seat] for seat in step_.state.shops[conv.shop].seats if seat != conv.seat]
        full = [one.setting.id for one in seats if one.on_duty and one.load >= one.setting.cap]
        if conv.seat is None or not full:
            reroute(step_, conv, why)
        else:
            placing.assign(step_, conv, placing.Choice(full[0], "rescue"))

    return push


# --- L11: time


def _no_timers(rearm: Any) -> Any:
    def forgetful(self: Any) -> None:
        rearm(self)
        self._fill_heap()
        self._heap.clear()

    return forgetful


def _step_fires(clock: Any) -> Any:
    def fires(step_: Any, given: Any) -> None:
        clock(step_, given)
        for conv in list(step_.state.conversations.values()):
            for rung in step_.state.shops[conv.shop].setting.ladder if conv.round is not None else ():
                if rung_name(rung) not in conv.round.done:
                    step_.emit(
                        f.LadderStepped(
                            at=step_.at, cause=step_.cause, shop=conv.shop, buyer=conv.buyer, do=rung.do,
                            round_at=conv.round.opened_at, due_at=conv.round.due_at, seat=conv.seat,
                            rung=rung_name(rung),
                        )
                    )  # fmt: skip

    return fires


def _short_grace(presence: Any) -> Any:
    def hasty(state: Any, fact: Any) -> None:
        presence(state, fact)
        seat = state.seats[fact.seat]
        if seat.grace_until is not None and fact.why != "restart":
            seat.grace_until = Millis(fact.at + 5_000)

    return hasty


def _no_grace_end(presence: Any) -> Any:
    def patient(state: Any, fact: Any) -> None:
        presence(state, fact)
        seat = state.seats[fact.seat]
        if seat.grace_until is not None and fact.why != "restart":
            seat.grace_until = Millis(fact.at + 3_600_000)

    return patient


# --- L12, §9: the ledger and the office


def _other_bytes(chain: Any) -> Any:
    def changed(*args: Any) -> Any:
        return [msgspec.structs.replace(row, body=row.body + b" ") for row in chain(*args)]

    return changed


def _skips_a_seq(chain: Any) -> Any:
    def skip(prev: Any, desk_: Any, first_seq: int, facts: Sequence[Any]) -> Any:
        return chain(prev, desk_, first_seq + (first_seq > 300), facts)

    return skip


def _office_loses(post: Any) -> Any:
    def lossy(self: Any, given: Any, text: Any = None) -> Any:
        if isinstance(given, i.TakeOffice) and given.office_seq > 20 and given.office_seq % 5 == 0:
            lost = asyncio.get_running_loop().create_future()
            lost.set_result([])
            return lost
        return post(self, given, text)

    return lossy


NOT_DONE = "L11 due_and_not_done"
L9_TWICE = ("L9 sent_again_after_an_unknown", "L9 reached_twice")
REFUSED_BY_STORE = ("crash LedgerError",)
"""The honest catch: the store itself refuses a second row for a key, or a fact that does not link to the one before."""

# --- drafts


def _any_draft_is_live(live: Any) -> Any:
    def found(conv: Any, draft: Any) -> Any:
        return live(conv, draft) or Draft(draft, "", "leyan", "assist")

    return found


def _drafts_send_themselves(offer: Any) -> Any:
    def offer_and_send(step_: Any, given: i.OfferDraft) -> None:
        offer(step_, given)
        conv = step_.state.conversations[given.shop, given.buyer]
        if conv.seat in step_.state.seats:
            by, draft_ = step_.state.seats[conv.seat].setting.agent, conv.drafts[0]
            told = {"digest": given.digest, "provider": draft_.provider, "mode": draft_.mode, "draft": draft_.id}
            where = {"shop": conv.shop, "buyer": conv.buyer, "by": by, "seat": conv.seat}
            step_.emit(f.ReplyIntended(at=step_.at, cause=step_.cause, **where, **told))

    return offer_and_send


MUTANTS: dict[str, Mutant] = {
    "draft survives the buyer's new message": Mutant(
        swapped(messages, "void_drafts", lambda old: lambda step_, conv, why: None), ("L7 draft_survives",)
    ),
    "void draft approved": Mutant(
        swapped(sending, "live", _any_draft_is_live), ("L7 void_draft_used", "L14 draft_of_another_shop")
    ),
    "draft sends itself": Mutant(
        swapped(desk._TABLE, i.OfferDraft, _drafts_send_themselves), ("L7 draft_sent_by_machine",)
    ),
    "acknowledge before commit": Mutant(
        swapped(draft.Draft, "await_receipt", _told_at_once), ("L1 acknowledged_before_it_was_durable",)
    ),
    "agent told before commit": Mutant(
        swapped(draft.Draft, "await_facts", _answered_at_once), ("L1 acknowledged_before_it_was_durable",)
    ),
    "effects before commit": Mutant(
        swapped(desk_runner.DeskRunner, "_commit", _carried_first), ("L9 sent_before_it_was_durable",)
    ),
    "duplicate taken twice": Mutant(swapped(recognition.Recognizer, "note", _no_key_is_kept), ("L2 taken_twice",)),
    "duplicate in flight taken twice": Mutant(
        swapped(recognition.Recognizer, "note", _only_the_store_knows), REFUSED_BY_STORE
    ),
    "agent's frame taken twice": Mutant(swapped(desk._TABLE, i.Reply, _keys_are_not_asked), ("L1 answers",)),
    "orphan in the queue": Mutant(swapped(apply._TABLE, f.RoundAnswered, _answered_and_queued), ("L3",)),
    "two owners": Mutant(swapped(apply, "leave_seat", lambda old: lambda state, conv: None), ("L3 reception_list",)),
    "unanswered released as idle": Mutant(swapped(due, "_idle_at", _idle_whoever_waits), ("L3 owner_xor_queue",)),
    "queue not drained on presence": Mutant(
        swapped(step, "MAKES_ROOM", _without(f.PresenceSet)), ("L3 waits_although_room",)
    ),
    "queue not drained on release": Mutant(
        swapped(step, "MAKES_ROOM", _without(f.ConversationClosed)), ("L3 waits_although_room",)
    ),
    "late before savable for ever": Mutant(
        swapped(placing, "SAVABLE_IN_A_ROW", lambda old: 0), ("L3 not_next_in_the_queue",)
    ),
    "savable before late for ever": Mutant(
        swapped(placing, "SAVABLE_IN_A_ROW", lambda old: 1 << 30), ("L3 not_next_in_the_queue",)
    ),
    "cap off by one": Mutant(
        swapped(ranking, "obstacle", _obstacle_without(cap=1)), ("L4 placed_at_or_above_cap",)
    ),
    "passed on above the cap": Mutant(
        swapped(moving, "obstacle", _obstacle_without(cap=3)), ("L4 passed_on_above_cap", "L4 overdrawn_untold")
    ),
    "agent cap over two shops ignored": Mutant(
        swapped(ranking, "obstacle", _obstacle_without("agent_full")), ("L4 placed_at_or_above_cap",)
    ),
    "sticky above cap": Mutant(swapped(placing, "choose", _sticky_whatever), ("L4 placed_at_or_above_cap",)),
    "not the least loaded": Mutant(swapped(placing, "choose", _second_best), ("L5 not_least_loaded",)),
    "off-shift seat given a buyer": Mutant(
        swapped(ranking, "obstacle", _obstacle_without("off_shift")), ("L5 not_eligible",)
    ),
    "draining seat given a buyer": Mutant(
        swapped(ranking, "obstacle", _obstacle_without("draining")), ("L5 not_eligible",)
    ),
    "flapping seat given a buyer": Mutant(
        swapped(ranking, "obstacle", _obstacle_without("flapping")), ("L5 not_eligible",)
    ),
    "clock moved by a later message": Mutant(swapped(messages, "move_round", _latest_question), ("L6",)),
    "earlier-stamped message ignored": Mutant(
        swapped(messages, "move_round", lambda old: lambda step_, conv, why=None: None), ("L6 clock",)
    ),
    "recall ignored": Mutant(swapped(desk._TABLE, i.TakeRecall, _recall_is_noted_only), ("L6 clock",)),
    "second hold": Mutant(
        both(
            swapped(assist, "_obstacle_to_deciding", _decides_despite("used", "debt_open", "machine_reply_on_its_way")),
            swapped(assist, "obstacle_to_sending", blind_to("debt_open")),
        ),
        ("L7",),
    ),
    "hold while a debt is open": Mutant(
        swapped(assist, "_obstacle_to_deciding", _decides_despite("debt_open")), ("L7 hold_while_debt_open",)
    ),
    "hold after an answer": Mutant(
        both(late_outbox, swapped(sending, "obstacle_to_sending", blind_to("answered"))),
        ("L7", "§7 notice_after_an_answer"),
    ),
    "stale draft": Mutant(
        both(late_outbox, swapped(sending, "obstacle_to_sending", blind_to("buyer_wrote", "round_moved"))),
        ("L7 stale",),
    ),
    "machine answers a complaint": Mutant(swapped(assist, "SILENT_TAGS", lambda old: {}), ("L7 tag",)),
    "machine writes while an agent types": Mutant(
        both(swapped(due, "TYPING_LEASE_MS", lambda old: 0), swapped(assist, "TYPING_LEASE_MS", lambda old: 0)),
        ("L7 while_agent_types",),
    ),
    "guard not read": Mutant(
        swapped(arrivals, "read_guard", lambda old: lambda text, shop: None), ("§7 guard_not_read",)
    ),
    "unread gap ignored": Mutant(swapped(apply._TABLE, f.ChannelGap, _not_carried), ("§7 gap_not_read",)),
    "silent channel ignored": Mutant(swapped(apply._TABLE, f.ChannelSilent, _not_carried), ("§7 channel_silent",)),
    "machine sends unconfirmed": Mutant(
        both(
            swapped(assist, "mode_of", lambda old: lambda shop: shop.assist),
            swapped(office, "fallen_back", lambda old: lambda settings: (settings, [])),
        ),
        ("§7 unconfirmed",),
    ),
    "hold blind to the time of sending": Mutant(
        swapped(due, "lead_ms", lambda old: lambda shop, before_s: before_s * 1000), ("§7 hold_too_late",)
    ),
    "begun too late to arrive": Mutant(
        both(
            swapped(assist, "_obstacle", blind_to("too_late_to_arrive")),
            swapped(due, "lead_ms", lambda old: lambda shop, before_s: before_s * 1000),
        ),
        ("§7 too_late_to_arrive", "§7 hold_too_late"),
    ),
    "same words twice in a day": Mutant(
        swapped(assist, "was_said", lambda old: lambda past, reply, at: False), ("§7 same_words_again",)
    ),
    "unapproved version sent": Mutant(
        swapped(assist, "choose_reply", _any_version), ("L8 not_an_approved_version",)
    ),
    "expired version sent": Mutant(swapped(assist, "choose_reply", _any_age), ("L8 not_an_approved_version",)),
    "transfer believed without a word": Mutant(
        swapped(outbox.Outbox, "_transferred", _always_moved), ("L3 moved_without_proof",)
    ),
    "slot gap sent": Mutant(swapped(outbox, "filled_in", _gaps_go_out), ("L8 another_text_than_the_ledgers",)),
    "slot chosen that nobody can fill": Mutant(
        both(
            swapped(assist, "can_fill", lambda old: lambda *args: True),
            swapped(outbox, "filled_in", _gaps_go_out),
        ),
        ("L8",),
    ),
    "reply about other goods": Mutant(
        swapped(settings.QuickReply, "is_about", lambda old: lambda self, topic, goods: True),
        ("L8 about_something_else",),
    ),
    "notice twice": Mutant(
        swapped(notices, "_was_told", lambda old: lambda past, purpose, at: False), ("§7 notice_twice",)
    ),
    "notice on a transfer": Mutant(
        swapped(desk._TABLE, i.MoveBuyer, _notice_on_a_transfer),
        ("§7 notice_without_its_occasion", "§7 greeted_on_a_transfer", "§7 notice_twice"),
    ),
    "notice in an aftersale case": Mutant(
        swapped(notices, "AFTERSALE", lambda old: frozenset()), ("§7 notice_in_an_aftersale_case",)
    ),
    "after hours without opening": Mutant(
        both(
            swapped(notices, "opening_at", lambda old: lambda *args: None),
            swapped(notices, "_withhold", _said_without_opening),
        ),
        ("§7 after_hours_without_opening", "L8 slot_left_open"),
    ),
    "opening that is not true": Mutant(
        both(swapped(notices, "opening_at", _an_hour_late), swapped(wording, "opening_at", _an_hour_late)),
        ("§7 opening_is_not_true",),
    ),
    "unapproved notice sent": Mutant(
        swapped(notices, "choose_notice", _next_notice), ("L8 not_an_approved_version", "L8")
    ),
    "notice after an answer": Mutant(
        both(late_outbox, swapped(assist, "obstacle_to_notice", blind_to("answered"))), ("§7 notice_after_an_answer",)
    ),
    "notice takes the machine's turn": Mutant(
        swapped(apply._TABLE, f.NoticeIntended, _takes_the_machines_turn), ("L7 used_up_by_something_else",)
    ),
    "blind retry": Mutant(swapped(outbox.Outbox, "_result", _try_again), L9_TWICE),
    "sent again after a restart": Mutant(
        swapped(desk, "lose_in_flight", _lost_is_not_sent), (*L9_TWICE, "L9 denied_although_it_arrived")
    ),
    "confirmed without proof": Mutant(
        swapped(desk._TABLE, i.EndSend, _unknown_is_fine), ("L9 claimed_without_proof",)
    ),
    "unknown not shown": Mutant(swapped(outbox, "effects_of", _without_alerts), ("L9 unknown_not_shown",)),
    "echo taken as a person's answer": Mutant(
        swapped(stepping, "send_of", lambda old: lambda *_: None), ("L9 echo_not_recognised",)
    ),
    "debt closed by a hold": Mutant(
        both(
            swapped(sending, "note_answer", _closes_by(lambda author, tone: is_persons(author) and tone == "hold")),
            swapped(messages, "note_answer", _closes_by(lambda author, tone: is_persons(author) and tone == "hold")),
        ),
        ("L10 closed_by_no_real_answer",),
    ),
    "debt closed by a machine": Mutant(
        swapped(sending, "note_answer", _closes_by(lambda author, tone: not is_persons(author))),
        ("L10 closed_by_no_real_answer",),
    ),
    "debt closed by an acknowledgement": Mutant(
        both(
            swapped(sending, "note_answer", _closes_by(lambda author, tone: tone == "acknowledgement")),
            swapped(messages, "note_answer", _closes_by(lambda author, tone: tone == "acknowledgement")),
        ),
        ("L10 closed_by_no_real_answer",),
    ),
    "rung of a debt taken twice": Mutant(
        swapped(apply._TABLE, f.DebtReminded, _lossy_where(_rungs_forgotten)), ("L10 rung_twice",)
    ),
    "rungs of a debt begin anew on another seat": Mutant(
        swapped(apply._TABLE, f.Assigned, _lossy_where(_rungs_forgotten)), ("L10 rung_twice", "L10 rung_out_of_order")
    ),
    "a debt's rescue above the cap": Mutant(
        swapped(debts, "reroute", _rescue_to_the_full), ("L4 placed_at_or_above_cap",)
    ),
    "hold by key for another question": Mutant(
        swapped(sending, "check_hold", lambda old: lambda *_: None), ("L10 held_another_question",)
    ),
    "hold by key after the answer": Mutant(
        both(late_keys, swapped(assist, "obstacle_to_hold", blind_to("answered"))), ("L10 held_after_an_answer",)
    ),
    "notes lost when the conversation closes": Mutant(
        swapped(apply._TABLE, f.ConversationClosed, _lossy_where(_notes_fall_off)), ("L14 note_lost",)
    ),
    "follow-up lost on transfer": Mutant(
        swapped(apply._TABLE, f.Assigned, _lossy_where(_follow_ups_fall_off)), ("L10 follow_ups",)
    ),
    "follow-up lost when its conversation closes": Mutant(
        swapped(apply._TABLE, f.ConversationClosed, _lossy_where(_follow_ups_fall_off)), ("L10 follow_ups",)
    ),
    "follow-up due again after a restart": Mutant(
        swapped(service, "recover", _restart_tells_again),
        ("L10 due_told_twice", "L16 rerun_differs", "L16 rerun_raised"),
    ),
    "follow-up due again and again": Mutant(
        swapped(apply._TABLE, f.FollowUpDue, lambda old: lambda state, fact: None),
        ("L10 due_told_twice", "L11 replayed_state_differs"),
    ),
    "follow-up kept by a hold": Mutant(
        swapped(sending, "keep_by_reply", _kept_by_anything), ("L10 kept_by_no_answer",)
    ),
    "promise not offered": Mutant(
        swapped(sending, "offer", lambda old: lambda *args: None), ("L10 promise_not_offered",)
    ),
    "owner gone and nobody told": Mutant(
        swapped(follow_ups, "rehome", lambda old: lambda step_: None), ("L10 owner_is_gone",)
    ),
    "lost debt": Mutant(swapped(apply._TABLE, f.Queued, _debt_falls_off), ("L10", "L3")),
    "debt lost at restart": Mutant(swapped(service, "recover", _restart_forgives), ("L16 rerun_differs", NOT_DONE)),
    "timer lost at restart": Mutant(swapped(desk.Desk, "rearm", _no_timers), (NOT_DONE,)),
    "timer fired twice": Mutant(
        swapped(apply._TABLE, f.LadderStepped, lambda old: lambda state, fact: None), ("§7 rung_twice",)
    ),
    "a rung takes those above it along": Mutant(
        swapped(watching, "_due_together", lambda old: lambda dues, at, place, clock, ladder: [
            above for above in range(place, len(ladder)) if ladder[above].do not in watching.DECIDING
        ]),
        ("§7 rung_before_its_second",),
    ),
    "clock step fires everything": Mutant(
        swapped(desk._TABLE, i.NoteClockStep, _step_fires), ("§7 rung_of_nothing",)
    ),
    "hold fired blindly after its deadline": Mutant(
        swapped(assist, "_obstacle", blind_to("deadline_passed")), ("L11 hold_after_deadline",)
    ),
    "grace forgotten on restart": Mutant(
        swapped(desk, "_disconnect", lambda old: lambda step_, seat: None), ("L11 connected_to_a_dead_process",)
    ),
    "grace cut short": Mutant(swapped(apply._TABLE, f.PresenceSet, _short_grace), ("§6 grace_cut_short",)),
    "grace without end": Mutant(swapped(apply._TABLE, f.PresenceSet, _no_grace_end), ("§6 gone_and_kept",)),
    "nobody handed over at the end of a shift": Mutant(
        swapped(desk, "hand_over", lambda old: lambda step_: False), ("§6 left_behind",)
    ),
    "other bytes stored than hashed": Mutant(swapped(desk_runner, "chain", _other_bytes), REFUSED_BY_STORE),
    "fact's seq skipped": Mutant(swapped(desk_runner, "chain", _skips_a_seq), REFUSED_BY_STORE),
    "office change skipped": Mutant(swapped(desk_runner.DeskRunner, "post", _office_loses), ("§9",)),
}  # fmt: skip

SOON = {
    "draft survives the buyer's new message": 2,
    "void draft approved": 2,
    "draft sends itself": 2,
    "agent's frame taken twice": 7,
    "cap off by one": 2,
    "draining seat given a buyer": 24,
    "hold while a debt is open": 3,
    "hold after an answer": 3,
    "stale draft": 11,
    "machine answers a complaint": 4,
    "lost debt": 2,
    "silent channel ignored": 7,
    "machine sends unconfirmed": 10,
    "same words twice in a day": 3,
    "follow-up lost on transfer": 2,
    "follow-up due again after a restart": 6,
    "follow-up kept by a hold": 5,
    "owner gone and nobody told": 3,
    "sent again after a restart": 13,
    "notice on a transfer": 43,
    "passed on above the cap": 14,
    "hold by key after the answer": 3,
    "nobody handed over at the end of a shift": 4,
    "unread gap ignored": 5,
    "follow-up lost when its conversation closes": 2,
    "hold by key for another question": 3,
    "second hold": 2,
    "notice after an answer": 2,
    "notice twice": 2,
    "transfer believed without a word": 19,
    "follow-up due again and again": 2,
}
"""The seed that meets a bug, where the first does not. Any other finds it too, sooner or later."""
