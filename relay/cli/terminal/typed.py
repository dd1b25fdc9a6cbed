"""What was typed, as what is to be sent and what is to be said: pure, on a `View`.

Replies that relay has not answered yet are kept with their keys. After a lost connection the same frames go again, and
because of the key each reaches the buyer once; a text that was refused is kept for `/again`.
"""

from collections.abc import Callable
from typing import Any, get_args

from relay.cli.terminal.cards import Card
from relay.cli.terminal.view import View
from relay.cli.terminal.words import clean
from relay.domain.settings import Category, Presence
from relay.web import frames as w

Ask = dict[str, Any]
CATEGORIES = get_args(Category)
MOST_WORDS = 100
_PRESENCES: dict[str, Presence] = {"/on": "online", "/away": "away", "/off": "offline"}


class Typist:
    """Turns lines into frames. `fresh_key` makes a key that nobody had before."""

    def __init__(self, view: View, fresh_key: Callable[[], str]) -> None:
        self.view, self._fresh_key = view, fresh_key
        self.kept: dict[int, Ask] = {}
        self.quit = False
        self._wanted: dict[str, Presence] = {}
        self._refused = ""
        self._number = 0

    def enter(self, line: str, now: float) -> tuple[list[Ask], list[str]]:
        """What this line asks of relay, and what to print."""
        typed = line.rstrip("\r\n")
        word, _, rest = typed.partition(" ")
        if not typed.strip():
            return [], [*self.view.lines(now), *self.view.conversation(now)]
        if typed.isdecimal() and len(typed) < 10:
            return [], self._open(int(typed), now)
        if typed.startswith("/"):
            return self._command(word, rest.strip(), now)
        return self._say(typed.strip())

    def answered(self, frame: w.Done | w.Refused | w.Error) -> list[str]:
        """relay has answered: a kept reply is settled, and its text comes back if it was refused."""
        asked = self.kept.pop(frame.id, None) if isinstance(frame.id, int) else None
        if asked is None or isinstance(frame, w.Done):
            return []
        self._refused = asked["text"]
        return [self.view.words("unsent", clean(self._refused))] if self._refused else []

    def again(self) -> list[Ask]:
        """What must be said after a reconnect: the presence that was wanted, and every reply without an answer."""
        asks: list[Ask] = []
        for seat in self.view.mine():
            wanted = self._wanted.get(seat.seat)
            if wanted is not None:  # said again even if it seems to hold: the disconnect may not be recorded yet
                asks.append(self._ask("presence", seat=seat.seat, presence=wanted))
        return [*asks, *self.kept.values()]

    def _ask(self, kind: str, **fields: Any) -> Ask:
        self._number += 1
        return {"v": w.VERSION, "type": kind, "id": self._number, **fields}

    def _here(self) -> Card | None:
        return self.view.cards.get(self.view.open) if self.view.open is not None else None

    def _open(self, number: int, now: float) -> list[str]:
        card = self.view.numbered(number)
        if card is None:
            return [self.view.words("no_number", number)]
        self.view.open = (card.shop, card.buyer)
        return self.view.conversation(now)

    def _quick(self, rest: str) -> tuple[list[Ask], list[str]]:
        """`NAME` or `NAME slot=value ...`."""
        name, values = _values(rest)
        return self._say("", name, values=values)

    def _fill(self, rest: str) -> tuple[list[Ask], list[str]]:
        """What a quick reply would say here."""
        card, (name, values) = self._here(), _values(rest)
        if card is None:
            return [], [self.view.words("open_first")]
        if not name:
            return [], [self.view.words("say_fill")]
        return [self._ask("fill", shop=card.shop, buyer=card.buyer, reply=name, values=values)], []

    def _say(
        self, text: str, reply: str | None = None, draft: str | None = None, values: dict[str, str] | None = None
    ) -> tuple[list[Ask], list[str]]:
        card = self._here()
        if card is None:
            self._refused = text
            return [], [self.view.words("open_first")]
        more: dict[str, Any] = {"reply": reply} if reply is not None else {"draft": draft} if draft is not None else {}
        if values:
            more["values"] = values
        ask = self._ask("reply", shop=card.shop, buyer=card.buyer, text=text, key=self._fresh_key(), **more)
        self.kept[ask["id"]] = ask
        return [ask], []

    def _command(self, word: str, rest: str, now: float) -> tuple[list[Ask], list[str]]:
        words = self.view.words
        match word:
            case "/list":
                return [], self.view.lines(now)
            case "/on" | "/away" | "/off":
                return self._presence(_PRESENCES[word])
            case "/close" | "/settle":
                return self._end(word[1:], rest)
            case "/move":
                return self._move(rest)
            case "/0":
                return self._hold()
            case "/e" | "/x":
                return self._draft(word, rest)
            case _ if len(word) == 2 and word[1] in "123456789":
                return self._draft("/a", word[1])
            case "/resolve":
                return self._resolve(rest)
            case "/ack":
                return self._acknowledge(rest)
            case "/later":
                return self._later(rest)
            case "/promised":
                return [], self.view.promised(now)
            case "/keep" | "/done" | "/drop" | "/due":
                return self._follow_up(word, rest)
            case "/r":
                return self._quick(rest) if rest else ([], self.view.quick_replies())
            case "/fill":
                return self._fill(rest)
            case "/again":
                text, self._refused = self._refused, ""
                return self._say(text) if text else ([], [words("nothing_again")])
            case "/help":
                return [], words("help").split("\n")
            case "/quit":
                self.quit = True
                return [], [words("bye")]
            case _:
                return [], [words("no_command", clean(word))]

    def _presence(self, presence: Presence) -> tuple[list[Ask], list[str]]:
        seats = self.view.mine()
        self._wanted = {seat.seat: presence for seat in seats}
        asks = [self._ask("presence", seat=seat.seat, presence=presence) for seat in seats]
        return asks, [] if asks else [self.view.words("no_seat")]

    def _end(self, kind: str, reason: str) -> tuple[list[Ask], list[str]]:
        card = self._here()
        if card is None:
            return [], [self.view.words("open_first")]
        if kind == "settle" and not reason:
            return [], [self.view.words("say_reason")]
        return [self._ask(kind, shop=card.shop, buyer=card.buyer, reason=reason)], []

    def _move(self, rest: str) -> tuple[list[Ask], list[str]]:
        """`SEAT`, `@GROUP` or `?` (whoever else), and why."""
        card, (target, _, reason) = self._here(), rest.partition(" ")
        if card is None:
            return [], [self.view.words("open_first")]
        if not target or target == "@":
            return [], [self.view.words("say_move")]
        where = {} if target == "?" else {"group": target[1:]} if target.startswith("@") else {"to": target}
        return [self._ask("move", shop=card.shop, buyer=card.buyer, reason=reason.strip(), **where)], []

    def _acknowledge(self, rest: str) -> tuple[list[Ask], list[str]]:
        """The alerts of the open conversation, or those of a shop that is named."""
        if rest:
            return [self._ask("acknowledge", shop=rest)], []
        card = self._here()
        if card is None:
            return [], [self.view.words("say_ack")]
        return [self._ask("acknowledge", shop=card.shop, buyer=card.buyer)], []

    def _hold(self) -> tuple[list[Ask], list[str]]:
        card = self._here()
        if card is None:
            return [], [self.view.words("open_first")]
        return self._say("", card.hold) if card.hold is not None else ([], [self.view.words("no_hold")])

    def _draft(self, word: str, rest: str) -> tuple[list[Ask], list[str]]:
        """A draft by its key, as it is (`/a`), edited (`/e`) or rejected (`/x`)."""
        card, (number, _, more) = self._here(), rest.partition(" ")
        if card is None:
            return [], [self.view.words("open_first")]
        draft = card.keys.get(int(number)) if len(number) == 1 and number.isdecimal() else None
        if draft is None:
            return [], [self.view.words("no_draft", clean(number))]
        if word == "/x":
            return [self._ask("reject_draft", shop=card.shop, buyer=card.buyer, draft=draft, reason=more.strip())], []
        if word == "/e" and not more.strip():
            return [], [self.view.words("say_edit", clean(card.drafts[draft].text or ""))]
        return self._say(more.strip(), draft=draft)

    def _later(self, rest: str) -> tuple[list[Ask], list[str]]:
        """When, about what, and a note; nothing takes the offer as it is, `no` dismisses it."""
        card = self._here()
        if card is None:
            return [], [self.view.words("open_first")]
        where = {"shop": card.shop, "buyer": card.buyer}
        if rest == "no":
            return [self._ask("follow_up_dismiss", **where)], []
        when, *words = rest.split() or [""]
        if not when and card.offer is None:
            return [], [self.view.words("say_later")]
        named = [word[1:] for word in words if word.startswith("#")]
        category = {"category": named[0]} if named and named[0] in CATEGORIES else {}
        note = " ".join(word for word in words if not (category and word == f"#{named[0]}"))
        more = {"when": when, "note": note, "offered": card.offer is not None, **category}
        return [self._ask("follow_up", **where, **more)], []

    def _follow_up(self, word: str, rest: str) -> tuple[list[Ask], list[str]]:
        name, _, said = rest.partition(" ")
        one, said = self.view.follow_ups.get(name), said.strip()
        if not name or not said:
            return [], [self.view.words("say_follow_up", word)]
        if one is None:
            return [], [self.view.words("no_follow_up", clean(name))]
        match word:
            case "/keep":
                ask = self._ask(
                    "reply", shop=one.shop, buyer=one.buyer, text=said, key=self._fresh_key(), follow_up=name
                )
                self.kept[ask["id"]] = ask
                return [ask], []
            case "/due":
                return [self._ask("follow_up_change", follow_up=name, when=said)], []
            case _:
                return [self._ask(f"follow_up_{word[1:]}", follow_up=name, reason=said)], []

    def _resolve(self, rest: str) -> tuple[list[Ask], list[str]]:
        number, _, said = rest.partition(" ")
        number = number.removeprefix("s")
        if not number.isdecimal() or said.strip() not in ("yes", "no"):
            return [], [self.view.words("say_resolve")]
        return [self._ask("resolve", send=f"s{number}", reached=said.strip() == "yes")], []


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
