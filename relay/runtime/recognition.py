"""Whether a message was met before, and who its buyer is (L2): the store knows what is durable, this what is in flight.

What is in flight is noted before the store is asked, because it may land while we ask; so a message is never taken
twice around the border of a commit, and a buyer never gets two references.
"""

from collections.abc import Sequence

import msgspec

from relay.contracts import Arrival, KeyRow, RefRow, Store
from relay.domain.marks import message_id
from relay.domain.names import BuyerRef, ChannelName, DeskId, MessageId
from relay.runtime.draft import Draft
from relay.runtime.keys import body_digest, buyer_key, message_key


class Known(msgspec.Struct, frozen=True):
    """A message met before: its body, the seq that took it, and its batch if that was in flight."""

    body: bytes
    seq: int
    draft: Draft | None


class Identity(msgspec.Struct, frozen=True):
    """The keyed hashes by which one arrival is recognised; `key` and `body` None for a line without an id."""

    buyer: bytes
    key: bytes | None = None
    body: bytes | None = None
    recalls: bytes | None = None


def identify(secret: bytes, channel: ChannelName, arrival: Arrival) -> Identity:
    """Computed once per arrival, when it enters the inbox."""
    has_id = arrival.id is not None
    return Identity(
        buyer_key(secret, arrival.shop, arrival.buyer),
        message_key(secret, channel, arrival, arrival.id) if arrival.id is not None else None,
        body_digest(secret, arrival) if has_id else None,
        message_key(secret, channel, arrival, arrival.recalls) if arrival.recalls is not None else None,
    )


class Findings:
    """What is known of the arrivals of one batch."""

    def __init__(self) -> None:
        self.messages: dict[bytes, list[Known]] = {}
        self.buyers: dict[bytes, BuyerRef] = {}


class Recognizer:
    """The memory of one desk for what is stepped and not yet durable, in front of the store's."""

    def __init__(self, store: Store, desk: DeskId) -> None:
        self._store, self._desk = store, desk
        self._messages: dict[bytes, list[Known]] = {}
        self._buyers: dict[bytes, BuyerRef] = {}

    async def look_up(self, identities: Sequence[Identity]) -> Findings:
        """Everything about these arrivals, asked at once."""
        findings = Findings()
        if not identities:
            return findings
        keys = {key for one in identities for key in (one.key, one.recalls) if key is not None}
        buyers = {one.buyer for one in identities}
        findings.messages = {key: list(self._messages[key]) for key in keys if key in self._messages}
        findings.buyers = {key: self._buyers[key] for key in buyers if key in self._buyers}
        found = await self._store.lookup(sorted(keys), sorted(buyers - findings.buyers.keys()))
        findings.buyers |= found.refs
        for key, seen in found.keys.items():
            findings.messages.setdefault(key, []).extend(Known(one.body, one.seq, None) for one in seen)
        return findings

    def seen(self, key: bytes | None, findings: Findings) -> list[Known]:
        """Every message with this key, durable or in flight."""
        if key is None:
            return []
        return [*findings.messages.get(key, ()), *self._messages.get(key, ())]

    def recalled(self, identity: Identity, findings: Findings) -> MessageId | None:
        """The message that this line takes back; None if relay has never seen it."""
        named = self.seen(identity.recalls, findings)
        return message_id(named[-1].seq) if named else None

    def buyer(self, identity: Identity, findings: Findings) -> BuyerRef | None:
        return findings.buyers.get(identity.buyer) or self._buyers.get(identity.buyer)

    def note(self, identity: Identity, seq: int, new_buyer: RefRow | None, draft: Draft) -> None:
        """This arrival was taken by `draft`; what must be durable with it goes there."""
        if new_buyer is not None:
            draft.refs.append(new_buyer)
            self._buyers[new_buyer.key] = new_buyer.ref
        if identity.key is not None and identity.body is not None:
            draft.keys.append(KeyRow(identity.key, identity.body, seq))
            self._messages.setdefault(identity.key, []).append(Known(identity.body, seq, draft))

    def landed(self, draft: Draft) -> None:
        """The batch is durable: from now on the store knows."""
        for row in draft.keys:
            flying = [one for one in self._messages.get(row.key, ()) if one.draft is not draft]
            if flying:
                self._messages[row.key] = flying
            else:
                self._messages.pop(row.key, None)
        for ref in draft.refs:
            self._buyers.pop(ref.key, None)
