"""What is to be said of the running service."""

from collections.abc import Iterable, Mapping
from typing import Final

from relay.insight.checkup.findings import Finding

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
