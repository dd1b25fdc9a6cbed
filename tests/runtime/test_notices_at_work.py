"""The whole process with a group's robot behind it: an alert becomes a message, is acknowledged over HTTP, and counted.

And the commands: what `relay check` finds wrong, and what `relay notify test` says of each answer.
"""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import click.testing
import pytest

from relay.app import ADMIN_TOKEN, App
from relay.cli import _relay
from relay.config import load_config
from relay.domain import facts as f
from relay.runtime.settings_text import dump_settings
from relay_robots.tests.group import SECRET, TOKEN, Group, text_of
from tests.proof.process import DESK, SHOP, Place, shop_settings, signed

LIMIT_S = 20.0


def robot(kind: str, url: str, **more: Any) -> str:
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    secret = "" if kind == "wecom" else 'secret_file = "secrets/robot.secret"\n'
    return (
        f'\n[[notifier]]\nname = "{kind}"\nkind = "{kind}"\n{keys}'
        f'[notifier.options]\ntoken_file = "secrets/robot.token"\n{secret}base_url = "{url}"\n'
    )


def place_with(folder: Path, notifiers: str) -> Place:
    enabled = 'enabled = ["webhook", "replies"]', 'enabled = ["webhook", "replies", "robots"]'
    place = Place(folder, "http://127.0.0.1:9/send", lambda text: text.replace(*enabled) + notifiers)
    for name, text in (("robot.token", TOKEN), ("robot.secret", SECRET)):
        (folder / "secrets" / name).write_text(text, encoding="ascii")
    return place


def invoke(place: Place, *words: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(_relay, [*words, "--config", str(place.config)])


@pytest.fixture
async def group() -> AsyncIterator[Group]:
    group = await Group.open("feishu")
    yield group
    await group.close()


async def test_an_alert_of_a_running_relay_reaches_its_group_is_acknowledged_and_counted(
    tmp_path: Path, group: Group
) -> None:
    place = place_with(tmp_path, robot("feishu", group.url))
    place.config.write_text(
        place.config.read_text("utf-8").replace(
            "body_timeout_s = 30", 'body_timeout_s = 30\npublic_url = "https://r.example"'
        ),
        "utf-8",
    )
    app = App(load_config(place.config))
    await app.start()
    try:
        await app.apply(dump_settings(shop_settings()).encode(), False)
        await app.service.serve_shops()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_S)) as client:
            await ask(client, place)
            async with asyncio.timeout(LIMIT_S):
                await group.arrived.wait()
            text = text_of("feishu", group.accepted[0])
            assert "无人在线" in text
            assert "打开 relay" in text
            assert "tb-1" not in text
            owner = {"Authorization": f"Bearer {(tmp_path / 'data' / ADMIN_TOKEN).read_text('ascii')}"}
            async with client.get(f"{place.url}/alerts", headers=owner) as answer:
                [alert] = (await answer.json())["alerts"]
            listed = await asyncio.to_thread(invoke, place, "notify", "list")
            assert listed.output.startswith(f"{alert['alert']}  nobody_online 1 个店铺无人在线  "), listed.output
            assert (alert["what"], alert["shop"], alert["seen_by"]) == ("nobody_online", SHOP, None)
            for status in (200, 422):
                body = {"shop": SHOP, "buyer": None}
                async with client.post(f"{place.url}/alerts/acknowledge", headers=owner, json=body) as answer:
                    assert answer.status == status
            async with client.get(f"{place.url}/alerts", headers={"Authorization": "Bearer x"}) as answer:
                assert answer.status == 403
            async with client.get(f"{place.url}/metrics") as answer:
                metrics = await answer.text()
        assert 'relay_notices_total{notifier="feishu",outcome="confirmed"} 1.0' in metrics
        facts = [one.fact for one in app.service.desks[DESK].runner.read(1)]
        [told] = [fact for fact in facts if isinstance(fact, f.AlertsTold)]
        [seen] = [fact for fact in facts if isinstance(fact, f.AlertAcknowledged)]
        assert (told.notifier, told.outcome, told.alerts) == ("feishu", "confirmed", seen.alerts)
        assert seen.by == "boss"
    finally:
        await app.stop()
        gc.unfreeze()


