"""`relay check`: everything that is wrong at once, then per shop what counts, what does not, and what relay may send.

Exit code 0: nothing wrong (there may be warnings). 1: something is wrong. 2: a file is missing or cannot be read.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from relay.cli.covering import Cover, cover_of, line, sentences
from relay.cli.noticing import NoticeReport, notices_of
from relay.cli.noticing import lines as notice_lines
from relay.cli.noticing import sentences as notice_sentences
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config, PartConfig
    from relay.config.loading import Fault
    from relay.domain.guiding import Author, GuidingRule
    from relay.domain.names import Millis
    from relay.domain.office import Settings
    from relay.domain.settings import QuickReply, Shop

PLATFORMS: Final = ("taobao", "tmall", "tejia", "kuaishou")
_OWN: Final = " (自审 owner_self)"
_PROBE_MINUTES: Final = 30
BEIJING: Final = timedelta(hours=8)


class Words(msgspec.Struct, frozen=True):
    """One sentence in both languages; `where` names the shop, file or key."""

    where: str
    en: str
    zh: str

    def __str__(self) -> str:
        return f"{self.where}: {self.zh} / {self.en}"


class ShopReport(msgspec.Struct, frozen=True):
    """What holds in one shop. `limit_s` is null and `assessed` empty where the rule sets no limit.

    `hold`: what relay's own reply counts for, by each published version; `statement` is the number under which an owner
    confirms that, `confirmed` who did, and `acts_as` the mode that follows from it.
    """

    shop: str
    name: str
    rule: str
    limit_s: int | None
    service_s: int
    assessed: str
    counts: list[str]
    counts_in_figure: list[str]
    does_not_count: list[str]
    assist: str
    acts_as: str
    statement: str
    confirmed: str | None
    hold: list[str]
    may_send: bool
    sends: str
    rule_confirmed_on: str | None
    cover: Cover
    events: list[str]
    notices: list[NoticeReport]


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
        config = load_config(config_path, judge=_unbuildable)
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
        warnings += _config_warnings(config, settings)
    shops = []
    for shop in settings.shops:
        warnings += _shop_warnings(shop, settings, today)
        shops.append(_shop_report(shop, settings, today))
        said = (*sentences(shops[-1].cover), *notice_sentences(shop, settings, shops[-1].notices))
        warnings += [Words(f"shop {shop.id}", en, zh) for en, zh in said]
    return Report(
        healthy=not findings,
        findings=[Words(finding.where, finding.en, finding.zh) for finding in findings],
        warnings=warnings,
        shops=shops,
    )


# --- what is wrong, and what should be looked at


def concerns(settings: "Settings", today: date) -> Iterator[Words]:
    """What should be looked at in the shops of these settings, coverage of the coming days among it."""
    from relay.runtime.settings_rules import rule_of

    for shop in settings.shops:
        yield from _shop_warnings(shop, settings, today)
        try:
            rule: GuidingRule | None = rule_of(shop)
        except ValueError:
            rule = None
        cover = cover_of(shop, settings, rule, today)
        yield from (Words(f"shop {shop.id}", en, zh) for en, zh in sentences(cover))


def _unbuildable(config: "Config") -> Iterator["Fault"]:
    """Plugins that cannot be loaded, kinds that nobody offers, and options that the plugin refuses."""
    from relay.errors import ConfigError
    from relay.runtime.notices.building import faults
    from relay.runtime.plugins import enable
    from relay.runtime.settings_rules import both
    from relay.runtime.system import SystemClock, SystemEntropy

    try:
        plugins = enable(config.plugins.enabled, config.plugins.folders)
    except ConfigError as error:
        yield from ((("plugins", "enabled"), finding.en, finding.zh) for finding in error.findings)
        return
    for at, (key, en, zh) in faults(config.notifiers, plugins.notifiers, SystemClock(), SystemEntropy()):
        yield (("notifier", at, key), en, zh)
    parts: list[tuple[str, int, PartConfig, Mapping[str, Callable[..., object]]]] = [
        *(("channel", number, one, plugins.channels) for number, one in enumerate(config.channels)),
        *(("responder", number, one, plugins.responders) for number, one in enumerate(config.responders)),
    ]
    for table, number, part, kinds in parts:
        if part.kind not in kinds:
            known = ", ".join(sorted(kinds)) or "-"
            yield (
                (table, number, "kind"),
                f'no enabled plugin offers the kind "{part.kind}"; there are: {known}',
                f'已启用的插件中没有种类 "{part.kind}"；现有：{known}',
            )
            continue
        try:
            kinds[part.kind](part.name, part.options, SystemClock(), SystemEntropy())
        except Exception as error:  # a plugin may raise anything; its trouble is a finding
            yield ((table, number, "options"), *both(str(error) or repr(error)))


def _config_warnings(config: "Config", settings: "Settings") -> Iterator[Words]:
    if not config.channels:
        yield Words("config.toml", "there is no [[channel]]; no buyer can be heard", "没有 [[channel]]，收不到买家消息")
    if config.http.host not in ("127.0.0.1", "::1", "localhost"):
        yield Words(
            "config.toml [http] host",
            "other computers can reach relay; put HTTPS in front of it",
            "其他电脑可以访问 relay，请在前面加 HTTPS",
        )
    from relay.runtime.notices.wording import WORDS

    known = {shop.id for shop in settings.shops}
    for number, one in enumerate(config.notifiers, 1):
        for name in sorted(set(one.shops) - known) if known else ():
            yield Words(f"config.toml [[notifier]] #{number} shops", f'there is no shop "{name}"', f'没有店铺 "{name}"')
        for word in sorted(set(one.urgent) - WORDS.keys()):
            where = f"config.toml [[notifier]] #{number} urgent"
            yield Words(where, f'"{word}" is no alert; see docs/notices.md', f'没有 "{word}" 这种提醒')
    for responder in config.responders:
        for name in sorted(set(responder.shops) - {shop.id for shop in settings.shops}):
            yield Words(
                f"config.toml [[responder]] {responder.name}", f"there is no shop {name!r}", f"没有店铺 {name!r}"
            )
    for shop in settings.shops:
        if not shop.channel:
            yield Words(f"shop {shop.id}", "no channel; it hears no buyer", "没有通道，收不到买家消息")


def _shop_warnings(shop: "Shop", settings: "Settings", today: date) -> Iterator[Words]:
    from relay.insight.statement import warnings

    where = f"shop {shop.id}"
    yield from (Words(where, en, zh) for en, zh in warnings(shop, today))
    if not any(seat.shop == shop.id for seat in settings.seats):
        yield Words(where, "no seat; every buyer will wait", "没有子账号，买家只能排队")
    if not any(
        grant.shop == shop.id and grant.role == "owner" for person in settings.persons for grant in person.roles
    ):
        yield Words(where, "no owner; nobody may change its settings", "没有管理员（owner），无人可改设置")
    if shop.platform not in PLATFORMS:
        known = ", ".join(PLATFORMS)
        yield Words(
            where, f'platform "{shop.platform}" is none of {known}', f'平台 "{shop.platform}" 不是 {known} 之一'
        )
    if shop.assist == "assist" and not _holds(shop, settings, today):
        yield Words(where, "assist is on, but no hold is approved and in force", "已开自动发送，但没有生效的稍等话术")
    yield from _alone(shop, settings, today)
    if shop.assist == "assist" and shop.platform == "kuaishou":
        yield Words(where, "Kuaishou sanctions rate inflation; keep assist off", "快手处罚刷回复率，建议关闭自动发送")


def _alone(shop: "Shop", settings: "Settings", today: date) -> Iterator[Words]:
    """Holds that an owner approved alone although another could have."""
    from relay.domain.office import may

    for reply in _holds(shop, settings, today):
        others = [one.id for one in settings.persons if one.id != reply.approved_by and may(one, shop.id, "approve")]
        if _is_own(reply) and others:
            yield Words(
                f"shop {shop.id}",
                f'"{reply.id}" was approved by its owner alone; propose it anew for {", ".join(others)} to approve',
                f'"{reply.id}" 为管理员自审；请重新提出，由 {", ".join(others)} 审核',
            )


# --- what holds in a shop


def _shop_report(shop: "Shop", settings: "Settings", today: date) -> ShopReport:
    from relay.domain.confirming import is_confirmed
    from relay.insight.statement import is_void, statement
    from relay.runtime.settings_rules import limit_of, rule_of

    try:
        rule: GuidingRule | None = rule_of(shop)
    except ValueError:
        rule = None
    made = statement(shop) if rule else None
    mode = "suggest" if is_void(shop) else shop.assist
    judged = [(label, rule.answers(author)) for label, author in _authors()] if rule else []
    figure = {label for label, author in _authors() if rule and _moves_figure(shop, author)}
    holds = [reply.id + _OWN * _is_own(reply) for reply in _holds(shop, settings, today)]
    return ShopReport(
        shop=shop.id,
        name=shop.name,
        rule=shop.rule,
        limit_s=limit_of(rule) if rule else None,
        service_s=shop.service_s,
        assessed=_assessed(rule, today),
        counts=[label for label, answers in judged if answers],
        counts_in_figure=[label for label, answers in judged if not answers and label in figure],
        does_not_count=[label for label, answers in judged if not answers and label not in figure],
        assist=shop.assist,
        acts_as=mode,
        statement=made.digest if made else "",
        confirmed=f"{shop.assist_confirmed_by} {shop.assist_confirmed_on}" if is_confirmed(shop) else None,
        hold=[f"{said.zh} / {said.en}" for said in made.of_rules] if made else [],
        may_send=mode == "assist" and not shop.stopped and bool(holds),
        sends=_sends(shop, holds, mode),
        rule_confirmed_on=shop.rule_confirmed_on,
        cover=cover_of(shop, settings, rule, today),
        events=[
            f"{event.starts} – {event.ends} {event.id} {event.name}".rstrip()
            for event in sorted(settings.events, key=lambda one: one.starts)
            if shop.id in event.shops and event.ends >= today.isoformat()
        ],
        notices=notices_of(shop, settings, _millis(today, time(12)), _canned_counts(shop, rule)),
    )


def _canned_counts(shop: "Shop", rule: "GuidingRule | None") -> bool:
    """Whether relay's own notices are answers, by the rule or by the options that the owner chose."""
    from relay.domain.sending import NOTICE

    return rule is not None and (rule.answers(NOTICE) or _moves_figure(shop, NOTICE))


