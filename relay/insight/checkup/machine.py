"""What is to be said of the machine: SQLite, the disk, the clock, sleep, and its clock beside the platform's."""

from collections.abc import Mapping, Sequence
from typing import Final

from relay.insight.checkup.findings import Finding, when

SAFE_SQLITE: Final = (3, 51, 3)
LEAST_FREE: Final = 64 * 1024**2
SMALL_FREE: Final = 1024**3
SLOW_FSYNC_MS: Final = 50.0
SLEPT_MS: Final = 60_000
SKEW_MS: Final = 1_000
LATE_MS: Final = 60_000


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


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB" if count >= 1024**3 else f"{count / 1024**2:.1f} MiB"
