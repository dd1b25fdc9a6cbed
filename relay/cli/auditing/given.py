"""What the person said of the logs: which, in which format, who is who; and the next command as they would type it.

Law: a command that is shown does what the sentence beside it says when it is typed where this one was: it repeats
every option that bears on how the logs are read, and quotes what a shell would take apart.
"""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from relay.errors import BadInputError

SUFFIX: Final = ".who.toml"
USUAL_RULE: Final = "taobao_ww3"
"""Shown in a command where nobody has named a rule yet."""
_PLAIN: Final = re.compile(r"[\w@%+=:,./\\-]+")
_SHELL_SIGNS: Final = re.compile(r"[\"$`!\\%]")
_NO_NAME: Final = re.compile(r'[/\\:*?"<>|\x00-\x1f]')


class Given(NamedTuple):
    """`who` is the file of `--who`, or that of `--shop`, which is kept in the folder where the command is called.

    `plugins` are those to enable beside the configuration's; `config` None: config.toml, if there is one.
    """

    logs: Sequence[Path]
    rule_id: str | None = None
    settings: Sequence[str] = ()
    timezone: str | None = None
    reader: str | None = None
    columns: Sequence[str] = ()
    who: Path | None = None
    shop: str | None = None
    plugins: Sequence[str] = ()
    config: Path | None = None

    @property
    def who_path(self) -> Path | None:
        """Raises BadInputError where both are named, or the shop's name cannot name a file."""
        if self.shop is None:
            return self.who
        if self.who is not None:
            raise BadInputError("--who 与 --shop 只能写一个 / give --who or --shop, not both")
        if not self.shop.strip(" .") or _NO_NAME.search(self.shop):
            raise BadInputError(
                f"--shop {self.shop!r}: 不能作文件名，请换一个名称 / cannot name a file; choose another name"
            )
        return Path(f"{self.shop}{SUFFIX}")

    def mapping(self) -> dict[str, str]:
        """`--columns FIELD=HEADING` as a mapping. Raises BadInputError."""
        found: dict[str, str] = {}
        for pair in self.columns:
            field, sign, heading = pair.partition("=")
            if not sign or not field.strip() or not heading.strip():
                raise BadInputError(
                    f"--columns {pair!r}: 应为 字段=表头，如 who=发送人 / write FIELD=HEADING, such as who=发送人"
                )
            found[field.strip()] = heading.strip()
        return found

    def dry_run(self) -> str:
        """The command that looks, and writes who is who where that can be confirmed."""
        who = [] if self.who_path is not None else ["--who", f"shop{SUFFIX}"]
        return _joined([*self._start(), "--dry-run", *self._kept(), *who])

    def audit(self, *, saved: bool = False) -> str:
        """The command that judges; `saved`: reader, columns and zone are in the who-is-who file by now."""
        rule = ["--rule", self.rule_id or USUAL_RULE, *(word for one in self.settings for word in ("--set", one))]
        kept = self._replace(reader=None, columns=(), timezone=None) if saved else self
        return _joined([*self._start(), *rule, *kept._kept()])

    def _start(self) -> list[str]:
        return ["relay", "audit", *map(str, self.logs)]

    def _kept(self) -> list[str]:
        words = [word for one in self.columns for word in ("--columns", one)]
        named = {
            "--reader": self.reader,
            "--who": None if self.who is None else str(self.who),
            "--shop": self.shop,
            "--timezone": self.timezone,
            "--config": None if self.config is None else str(self.config),
        }
        words += [word for option, value in named.items() if value is not None for word in (option, value)]
        return words + [word for one in self.plugins for word in ("--plugins", one)]


def title(names: Sequence[str]) -> str:
    """What several files are called together."""
    if len(names) <= 3:
        return ", ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)} 个文件 files)"


def _joined(words: Sequence[str]) -> str:
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """Double quotes, which every shell knows, unless something in the word means more to one of them."""
    if _PLAIN.fullmatch(word):
        return word
    return shlex.quote(word) if _SHELL_SIGNS.search(word) else f'"{word}"'
