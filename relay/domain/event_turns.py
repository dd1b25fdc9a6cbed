"""What follows in a step when an event begins, ends or changes: whoever stands above a cap is said to (L4).

Who waits is given what room there is, and whose extra hours are over hands over: that the desk does after any step.
"""

from collections.abc import Iterable

from relay.domain import facts as f
from relay.domain.handover import place_debts
from relay.domain.names import PersonId, ShopId
from relay.domain.placing import note_agent_overdraft, note_overdraft
from relay.domain.step import Step

Caps = dict[PersonId, int | None]


def after_turn(step: Step, fact: f.EventTurned) -> None:
    """The shop's settings are others now."""
    if fact.event is None and fact.ended is None:  # an event that nobody saw has come and gone
        return
    why = "event_began" if fact.ended is None else "event_ended" if fact.event is None else "event_changed"
    note_seats(step, fact.shop, why)
    turned = [step.state.events[name] for name in (fact.event, fact.ended) if name in step.state.events]
    named = {change.name for event in turned for change in event.caps if change.of == "agent"}
    agents = dict.fromkeys(step.state.seats[seat].setting.agent for seat in step.state.shops[fact.shop].seats)
    _note_agents(step, (one for one in agents if "*" in named or one in named), why)


def note_seats(step: Step, shop: ShopId, why: str) -> None:
    """The caps and hours of all seats of the shop may be others now."""
    for seat_id in step.state.shops[shop].seats:
        note_overdraft(step, step.state.seats[seat_id], why)
        place_debts(step, step.state.seats[seat_id])


def caps_of_agents(step: Step) -> Caps:
    """What each agent may have now; nothing where no event could ever change it."""
    return {name: person.cap for name, person in step.state.persons.items()} if step.state.events else {}


def note_lowered(step: Step, before: Caps, why: str) -> None:
    """A change of settings, of whatever sort, took an agent's event from them or gave them another."""
    now = step.state.persons
    _note_agents(step, (name for name, cap in before.items() if name in now and now[name].cap != cap), why)


def _note_agents(step: Step, agents: Iterable[PersonId], why: str) -> None:
    told = {fact.seat for fact in step.facts if isinstance(fact, f.Overdrawn) and fact.why.startswith("agent_")}
    for name in agents:
        if told.isdisjoint(step.state.person_seats.get(name, ())):
            note_agent_overdraft(step, step.state.persons.get(name), why)
