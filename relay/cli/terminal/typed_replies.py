"""What is typed to answer a buyer: words, quick replies, holds, drafts."""

from typing import Any

from relay.cli.terminal.pen import Pen, Typed
from relay.cli.terminal.words import clean

MOST_WORDS = 100


def say(
    pen: Pen,
    text: str,
    reply: str | None = None,
    draft: str | None = None,
    values: dict[str, str] | None = None,
) -> Typed:
    """Answer in the open conversation."""
    card = pen.here()
    if card is None:
        pen.refused = text
        return pen.say("open_first")
    more: dict[str, Any] = {"reply": reply} if reply is not None else {"draft": draft} if draft is not None else {}
    if values:
        more["values"] = values
    return [pen.ask_once("reply", shop=card.shop, buyer=card.buyer, text=text, **more)], []


def quick(pen: Pen, _: str, rest: str) -> Typed:
    """`NAME` or `NAME slot=value ...`; nothing lists them."""
    if not rest:
        return [], pen.view.quick_replies()
    name, values = _values(rest)
    return say(pen, "", name, values=values)


def fill(pen: Pen, _: str, rest: str) -> Typed:
    """What a quick reply would say here."""
    card, (name, values) = pen.here(), _values(rest)
    if card is None:
        return pen.say("open_first")
    if not name:
        return pen.say("say_fill")
    return [pen.ask("fill", shop=card.shop, buyer=card.buyer, reply=name, values=values)], []


def hold(pen: Pen, _: str, rest: str) -> Typed:
    """The hold beside the key, or the one that is named: the version on the screen, for what was said last."""
    card, (named, values) = pen.here(), _values(rest)
    if card is None:
        return pen.say("open_first")
    name = named or card.hold
    if name is None:
        return pen.say("no_hold")
    reply = pen.view.replies.get(name)
    if reply is None or reply.purpose != "hold" or card.last_message is None:
        holds = [one.reply for one in pen.view.replies.values() if one.purpose == "hold"]
        return pen.say("say_hold", clean(", ".join(holds)))
    where = {"shop": card.shop, "buyer": card.buyer}
    told = {"reply": name, "version": reply.version, "question": card.last_message, "values": values}
    return [pen.ask_once("hold", **where, **told)], []


def approve(pen: Pen, word: str, _: str) -> Typed:
    """A draft by its key, as it is."""
    return _with_draft(pen, "", word[1:], "")


def draft(pen: Pen, word: str, rest: str) -> Typed:
    """A draft by its key, edited (`/e`) or rejected (`/x`)."""
    number, _, more = rest.partition(" ")
    return _with_draft(pen, word, number, more.strip())


def _with_draft(pen: Pen, word: str, number: str, more: str) -> Typed:
    card = pen.here()
    if card is None:
        return pen.say("open_first")
    name = card.keys.get(int(number)) if len(number) == 1 and number.isdecimal() else None
    if name is None:
        return pen.say("no_draft", clean(number))
    if word == "/x":
        return [pen.ask("reject_draft", shop=card.shop, buyer=card.buyer, draft=name, reason=more)], []
    if word == "/e" and not more:
        return pen.say("say_edit", clean(card.drafts[name].text or ""))
    return say(pen, more, draft=name)


def again(pen: Pen, _: str, __: str) -> Typed:
    """The text that was refused, or typed where nothing was open."""
    text, pen.refused = pen.refused, ""
    return say(pen, text) if text else pen.say("nothing_again")


def _values(rest: str) -> tuple[str, dict[str, str]]:
    """A name, and what is to stand in its slots: a word without `=` belongs to the value before it."""
    name, *words = rest.split()[:MOST_WORDS] or [""]
    values: dict[str, str] = {}
    last = ""
    for word in words:
        slot, is_set, value = word.partition("=")
        if is_set:
            last, values[slot] = slot, value
        elif last:
            values[last] += f" {word}"
    return name, values
