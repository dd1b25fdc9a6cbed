"""`relay report --shadow` and `relay explain` over a real ledger file of a shop that is only watched."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from relay.cli.explain import explain
from relay.cli.report import report
from relay.contracts import Arrival
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef, ChannelName, PersonId, ReplyId, SeatId, ShopId
from relay.domain.settings import Grant, Person, QuickReply, Seat, Shop
from relay.store import open_ledger
from relay.store.sqlite import open_store
from relay.testing.fakes import FakeClock, SeededEntropy
from tests.cli.test_owed import DESK, SHOP, TEN, running


async def lived(path: Path) -> None:
    """One question is answered after 200 s, and shadow recorded a hold after 160."""
    clock = FakeClock(TEN)
    store = open_store(path, SeededEntropy(7))
    runner = await running(store, clock)
    runner.begin_ticking()
    for seq, subject in enumerate((
        Person(PersonId("ann"), roles=(Grant(SHOP, "agent"),)),
        Shop(SHOP, DESK, channel=ChannelName("wire"), assist="shadow"),
        Seat(SeatId("s1"), SHOP, PersonId("ann")),
        QuickReply(ReplyId("wait"), 1, text="稍等", purpose="hold", status="approved", approved_by=PersonId("boss")),
    ), 1):  # fmt: skip
        await runner.post(i.TakeOffice(office_seq=seq, subject=subject))
    await runner.post(i.ConnectChannel(shop=SHOP, placement="observe"))

    async def said(role: Any, text: str) -> None:
        at = clock.now()
        line = Arrival(shop=SHOP, at=at, role=role, kind="human", buyer="tb-1", id=f"{at}", text=text, account="s1")
        await runner.take(ChannelName("wire"), line)

    await said("buyer", "在吗")
    clock.advance(160_000)
    await runner.post(i.Tick())
    while await runner.look(lambda state: not state.conversations[SHOP, _only(state)].round.machine):
        await runner.post(i.Tick())
    clock.advance(40_000)
    await said("merchant", "今天发货")
    await runner.stop()
    await store.close()


def _only(state: Any) -> BuyerRef:
    [(shop, buyer)] = state.conversations
    assert shop == ShopId("shop")
    return buyer  # type: ignore[no-any-return]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "relay.db"
    asyncio.run(lived(path))
    return path


def asked(ledger: Path, *more: str) -> Result:
    with open_ledger(ledger) as found:
        last = found.head(DESK).seq
    return CliRunner().invoke(report, ["--data", str(ledger), "--shadow", "--to", str(last), *more])


def test_it_says_what_would_have_been_and_promises_nothing(ledger: Path) -> None:
    result = asked(ledger, "--days", "1")
    assert result.exit_code == 0, result.output
    for line in (
        "推算，不是承诺",
        "would have, no promise",
        "shop  taobao_ww3  observe / shadow",
        "2026-03-02  达标/in time 0/1  未达标/missed 1",
        "would have held 1: of the missed 1 surely in time, 0 perhaps; 0 in rounds that were not missed",
        "if the options named relay: 未达标中 1 个会算已答 / would have counted → 1/1",
        "欠答 / owed afterwards 1: 已答/answered 1",
        "rule_options.assist_providers",
    ):
        assert line in result.output, line


def test_as_json_it_is_one_object_with_every_missed_round(ledger: Path) -> None:
    told = json.loads(asked(ledger, "--json").output)
    [shop] = told["shops"]
    assert (shop["shop"], shop["placement"], shop["mode"], len(shop["days"])) == ("shop", "observe", "shadow", 7)
    assert shop["days"][-1]["saved"]["as_set"] == {"low": 0, "high": 0, "excluded": 0}
    [missed] = shop["missed"]
    assert (missed["hold"], missed["in_time"], missed["became"]["named"]) == ("wait", True, "hit")
    assert json.loads(asked(ledger, "--json", "--shop", "another").output)["shops"] == []


def test_it_goes_by_each_shops_own_rule(ledger: Path) -> None:
    result = asked(ledger, "--set", "bundle=strict")
    assert result.exit_code == 2
    assert "each shop's own rule" in result.stderr


def test_explain_says_for_one_buyer_what_would_have_been(ledger: Path) -> None:
    said = CliRunner().invoke(explain, ["desk", "tb-1", "--data", str(ledger)]).output
    assert "本会发 / would have sent wait 03-02 10:02:40，赶得上 / in time" in said


def test_nothing_was_sent(ledger: Path) -> None:
    from relay.domain.codec import decode

    with open_ledger(ledger) as found:
        facts = [decode(row.body) for row in found.read(DESK)]
    assert [fact.shadow for fact in facts if isinstance(fact, f.HoldIntended)] == [True]
    assert not [fact for fact in facts if isinstance(fact, f.SendStarted | f.DebtOpened)]
