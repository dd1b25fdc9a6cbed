"""What was imported is judged as the log is (L13): every case of every rule goes through the history stream."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.cli.history_lines import parts, survey
from relay.contracts import RefRow
from relay.contracts.history import HistoryPart, HistorySource, HistorySums
from relay.domain.codec import decode
from relay.domain.facts import HistoryTold
from relay.domain.names import BuyerRef, ShopId
from relay.domain.streams import history_of
from relay.insight.settlement.history import Joined, rows_of
from relay.insight.settlement.reading import days
from relay.insight.settlement.records import DayRow, Reading, Terms
from relay.insight.settlement.views import reading_view
from relay.rules.catalogue import RULES, rule
from relay.rules.flaws import Watch
from relay.rules.instants import date_text
from relay.rules.messages import Body, Message, scan
from relay.runtime.history import History
from relay.runtime.keys import buyer_key
from relay.store import verify
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe
from tests.domain.world import TEN
from tests.insight.settling import open_law

SHOP = ShopId("shop1")
RULES_FOLDER = Path(__file__).parents[1] / "rules"
MERCHANT = {"assist", "bot", "auto", "helper", "human", "unknown"}
LOOKS = {"as_of", "agent"}


def line(text: str) -> bytes:
    """A line of a case (`tests/rules`), as the log has it."""
    day, clock, who, whom, *rest = text.split()
    kind, _, provider = who.partition(":")
    buyer, _, seat = whom.partition("/")
    role = "merchant" if kind in MERCHANT else "buyer" if kind == "buyer" else "system"
    shown: dict[str, Any] = {"t": f"2022-03-{int(day):02}T{clock}+08:00", "role": role}
    shown |= {"kind": "human" if kind == "buyer" else kind, "bot": provider or None, "sub_account": seat or None}
    shown["buyer"] = None if buyer == "-" else buyer
    for pair in rest:
        key, _, said = pair.partition("=")
        shown[key] = int(said) if key == "skew_ms" else said in ("", "true") if key == "queued" else said
    if "to" in shown and "T" not in shown["to"]:
        shown["to"] = shown["t"][:11] + shown["to"] + "+08:00"
    return json.dumps(shown).encode()


def cases() -> Iterator[Any]:
    for path in sorted(RULES_FOLDER.glob("cases_*.json")):
        id = path.stem.removeprefix("cases_")
        for case in json.loads(path.read_text("utf-8")):
            yield pytest.param("taobao_ww3" if id == "taobao" else id, case, id=f"{id}-{case['id']}")


CASES = list(cases())


class Log:
    """Lines in memory as a source."""

    name = "log"
    seated = None

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def messages(self, watch: Watch) -> Iterator[tuple[int, Body]]:
        return scan(self._lines, None, watch)

    def places(self, ids: frozenset[str]) -> Iterator[tuple[int, str]]:
        raise NotImplementedError

    def sha256(self) -> str:
        return "0" * 64


async def imported(store: MemoryStore, log: Log, of: str | None) -> None:
    taking = History(store, FakeClock(TEN), SeededEntropy(2))
    source = HistorySource(SHOP, log.sha256(), "message_log", options=(("of", of),) if of else ())
    _, meant = survey(log, of, SHOP, lenient=False)
    new = 0
    for some in parts(log, meant, lenient=False):
        new += (await taking.take(HistoryPart(source, some))).new
    await taking.take(HistoryPart(source, sums=HistorySums(new, new)))


def told(store: MemoryStore) -> list[tuple[int, HistoryTold]]:
    facts = [(row.seq, decode(row.body)) for row in store.read(history_of(SHOP))]
    return [(seq, one) for seq, one in facts if isinstance(one, HistoryTold)]


class Again:
    """The facts of some seqs."""

    def __init__(self, facts: Sequence[tuple[int, HistoryTold]]) -> None:
        self._facts = dict(facts)

    def __call__(self, seqs: Sequence[int]) -> list[tuple[int, HistoryTold]]:
        return [(seq, self._facts[seq]) for seq in seqs]


@pytest.mark.parametrize(("rule_id", "case"), CASES)
async def test_every_case_is_judged_as_its_log_is(rule_id: str, case: dict[str, Any]) -> None:
    assert rule_id in RULES
    options = {key: value for key, value in case.get("options", {}).items() if key not in LOOKS}
    lines = [line(text) for text in case["messages"]]
    shops = {body.shop for _, body in scan(lines)} - {None} or {None}
    for shop in shops:
        mine = [one for one in lines if json.loads(one).get("shop") in (None, shop)]
        ledger = rule(rule_id, options)
        ledger.take_all(scan(mine))
        wanted = {date_text(day): row.figure() for day, row in ledger.day_rows().items() if not row.empty}
        store = MemoryStore(SeededEntropy(1))
        await imported(store, Log(lines), shop)
        assert verify(store, store.heads()) == []
        facts = told(store)
        terms = Terms(SHOP, "Asia/Shanghai", (Reading(rule_id, "default", tuple(sorted(options.items()))),))
        found = {}
        for row in rows_of(terms, open_law, facts, Again(facts)):
            if row.kind == "day":
                day = msgspec.msgpack.decode(row.value, type=DayRow)
                assert (day.source, day.settled) == ("history", None)
                if not day.now.whole.row().empty:
                    found[day.date] = day.now.whole.figure()
        assert found == wanted, case["title"]


async def test_a_buyer_is_the_one_who_chats_live() -> None:
    store = MemoryStore(SeededEntropy(1))
    scribe = await Scribe.of(store, "desk-1")
    known = RefRow(buyer_key(store.secret, SHOP, "mia"), BuyerRef("ref-of-chat"), SHOP, "mia", "Mia")
    await store.append(scribe.messages("hello", refs=[known]))
    await imported(store, Log([line("1 10:00:00 buyer mia"), line("1 10:01:00 buyer tom")]), None)
    mia, tom = (one.buyer for _, one in told(store))
    assert mia == "ref-of-chat"
    assert tom is not None
    assert store.buyers([tom])[tom].platform_id == "tom"
    assert store.buyers([BuyerRef("ref-of-chat")])[BuyerRef("ref-of-chat")].name == "Mia"


async def test_half_a_character_is_spelled_out() -> None:
    class Broken(Log):
        def messages(self, watch: Watch) -> Iterator[tuple[int, Body]]:
            yield TEN, Message(at=TEN, role="buyer", kind="human", buyer="mia\ud83d", text="\ud83d", id="1")

    store = MemoryStore(SeededEntropy(1))
    await imported(store, Broken(()), None)
    ((_, one),) = told(store)
    assert one.buyer is not None
    assert store.buyers([one.buyer])[one.buyer].platform_id == "mia\\ud83d"


async def test_two_imports_at_once_take_turns() -> None:
    store = MemoryStore(SeededEntropy(1))
    taking = History(store, FakeClock(TEN), SeededEntropy(2))
    (some,) = parts(Log([line("1 10:00:00 buyer mia"), line("1 10:01:00 human mia")]), None, lenient=False)
    source = HistorySource(SHOP, "1" * 64, "message_log")
    taken = await asyncio.gather(*(taking.take(HistoryPart(source, some)) for _ in range(5)))
    assert sorted(one.new for one in taken) == [0, 0, 0, 0, 2]
    assert len(told(store)) == 2


class Shelf:
    """Day rows by date, each with as many answered of ten as is said."""

    def __init__(self, source: Any, **days: int) -> None:
        self._rows: dict[str, bytes] = {}
        for word, hits in days.items():
            day = f"2022-{word[1:3]}-{word[3:]}"
            side: Any = {"hits": hits, "misses": 10 - hits, "entries": 10}
            row = {
                "shop": SHOP, "date": day, "rule": "r", "version": "v", "reading": "strict", "seat": "",
                "settled_at": 1, "settled": None, "now": {"whole": side, "bare": side}, "source": source,
            }  # fmt: skip
            self._rows[f"{SHOP}/{day}/r/strict"] = msgspec.msgpack.encode(row)

    def scan(self, kind: str, first: str = "", last: str | None = None) -> Iterator[tuple[str, bytes]]:
        for key, value in self._rows.items():
            if kind == "day" and first <= key and (last is None or key < last):
                yield key, value


@pytest.mark.parametrize(
    ("live_from", "history_days"),
    [
        (None, ["2022-03-01", "2022-03-02", "2022-03-03"]),
        ("2022-03-02", ["2022-03-01"]),
        ("2022-03-03", ["2022-03-01", "2022-03-02"]),
        ("2022-02-01", []),
    ],
)
def test_a_day_is_history_or_live_and_live_wins_from_its_first_day_on(
    live_from: str | None, history_days: list[str]
) -> None:
    live, old = Shelf("live", d0302=1, d0304=2), Shelf("history", d0301=9, d0302=8, d0303=7)
    joined = Joined(SHOP, live, old, live_from)
    rows = days(joined, SHOP, date(2022, 3, 1), date(2022, 3, 4))
    assert [one.date for one in rows if one.source == "history"] == history_days
    assert len({one.date for one in rows}) == len(rows)
    assert [one.date for one in rows] == sorted(one.date for one in rows)
    view = reading_view({one.date: one for one in rows}, (), (), date(2022, 3, 3), date(2022, 3, 4))
    assert [span.history_days for span in view.rolling] == [len(history_days)] * 2
    assert [day.source for day in view.days][1] == "live"
