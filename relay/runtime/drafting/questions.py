"""Which questions are open on a desk, read off its committed facts: the tracker of one desk.

It holds no text: what a question says is read from the store when somebody is asked, so that what was erased is gone.
It looks into no state but once, when it begins; so it never holds up a desk.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from relay.contracts import ContentRow, Line, Question, Role
from relay.domain import facts as f
from relay.domain.marks import message_id, message_seq
from relay.domain.model import DeskState, Key
from relay.domain.names import Millis, ReplyId, ShopId
from relay.domain.rounds import asks
from relay.domain.settings import Shop
from relay.runtime.port import Committed

LINES: Final = 12
"""The last lines of a conversation that a responder is shown."""
UNANSWERED: Final = 20
"""And the last unanswered messages that make up the question."""
TALKS: Final = 20_000
"""Conversations whose last lines are remembered."""
MOST_CHARACTERS: Final = 4_000
"""Of a question's text, its end counts: a buyer may send a book."""


class Said(msgspec.Struct, frozen=True):
    """Where a line's text lies: content of a fact, or a version of a quick reply."""

    seq: int
    role: Role
    at: Millis
    reply: ReplyId | None = None
    version: int = 0


class Talk:
    """The last lines of a conversation, and its group."""

    __slots__ = ("group", "lines", "topic")

    def __init__(self) -> None:
        self.lines: deque[Said] = deque(maxlen=LINES)
        self.group: str | None = None
        self.topic: str | None = None


class Open:
    """An open question. `asked` is the message up to which it was asked, 0 if it was not."""

    __slots__ = ("asked", "due_at", "message", "texts")

    def __init__(self, message: int, texts: dict[int, Millis], due_at: Millis | None) -> None:
        self.message, self.texts, self.due_at, self.asked = message, texts, due_at, 0


