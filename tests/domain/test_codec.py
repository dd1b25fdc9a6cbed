"""L12: the chain. Its formula computed here again from the design's own words, and what any change does to it."""

import hashlib
import hmac
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain.codec import GENESIS, Row, chain, content_digest, decode, encode, link
from relay.domain.names import DeskId, Millis, PersonId, SeatId, ShopId
from tests.domain.one_run import one_run

facts = st.lists(
    st.one_of(
        st.builds(f.DeskStarted, at=st.integers(0, 2**50).map(Millis), epoch=st.integers(0, 9)),
        st.builds(
            f.GraceEnded,
            at=st.integers(0, 2**50).map(Millis),
            seat=st.text(max_size=9).map(SeatId),
            shop=st.sampled_from(["a", "店铺"]).map(ShopId),
        ),
    ),
    min_size=1,
    max_size=8,
)
desks = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()).map(DeskId)


def by_the_book(prev: bytes, desk: str, seq: int, body: bytes) -> bytes:
    """SHA-256(prev(32, zeros first) ‖ len(desk) u16 ‖ desk ‖ seq u64 ‖ bytes), big-endian."""
    name = desk.encode("utf-8")
    return hashlib.sha256(prev + struct.pack(">H", len(name)) + name + struct.pack(">Q", seq) + body).digest()


def head(desk: str, bodies: list[bytes], first_seq: int = 1) -> bytes:
    prev = bytes(32)
    for seq, body in enumerate(bodies, first_seq):
        prev = by_the_book(prev, desk, seq, body)
    return prev


@given(facts, desks, st.integers(1, 2**40))
def test_the_chain_is_the_formula_of_the_design(run: list[f.Fact], desk: DeskId, first_seq: int) -> None:
    rows = chain(GENESIS, desk, first_seq, run)
    assert [row.seq for row in rows] == list(range(first_seq, first_seq + len(run)))
    assert [row.body for row in rows] == [encode(one) for one in run]
    assert rows[-1].hash == head(desk, [row.body for row in rows], first_seq)


@given(facts, desks)
def test_one_link_after_the_other_is_the_chain(run: list[f.Fact], desk: DeskId) -> None:
    prev, rows = GENESIS, []
    for seq, one in enumerate(run, 1):
        prev = link(prev, desk, seq, encode(one))
        rows.append(Row(seq, encode(one), prev))
    assert rows == chain(GENESIS, desk, 1, run)


@given(facts, st.integers(0, 7))
def test_batch_borders_do_not_change_a_hash(run: list[f.Fact], cut: int) -> None:
    desk = DeskId("d")
    first = chain(GENESIS, desk, 1, run[:cut])
    prev = first[-1].hash if first else GENESIS
    assert first + chain(prev, desk, 1 + len(first), run[cut:]) == chain(GENESIS, desk, 1, run)


@given(facts, st.data())
def test_any_flipped_bit_changes_the_head(run: list[f.Fact], data: st.DataObject) -> None:
    bodies = [encode(one) for one in run]
    which = data.draw(st.integers(0, len(bodies) - 1))
    bit = data.draw(st.integers(0, len(bodies[which]) * 8 - 1))
    changed = bytearray(bodies[which])
    changed[bit // 8] ^= 1 << bit % 8
    assert head("d", [*bodies[:which], bytes(changed), *bodies[which + 1 :]]) != head("d", bodies)


def test_removing_inserting_and_reordering_change_the_head() -> None:
    bodies = [encode(fact) for fact in one_run(4, 30).facts]
    whole = head("d", bodies)
    for at in range(len(bodies) - 1):
        assert head("d", bodies[:at] + bodies[at + 1 :]) != whole
        assert head("d", [*bodies[:at], bodies[at], *bodies[at:]]) != whole
        if bodies[at] != bodies[at + 1]:
            assert head("d", [*bodies[:at], bodies[at + 1], bodies[at], *bodies[at + 2 :]]) != whole


def test_a_body_cannot_lend_its_bytes_to_the_name_of_the_desk() -> None:
    assert link(GENESIS, DeskId("ab"), 1, b"c") != link(GENESIS, DeskId("a"), 1, b"bc")


def test_another_desk_another_place_or_another_past_is_another_hash() -> None:
    base = link(GENESIS, DeskId("d"), 1, b"{}")
    others = {
        link(GENESIS, DeskId("e"), 1, b"{}"),
        link(GENESIS, DeskId("d"), 2, b"{}"),
        link(base, DeskId("d"), 1, b"{}"),
    }
    assert len(others | {base}) == 4


def test_every_fact_of_a_run_comes_back_from_its_bytes() -> None:
    for fact in one_run(2).facts:
        assert decode(encode(fact)) == fact


def test_defaults_are_left_out_and_text_stays_readable() -> None:
    fact = f.ConversationClosed(at=Millis(5), shop=ShopId("a"), buyer="r1", seat=None, by=PersonId("小美"))
    assert (
        encode(fact)
        == '{"type":"ConversationClosed@1","at":5,"shop":"a","buyer":"r1","seat":null,"by":"小美"}'.encode()
    )


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"type":"DeskStarted@1"}', b'{"type":"DeskStarted@1","at":"1","epoch":1}']
)
def test_bytes_that_are_no_fact_are_refused(body: bytes) -> None:
    with pytest.raises(Exception, match=r"."):
        decode(body)


@given(st.binary(min_size=16, max_size=16), st.binary())
def test_a_content_digest_is_a_keyed_hash_of_the_bytes(salt: bytes, content: bytes) -> None:
    assert content_digest(salt, content) == hmac.new(salt, content, hashlib.sha256).hexdigest()
