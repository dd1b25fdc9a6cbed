"""What `relay doctor` concludes from what it measured: each finding says what it means and what to do. Pure.

Levels: `error` relay cannot do its work or something is lost; `warning` something will go wrong or already costs;
`note` is good to know, or could not be looked at; `good` was looked at and is well.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

Level = Literal["error", "warning", "note", "good"]
BEIJING: Final = ZoneInfo("Asia/Shanghai")
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
SAFE_SQLITE: Final = (3, 51, 3)
LEAST_FREE: Final = 64 * 1024**2
SMALL_FREE: Final = 1024**3
SLOW_FSYNC_MS: Final = 50.0
SLEPT_MS: Final = 60_000
SKEW_MS: Final = 1_000
LATE_MS: Final = 60_000
SILENT_MS: Final = 24 * HOUR
OLD_COPY_MS: Final = 2 * DAY


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `code` is stable; `do_*` is empty where nothing need be done."""

    code: str
    level: Level
    where: str
    zh: str
    en: str
    do_zh: str = ""
    do_en: str = ""


class Quiet(msgspec.Struct, frozen=True):
    """How a shop's channel stands by the ledger: instants in milliseconds, None for never."""

    shop: str
    connected: bool
    since: int | None = None
    last_line: int | None = None


def when(at: int) -> str:
    """An instant as people in China read it."""
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(BEIJING):%Y-%m-%d %H:%M}"


# --- the machine


def sqlite_version(version: tuple[int, int, int]) -> Finding:
    told = ".".join(map(str, version))
    if version >= SAFE_SQLITE:
        return Finding("sqlite", "good", "SQLite", f"版本 {told}", f"version {told}")
    return Finding(
        "sqlite",
        "note",
        "SQLite",
        f"版本 {told}：3.51.3 之前的版本在两个连接同时写入日志时可能损坏文件；relay 只用一个连接写入，不受影响",
        f"version {told}: before 3.51.3 two connections that write at once can corrupt the file; relay has one writer",
        "relay 运行时，不要用其他工具以写方式打开台账",
        "open the ledger with no other tool for writing while relay runs",
    )


def free_space(where: str, free: int, ledger: int) -> Finding:
    told_zh, told_en = (
        f"剩余 {_size(free)}，台账 {_size(ledger)}",
        f"{_size(free)} free, the ledger has {_size(ledger)}",
    )
    do = "清理磁盘，或把 data_dir 移到更大的磁盘", "make room, or move data_dir to a larger disk"
    if free < LEAST_FREE:
        return Finding(
            "disk_full",
            "error",
            where,
            f"磁盘将满（{told_zh}），relay 已暂停接收新消息",
            f"the disk is nearly full ({told_en}); relay takes no new message",
            *do,
        )
    if free < max(SMALL_FREE, 2 * ledger):
        return Finding(
            "disk_small",
            "warning",
            where,
            f"空间偏少（{told_zh}），备份或升级可能放不下",
            f"little room ({told_en}): a backup or an update may find no place",
            *do,
        )
    return Finding("disk", "good", where, told_zh, told_en)


def fsync_speed(where: str, median_ms: float) -> Finding:
    zh, en = f"写盘确认 {median_ms:.1f} 毫秒", f"a write is on disk after {median_ms:.1f} ms"
    if median_ms <= SLOW_FSYNC_MS:
        return Finding("fsync", "good", where, zh, en)
    return Finding(
        "fsync_slow",
        "warning",
        where,
        f"{zh}，每批消息都要等这么久",
        f"{en}; every batch of messages waits for that",
        "把 data_dir 放到本机固态硬盘，不要放在网络盘、U 盘或同步盘",
        "keep data_dir on a solid-state disk of this machine, not on a share, a stick or a synchronised folder",
    )


