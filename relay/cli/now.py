"""`relay now`: today's figure of each shop, what may still be missed, what is foreseen, the rounds about to be lost.

It asks the running service; nothing else knows the rounds of this moment. Exit 2 if none runs.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

MOST_SHOWN: Final = 5


@click.command()
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
def now(shops: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Say how today stands, and what may still be missed. 今天的达标率、余量与预测。"""
    from relay.cli.reaching import NotRunningError, ask

    try:
        status = json.loads(ask(read_config(config_path), "GET", "/admin/status"))
    except NotRunningError:
        stop("relay 没有在运行 / relay is not running here; start it with `relay serve`")
    found = [one for one in status["shops"] if not shops or one["shop"] in shops]
    if missing := set(shops) - {one["shop"] for one in found}:
        stop(f"没有店铺 / there is no shop: {', '.join(sorted(missing))}")
    if as_json:
        told = [{"shop": one["shop"], "name": one["name"], "today": one["today"]} for one in found]
        click.echo(json.dumps({"at": status["at"], "shops": told}, ensure_ascii=False))
        return
    for one in found:
        click.echo("\n".join(_lines(one["name"] or one["shop"], one["today"])))


def _lines(name: str, today: dict[str, Any] | None) -> Iterator[str]:
    if today is None:
        yield f"{name}: 没有可计算的达标率 / no figure can be counted"
        return
    bare = today["without_automation"]
    effect = _effect(today["forecast"])
    yield f"{name} {today['date']}: {_rate(today)} · 不含自动话术 without automation {_rate(bare)}{effect}"
    for one in today["said"]:
        yield f"  {'!' if one['bad'] else ' '} {one['zh']} / {one['en']}"
    for one in today["losing"][:MOST_SHOWN]:
        where = one["seat"] or "排队 queue"
        yield f"    {one['left_s'] // 60}:{one['left_s'] % 60:02} {where} {one['buyer']}"
    count = today["forecast"]["open"]
    if count > MOST_SHOWN:
        yield f"    另有 {count - MOST_SHOWN} 轮 / and {count - MOST_SHOWN} more"


def _rate(figure: dict[str, Any]) -> str:
    hits, rounds = figure["numerator"], figure["denominator"]
    return f"{hits}/{rounds} {hits / rounds:.2%}" if rounds else "—"


def _effect(forecast: dict[str, Any]) -> str:
    """By how many per cent points the machine's texts moved the rate, where they did."""
    moved = forecast["automation"]
    return f" ({moved * 100:+.2f})" if moved else ""
