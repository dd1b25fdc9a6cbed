"""What is owed, over a real ledger file: report, explain, verify; and the notes of follow-ups after a restart."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.explain import explain
from relay.cli.report import report
from relay.contracts import Arrival
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import DEFAULT_DEBT_LADDER, Grant, Person, Seat, Shop
from relay.rules.guiding import guiding
from relay.runtime.desk_runner import DeskRunner
from relay.runtime.recovery import recover
from relay.store import open_ledger, verify
from relay.store.sqlite import SqliteStore, open_store
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.web.promised import Promised

DESK, SHOP, ANN = DeskId("desk"), ShopId("shop"), PersonId("ann")
TEN = 1_772_416_800_000
HOUR_MS = 3_600_000


async def running(store: SqliteStore, clock: FakeClock) -> DeskRunner:
    claim = await store.claim(DESK)
    desk, _ = recover(store, DESK, claim, guiding)
    runner = DeskRunner(
        desk,
        epoch=claim.epoch,
        head_hash=claim.head_hash,
        store=store,
        clock=clock,
        entropy=SeededEntropy(claim.epoch),
        carry=lambda committed: None,
    )
    runner.start()
    await runner.post(i.StartDesk(epoch=claim.epoch))
    return runner


async def lived(path: Path) -> None:
    """One buyer is held and never answered, one is answered; one follow-up is kept late, one stays open, changed."""
    clock = FakeClock(TEN)
    store = open_store(path, SeededEntropy(7))
    runner = await running(store, clock)
    for seq, subject in enumerate((
        Person(ANN, roles=(Grant(SHOP, "agent"),)),
        Shop(SHOP, DESK, channel=ChannelName("wire"), debt_ladder=DEFAULT_DEBT_LADDER),
        Seat(SeatId("s1"), SHOP, ANN),
    ), 1):  # fmt: skip
        await runner.post(i.TakeOffice(office_seq=seq, subject=subject))
    await runner.post(i.ConnectChannel(shop=SHOP))
    await runner.post(i.SetPresence(seat=SeatId("s1"), presence="online"))

    async def said(role: Any, buyer: str, text: str) -> BuyerRef:
        clock.advance(1_000)
        at = Millis(clock.now())
        line = Arrival(shop=SHOP, at=at, role=role, kind="human", buyer=buyer, id=f"{buyer}{clock.at}", text=text)
        await runner.take(ChannelName("wire"), line)
        refs = {row.platform_id: ref for ref, row in store.buyers(await runner.look(_refs)).items()}
        return refs[buyer]

    async def follow(buyer: BuyerRef, seconds: int, note: str) -> None:
        due_at = Millis(clock.now() + seconds * 1000)
        await runner.submit(i.MakeFollowUp(shop=SHOP, buyer=buyer, by=ANN, due_at=due_at), note)

    held, kept = await said("buyer", "tb-1", "在吗"), await said("buyer", "tb-2", "在吗")
    for buyer in ("tb-1", "tb-2"):
        await said("merchant", buyer, "请稍等")
    await said("merchant", "tb-2", "今天发货")
    await follow(kept, 60, "开发票，抬头 13800138000")
    await follow(held, 7_200, "核实物流")
    clock.advance(100_000)
    first, second = await runner.look(lambda state: list(state.follow_ups))
    await runner.submit(i.FinishFollowUp(follow_up=first, by=ANN, reason="phoned"))
    await runner.submit(i.ChangeFollowUp(follow_up=second, by=ANN), "核实物流，单号已查")
    await runner.stop()
    await store.close()


def _refs(state: Any) -> list[BuyerRef]:
    return [buyer for _, buyer in state.conversations]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "relay.db"
    asyncio.run(lived(path))
    return path


def test_the_report_says_what_was_held_and_never_answered(ledger: Path) -> None:
    result = CliRunner().invoke(report, ["--data", str(ledger)])
    assert result.exit_code == 0, result.output
    assert "稍等后从未答复 / held and never answered: 1（目标 0，未达标 / the goal is 0）" in result.output
    assert "debts 2: answered 1" in result.output
    assert "follow-ups 2: in time 0, late 1, dropped 0, open 1" in result.output
    assert "2026-03-02  shop  s1" in result.output


def test_as_json_only_where_it_is_asked_for(ledger: Path) -> None:
    plain = CliRunner().invoke(report, ["--data", str(ledger), "--json"])
    more = CliRunner().invoke(report, ["--data", str(ledger), "--json", "--owed"])
    without = json.loads(more.output)
    owed = without.pop("owed")
    assert without == json.loads(plain.output)
    assert more.output.startswith(plain.output.rstrip().removesuffix("}"))
    assert (owed["debts"]["opened"], owed["debts"]["never_answered"]) == (2, 1)
    assert [day["seat"] for day in owed["days"]] == ["s1"]
    early = json.loads(CliRunner().invoke(report, ["--data", str(ledger), "--json", "--owed", "--to", "8"]).output)
    assert early["owed"]["debts"]["opened"] == 0


def test_explain_says_what_is_still_owed_to_a_buyer(ledger: Path) -> None:
    said = CliRunner().invoke(explain, ["desk", "tb-1", "--data", str(ledger)]).output
    assert "欠答 / an answer is owed since 03-02 10:00:03" in said
    assert "到点 / due，ann" in said
    assert "FollowUpMade" in said
    other = CliRunner().invoke(explain, ["desk", "tb-2", "--data", str(ledger)]).output
    assert "an answer is owed" not in other
    assert "FollowUpDone" in other


def test_the_notes_are_content_that_the_ledger_binds(ledger: Path) -> None:
    with open_ledger(ledger) as found:
        assert not verify(found)
        assert b"13800138000" not in b"".join(row.body for row in found.read(DESK))


def test_the_newest_note_is_there_again_after_a_restart(ledger: Path) -> None:
    async def main() -> tuple[list[str | None], int]:
        clock = FakeClock(TEN + 2 * HOUR_MS)
        store = open_store(ledger, SeededEntropy(8))
        runner = await running(store, clock)
        runner.begin_ticking()
        await runner.look(lambda state: None)
        promised = Promised()
        state = await runner.look(lambda state: state)
        promised.warm(state, runner)
        notes = [promised.told(one).note for one in state.follow_ups.values()]
        due = sum(isinstance(one.fact, f.FollowUpDue) for one in runner.read(1))
        await runner.stop()
        await store.close()
        return notes, due

    assert asyncio.run(main()) == (["核实物流，单号已查"], 0)
