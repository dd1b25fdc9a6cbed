"""A stored fact as it is read at a start, or one clear sentence about why it cannot be read."""

import msgspec

from relay.domain.codec import Row, decode
from relay.domain.facts import AnyFact
from relay.domain.names import DeskId
from relay.errors import LedgerError


def decoded(desk: DeskId, row: Row) -> AnyFact:
    """Raises LedgerError: its hash holds, so this relay is older than the one that wrote it."""
    try:
        return decode(row.body)
    except msgspec.ValidationError as error:
        raise LedgerError(
            desk,
            row.seq,
            "此记录由更新版本的 relay 写入，本版本无法读取：请升级 relay，或用 relay restore 退回升级前的备份"
            " / a newer relay wrote this fact and this one cannot read it: upgrade relay, or go back to a backup from"
            f" before with relay restore ({error})",
        ) from error