def _moves_figure(shop: "Shop", author: "Author") -> bool:
    """Whether, by the options that the owner chose, an answer by this author makes a round a hit."""
    from relay.rules.catalogue import Catalogue
    from relay.rules.messages import Message

    figure = Catalogue().open(shop.rule, shop.rule_options)
    asked = int(datetime(2026, 1, 5, 4, 0, tzinfo=UTC).timestamp()) * 1000
    figure.take(Message(at=asked, role="buyer", kind="human", buyer="b"))
    figure.take(
        Message(
            at=asked + 60_000,
            role="merchant",
            kind=author.kind.value,
            buyer="b",
            bot=author.provider,
            mode=author.mode,  # type: ignore[arg-type]
            trigger=author.trigger,  # type: ignore[arg-type]
            path=author.path,
            origin=author.origin,
        )
    )
    return figure.report().numerator == 1


def _sends(shop: "Shop", holds: list[str], mode: str) -> str:
    if shop.stopped:
        return "已停止，什么都不自动发送 / stopped, nothing is sent by the machine"
    match mode:
        case "off":
            return "关闭，什么都不自动发送 / off, nothing is sent by the machine"
        case "shadow":
            return "只记录本来会发什么，不发送 / records what it would have sent, sends nothing"
        case "suggest":
            return "只建议，按键才发送 / proposes, nothing leaves without a keystroke"
        case "assist":
            names = ", ".join(holds) or "(none)"
            return f"截止前可自动发送已审核的稍等话术 / may send an approved hold near the deadline: {names}"
        case _:
            raise AssertionError(mode)


