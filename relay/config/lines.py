"""On which line a key of a TOML text stands. Used for messages only: where the guess fails, a line is missing.

`tomllib` gives no positions of values. This scanner reads `[table]`, `[[array]]` and `key =` lines and skips what
lies inside strings and brackets that span lines.
"""

import re
import tomllib
from typing import Final

Path = tuple[str | int, ...]

_HEAD: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
# a comment, the triple quotes, a one-line string, a bracket: whichever comes first
_TOKEN: Final = re.compile(r"""#.*|\"{3}|'{3}|"(?:\\.|[^"\\])*"|'[^']*'|[\[\]{}]""")
_CLOSE: Final = {'"""': re.compile(r'(?:\\.|[^"\\]|"(?!""))*"{3,5}'), "'''": re.compile(r"(?:[^']|'(?!''))*'{3,5}")}


def line_numbers(text: str) -> dict[Path, int]:
    """Line (from 1) by path: `("http", "port")`, `("channel", 0, "name")`, `("channel", 0)` for its `[[channel]]`."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not quote and depth == 0:
            head, key = _HEAD.fullmatch(line), _KEY.match(line)
            if head:
                table = _table(_parts(head[2]), head[1] == "[[", counts)
                found.setdefault(table, number)
                continue
            if key:
                found.setdefault(table + _parts(key[1]), number)
                line = line[key.end() :]
        quote, depth = _skip(line, quote, depth)
    return found


def _parts(dotted: str) -> Path:
    """The names of a dotted key, as TOML itself reads them."""
    try:
        value: object = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return (dotted,)
    names: list[str] = []
    while isinstance(value, dict):
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)


def _table(names: Path, is_array: bool, counts: dict[Path, int]) -> Path:
    """The path of a table header; a name that is an array means its newest item."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path] - 1)
    path = (*path, names[-1])
    if is_array:
        counts[path] = counts.get(path, 0) + 1
        path = (*path, counts[path] - 1)
    return path


def _skip(line: str, quote: str, depth: int) -> tuple[str, int]:
    """The open quote and bracket depth at the end of this line."""
    at = 0
    while True:
        if quote:
            close = _CLOSE[quote].match(line, at)
            if not close:
                return quote, depth
            quote, at = "", close.end()
        token = _TOKEN.search(line, at)
        if not token:
            return "", depth
        at = token.end()
        if token[0] in _CLOSE:
            quote = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth = max(0, depth - 1)
