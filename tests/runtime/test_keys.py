"""Keyed hashes are plain HMAC-SHA256 over parts with their lengths: any other program can compute them again."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from relay.contracts import Arrival
from relay.domain.names import ChannelName, Millis, ShopId
from relay.runtime.keys import body_digest, buyer_key, message_key

TEXTS = st.text(st.characters(codec=None), max_size=80)  # half a surrogate pair too: a channel may bring one
SECRETS = st.binary(min_size=1, max_size=200)


def _plainly(secret: bytes, *parts: str) -> bytes:
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    content = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return hmac.new(secret, content, "sha256").digest()


@given(SECRETS, TEXTS, TEXTS)
def test_a_buyers_key_is_hmac_sha256(secret: bytes, shop: str, buyer: str) -> None:
    assert buyer_key(secret, ShopId(shop), buyer) == _plainly(secret, "buyer", shop, buyer)


@given(SECRETS, TEXTS, TEXTS, TEXTS)
def test_a_messages_keys_are_hmac_sha256(secret: bytes, name: str, text: str, account: str) -> None:
    arrival = Arrival(
        shop=ShopId("shop"), at=Millis(1), role="merchant", kind="human", buyer="b", id=name, text=text, account=account
    )
    key = message_key(secret, ChannelName("main"), arrival, name)
    assert key == _plainly(secret, "message", "main", "shop", "", "", name)
    assert body_digest(secret, arrival) == _plainly(secret, "body", "merchant", "human", "b", account, text, "")
