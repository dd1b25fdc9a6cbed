"""`relay check`: everything that is wrong at once, then per shop what counts, what does not, and what relay may send.

Exit code 0: nothing wrong (there may be warnings). 1: something is wrong. 2: a file is missing or cannot be read.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from relay.cli.checking.holds import BEIJING
from relay.cli.checking.parts import unbuildable
from relay.cli.checking.shops import ShopReport, shop_report
from relay.cli.checking.warnings import Words, config_warnings, shop_warnings
from relay.cli.covering import line, sentences
from relay.cli.noticing import lines as notice_lines
from relay.cli.noticing import sentences as notice_sentences
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config


class Report(msgspec.Struct, frozen=True):
    healthy: bool
    findings: list[Words]
    warnings: list[Words]
    shops: list[ShopReport]


@click.command()
@click.option("--config", "config_path", default="config.toml", show_default=True, type=click.Path(path_type=Path))
@click.option(
    "--settings", "settings_path", type=click.Path(path_type=Path), help="[default: settings.toml beside the config]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(config_path: Path, settings_path: Path | None, as_json: bool) -> None:
    """Check config.toml and settings.toml, and say what counts in each shop. 检查配置。"""
    from relay.errors import BadInputError
    from relay.runtime.system import SystemClock

    today = (datetime.fromtimestamp(SystemClock().now() / 1000, UTC) + BEIJING).date()
    try:
        report = examine(config_path.expanduser(), settings_path, today)
    except BadInputError as error:
        stop(str(error))
    click.echo(msgspec.json.encode(report).decode() if as_json else _told(report))
    raise click.exceptions.Exit(0 if report.healthy else 1)


def examine(config_path: Path, settings_path: Path | None, today: date) -> Report:
    """Read and judge both files. Raises BadInputError if one that was named cannot be read at all."""
    from relay.config import load_config
    from relay.domain.office import Settings
    from relay.errors import ConfigError, Finding
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_rules import limit_s, outside_problems

    findings: list[Finding] = []
    warnings: list[Words] = []
    config: Config | None = None
    settings = Settings()
    try:
        config = load_config(config_path, judge=unbuildable)
    except ConfigError as error:
        findings += error.findings
    channels = None if config is None else {channel.name for channel in config.channels}
    beside = config_path.parent / "settings.toml"
    if settings_path is None and not beside.exists():
        warnings.append(
            Words(beside.name, "there is no settings file; no shop was checked", "没有设置文件，未检查店铺")
        )
    else:
        try:
            settings = load_settings(
                settings_path or beside, limit_s=limit_s, more=lambda read: outside_problems(read, channels)
            )
        except ConfigError as error:
            findings += error.findings
    if config is not None:
        warnings += config_warnings(config, settings)
    shops = []
    for shop in settings.shops:
        warnings += shop_warnings(shop, settings, today)
        shops.append(shop_report(shop, settings, today))
        said = (*sentences(shops[-1].cover), *notice_sentences(shop, settings, shops[-1].notices))
        warnings += [Words(f"shop {shop.id}", en, zh) for en, zh in said]
    return Report(
        healthy=not findings,
        findings=[Words(finding.where, finding.en, finding.zh) for finding in findings],
        warnings=warnings,
        shops=shops,
    )


# --- for people


def _told(report: Report) -> str:
    lines = [f"错误 / error: {finding}" for finding in report.findings]
    lines += [f"注意 / warning: {warning}" for warning in report.warnings]
    for shop in report.shops:
        lines += [
            "",
            f"{shop.shop} {shop.name}",
            f"  规则 / rule: {shop.rule}, {_limit_words(shop)}",
            f"  核对 / confirmed: {shop.rule_confirmed_on or '未核对 / not yet'}",
            f"  排班 / shifts: {line(shop.cover, shop.assessed)}",
            *(f"  活动 / event: {event}" for event in shop.events),
            "  算回复 / counts:",
            *(f"    {label}" for label in shop.counts),
            *(f"    {label}（只计入数字，不了结问题与欠答 / in the figure only)" for label in shop.counts_in_figure),
            "  不算 / does not count:",
            *(f"    {label}" for label in shop.does_not_count),
            f"  自动话术 / assist = {shop.assist}: {shop.sends}",
            f"  确认 / confirmed: {shop.confirmed or f'未确认 / not yet: relay assist confirm {shop.shop}'}",
            *(f"    {line}" for line in shop.hold),
            *notice_lines(shop.notices),
        ]
    count = len(report.findings)
    lines += ["", "没有错误 / nothing is wrong" if report.healthy else f"{count} 处错误 / {count} things are wrong"]
    return "\n".join(lines).lstrip("\n")


def _limit_words(shop: ShopReport) -> str:
    if shop.limit_s is None:
        return f"无时限，店铺目标 {shop.service_s} 秒 / no limit, own target {shop.service_s} s"
    hours = f"{shop.limit_s} 秒内 / within {shop.limit_s} s, 考核时段 / assessed {shop.assessed}"
    return f"{hours}；时段外开始后 / from outside, after they open: {shop.service_s} s"
