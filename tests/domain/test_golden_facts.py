"""The bytes of every fact type, for ever: what was written once is read for ever, means the same, and is written again.

`golden_facts.json` has for each wire name a list of bodies with the value they mean, defaults spelled out: one body
with every field set, one with every default left out. A new field gets one more body; an old body is never edited. A
default that changes breaks this test, because it would change what old ledgers say.
"""

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain.codec import decode, encode

GOLDEN: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "golden_facts.json").read_text(encoding="utf-8")
)
HISTORY = get_args(f.HistoryFact)
TYPES: dict[str, type[f.Fact]] = {
    str(one.__struct_config__.tag): one
    for one in (*get_args(f.DeskFact), *get_args(f.OfficeFact), f.OrderTold, *HISTORY)
}
BODIES = [(name, number) for name, bodies in GOLDEN.items() for number in range(len(bodies))]


def meaning(value: Any) -> Any:
    """A value with every default spelled out, as plain JSON."""
    if isinstance(value, msgspec.Struct):
        told = {name: meaning(getattr(value, name)) for name in value.__struct_fields__}
        return {"type": value.__struct_config__.tag, **told} if value.__struct_config__.tag else told
    if isinstance(value, list | tuple):
        return [meaning(one) for one in value]
    if isinstance(value, dict):
        return {str(key): meaning(one) for key, one in value.items()}
    return value


def still_says(now: Any, then: Any) -> bool:
    """Whether everything that was meant then is meant now; a field that came later may stand beside it."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(key in now and still_says(now[key], value) for key, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(still_says, now, then))
    return bool(now == then)


def body(name: str, number: int) -> bytes:
    return str(GOLDEN[name][number]["bytes"]).encode()


def test_every_type_of_fact_has_golden_bytes() -> None:
    assert set(TYPES) == set(GOLDEN)


@pytest.mark.parametrize(("name", "number"), BODIES)
def test_the_bytes_are_read_and_written_again_as_they_were(name: str, number: int) -> None:
    fact = decode(body(name, number))
    assert type(fact) is TYPES[name]
    assert encode(fact) == body(name, number)


@pytest.mark.parametrize(("name", "number"), BODIES)
def test_the_bytes_mean_what_they_meant(name: str, number: int) -> None:
    assert still_says(meaning(decode(body(name, number))), GOLDEN[name][number]["means"])


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_every_field_is_set_in_some_body_and_every_default_left_out_in_another(name: str) -> None:
    kind = TYPES[name]
    bodies = [set(json.loads(body(name, number))) - {"type"} for number in range(len(GOLDEN[name]))]
    required = {one.name for one in msgspec.structs.fields(kind) if one.required}
    assert set().union(*bodies) == set(kind.__struct_fields__)
    assert required in bodies


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_field_that_is_not_yet_known_here_is_passed_over(name: str) -> None:
    """A reader of an older release meets a newer field: nothing else changes."""
    told = json.loads(body(name, 0))
    assert decode(json.dumps({**told, "added_later": 1}).encode()) == decode(body(name, 0))


def test_no_fact_has_a_field_for_a_name_or_a_text_of_a_buyer() -> None:
    forbidden = {"text", "name", "phone", "address", "nick", "buyer_id", "buyer_name"}
    for kind in (*get_args(f.DeskFact), f.OrderTold, *HISTORY):
        assert not forbidden & set(kind.__struct_fields__)


def test_an_unknown_type_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"type":"BuyerWrote@99","at":1}')
