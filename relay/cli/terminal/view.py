"""The screen as a pure thing: frames in, lines out. It knows no socket, no clock and no terminal.

A conversation keeps its number as long as it is on the list, so that a list that changes while somebody types never
sends their words to another buyer. Every foreign text passes `words.clean`.
"""

from typing import Final

import msgspec

from relay.cli.terminal.promised import due_in, row, rows
from relay.cli.terminal.words import Words, clean
from relay.domain.names import SeatId
from relay.domain.settings import Presence
from relay.web import frames as w

Key = tuple[str, str]
PROMISING: Final = (
    w.FollowUpOffered, w.FollowUpDismissed, w.FollowUpMade, w.FollowUpChanged, w.FollowUpDue, w.FollowUpDone,
    w.FollowUpDropped,
)  # fmt: skip
SHOWN: Final = 12
PEEK: Final = 24
NEVER: Final = 1 << 60
_conversation: Final = msgspec.json.Decoder(w.Conversation)
_follow_up: Final = msgspec.json.Decoder(w.FollowUp)


class Card:
    """What the screen knows of one conversation."""

    def __init__(self, given: w.Conversation, number: int) -> None:
        self.number = number
        self.keys: dict[int, str] = {}
        self.replace(given)

    def replace(self, given: w.Conversation) -> None:
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
        self.hold: str | None = None
        self.drafts: dict[str, w.Draft] = {}
        self.take_drafts(given.drafts)

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

    @property
    def overnight(self) -> bool:
        """Whether the buyer wrote outside the assessed hours and is unanswered."""
        if self.opened_at is None or self.service_from is None:
            return False
        return self.opened_at < self.service_from

    def change(self, name: str, state: str, text: str | None = None) -> None:
        """The line of this id has come to another state, or to its final text."""
        more = {"state": state} if text is None else {"state": state, "text": text}
        self.lines = [msgspec.structs.replace(line, **more) if line.id == name else line for line in self.lines]


