"""What is typed about seats, queues, alerts and events: one's own presence, and a supervisor's arrangements."""

from typing import Final

from relay.cli.terminal.pen import Pen, Typed
from relay.cli.terminal.words import clean
from relay.domain.settings import Presence

_PRESENCES: Final[dict[str, Presence]] = {"on": "online", "away": "away", "off": "offline"}


def presence(pen: Pen, word: str, _: str) -> Typed:
    """One's own seats come or go."""
    seats, wanted = pen.view.mine(), _PRESENCES[word[1:]]
    pen.wanted = {seat.seat: wanted for seat in seats}
    asks = [pen.ask("presence", seat=seat.seat, presence=wanted) for seat in seats]
    return (asks, []) if asks else pen.say("no_seat")


def presence_of(pen: Pen, _: str, rest: str) -> Typed:
    """`SEAT on|away|off`: a supervisor calls somebody back, or sends them away."""
    seat, _, wanted = rest.partition(" ")
    if wanted.strip() not in _PRESENCES:
        return pen.say("say_seat")
    return [pen.ask("presence", seat=seat, presence=_PRESENCES[wanted.strip()])], []


def cap(pen: Pen, _: str, rest: str) -> Typed:
    """`SEAT N`: so many conversations from now on."""
    seat, _, many = rest.partition(" ")
    if not seat or not many.strip().isdecimal() or len(many) > 6:
        return pen.say("say_cap")
    return [pen.ask("set_cap", seat=seat, cap=int(many))], []


def event(pen: Pen, _: str, rest: str) -> Typed:
    """`start EVENT [MINUTES]` or `end EVENT`."""
    match rest.split():
        case ["start", name]:
            return [pen.ask("start_event", event=name)], []
        case ["start", name, minutes] if minutes.isdecimal() and len(minutes) < 7:
            return [pen.ask("start_event", event=name, minutes=int(minutes))], []
        case ["end", name]:
            return [pen.ask("end_event", event=name)], []
        case _:
            known = dict.fromkeys(one.event for shop in pen.view.shops.values() for one in shop.events)
            return pen.say("say_event", clean(", ".join(known)))


def queue(pen: Pen, _: str, shop: str) -> Typed:
    """Who waits, in order, and why."""
    seen = [one.shop for one in pen.view.shops.values() if one.see_all]
    named = shop or (seen[0] if len(seen) == 1 else "")
    return ([pen.ask("queue", shop=named)], []) if named else pen.say("say_queue")


def acknowledge(pen: Pen, _: str, shop: str) -> Typed:
    """The alerts of the open conversation, or those of a shop that is named."""
    if shop:
        return [pen.ask("acknowledge", shop=shop)], []
    card = pen.here()
    if card is None:
        return pen.say("say_ack")
    return [pen.ask("acknowledge", shop=card.shop, buyer=card.buyer)], []
