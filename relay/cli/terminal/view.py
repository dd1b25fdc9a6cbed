"""The screen as a pure thing: frames in, lines out. It knows no socket, no clock and no terminal.

A conversation keeps its number as long as it is on the list, so that a list that changes while somebody types never
sends their words to another buyer.
"""

from typing import Final

import msgspec

from relay.cli.terminal.alerts import Alerts, matter
from relay.cli.terminal.answers import answer, seat
from relay.cli.terminal.cards import Card
from relay.cli.terminal.promised import due_in, row, rows
from relay.cli.terminal.rows import Rows, urgency
from relay.cli.terminal.said import Said
from relay.cli.terminal.words import Words, clean
from relay.domain.names import SeatId
from relay.web import frames as w

Key = tuple[str, str]
PROMISING: Final = (
    w.FollowUpOffered, w.FollowUpDismissed, w.FollowUpMade, w.FollowUpChanged, w.FollowUpDue, w.FollowUpDone,
    w.FollowUpDropped,
)  # fmt: skip
SHOWN: Final = 12
_conversation: Final = msgspec.json.Decoder(w.Conversation)
_follow_up: Final = msgspec.json.Decoder(w.FollowUp)


class View:
    """Everything on the screen. `take` a frame with the monotonic seconds at which it came; ask for lines."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.cards: dict[Key, Card] = {}
        self.seats: dict[SeatId, w.SeatNow] = {}
        self.shops: dict[str, w.ShopInfo] = {}
        self.alerts = Alerts()
        self.replies: dict[str, w.QuickReplyInfo] = {}
        self.follow_ups: dict[str, w.FollowUp] = {}
        self.person = self.desk = ""
        self.since: int | None = None
        self.open: Key | None = None
        self._old: dict[Key, Card] = {}
        self._server: tuple[int, float] = (0, 0.0)
        self._rows = Rows(words)
        self._said = Said(words, self._rows, self.replies)

    # --- frames

    def take(self, frame: w.AnyFrame, now: float) -> list[str]:
        """Carry a frame in; returns the lines that are worth saying at once."""
        match frame:
            case w.Welcome():
                self.person, self.desk = frame.name or frame.person, frame.desk
                self.seats = {seat.seat: seat for seat in frame.seats}
                self.shops = {shop.shop: shop for shop in frame.shops}
                self._server = (frame.server_now, now)
                return []
            case w.List():
                return self._list(frame, now)
            case w.Pong():
                self._server, self.since = (frame.server_now, now), frame.seq
                return []
            case w.Error() | w.Refused():
                return [clean(frame.zh if self.words.lang == "zh" else frame.en)]
            case w.Done() | w.Orders():  # orders are shown where there is room beside the conversation
                return []
            case w.Filled() | w.Targets() | w.Queue() | w.History():
                return self._answer(frame)
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
            self.shops = {shop.shop: shop for shop in frame.shops}
            self.alerts.begin(frame.alerts)
            self.replies.clear()
            self.replies |= {reply.reply: reply for reply in frame.replies}
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
        self.alerts.put(given)
        return card

    def _event(self, frame: w.Event, now: float) -> list[str]:
        said, raised = self._told(frame, now), self.alerts.take(frame, self._shows)
        return said + [self.words("alert_raised", matter(self.words, one.what)) for one in raised if one.buyer is None]

    def _told(self, frame: w.Event, now: float) -> list[str]:
        if isinstance(frame, (w.Assigned, w.Queued)):
            new = (frame.shop, frame.buyer) not in self.cards
            card = self._put(frame.conversation)
            return [self.words("assigned", card.number, self._rows.who(card))] if new else []
        if isinstance(frame, PROMISING):
            return self._promised(frame)
        if isinstance(frame, w.ConversationEvent):
            return self._of_conversation(frame, now)
        return self._shop_event(frame)

    def _of_conversation(self, frame: w.ConversationEvent, now: float) -> list[str]:
        key = (frame.shop, frame.buyer)
        card = self.cards.get(key)
        if card is None:
            return []
        card.take(frame)
        if self._is_over(frame):
            del self.cards[key]
            if not self._sees_all(frame.shop):
                self.alerts.forget(*key)
            self.open = None if self.open == key else self.open
        return self._said.of(frame, card, self.server_now(now))

    def _is_over(self, frame: w.ConversationEvent) -> bool:
        """Whether the conversation is off the list: who sees all of a shop keeps a closed one until nothing is left."""
        closed = isinstance(frame, w.Closed) and not self._sees_all(frame.shop)
        return frame.gone is True or isinstance(frame, w.Left) or closed

    def _sees_all(self, shop: str) -> bool:
        known = self.shops.get(shop)
        return known is not None and known.see_all

    def _shows(self, shop: str, buyer: str | None) -> bool:
        """Whether the alerts of this buyer, or of the shop itself, are on this screen."""
        return self._sees_all(shop) or (shop, buyer) in self.cards

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
                return said if card is not None else [*said, *map(self._rows.line, frame.messages)]
            case w.FollowUpDone() | w.FollowUpDropped():
                self.follow_ups.pop(frame.follow_up, None)
                word = "follow_up_done" if isinstance(frame, w.FollowUpDone) else "follow_up_dropped"
                return [self.words(word, frame.follow_up)]
            case _:
                pass
        return []

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
                whose = f"[{card.number}] {self._rows.who(card)}" if card is not None else clean(frame.shop)
                return [self.words("acknowledged", whose, clean(frame.by))]
            case w.TakenBack():
                card = self.cards.get((frame.shop, frame.buyer)) if frame.buyer is not None else None
                if card is not None and frame.draft is not None:
                    card.take_draft_again(frame.draft, frame.order)
                return [self.words("taken_back", clean(frame.by), self.words(f"deed_{frame.what}"))]
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

    def may(self) -> set[str]:
        """What the person may do in any of their shops."""
        return {deed for shop in self.shops.values() for deed in shop.may}

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
        cards, at = sorted(self.cards.values(), key=urgency), self.server_now(now)
        waiting = sum(card.opened_at is not None for card in cards)
        owed = sum(card.owed_since is not None for card in cards)
        head = self.words("head", clean(self.person), clean(self.desk), len(cards), waiting, owed)
        mine = {seat.seat for seat in self.mine()}
        listed = [self._rows.row(card, at, mine) for card in cards if not card.overnight] or [self.words("nobody")]
        overnight = [self._rows.row(card, at, mine) for card in cards if card.overnight]
        if overnight:
            listed += [self.words("overnight", len(overnight)), *overnight]
        if self.follow_ups:
            listed += [self.words("follow_ups", len(self.follow_ups)), *self.promised(now)]
        return [head, *self._own_seats(), *listed]

    def _own_seats(self) -> list[str]:
        mine = self.mine()
        if not mine:
            return []
        said = [self.words("seats", ", ".join(f"{seat.seat} {self.words(seat.presence)}" for seat in mine))]
        return said if any(seat.presence == "online" for seat in mine) else [*said, self.words("come_online")]

    def promised(self, now: float) -> list[str]:
        """The open follow-ups, by due."""
        return rows(self.words, self.follow_ups.values(), self.server_now(now))

    def conversation(self, now: float) -> list[str]:
        """The open conversation; nothing if none is."""
        card = self.cards.get(self.open) if self.open is not None else None
        if card is None:
            return []
        older = [] if card.complete and len(card.lines) <= SHOWN else [self.words("more")]
        lines = [self._rows.line(line) for line in card.lines[-SHOWN:]]
        offered = [*self._rows.notes(card), *self._rows.drafts(card), *self._rows.hold(card, self.replies)]
        opened = self.words("opened", f"[{card.number}] {self._rows.who(card)}")
        return [opened, *older, *lines, *offered, self._rows.clock(card, self.server_now(now))]

    def quick_replies(self) -> list[str]:
        listed = [f"  {reply.reply}: {clean(reply.text)}" for reply in self.replies.values()]
        return listed or [self.words("no_replies")]

    def notes(self, card: Card) -> list[str]:
        """What was noted of a buyer."""
        return self._rows.notes(card) or [self.words("no_notes")]

    def alert_rows(self, now: float) -> list[str]:
        """The open alerts, the oldest first."""
        names = {key: card.name for key, card in self.cards.items()}
        return self.alerts.rows(self.words, names, self.server_now(now))

    def seat_rows(self) -> list[str]:
        """The seats that this person sees, as of the last list, with the presence of now."""
        return [seat(self.words, one) for one in self.seats.values()] or [self.words("no_seat")]

    def _answer(self, frame: w.Filled | w.Targets | w.Queue | w.History) -> list[str]:
        card = self.cards.get((frame.shop, frame.buyer)) if isinstance(frame, w.History) else None
        if isinstance(frame, w.History) and card is not None:
            card.take_older(frame.messages, frame.complete)
        return answer(self.words, self._rows, frame)
