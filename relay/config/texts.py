"""The texts that the package brings for the quick-reply library: the word lists and the starter library.

Both are TOML files beside this module (`library/`). A shop lays its own word file over the lists; everything wrong with
that file is told at once, as with every file that people write.
"""

from importlib.resources import files
from typing import Final

import msgspec

from relay.config.lines import Path as KeyPath
from relay.config.reading import FormError, TomlReader
from relay.domain.settings import Purpose
from relay.errors import ConfigError
from relay.insight.library.words import SEVERITIES, Category, Lists, lacking, lay_over, unfit

_FOLDER: Final = files("relay.config") / "library"


class StarterReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text of the starter library; `id` begins with its topic: `refund.under-way`."""

    id: str
    purpose: Purpose
    text: str


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replies for one situation, to be read and approved together."""

    id: str
    zh: str
    en: str
    reply: tuple[StarterReply, ...]


def word_lists(own: bytes | None = None, name: str = "words.toml") -> Lists:
    """The package's lists and, laid over them, those of a shop's file called `name`.

    Raises ConfigError with everything that is wrong with the file.
    """
    lists = lay_over({}, _categories(TomlReader("words.toml", (_FOLDER / "words.toml").read_bytes())))
    return lists if own is None else lay_over(lists, _categories(TomlReader(name, own), lists))


def starter() -> tuple[Topic, ...]:
    """The starter library, topic by topic."""
    raw = (_FOLDER / "starter.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(raw, type=dict[str, tuple[Topic, ...]])["topic"]


def _categories(reader: TomlReader, lists: Lists | None = None) -> tuple[Category, ...]:
    """The file's categories; those that are not among the `lists` must be whole."""
    for key in reader.data:
        if key != "category":
            reader.unknown((key,), ("category",))
    read = []
    for number, table in enumerate(reader.tables("category")):
        keys = reader.keys(Category, table, ("category", number), {"severity": _severity})
        name = keys.get("id")
        if isinstance(name, str):
            one = msgspec.convert(keys, Category)
            read.append(one)
            _judge(reader, ("category", number), one, known=name in (lists or {}))
    if reader.findings:
        raise ConfigError(reader.findings)
    return tuple(read)


def _severity(value: object) -> object:
    if value not in SEVERITIES:
        known = ", ".join(SEVERITIES)
        raise FormError(f"must be one of {known}", f"应为 {known} 之一")
    return value


def _judge(reader: TomlReader, path: KeyPath, one: Category, known: bool) -> None:
    for key in () if known else lacking(one):
        reader.fault((*path, key), "a category of your own needs it", "自己的类别必须写明此项")
    for key, word in unfit(one):
        reader.fault(
            (*path, key),
            f'"{word}" has fewer than two letters once signs and spaces are left out',
            f'"{word}" 去掉符号和空格后不足两个字，会误伤太多',
        )
