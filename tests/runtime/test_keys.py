"""Keyed hashes are plain HMAC-SHA256 over parts with their lengths: any other program can compute them again."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from relay.contracts import Arrival, Restored
from relay.domain.names import ChannelName, DeskId, Millis, SendId, ShopId, TransferId
from relay.runtime.keys import body_digest, buyer_key, message_key, outgoing_key, send_of, transfer_key

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


def test_names_of_sends_are_those_of_before_up_to_a_restore_and_others_after_it() -> None:
    """The seqs of the lost facts come again; a channel that knows their names must not take the new for the old."""
    secret, desk = b"s" * 32, DeskId("main")
    restored = [Restored(10, b"first"), Restored(20, b"second")]
    for seq, history in ((10, []), (11, restored[:1]), (20, restored[:1]), (21, restored)):
        send = SendId(f"s{seq}")
        name = outgoing_key(secret, desk, send, restored)
        assert name == outgoing_key(secret, desk, send, history)
        assert (name == outgoing_key(secret, desk, send)) == (seq == 10)
        assert send_of(secret, desk, name, restored) == send
    lost = outgoing_key(secret, desk, SendId("s15"))
    assert send_of(secret, desk, lost, restored) is None
    assert send_of(secret, desk, "main-sx-abc", restored) is None
    assert transfer_key(secret, desk, TransferId("t15"), restored) != transfer_key(secret, desk, TransferId("t15"))
