"""What is typed about a conversation besides answers: its end, its move, notes, follow-ups, what was before."""

from typing import Any, get_args

from relay.cli.terminal.pen import Pen, Typed
from relay.cli.terminal.words import clean
from relay.domain.settings import Category

CATEGORIES = get_args(Category)


def _where(pen: Pen) -> dict[str, Any] | None:
    card = pen.here()
    return {"shop": card.shop, "buyer": card.buyer} if card is not None else None


def end(pen: Pen, word: str, reason: str) -> Typed:
    """`/close [REASON]`, or `/settle REASON`."""
    where = _where(pen)
    if where is None:
        return pen.say("open_first")
    if word == "/settle" and not reason:
        return pen.say("say_reason")
    return [pen.ask(word[1:], **where, reason=reason)], []


def move(pen: Pen, _: str, rest: str) -> Typed:
    """`SEAT`, `@GROUP` or `?` (whoever else), and why."""
    where, (target, _, reason) = _where(pen), rest.partition(" ")
    if where is None:
        return pen.say("open_first")
    if not target or target == "@":
        return pen.say("say_move")
    to = {} if target == "?" else {"group": target[1:]} if target.startswith("@") else {"to": target}
    return [pen.ask("move", **where, reason=reason.strip(), **to)], []


def who(pen: Pen, _: str, __: str) -> Typed:
    """Who could take the buyer, and how much they have."""
    where = _where(pen)
    return ([pen.ask("targets", **where)], []) if where is not None else pen.say("open_first")


def more(pen: Pen, _: str, __: str) -> Typed:
    """What was said before the oldest line at hand."""
    card, where = pen.here(), _where(pen)
    if card is None or where is None:
        return pen.say("open_first")
    before = {"before": card.lines[0].seq} if card.lines else {}
    return [pen.ask("history", **where, **before)], []


def note(pen: Pen, _: str, rest: str) -> Typed:
    """`TEXT` writes one, `NOTE TEXT` words it anew, nothing shows them."""
    card, where = pen.here(), _where(pen)
    if card is None or where is None:
        return pen.say("open_first")
    if not rest:
        return [], pen.view.notes(card)
    name, _, text = rest.partition(" ")
    if name in card.notes and text.strip():
        return [pen.ask("note", **where, text=text.strip(), replaces=name)], []
    return [pen.ask("note", **where, text=rest)], []


def unnote(pen: Pen, _: str, name: str) -> Typed:
    """Take a note away."""
    card, where = pen.here(), _where(pen)
    if card is None or where is None:
        return pen.say("open_first")
    if not name:
        return pen.say("say_unnote")
    if name not in card.notes:
        return pen.say("no_note", clean(name))
    return [pen.ask("note_remove", **where, note=name)], []


def resolve(pen: Pen, _: str, rest: str) -> Typed:
    """`N yes` or `N no`: whether a text of unknown outcome is there."""
    number, _, said = rest.partition(" ")
    number = number.removeprefix("s")
    if not number.isdecimal() or said.strip() not in ("yes", "no"):
        return pen.say("say_resolve")
    return [pen.ask("resolve", send=f"s{number}", reached=said.strip() == "yes")], []


# --- what is promised


def later(pen: Pen, _: str, rest: str) -> Typed:
    """When, about what, and a note; nothing takes the offer as it is, `no` dismisses it."""
    card, where = pen.here(), _where(pen)
    if card is None or where is None:
        return pen.say("open_first")
    if rest == "no":
        return [pen.ask("follow_up_dismiss", **where)], []
    when, *words = rest.split() or [""]
    if not when and card.offer is None:
        return pen.say("say_later")
    named = [word[1:] for word in words if word.startswith("#")]
    category = {"category": named[0]} if named and named[0] in CATEGORIES else {}
    noted = " ".join(word for word in words if not (category and word == f"#{named[0]}"))
    told = {"when": when, "note": noted, "offered": card.offer is not None, **category}
    return [pen.ask("follow_up", **where, **told)], []


def follow_up(pen: Pen, word: str, rest: str) -> Typed:
    """`/keep F TEXT`, `/done F HOW`, `/drop F WHY`, `/due F WHEN`."""
    name, _, said = rest.partition(" ")
    one, said = pen.view.follow_ups.get(name), said.strip()
    if not name or not said:
        return pen.say("say_follow_up", word)
    if one is None:
        return pen.say("no_follow_up", clean(name))
    match word:
        case "/keep":
            return [pen.ask_once("reply", shop=one.shop, buyer=one.buyer, text=said, follow_up=name)], []
        case "/due":
            return [pen.ask("follow_up_change", follow_up=name, when=said)], []
        case _:
            return [pen.ask(f"follow_up_{word[1:]}", follow_up=name, reason=said)], []
