"""What an event says at once, as lines: of the card as it is after the event."""

from collections.abc import Mapping

from relay.cli.terminal.cards import Card
from relay.cli.terminal.rows import Rows
from relay.cli.terminal.words import Words, clean
from relay.web import frames as w

ASKS = ("badge", "sound", "alert", "approve")


class Said:
    """Makes the lines in one language. `replies` are the quick replies in force."""

    def __init__(self, words: Words, rows: Rows, replies: Mapping[str, w.QuickReplyInfo]) -> None:
        self._words, self._rows, self._replies = words, rows, replies

    def of(self, frame: w.ConversationEvent, card: Card, at: int) -> list[str]:
        """What is worth saying of an event of this conversation."""
        match frame:
            case w.BuyerWrote():
                said = [self._of(card, "new_message", self._rows.text(frame.message))]
                return said + self._still_owed(frame.still_owed, card)
            case w.ShopWrote():
                return self._still_owed(frame.still_owed, card)
            case w.ReplyIntended():
                return [*self._not_typed(frame, card), *self._still_owed(frame.still_owed, card)]
            case w.HoldIntended(shadow=False):
                return [self._of(card, "hold_goes_out", self._rows.text(frame.message))]
            case w.DraftOffered():
                return [self._of(card, "draft_new"), *self._rows.drafts(card)]
            case w.SendEnded():
                return self._send_ended(frame, card)
            case w.Ladder() if frame.passed or frame.do in ASKS:
                return self._ladder(frame, card, at)
            case w.TransferRequested() | w.TransferEnded() | w.MoveAdvised() | w.MoveWithheld():
                return self._moves(frame, card)
            case w.HoldWithheld(why="suggest"):
                return [self._of(card, "hold_asked")]
            case w.NoteWritten():
                text = clean(frame.note.text) if frame.note.text is not None else self._words("no_text")
                return [self._of(card, "noted", clean(frame.note.by), text)]
            case w.NoteRemoved():
                return [self._of(card, "unnoted", frame.note)]
            case w.Overnight():
                return [self._of(card, "overnight_now")]
            case w.DebtReminded():
                return [self._of(card, "owed_again")]
            case w.Left():
                return [self._words("gone", clean(card.name))]
            case w.Closed():
                return [self._words("closed", clean(card.name))]
            case _:
                return []

    def _of(self, card: Card, word: str, *more: object) -> str:
        return self._words(word, card.number, clean(card.name), *more)

    def _still_owed(self, still_owed: bool, card: Card) -> list[str]:
        """An acknowledgement answers nothing: whoever has the buyer is told so."""
        return [self._of(card, "owed_again")] if still_owed else []

    def _not_typed(self, frame: w.ReplyIntended, card: Card) -> list[str]:
        """What a key or a name stood for: nobody has seen these words leave."""
        if frame.message.reply is None and (frame.draft is None or frame.edited):
            return []
        return [self._of(card, "goes_out", self._rows.text(frame.message))]

    def _ladder(self, frame: w.Ladder, card: Card, at: int) -> list[str]:
        said = [self._of(card, "ladder", self._rows.clock(card, at))]
        if frame.hold is not None or frame.do in ("alert", "approve"):
            said += [*self._rows.drafts(card), *self._rows.hold(card, self._replies)]
        return said

    def _send_ended(self, frame: w.SendEnded, card: Card) -> list[str]:
        if frame.retry_at is not None or frame.outcome == "confirmed":
            return []
        said = [self._words("ended", card.number, self._rows.state(frame.outcome))]
        if frame.ask is not None:
            said.append(f"    {self._rows.unknown(frame.send)}")
        return said

    def _moves(
        self, frame: w.TransferRequested | w.TransferEnded | w.MoveAdvised | w.MoveWithheld, card: Card
    ) -> list[str]:
        match frame:
            case w.TransferRequested():
                return [self._of(card, "moving", frame.to)]
            case w.TransferEnded(outcome="refused" | "unknown", retry_at=None):
                return [self._of(card, "not_moved", frame.to)]
            case w.MoveAdvised():
                return [self._of(card, "move_advised", frame.to)]
            case w.MoveWithheld(why="answer_first" | "bounced"):
                return [self._of(card, "answer_this")]
            case _:
                return []
