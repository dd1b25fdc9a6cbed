"""`relay replies` and `/replies`: the library through the running service, and under the file lock if none runs."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from relay.app import App
from relay.cli.replies import replies
from relay.cli.settings import settings
from relay.config import load_config
from relay.domain.facts import SettingSet
from relay.domain.names import Millis, PersonId, ReplyId, ShopId
from relay.domain.office.state import OfficeState, apply
from relay.domain.settings import Grant, Person, QuickReply, Shop, Subject
from relay.runtime.library import Library
from relay.runtime.settings_text import dump_settings
from tests.proof.checks import check_unaltered
from tests.proof.process import DESK, Place, shop_settings

WAIT = ReplyId("wait")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("RELAY_TOKEN", raising=False)
    return Place(tmp_path, "http://127.0.0.1:9/send")


@pytest.fixture
async def app(place: Place) -> AsyncIterator[App]:
    app = App(load_config(place.config))
    await app.start()
    await app.apply(dump_settings(shop_settings()).encode(), False)
    await app.service.serve_shops()
    yield app
    await app.stop()
    check_unaltered(place.ledger)
    gc.unfreeze()


async def said(place: Place, *words: str, token: str | None = None) -> tuple[int, str]:
    """A command as a person types it, while the service runs in this process."""
    return await asyncio.to_thread(said_at_once, place, *words, token=token)


def said_at_once(place: Place, *words: str, token: str | None = None) -> tuple[int, str]:
    more = []
    if token is not None:
        (place.folder / "token").write_text(token, "utf-8")
        more = ["--token-file", str(place.folder / "token")]
    done = CliRunner().invoke(replies, [*words, "--config", str(place.config), *more])
    return done.exit_code, done.output


async def test_a_reply_goes_its_way_through_the_running_service(app: App, place: Place) -> None:
    ann = await app.token("ann")
    code, told = await said(place, "propose", "wait", "马上为您看", token=ann)
    assert (code, told.splitlines()[0]) == (0, "~ reply wait version: 1 → 2")
    listed = json.loads((await said(place, "list", "--json", token=ann))[1])
    assert [(one["version"], one["status"], one["in_force"]) for one in listed] == [
        (1, "approved", True),
        (2, "pending", False),
    ]
    desk = app.service.desks[DESK].runner
    assert await desk.look(lambda state: state.replies[WAIT].version) == 1, "the desk goes on with the approved one"
    code, told = await said(place, "approve", "wait", token=ann)
    assert code == 2
    assert "boss" in told
    assert (await said(place, "approve", "wait"))[0] == 0
    in_force = await desk.look(lambda state: state.replies[WAIT])
    assert (in_force.version, in_force.approved_by, in_force.approval) == (2, "boss", "two_person")
    shown = (await said(place, "show", "wait"))[1].splitlines()
    assert shown[0] == "wait v1 [已停用 retired; 管理员自审 owner_self] hold: 请稍等"
    assert "wait v2 [已批准 approved; 双人审核 two_person; 使用中 in force] hold: 马上为您看" in shown
    assert (await said(place, "propose", "wait", "马上就好", token=ann))[0] == 0
    assert (await said(place, "refuse", "wait", "--why", "不能保证", token=ann))[0] == 2, "not the author's to do"
    assert (await said(place, "refuse", "wait", "--why", "不能保证"))[0] == 0
    refused = (await said(place, "list", token=ann))[1].splitlines()[1]
    assert refused == "wait v3 [已停用 retired; boss 未批准 refused: 不能保证] hold: 马上就好"
    assert (await desk.look(lambda state: state.replies[WAIT])).version == 2, "what is in force goes on"
    assert (await said(place, "stop", "wait", token=ann))[0] == 0
    assert await desk.look(lambda state: state.replies[WAIT].stopped), "effective on the next decision"
    code, told = await said(place, "stop", "wait", "--lift", token=ann)
    assert code == 2
    assert "您没有权限" in told
    assert (await said(place, "stop", "wait", "--lift"))[0] == 0
    assert (await said(place, "stop", "--all", token=ann))[0] == 0
    assert await desk.look(lambda state: [shop.setting.stopped for shop in state.shops.values()]) == [True]
    assert (await said(place, "retire", "wait"))[0] == 0
    assert await desk.look(lambda state: dict(state.replies)) == {}


async def test_the_api_knows_people_and_refuses_the_rest(app: App, place: Place) -> None:
    ann = await app.token("ann")

    async def call(method: str, path: str, token: str, body: bytes | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with session.request(method, f"{place.url}{path}", data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async with aiohttp.ClientSession() as session:
        for token in ("", "nobody"):
            assert (await call("GET", "/replies", token))[0] == 403
            assert (await call("GET", "/replies/wait", token))[0] == 403
            assert (await call("POST", "/replies", token, b"{}"))[0] == 403
        status, told = await call("GET", "/replies", ann)
        assert (status, [one["id"] for one in told["replies"]]) == (200, ["wait"])
        for body in (b"", b"{", b"{}", b'{"do":"burn"}', b'{"do":"stop","replly":"wait"}', b"\xff", b"[" * 70_000):
            status, told = await call("POST", "/replies", ann, body)
            assert status == 422, told
        assert (await call("GET", "/replies/none", ann))[0] == 422
        proposal = {"do": "propose", "reply": "new", "text": "x" * 501, "shops": ["shop1"]}
        status, told = await call("POST", "/replies", ann, json.dumps(proposal).encode())
        assert status == 422
        assert "500" in told["findings"][0]
        status, told = await call("POST", "/replies", ann, json.dumps(proposal | {"text": "好"}).encode())
        assert (status, len(told["lines"])) == (200, 1)
    assert app.service.office.state.replies[ReplyId("new")].author == "ann"


def test_without_a_service_it_is_done_under_the_file_lock(place: Place) -> None:
    first = ["apply", str(place.folder / "settings.toml"), "--config", str(place.config)]
    assert CliRunner().invoke(settings, first).exit_code == 0
    assert said_at_once(place, "propose", "wait", "马上为您看") == (
        0,
        "~ reply wait version: 1 → 2\n"
        "~ reply wait text: 请稍等 → 马上为您看\n"
        "~ reply wait status: approved → pending\n"
        "~ reply wait approved_by: boss → (none)\n"
        "~ reply wait approval: owner_self → (none)\n",
    )
    assert said_at_once(place, "list")[1].splitlines() == [
        "wait v1 [已批准 approved; 管理员自审 owner_self; 使用中 in force] hold: 请稍等",
        "wait v2 [待审 pending] hold: 马上为您看",
    ]


@pytest.mark.parametrize("words", [("stop",), ("stop", "wait", "--all"), ("stop", "--shop", "shop1", "--all")])
def test_a_stop_names_one_thing(place: Place, words: tuple[str, ...]) -> None:
    code, told = said_at_once(place, *words)
    assert code == 2
    assert "one of them" in told


async def test_a_text_that_is_proposed_goes_through_the_checks(app: App, place: Place) -> None:
    ann = await app.token("ann")
    code, told = await said(place, "propose", "wait", "请加微信联系", token=ann)
    assert code == 2
    assert "微信" in told
    code, told = await said(place, "propose", "wait", "您好，{ordr_no}正在查", token=ann)
    assert code == 2
    assert "是不是 {order_no}？" in told
    assert "did you mean {order_no}?" in told
    code, told = await said(place, "propose", "wait", "今天一定到，请放心", token=ann)
    assert code == 0
    assert "注意 / look at" in told
    code, told = await said(place, "propose", "other", "微{buyer_name|}信联系", "--draft", token=ann)
    assert code == 0
    assert "注意 / look at" in told, "a slot hides no word, and a draft may still be anything"
    assert (await said(place, "propose", "other", token=ann))[0] == 2, "but it is not handed in"


async def test_a_list_names_the_slots_of_each(app: App, place: Place) -> None:
    ann = await app.token("ann")
    assert (await said(place, "propose", "wait", "{buyer_name|亲}，{agent}马上为您看", token=ann))[0] == 0
    versions = json.loads((await said(place, "show", "wait", "--json", token=ann))[1])
    assert [one["slots"] for one in versions] == [[], ["buyer_name", "agent"]]
    assert "变量 slots: buyer_name, agent" in (await said(place, "show", "wait", token=ann))[1]


def test_the_slots_are_named_with_their_source() -> None:
    told = CliRunner().invoke(replies, ["slots"]).output.splitlines()
    assert "{buyer_name} {买家昵称} [买家 buyer；个人信息 personal] what the platform calls the buyer" in told
    assert {one["name"] for one in json.loads(CliRunner().invoke(replies, ["slots", "--json"]).output)} >= {"agent"}


def test_what_is_said_of_a_text_tells_nothing_of_another_shops() -> None:
    state, text = OfficeState(), "这款目前在促销，今天下单就送运费险"
    ann = Person(PersonId("ann"), roles=(Grant(ShopId("mine"), "approver"),))
    subjects: tuple[Subject, ...] = (
        ann,
        QuickReply(ReplyId("secret"), 1, text, "answer", "pending", (ShopId("theirs"),)),
        QuickReply(ReplyId("new"), 1, text, "answer", "pending", (ShopId("mine"),)),
    )
    for subject in subjects:
        apply(state, SettingSet(at=Millis(1), by=ann.id, subject=subject))
    [told] = Library(SimpleNamespace(state=state)).listed(ann)  # type: ignore[arg-type]
    assert told["id"] == "new"
    assert "secret" not in str(told)


def test_who_approves_in_one_of_its_shops_is_not_offered_a_text_of_all() -> None:
    state = OfficeState()
    ann = Person(PersonId("ann"), roles=(Grant(ShopId("mine"), "approver"),))
    subjects: tuple[Subject, ...] = (
        Shop(ShopId("mine"), DESK),
        Shop(ShopId("theirs"), DESK),
        ann,
        QuickReply(ReplyId("of-all"), 1, "稍等", "hold", "pending"),
        QuickReply(ReplyId("of-mine"), 1, "请稍等", "hold", "pending", (ShopId("mine"),)),
    )
    for subject in subjects:
        apply(state, SettingSet(at=Millis(1), by=ann.id, subject=subject))
    told = Library(SimpleNamespace(state=state)).listed(ann)  # type: ignore[arg-type]
    assert {one["id"]: one["may_approve"] for one in told} == {"of-all": False, "of-mine": True}
