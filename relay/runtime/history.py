"""Taking imported chats into a stream of their own, `history.<shop>`, never mixed with what a desk saw.

Laws:
* The same line told again changes nothing, in whatever file and however often: a line is known by its id and content,
  and one without an id by all that it says and by how many like it came before it in its file.
* An id that comes with other content is a line of its own, and flagged (L2).
* Lines of one call become durable together, or none; what is cut off between two calls is completed by the same import.
* A file that was imported is never read otherwise later (another who-is-who, another zone): its lines would be there
  twice, and differ.
* A buyer has the reference that they have in the live chats. A text is kept only if the import says so.
"""

import asyncio
import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from relay.contracts import Batch, Claim, Clock, ContentRow, Entropy, Found, KeyRow, RefRow, Store
from relay.contracts.history import HistoryLine, HistoryPart, HistorySource, HistoryTaken
from relay.domain.codec import SALT_BYTES, chain, content_digest, decode
from relay.domain.facts import Erased, Fact, HistoryImported, HistoryTold
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, ShopId
from relay.domain.office import OfficeState, may
from relay.domain.settings import Person
from relay.domain.streams import history_of
from relay.errors import BadInputError, ForbiddenError
from relay.runtime.keys import buyer_key

MARK: Final = 32
"""Hexadecimal digits of a mark."""


class _Line(NamedTuple):
    """A line with its dedupe key and the digest of all that it says."""

    line: HistoryLine
    key: bytes
    body: bytes


class History:
    """The history streams of one store. A stream is taken over when its first line comes."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store, self._clock, self._entropy = store, clock, entropy
        self._claims: dict[DeskId, Claim] = {}
        self._lock = asyncio.Lock()

    async def take(self, part: HistoryPart, by: PersonId | None = None) -> HistoryTaken:
        """Return when all that is new is durable. Raises BadInputError if the file was imported otherwise before."""
        async with self._lock:
            if part.sums is not None:
                return await self._end(part, by)
            return await self._take(part.source, part.lines)

    async def erase(self, shop: ShopId, buyer: BuyerRef, by: PersonId) -> int:
        """Erase the kept words of a buyer's imported lines; how many there were. Who they are is not touched here."""
        async with self._lock:
            stream = history_of(shop)
            told = (decode(row.body) for row in self._store.read(stream))
            seqs = [seq for seq, one in enumerate(told, 1) if isinstance(one, HistoryTold) and one.buyer == buyer]
            kept = tuple(sorted(self._store.content(stream, seqs)))
            if kept:
                erased = Erased(at=self._clock.now(), by=by, contents=kept)
                await self._append(stream, [erased], erase_content=kept)
            return len(kept)

    async def _take(self, source: HistorySource, lines: Sequence[HistoryLine]) -> HistoryTaken:
        secret = self._store.secret
        marked = [_marked(secret, source.shop, line) for line in lines]
        names = dict.fromkeys(line.message.buyer for line in lines if line.message.buyer is not None)
        buyers = {name: buyer_key(secret, source.shop, name) for name in names}
        begun = _begun(secret, source)
        found = await self._store.lookup([begun.key, *(one.key for one in marked)], [*buyers.values()])
        _refuse_other_terms(found, begun)
        known = {key: {seen.body for seen in seens} for key, seens in found.keys.items()}
        new: list[tuple[_Line, bool]] = []
        conflicts = []
        for place, one in enumerate(marked):
            bodies = known.setdefault(one.key, set())
            if one.body in bodies:
                continue
            if bodies:
                conflicts.append(place)
            new.append((one, bool(bodies)))
            bodies.add(one.body)
        if not new:
            return HistoryTaken(0, len(lines), recorded=_done(secret, source) in known.get(begun.key, ()))
        refs = {name: found.refs.get(key) or BuyerRef(self._entropy.ref()) for name, key in buyers.items()}
        at, facts, salts = self._clock.now(), [], []
        for one, conflict in new:
            salt = self._entropy.bytes(SALT_BYTES) if source.texts and one.line.message.text else b""
            facts.append(_fact(secret, at, source.shop, one.line, refs, salt, conflict=conflict))
            salts.append(salt)
        stream = history_of(source.shop)
        first = (await self._claim(stream)).head_seq + 1
        keys = [KeyRow(one.key, one.body, seq) for seq, (one, _) in enumerate(new, first)]
        if begun.body not in known.get(begun.key, ()):
            keys.append(begun.row(first))
        texts = [
            ContentRow(seq, salt, _bytes(one.line.message.text))
            for (seq, (one, _)), salt in zip(enumerate(new, first), salts, strict=True)
            if salt
        ]
        used = {one.line.message.buyer for one, _ in new} & {
            name for name, key in buyers.items() if key not in found.refs
        }
        people = [RefRow(buyers[name], refs[name], source.shop, name, "") for name in names if name in used]
        await self._append(stream, facts, keys=keys, refs=people, content=texts)
        return HistoryTaken(len(new), len(lines) - len(new), tuple(conflicts))

    async def _end(self, part: HistoryPart, by: PersonId | None) -> HistoryTaken:
        """Record the end of an import that took something, in this run or before it was cut off."""
        source, sums, secret = part.source, part.sums, self._store.secret
        assert sums is not None
        begun, done = _begun(secret, source), _done(secret, source)
        found = await self._store.lookup([begun.key], [])
        _refuse_other_terms(found, begun)
        bodies = {seen.body for seen in found.keys.get(begun.key, ())}
        if not sums.new and (begun.body not in bodies or done in bodies):
            return HistoryTaken(0, 0, recorded=done in bodies)
        fact = HistoryImported(
            at=self._clock.now(),
            shop=source.shop,
            source=source.sha256,
            format=source.format,
            by=by,
            zone=source.zone,
            who=source.who,
            options=source.options,
            texts=source.texts,
            lines=sums.lines,
            new=sums.new,
            known=sums.known,
            conflicts=sums.conflicts,
            first_at=sums.first_at,
            last_at=sums.last_at,
        )
        stream = history_of(source.shop)
        seq = (await self._claim(stream)).head_seq + 1
        await self._append(stream, [fact], keys=[] if done in bodies else [KeyRow(begun.key, done, seq)])
        return HistoryTaken(0, 0, recorded=True)

    async def _claim(self, stream: DeskId) -> Claim:
        claim = self._claims.get(stream)
        if claim is None:
            claim = self._claims[stream] = await self._store.claim(stream)
        return claim

    async def _append(
        self,
        stream: DeskId,
        facts: Sequence[Fact],
        keys: Sequence[KeyRow] = (),
        refs: Sequence[RefRow] = (),
        content: Sequence[ContentRow] = (),
        erase_content: Sequence[int] = (),
    ) -> None:
        claim = await self._claim(stream)
        rows = chain(claim.head_hash, stream, claim.head_seq + 1, facts)
        del self._claims[stream]  # until the batch is durable nobody knows where the stream stands
        batch = Batch(stream, claim.epoch, claim.head_seq, rows, keys, refs, content, erase_content)
        await self._store.append(batch)
        self._claims[stream] = Claim(claim.epoch, rows[-1].seq, rows[-1].hash)