def _authors() -> list[tuple[str, "Author"]]:
    from relay.domain.guiding import Author, Kind

    helpers = (("dianxiaomi", "店小蜜"), ("leyan", "乐言"), ("xiaowei", "小微"), ("xiaoduo", "晓多"))
    return [
        ("人工输入 / typed by a person", Author(Kind.human)),
        ("人工确认的草稿 / a draft sent by a keystroke", Author(Kind.human, trigger="person", origin="draft")),
        *(
            (f"{name}智能辅助 / {provider} in assist mode", Author(Kind.assist, provider, "assist", "machine"))
            for provider, name in helpers
        ),
        ("店小蜜全自动 / dianxiaomi, autonomous", Author(Kind.bot, "dianxiaomi", "auto", "machine")),
        ("其他全自动机器人 / another autonomous robot", Author(Kind.bot, "other", "auto", "machine")),
        ("自动回复 / canned automatic reply", Author(Kind.auto)),
        ("relay 自动稍等 / relay's own hold", Author(Kind.assist, "relay", "assist", "machine")),
    ]


def _holds(shop: "Shop", settings: "Settings", today: date) -> list["QuickReply"]:
    now = _millis(today, time(12))
    return [reply for reply in settings.replies if reply.purpose == "hold" and reply.usable(shop.id, now)]


def _is_own(reply: "QuickReply") -> bool:
    """Whether an owner approved it alone."""
    from relay.domain.library import signed

    return signed(reply).approval == "owner_self"


def _assessed(rule: "GuidingRule | None", today: date) -> str:
    """The hours in which a question is assessed, as `08:00-23:00`, found by asking for every half hour."""
    times = [_minutes(step * _PROBE_MINUTES) for step in range(24 * 60 // _PROBE_MINUTES)]
    inside = [rule is not None and rule.due_at(_millis(today, at)) is not None for at in times]
    spans, start = [], None
    for at, assessed in zip([*times, None], [*inside, False], strict=True):
        if assessed and start is None:
            start = at
        elif not assessed and start is not None:
            spans.append(f"{start:%H:%M}-{f'{at:%H:%M}' if at else '24:00'}")
            start = None
    return ", ".join(spans)


def _minutes(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _millis(day: date, at: time) -> "Millis":
    """An instant of the Beijing day."""
    from relay.domain.names import Millis

    beijing = datetime.combine(day, at, tzinfo=UTC) - BEIJING
    return Millis(int(beijing.timestamp()) * 1000)


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
