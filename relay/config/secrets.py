"""Secrets stay out of the file: `secret_env = "RELAY_SECRET"` or `secret_file = "webhook.secret"`.

A key that ends in `_env` or `_file` is replaced by the value it points to, under its name without the ending. A list
gives a list (two secrets while one is being replaced). A literal secret is refused.
"""

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from relay.config.lines import Path
from relay.config.reading import TomlReader

_SECRET: Final = re.compile(r"(?:.*_)?(?:secrets?|tokens?|passwords?)")


def resolve(
    reader: TomlReader, path: Path, options: Mapping[str, object], base: FilePath, environ: Mapping[str, str]
) -> dict[str, object]:
    """The options with their secrets in place; what cannot be found is a fault of the reader."""
    resolved: dict[str, object] = {}
    for key, value in options.items():
        at = (*path, key)
        name = key.removesuffix("_env") if key.endswith("_env") else key.removesuffix("_file")
        if isinstance(value, dict):
            resolved[key] = resolve(reader, at, value, base, environ)
        elif name != key and name:
            if name in resolved:
                reader.fault(at, f'"{name}" is given twice', f'"{name}" 重复')
            resolved[name] = _looked_up(reader, at, key, value, base, environ)
        elif _SECRET.fullmatch(key):
            reader.fault(
                at,
                f"no secret in this file: use {key}_env (a variable's name) or {key}_file (a file that holds it)",
                f"密钥不能写在此文件中：请改用 {key}_env（环境变量名）或 {key}_file（密钥文件）",
            )
        else:
            resolved[key] = value
    return resolved


def _looked_up(
    reader: TomlReader, at: Path, key: str, value: object, base: FilePath, environ: Mapping[str, str]
) -> object:
    if isinstance(value, list):
        return [_looked_up(reader, at, key, item, base, environ) for item in value]
    if not isinstance(value, str) or not value:
        reader.fault(at, "must be a name, or a list of names", "应为名称，或名称列表")
        return ""
    return _variable(reader, at, value, environ) if key.endswith("_env") else _file(reader, at, value, base)


def _variable(reader: TomlReader, at: Path, name: str, environ: Mapping[str, str]) -> str:
    found = environ.get(name, "").strip()
    if not found:
        reader.fault(at, f"the environment variable {name} is not set", f"环境变量 {name} 没有设置")
    return found


def _file(reader: TomlReader, at: Path, name: str, base: FilePath) -> str:
    try:
        found = (base / FilePath(name).expanduser()).read_text("utf-8-sig").strip()
    except (OSError, ValueError, RuntimeError) as error:  # not text, a NUL in the name, no home
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a text file"
        reader.fault(at, f'cannot read the file "{name}": {why}', f'无法读取文件 "{name}"：{why}')
        return ""
    if not found:
        reader.fault(at, f'the file "{name}" is empty', f'文件 "{name}" 是空的')
    return found
