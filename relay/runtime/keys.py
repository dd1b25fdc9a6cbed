"""How a message and a buyer are recognised again without keeping what the platform calls them (L2).

A message key is HMAC-SHA256 under the store's secret over channel, shop, self id, conversation and id; a body digest
over what makes two lines the same (role, kind, buyer, sub-account, text, content). Both outlive erasure.
"""

import hmac

from relay.contracts import Arrival
from relay.domain.names import ChannelName, DeskId, SendId, ShopId


def message_key(secret: bytes, channel: ChannelName, arrival: Arrival, message_id: str) -> bytes:
    """The dedupe key of this id on this channel, in this arrival's shop and conversation."""
    return _mac(secret, "message", channel, arrival.shop, arrival.self_id, arrival.conversation, message_id)


def body_digest(secret: bytes, arrival: Arrival) -> bytes:
    """What must be equal for two lines with one id to be the same line."""
    return _mac(
        secret,
        "body",
        arrival.role,
        arrival.kind,
        arrival.buyer,
        arrival.account or "",
        arrival.text,
        arrival.content or "",
    )


def buyer_key(secret: bytes, shop: ShopId, platform_id: str) -> bytes:
    """By what a buyer's reference is found again."""
    return _mac(secret, "buyer", shop, platform_id)


def outgoing_key(secret: bytes, desk: DeskId, send: SendId) -> str:
    """The name under which a send goes out: the same for every attempt, and unlike that of any other relay."""
    return f"{desk}-{send}-{_mac(secret, 'send', desk, send).hex()[:12]}"


def send_of(secret: bytes, desk: DeskId, key: str) -> SendId | None:
    """Which send of this desk a channel shows us again; None if it is none of ours."""
    send = SendId(key.removeprefix(f"{desk}-").rpartition("-")[0])
    return send if hmac.compare_digest(key.encode(), outgoing_key(secret, desk, send).encode()) else None


def _mac(secret: bytes, *parts: str) -> bytes:
    """HMAC over length-prefixed parts, so that no two different lists of parts can read alike."""
    pieces: list[bytes] = []
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        pieces += (len(encoded).to_bytes(4), encoded)
    return hmac.digest(secret, b"".join(pieces), "sha256")
