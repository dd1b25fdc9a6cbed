"""Conversations and messages as lines of text. Every foreign text passes `words.clean`; no meaning is a colour."""

from collections.abc import Collection, Mapping
from typing import Final

from relay.cli.terminal.cards import Card
from relay.cli.terminal.words import Words, clean
from relay.domain.names import SeatId
from relay.web import frames as w

PEEK: Final = 24
NEVER: Final = 1 << 60


def urgency(card: Card) -> tuple[int, int, int]:
    """What stands first on the list: the nearest deadline, then the oldest debt."""
    deadline = card.due_at if card.due_at is not None else card.service_due_at
    due = deadline if card.opened_at is not None and deadline is not None else NEVER
    return due, card.owed_since or NEVER, card.number


class Rows:
    """Makes lines in one language. `at` is the server's clock."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def row(self, card: Card, at: int, mine: Collection[SeatId]) -> str:
        """A conversation on the list."""
        words = self._words
        parts = [f"[{card.number}] {self.clock(card, at)}", self.who(card)]
        if card.questions:
            parts.append(words("questions", card.questions))
        if card.queued:
            parts.append(self._place(card))
        elif card.seat is not None and card.seat not in mine:
            parts.append(words("other_seat", card.seat))
        parts += [self.unknown(send) for send in card.unknown]
        if card.lines:
            text = self.text(card.lines[-1])
            parts.append(text[:PEEK] + ("…" if len(text) > PEEK else ""))
        return " | ".join(parts)

    def clock(self, card: Card, at: int) -> str:
        """What is urgent about a conversation, in words."""
        words, said = self._words, []
        if card.opened_at is None:
            said.append(words("answered"))
        elif card.due_at is None:
            said.append(self._service(card, at))
        elif card.due_at >= at:
            said.append(words("left", (card.due_at - at) // 1000))
        else:
            said.append(words("late", (at - card.due_at) // 1000))
        if card.owed_since is not None:
            said.append(words("owed", max(0, at - card.owed_since) // 1000))
        return " ".join(said)

    def _service(self, card: Card, at: int) -> str:
        """The shop's own clock, where the rule has none."""
        words = self._words
        if card.service_from is None or card.service_due_at is None:
            return words("no_limit")
        if at < card.service_from:
            return words("service_waits", -(-(card.service_from - at) // 60_000))
        if at <= card.service_due_at:
            return words("service_left", (card.service_due_at - at) // 1000)
        return words("service_late", (at - card.service_due_at) // 1000)

    def _place(self, card: Card) -> str:
        words = self._words
        if card.place is None:
            return words("queued")
        if card.minutes is None:
            return f"{words('queued')} {words('place', card.place)}"
        return f"{words('queued')} {words('place_minutes', card.place, card.minutes)}"

    def who(self, card: Card) -> str:
        return f"{clean(card.shop)} {clean(card.name)}"

    def unknown(self, send: str) -> str:
        """What a person must do about a text of unknown outcome."""
        return self._words("unknown", send.removeprefix("s"))

    # --- what is said in it

    def line(self, line: w.Message) -> str:
        """One message."""
        author = self._words.of("unknown_author" if line.author == "unknown" else line.author)
        state = "" if line.state in ("taken", "confirmed") else f"（{self.state(line.state)}）"
        return f"  {author}: {self.text(line)}{'…' if line.cut else ''}{state}"

    def text(self, line: w.Message) -> str:
        return clean(line.text) if line.text is not None else self._words("no_text")

    def state(self, state: str) -> str:
        return self._words.of("unknown_state" if state == "unknown" else state)

    def drafts(self, card: Card) -> list[str]:
        """The live drafts, best first, each with the key that approves it."""
        keys = {draft: key for key, draft in card.keys.items()}
        lines = []
        for name, draft in card.drafts.items():
            by = self._words("library") if draft.reply is not None else clean(draft.provider)
            sure = f" {draft.confidence / 10:g}%" if draft.confidence is not None else ""
            text = clean(draft.text) if draft.text is not None else self._words("no_text")
            why = f"（{clean(draft.reason)}）" if draft.reason else ""
            lines.append(f"    /{keys.get(name, '?')} {by}{sure}: {text}{why}")
        return lines

    def notes(self, card: Card) -> list[str]:
        """What was noted of the buyer, each with the name by which it is changed."""
        return [
            self._words(
                "note", one.note, clean(one.by), clean(one.text) if one.text is not None else self._words("no_text")
            )
            for one in card.notes.values()
        ]

    def hold(self, card: Card, replies: Mapping[str, w.QuickReplyInfo]) -> list[str]:
        """The hold that one key sends, if one is offered."""
        known = replies.get(card.hold) if card.hold is not None else None
        return [f"    {self._words('hold_key', clean(known.text))}"] if known is not None else []
