"""The export: the stored bytes spliced into lines, and a checker that needs nothing of relay."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain.names import DeskId
from relay.errors import BadInputError
from relay.store import export_facts, export_heads, read_heads, verify
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe, buyer
from tests.store.ledgers import exported, small_ledger

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_export.py"


@pytest.fixture(scope="module")
def ledger() -> MemoryStore:
    return asyncio.run(small_ledger())


async def test_golden_the_lines_of_an_export() -> None:
    store = MemoryStore(SeededEntropy(1))
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("在吗", refs=[buyer(1)]))
    await store.append(scribe.plain())
    salt = "6b86b273ff34fce19d6b804eff5a3f57"
    one, two = (row.hash.hex() for row in store.read(scribe.desk))
    digest = json.loads(next(store.read(scribe.desk)).body)["digest"]
    assert b"".join(exported(store)).decode().splitlines() == [
        f'{{"desk":"desk-1","seq":1,"hash":"{one}","fact":{{"type":"BuyerWrote@1","at":1,"shop":"shop-1",'
        f'"buyer":"buyer-1","sent_at":1,"digest":"{digest}"}}}}',
        f'{{"desk":"desk-1","seq":1,"salt":"{salt}","content":"5Zyo5ZCX"}}',
        f'{{"desk":"desk-1","seq":2,"hash":"{two}","fact":{{"type":"ChannelConnected@1","at":2,"shop":"shop-1"}}}}',
        '{"buyer":"ref-1","shop":"shop-1","platform_id":"tb-1","name":"\\u5f20\\u4e09"}',
        f'{{"desk":"desk-1","head":2,"hash":"{two}"}}',
    ]


def test_L13_without_names_nothing_personal_is_in_it(ledger: MemoryStore, checker: ModuleType) -> None:
    lines = exported(ledger, names=False)
    assert all(set(json.loads(line)) in ({"desk", "seq", "hash", "fact"}, {"desk", "head", "hash"}) for line in lines)
    assert checker.check(lines) is None
    assert checker.check(lines, names=True) is not None, "texts that were asked for are not there"


def test_up_to_a_seq_and_of_some_desks(ledger: MemoryStore, checker: ModuleType) -> None:
    out = io.BytesIO()
    export_facts(ledger, out, to_seq=4, desks=[DeskId("desk-2")])
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["desk"], line.get("seq"), line.get("head")) for line in lines] == [
        *(("desk-2", seq, None) for seq in range(1, 5)),
        ("desk-2", None, 4),
    ]
    assert checker.check(out.getvalue().splitlines(keepends=True)) is None
    with pytest.raises(ValueError, match="to_seq"):
        export_facts(ledger, out, names=True, to_seq=4)


def test_heads_are_read_from_a_heads_file_and_from_a_whole_export(ledger: MemoryStore, checker: ModuleType) -> None:
    out = io.BytesIO()
    export_heads(ledger, out)
    lines = out.getvalue().splitlines(keepends=True)
    assert read_heads(lines) == ledger.heads() == read_heads(exported(ledger))
    assert checker.read_heads(lines) == {(head.desk, head.seq): head.hash.hex() for head in ledger.heads()}
    for broken in (
        b"{",
        b"[]",
        b'{"head":1}',
        b'{"head":"x","desk":"d","hash":""}',
        b'{"head":1,"desk":"d","hash":"z"}',
    ):
        with pytest.raises(BadInputError, match="line 3"):
            read_heads([*lines, broken])


def test_the_checker_as_a_command(ledger: MemoryStore, tmp_path: Path) -> None:
    export, heads, short = tmp_path / "导出 1.jsonl", tmp_path / "heads.jsonl", tmp_path / "short.jsonl"
    lines = exported(ledger)
    export.write_bytes(b"".join(lines))
    with heads.open("wb") as out:
        export_heads(ledger, out)
    short.write_bytes(b"".join(line for line in exported(ledger, names=False) if b"desk-2" not in line))
    (tmp_path / "bad.jsonl").write_bytes(b"".join([*lines[:2], lines[2].replace(b"desk-1", b"desk-2"), *lines[3:]]))
    (tmp_path / "empty.jsonl").touch()

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", str(SCRIPT), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    assert run(str(export), "--against", str(heads), "--names")[0] == 0
    assert run(str(short))[0] == 0
    code, said = run(str(short), "--against", str(heads))
    assert code == 1
    assert "desk-2 seq 11 was exported once and is gone" in said
    code, said = run("bad.jsonl")
    assert code == 1
    assert "line 3:" in said
    for unreadable in (["none.jsonl"], ["empty.jsonl"], [str(export), "--against", "none.jsonl"]):
        assert run(*unreadable)[0] == 2


def test_the_checker_imports_nothing_of_relay() -> None:
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); print(sorted({'relay', 'msgspec'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-c", code, str(SCRIPT)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("messages"), st.lists(st.text(st.characters(codec="utf-8"), max_size=9), min_size=1, max_size=4)
        ),
        st.tuples(st.just("plain"), st.integers(1, 3)),
        st.tuples(st.just("erase"), st.lists(st.integers(1, 30), max_size=3, unique=True)),
    ),
    max_size=8,
)


async def _written(desks: dict[str, list[tuple[str, object]]]) -> MemoryStore:
    store = MemoryStore(SeededEntropy(1))
    for desk, todo in desks.items():
        scribe = await Scribe.of(store, desk)
        for what, how in todo:
            if what == "messages":
                assert isinstance(how, list)
                await store.append(scribe.messages(*how))
            elif what == "plain":
                assert isinstance(how, int)
                await store.append(scribe.plain(how))
            else:
                assert isinstance(how, list)
                await store.append(scribe.erase(*(seq for seq in how if seq <= scribe.seq)))
    return store


@given(desks=st.dictionaries(st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,9}", fullmatch=True), steps, max_size=3))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_verifies_and_its_export_checks(
    checker: ModuleType, desks: dict[str, list[tuple[str, object]]]
) -> None:
    store = asyncio.run(_written(desks))
    heads = list(store.heads())
    assert verify(store, heads) == []
    lines = exported(store)
    assert read_heads(lines) == heads
    bodies = [row.body for head in heads for row in store.read(head.desk)]
    assert [line.partition(b'"fact":')[2][:-2] for line in lines if b'"fact":' in line] == bodies
    for names in (True, False):
        lines = exported(store, names)
        assert checker.check(lines or [], {}, names) is None or not lines
