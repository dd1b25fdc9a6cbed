"""`config.toml` and the environment to a Config; every error at once.

Any key of a table can be set from outside: `RELAY__HTTP__PORT=9000`, lists with commas. Channels and their like cannot.
The environment wins over the file.
"""

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath
from typing import TypeVar, cast

import msgspec

from relay.config.lines import Path
from relay.config.reading import FormError, TomlReader, read_bytes, told
from relay.config.secrets import resolve
from relay.config.tables import PARTS, TABLES, Config, PartConfig, Table
from relay.errors import ConfigError, Finding

PREFIX = "RELAY__"
Part = TypeVar("Part", bound=PartConfig)


Fault = tuple[Path, str, str]
"""What a caller finds wrong: the path of the key (`("channel", 0, "kind")`), English, Chinese."""


def load_config(
    path: FilePath | str,
    environ: Mapping[str, str] | None = None,
    judge: Callable[[Config], Iterable[Fault]] | None = None,
) -> Config:
    """Read the file. Raises ConfigError with every finding, BadInputError if it cannot be read at all.

    `environ` stands for the process environment (overrides, and secrets named by `*_env`). `judge` adds what only
    the caller knows, such as plugins, once everything else is right.
    """
    environ = os.environ if environ is None else environ
    file = FilePath(path).expanduser().absolute()
    reader = TomlReader(file.name, read_bytes(file))
    _unknown_tables(reader)
    given = {name: reader.table((name,), reader.data.get(name, {})) for name in TABLES}
    built = {name: reader.keys(cls, given[name], (name,), dec_hook=_path_of) for name, cls in TABLES.items()}
    for name, keys in _overrides(environ, reader).items():
        built[name].update(keys)
    parts = {f"{kind}s": _parts(reader, kind, cls, file.parent, environ) for kind, cls in PARTS.items()}
    _raise(reader)
    tables = {name: cls(**_absolute(cls, built[name], file.parent)) for name, cls in TABLES.items()}
    config = msgspec.convert({**tables, **parts, "path": file}, Config, dec_hook=_path_of)
    for fault in judge(config) if judge else ():
        reader.fault(*fault)
    _raise(reader)
    return config


def _raise(reader: TomlReader) -> None:
    if reader.findings:
        raise ConfigError(reader.findings)


def _unknown_tables(reader: TomlReader) -> None:
    for key in reader.data:
        if key not in TABLES and key not in PARTS:
            reader.unknown((key,), [*TABLES, *PARTS])


def _parts(
    reader: TomlReader, kind: str, cls: type[Part], base: FilePath, environ: Mapping[str, str]
) -> tuple[Part, ...]:
    """The items of `[[kind]]`."""
    parts = []
    names: set[object] = set()
    for number, table in enumerate(reader.tables(kind)):
        path = (kind, number)
        keys = reader.keys(cls, table, path)
        options = keys.get("options", {})
        if isinstance(options, dict):
            keys["options"] = resolve(reader, (*path, "options"), options, base, environ)
        if keys.get("name") in names:
            reader.fault((*path, "name"), f'the name "{keys["name"]}" is used twice', f'名称 "{keys["name"]}" 重复')
        if "name" in keys:
            names.add(keys["name"])
        if "name" in keys and "kind" in keys:
            parts.append(cls(**keys))  # type: ignore[arg-type]  # each key was converted to its own type
    return tuple(parts)


def _overrides(environ: Mapping[str, str], reader: TomlReader) -> dict[str, dict[str, object]]:
    """What the environment sets, by table; upper and lower case are one, as on Windows."""
    found: dict[str, dict[str, object]] = {}
    for variable in sorted(environ):
        if not variable.upper().startswith(PREFIX):
            continue
        table, _, key = variable[len(PREFIX) :].lower().partition("__")
        where = f"环境变量 / environment {variable}"
        cls = TABLES.get(table)
        types = {field.name: field.type for field in msgspec.structs.fields(cls)} if cls else {}
        if key not in types:
            reader.add(Finding(where, "there is no such key in config.toml", "config.toml 中没有这一项"))
            continue
        try:
            value = _from_text(environ[variable], types[key])
        except ValueError as error:
            reader.add(Finding(where, *told(error, environ[variable], types[key])))
        else:
            found.setdefault(table, {})[key] = value
    return found


def _from_text(text: str, wanted: object) -> object:
    """A value of the wanted type from a variable's text. A list is a TOML array, or is split at commas."""
    is_list = str(wanted).startswith("tuple")
    if not is_list:
        return msgspec.convert(text, wanted, strict=False, dec_hook=_path_of)
    if text.lstrip().startswith("["):
        return msgspec.convert(tomllib.loads(f"value = {text}")["value"], wanted, dec_hook=_path_of)
    items = [item.strip() for item in text.split(",") if item.strip()]
    return msgspec.convert(items, wanted, dec_hook=_path_of)


def _path_of(wanted: type, value: object) -> object:
    """Chinese, spaces and `~` are fine in a path."""
    if not issubclass(wanted, FilePath):
        raise NotImplementedError
    if isinstance(value, FilePath):
        return value
    if not isinstance(value, str) or not value.strip():
        raise FormError("must be a path", "应为路径")
    if not value.isprintable():  # "D:\relay" is valid TOML, and a path with a carriage return in it
        raise FormError(r"write a path with / or in single quotes: 'D:\relay'", r"路径请用 / 或单引号：'D:\relay'")
    try:
        return FilePath(value).expanduser()
    except RuntimeError:
        raise FormError("there is no home folder for ~", "找不到 ~ 所指的用户文件夹") from None


def _absolute(cls: type[Table], keys: Mapping[str, object], base: FilePath) -> dict[str, object]:
    """Every path of the table, defaults too, seen from the folder of the file."""
    whole = {field.name: keys.get(field.name, field.default) for field in msgspec.structs.fields(cls)}

    def seen(value: object) -> object:
        if isinstance(value, FilePath):
            return base / value
        if isinstance(value, tuple):
            return tuple(seen(item) for item in cast(tuple[object, ...], value))
        return value

    return {key: seen(value) for key, value in whole.items()}
