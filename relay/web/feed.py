"""One desk as its agents see it: a replica of the committed state, the newest frames, and who is listening.

Laws of this module:
* The replica changes by `apply` alone, fact by fact as they are committed: it can never disagree with the desk, and
  what is told belongs to exactly one seq.
* Telling never waits: a session is a bounded line, and one that is full is ended without harm to the others.
* Who may see a frame is decided per fact from its shop and the seats that had the conversation before and after it
  (L14). Live and resumed sessions are chosen by the same function over the same notices.
* A resume is exact or it is a fresh list: if the scope of the person has changed since, if the notices no longer
  reach back, or if `since` is absurd, the list comes instead.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, get_args

import msgspec
import structlog

from relay.contracts import Clock
from relay.domain import facts as f
from relay.domain.apply import apply
from relay.domain.lanes import Lanes
from relay.domain.model import DeskState, Key
from relay.domain.names import DeskId, Millis, PersonId, ReplyId
from relay.domain.settings import QuickReply
from relay.domain.slots import fill
from relay.runtime.port import Committed, Port
from relay.web import frames as w
from relay.web.audience import Audience
from relay.web.book import Book
from relay.web.gate import Gate, Scope, scope_of
from relay.web.listing import keys_of, list_frames
from relay.web.noted import Noted
from relay.web.notices import Notice, chosen, key_of, notice_of
from relay.web.promised import NAMED, Promised, seen_by
from relay.web.quick import quick_reply_frame
from relay.web.seating import seats_now
from relay.web.session import INTERRUPTED, NOTHING_LEFT, Line, Session
from relay.web.telling import Told, frame_of
from relay.web.threads import Machine, Speaking, Thread, Threads, line_of, printable, take, take_draft

_log: Final = structlog.get_logger(__name__)

NAME_LIMIT: Final = 100
READ_AT_ONCE: Final = 256
_NAMED: Final = frozenset({f.BuyerWrote, f.Assigned, f.Queued})
_LINES: Final = frozenset(get_args(Speaking))
_OF_LINES: Final = _LINES | {f.MessageRecalled, f.SendStarted, f.SendRequeued, f.SendEnded}
"""The facts that are a line or change one."""
_OF_DRAFTS: Final = frozenset({f.DraftOffered, f.DraftsVoided, f.DraftRejected, f.ReplyIntended, f.TakenBack})


class Feed:
    """The sight of one desk. The hub opens it: `begin` inside `Port.look`, then `warm`."""

    def __init__(self, gate: Gate, port: Port, clock: Clock, resume_facts: int) -> None:
        self.port = port
        self.state = DeskState(port.desk)
        self.threads = Threads()
        self.lanes = Lanes()
        self.promised = Promised()
        self.noted = Noted()
        self.broken = False
        self._gate, self._clock, self._resume_facts = gate, clock, resume_facts
        self._notices: deque[Notice] = deque()
        self._reaches_to = 0
        self._audience = Audience()
        self._held: list[Committed] | None = None
        self._scopes: dict[PersonId, tuple[Scope, int]] = {}
        self._stop: Callable[[], None] = lambda: None

    @property
    def desk(self) -> DeskId:
        return self.port.desk

    @property
    def seq(self) -> int:
        return self.state.seq

    def begin(self, state: DeskState) -> None:
        """Called inside `Port.look`: copy the settled state and listen from here on."""
        self.state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=DeskState)
        self.lanes.rebuild(self.state)
        self._reaches_to = self.state.seq
        self._held = []
        self._stop = self.port.listen(self.publish)

    async def warm(self, facts: int) -> None:
        """Read the newest lines from the store, a little at a time: those of conversations that are over, too, for
        their buyers may come back.

        Only the last `facts` facts are looked at: a line that is older is not at hand after a restart. What is
        committed meanwhile waits here until the reading has come to it, so that every line sees its own changes.
        """
        end = self._reaches_to
        start = max(1, end - facts + 1)
        first_at = None
        for chunk in range(start, end + 1, READ_AT_ONCE):
            for committed in self.port.read(chunk, min(chunk + READ_AT_ONCE - 1, end)):
                first_at = committed.fact.at if first_at is None else first_at
                key = key_of(committed.fact)
                conv = self.state.conversations.get(key) if key is not None else None
                if key is not None and (conv is not None or type(committed.fact) in _OF_LINES):
                    thread = self.threads.open(key, complete=False)
                    since = conv.since if conv is not None else Millis(0)
                    thread.complete = thread.complete or (not thread.lines and (start == 1 or first_at < since))
                    take(thread, committed, self._machine_text(committed.fact))
                    if conv is not None and type(committed.fact) in _OF_DRAFTS:
                        take_draft(thread, committed, conv)
                if key is not None and conv is None:
                    self.threads.close(key)
            await asyncio.sleep(0)
        self.promised.warm(self.state, self.port)
        held, self._held = self._held or [], None
        self.publish(held)

    def close(self) -> None:
        self._stop()

    # --- sessions

    def attach(
        self, person: PersonId, token: str, line: Line, since: int | None, command: str | int | None
    ) -> Session | None:
        """Begin a session: welcome, then what was missed or a list. None if nothing here is theirs to see."""
        scope = scope_of(self._gate, person, self.state)
        if not scope.shops:
            return None
        session = Session(person, self.desk, token, line, scope)
        note = self._why_afresh(self._reckon(scope, since is None), since)
        named = self.state.persons.get(person)
        line.answer(
            w.Welcome(
                person=person,
                name=named.name if named else "",
                desk=self.desk,
                shops=scope.shops,
                seats=seats_now(self.state, scope),
                server_now=self._clock.now(),
                seq=self.seq,
                resumed=note is None,
                id=command,
            )
        )
        if note is None:
            assert since is not None
            line.stretch(chosen([notice for notice in self._notices if notice.seq > since], scope))
        else:
            line.stretch(self._list(scope, note))
        self._audience.enlist(session)
        return session

    def detach(self, session: Session) -> None:
        self._audience.leave(session)

    def has(self, person: PersonId) -> bool:
        """Whether this person has a session here."""
        return self._audience.has(person)

    def sessions(self) -> list[Session]:
        return list(self._audience)

    def rescope(self, everybody: bool = False) -> None:
        """Roles, seats or settings changed: whoever may see something else now gets a fresh list at once (L14)."""
        for session in self._audience:
            scope = scope_of(self._gate, session.person, self.state)
            if scope == session.scope and not everybody:
                continue
            self.detach(session)
            session.scope = scope
            self._audience.enlist(session)
            self._scopes[session.person] = (scope, self.seq + 1)
            session.line.forget_events()
            if not scope.shops:
                session.line.end(NOTHING_LEFT, "nothing_left")
            else:
                session.line.stretch(self._list(scope, "settings"))

    def interrupt(self) -> None:
        """This sight can no longer be trusted, or its desk is gone: everybody must come again."""
        self.broken = True
        self._stop()
        for session in self._audience:
            session.line.end(INTERRUPTED, "interrupted")

    def _reckon(self, scope: Scope, fresh: bool) -> int:
        """From which seq on a client of this person was told by this very scope.

        A scope that has changed, or that is not remembered while the client brings a `since`, holds from the next
        fact on: what the client was told up to now may have been chosen by another.
        """
        known = self._scopes.get(scope.person)
        if known is None:
            known = self._scopes[scope.person] = (scope, self.seq if fresh else self.seq + 1)
        elif known[0] != scope:
            known = self._scopes[scope.person] = (scope, self.seq + 1)
        return known[1]

    def _why_afresh(self, same_since: int, since: int | None) -> str | None:
        """Why a list must come; None if the frames after `since` are exactly what was missed."""
        if since is None:
            return ""
        if since > self.seq:
            return "since_ahead"
        if since < self._reaches_to or self.seq - since > self._resume_facts:
            return "since_too_old"
        return "settings" if since < same_since else None

    # --- telling

    def publish(self, batch: Sequence[Committed]) -> None:
        """Take committed facts in order and tell them to whom they concern. Never waits, never raises."""
        if self.broken:
            return
        if self._held is not None:
            self._held.extend(batch)
            return
        try:
            self._fetch_names(batch)
            office = [self._take(committed) for committed in batch]
            if any(office):
                self.rescope(everybody="everybody" in office)
        except Exception:
            _log.exception("feed_failed", desk=self.desk)
            self.interrupt()

    def _take(self, committed: Committed) -> str:
        """Carry one fact in. Says whom its office change concerns: nobody (""), `some`, or `everybody`."""
        fact, seq = committed.fact, committed.seq
        if seq != self.state.seq + 1:
            raise ValueError(f"fact {seq} after {self.state.seq}")
        key = key_of(fact)
        conv = self.state.conversations.get(key) if key is not None else None
        before = conv.seat if conv is not None else None
        if isinstance(fact, f.OfficeTaken):
            old = self._in_force(fact)
            apply(self.state, fact)
            self.lanes.note(self.state, fact)
            return self._tell_office(seq, fact, old)
        turn = apply(self.state, fact)
        self.lanes.note(self.state, fact)
        if isinstance(fact, f.Erased):
            self._forget(fact)
            return ""
        if isinstance(fact, f.EventTurned):
            self._scopes.clear()  # whoever is away cannot be told shift by shift what an event did meanwhile
            return "some"
        self.promised.take(committed, self.state)
        self.noted.take(committed)
        thread, line = self._thread(key, committed, is_new=conv is None)
        if self._audience or self._scopes:
            gone = conv is not None and key not in self.state.conversations
            told = Told(seq, fact, self._book(), key, thread, line, committed.text, turn, gone)
            frame = frame_of(told)
            if frame is not None:
                self._tell(notice_of(seq, fact, frame, key, before))
        else:
            self._tell_nobody()
        if key is not None and key not in self.state.conversations:
            self.threads.close(key)
            self.noted.let_go(self.state, key)
        return ""

    def _tell_nobody(self) -> None:
        """Nobody listens, and nobody did who could come back for what they missed: what is told begins after this."""
        self._notices.clear()
        self._reaches_to = self.state.seq

    def _thread(self, key: Key | None, committed: Committed, is_new: bool) -> tuple[Thread | None, w.Message | None]:
        """The thread of this fact, with its line carried in; it is whole only if its conversation is new."""
        if key is None:
            return None, None
        fact, is_open = committed.fact, key in self.state.conversations
        kind = type(fact)
        has_lines = is_open and (is_new or kind in _LINES or kind is f.DraftOffered)
        thread = self.threads.open(key, complete=is_new) if has_lines else self.threads.get(key)
        if kind in _OF_DRAFTS and is_open and thread is not None:
            take_draft(thread, committed, self.state.conversations[key])
        if kind not in _OF_LINES:
            return thread, None
        if thread is not None:
            return thread, take(thread, committed, self._machine_text(fact))
        return None, line_of(fact, committed.seq, committed.text) if isinstance(fact, Speaking) else None

    def _tell(self, notice: Notice) -> None:
        self._notices.append(notice)
        if len(self._notices) > self._resume_facts:
            self._reaches_to = self._notices.popleft().seq
        told = farewell = None
        for session in self._audience.of(notice):
            frame = notice.for_(session.scope)
            if frame is notice.frame:
                told = told or w.encode(frame)
                session.line.event(told)
            elif frame is not None:
                farewell = farewell or w.encode(frame)
                session.line.event(farewell)

    def _tell_office(self, seq: int, fact: f.OfficeTaken, old: QuickReply | None) -> str:
        new = self._in_force(fact)
        if new == old and (isinstance(fact.subject, QuickReply) or fact.removed_sort == "reply"):
            return ""  # a proposal is the office's: agents are told of what they may use
        frame = quick_reply_frame(seq, fact, new)
        if frame is None:
            return "some"
        if old is not None and new is not None and old.shops != new.shops:
            self._scopes.clear()
            return "everybody"
        shops = (new or old).shops if new or old else ()  # type: ignore[union-attr]
        self._tell(Notice(seq, frame, public=shops))
        return ""

    def _in_force(self, fact: f.OfficeTaken) -> QuickReply | None:
        """The approved version of the reply that the office speaks of, if it speaks of one."""
        if isinstance(fact.subject, QuickReply):
            return self.state.replies.get(fact.subject.id)
        return self.state.replies.get(ReplyId(fact.removed_id or "")) if fact.removed_sort == "reply" else None

    def _forget(self, fact: f.Erased) -> None:
        """What was erased leaves this memory too; the notices may hold it, so they go."""
        self.threads.erase(fact.contents)
        self.promised.forget(self.state, fact.contents)
        self.noted.forget(fact.contents)
        self._notices.clear()
        self._reaches_to = self.state.seq

    def _machine_text(self, fact: f.DeskFact) -> str | None:
        """The text of a machine's line is that version of the quick reply, if it is still the one in force.

        It is filled in as far as the desk knows; what only the store knows comes as it begins to be sent.
        """
        if not isinstance(fact, Machine):
            return None
        reply = self.state.replies.get(fact.reply)
        if reply is None or reply.version != fact.version:
            return None
        return fill(reply.text, fact.filling.known if fact.filling is not None else {}).text

    def _fetch_names(self, batch: Iterable[Committed]) -> None:
        """What the buyers of this batch are called, asked once for all of them."""
        keys = []
        for committed in batch:
            if type(committed.fact) in _NAMED:
                key: Key = (committed.fact.shop, committed.fact.buyer)  # type: ignore[union-attr,assignment]
                thread = self.threads.get(key)
                if thread is None or thread.name is None:
                    keys.append(key)
        self._name(keys)
        placed = [(one.fact.shop, one.fact.buyer) for one in batch if isinstance(one.fact, f.Assigned | f.Queued)]
        self.noted.learn(self.state, self.port, placed)
        self.promised.learn(
            self.port,
            ((one.fact.shop, one.fact.buyer) for one in batch if type(one.fact) in NAMED),  # type: ignore[union-attr,misc]
        )

    def _name(self, keys: Sequence[Key]) -> None:
        if keys:
            names = self.port.buyer_names(list(dict.fromkeys(buyer for _, buyer in keys)))
            for key in keys:
                if key[1] in names:
                    known = self.threads.get(key) or self.threads.open(
                        key, complete=key not in self.state.conversations
                    )
                    known.name = printable(names[key[1]][:NAME_LIMIT])

    # --- lists

    def _list(self, scope: Scope, note: str) -> Iterator[bytes]:
        keys = keys_of(self.state, scope)
        self._name([key for key in keys if (thread := self.threads.get(key)) is None or thread.name is None])
        self.promised.learn(self.port, (one.key for one in seen_by(self.state, scope)))
        self.noted.learn(self.state, self.port, keys)
        return list_frames(self._book(), scope, keys, note, self._clock.now())

    def _book(self) -> Book:
        return Book(self.state, self.threads, self.lanes, self.promised, self.noted)
