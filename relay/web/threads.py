"""The last lines of each conversation, kept at hand for the agents' screens.

They are built from committed facts alone, so that live facts and a reading of the store give the same. Bounded on
purpose: `KEPT` lines a conversation, `CLOSED_KEPT` conversations that are over, and a line is cut at `SHOWN_LIMIT`
characters. What is beyond lies in the ledger; this room never walks it on request.
"""

from collections import deque
from typing import Final

import msgspec

from relay.domain import facts as f
from relay.domain.drafts import read
from relay.domain.guiding import Kind
from relay.domain.marks import draft_id, message_id, send_id
from relay.domain.model import Conversation, Key
from relay.domain.names import DraftId, SendId
from relay.runtime.port import Committed
from relay.web.frames import SHOWN_LIMIT, LineKind, Message
from relay.web.sentences import UNKNOWN_ASK

KEPT: Final = 50
CLOSED_KEPT: Final = 2_000
OTHER_DRAFTS: Final = 9
"""Drafts that are live no more, whose words are still at hand until the question changes."""
GOODS_LIMIT: Final = 64
Speaking = f.BuyerWrote | f.ShopWrote | f.ReplyIntended | f.HoldIntended | f.NoticeIntended
Machine = f.HoldIntended | f.NoticeIntended


class Thread:
    """The lines of one conversation, oldest first, and text and reason of its live drafts. `complete`: from its first
    line on.
    """

    __slots__ = ("complete", "drafts", "filled", "lines", "name")

    def __init__(self, complete: bool) -> None:
        self.complete = complete
        self.lines: deque[Message] = deque(maxlen=KEPT)
        self.name: str | None = None
        self.drafts: dict[DraftId, tuple[str, str]] = {}
        self.filled: dict[int, str] = {}
        """By the fact that binds it: of which line it is the text."""

    def add(self, line: Message) -> None:
        if len(self.lines) == KEPT:
            self.complete = False
        self.lines.append(line)

    def change(self, name: str, state: str, text: str | None = None, why: str = "") -> None:
        """The line of this id has come to another state, or to its final text."""
        ask = UNKNOWN_ASK if state == "unknown" else None
        for place in range(len(self.lines) - 1, -1, -1):
            line = self.lines[place]
            if line.id == name:
                shown = line.text if text is None else printable(text[:SHOWN_LIMIT])
                self.lines[place] = msgspec.structs.replace(line, state=state, text=shown, why=why, ask=ask)
                return

    def bind(self, seq: int, name: str) -> None:
        """The text of the line of this id is content of the fact `seq`."""
        self.filled[seq] = name
        if len(self.filled) > KEPT:
            del self.filled[next(iter(self.filled))]

    def newest(self, count: int, before: int | None = None) -> tuple[list[Message], bool]:
        """At most `count` lines older than the seq `before`, and whether nothing older than those exists."""
        older = [line for line in self.lines if before is None or line.seq < before]
        return older[-count:], self.complete and len(older) <= count


class Threads:
    """All threads of a desk by (shop, buyer): the open ones, and the newest that are over."""

    __slots__ = ("_of", "_over")

    def __init__(self) -> None:
        self._of: dict[Key, Thread] = {}
        self._over: dict[Key, Thread] = {}

    def get(self, key: Key) -> Thread | None:
        return self._of.get(key) or self._over.get(key)

    def open(self, key: Key, complete: bool) -> Thread:
        """The thread of an open conversation; one that was over is taken up again."""
        thread = self._of.get(key)
        if thread is None:
            thread = self._over.pop(key, None) or Thread(complete)
            self._of[key] = thread
        return thread

    def close(self, key: Key) -> None:
        thread = self._of.pop(key, None)
        if thread is not None:
            self._over[key] = thread
            if len(self._over) > CLOSED_KEPT:
                del self._over[next(iter(self._over))]

    def erase(self, seqs: tuple[int, ...]) -> None:
        """The content of these facts was erased: nothing of it stays in memory, names neither."""
        gone = set(seqs)
        for thread in (*self._of.values(), *self._over.values()):
            thread.name = None
            thread.drafts = {name: texts for name, texts in thread.drafts.items() if int(name[1:]) not in gone}
            lines = {name for seq, name in thread.filled.items() if seq in gone}
            for place, line in enumerate(thread.lines):
                if line.seq in gone or line.id in lines:
                    thread.lines[place] = msgspec.structs.replace(line, text=None)


