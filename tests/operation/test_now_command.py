"""`relay now` against a running relay, and without one."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import click.testing

from relay.app import App
from relay.cli import _relay
from relay.cli.now import _lines
from tests.operation.served import serving
from tests.proof.process import signed


def invoke(folder: Path, *words: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(_relay, ["now", *words, "--config", str(folder / "config.toml")])


async def ask(app: App, client: aiohttp.ClientSession, number: int) -> None:
    at = app.service.office._clock.now()
    data: dict[str, Any] = {"shop": "shop1", "id": f"m{number}", "t": at, "role": "buyer", "kind": "human"}
    body = json.dumps({"type": "message", "data": data | {"buyer": f"tb-{number}", "text": "在吗"}}).encode()
    async with client.post("/channel/main", data=body, headers=signed(f"m{number}", body)) as answer:
        assert answer.status == 200


async def test_it_says_how_a_running_relay_stands(tmp_path: Path) -> None:
    async with serving(tmp_path) as (app, client):
        await app.service.serve_shops()
        for number in range(7):
            await ask(app, client, number)
        said = await asyncio.to_thread(invoke, tmp_path)
        assert said.exit_code == 0, said.output
        assert "只知道过去 0 天，满 3 天才预测 / 0 days before today are known" in said.output
        told = json.loads((await asyncio.to_thread(invoke, tmp_path, "--json", "--shop", "shop1")).output)
        [shop] = told["shops"]
        [desk] = app.service.desks.values()
        open_ = await desk.runner.look(lambda state: sum(one.round is not None for one in state.conversations.values()))
        assert open_ == 7
        assert shop["today"]["forecast"]["open"] == len(shop["today"]["losing"])
        assert (shop["today"]["denominator"], shop["today"]["goal"]) == (0, None)
        assert (await asyncio.to_thread(invoke, tmp_path, "--shop", "none")).exit_code == 2
    assert invoke(tmp_path).exit_code == 2


def test_the_lines_of_a_shop_have_the_effect_of_automation_and_the_rounds_next_to_be_lost() -> None:
    losing = [
        {"seat": "s1" if number else None, "buyer": f"r{number}", "left_s": 5 + 60 * number} for number in range(7)
    ]
    today = {
        "date": "2026-03-02", "numerator": 9, "denominator": 10, "losing": losing,
        "without_automation": {"numerator": 7, "denominator": 10}, "forecast": {"automation": 0.2, "open": 7},
        "said": [{"zh": "甲", "en": "one", "bad": True}, {"zh": "乙", "en": "two", "bad": False}],
    }  # fmt: skip
    assert list(_lines("棉里", today)) == [
        "棉里 2026-03-02: 9/10 90.00% · 不含自动话术 without automation 7/10 70.00% (+20.00)",
        "  ! 甲 / one",
        "    乙 / two",
        "    0:05 排队 queue r0",
        *(f"    {number}:05 s1 r{number}" for number in range(1, 5)),
        "    另有 2 轮 / and 2 more",
    ]
    assert list(_lines("棉里", None)) == ["棉里: 没有可计算的达标率 / no figure can be counted"]
