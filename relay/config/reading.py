"""A TOML file as people write it, read so that everything wrong with it is told at once.

Windows Notepad saves with a byte-order mark, and sometimes as GBK; a path with backslashes is no TOML string. Each of
these has its own sentence. Every table, array item and key is converted by itself, and each failure becomes a
Finding that names file, line, table and key in Chinese and English.
"""

import difflib
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath
from typing import Final, Literal, TypeVar, get_args, get_origin

import msgspec

from relay.config.lines import Path, line_numbers
from relay.errors import BadInputError, Finding

Struct = TypeVar("Struct", bound=msgspec.Struct)
Form = Callable[[object], object]
"""Reads one key's short form; raises ValueError, with `en` and `zh` if it has them."""

_EXPECTED: Final = re.compile(r"Expected `(?P<type>[^`]+)`(?:, got `(?P<got>[^`]+)`| (?P<bound>.+?))(?: - at `.*`)?$")
_TYPES_ZH: Final = {
    "int": "整数",
    "float": "小数",
    "str": "文字（加引号）",
    "bool": "true 或 false",
    "array": "列表 [ ]",
    "object": "表",
    "null": "空",
    "date": "日期",
    "datetime": "日期时间",
}


class FormError(ValueError):
    """A value of the right type that cannot be used; says what is expected, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.en, self.zh = en, zh


class TomlReader:
    """One file: its data, what is wrong with it so far, and where each key stands."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        self._found: list[tuple[int, Finding]] = []
        self.faults: set[Path] = set()
        self.data: dict[str, object] = {}
        self._lines: dict[Path, int] = {}
        text = self._text(raw)
        if text is not None:
            self._parse(text)

    def _text(self, raw: bytes) -> str | None:
        if not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                return raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                pass
        self.add(
            Finding(
                self.name,
                "is not saved as UTF-8; in Notepad choose Save as, encoding UTF-8",
                "文件不是 UTF-8 编码，请另存为 UTF-8（记事本：文件 → 另存为 → 编码选 UTF-8）",
            )
        )
        return None

    def _parse(self, text: str) -> None:
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self.add(self._syntax(text, str(error)))
        else:
            self._lines = line_numbers(text)

    def _syntax(self, text: str, error: str) -> Finding:
        at = re.search(r"at line (\d+)", error)
        lines = text.splitlines()
        number = int(at[1]) if at else len(lines)
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        en, zh = f"is no TOML: {error}", f"TOML 格式错误：{error}"
        if "\\" in line:
            en += r"; write a path with / or between single quotes: 'D:\relay'"
            zh += r"；路径请用 / 或用单引号：'D:\relay'"
        elif re.search(r"[“”‘’＝，【】]", line):
            en += "; quotes, commas, = and brackets must be the ASCII ones"
            zh += "；引号、逗号、等号和括号须用英文半角符号"
        return Finding(f"{self.name} 第 {number} 行 / line {number}", en, zh)

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong so far, from the top of the file to its end."""
        return [finding for _, finding in sorted(self._found, key=lambda found: found[0])]

    def add(self, finding: Finding, line: int = sys.maxsize) -> None:
        """One more thing wrong, by itself."""
        self._found.append((line, finding))

    def _line(self, path: Path) -> int | None:
        """The line of this key, or of the nearest thing around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)

    def where(self, path: Path) -> str:
        """File, line and key of a path: `config.toml 第 6 行 / line 6 [http] port`."""
        line = self._line(path)
        return f"{self.name}{f' 第 {line} 行 / line {line}' if line else ''}{_spoken(path)}"

    def fault(self, path: Path, en: str, zh: str) -> None:
        """One more thing wrong, at this path."""
        self.faults.add(path)
        self.add(Finding(self.where(path), en, zh, path), self._line(path) or sys.maxsize)

    def unknown(self, path: Path, allowed: Iterable[str]) -> None:
        """A key or table that nobody knows, with the nearest that exists."""
        name, allowed = str(path[-1]), sorted(allowed)
        near = difflib.get_close_matches(name.lower(), allowed, 1)
        hint_en = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(allowed) or 'nothing'}"
        hint_zh = f'是否想写 "{near[0]}"？' if near else f"可用：{', '.join(allowed) or '无'}"
        self.fault(path, f'"{name}" is not known; {hint_en}', f'没有 "{name}" 这一项；{hint_zh}')

    def table(self, path: Path, value: object) -> dict[str, object]:
        """The value as a table; anything else is a fault and an empty table."""
        if isinstance(value, dict):
            return value
        self.fault(path, f"must be a table: [{path[-1]}]", f"应为一个表：[{path[-1]}]")
        return {}

    def tables(self, key: str) -> list[dict[str, object]]:
        """The items of `[[key]]`."""
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self.fault((key,), f"write it with two brackets: [[{key}]]", f"请用双方括号：[[{key}]]")
        return []

    def keys(
        self,
        cls: type[Struct],
        table: Mapping[str, object],
        path: Path,
        forms: Mapping[str, Form] | None = None,
        dec_hook: Callable[[type, object], object] | None = None,
    ) -> dict[str, object]:
        """Those keys of the table that fit the fields of `cls`; every other key is a fault, and each missing one."""
        fields = {field.name: field for field in msgspec.structs.fields(cls)}
        good: dict[str, object] = {}
        for key, value in table.items():
            if key not in fields:
                self.unknown((*path, key), fields)
                continue
            try:
                formed = forms[key](value) if forms and key in forms else value
                good[key] = msgspec.convert(formed, fields[key].type, dec_hook=dec_hook)
            except ValueError as error:  # msgspec's ValidationError is one
                self.fault((*path, key), *told(error, value, fields[key].type))
        for name, field in fields.items():
            if field.required and name not in table:
                self.fault((*path, name), "is missing", "缺少此项")
        return good


