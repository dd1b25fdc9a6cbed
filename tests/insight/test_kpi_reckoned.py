"""Every KPI of random worlds, of simulated shops and of a real chat log, held against a second, slow reckoning."""

import json
import random
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.guiding import Author, Kind
from relay.domain.marks import day_of
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import Seat, Shop
from relay.insight.kpi import Kpi, Row, Sums, lines_of, presence, taking
from relay.insight.kpi import talk as talking
from relay.insight.kpi.holding import Holding
from relay.insight.kpi.sums import FIELDS
from relay.insight.kpi.when import date_of, number_of
from relay.insight.one_shop import OneShop
from tests.domain.one_run import one_run
from tests.insight.kpi_reckoned import Reckoned, others, talk
from tests.proof.plan import draw
from tests.proof.world import World, desk_facts

CHATS = next(
    (found for folder in Path(__file__).parents if (found := folder / "shared/data/stripe-support.jsonl").exists()),
    None,
)
"""Real chats, where whoever runs the tests has them in a folder beside the project."""
VENDORS = {"a1": "acme", "b2": "acme", "a2": "beta"}
Facts = list[f.DeskFact]


def outsourced(facts: Facts) -> Facts:
    """The same world with two firms; bob's seat changes from one to the other whenever it is set again."""
    found, turns = [], 0
    for fact in facts:
        if isinstance(fact, f.OfficeTaken) and isinstance(fact.subject, Seat):
            seat = fact.subject
            vendor = VENDORS.get(seat.id, "")
            if seat.id == "a2":
                vendor, turns = ("beta", "acme")[turns % 2], turns + 1
            fact = replace(fact, subject=replace(seat, vendor=vendor))
        found.append(fact)
    return found


def rows_of(facts: Facts, shops: frozenset[str] | None = None) -> list[Row]:
    kpi = Kpi(shops)
    for seq, fact in enumerate(facts, 1):
        kpi.take(seq, fact)
    return kpi.rows()


def told(sums: Sums) -> dict[str, int]:
    return {name: value for name in FIELDS if (value := getattr(sums, name))}


def compare(facts: Facts) -> None:
    book = Reckoned(facts)
    rows = rows_of(facts)
    assert rows
    for row in rows:
        reckoned = talk(book, row.by, row.name, row.date) | others(book, row.by, row.name, row.date)
        assert told(row.sums) == reckoned, (row.date, row.by, row.name)


@pytest.mark.parametrize("seed", range(30))
def test_a_random_world(seed: int) -> None:
    compare(outsourced(one_run(seed, 80).facts))


@given(seed=st.integers(1_000, 10_000_000))
@settings(max_examples=15, deadline=None)
def test_any_random_world(seed: int) -> None:
    compare(outsourced(one_run(seed, 60).facts))


@pytest.mark.parametrize("seed", [3, 4])
def test_a_simulated_house(seed: int) -> None:
    """The real service in virtual time, with a bridge, agents, a machine, deaths and a night."""
    with TemporaryDirectory() as folder:
        world = World(draw(seed, 12, 3), Path(folder))
        world.run()
        for facts in desk_facts(world.disk.path).values():
            compare(facts)


@given(seed=st.integers(0, 10_000_000), shop=st.sampled_from(["a", "b"]))
@settings(max_examples=25, deadline=None)
def test_one_shops_facts_are_enough_for_its_figures(seed: int, shop: str) -> None:
    """What an export of one shop shows gives the rows of the whole ledger for that shop."""
    facts = outsourced(one_run(seed, 60).facts)
    one, alone = OneShop(ShopId(shop)), Kpi({shop})
    for seq, fact in enumerate(facts, 1):
        if one.owns(seq, fact):
            alone.take(seq, fact)
    assert alone.rows() == rows_of(facts, frozenset({shop}))


@given(seed=st.integers(0, 10_000_000))
@settings(max_examples=25, deadline=None)
def test_hours_and_shops_add_up_to_days_and_days_to_any_time(seed: int) -> None:
    rows = rows_of(outsourced(one_run(seed, 80).facts))
    by_day: dict[str, Sums] = {row.date: row.sums for row in rows if row.by == "day"}
    for by in ("hour", "shop"):
        parts: dict[str, Sums] = {}
        for row in rows:
            if row.by == by:
                parts.setdefault(row.date, Sums()).add(row.sums)
        for day, whole in by_day.items():
            peaks = {"peak"} if by == "shop" else set()  # at most as many at once as in all shops together
            assert {k: v for k, v in told(parts[day]).items() if k not in peaks} == {
                k: v for k, v in told(whole).items() if k not in peaks
            }
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert lines_of(shuffled, "seat") == lines_of(rows, "seat")


@given(seed=st.integers(0, 10_000_000))
@settings(max_examples=15, deadline=None)
def test_days_that_were_let_go_take_no_other_along(seed: int) -> None:
    facts = outsourced(one_run(seed, 80).facts)
    kpi = Kpi()
    for seq, fact in enumerate(facts, 1):
        kpi.take(seq, fact)
    before = kpi.rows(standing=False)
    for border in sorted({row.date for row in before}):
        kpi.forget(number_of(date.fromisoformat(border)))
        assert kpi.rows(standing=False) == [row for row in before if row.date >= border]


