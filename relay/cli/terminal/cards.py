"""One conversation as the screen knows it: its card, changed by the frames that tell of it and by nothing else."""

import msgspec

from relay.domain.names import DraftId, NoteId
from relay.web import frames as w


class Card:
    """What the screen knows of one conversation. It keeps its `number` as long as it is on the list."""

    def __init__(self, given: w.Conversation, number: int) -> None:
        self.number = number
        self.keys: dict[int, str] = {}
        self.replace(given)

    def replace(self, given: w.Conversation) -> None:
        """Here it is, whole."""
        self.shop, self.buyer, self.name = given.shop, given.buyer, given.buyer_name or given.buyer
        self.seat, self.queued = given.seat, given.queued
        self.opened_at, self.due_at, self.questions = given.opened_at, given.due_at, given.questions
        self.service_from, self.service_due_at = given.service_from, given.service_due_at
        self.place, self.minutes = given.place, given.minutes
        self.owed_since = given.debt.since if given.debt is not None else None
        self.offer: w.Offer | None = given.offer
        self.unknown = [send.send for send in given.sends if send.status == "unknown"]
        self.lines = list(given.messages)
        self.complete = given.complete
        self.notes = {note.note: note for note in given.notes}
        self.last_message = given.last_message
        self.hold: str | None = None
        self.drafts: dict[str, w.Draft] = {}
        self.take_drafts(given.drafts)

    @property
    def overnight(self) -> bool:
        """Whether the buyer wrote outside the assessed hours and is unanswered."""
        if self.opened_at is None or self.service_from is None:
            return False
        return self.opened_at < self.service_from

    def take(self, frame: w.ConversationEvent) -> None:
        """Carry an event of this conversation in."""
        match frame:
            case w.BuyerWrote():
                self.lines.append(frame.message)
                self.questions, self.name = frame.questions, frame.buyer_name or self.name
                self.last_message = frame.last_message
            case w.ShopWrote(echo_of=None) | w.NoticeIntended(shadow=False):
                self.lines.append(frame.message)
            case w.ReplyIntended():
                self.lines.append(frame.message)
                if frame.draft is not None:
                    self.take_drafts([one for name, one in self.drafts.items() if name != frame.draft])
            case w.HoldIntended(shadow=False):
                self.lines.append(frame.message)
                self.hold = None  # said once: the key would only say the same words again
            case w.DraftOffered() | w.DraftRejected() | w.DraftVoid():
                self._drafts(frame)
            case w.Recalled():
                self._change(frame.message, "recalled")
                self.questions = frame.questions
            case w.SendStarted():
                self._change(frame.send, "sending", frame.text)
            case w.SendRequeued():
                self._change(frame.send, "intended")
            case w.SendEnded():
                self._send_ended(frame)
            case w.RoundOpened() | w.RoundMoved():
                self.opened_at, self.due_at, self.questions = frame.opened_at, frame.due_at, frame.questions
                self.service_from, self.service_due_at = frame.service_from, frame.service_due_at
            case w.Answered() | w.RoundDropped():
                self.opened_at = self.due_at = self.service_from = self.service_due_at = None
                self.questions, self.hold, self.queued = 0, None, False
            case w.NoteWritten():
                self.notes.pop(frame.replaces or NoteId(""), None)
                self.notes[frame.note.note] = frame.note
            case w.NoteRemoved():
                self.notes.pop(frame.note, None)
            case w.Closed():
                self.seat, self.queued = None, False
            case w.DebtOpened():
                self.owed_since = frame.since if frame.since is not None else frame.at
            case w.DebtClosed():
                self.owed_since, self.queued = None, self.queued and self.opened_at is not None
            case w.Ladder() if frame.hold is not None or frame.do in ("alert", "approve"):
                self.hold = frame.hold
            case _:
                pass

    def take_older(self, lines: list[w.Message], complete: bool) -> None:
        """What was said before, as far as it was asked for."""
        known = {line.id for line in self.lines}
        self.lines, self.complete = [*(one for one in lines if one.id not in known), *self.lines], complete

    def take_drafts(self, drafts: list[w.Draft]) -> None:
        """These are the live drafts, best first. A draft keeps its key as long as it is live, whatever comes before it,
        so that a key never sends another text than the one beside which it stood.
        """
        self.drafts = {one.draft: one for one in drafts}
        self.keys = {key: draft for key, draft in self.keys.items() if draft in self.drafts}
        for draft in self.drafts:
            if draft not in self.keys.values():
                free = [key for key in range(1, 10) if key not in self.keys]
                self.keys |= dict.fromkeys(free[:1], draft)

    def take_draft_again(self, draft: w.Draft, order: list[DraftId]) -> None:
        """A rejected draft is live again."""
        known = self.drafts | {draft.draft: draft}
        self.take_drafts([known[name] for name in order if name in known])

    def _drafts(self, frame: w.DraftOffered | w.DraftRejected | w.DraftVoid) -> None:
        if isinstance(frame, w.DraftVoid):
            self.take_drafts([])
            return
        known = self.drafts | ({frame.draft.draft: frame.draft} if isinstance(frame, w.DraftOffered) else {})
        self.take_drafts([known[name] for name in frame.order if name in known])

    def _send_ended(self, frame: w.SendEnded) -> None:
        waiting = frame.retry_at is not None
        self._change(frame.send, "waiting" if waiting else frame.outcome)
        self.unknown = [send for send in self.unknown if send != frame.send]
        if not waiting and frame.outcome == "unknown":
            self.unknown.append(frame.send)

    def _change(self, name: str, state: str, text: str | None = None) -> None:
        """The line of this id has come to another state, or to its final text."""
        more = {"state": state} if text is None else {"state": state, "text": text}
        self.lines = [msgspec.structs.replace(line, **more) if line.id == name else line for line in self.lines]