def told(error: ValueError, value: object, wanted: object) -> tuple[str, str]:
    """What the error says, in English and Chinese."""
    if hasattr(error, "en") and hasattr(error, "zh"):
        return str(error.en), str(error.zh)
    text = str(error)
    described = _described(wanted)
    if described and "matching regex" in text:
        en, zh = described
        return f"must be {en}, not {_quoted(value)}", f"应为{zh}，而不是 {_quoted(value)}"
    choices = _choices(wanted)
    if choices and not isinstance(value, list):
        return f"must be one of {', '.join(choices)}, not {_quoted(value)}", (
            f"应为 {'、'.join(choices)} 之一，而不是 {_quoted(value)}"
        )
    found = _EXPECTED.match(text)
    if found is None:
        return f"{text} ({_quoted(value)})", f"{text}（{_quoted(value)}）"
    kind = _TYPES_ZH.get(found["type"].split(" | ")[0], found["type"])
    if found["bound"]:
        bound = found["bound"]
        return f"must be {found['type']} {bound}, not {_quoted(value)}", f"应为 {kind} {bound}，而不是 {_quoted(value)}"
    return f"must be {found['type']}, not {_quoted(value)}", f"应为{kind}，而不是 {_quoted(value)}"


def _choices(wanted: object) -> list[str]:
    if get_origin(wanted) is Literal:
        return [str(choice) for choice in get_args(wanted)]
    return []


def _described(wanted: object) -> tuple[str, str] | None:
    """The sentence that stands beside a pattern: `Meta(description="English | 中文")`."""
    for meta in get_args(wanted):
        if isinstance(meta, msgspec.Meta) and meta.description:
            en, _, zh = meta.description.partition(" | ")
            return en, zh
    return None


def _quoted(value: object) -> str:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _spoken(path: Path) -> str:
    """` [http] port`, ` [[channel]] #2 options.secret`, ` port` at the top."""
    if not path:
        return ""
    if len(path) > 1 and isinstance(path[1], int):
        head, rest = f" [[{path[0]}]] #{path[1] + 1}", path[2:]
    elif len(path) > 1:
        head, rest = f" [{path[0]}]", path[1:]
    else:
        head, rest = "", path
    tail = ".".join(str(part) for part in rest)
    return f"{head} {tail}" if tail else head


def read_bytes(path: FilePath) -> bytes:
    """The file's bytes; raises BadInputError in both languages if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInputError(
            f'{path}: 没有这个文件，请先运行 "relay init" / there is no such file; run "relay init" first'
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BadInputError(f"{path}: 无法读取 / cannot be read: {error}") from None
