"""The who-is-who file read, with everything that is wrong with it told at once: line, table, key and what to do.

TOML gives no positions of values. Where a key stands is found again in the text with its strings and comments blanked
out; where that fails the table's line is told. Positions are for messages only, no value hangs on them.
"""

import re
from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec

from relay.domain.office.checks import zone_exists
from relay.insight.who.file_words import KEYS, TOP
from relay.insight.who.records import SHOP_SIDE, NickEntry, TextEntry, WhoIsWho
from relay.insight.who.wording import normal, shown

Path = tuple[str | int, ...]
"""`("rest",)`, `("columns", "who")`, `("nick", 0, "role")`."""

_BLANKED: Final = re.compile(
    r'"""(?:\\.|(?!""").)*+"{3,5}|\'\'\'(?:(?!\'\'\').)*+\'{3,5}|"(?:\\.|[^"\\\n])*+"|\'[^\'\n]*+\'|#[^\n]*', re.DOTALL
)
_HEAD: Final = re.compile(r"[ \t]*(\[\[?)[ \t]*([A-Za-z0-9_-]+)[ \t]*\]")
_KEY: Final = re.compile(r"[ \t]*([A-Za-z0-9_-]+)[ \t]*=")
_AT: Final = re.compile(r"\(at line (\d+), column \d+\)")
_FULLWIDTH: Final = re.compile(r"[“”‘’＝【】]")
Entry = TypeVar("Entry", NickEntry, TextEntry)


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong. `line` 0: of the file as a whole."""

    line: int
    where: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.where}: {self.zh} / {self.en}"


class WhoFileError(ValueError):
    """The who-is-who file cannot be used; holds every fault, from the top of the file to its end."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda one: one.line))
        super().__init__("\n".join(str(one) for one in self.faults))


def read(source: bytes | str, name: str = "who.toml") -> WhoIsWho:
    """The record in a file's bytes or text; `name` is what faults call it. Raises `WhoFileError`."""
    return _Reading(name).read(source)


