"""The laws of what is promised (L10): debts and follow-ups are neither lost, nor told twice, nor ended by aught else.

Functions over the watcher of `tests.domain.laws`, called before a fact is taken into the picture, or after a step.
"""

from typing import TYPE_CHECKING, Any

from relay.domain import facts as f
from relay.domain import inputs as i
from tests.domain.told import by_person

if TYPE_CHECKING:
    from tests.domain.laws import Laws

EVIDENCE = (i.EndSend, i.ResolveSend, i.TakeShopMessage)


def _breaks(laws: "Laws", what: str, detail: Any, law: str = "L10") -> None:
    laws._broken(law, what, detail)


def _seat_of(laws: "Laws", owner: str | None, seat: str | None, shop: str) -> bool:
    """Whether this is a seat in this shop of somebody who works."""
    one, person = laws.told.seats.get(seat or ""), laws.told.persons.get(owner or "")
    return one is not None and person is not None and not person.disabled and (one.agent, one.shop) == (owner, shop)


# --- before a fact


def offered(laws: "Laws", fact: f.FollowUpOffered, given: i.Input, at: int) -> None:
    if not isinstance(given, EVIDENCE):
        _breaks(laws, "offered_without_a_text", (fact, given))
    promise = given.promise if isinstance(given, i.TakeShopMessage) and by_person(given.author) else None
    seen = isinstance(given, i.TakeShopMessage) and given.echo_of is None
    if seen and (promise is None or promise.due_at != fact.due_at):
        _breaks(laws, "offered_without_a_promise", (fact, given))


def dismissed(laws: "Laws", fact: f.FollowUpDismissed, given: i.Input, at: int) -> None:
    if laws.told.thread((fact.shop, fact.buyer)).offer is None or not isinstance(given, i.DismissOffer):
        _breaks(laws, "dismissed_what_was_not_offered", (fact, given))


def made(laws: "Laws", fact: f.FollowUpMade, given: i.Input, at: int) -> None:
    if not isinstance(given, i.MakeFollowUp):
        _breaks(laws, "promised_by_nobody", (fact, given))
    if not _seat_of(laws, fact.owner, fact.seat, fact.shop) or fact.due_at <= at:
        _breaks(laws, "promised_for_nobody", fact)
    if fact.offered and laws.told.thread((fact.shop, fact.buyer)).offer is None:
        _breaks(laws, "took_up_what_was_not_offered", fact)


def changed(laws: "Laws", fact: f.FollowUpChanged, given: i.Input, at: int) -> None:
    one = laws.told.follow_ups.get(fact.follow_up)
    if one is None or one.key != (fact.shop, fact.buyer):
        _breaks(laws, "changed_what_is_not_open", fact)
        return
    if fact.by is None:
        mine = [seat.id for seat in laws.told.seats.values() if _seat_of(laws, one.owner, seat.id, fact.shop)]
        if not isinstance(given, i.TakeOffice) or (fact.owner is None) == bool(mine) or fact.due_at != one.due_at:
            _breaks(laws, "taken_from_its_owner", (fact, given, mine))
    elif not isinstance(given, i.ChangeFollowUp):
        _breaks(laws, "changed_without_a_word", (fact, given))


def due(laws: "Laws", fact: f.FollowUpDue, given: i.Input, at: int) -> None:
    one = laws.told.follow_ups.get(fact.follow_up)
    wanted = laws.told.follow_up_rung(fact.follow_up) if one is not None else None
    if not isinstance(given, i.Tick) or one is None:
        _breaks(laws, "due_without_cause", (fact, given))
    elif wanted is None or fact.rung != wanted[1] or fact.due_at != one.due_at:
        _breaks(laws, "due_told_twice", (fact, one.told))
    elif at < wanted[0]:
        _breaks(laws, "due_before_its_time", (fact, wanted), "L11")


