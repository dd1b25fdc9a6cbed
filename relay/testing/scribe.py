"""Well-formed batches for a store, as a desk would write them: facts, messages with their texts and keys, erasures."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Self

from relay.contracts import (
    Batch,
    Claim,
    ContentRow,
    KeyRow,
    RefRow,
    Store,
)
from relay.domain.codec import SALT_BYTES, chain, content_digest
from relay.domain.facts import BuyerWrote, ChannelConnected, Erased, Fact
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, ShopId

SHOP = ShopId("shop-1")
BUYER = BuyerRef("buyer-1")


class Scribe:
    """Owns a desk and writes well-formed batches for it, each following the one before."""

    def __init__(self, desk: DeskId, claim: Claim) -> None:
        self.desk, self.epoch = desk, claim.epoch
        self.seq, self.prev = claim.head_seq, claim.head_hash

    @classmethod
    async def of(cls, store: Store, desk: str = "desk-1") -> Self:
        return cls(DeskId(desk), await store.claim(DeskId(desk)))

    def facts(self, *facts: Fact) -> Batch:
        """These facts, and nothing with them."""
        rows = chain(self.prev, self.desk, self.seq + 1, facts)
        batch = Batch(self.desk, self.epoch, self.seq, rows)
        if rows:
            self.seq, self.prev = rows[-1].seq, rows[-1].hash
        return batch

    def plain(self, count: int = 1) -> Batch:
        """Facts that bind no text."""
        return self.facts(*(ChannelConnected(at=Millis(self.seq + n), shop=SHOP) for n in range(1, count + 1)))

    def messages(self, *texts: str, refs: Sequence[RefRow] = ()) -> Batch:
        """One buyer message each, with its text and its dedupe key."""
        first, facts, content, keys = self.seq + 1, [], [], []
        for seq, text in enumerate(texts, first):
            salt, body = hashlib.sha256(b"%d" % seq).digest()[:SALT_BYTES], text.encode()
            digest = content_digest(salt, body)
            facts.append(BuyerWrote(at=Millis(seq), shop=SHOP, buyer=BUYER, sent_at=Millis(seq), digest=digest))
            content.append(ContentRow(seq, salt, body))
            keys.append(KeyRow(key_of(self.desk, seq), hmac.digest(b"k", body, "sha256"), seq))
        made = self.facts(*facts)
        return Batch(made.desk, made.epoch, made.expected_seq, made.rows, keys, refs, content)

    def erase(self, *seqs: int, refs: Sequence[BuyerRef] = ()) -> Batch:
        made = self.facts(Erased(at=Millis(self.seq + 1), by=PersonId("owner"), contents=seqs))
        return Batch(made.desk, made.epoch, made.expected_seq, made.rows, erase_content=seqs, erase_refs=refs)


def key_of(desk: str, seq: int) -> bytes:
    """The key that `Scribe.messages` gave to the message of this seq."""
    return hashlib.sha256(f"{desk}/{seq}".encode()).digest()


def buyer(number: int, ref: str | None = None, name: str = "张三", order_no: str = "") -> RefRow:
    key = hashlib.sha256(b"buyer %d" % number).digest()
    return RefRow(key, BuyerRef(ref or f"ref-{number}"), SHOP, f"tb-{number}", name, order_no)