def clock_steps(steps: Sequence[tuple[int, int]]) -> Finding:
    """(instant, by how many ms) of the last days."""
    slept = [step for step in steps if step[1] > SLEPT_MS]
    if slept:
        at, by = max(slept)
        return Finding(
            "slept",
            "warning",
            "clock",
            f"7 天内电脑睡眠或时钟跳变 {len(slept)} 次，最近一次约 {by // 60_000} 分钟，到 {when(at)}；其间没有催办",
            f"the computer slept or its clock jumped {len(slept)}× in 7 days, last {by // 60_000} min until {when(at)};"
            " nobody was reminded of anything meanwhile",
            "关闭睡眠：Windows 运行 powercfg /change standby-timeout-ac 0；Linux 运行 systemctl mask sleep.target",
            "switch sleep off: powercfg /change standby-timeout-ac 0 on Windows, systemctl mask sleep.target on Linux",
        )
    if steps:
        at, by = steps[-1]
        return Finding(
            "clock_stepped",
            "warning",
            "clock",
            f"最近 7 天时钟被调整 {len(steps)} 次，最近 {when(at)} {by:+} 毫秒",
            f"the clock was set {len(steps)} times in 7 days, last {when(at)} by {by:+} ms",
            "打开系统的自动对时，不要手工改时间",
            "switch automatic time on, and do not set it by hand",
        )
    return Finding("clock", "good", "clock", "最近 7 天时钟平稳", "the clock ran evenly for 7 days")


def laptop(system: str, portable: bool | None) -> list[Finding]:
    """A hint where sleep is likely: on Windows, and on whatever has a battery."""
    if system == "Windows":
        do = "powercfg /change standby-timeout-ac 0"
    elif portable:
        do = "systemctl mask sleep.target suspend.target"
    else:
        return []
    return [
        Finding(
            "may_sleep",
            "note",
            system,
            "这台电脑可能会自动睡眠；睡着时收不到也催不了",
            "this computer may go to sleep by itself; asleep it takes nothing and reminds nobody",
            f"运行 {do}，笔记本合盖也设为不睡眠",
            f"run {do}, and let a closed lid do nothing",
        )
    ]


def skew(lags: Mapping[str, int]) -> list[Finding]:
    """By shop: the least distance from a message's server time to its arrival here, of the newest messages."""
    found = []
    for shop, lag in lags.items():
        if lag < -SKEW_MS:
            found.append(
                Finding(
                    "clock_behind",
                    "warning",
                    f"shop {shop}",
                    f"本机时钟比平台慢约 {-lag / 1000:.0f} 秒，催办会晚",
                    f"this computer's clock is about {-lag / 1000:.0f} s behind the platform's: reminders come late",
                    "打开系统的自动对时",
                    "switch automatic time on",
                )
            )
        elif lag > LATE_MS:
            found.append(
                Finding(
                    "late_messages",
                    "warning",
                    f"shop {shop}",
                    f"消息到达时已过去 {lag / 1000:.0f} 秒以上：时钟偏快，或桥接程序有积压",
                    f"every message is {lag / 1000:.0f} s old on arrival: this clock is fast, or the bridge is behind",
                    "先对时；仍然如此则检查桥接程序",
                    "set the clock; if that is not it, look at the bridge",
                )
            )
    return found


# --- the ledger


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


# --- copies


def backups(folder: str | None, newest: int | None, same_disk: bool, now: int) -> list[Finding]:
    do = (
        "relay backup；并在 config.toml 的 [backup] 设 folder",
        "relay backup, and set folder in [backup] of config.toml",
    )
    if folder is None:
        return [
            Finding("no_backups", "warning", "[backup]", "没有每日备份", "there is no daily backup", *do),
        ]
    if newest is None or now - newest > OLD_COPY_MS:
        since = when(newest) if newest is not None else "从未 / never"
        return [
            Finding(
                "backup_old",
                "error",
                folder,
                f"最近的备份：{since}",
                f"the newest backup: {since}",
                "检查此文件夹能否写入，再运行 relay backup",
                "see whether that folder can be written, then run relay backup",
            )
        ]
    found = [Finding("backup", "good", folder, f"最近的备份：{when(newest)}", f"the newest backup: {when(newest)}")]
    if same_disk:
        found.append(
            Finding(
                "backup_same_disk",
                "note",
                folder,
                "备份和台账在同一块磁盘上，磁盘损坏时会一起丢失",
                "the backups lie on the ledger's own disk and are lost with it",
                "改放到另一块磁盘或另一台机器",
                "keep them on another disk or machine",
            )
        )
    return found