def refuse_foreign(state: OfficeState, person: Person | None, shop: ShopId) -> None:
    """A history comes from whoever may change the shop's settings. Raises ForbiddenError, BadInputError."""
    if shop not in state.shops:
        raise BadInputError(f'没有店铺 "{shop}" / there is no shop "{shop}"')
    if not may(person, shop, "settings"):
        raise ForbiddenError


class _Terms(NamedTuple):
    """That a file's import has begun: its key, and by what it is read."""

    key: bytes
    body: bytes

    def row(self, seq: int) -> KeyRow:
        return KeyRow(self.key, self.body, seq)


def _begun(secret: bytes, source: HistorySource) -> _Terms:
    return _Terms(_mac(secret, ["history source", source.shop, source.sha256]), _terms(secret, source, "begun"))


def _done(secret: bytes, source: HistorySource) -> bytes:
    return _terms(secret, source, "done")


def _terms(secret: bytes, source: HistorySource, word: str) -> bytes:
    return _mac(secret, [word, source.format, source.zone, source.who, source.options])


def _refuse_other_terms(found: Found, begun: _Terms) -> None:
    bodies = {seen.body for seen in found.keys.get(begun.key, ())}
    if bodies and begun.body not in bodies:
        raise BadInputError(
            "这份文件曾以别的身份文件、时区或选项导入，不能改读；台账未变"
            " / this file was imported under another who-is-who file, zone or options, and what is on the ledger"
            " is not read anew; nothing was changed"
        )


def _marked(secret: bytes, shop: ShopId, line: HistoryLine) -> _Line:
    """An id with its content and instant; without an id all that a rule could see, and the count of its likes."""
    one = line.message
    said = [
        one.role, one.kind, _bytes(one.buyer), _bytes(one.sub_account), _bytes(one.text), one.content, one.at, one.to,
        one.recalls,
    ]  # fmt: skip
    if one.id is not None:
        return _Line(line, _mac(secret, ["history id", shop, _bytes(one.id)]), _mac(secret, ["history body", *said]))
    more = [one.bot, one.mode, one.trigger, one.origin, one.outcome, one.buyer_class, one.queued, one.from_sub]
    key = _mac(secret, ["history line", shop, *said, *more, one.skew_ms, line.again])
    return _Line(line, key, key)


def _fact(
    secret: bytes,
    at: Millis,
    shop: ShopId,
    line: HistoryLine,
    refs: dict[str, BuyerRef],
    salt: bytes,
    *,
    conflict: bool,
) -> HistoryTold:
    one = line.message
    return HistoryTold(
        at=at,
        shop=shop,
        sent_at=Millis(one.at),
        role=one.role,
        kind=one.kind,
        buyer=None if one.buyer is None else refs[one.buyer],
        sub_account=one.sub_account,
        message=None if one.id is None else _id_mark(secret, shop, one.id),
        words=None
        if one.id is None or one.text is None
        else _mac(secret, ["history words", _bytes(one.text)]).hex()[:MARK],
        seen="conflict" if conflict else "new",
        bot=one.bot,
        mode=one.mode,
        trigger=one.trigger,
        origin=one.origin,
        outcome=one.outcome,
        content=one.content,
        buyer_class=one.buyer_class,
        queued=one.queued,
        from_sub=one.from_sub,
        recalls=None if one.recalls is None else _id_mark(secret, shop, one.recalls),
        addressed=None if line.addressed == one.sub_account else line.addressed,
        to_at=None if one.to is None else Millis(one.to),
        skew_ms=one.skew_ms,
        digest=content_digest(salt, _bytes(one.text)) if salt else "",
    )


def _id_mark(secret: bytes, shop: ShopId, id: str) -> str:
    return _mac(secret, ["history message", shop, _bytes(id)]).hex()[:MARK]


def _bytes(text: str | None) -> bytes:
    """A text may hold half of a surrogate pair, which is no UTF-8. What is not there is no text at all."""
    return b"" if text is None else text.encode("utf-8", "surrogatepass")


def _mac(secret: bytes, parts: Iterable[object]) -> bytes:
    return hmac.digest(secret, msgspec.msgpack.encode(list(parts)), sha256)
