"""What the rooms of the commands write with: frames with numbers and keys, and what must be said again.

Replies that relay has not answered yet are kept with their keys. After a lost connection the same frames go again, and
because of the key each reaches the buyer once; a text that was refused is kept for `/again`.
"""

from collections.abc import Callable
from typing import Any

from relay.cli.terminal.cards import Card
from relay.cli.terminal.view import View
from relay.cli.terminal.words import clean
from relay.domain.settings import Presence
from relay.web import frames as w

Ask = dict[str, Any]
Typed = tuple[list[Ask], list[str]]
"""What to send, and what to print."""


class Pen:
    """Makes frames for what is typed on a view. `fresh_key` makes a key that nobody had before."""

    def __init__(self, view: View, fresh_key: Callable[[], str]) -> None:
        self.view, self._fresh_key = view, fresh_key
        self.kept: dict[int, Ask] = {}
        self.wanted: dict[str, Presence] = {}
        self.refused = ""
        self._number = 0

    def answered(self, frame: w.Done | w.Refused | w.Error) -> list[str]:
        """relay has answered: a kept reply is settled, and its text comes back if it was refused."""
        asked = self.kept.pop(frame.id, None) if isinstance(frame.id, int) else None
        if asked is None or isinstance(frame, w.Done):
            return []
        self.refused = asked.get("text", "")
        return [self.view.words("unsent", clean(self.refused))] if self.refused else []

    def again(self) -> list[Ask]:
        """What must be said after a reconnect: the presence that was wanted, and every reply without an answer."""
        asks: list[Ask] = []
        for seat in self.view.mine():
            wanted = self.wanted.get(seat.seat)
            if wanted is not None:  # said again even if it seems to hold: the disconnect may not be recorded yet
                asks.append(self.ask("presence", seat=seat.seat, presence=wanted))
        return [*asks, *self.kept.values()]

    def ask(self, kind: str, **fields: Any) -> Ask:
        """A frame with a number by which its answer is known."""
        self._number += 1
        return {"v": w.VERSION, "type": kind, "id": self._number, **fields}

    def ask_once(self, kind: str, **fields: Any) -> Ask:
        """A frame that is kept until it is answered, and is one thing however often it is sent."""
        ask = self.ask(kind, key=self._fresh_key(), **fields)
        self.kept[ask["id"]] = ask
        return ask

    def here(self) -> Card | None:
        """The open conversation."""
        return self.view.cards.get(self.view.open) if self.view.open is not None else None

    def say(self, word: str, *filled: object) -> Typed:
        """Nothing to send, one line to print."""
        return [], [self.view.words(word, *filled)]
