"""Finding plugins and building what the configuration names. Found is not enabled.

A plugin is a module with `register(registry)`: installed, and named in the entry-point group `relay.plugins`; or a
module or package in a configured folder. One that cannot be loaded is named with its reason and harms nothing that
the configuration does not ask of it.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

import msgspec

from relay.contracts import ChannelFactory, NotifierFactory, Reader, Registry, ResponderFactory, Rule
from relay.errors import ConfigError, Finding

GROUP = "relay.plugins"


class Found(msgspec.Struct, frozen=True):
    """A plugin that lies somewhere; `load` imports it."""

    name: str
    source: str
    load: Callable[[], ModuleType]


class Plugins:
    """What enabled plugins have registered: kinds of channels, responders and notifiers, rules and readers."""

    def __init__(self) -> None:
        self.channels: dict[str, ChannelFactory] = {}
        self.rules: dict[str, Rule] = {}
        self.readers: dict[str, Reader] = {}
        self.responders: dict[str, ResponderFactory] = {}
        self.notifiers: dict[str, NotifierFactory] = {}

    def channel(self, kind: str, build: ChannelFactory) -> None:
        """Registry: a kind of channel. A kind that is taken is an error of the plugin."""
        if kind in self.channels:
            raise ValueError(f"the channel kind {kind!r} is already taken")
        self.channels[kind] = build

    def rule(self, rule: Rule) -> None:
        """Registry: a platform's figure."""
        if rule.id in self.rules:
            raise ValueError(f"the rule {rule.id!r} is already taken")
        self.rules[rule.id] = rule

    def reader(self, reader: Reader) -> None:
        """Registry: a format of exported chat logs."""
        if reader.name in self.readers:
            raise ValueError(f"the reader {reader.name!r} is already taken")
        self.readers[reader.name] = reader

    def responder(self, kind: str, build: ResponderFactory) -> None:
        """Registry: a kind of responder."""
        if kind in self.responders:
            raise ValueError(f"the responder kind {kind!r} is already taken")
        self.responders[kind] = build

    def notifier(self, kind: str, build: NotifierFactory) -> None:
        """Registry: a kind of notifier."""
        if kind in self.notifiers:
            raise ValueError(f"the notifier kind {kind!r} is already taken")
        self.notifiers[kind] = build


def discover(folders: Sequence[Path] = ()) -> list[Found]:
    """All plugins in reach, by name; one in a folder wins over an installed one of the same name."""
    found = {point.name: Found(point.name, f"installed: {point.value}", point.load) for point in _installed()}
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = path.stem
            file = path / "__init__.py" if path.is_dir() else path
            if file.suffix == ".py" and file.is_file() and not name.startswith("_"):
                found[name] = Found(name, str(path), lambda name=name, file=file: _load_file(name, file))  # type: ignore[misc]
    return sorted(found.values(), key=lambda one: one.name)


def enable(names: Iterable[str], folders: Sequence[Path] = ()) -> Plugins:
    """Load and register the named plugins. Raises ConfigError with everything that could not be."""
    plugins, findings = Plugins(), []
    by_name = {one.name: one for one in discover(folders)}
    for name in names:
        if name not in by_name:
            known = ", ".join(by_name) or "none"
            findings.append(
                Finding(
                    "[plugins] enabled", f"no plugin {name!r}; found: {known}", f"找不到插件 {name!r}；已有：{known}"
                )
            )
            continue
        try:
            register: Callable[[Registry], None] = by_name[name].load().register
            register(plugins)
        except Exception as error:
            findings.append(Finding(f"plugin {name}", f"cannot be loaded: {error!r}", f"插件无法加载：{error!r}"))
    if findings:
        raise ConfigError(findings)
    return plugins


def _installed() -> list[EntryPoint]:
    return list(entry_points(group=GROUP))


def _load_file(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"relay_plugins.{name}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
