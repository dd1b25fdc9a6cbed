"""What becomes of one item of the inbox: it is stepped, and the draft of the batch has what must be durable with it."""

import msgspec

from relay.contracts import Arrival, Clock, ContentRow, Entropy, Receipt, RefRow, Store
from relay.domain.codec import SALT_BYTES, content_digest
from relay.domain.desk import Desk
from relay.domain.marks import message_id
from relay.domain.names import BuyerRef
from relay.domain.refusal import Refusal
from relay.errors import BadInputError, RefusedError
from relay.runtime.arrivals import translate
from relay.runtime.draft import Draft, reject
from relay.runtime.inbox import Command, Message
from relay.runtime.keys import send_of
from relay.runtime.recognition import Findings, Identity, Known, Recognizer


class Stepper:
    """Steps the items of one desk. It commits nothing and tells nobody but whoever gave what is refused."""

    __slots__ = ("_clock", "_desk", "_entropy", "_recognizer", "_restored", "_store", "duplicates")

    def __init__(self, desk: Desk, store: Store, clock: Clock, entropy: Entropy, recognizer: Recognizer) -> None:
        self._desk, self._store, self._clock, self._entropy = desk, store, clock, entropy
        self._recognizer = recognizer
        self._restored = store.restored(desk.state.desk)
        self.duplicates = 0

    def command(self, draft: Draft, item: Command) -> None:
        """Raises nothing: a refusal is told to whoever gave it."""
        if item.done.cancelled():
            return
        given, row, digest = item.given, None, ""
        if item.text is not None:
            row = self._bind(draft.seq, item.text)
            digest = content_digest(row.salt, row.body)
            given = msgspec.structs.replace(given, digest=digest)
        try:
            facts = self._desk.step(given, self._clock.now())
        except Refusal as refusal:
            reject(item.done, RefusedError(refusal.code, refusal.en, refusal.zh))
            return
        if row is not None and getattr(facts[0], "digest", "") != digest:
            row = None  # a text that was filled in, and whose send was ended before it began
        draft.await_facts(item.done, draft.add(facts, row, item.text or ""))

    def message(self, draft: Draft, item: Message, found: Findings) -> None:
        """Raises nothing: a line that makes no sense is told to whoever brought it."""
        arrival, identity = item.arrival, item.identity
        seen = self._recognizer.seen(identity.key, found)
        same = next((one for one in seen if one.body == identity.body), None)
        if same is not None:
            self._answer_duplicate(draft, item, same)
            return
        ref = self._recognizer.buyer(identity, found)
        new_buyer = None
        if ref is None:
            ref = BuyerRef(self._entropy.ref())
            new_buyer = _row_of(identity, ref, arrival)
        row = self._bind(draft.seq, arrival.text) if arrival.text else None
        digest = content_digest(row.salt, row.body) if row else ""
        recalled = self._recognizer.recalled(identity, found)
        echo_of = None
        if arrival.echo_of:
            echo_of = send_of(self._store.secret, self._desk.state.desk, arrival.echo_of, self._restored)
        try:
            translated = translate(
                arrival, ref, digest, "conflict" if seen else "new", recalled, echo_of, self._desk.state
            )
            facts = self._desk.step(translated.given, self._clock.now())
        except (Refusal, BadInputError) as refusal:
            reject(item.done, BadInputError(str(refusal)))
            return
        seq = draft.add(facts, row if translated.binds_text else None, arrival.text)
        self._recognizer.note(identity, seq, new_buyer, draft)
        if new_buyer is None and arrival.order_no:
            draft.orders.append(_row_of(identity, ref, arrival))
        draft.await_receipt(item.done, Receipt("conflict" if seen else "taken", message_id(seq)))

    def _answer_duplicate(self, draft: Draft, item: Message, same: Known) -> None:
        """A message that is known is acknowledged with the commit of the one that was taken."""
        self.duplicates += 1
        with_draft = same.draft if same.draft is not None and not same.draft.durable else draft
        with_draft.await_receipt(item.done, Receipt("duplicate", message_id(same.seq)))

    def _bind(self, seq: int, text: str) -> ContentRow:
        return ContentRow(seq, self._entropy.bytes(SALT_BYTES), text.encode("utf-8", "surrogatepass"))


def _row_of(identity: Identity, ref: BuyerRef, arrival: Arrival) -> RefRow:
    """Who this line says its buyer is, and which order it is about."""
    order_no = arrival.order_no or ""
    return RefRow(identity.buyer, ref, arrival.shop, arrival.buyer, arrival.buyer_name, order_no)