async def ask(client: aiohttp.ClientSession, place: Place) -> None:
    """A buyer writes, and nobody is online."""
    data = {"shop": SHOP, "id": "1", "t": int(time.time() * 1000), "role": "buyer", "kind": "human", "buyer": "tb-1"}
    body = json.dumps({"type": "message", "data": data | {"text": "在吗"}}).encode()
    async with client.post(f"{place.url}/channel/main", data=body, headers=signed("w1", body)) as answer:
        assert answer.status == 200


# --- the commands


async def test_the_test_notice_says_how_each_answers_in_both_languages(tmp_path: Path, group: Group) -> None:
    other = await Group.open("dingtalk")
    other.answers = [{"errcode": 310000, "errmsg": "keywords not in content"}]
    place = place_with(tmp_path, robot("feishu", group.url) + robot("dingtalk", other.url))
    result = await asyncio.to_thread(invoke, place, "notify", "test")
    assert result.exit_code == 1
    good, bad = result.output.splitlines()
    assert good == "feishu: 已送达 / delivered"
    assert bad.startswith("dingtalk: 被拒绝：不含机器人的关键词")
    assert "its keyword is missing" in bad
    assert bad.endswith("(errcode_310000)")
    assert "测试通知" in text_of("feishu", group.accepted[0])
    one = await asyncio.to_thread(invoke, place, "notify", "test", "feishu")
    assert (one.exit_code, len(group.accepted)) == (0, 2)
    await other.close()


def test_there_is_no_such_notifier_or_none_at_all(tmp_path: Path) -> None:
    place = place_with(tmp_path, robot("wecom", "http://127.0.0.1:9"))
    result = invoke(place, "notify", "test", "nobody")
    assert result.exit_code == 2
    assert "wecom" in result.output
    place.config.write_text(place.config.read_text("utf-8").partition("\n[[notifier]]")[0], "utf-8")
    assert invoke(place, "notify", "test").exit_code == 2
    assert invoke(place, "notify", "list").exit_code == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"quiet": "23:00-08:00", "level": 2, "urgent": ["complaint"], "shops": ["shop1"]}, None),
        ({"quiet": "25:00-08:00"}, "quiet"),
        ({"quiet": "10:00-10:00"}, "begins and ends at the same time"),
        ({"quiet": "10:00-11:00", "timezone": "Mars"}, "no such time zone"),
        ({"level": 0}, "level"),
        ({"escalate_after_s": 1}, "escalate_after_s"),
        ({"shopz": []}, "shops"),
    ],
)
def test_check_finds_what_is_wrong_with_a_notifier(tmp_path: Path, changes: dict[str, Any], said: str | None) -> None:
    place = place_with(tmp_path, robot("wecom", "http://127.0.0.1:9", **changes))
    result = invoke(place, "check")
    assert result.exit_code == (0 if said is None else 1), result.output
    assert said is None or said in result.output
    assert TOKEN not in result.output


def test_check_finds_a_kind_that_nobody_offers_an_option_that_is_unknown_and_a_shop_that_is_not_there(
    tmp_path: Path,
) -> None:
    place = place_with(tmp_path, robot("wecom", "http://127.0.0.1:9", shops=["elsewhere"], urgent=["complaints"]))
    result = invoke(place, "check")
    assert '"complaints" is no alert' in result.output
    assert 'there is no shop "elsewhere"' in result.output
    text = place.config.read_text("utf-8")
    place.config.write_text(text.replace('kind = "wecom"', 'kind = "carrier-pigeon"'), "utf-8")
    assert "dingtalk, feishu, webhook, wecom" in invoke(place, "check").output
    place.config.write_text(text + 'secret_file = "secrets/robot.secret"\n', "utf-8")
    result = invoke(place, "check")
    assert "no such option of this robot" in result.output
    assert SECRET not in result.output