def heads(folder: str | None, newest: int | None, now: int) -> Finding:
    if folder is None:
        return Finding(
            "no_heads",
            "note",
            "[heads]",
            "没有导出链头：台账被截断或整体重写时无法证明",
            "no heads are exported: a cut or wholly re-written ledger could not be proven",
            "在 config.toml 的 [heads] 设 export_to，放到管理员改不到的地方",
            "set export_to in [heads] to a place that this machine's administrator cannot reach back to",
        )
    if newest is None or now - newest > OLD_COPY_MS:
        since = when(newest) if newest is not None else "从未 / never"
        return Finding(
            "heads_old",
            "warning",
            folder,
            f"最近导出链头：{since}",
            f"the newest exported heads: {since}",
            "检查此文件夹能否写入",
            "see whether that folder can be written",
        )
    return Finding("heads", "good", folder, f"最近导出链头：{when(newest)}", f"the newest heads: {when(newest)}")


# --- the running service


UNREADY: Final = {
    "starting": ("正在启动", "it is starting", "稍候再查", "ask again in a moment"),
    "store_latched": (
        "读写出错，已停止接收",
        "the store met an I/O error and takes nothing more",
        "检查磁盘，重启 relay，再运行 relay verify",
        "see to the disk, restart relay, then relay verify",
    ),
    "low_on_space": (
        "磁盘空间不足，暂停接收",
        "there is too little room; it takes no new message",
        "清理磁盘",
        "make room",
    ),
    "self_check_failed": (
        "夜间自检发现问题",
        "the nightly check found something wrong",
        "运行 relay verify；必要时 relay restore",
        "run relay verify, and relay restore if need be",
    ),
}


def not_running() -> Finding:
    return Finding(
        "not_running",
        "note",
        "relay",
        "没有运行：看不到插件失败次数和夜间任务的结果，其余按文件检查",
        "is not running: failures of plugins and its nightly jobs cannot be seen; the rest is by the files",
        "relay serve",
        "relay serve",
    )


def unready(why: Iterable[str]) -> list[Finding]:
    found = []
    for one in why:
        zh, en, do_zh, do_en = UNREADY.get(one, (one, one, "查看日志", "look at the log"))
        found.append(Finding(one, "error", "relay", zh, en, do_zh, do_en))
    return found


def troubles(told: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            f"job_{job}",
            "error",
            f"calendar {job}",
            f"上次执行失败：{why}",
            f"failed the last time: {why}",
            "按原因处理后等下一次，或手工执行",
            "mend what it says and wait for the next, or do it by hand",
        )
        for job, why in told.items()
    ]


def plugin_failures(failures: Iterable[Mapping[str, object]]) -> list[Finding]:
    return [
        Finding(
            "plugin_failures",
            "warning",
            f"plugin {one['plugin']}",
            f"{one['call']} 自启动以来失败 {one['count']} 次",
            f"{one['call']} failed {one['count']} times since the start",
            "在日志中查 plugin_failed，把内容交给插件作者",
            "look for plugin_failed in the log, and tell the plugin's author",
        )
        for one in failures
    ]


def replays_refused(refused: Mapping[str, int]) -> list[Finding]:
    """Somebody replays a log at a service that serves buyers; nothing of it was taken."""
    return [
        Finding(
            "replays_refused",
            "warning",
            where,
            f"拒绝了 {count} 次重放来源：本服务使用真实时钟",
            f"a replay source was turned away {count} times: this service runs on the real clock",
            "重放日志请用 relay replay 日志，它自带台账；查出是哪个程序在往这里重放",
            "use `relay replay LOG`, which has a ledger of its own; find out which program replays to this address",
        )
        for where, count in sorted(refused.items())
    ]


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB" if count >= 1024**3 else f"{count / 1024**2:.1f} MiB"
