"""The office at work: who acts, what they may do, and every change of settings as a fact that each desk takes over.

One stream, one writer. A change is durable on `office` first; then each desk concerned takes it over as an input of its
own, in office order without gaps. A command is done when every such desk has committed it. A desk that was down or
is new catches up from the ledger before its first tick.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence

from relay.contracts import Batch, Claim, Clock, Entropy, Store
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import GENESIS, chain, link
from relay.domain.names import OFFICE, BuyerRef, ChannelName, DeskId, Millis, PersonId, ShopId
from relay.domain.office import (
    Change,
    OfficeState,
    Settings,
    apply,
    concerns,
    diff,
    not_allowed,
    person_of,
    settings_of,
)
from relay.domain.settings import Desk, Person
from relay.errors import ForbiddenError, LedgerError
from relay.runtime.confirming import RELAY, fallen_back
from relay.runtime.decoding import decoded

TOKEN_BYTES = 32
Deliver = Callable[[DeskId, i.TakeOffice], Awaitable[object]]
Told = tuple[int, f.OfficeFact, tuple[DeskId, ...]]


class Office:
    """The `office` stream of one store. `deliver` hands a change to a running desk and returns when it is durable."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        deliver: Deliver,
        on_void: Callable[[ShopId, int], None] = lambda _shop, _seq: None,
    ) -> None:
        """`on_void` is told of each shop that fell back to `suggest`, and of the fact that says so."""
        self._store, self._clock, self._entropy, self._deliver = store, clock, entropy, deliver
        self._on_void = on_void
        self._claim = Claim(0, 0, GENESIS)
        self._lock = asyncio.Lock()
        self._told: list[Told] = []
        self._listeners: list[Callable[[], None]] = []
        self.state = OfficeState()

    async def open(self) -> None:
        """Take the stream over and read it; raises LedgerError at the first fact that does not hold."""
        self._claim = await self._store.claim(OFFICE)
        prev = GENESIS
        for row in self._store.read(OFFICE, 1, self._claim.head_seq):
            if link(prev, OFFICE, row.seq, row.body) != row.hash:
                raise LedgerError(OFFICE, row.seq, "the fact does not fit its hash / 记录与哈希不符")
            prev = row.hash
            self._apply(row.seq, decoded(OFFICE, row))  # type: ignore[arg-type]

    def desks(self) -> list[DeskId]:
        """The desks that the settings name."""
        return list(self.state.desks)

    def due_to(self, desk: DeskId, after_seq: int) -> list[i.TakeOffice]:
        """What this desk has yet to take over, in order."""
        return [
            input_of(seq, fact)
            for seq, fact, desks in self._told
            if seq > after_seq and (desk in desks or self._late(fact))
        ]

    def told(self) -> list[tuple[int, f.OfficeFact]]:
        """Every change of settings since the first, with its seq."""
        return [(seq, fact) for seq, fact, _ in self._told]

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, so that open sessions are checked again (L14)."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def person_of(self, token: str) -> Person | None:
        """Whose live token this is."""
        return person_of(self.state, digest_of(token))

    async def apply_settings(self, wanted: Settings, by: Person | None) -> list[Change]:
        """Write what differs as facts and return when every desk concerned has it. `by` None is the first setting-up.

        Raises ForbiddenError if a change is not this person's to make; then nothing is written.
        """
        return await self.change_settings(lambda _: wanted, by)

    async def change_settings(
        self,
        wanted: Callable[[OfficeState], Settings],
        by: Person | None,
        before: Callable[[OfficeState, Millis], Sequence[f.FigureFact]] = lambda _state, _now: (),
    ) -> list[Change]:
        """The same for settings that follow from those of the moment; what `wanted` raises stops it all.

        `before`: what is recorded with it and stands before it, such as why a reading is taken over.
        """
        async with self._lock:
            changes = diff(self.state, wanted(self.state))
            if by is not None and not_allowed(self.state, by, changes):
                raise ForbiddenError
            who = by.id if by is not None else PersonId("setup")
            now = self._clock.now()
            await self._write([*before(self.state, now), *(change.fact(now, who) for change in changes)])
            return [*changes, *await self._fall_back()]

    async def fall_back(self) -> list[Change]:
        """Set every shop to `suggest` whose owner confirmed something else than relay says today."""
        async with self._lock:
            return await self._fall_back()

    async def _fall_back(self) -> list[Change]:
        wanted, void = fallen_back(settings_of(self.state))
        changes = diff(self.state, wanted) if void else []
        await self._write([change.fact(self._clock.now(), RELAY) for change in changes])
        for shop in void:
            self._on_void(shop, self.state.seq)
        return changes

    async def record(self, made: Callable[[OfficeState, Millis], Sequence[f.FigureFact]]) -> Sequence[f.FigureFact]:
        """Write what follows from the state of the moment, and return it; what `made` raises stops it all."""
        async with self._lock:
            facts = made(self.state, self._clock.now())
            await self._write(facts)
            return facts

    async def issue_token(self, person: PersonId, by: PersonId) -> str:
        """A new token for this person, shown once; the one before ends at once. Only the digest is kept."""
        token = f"relay_{self._entropy.bytes(TOKEN_BYTES).hex()}"
        async with self._lock:
            await self._write([f.TokenIssued(at=self._clock.now(), by=by, person=person, digest=digest_of(token))])
        return token

    async def end_token(self, person: PersonId, by: PersonId) -> bool:
        """End this person's token at once, open sessions with it. False if there was none; then nothing is written."""
        async with self._lock:
            if person not in self.state.token_of:
                return False
            await self._write([f.TokenEnded(at=self._clock.now(), by=by, person=person)])
        return True

    async def note_password(self, person: PersonId, by: PersonId) -> None:
        """Write down that this person gets another password, and by whom."""
        async with self._lock:
            await self._write([f.PasswordSet(at=self._clock.now(), by=by, person=person)])

    async def note_read(self, by: PersonId, desk: DeskId, shop: ShopId, buyer: BuyerRef) -> None:
        """Write down that this person has a buyer's texts shown, before they are."""
        async with self._lock:
            await self._write([f.ContentRead(at=self._clock.now(), by=by, desk=desk, shop=shop, buyer=buyer)])

    async def note_export(self, by: PersonId, desk: DeskId, shop: ShopId, buyer: BuyerRef) -> None:
        """Write down that this person takes out everything that is kept of a buyer, before they do."""
        async with self._lock:
            await self._write([f.BuyerExported(at=self._clock.now(), by=by, desk=desk, shop=shop, buyer=buyer)])

    async def erase_quarantine(self, by: PersonId, lines: Sequence[tuple[ChannelName, bytes]], why: str) -> None:
        """Erase lines that could not be parsed, and write it down in the same transaction."""
        async with self._lock:
            fact = f.QuarantineErased(at=self._clock.now(), by=by, count=len(lines), why=why)
            await self._write([fact], lines)

    async def _write(self, facts: Sequence[f.OfficeFact], gone: Sequence[tuple[ChannelName, bytes]] = ()) -> None:
        if not facts:
            return
        first = self.state.seq + 1
        rows = chain(self._claim.head_hash, OFFICE, first, facts)
        await self._store.append(Batch(OFFICE, self._claim.epoch, first - 1, rows, erase_quarantine=gone))
        self._claim = Claim(self._claim.epoch, rows[-1].seq, rows[-1].hash)
        waiting = []
        for seq, fact in enumerate(facts, first):
            for desk in self._apply(seq, fact):
                waiting.append(self._deliver(desk, input_of(seq, fact)))
        await asyncio.gather(*waiting)
        for listener in list(self._listeners):
            listener()

    def _apply(self, seq: int, fact: f.OfficeFact) -> tuple[DeskId, ...]:
        apply(self.state, fact)
        desks = tuple(desk for desk in self.state.desks if concerns(fact, self.state, desk))
        if isinstance(fact, f.SettingSet | f.SettingRemoved):
            self._told.append((seq, fact, desks))
        return desks

    def _late(self, fact: f.OfficeFact) -> bool:
        """What concerns every desk, also one that was made after it."""
        match fact:
            case f.SettingSet(subject=subject):
                return isinstance(subject, Person) or (subject.id in self.state.told_all)
            case f.SettingRemoved(sort="person"):
                return True
            case _:
                return False


def input_of(seq: int, fact: f.OfficeFact) -> i.TakeOffice:
    """A change of the office as a desk is told it."""
    match fact:
        case f.SettingSet(subject=subject):
            return i.TakeOffice(office_seq=seq, subject=None if isinstance(subject, Desk) else subject)
        case f.SettingRemoved():
            return i.TakeOffice(office_seq=seq, removed_sort=fact.sort, removed_id=fact.id)
        case _:
            return i.TakeOffice(office_seq=seq)


def digest_of(token: str) -> str:
    """What is kept of a token: it has 256 random bits, so a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()
