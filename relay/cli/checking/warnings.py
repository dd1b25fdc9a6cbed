"""What should be looked at, in config.toml and in the shops, although nothing is wrong."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from relay.cli.checking.holds import holds_of, is_own
from relay.cli.covering import cover_of, sentences

if TYPE_CHECKING:
    from relay.config import Config
    from relay.domain.guiding import GuidingRule
    from relay.domain.office import Settings
    from relay.domain.settings import Shop

PLATFORMS: Final = ("taobao", "tmall", "tejia", "kuaishou")


class Words(msgspec.Struct, frozen=True):
    """One sentence in both languages; `where` names the shop, file or key."""

    where: str
    en: str
    zh: str

    def __str__(self) -> str:
        return f"{self.where}: {self.zh} / {self.en}"


def concerns(settings: "Settings", today: date) -> Iterator[Words]:
    """What should be looked at in the shops of these settings, coverage of the coming days among it."""
    from relay.runtime.settings_rules import rule_of

    for shop in settings.shops:
        yield from shop_warnings(shop, settings, today)
        try:
            rule: GuidingRule | None = rule_of(shop)
        except ValueError:
            rule = None
        cover = cover_of(shop, settings, rule, today)
        yield from (Words(f"shop {shop.id}", en, zh) for en, zh in sentences(cover))


def config_warnings(config: "Config", settings: "Settings") -> Iterator[Words]:
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


def shop_warnings(shop: "Shop", settings: "Settings", today: date) -> Iterator[Words]:
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
    if shop.assist == "assist" and not holds_of(shop, settings, today):
        yield Words(where, "assist is on, but no hold is approved and in force", "已开自动发送，但没有生效的稍等话术")
    yield from _alone(shop, settings, today)
    if shop.assist == "assist" and shop.platform == "kuaishou":
        yield Words(where, "Kuaishou sanctions rate inflation; keep assist off", "快手处罚刷回复率，建议关闭自动发送")


def _alone(shop: "Shop", settings: "Settings", today: date) -> Iterator[Words]:
    """Holds that an owner approved alone although another could have."""
    from relay.domain.office import may

    for reply in holds_of(shop, settings, today):
        others = [one.id for one in settings.persons if one.id != reply.approved_by and may(one, shop.id, "approve")]
        if is_own(reply) and others:
            yield Words(
                f"shop {shop.id}",
                f'"{reply.id}" was approved by its owner alone; propose it anew for {", ".join(others)} to approve',
                f'"{reply.id}" 为管理员自审；请重新提出，由 {", ".join(others)} 审核',
            )