class _Reading:
    def __init__(self, name: str) -> None:
        self._name = name
        self._faults: list[Fault] = []
        self._lines: dict[Path, int] = {}

    def read(self, source: bytes | str) -> WhoIsWho:
        data = self._parsed(self._decoded(source))
        nicks = self._items(data.pop("nick", []), "nick", NickEntry)
        texts = self._items(data.pop("text", []), "text", TextEntry)
        columns = self._columns(data.pop("columns", {}))
        keys = self._keys(data, TOP, (), WhoIsWho)
        self._once({number: one.nick for number, one in nicks.items()}, "nick")
        self._once({number: f"{one.match} {normal(one.text)}" for number, one in texts.items()}, "text")
        self._check(keys, nicks, texts)
        if self._faults:
            raise WhoFileError(self._faults)
        return WhoIsWho(
            **keys,  # type: ignore[arg-type]  # each key was converted to its own type
            columns=columns,
            nicks=tuple(nicks.values()),
            texts=tuple(texts.values()),
        )

    def _decoded(self, source: bytes | str) -> str:
        if isinstance(source, str):
            return source.removeprefix("\ufeff")
        try:
            return source.decode("utf-8-sig")
        except UnicodeDecodeError:
            zh = "文件不是 UTF-8 编码，请另存为 UTF-8（记事本：文件 → 另存为 → 编码选 UTF-8）"
            en = "is not saved as UTF-8; in Notepad choose Save as, encoding UTF-8"
            raise WhoFileError([Fault(0, self._name, zh, en)]) from None

    def _parsed(self, text: str) -> dict[str, object]:
        try:
            data: dict[str, object] = msgspec.toml.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise WhoFileError([self._no_toml(text, str(error))]) from None
        self._lines = line_numbers(text)
        return data

    def _no_toml(self, text: str, error: str) -> Fault:
        at, lines = _AT.search(error), text.split("\n")
        number = int(at[1]) if at else len(lines)
        zh, en = f"TOML 格式错误：{error}", f"is no TOML: {error}"
        if number <= len(lines) and _FULLWIDTH.search(lines[number - 1]):
            zh, en = f"{zh}；引号、等号和括号须用英文半角", f"{en}; quotes, = and brackets must be the ASCII ones"
        return Fault(number, f"{self._name} 第 {number} 行 / line {number}", zh, en)

    def _fault(self, path: Path, zh: str, en: str) -> None:
        near = path
        while near and near not in self._lines:
            near = near[:-1]
        line = self._lines.get(near, 0)
        place = f" 第 {line} 行 / line {line}" if line else ""
        self._faults.append(Fault(line, f"{self._name}{place}{_spoken(path)}", zh, en))

    def _items(self, items: object, table: str, sort: type[Entry]) -> dict[int, Entry]:
        """The entries of `[[table]]` that could be read, by their place."""
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            self._fault((table,), f"请用双方括号：[[{table}]]", f"write it with two brackets: [[{table}]]")
            return {}
        needed = {field.name for field in msgspec.structs.fields(sort) if field.required}
        found: dict[int, Entry] = {}
        for number, item in enumerate(items):
            keys = self._keys(item, table, (table, number), sort)
            for key in KEYS[table]:
                if key in needed and key not in item:
                    zh, en = KEYS[table][key]
                    self._fault((table, number, key), f"缺少此项（{zh}）", f"is missing ({en})")
            if needed <= keys.keys():
                found[number] = msgspec.convert(keys, sort)
        return found

    def _keys(self, table: dict[str, object], words: str, path: Path, sort: type[msgspec.Struct]) -> dict[str, object]:
        """Those keys that fit; each other one is a fault."""
        types = {field.name: field.type for field in msgspec.structs.fields(sort)}
        good: dict[str, object] = {}
        for key, value in table.items():
            if key not in KEYS[words]:
                known = ", ".join(KEYS[words])
                self._fault((*path, key), f"没有这一项，可用：{known}", f"is not known; there are {known}")
                continue
            try:
                good[key] = msgspec.convert(value, types[key])
            except msgspec.ValidationError:
                zh, en = KEYS[words][key]
                told = shown(f'"{value}"' if isinstance(value, str) else str(value).lower())
                self._fault((*path, key), f"应为 {zh}；而不是 {told}", f"must be {en}; not {told}")
        return good

    def _columns(self, columns: object) -> dict[str, str]:
        if not isinstance(columns, dict):
            self._fault(("columns",), "应为一个表：[columns]", "must be a table: [columns]")
            return {}
        for key, value in columns.items():
            if not isinstance(value, str):
                self._fault(
                    ("columns", key), "表头或列号要加引号", "write the heading or number of the column in quotes"
                )
        return columns

    def _once(self, names: dict[int, str], table: str) -> None:
        """Each nick and each wording has one entry: two could say different things."""
        first: dict[str, int] = {}
        for number, name in names.items():
            before = first.setdefault(name, number)
            if before != number:
                line = self._lines.get((table, before), 0)
                self._fault(
                    (table, number),
                    f"与第 {line} 行的一项重复，请删去其一",
                    f"repeats the entry of line {line}; drop one",
                )

    def _check(self, keys: dict[str, object], nicks: dict[int, NickEntry], texts: dict[int, TextEntry]) -> None:
        """What no single key can tell."""
        zone = keys.get("timezone")
        if isinstance(zone, str) and not zone_exists(zone):
            self._fault(("timezone",), f"没有时区 {shown(zone)}，如 Asia/Shanghai", "no such zone; try Asia/Shanghai")
        for number, nick in nicks.items():
            for key, zh, en in _senseless(nick):
                self._fault(("nick", number, key), zh, en)
        for number, text in texts.items():
            if text.match == "prefix" and not normal(text.text):
                self._fault(("text", number, "text"), "开头不能为空", "a beginning must not be empty")


def _senseless(nick: NickEntry) -> Iterator[tuple[str, str, str]]:
    """Keys that do not go with the role: more likely the role is wrong than the key."""
    if nick.role == "ignore" and not nick.confirmed:
        yield (
            "role",
            "忽略须写 confirmed = true：它的话将不计入",
            "ignore needs confirmed = true: its lines will not count",
        )
    for key in ("sub_account", "kind", "bot"):
        if getattr(nick, key) is not None and nick.role not in SHOP_SIDE:
            yield key, "只用于 seat 与 shop，请核对 role", "is for seat and shop only; check the role"
    if nick.buyer_class is not None and nick.role != "buyer":
        yield "buyer_class", "只用于 buyer，请核对 role", "is for buyers only; check the role"


def line_numbers(text: str) -> dict[Path, int]:
    """The line of each table and key that stands at the beginning of a line."""
    found: dict[Path, int] = {}
    counts: dict[str, int] = {}
    table: Path = ()
    bare = _BLANKED.sub(lambda one: "\n" * one[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), 1):
        if head := _HEAD.match(line):
            table = (head[2],)
            if head[1] == "[[":
                place = counts[head[2]] = counts.get(head[2], -1) + 1
                table = (head[2], place)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1]), number)
    return found


def _spoken(path: Path) -> str:
    """` [[nick]] #2 role`, ` [columns] who`, ` rest`."""
    if len(path) > 1 and isinstance(path[1], int):
        return " ".join([f" [[{path[0]}]] #{path[1] + 1}", *map(str, path[2:])])
    return f" [{path[0]}] {path[1]}" if len(path) > 1 else f" {path[0]}" if path else ""