@given(seed=st.integers(0, 10_000_000))
@settings(max_examples=25, deadline=None)
def test_rows_that_were_kept_and_rows_that_came_later_are_all_rows(seed: int) -> None:
    """What a roll-up does: settle the days that are over, let go of them, add what is told later."""
    facts = outsourced(one_run(seed, 80).facts)
    kpi, whole, border, recalls = Kpi(), Kpi(), 0, False
    cells: dict[tuple[str, str, str], Sums] = {}

    def keep(rows: list[Row]) -> None:
        for row in rows:
            cells.setdefault((row.date, row.by, row.name), Sums()).add(row.sums)

    for seq, fact in enumerate(facts, 1):
        recalls = recalls or isinstance(fact, f.MessageRecalled)
        kpi.take(seq, fact)
        whole.take(seq, fact)
        day = day_of(kpi.as_of)
        if border and day > border:
            keep([row for row in kpi.rows(standing=False) if row.date < date_of(day)])
            kpi.forget(day)
        border = day
    keep(kpi.rows(standing=False))
    assume(not kpi.late and not recalls)
    assert {place: told(sums) for place, sums in cells.items() if told(sums)} == {
        (row.date, row.by, row.name): told(row.sums) for row in whole.rows(standing=False) if told(row.sums)
    }


# --- a real log, as a desk that only watches would have it


def watched(path: Path) -> Facts:
    """The log as facts: every support person a seat, nobody placed."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["at"] = Millis(int(datetime.fromisoformat(line["t"]).timestamp() * 1000))
    lines.sort(key=lambda line: line["at"])
    shop, start = ShopId("stripe"), lines[0]["at"]
    facts: Facts = [f.OfficeTaken(at=start, office_seq=1, subject=Shop(shop, DeskId("desk")))]
    for number, account in enumerate(sorted({line["sub_account"] for line in lines if line["role"] == "merchant"}), 2):
        seat = Seat(SeatId(account.lower()), shop, PersonId(account.lower()), account=account)
        facts.append(f.OfficeTaken(at=start, office_seq=number, subject=seat))
    for line in lines:
        buyer = BuyerRef(line["buyer"])
        if line["role"] == "buyer":
            facts.append(f.BuyerWrote(at=line["at"], shop=shop, buyer=buyer, sent_at=line["at"], digest=""))
        else:
            facts.append(
                f.ShopWrote(
                    at=line["at"],
                    shop=shop,
                    buyer=buyer,
                    sent_at=line["at"],
                    digest="",
                    author=Author(Kind(line["kind"])),
                    account=line["sub_account"],
                )
            )
    return facts


@pytest.mark.skipif(CHATS is None, reason="the recorded chats (shared/data/stripe-support.jsonl) are not here")
def test_a_real_log() -> None:
    assert CHATS is not None
    facts = watched(CHATS)
    rows = rows_of(facts)
    book = Reckoned(facts)
    lines_of_buyer = {key: book.lines(key) for key in book.keys}
    book.lines = lines_of_buyer.__getitem__  # type: ignore[method-assign]
    book.moves = lambda key: []  # type: ignore[method-assign]  # nobody was placed
    busiest = sorted({row.date for row in rows}, key=lambda one: -_said(rows, one))[:3]
    for row in rows:
        if row.date in busiest:
            assert told(row.sums) == talk(book, row.by, row.name, row.date), (row.date, row.by, row.name)
    assert sum(_said(rows, one) for one in busiest) > 100


def _said(rows: list[Row], day: str) -> int:
    return sum(row.sums.agent_messages for row in rows if row.by == "day" and row.date == day)


# --- planted bugs: each must be found


def _no_entry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(talking, "_wait", lambda one, by: one.answer and one.answer.at - one.opening.at)


def _machines_answer(patch: pytest.MonkeyPatch) -> None:
    kinds = {Kind.assist: "person", Kind.bot: "person", Kind.human: "person"}
    patch.setattr(taking, "_sort", lambda author: kinds.get(author.kind))


def _late_by_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(talking, "SOON_MS", 0)


def _pool_keeps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Holding, "unplace", lambda self, key, at: None)


def _merchants_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(talking, "_rounds", lambda lines: iter(()))


def _nobody_leaves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(talking, "_leaves", lambda view, move: False)


def _unknown_is_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(taking._TABLE, f.SendEnded, _send_ended)


def _send_ended(kpi: Kpi, seq: int, fact: f.SendEnded) -> None:
    if fact.outcome != "unknown":
        Kpi._send_ended(kpi, seq, fact)
    else:
        Kpi._send_ended(kpi, seq, replace(fact, outcome="confirmed"))


def _debts_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(taking._TABLE, f.DebtClosed, lambda kpi, seq, fact: None)


def _hours_are_cut(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(presence, "_by_hour", lambda spans: spans)


BUGS = (
    _no_entry, _machines_answer, _late_by_one, _pool_keeps, _merchants_first, _nobody_leaves, _unknown_is_sent,
    _debts_for_ever, _hours_are_cut,
)  # fmt: skip


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    with pytest.raises(AssertionError):
        _compare_many()


def _compare_many() -> None:
    for seed in range(60):
        compare(outsourced(one_run(seed, 80).facts))
