"""The desk's one loop: due ticks, then waiting inputs, stepped and committed as one transaction (group commit).

Laws kept here:
* L1: nobody is answered and no effect is carried out before the facts are durable; acknowledgements belong to batches.
* While one batch commits the next may be stepped (depth 1). There is no rollback: when a commit fails, this runner and
  everything stepped after it are finished, nothing of it was seen, and the desk is rebuilt from the store.
* Nothing outside sees the state while it is ahead of the store: `look` waits for the commit.
* The inbox is bounded for what comes from outside; what relay owes itself (outcomes, office changes) always enters.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import structlog

from relay.contracts import Arrival, Batch, Clock, Entropy, Receipt, RefRow, Store
from relay.domain import inputs as i
from relay.domain.codec import chain, decode
from relay.domain.desk import Desk
from relay.domain.facts import DeskFact
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis
from relay.domain.refusal import Refusal
from relay.errors import RefusedError, RelayError
from relay.runtime.draft import Draft, reject
from relay.runtime.erasure import Erasure, completed
from relay.runtime.inbox import Command, Erase, Inbox, Item, Look, Message
from relay.runtime.port import Committed, Listener
from relay.runtime.recognition import Recognizer, identify
from relay.runtime.stepping import Stepper

T = TypeVar("T")
log = structlog.get_logger("relay.desk")
MOST_TICKS = 256


class Carrier(Protocol):
    """Who carries out effects and is told of committed facts before anybody else."""

    def __call__(self, committed: Sequence[Committed]) -> None: ...


class DeskRunner:
    """A running desk (see `relay.runtime.port.Port`). Built by the service from a recovered desk and its claim."""

    def __init__(
        self,
        desk: Desk,
        *,
        epoch: int,
        head_hash: bytes,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        carry: Carrier,
        inbox_size: int = 4096,
    ) -> None:
        self._desk, self._epoch, self._hash = desk, epoch, head_hash
        self._store, self._clock, self._entropy = store, clock, entropy
        self._carry = carry
        self._inbox = Inbox(inbox_size)
        self._in_hand: Sequence[Command | Message | Erase] = ()
        """Taken from the inbox, and not yet in the hands of a commit."""
        self._wake = asyncio.Event()
        self._rests = asyncio.Event()
        self._listeners: dict[int, Listener] = {}
        self._next_listener = 0
        self._recognizer = Recognizer(store, desk.state.desk)
        self._stepper = Stepper(desk, store, clock, entropy, self._recognizer)
        self._named: dict[BuyerRef, str] = {}
        """The buyers who are new in the batch that is being told: whoever asks need not wait for the store."""
        self._committed = desk.state.seq
        self._timer: asyncio.TimerHandle | None = None
        self._failure: BaseException | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self.ticking = False

    # --- the port

    @property
    def desk(self) -> DeskId:
        return self._desk.state.desk

    @property
    def committed_seq(self) -> int:
        """The last durable seq."""
        return self._committed

    @property
    def inbox_length(self) -> int:
        return len(self._inbox)

    @property
    def duplicates(self) -> int:
        """How many messages came that were known."""
        return self._stepper.duplicates

    @property
    def failure(self) -> BaseException | None:
        """Why this runner ended by itself; None while all is well."""
        return self._failure

    def next_due(self) -> Millis | None:
        """When the desk wants its next tick; None before `begin_ticking`."""
        return self._desk.next_due() if self.ticking else None

    @property
    def is_behind(self) -> bool:
        """Whether something has come due that is not done yet: whatever can wait lets it go first."""
        due = self.next_due()
        return due is not None and due <= self._clock.now()

    async def rest(self) -> None:
        """Wait until this desk has nothing to do."""
        await self._rests.wait()

    def begin_ticking(self) -> None:
        """From now on what is due is done. Before, the desk must have caught up with the office (design §9)."""
        self.ticking = True
        self._wake.set()

    async def submit(self, given: i.Input, text: str | None = None) -> Sequence[Committed]:
        """A command from outside: refused loudly when the inbox is full."""
        self._inbox.check_room()
        return await self.post(given, text)

    def post(self, given: i.Input, text: str | None = None) -> "asyncio.Future[Sequence[Committed]]":
        """What relay owes itself: always enters, in order."""
        done: asyncio.Future[Sequence[Committed]] = asyncio.get_running_loop().create_future()
        self._put(Command(given, text, done), done)
        return done

    async def take(self, channel: ChannelName, arrival: Arrival) -> Receipt:
        """A line from a channel; returns when it is durable (L1)."""
        self._inbox.check_room()
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._put(Message(identify(self._store.secret, channel, arrival), arrival, done), done)
        return await done

    async def look(self, at: Callable[[DeskState], T]) -> T:
        """Call `at` with a state that is durable as a whole."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(Look(at, done), done)
        return await done

    async def erase(self, wanted: Erasure) -> Sequence[Committed]:
        """Erase on purpose; returns when it is durable. Raises RefusedError while something is open with a buyer."""
        self._inbox.check_room()
        done: asyncio.Future[Sequence[Committed]] = asyncio.get_running_loop().create_future()
        self._put(Erase(wanted, done), done)
        return await done

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` every committed batch from now on."""
        number = self._next_listener = self._next_listener + 1
        self._listeners[number] = listener
        return lambda: self._listeners.pop(number, None) and None

    def read(self, from_seq: int, to_seq: int | None = None) -> Iterator[Committed]:
        """Committed facts with their texts, a page at a time."""
        page: list[tuple[int, DeskFact]] = []
        for row in self._store.read(self.desk, from_seq, to_seq):
            page.append((row.seq, decode(row.body)))  # type: ignore[arg-type]
            if len(page) == 500:
                yield from self._with_texts(page)
                page = []
        yield from self._with_texts(page)

    def buyer_names(self, refs: Sequence[BuyerRef]) -> dict[BuyerRef, str]:
        names = {ref: self._named[ref] for ref in refs if ref in self._named}
        unknown = [ref for ref in refs if ref not in names]
        found = self._store.buyers(unknown) if unknown else {}
        return names | {ref: row.name or row.platform_id for ref, row in found.items()}

    def buyer(self, ref: BuyerRef) -> RefRow | None:
        return self._store.buyers([ref]).get(ref)

    # --- life

    def start(self) -> None:
        """Begin the loop. The first input is the caller's `StartDesk`."""
        self._task = asyncio.create_task(self._run(), name=f"desk {self.desk}")

    async def stop(self) -> None:
        """Finish what is in the inbox, commit it, and end."""
        self._stopping = True
        self._wake.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def ended(self) -> "asyncio.Task[None]":
        """The loop's task: done when this runner has stopped or failed."""
        assert self._task is not None
        return self._task

    def rearm(self) -> None:
        """Look again at wall time, as after a clock step or a suspend."""
        self._wake.set()

    # --- the loop

    async def _run(self) -> None:
        commit: asyncio.Task[None] | None = None
        try:
            while True:
                await self._something_to_do()
                if self._stopping and not self._inbox:
                    if commit is None:
                        break
                    await commit  # while it ends, more may have come
                    commit = None
                    continue
                draft = await self._step_batch()
                if commit is not None:
                    await commit
                    commit = None
                if not draft.is_empty:
                    commit = asyncio.create_task(self._commit(draft))
                self._in_hand = ()
                if self._inbox.wants_to_be_alone:
                    if commit is not None:
                        await commit
                        commit = None
                    self._let_look()
                    await self._erase()
        except BaseException as error:
            self._fail(error)
            raise

    async def _something_to_do(self) -> None:
        while not self._inbox and not self._stopping:
            if self._failure is not None:
                raise self._failure
            self._wake.clear()
            due = self.next_due()
            now = self._clock.now()
            if due is not None:
                if due <= now:
                    return
                self._arm((due - now) / 1000)
            self._rests.set()
            await self._wake.wait()
            self._rests.clear()
        await asyncio.sleep(0)

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(loop.time() + seconds, self._wake.set)

    async def _step_batch(self) -> Draft:
        draft = Draft(self._desk.state.seq + 1)
        now = self._clock.now()
        for _ in range(MOST_TICKS):
            due = self.next_due()
            if self._stopping or due is None or due > now:
                break
            draft.add(self._desk.step(i.Tick(), now))
        items = self._in_hand = self._inbox.take()
        found = await self._recognizer.look_up([item.identity for item in items if isinstance(item, Message)])
        for item in items:
            if isinstance(item, Message):
                self._stepper.message(draft, item, found)
            else:
                self._stepper.command(draft, item)
        return draft

    # --- commit and after

    async def _commit(self, draft: Draft) -> None:
        try:
            if draft.facts:
                rows = chain(self._hash, self.desk, draft.first_seq, draft.facts)
                self._hash = rows[-1].hash
                await self._store.append(
                    Batch(
                        self.desk,
                        self._epoch,
                        draft.first_seq - 1,
                        rows,
                        keys=draft.keys,
                        refs=[*draft.refs, *draft.orders],
                        content=draft.content,
                        erase_content=draft.erase_content,
                        erase_refs=draft.erase_refs,
                        erase_quarantine=draft.erase_quarantine,
                    )
                )
            self._after_commit(draft)
        except BaseException as error:
            draft.fail(error)
            self._fail(error)
            raise

    def _after_commit(self, draft: Draft) -> None:
        self._recognizer.landed(draft)
        committed = draft.settle()
        if not committed:
            return
        self._committed = committed[-1].seq
        self._named = {row.ref: row.name or row.platform_id for row in draft.refs}
        self._carry(committed)
        for listener in list(self._listeners.values()):
            try:
                listener(committed)
            except Exception:  # what is durable is durable; a listener's fault is its own
                log.exception("listener_failed", desk=self.desk)
        self._named = {}

    def _let_look(self) -> None:
        while (item := self._inbox.take_look()) is not None:
            try:
                result = item.at(self._desk.state)
            except Exception as error:
                reject(item.done, error)
            else:
                if not item.done.done():
                    item.done.set_result(result)

    async def _erase(self) -> None:
        """One erasure, alone in its transaction and with none under way: no message meets a buyer who is half gone."""
        item = self._inbox.take_erase()
        if item is None:
            return
        self._in_hand = (item,)
        draft, wanted = Draft(self._desk.state.seq + 1), item.wanted
        try:
            given = completed(self._store, self.desk, wanted)
            facts = self._desk.step(given, self._clock.now())
        except Refusal as refusal:
            reject(item.done, RefusedError(refusal.code, refusal.en, refusal.zh))
            return
        draft.erase_content, draft.erase_refs = given.contents, given.buyers
        draft.erase_quarantine = wanted.quarantine
        draft.await_facts(item.done, draft.add(facts))
        await self._commit(draft)
        self._in_hand = ()

    def _with_texts(self, page: list[tuple[int, DeskFact]]) -> Iterator[Committed]:
        content = self._store.content(self.desk, [seq for seq, _ in page])
        for seq, fact in page:
            row = content.get(seq)
            yield Committed(seq, fact, row.body.decode("utf-8", "surrogatepass") if row else None)

    # --- refusing and failing

    def _put(self, item: Item, done: "asyncio.Future[Any]") -> None:
        if self._failure is not None or (self._task is not None and self._task.done()):
            reject(done, self._failure or RelayError("this desk has stopped / 客服台已停止"))
            return
        self._inbox.put(item)
        self._wake.set()

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        for item in self._in_hand:
            reject(item.done, error)
        self._inbox.refuse_all(error)
        self._wake.set()
