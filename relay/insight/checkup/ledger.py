"""What is to be said of what the ledger holds: silent channels, gaps, unknown sends, lines that nobody could read."""

from collections.abc import Iterable
from typing import Final

import msgspec

from relay.insight.checkup.findings import Finding, when

SILENT_MS: Final = 24 * 3_600_000


class Quiet(msgspec.Struct, frozen=True):
    """How a shop's channel stands by the ledger: instants in milliseconds, None for never."""

    shop: str
    connected: bool
    since: int | None = None
    last_line: int | None = None


def silence(shops: Iterable[Quiet], now: int) -> list[Finding]:
    found = []
    for one in shops:
        where = f"shop {one.shop}"
        if not one.connected:
            since = when(one.since) if one.since is not None else "?"
            found.append(
                Finding(
                    "channel_lost",
                    "error",
                    where,
                    f"通道自 {since} 起断开：收不到买家消息，也不会自动发送",
                    f"the channel is lost since {since}: no buyer is heard, and no machine speaks",
                    "检查桥接程序和它到 relay 的连接",
                    "look at the bridge and its connection to relay",
                )
            )
        elif one.last_line is None or now - one.last_line > SILENT_MS:
            since = when(one.last_line) if one.last_line is not None else "从未 / never"
            found.append(
                Finding(
                    "silent",
                    "warning",
                    where,
                    f"通道显示已连接，但自 {since} 起没有任何消息",
                    f"the channel says that it is connected, but brought nothing since {since}",
                    "从另一个账号发一条测试消息，看 relay 是否收到",
                    "write to the shop from another account and see whether it arrives",
                )
            )
    return found


def unread_gaps(shop: str, count: int) -> Finding:
    return Finding(
        "gap",
        "note",
        f"shop {shop}",
        f"最近 7 天有 {count} 段时间可能漏收消息，涉及的数字以区间显示",
        f"in 7 days there are {count} spans in which messages may have been missed; figures that touch them are ranges",
        "让桥接程序补发历史消息",
        "let the bridge send its history",
    )


def unknown_sends(shop: str, count: int, oldest: int) -> Finding:
    return Finding(
        "unknown_sends",
        "error",
        f"shop {shop}",
        f"{count} 条消息不知是否送达，最早 {when(oldest)}，还没有人核对",
        f"nobody has looked whether {count} texts reached their buyers, the oldest of {when(oldest)}",
        "到平台客户端查看，然后在客服界面确认已送达或未送达",
        "look in the shop's own client, then resolve each: yes or no",
    )


def quarantined(count: int, newest: int, why: str) -> list[Finding]:
    if not count:
        return []
    return [
        Finding(
            "quarantine",
            "warning",
            "quarantine",
            f"{count} 条消息无法解析，原文已保留；最近 {when(newest)}：{why}",
            f"{count} lines could not be read and are kept raw; the newest of {when(newest)}: {why}",
            "把原因交给桥接程序的作者；修好后让它重发",
            "tell the bridge's author why; once mended let it send them again",
        )
    ]