def done(laws: "Laws", fact: f.FollowUpDone, given: i.Input, at: int) -> None:
    told = laws.told
    if fact.follow_up not in told.follow_ups:
        _breaks(laws, "kept_twice", fact)
    if fact.send is None:
        if not (isinstance(given, i.FinishFollowUp) and given.reason.strip()):
            _breaks(laws, "kept_without_a_word", (fact, given))
        return
    text = told.texts[fact.send]
    intent = text.intent
    if not isinstance(intent, f.ReplyIntended) or intent.keeps != fact.follow_up or text.outcome != "confirmed":
        _breaks(laws, "kept_by_another_text", (fact, text))
    elif text.tone != "answer" or intent.promise is not None or not isinstance(given, EVIDENCE):
        _breaks(laws, "kept_by_no_answer", (fact, text))


def dropped(laws: "Laws", fact: f.FollowUpDropped, given: i.Input, at: int) -> None:
    if fact.follow_up not in laws.told.follow_ups or not (isinstance(given, i.DropFollowUp) and given.reason.strip()):
        _breaks(laws, "given_up_without_a_word", (fact, given))


# --- after a step


def hold(laws: "Laws", facts: list[f.DeskFact], armed: int | None) -> None:
    """Every follow-up that was made and not ended is there, with an owner who can keep it, and its time is armed."""
    told, state = laws.told, laws.mirror.state
    there = {name: (one.key, one.owner, one.seat, one.due_at, one.category) for name, one in state.follow_ups.items()}
    wanted = {name: (one.key, one.owner, one.seat, one.due_at, one.category) for name, one in told.follow_ups.items()}
    if there != wanted:
        _breaks(laws, "follow_ups", (wanted, there))
    if {name: key for key, names in state.promised.items() for name in names} != {n: o[0] for n, o in wanted.items()}:
        _breaks(laws, "follow_ups_of_buyers", (wanted, state.promised))
    for name, one in told.follow_ups.items():
        if (one.owner is None) != (one.seat is None) or (
            one.owner is not None and not _seat_of(laws, one.owner, one.seat, one.key[0])
        ):
            _breaks(laws, "owner_is_gone", (name, one))
        rung = told.follow_up_rung(name)
        if rung is not None and (armed is None or armed > rung[0]):
            _breaks(laws, "follow_up_is_not_armed", (name, one, armed), "L11")
    for fact in facts:
        if isinstance(fact, f.DebtOpened | f.DebtReminded):
            key = (fact.shop, fact.buyer)
            if told.thread(key).debt is not None and (armed is None or armed > told.debt_rung(key)[0]):
                _breaks(laws, "debt_is_not_armed", (fact, armed), "L11")
    _promises_are_offered(laws, facts)


def _promises_are_offered(laws: "Laws", facts: list[f.DeskFact]) -> None:
    """A text of a person that promises and has reached the buyer is offered, while the conversation goes on."""
    offers = [(one.shop, one.buyer) for one in facts if isinstance(one, f.FollowUpOffered)]
    for fact in facts:
        promise = None
        if isinstance(fact, f.SendEnded) and fact.outcome == "confirmed" and not fact.machine:
            text = laws.told.texts[fact.send]
            if isinstance(text.intent, f.ReplyIntended) and text.tone == "answer":
                promise = text.intent.promise
        elif (
            isinstance(fact, f.ShopWrote) and fact.echo_of is None and fact.tone == "answer" and by_person(fact.author)
        ):
            promise = fact.promise
        if promise is None:
            continue
        key: Any = (fact.shop, fact.buyer)
        if key in laws.mirror.state.conversations and key not in offers:
            _breaks(laws, "promise_not_offered", facts)


def overdue(laws: "Laws", at: int) -> None:
    """Whatever was due by this instant has been told."""
    told = laws.told
    for name in told.follow_ups:
        rung = told.follow_up_rung(name)
        if rung is not None and rung[0] <= at:
            _breaks(laws, "follow_up_untold", (name, told.follow_ups[name], at))
    for key, thread in told.threads.items():
        if thread.debt is not None and max(told.debt_rung(key)[0], thread.debt.at) <= at:  # it may be owed again
            _breaks(laws, "debt_untold", (key, thread.debt_rungs, at))
