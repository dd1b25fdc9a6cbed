"""The who-is-who file on the disk: read, begun, and added to.

Laws: what the owner wrote is never lost. New entries are added at the end, unconfirmed, and everything above them
stays byte for byte; only where the command says otherwise of reader, columns or zone is the file written anew, and
then the former one stays beside it as `.bak`. What is written is read back before it takes the file's place.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from relay.cli.auditing.columns import whole
from relay.cli.auditing.given import Given
from relay.cli.auditing.saving import saved
from relay.errors import BadInputError
from relay.insight.who import Proposal, WhoFileError, WhoIsWho, read, write

if TYPE_CHECKING:
    from relay.contracts import Reader

_NEW: Final = "# ---- 新出现，待确认 / new, to be confirmed"


def read_who(path: Path, given: Given, *, new: bool) -> WhoIsWho:
    """Raises BadInputError; `new`: a file that is not there is empty."""
    if new and not path.exists():
        return WhoIsWho()
    try:
        return read(path.read_bytes(), path.name)
    except FileNotFoundError:
        raise BadInputError(
            f"{path}: 还没有这个文件，先试读会写出它：{given.dry_run()}"
            f" / there is no such file yet; a dry run writes it: {given.dry_run()}"
        ) from None
    except OSError as error:
        raise BadInputError(f"{path}: 无法读取 / cannot be read ({error.strerror or error})") from None
    except WhoFileError as error:
        raise BadInputError(str(error)) from None


def with_given(who: WhoIsWho | None, given: Given, exports: Sequence[tuple[Path, "Reader"]]) -> WhoIsWho:
    """The record under what the command says of reader, columns and zone. Raises BadInputError, OSError."""
    who = who or WhoIsWho()
    named = given.mapping()
    columns = whole(named, who.columns, exports) if named else who.columns
    return replace(
        who,
        reader=given.reader or who.reader,
        timezone=given.timezone or who.timezone,
        columns=columns,
    )


def keep(path: Path, who: WhoIsWho, proposal: Proposal) -> int | None:
    """Bring the file up to `who`, which is what it says and what is proposed behind it; how many entries are new.

    None: there was no file. Raises BadInputError.
    """
    if not path.parent.is_dir():
        raise BadInputError(f"{path}: 文件夹不存在 / there is no folder {path.parent}")
    if not path.exists():
        _save(path, _text(who, proposal))
        return None
    before = path.read_bytes()
    was = read(before, path.name)
    nicks, texts = who.nicks[len(was.nicks) :], who.texts[len(was.texts) :]
    if who != was:
        new = WhoIsWho(nicks=nicks, texts=texts)
        longer = _longer(before, _text(new, proposal).decode())
        if _is(longer, who):
            _save(path, longer)
        else:
            _save(path.with_name(f"{path.name}.bak"), before)
            _save(path, _text(who, proposal))
    return len(nicks) + len(texts)


def _longer(before: bytes, new: str) -> bytes:
    """The file with the entries of another at its end, in its own line ends."""
    end = "\r\n" if b"\r\n" in before else "\n"
    lines = new.split("\n")
    first = lines.index("[columns]") + 1
    entries = [line for line in lines[first:] if line and not line.startswith(("# ----", "#   "))]
    return before.rstrip(b"\r\n") + end.join(["", "", _NEW, *entries, ""]).encode()


def _is(written: bytes, who: WhoIsWho) -> bool:
    try:
        return read(written) == who
    except WhoFileError:
        return False


def _text(who: WhoIsWho, proposal: Proposal) -> bytes:
    try:
        written = write(who, proposal).encode()
    except ValueError:
        raise BadInputError(
            "导出文件中有不完整的字符，身份文件写不出来；请重新导出"
            " / the export holds a broken character that no text file can hold; export it again"
        ) from None
    assert _is(written, who), "what is written is read back equal"
    return written


def _save(path: Path, data: bytes) -> None:
    with saved(path) as made:
        made.write_bytes(data)
