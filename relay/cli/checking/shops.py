"""What holds in a shop: what counts, what does not, and what relay may send."""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

import msgspec

from relay.cli.checking.holds import holds_of, is_own, millis
from relay.cli.covering import Cover, cover_of
from relay.cli.noticing import NoticeReport, notices_of

if TYPE_CHECKING:
    from relay.domain.guiding import Author, GuidingRule
    from relay.domain.office import Settings
    from relay.domain.settings import Shop

_OWN: Final = " (自审 owner_self)"
_PROBE_MINUTES: Final = 30


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


def shop_report(shop: "Shop", settings: "Settings", today: date) -> ShopReport:
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
    holds = [reply.id + _OWN * is_own(reply) for reply in holds_of(shop, settings, today)]
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
        notices=notices_of(shop, settings, millis(today, time(12)), _canned_counts(shop, rule)),
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


def _assessed(rule: "GuidingRule | None", today: date) -> str:
    """The hours in which a question is assessed, as `08:00-23:00`, found by asking for every half hour."""
    times = [_minutes(step * _PROBE_MINUTES) for step in range(24 * 60 // _PROBE_MINUTES)]
    inside = [rule is not None and rule.due_at(millis(today, at)) is not None for at in times]
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
