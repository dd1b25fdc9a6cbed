"""The one form in which a fact is stored, hashed and exported, and the chain that binds it to the one before.

    hash = SHA-256(prev(32 bytes, zeros first) ‖ len(desk) u16 ‖ desk ‖ seq u64 ‖ bytes)      integers big-endian

The stored bytes are what was hashed; nothing ever encodes a stored fact again. A content digest is
HMAC-SHA256(salt, bytes) in hex, so that the text can be erased together with its salt while the chain still holds.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from relay.domain.facts import AnyFact, Fact
from relay.domain.names import DeskId

GENESIS: Final = bytes(32)
SALT_BYTES: Final = 16

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyFact] = msgspec.json.Decoder(AnyFact)


class Row(msgspec.Struct, frozen=True):
    """One fact as it lies in the journal."""

    seq: int
    body: bytes
    hash: bytes


def encode(fact: Fact) -> bytes:
    """The bytes of a fact: JSON in field order, defaults left out."""
    return _encoder.encode(fact)


def decode(body: bytes) -> AnyFact:
    """The fact of these bytes. Raises `msgspec.ValidationError` for an unknown type or a wrong shape."""
    return _decoder.decode(body)


def link(prev: bytes, desk: DeskId, seq: int, body: bytes) -> bytes:
    """The hash of one fact, given that of the fact before it."""
    return linker(desk)(prev, seq, body)


def linker(desk: DeskId) -> Callable[[bytes, int, bytes], bytes]:
    """`link` for many facts of one desk."""
    name = desk.encode()
    prefix, sha256 = len(name).to_bytes(2) + name, hashlib.sha256

    def link(prev: bytes, seq: int, body: bytes) -> bytes:
        return sha256(b"".join((prev, prefix, seq.to_bytes(8), body))).digest()

    return link


def chain(prev: bytes, desk: DeskId, first_seq: int, facts: Iterable[Fact]) -> list[Row]:
    """Encode and link a run of facts that follows a fact with hash `prev`."""
    name = desk.encode()
    prefix = len(name).to_bytes(2) + name
    sha256, encode_one = hashlib.sha256, _encoder.encode
    rows = []
    for seq, fact in enumerate(facts, first_seq):
        body = encode_one(fact)
        prev = sha256(b"".join((prev, prefix, seq.to_bytes(8), body))).digest()
        rows.append(Row(seq, body, prev))
    return rows


def content_digest(salt: bytes, content: bytes) -> str:
    """What a fact says of a text it binds."""
    return hmac.digest(salt, content, "sha256").hex()
