"""What is to be said of backups and exported heads."""

from typing import Final

from relay.insight.checkup.findings import Finding, when

OLD_COPY_MS: Final = 2 * 24 * 3_600_000


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
