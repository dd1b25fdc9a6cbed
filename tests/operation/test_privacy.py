"""Personal data in a whole relay on a real data file: export, erasure, retention, and what is left of it then."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from click.testing import CliRunner

from relay.app import ADMIN_TOKEN, App
from relay.cli.buyer import buyer as buyer_command
from relay.cli.explain import explain
from relay.cli.export import export
from relay.cli.kpi import kpi
from relay.cli.orders import orders
from relay.cli.replay import replay
from relay.cli.report import report
from relay.cli.retention import retention
from relay.cli.verify import verify
from relay.config.tables import RetentionTable
from relay.contracts import Outgoing, SendResult
from relay.contracts.history import HistoryLine, HistoryPart, HistorySource
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import HOUR, OFFICE, BuyerRef, Millis, PersonId, SeatId, ShopId
from relay.rules.messages import Message
from relay.runtime.erasure import DRAFTS, NOTES, TEXTS
from relay.runtime.privacy.retention import Retention
from relay.runtime.system import SystemClock
from relay.store.sqlite import open_ledger
from relay.store.verify import BINDING
from relay.testing.fakes import FakeClock
from tests.operation.served import serving
from tests.proof.process import signed

SHOP, SEAT, AGENT, BOSS = ShopId("shop1"), SeatId("seat1"), PersonId("agent1"), PersonId("boss")
SECRETS = (
    "tb-geheim-4711",
    "林小满的店",
    "A990017788",
    "我的电话13800004711",
    "已记下您的电话4711",
    "怕冷的买家",
    "草稿里提到4711",
)


def message(id: str, buyer: str = SECRETS[0], text: str = SECRETS[3], at: int | None = None, **more: Any) -> bytes:
    data = {
        "shop": SHOP,
        "id": id,
        "t": at or int(time.time() * 1000),
        "role": "buyer",
        "kind": "human",
        "buyer": buyer,
        "text": text,
    } | more
    return json.dumps({"type": "message", "data": data}, ensure_ascii=False).encode()


OLD = "去年说过的悄悄话"
"""What the buyer said in a chat that was imported."""


class Shop:
    """A relay at work with one seat."""

    def __init__(self, app: App, session: aiohttp.ClientSession, folder: Path) -> None:
        self.app, self.session, self.folder = app, session, folder
        [running] = app.service.desks.values()
        self.runner: Any = running.runner
        self.owner = {"Authorization": f"Bearer {(folder / 'data' / ADMIN_TOKEN).read_text()}"}
        [channel] = app.service.channels.values()
        channel.send = confirmed  # type: ignore[method-assign]
        seats = app.service.office.state.seats.values()
        self.seat = next(one.id for one in seats)
        self.agent = next(one.agent for one in seats if one.id == self.seat)

    async def bring(self, body: bytes, id: str = "n") -> Any:
        while True:
            async with self.session.post("/channel/main", data=body, headers=signed(id, body)) as answer:
                if answer.status != 503:  # the channel is still starting
                    return answer.status, await answer.json()

    async def ask(self, what: str, headers: Any = None, **asked: Any) -> tuple[int, Any]:
        body = {"shop": SHOP, "buyer": SECRETS[0]} | asked
        async with self.session.post(f"/buyers/{what}", json=body, headers=headers or self.owner) as answer:
            return answer.status, await answer.json()

    async def chat(self) -> BuyerRef:
        """A buyer asks, is answered, noted of, offered a draft, and stays in the list."""
        await self.runner.submit(i.SetPresence(seat=self.seat, presence="online"))
        status, told = await self.bring(message("m1", buyer_name=SECRETS[1], order_no=SECRETS[2]))
        assert (status, told.get("taken")) == (200, "taken"), told
        [fact] = [one.fact for one in self.runner.read(1) if isinstance(one.fact, f.BuyerWrote)]
        who = {"shop": SHOP, "buyer": fact.buyer}
        seq = await self.runner.look(lambda state: state.conversations[SHOP, fact.buyer].last_message)
        offer = i.OfferDraft(
            **who, message=f"m{seq}", responder="r", provider="xiaoduo", mode="assist", digest="", mark="0123456789ab"
        )
        await self.runner.submit(offer, SECRETS[6])
        await self.runner.submit(i.Reply(**who, by=self.agent, digest="", key="k"), SECRETS[4])
        await self.runner.submit(i.WriteNote(**who, by=self.agent), SECRETS[5])
        await self.bring(b'{"type":"message","data":{"buyer":"tb-geheim-4711","order":"A990017788"}', "bad")
        return BuyerRef(fact.buyer)

    async def close(self, who: BuyerRef) -> None:
        """What is on its way arrives, and the reception ends."""
        for _ in range(2000):
            if not await self.runner.look(lambda state: len(state.sends)):
                break
            await asyncio.sleep(0.001)
        await self.runner.submit(i.CloseConversation(shop=SHOP, buyer=who, by=self.agent, reason="done"))


async def confirmed(out: Outgoing) -> SendResult:
    """The platform takes whatever it is given."""
    return SendResult(outcome="confirmed", channel_id=out.key, sent_at=Millis(int(time.time() * 1000)))


@pytest.fixture
async def shop(tmp_path: Path) -> Any:
    async with serving(tmp_path) as (app, session):
        yield Shop(app, session, tmp_path)


def holders(folder: Path, words: tuple[str, ...] = SECRETS) -> Iterator[tuple[str, str]]:
    """Which file holds which word, in any spelling."""
    for path in (one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        for word in words:
            if any(form in data for form in (word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"))):
                yield path.name, word


def printed(command: Any, folder: Path, *words: str) -> str:
    done = CliRunner().invoke(command, [*words, "--config", str(folder / "config.toml")])
    assert done.exit_code == 0, done.output
    return done.output


def judged(folder: Path) -> str:
    return printed(report, folder, "--json")


async def test_an_erased_buyer_leaves_no_byte_and_every_figure(shop: Shop) -> None:
    who = await shop.chat()
    line = Message(at=1, role="buyer", kind="human", buyer=SECRETS[0], shop=SHOP, id="h1", text=OLD)
    await shop.app.history.take(
        HistoryPart(HistorySource(SHOP, "0" * 64, "message_log", texts=True), (HistoryLine(line),))
    )
    assert {word for _, word in holders(shop.folder, (*SECRETS, OLD))} == {*SECRETS, OLD}, (
        "what is to go is there first"
    )

    status, told = await shop.ask("erase", yes=True)
    assert (status, "接待中" in told["error"]) == (422, True)
    status, told = await shop.ask("erase")
    assert (status, told["erased"], told["open"][1]) == (200, False, "该买家仍在接待中，请先结束接待再删除")
    await shop.close(who)
    before = judged(shop.folder)

    status, told = await shop.ask("erase")
    counts = {"messages": 2, "drafts": 1, "notes": 1, "unparsed": 1}
    assert told == {"buyer": who, "erased": False, "who": True, **counts, "open": None}
    assert set(holders(shop.folder)), "a dry run erases nothing"
    status, told = await shop.ask("erase", yes=True)
    assert (status, told["erased"]) == (200, True)
    assert list(holders(shop.folder, (*SECRETS, OLD))) == [], "also the log was cut"

    assert judged(shop.folder) == before
    printed(verify, shop.folder)
    assert "一致" in printed(replay, shop.folder)
    [fact] = [one.fact for one in shop.runner.read(1) if isinstance(one.fact, f.Erased)]
    assert (fact.buyers, fact.shop, fact.why, len(fact.contents), fact.unparsed) == ((who,), SHOP, "request", 4, 1)

    assert (await shop.bring(message("m1", buyer_name=SECRETS[1], order_no=SECRETS[2]), "again"))[1]["taken"] == (
        "duplicate"
    )
    assert list(holders(shop.folder)) == []
    await shop.bring(message("m2", text="又来了"), "n2")
    refs = [one.fact.buyer for one in shop.runner.read(1) if isinstance(one.fact, f.BuyerWrote)]
    assert len(set(refs)) == 2, "one who returns is somebody else"
    assert (await shop.ask("erase", buyer=who))[1]["who"] is False


async def test_everything_of_a_buyer_is_exported_and_that_is_recorded(shop: Shop) -> None:
    who = await shop.chat()
    await shop.bring(message("m9", buyer="tb-another", text="别人的话"), "n9")
    status, told = await shop.ask("export", buyer=SECRETS[1])
    assert (status, told["buyer"], told["platform_id"]) == (200, who, SECRETS[0])
    spoken = json.dumps(told, ensure_ascii=False)
    assert all(word in spoken for word in SECRETS)
    assert "别人的话" not in spoken
    assert "tb-another" not in spoken
    with open_ledger(shop.app.store.path) as ledger:
        assert b'"type":"BuyerExported@1"' in list(ledger.read(OFFICE))[-1].body
    assert (await shop.ask("export", buyer="nobody"))[0] == 422


async def test_L14_only_an_owner_erases_and_only_owner_or_auditor_exports(shop: Shop) -> None:
    who = await shop.chat()
    await shop.close(who)
    agent = {"Authorization": f"Bearer {await shop.app.token(shop.agent)}"}
    for what in ("export", "erase"):
        assert (await shop.ask(what, agent, yes=True))[0] == 403
        assert (await shop.ask(what, {"Authorization": "Bearer wrong"}, yes=True))[0] == 403
    owner = shop.app.owner()
    assert owner is not None
    boss = {"Authorization": f"Bearer {await shop.app.token(owner.id)}"}
    assert (await shop.ask("export", boss))[0] == 200
    assert (await shop.ask("erase", boss, yes=True))[1]["erased"] is True
    [fact] = [one.fact for one in shop.runner.read(1) if isinstance(one.fact, f.Erased)]
    assert fact.by == owner.id


async def test_without_a_service_the_commands_do_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path) as (app, session):
        shop = Shop(app, session, tmp_path)
        who = await shop.chat()
        await shop.close(who)
    (tmp_path / "data" / ADMIN_TOKEN).unlink()

    def commands() -> None:
        before = judged(tmp_path)
        out = tmp_path / "told.txt"
        printed(buyer_command, tmp_path, "export", SHOP, SECRETS[0], "--text", "--out", str(out))
        assert all(word in out.read_text(encoding="utf-8") for word in SECRETS)
        out.unlink()
        assert "--yes" in printed(buyer_command, tmp_path, "erase", SHOP, SECRETS[0])
        assert "已删除" in printed(buyer_command, tmp_path, "erase", SHOP, SECRETS[0], "--yes")
        assert list(holders(tmp_path)) == []
        assert judged(tmp_path) == before
        assert "一致" in printed(replay, tmp_path)
        printed(verify, tmp_path)
        missing = CliRunner().invoke(
            buyer_command, ["erase", SHOP, SECRETS[0], "--yes", "--config", str(tmp_path / "config.toml")]
        )
        assert missing.exit_code != 0

    await asyncio.to_thread(commands)


async def test_whatever_leaves_relay_is_masked_unless_names_are_asked_for(shop: Shop) -> None:
    who = await shop.chat()
    masked: list[tuple[Any, tuple[str, ...]]] = [
        (export, ("--messages",)),
        (export, ("--facts",)),
        (export, ("--facts", "--shop", SHOP)),
        (export, ("--spine",)),
        (report, ()),
        (report, ("--json",)),
        (report, ("--why",)),
        (kpi, ("--by", "agent")),
        (orders, ("report",)),
        (explain, ("--", who)),
        (explain, ("--json", "--", who)),
        (retention, ("--dry-run",)),
    ]
    for command, words in masked:
        at = words.index("--") if "--" in words else len(words)
        given = [*words[:at], "--config", str(shop.folder / "config.toml"), *words[at:]]
        told = CliRunner().invoke(command, given)
        assert told.exit_code in (0, 1), (words, told.output)
        assert not [word for word in SECRETS if word in told.output], (command.name, words)
    named = printed(export, shop.folder, "--messages", "--names")
    assert SECRETS[0] in named
    assert SECRETS[3] in named


OVERDUE = {"texts>1d": 2, "names>1d": 1, "drafts>1d": 1, "notes>1d": 1, "quarantine>1d": 1}
"""What goes of the one buyer with whom nothing is open."""
RULES = RetentionTable(texts_days=1, names_days=1, drafts_days=1, notes_days=1, quarantine_days=1)
OTHER = ("tb-another", "别人的话")


async def test_retention_by_command_takes_what_is_old_and_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path) as (app, session):
        shop = Shop(app, session, tmp_path)
        await shop.close(await shop.chat())
        await shop.bring(message("m9", buyer=OTHER[0], text=OTHER[1]), "n9")
    (tmp_path / "data" / ADMIN_TOKEN).unlink()
    config = tmp_path / "config.toml"
    table = "".join(f"{name}_days = 1\n" for name in ("texts", "names", "drafts", "notes", "quarantine"))
    head = "[retention]\n"
    config.write_text(config.read_text(encoding="utf-8").replace(head, head + table), encoding="utf-8")

    def commands() -> None:
        assert "没有到期" in printed(retention, tmp_path, "--dry-run"), "all of it is of today"
        assert "没有到期" in printed(retention, tmp_path)
        before = judged(tmp_path)
        later = SystemClock().now() + 2 * 24 * HOUR
        with monkeypatch.context() as patch:
            patch.setattr(SystemClock, "now", lambda _: later)
            counted = printed(retention, tmp_path, "--dry-run").splitlines()
            assert {line for line in counted if ">" in line} == {f"{why}: {count}" for why, count in OVERDUE.items()}
            assert set(holders(tmp_path)), "a dry run erases nothing"
            printed(retention, tmp_path)
            assert "没有到期" in printed(retention, tmp_path), "a second run finds nothing left"
        assert list(holders(tmp_path)) == []
        assert {word for _, word in holders(tmp_path, OTHER)} == set(OTHER), "somebody waits there"
        assert judged(tmp_path) == before
        assert "一致" in printed(replay, tmp_path)
        printed(verify, tmp_path)

    await asyncio.to_thread(commands)


async def test_retention_in_a_running_service_leaves_a_fact_for_every_batch(shop: Shop) -> None:
    await shop.close(await shop.chat())
    await shop.bring(message("m9", buyer=OTHER[0], text=OTHER[1]), "n9")
    app = shop.app
    later = FakeClock(app._clock.now() + 2 * 24 * HOUR)
    office, turn = app.service.office, app.orders.turn
    job = Retention(office, app.store.sight, later, app.privacy._desks, turn, RULES)
    assert await job.run() == OVERDUE
    assert await job.run() == {}
    facts = [one.fact for one in shop.runner.read(1) if isinstance(one.fact, f.Erased)]
    assert {(one.by, one.why, len(one.contents) + len(one.buyers)) for one in facts} == {
        ("relay", why, count) for why, count in OVERDUE.items() if "quarantine" not in why
    }
    with open_ledger(app.store.path) as ledger:
        assert b'"type":"QuarantineErased@1"' in list(ledger.read(OFFICE))[-1].body
    assert list(holders(shop.folder)) == []
    assert {word for _, word in holders(shop.folder, OTHER)} == set(OTHER)
    await job.stop()


async def test_retention_that_is_told_to_stop_ends_before_its_next_batch(shop: Shop) -> None:
    await shop.close(await shop.chat())
    app = shop.app
    later = FakeClock(app._clock.now() + 2 * 24 * HOUR)
    job = Retention(app.service.office, app.store.sight, later, app.privacy._desks, app.orders.turn, RULES)
    await job.stop()
    assert await job.run() == {}
    assert {word for _, word in holders(shop.folder)} == set(SECRETS)


def test_nothing_is_taken_by_default(tmp_path: Path) -> None:
    assert msgspec.structs.asdict(RetentionTable()) == {"at": "02:40"} | dict.fromkeys(
        ("texts_days", "names_days", "drafts_days", "notes_days", "quarantine_days")
    )


def test_what_may_be_erased_is_what_the_proof_takes_for_a_text() -> None:
    of_desks = set(BINDING) - {f.HistoryTold}  # imported lines are a stream of their own, and go with their buyer
    assert set(TEXTS + DRAFTS + NOTES) == of_desks