def take(thread: Thread, committed: Committed, machine_text: str | None) -> Message | None:
    """Carry a fact of this conversation into its thread; returns the line if it is a new one."""
    fact, seq = committed.fact, committed.seq
    match fact:
        case f.ShopWrote(echo_of=echo) if echo is not None and _has(thread, echo):
            return line_of(fact, seq, committed.text)
        case f.BuyerWrote() | f.ShopWrote() | f.ReplyIntended() | f.HoldIntended() | f.NoticeIntended():
            line = line_of(fact, seq, machine_text if isinstance(fact, Machine) else committed.text)
            if not (isinstance(fact, Machine) and fact.shadow):
                thread.add(line)
            return line
        case f.MessageRecalled():
            thread.change(fact.message, "recalled")
        case f.SendStarted():
            thread.change(fact.send, "sending", committed.text)
            if fact.digest:
                thread.bind(seq, fact.send)
        case f.SendRequeued():
            thread.change(fact.send, "intended")
        case f.SendEnded():
            thread.change(fact.send, "waiting" if fact.retry_at is not None else fact.outcome, why=fact.why)
    return None


def take_draft(thread: Thread, committed: Committed, conv: Conversation) -> None:
    """Carry a fact about drafts into the thread of its conversation: it keeps the words of those that are live, and of
    a few more, for a rejection may be taken back.
    """
    if isinstance(committed.fact, f.DraftOffered) and committed.text is not None:
        text, reason = read(printable(committed.text))
        thread.drafts[draft_id(committed.seq)] = text, reason
    live = {draft.id for draft in conv.drafts}
    others = [name for name in thread.drafts if name not in live]
    for name in others if isinstance(committed.fact, f.DraftsVoided) else others[:-OTHER_DRAFTS]:
        del thread.drafts[name]


def _has(thread: Thread, send: SendId) -> bool:
    return any(line.send == send for line in thread.lines)


def line_of(fact: Speaking, seq: int, text: str | None) -> Message:
    """The line that a fact with a text is on the screen."""
    cut = text is not None and len(text) > SHOWN_LIMIT
    shown = printable(text[:SHOWN_LIMIT]) if text is not None else None
    match fact:
        case f.BuyerWrote():
            sort: LineKind = "system" if fact.kind == "system" else "buyer"
            return _seen(seq, sort, sort, fact, shown, cut)
        case f.ShopWrote():
            return _seen(seq, fact.author.kind.value, "elsewhere", fact, shown, cut)
        case f.ReplyIntended():
            return _sent(seq, Kind.human, fact, shown, cut)
        case f.HoldIntended():
            return _sent(seq, Kind.assist, fact, shown, cut)
        case f.NoticeIntended():
            return _sent(seq, Kind.auto, fact, shown, cut)


def _seen(
    seq: int, author: str, sort: LineKind, fact: f.BuyerWrote | f.ShopWrote, text: str | None, cut: bool
) -> Message:
    of_shop = isinstance(fact, f.ShopWrote)
    return Message(
        id=message_id(seq),
        seq=seq,
        author=author,
        kind=sort,
        at=fact.sent_at,
        text=text,
        state="taken",
        cut=cut,
        content=fact.content,
        conflict=fact.seen == "conflict",
        account=fact.account if of_shop else None,
        seat=fact.seat,
        reads_as=fact.tone if of_shop else None,
        goods=printable(fact.goods[:GOODS_LIMIT]) if isinstance(fact, f.BuyerWrote) and fact.goods else None,
    )


def _sent(seq: int, kind: Kind, fact: f.ReplyIntended | Machine, text: str | None, cut: bool) -> Message:
    send = send_id(seq)
    return Message(
        id=send,
        seq=seq,
        author=kind.value,
        kind=_sort(fact),
        at=fact.at,
        text=text,
        state="intended",
        cut=cut,
        send=send,
        by=fact.by if isinstance(fact, f.ReplyIntended) else None,
        reply=fact.reply,
        version=fact.version,
        seat=fact.seat,
        reads_as=fact.reads_as if isinstance(fact, f.ReplyIntended) else None,
    )


def _sort(fact: f.ReplyIntended | Machine) -> LineKind:
    match fact:
        case f.HoldIntended():
            return "machine_hold"
        case f.NoticeIntended():
            return "notice"
        case f.ReplyIntended() if fact.question is not None:
            return "key_hold"
        case f.ReplyIntended() if fact.draft is not None:
            return "draft"
        case f.ReplyIntended():
            return "quick_reply" if fact.reply is not None else "agent"


def printable(text: str) -> str:
    """The text as JSON can carry it: a lone surrogate, which a channel may bring, becomes a question mark."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text
