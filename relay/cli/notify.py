"""`relay notify`: a test through the configured notifiers; the open alerts of a running relay, and acknowledging them.

Exit code of `test`: 0 everybody confirmed, 1 somebody did not, 2 there is no such notifier.
"""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.contracts import NoticeResult
    from relay.runtime.notices.outlet import Outlet

LIMIT_S: Final = 20.0
_OUTCOMES: Final = {
    "confirmed": ("已送达", "delivered"),
    "refused": ("被拒绝", "refused"),
    "not_sent": ("未发出", "not sent"),
    "unknown": ("不知是否送达", "may or may not have arrived"),
}


@click.group()
def notify() -> None:
    """Send a test notice; list and acknowledge alerts. 通知：测试、列出、确认。"""


@notify.command()
@click.argument("names", nargs=-1)
@config_option
def test(names: tuple[str, ...], config_path: Path) -> None:
    """Send a test through the notifiers (NAMES, or all) and say how each answers. 发送测试通知。"""
    from relay.runtime.notices.building import build_outlets
    from relay.runtime.plugins import enable
    from relay.runtime.system import SystemClock, SystemEntropy

    config = read_config(config_path)
    clock, entropy = SystemClock(), SystemEntropy()
    kinds = enable(config.plugins.enabled, config.plugins.folders).notifiers
    outlets = build_outlets(config.notifiers, kinds, clock, entropy)
    known = [outlet.name for outlet in outlets]
    for name in names:
        if name not in known:
            stop(f"没有通知渠道 {name}；现有：{', '.join(known) or '无'} / there is no notifier {name}")
    chosen = [outlet for outlet in outlets if not names or outlet.name in names]
    if not chosen:
        stop(f"{config_path}: 没有 [[notifier]] / there is no [[notifier]]")
    results = asyncio.run(_try(chosen, config.http.public_url))
    for outlet, result in zip(chosen, results, strict=True):
        click.echo(_line(outlet.name, result))
    raise click.exceptions.Exit(0 if all(result.outcome == "confirmed" for result in results) else 1)


async def _try(outlets: "list[Outlet]", link: str | None) -> "list[NoticeResult]":
    """One test to each, one after the other."""
    from relay.contracts import NoticeResult
    from relay.runtime.notices.wording import of_test
    from relay.runtime.system import SystemClock, SystemEntropy

    results = []
    for outlet in outlets:
        try:
            async with asyncio.timeout(LIMIT_S):
                await outlet.notifier.start()
                results.append(await outlet.notifier.send(of_test(SystemEntropy().ref(), SystemClock().now(), link)))
        except Exception as error:  # a plugin's own fault; its words could hold a secret
            results.append(NoticeResult(outcome="unknown", code=f"raised:{type(error).__name__}"))
        finally:
            await outlet.notifier.stop()
    return results


def _line(name: str, result: "NoticeResult") -> str:
    zh, en = _OUTCOMES[result.outcome]
    code = f" ({result.code})" if result.code else ""
    why_zh, why_en = (f"：{result.zh}" if result.zh else ""), (f": {result.en}" if result.en else "")
    return f"{name}: {zh}{why_zh} / {en}{why_en}{code}"


@notify.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_alerts(config_path: Path, as_json: bool) -> None:
    """List the open alerts of the running service. 列出未结束的提醒。"""
    answer = _ask(config_path, "GET", "/alerts")
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for one in answer["alerts"]:
        click.echo(_alert(one))
    if not answer["alerts"]:
        click.echo("没有未结束的提醒 / no open alert")


def _alert(one: dict[str, Any]) -> str:
    """One open alert in a line: its own word, which is the English one, and the Chinese of the notices."""
    from relay.runtime.notices.wording import OTHER, WORDS

    what = f"{one['what']} {WORDS.get(one['what'], OTHER)[0].format(1)}"
    told = ", ".join(one["told"]) or "-"
    seen = one["seen_by"] or "未确认 / nobody"
    where = f"{one['shop']} {one['buyer'] or ''}".rstrip()
    return f"{one['alert']}  {what}  {where}  通知 / told: {told}  确认 / seen: {seen}"


@notify.command()
@click.argument("shop")
@click.argument("buyer", required=False)
@config_option
def ack(shop: str, buyer: str | None, config_path: Path) -> None:
    """Acknowledge the alerts of a BUYER, or of the SHOP itself. 确认提醒。"""
    body = json.dumps({"shop": shop, "buyer": buyer}).encode()
    answer = _ask(config_path, "POST", "/alerts/acknowledge", body)
    click.echo(f"已确认 / acknowledged: {', '.join(answer['alerts'])}")


def _ask(config_path: Path, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
    from relay.cli.reaching import NotRunningError, ask

    try:
        answer: dict[str, Any] = json.loads(ask(read_config(config_path), method, path, body))
    except NotRunningError:
        stop("relay 没有在运行 / relay is not running")
    return answer
