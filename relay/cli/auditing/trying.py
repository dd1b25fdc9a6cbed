"""`--dry-run`: what relay makes of a log before there is a figure, and what to do next.

It writes one file, that of `--who` or `--shop`: begun where there is none, else only added to. The command that is
shown last is the one to type next.
"""

from collections.abc import Iterator
from typing import Final

from relay.cli.auditing.columns import headings_of, shown
from relay.cli.auditing.given import Given
from relay.cli.auditing.headline import Heading
from relay.cli.auditing.opening import Chosen, exports_of
from relay.cli.auditing.plugged import Plugged
from relay.cli.auditing.printing import say
from relay.cli.auditing.source import open_log
from relay.cli.auditing.widths import visible
from relay.errors import BadInputError
from relay.insight.who import Understood, understood
from relay.rules.instants import CHINA_ZONE

_MOST_FILES: Final = 20
"""Files that are shown one by one."""


def dry_run(given: Given, plugged: Plugged, chosen: Chosen) -> None:
    """Print it all. Raises BadInputError."""
    from relay.cli.auditing.counting import counted

    for path in chosen.logs:
        with open_log(path, chosen.zone, 1) as source:
            say([Heading(visible(path.name)), *counted(source)])
    if not chosen.exports:
        say(["", *_next(["可以核算 / ready:"], given.audit())])
        return
    say(_formats(chosen))
    exports = exports_of(chosen)
    found = understood(exports.items(), exports.said, chosen.zone, exports.proposal)
    say(["", *found.lines(), ""])
    who_path = given.who_path
    if found.zone_missing:
        given = given._replace(timezone=CHINA_ZONE.key)
        say(["时间没有时区；下面的命令按北京时间 / times have no offset; the command below says Beijing time", ""])
    if who_path is None:
        head = "以上没有保存；下面的命令会写出身份文件，供您确认 / nothing was saved; this writes the file to confirm:"
        say(_next([head], given.dry_run()))
        return
    from relay.cli.auditing.who_file import keep

    new = keep(who_path, exports.who, exports.proposal)
    say(_next(_steps(str(who_path), new, found), given.audit(saved=not found.zone_missing)))


def _formats(chosen: Chosen) -> Iterator[str]:
    for path, reader in chosen.exports[:_MOST_FILES]:
        yield Heading(f"{visible(path.name)}: {' / '.join(reader.title)} ({reader.name})")
        try:
            headings = headings_of(path, reader)
        except OSError as error:
            raise BadInputError(f"{path}: 无法读取 / cannot be read ({error.strerror or error})") from None
        if headings is not None:
            yield from shown(headings, chosen.who.columns if chosen.who is not None else {})
    if len(chosen.exports) > _MOST_FILES:
        yield f"… 另有 {len(chosen.exports) - _MOST_FILES} 个文件 more files"


def _steps(path: str, new: int | None, found: Understood) -> list[str]:
    if new is None:
        done = f"已写入 written: {path}"
    elif new:
        done = f"已在文件末尾补充 {new} 项，待确认 / {new} entries were added at the end, to confirm: {path}"
    else:
        done = f"没有新内容，文件未变 / nothing new, the file is as it was: {path}"
    if not _open_ones(found):
        return [done, "可以核算 / ready:"]
    return [
        done,
        "1. 用记事本打开它，按上面“下一步”逐项核对；对的写 confirmed = true，错的改正，存为 UTF-8",
        "   open it with any text editor; write confirmed = true where it is right, put right what is not",
        "2. 然后核算；没有确认的部分会使比率成为区间 / then audit; what is not confirmed leaves the rate a range:",
    ]


def _open_ones(found: Understood) -> bool:
    return (
        found.rest_kind == "unknown"
        or any(not one.sure and one.entry.role in ("seat", "shop") for one in found.nicks)
        or any(not one.entry.confirmed for one in found.texts)
    )


def _next(lines: list[str], command: str) -> list[str]:
    return [*lines, f"   {command}"]
