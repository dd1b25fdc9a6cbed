"""How a message and a buyer are recognised again without keeping what the platform calls them (L2).

A message key is HMAC-SHA256 under the store's secret over channel, shop, self id, conversation and id; a body digest
over what makes two lines the same (role, kind, buyer, sub-account, text, content). Both outlive erasure.
"""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from relay.contracts import Arrival, Restored
from relay.domain.names import BuyerRef, ChannelName, DeskId, SendId, ShopId, TransferId

if TYPE_CHECKING:
    from hashlib import _Hash

BLOCK: Final = 64
"""Bytes that SHA-256 takes at a time."""


def message_key(secret: bytes, channel: ChannelName, arrival: Arrival, message_id: str) -> bytes:
    """The dedupe key of this id on this channel, in this arrival's shop and conversation."""
    words = _words("message", channel, arrival.shop)
    return _mac(secret, words, arrival.self_id, arrival.conversation, message_id)


def body_digest(secret: bytes, arrival: Arrival) -> bytes:
    """What must be equal for two lines with one id to be the same line."""
    words = _words("body", arrival.role, arrival.kind)
    return _mac(secret, words, arrival.buyer, arrival.account or "", arrival.text, arrival.content or "")


def buyer_key(secret: bytes, shop: ShopId, platform_id: str) -> bytes:
    """By what a buyer's reference is found again."""
    return _mac(secret, _words("buyer", shop), platform_id)


def outgoing_key(secret: bytes, desk: DeskId, send: SendId, restored: Sequence[Restored] = ()) -> str:
    """The name under which a send goes out: the same for every attempt, and unlike that of any other relay.

    After a restore seqs come again, and names must not: those of sends after it carry the mark of that restore.
    """
    return f"{desk}-{send}-{_mac(secret, _words('send', desk), send, *_marks(send, restored)).hex()[:12]}"


def transfer_key(secret: bytes, desk: DeskId, transfer: TransferId, restored: Sequence[Restored] = ()) -> str:
    """The name under which a transfer is asked for: the same for every attempt."""
    marks = _marks(transfer, restored)
    return f"{desk}-{transfer}-{_mac(secret, _words('transfer', desk), transfer, *marks).hex()[:12]}"


def draft_mark(secret: bytes, shop: ShopId, buyer: BuyerRef, message: str, text: str) -> str:
    """The mark of a draft within its question: equal for equal words, and of no use without the secret."""
    return _mac(secret, _words("draft", shop), buyer, message, text).hex()[:12]


def send_of(secret: bytes, desk: DeskId, key: str, restored: Sequence[Restored] = ()) -> SendId | None:
    """Which send of this desk a channel shows us again; None if it is none of ours."""
    send = SendId(key.removeprefix(f"{desk}-").rpartition("-")[0])
    return send if hmac.compare_digest(key.encode(), outgoing_key(secret, desk, send, restored).encode()) else None


def _marks(name: str, restored: Sequence[Restored]) -> list[str]:
    """The mark of the last restore before what is named like this (`s12`, `t7`), if there was one."""
    seq = int(name[1:]) if name[1:].isdecimal() else 0
    return [one.mark.hex() for one in restored if one.seq < seq][-1:]


def _mac(secret: bytes, words: bytes, *parts: str) -> bytes:
    """HMAC over length-prefixed parts, of which `words` are the first, so that no two lists of parts can read alike."""
    inner, outer = _halves(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(words + b"".join([_prefixed(part) for part in parts]))
    outer.update(inner.digest())
    return outer.digest()


def _prefixed(part: str) -> bytes:
    encoded = part.encode("utf-8", "surrogatepass")
    return len(encoded).to_bytes(4) + encoded


@lru_cache(maxsize=1024)
def _words(*parts: str) -> bytes:
    """The parts that are the same for many messages; nothing that names or quotes a buyer is among them."""
    return b"".join([_prefixed(part) for part in parts])


@lru_cache(maxsize=8)
def _halves(secret: bytes) -> "tuple[_Hash, _Hash]":
    """The two hashes of HMAC (RFC 2104) with the secret worked in, to go on from: every message needs three."""
    key = (secret if len(secret) <= BLOCK else sha256(secret).digest()).ljust(BLOCK, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in key)), sha256(bytes(byte ^ 0x5C for byte in key))