class Questions:
    """The open questions of one desk. `take` says whose are new and whose are over."""

    def __init__(self) -> None:
        self._open: dict[Key, Open] = {}
        self._talks: OrderedDict[Key, Talk] = OrderedDict()
        self._off: set[ShopId] = set()

    def begin(self, state: DeskState) -> list[Key]:
        """Begin from a state that was just recovered; returns the open questions that have no draft."""
        for shop in state.shops.values():
            self._note_shop(shop.base)
        for key, conv in state.conversations.items():
            if conv.round is not None:
                texts = {seq: at for at, seq in conv.round.questions[-UNANSWERED:]}
                self._open[key] = Open(conv.last_message, texts, conv.round.deadline)
                talk = self._talk(key)
                talk.group = conv.group
                talk.lines.extend(Said(seq, "buyer", at) for seq, at in texts.items())
        return [key for key in self._open if not state.conversations[key].drafts]

    def take(self, committed: Iterable[Committed]) -> tuple[list[Key], list[Key]]:
        """Carry facts in. Returns the questions that are new or have changed, and those that are over."""
        new: dict[Key, None] = {}
        over: dict[Key, None] = {}
        for one in committed:
            fact = one.fact
            match fact:
                case f.BuyerWrote():
                    key = (fact.shop, fact.buyer)
                    if self._buyer_wrote(key, one.seq, fact):
                        new[key] = over[key] = None
                case f.RoundOpened():
                    key = (fact.shop, fact.buyer)
                    seq = message_seq(fact.message)
                    self._open[key] = Open(seq, {seq: fact.opened_at}, fact.due_at or fact.service_due_at)
                    new[key] = None
                case f.RoundMoved():
                    self._moved(fact)
                case f.RoundAnswered() | f.RoundDropped():
                    key = (fact.shop, fact.buyer)
                    self._open.pop(key, None)
                    new.pop(key, None)
                    over[key] = None
                case f.MessageRecalled():
                    key = (fact.shop, fact.buyer)
                    if self._recalled(key, message_seq(fact.message)):
                        new[key] = over[key] = None
                case f.ConversationClosed():
                    self._talks.pop((fact.shop, fact.buyer), None)
                case f.ShopWrote(echo_of=None):
                    self._talk((fact.shop, fact.buyer)).lines.append(Said(one.seq, "merchant", fact.sent_at))
                case f.ReplyIntended():
                    self._talk((fact.shop, fact.buyer)).lines.append(Said(one.seq, "merchant", fact.at))
                case f.HoldIntended(shadow=False):
                    said = Said(one.seq, "merchant", fact.at, fact.reply, fact.version)
                    self._talk((fact.shop, fact.buyer)).lines.append(said)
                case f.Grouped():
                    self._talk((fact.shop, fact.buyer)).group = fact.group
                case f.OfficeTaken(subject=Shop()):
                    self._note_shop(fact.subject)  # type: ignore[arg-type]
                case _:
                    pass
        return list(new), list(over)

    def urgency(self, key: Key) -> Millis | None:
        """By when an answer is wanted."""
        found = self._open.get(key)
        return found.due_at if found is not None else None

    def ask(
        self,
        key: Key,
        now: Millis,
        content: Callable[[list[int]], Mapping[int, ContentRow]],
        text_of: Callable[[ReplyId, int], str | None],
    ) -> Question | None:
        """The question as a responder is asked it, once for each message that ends it; None if nothing is new."""
        found = self._open.get(key)
        if found is None or found.asked == found.message or key[0] in self._off:
            return None
        found.asked = found.message
        talk = self._talk(key)
        rows = content([*found.texts, *(said.seq for said in talk.lines if said.reply is None)])
        text = "\n".join(words for seq in found.texts if (words := _words(rows.get(seq))))
        if not text.strip():
            return None
        lines = []
        for said in talk.lines:
            words = _words(rows.get(said.seq)) if said.reply is None else text_of(said.reply, said.version) or ""
            if words:
                lines.append(Line(role=said.role, text=words[-MOST_CHARACTERS:], at=said.at))
        return Question(
            shop=key[0],
            buyer=key[1],
            message=message_id(found.message),
            text=text[-MOST_CHARACTERS:],
            lines=lines,
            asked_at=now,
            due_at=found.due_at,
            group=talk.group,
            topic=talk.topic,
        )

    # --- the parts

    def _buyer_wrote(self, key: Key, seq: int, fact: f.BuyerWrote) -> bool:
        if not asks(fact.kind, fact.content, fact.buyer_class):
            return False
        talk = self._talk(key)
        talk.lines.append(Said(seq, "buyer", fact.sent_at))
        talk.topic = fact.topic
        found = self._open.get(key)
        if found is None:
            return False
        found.message = seq
        found.texts[seq] = fact.sent_at
        if len(found.texts) > UNANSWERED:
            del found.texts[next(iter(found.texts))]
        return True

    def _moved(self, fact: f.RoundMoved) -> None:
        found = self._open.get((fact.shop, fact.buyer))
        if found is not None:
            found.due_at = fact.due_at or fact.service_due_at
            found.texts = {seq: at for seq, at in found.texts.items() if at >= fact.opened_at}

    def _recalled(self, key: Key, seq: int) -> bool:
        talk = self._talks.get(key)
        if talk is not None:
            talk.lines = deque((said for said in talk.lines if said.seq != seq), maxlen=LINES)
        found = self._open.get(key)
        if found is None or found.texts.pop(seq, None) is None:
            return False
        found.asked = 0
        return True

    def _talk(self, key: Key) -> Talk:
        talk = self._talks.get(key)
        if talk is None:
            talk = self._talks[key] = Talk()
            if len(self._talks) > TALKS:
                self._talks.popitem(last=False)
        else:
            self._talks.move_to_end(key)
        return talk

    def _note_shop(self, shop: Shop) -> None:
        if shop.assist == "off":
            self._off.add(shop.id)
        else:
            self._off.discard(shop.id)


def _words(row: ContentRow | None) -> str:
    return row.body.decode("utf-8", "replace") if row is not None else ""