class View:
    """Everything on the screen. `take` a frame with the monotonic seconds at which it came; ask for lines."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.cards: dict[Key, Card] = {}
        self.seats: dict[SeatId, w.SeatNow] = {}
        self.replies: dict[str, w.QuickReplyInfo] = {}
        self.follow_ups: dict[str, w.FollowUp] = {}
        self.person = self.desk = ""
        self.since: int | None = None
        self.open: Key | None = None
        self._old: dict[Key, Card] = {}
        self._server: tuple[int, float] = (0, 0.0)

    # --- frames

    def take(self, frame: w.AnyFrame, now: float) -> list[str]:
        """Carry a frame in; returns the lines that are worth saying at once."""
        match frame:
            case w.Welcome():
                self.person, self.desk = frame.name or frame.person, frame.desk
                self.seats = {seat.seat: seat for seat in frame.seats}
                self._server = (frame.server_now, now)
                return []
            case w.List():
                return self._list(frame, now)
            case w.Pong():
                self._server, self.since = (frame.server_now, now), frame.seq
                return []
            case w.Error() | w.Refused():
                return [clean(frame.zh if self.words.lang == "zh" else frame.en)]
            case w.Done() | w.History():
                return []
            case w.Filled():
                return self._filled(frame)
            case w.QuickReply():
                self.since = frame.seq
                self.replies.pop(frame.reply.reply, None)
                if frame.usable:
                    self.replies[frame.reply.reply] = frame.reply
                return []
            case w.QuickReplyRemoved():
                self.since = frame.seq
                self.replies.pop(frame.reply, None)
                return []
            case _:
                self.since = frame.seq
                return self._event(frame, now)

    def _list(self, frame: w.List, now: float) -> list[str]:
        self.since, self._server = frame.seq, (frame.server_now, now)
        if frame.part == 0:
            self.seats = {seat.seat: seat for seat in frame.seats}
            self.replies = {reply.reply: reply for reply in frame.replies}
            self._old, self.cards = self.cards, {}
            self.follow_ups = {}
        for raw in frame.follow_ups:
            one = _follow_up.decode(raw)
            self.follow_ups[one.follow_up] = one
        for raw in frame.conversations:
            self._put(_conversation.decode(raw))
        if not frame.more:
            self._old = {}
            if self.open not in self.cards:
                self.open = None
        return [self.words("refresh")] if frame.note == "settings" and frame.part == 0 else []

    def _put(self, given: w.Conversation) -> Card:
        key = (given.shop, given.buyer)
        card = self.cards.get(key) or self._old.get(key)
        if card is None:
            taken = {card.number for card in (*self.cards.values(), *self._old.values())}
            card = Card(given, next(number for number in range(1, len(taken) + 2) if number not in taken))
        else:
            card.replace(given)
        self.cards[key] = card
        return card

    def _event(self, frame: w.Event, now: float) -> list[str]:
        if isinstance(frame, (w.Assigned, w.Queued)):
            new = (frame.shop, frame.buyer) not in self.cards
            card = self._put(frame.conversation)
            return [self.words("assigned", card.number, self._who(card))] if new else []
        if isinstance(frame, PROMISING):
            return self._promised(frame)
        if isinstance(frame, w.ConversationEvent):
            card_or_none = self.cards.get((frame.shop, frame.buyer))
            return self._conversation_event(frame, card_or_none, now) if card_or_none is not None else []
        return self._shop_event(frame)

    def _promised(self, frame: w.ConversationEvent) -> list[str]:
        """What becomes of promises, whether or not their buyer's conversation is on the list."""
        card = self.cards.get((frame.shop, frame.buyer))
        match frame:
            case w.FollowUpOffered() if card is not None:
                card.offer = w.Offer(frame.owner, frame.due_at, frame.category, frame.named)
                due = due_in(self.words, frame.due_at, frame.at)
                return [self.words("offered", card.number, clean(card.name), due, self.words.of(frame.category))]
            case w.FollowUpDismissed() if card is not None:
                card.offer = None
            case w.FollowUpMade() | w.FollowUpChanged():
                self.follow_ups[frame.follow_up] = frame.now
                if card is not None and isinstance(frame, w.FollowUpMade) and frame.offered:
                    card.offer = None
                return [row(self.words, frame.now, frame.at)]
            case w.FollowUpDue():
                self.follow_ups[frame.follow_up] = frame.now
                said = [self.words("follow_up_due", row(self.words, frame.now, frame.at))]
                return said if card is not None else [*said, *map(self._line, frame.messages)]
            case w.FollowUpDone() | w.FollowUpDropped():
                self.follow_ups.pop(frame.follow_up, None)
                word = "follow_up_done" if isinstance(frame, w.FollowUpDone) else "follow_up_dropped"
                return [self.words(word, frame.follow_up)]
            case _:
                pass
        return []

    def promised(self, now: float) -> list[str]:
        """The open follow-ups, by due."""
        return rows(self.words, self.follow_ups.values(), self.server_now(now))

    def _conversation_event(self, frame: w.ConversationEvent, card: Card, now: float) -> list[str]:
        match frame:
            case w.BuyerWrote():
                card.lines.append(frame.message)
                card.questions, card.name = frame.questions, frame.buyer_name or card.name
                said = [self.words("new_message", card.number, clean(card.name), self._text(frame.message))]
                return said + self._still_owed(frame.still_owed, card)
            case w.ShopWrote():
                if frame.echo_of is None:
                    card.lines.append(frame.message)
                return self._still_owed(frame.still_owed, card)
            case w.ReplyIntended():
                card.lines.append(frame.message)
                if frame.draft is not None:
                    card.take_drafts([one for name, one in card.drafts.items() if name != frame.draft])
                return [*self._not_typed(frame, card), *self._still_owed(frame.still_owed, card)]
            case w.HoldIntended(shadow=False):
                card.lines.append(frame.message)
                card.hold = None  # said once: the key would only say the same words again
                text = self._text(frame.message)
                return [self.words("hold_goes_out", card.number, clean(card.name), text)]
            case w.NoticeIntended(shadow=False):
                card.lines.append(frame.message)
            case w.DraftOffered() | w.DraftRejected() | w.DraftVoid():
                return self._drafts(frame, card)
            case w.HoldWithheld(why="suggest"):
                return [self.words("hold_asked", card.number, clean(card.name))]
            case w.Recalled():
                card.change(frame.message, "recalled")
                card.questions = frame.questions
            case w.SendStarted():
                card.change(frame.send, "sending", frame.text)
            case w.SendRequeued():
                card.change(frame.send, "intended")
            case w.SendEnded():
                return self._send_ended(frame, card)
            case w.RoundOpened() | w.RoundMoved():
                card.opened_at, card.due_at, card.questions = frame.opened_at, frame.due_at, frame.questions
                card.service_from, card.service_due_at = frame.service_from, frame.service_due_at
            case w.Overnight():
                return [self.words("overnight_now", card.number, clean(card.name))]
            case w.Answered() | w.RoundDropped():
                card.opened_at = card.due_at = card.service_from = card.service_due_at = None
                card.questions, card.hold = 0, None
            case w.DebtOpened():
                card.owed_since = frame.at
            case w.DebtReminded():
                return [self.words("owed_again", card.number, clean(card.name))]
            case w.DebtClosed():
                card.owed_since = None
            case w.Ladder() if frame.passed or frame.do in ("badge", "sound", "alert", "approve"):
                said = [self.words("ladder", card.number, clean(card.name), self._clock(card, now))]
                if frame.hold is not None or frame.do in ("alert", "approve"):
                    card.hold = frame.hold
                    said += [*self._draft_lines(card), *self._hold_line(card)]
                return said
            case w.TransferRequested():
                return [self.words("moving", card.number, clean(card.name), frame.to)]
            case w.TransferEnded(outcome="refused" | "unknown", retry_at=None):
                return [self.words("not_moved", card.number, clean(card.name), frame.to)]
            case w.MoveAdvised():
                return [self.words("move_advised", card.number, clean(card.name), frame.to)]
            case w.MoveWithheld(why="answer_first" | "bounced"):
                return [self.words("answer_this", card.number, clean(card.name))]
            case w.Left() | w.Closed():
                return self._drop(frame, card)
            case _:
                pass
        return []

    def _drafts(self, frame: w.DraftOffered | w.DraftRejected | w.DraftVoid, card: Card) -> list[str]:
        if isinstance(frame, w.DraftVoid):
            card.take_drafts([])
            return []
        known = card.drafts | ({frame.draft.draft: frame.draft} if isinstance(frame, w.DraftOffered) else {})
        card.take_drafts([known[name] for name in frame.order if name in known])
        if isinstance(frame, w.DraftRejected):
            return []
        return [self.words("draft_new", card.number, clean(card.name)), *self._draft_lines(card)]

    def _draft_lines(self, card: Card) -> list[str]:
        """The live drafts, best first, each with the key that approves it."""
        keys = {draft: key for key, draft in card.keys.items()}
        lines = []
        for name, draft in card.drafts.items():
            by = self.words("library") if draft.reply is not None else clean(draft.provider)
            sure = f" {draft.confidence / 10:g}%" if draft.confidence is not None else ""
            text = clean(draft.text) if draft.text is not None else self.words("no_text")
            why = f"（{clean(draft.reason)}）" if draft.reason else ""
            lines.append(f"    /{keys.get(name, '?')} {by}{sure}: {text}{why}")
        return lines

    def _hold_line(self, card: Card) -> list[str]:
        known = self.replies.get(card.hold) if card.hold is not None else None
        return [f"    {self.words('hold_key', clean(known.text))}"] if known is not None else []

    def _not_typed(self, frame: w.ReplyIntended, card: Card) -> list[str]:
        """What a key or a name stood for: nobody has seen these words leave."""
        if frame.message.reply is None and (frame.draft is None or frame.edited):
            return []
        return [self.words("goes_out", card.number, clean(card.name), self._text(frame.message))]

    def _still_owed(self, still_owed: bool, card: Card) -> list[str]:
        """An acknowledgement answers nothing: whoever has the buyer is told so."""
        return [self.words("owed_again", card.number, clean(card.name))] if still_owed else []

    def _send_ended(self, frame: w.SendEnded, card: Card) -> list[str]:
        waiting = frame.retry_at is not None
        card.change(frame.send, "waiting" if waiting else frame.outcome)
        card.unknown = [send for send in card.unknown if send != frame.send]
        if waiting or frame.outcome == "confirmed":
            return []
        if frame.outcome == "unknown":
            card.unknown.append(frame.send)
        said = [self.words("ended", card.number, self._state(frame.outcome))]
        if frame.ask is not None:
            said.append(f"    {self._unknown(frame.send)}")
        return said

    def _drop(self, frame: w.Left | w.Closed, card: Card) -> list[str]:
        del self.cards[card.shop, card.buyer]
        if self.open == (card.shop, card.buyer):
            self.open = None
        return [self.words("gone" if isinstance(frame, w.Left) else "closed", clean(card.name))]

    def _shop_event(self, frame: w.Event) -> list[str]:
        match frame:
            case w.SeatPresence():
                self._seat(frame.seat, presence=frame.presence)
            case w.ShiftTurned():
                self._seat(frame.seat, shift_on=frame.on)
            case w.GraceEnded():
                return [self.words("grace_ended", frame.seat)]
            case w.ChannelLost():
                return [self.words("channel_lost", frame.shop)]
            case w.ChannelConnected():
                return [self.words("channel_connected", frame.shop)]
            case w.Acknowledged():
                card = self.cards.get((frame.shop, frame.buyer)) if frame.buyer is not None else None
                whose = f"[{card.number}] {self._who(card)}" if card is not None else clean(frame.shop)
                return [self.words("acknowledged", whose, clean(frame.by))]
            case w.ChannelSilent():
                return [self.words("channel_silent", frame.shop)]
            case w.ChannelHeard():
                return [self.words("channel_heard", frame.shop)]
            case w.ChannelGap(recovered=False):
                return [self.words("channel_gap", frame.shop)]
            case _:
                pass
        return []

    def _seat(self, seat: SeatId, **now: object) -> None:
        known = self.seats.get(seat)
        if known is not None:
            self.seats[seat] = msgspec.structs.replace(known, **now)

    # --- what is asked of it

    def mine(self) -> list[w.SeatNow]:
        """The person's own seats."""
        return [seat for seat in self.seats.values() if seat.mine]

    def numbered(self, number: int) -> Card | None:
        return next((card for card in self.cards.values() if card.number == number), None)

    def server_now(self, now: float) -> int:
        """The server's clock, counted on from the last frame that told it."""
        return self._server[0] + int((now - self._server[1]) * 1000)

    # --- lines

    def lines(self, now: float) -> list[str]:
        """The list: who waits, the most urgent first; overnight buyers are a list of their own below it."""
        if self.since is None:  # nothing has come yet; the first list shows itself
            return []
        cards = sorted(self.cards.values(), key=self._urgency)
        waiting = sum(card.opened_at is not None for card in cards)
        owed = sum(card.owed_since is not None for card in cards)
        head = self.words("head", clean(self.person), clean(self.desk), len(cards), waiting, owed)
        seats = ", ".join(f"{seat.seat} {self._presence(seat.presence)}" for seat in self.mine())
        rows = [self._row(card, now) for card in cards if not card.overnight] or [self.words("nobody")]
        overnight = [self._row(card, now) for card in cards if card.overnight]
        if overnight:
            rows += [self.words("overnight", len(overnight)), *overnight]
        if self.follow_ups:
            rows += [self.words("follow_ups", len(self.follow_ups)), *self.promised(now)]
        off = bool(seats) and all(seat.presence != "online" for seat in self.mine())
        own = [self.words("seats", seats)] if seats else []
        return [head, *own, *([self.words("come_online")] if off else []), *rows]

    def conversation(self, now: float) -> list[str]:
        """The open conversation; nothing if none is."""
        card = self.cards.get(self.open) if self.open is not None else None
        if card is None:
            return []
        older = [] if card.complete and len(card.lines) <= SHOWN else [self.words("more")]
        lines = [self._line(line) for line in card.lines[-SHOWN:]]
        offered = [*self._draft_lines(card), *self._hold_line(card)]
        opened = self.words("opened", f"[{card.number}] {self._who(card)}")
        return [opened, *older, *lines, *offered, self._clock(card, now)]

    def quick_replies(self) -> list[str]:
        rows = [f"  {reply.reply}: {clean(reply.text)}" for reply in self.replies.values()]
        return rows or [self.words("no_replies")]

    def _filled(self, frame: w.Filled) -> list[str]:
        """What a quick reply would say, and what is left to be filled in."""
        zh = self.words.lang == "zh"
        gaps = dict.fromkeys(f"{gap.slot}（{gap.zh}）" if zh else f"{gap.slot} ({gap.en})" for gap in frame.gaps)
        said = [f"  {frame.reply}: {clean(frame.text)}"]
        return said + ([self.words("gaps", clean(", ".join(gaps)))] if gaps else [])

    def _urgency(self, card: Card) -> tuple[int, int, int]:
        deadline = card.due_at if card.due_at is not None else card.service_due_at
        due = deadline if card.opened_at is not None and deadline is not None else NEVER
        return due, card.owed_since or NEVER, card.number

    def _row(self, card: Card, now: float) -> str:
        parts = [f"[{card.number}] {self._clock(card, now)}", self._who(card)]
        if card.questions:
            parts.append(self.words("questions", card.questions))
        if card.queued:
            parts.append(self._place(card))
        elif card.seat is not None and card.seat not in {seat.seat for seat in self.mine()}:
            parts.append(self.words("other_seat", card.seat))
        parts += [self._unknown(send) for send in card.unknown]
        if card.lines:
            text = self._text(card.lines[-1])
            parts.append(text[:PEEK] + ("…" if len(text) > PEEK else ""))
        return " | ".join(parts)

    def _clock(self, card: Card, now: float) -> str:
        """What is urgent about a conversation, in words."""
        said = []
        at = self.server_now(now)
        if card.opened_at is None:
            said.append(self.words("answered"))
        elif card.due_at is None:
            said.append(self._service(card, at))
        elif card.due_at >= at:
            said.append(self.words("left", (card.due_at - at) // 1000))
        else:
            said.append(self.words("late", (at - card.due_at) // 1000))
        if card.owed_since is not None:
            said.append(self.words("owed", max(0, at - card.owed_since) // 1000))
        return " ".join(said)

    def _service(self, card: Card, at: int) -> str:
        """The shop's own clock, where the rule has none."""
        if card.service_from is None or card.service_due_at is None:
            return self.words("no_limit")
        if at < card.service_from:
            return self.words("service_waits", -(-(card.service_from - at) // 60_000))
        if at <= card.service_due_at:
            return self.words("service_left", (card.service_due_at - at) // 1000)
        return self.words("service_late", (at - card.service_due_at) // 1000)

    def _place(self, card: Card) -> str:
        if card.place is None:
            return self.words("queued")
        if card.minutes is None:
            return f"{self.words('queued')} {self.words('place', card.place)}"
        return f"{self.words('queued')} {self.words('place_minutes', card.place, card.minutes)}"

    def _who(self, card: Card) -> str:
        return f"{clean(card.shop)} {clean(card.name)}"

    def _unknown(self, send: str) -> str:
        return self.words("unknown", send.removeprefix("s"))

    def _presence(self, presence: Presence) -> str:
        return self.words(presence)

    def _state(self, state: str) -> str:
        return self.words.of("unknown_state" if state == "unknown" else state)

    def _text(self, line: w.Message) -> str:
        return clean(line.text) if line.text is not None else self.words("no_text")

    def _line(self, line: w.Message) -> str:
        author = self.words.of("unknown_author" if line.author == "unknown" else line.author)
        state = "" if line.state in ("taken", "confirmed") else f"（{self._state(line.state)}）"
        return f"  {author}: {self._text(line)}{'…' if line.cut else ''}{state}"
