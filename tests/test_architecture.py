"""The floors hold: imports point down, the lower floors are pure, nothing imports in a circle, time has one door."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "relay.domain": 0,
    "relay.rules": 1,
    "relay.insight": 1,
    "relay.contracts": 2,
    "relay.errors": 2,
    "relay.config": 2,
    "relay.runtime": 3,
    "relay.store": 3,
    "relay.web": 3,
    "relay.logs": 3,
    "relay.testing": 3,
    "relay.app": 4,
    "relay.wiring": 4,
    "relay.cli": 4,
    "relay": 0,
}
PLUGINS_MAY_USE = (
    "relay.contracts", "relay.errors", "relay.domain", "relay.rules", "relay.testing", "relay.insight.library",
)  # fmt: skip
PURE_MAY_USE = {
    "__future__", "ahocorasick_rs", "base64", "bisect", "collections", "contextlib", "dataclasses", "datetime",
    "decimal", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "itertools", "math", "msgspec", "opencc",
    "operator", "pypinyin", "rapidfuzz", "re", "relay", "statistics", "string", "types", "typing", "unicodedata",
    "zoneinfo",
}  # fmt: skip
CLOCKS = {("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("time", "sleep"), ("asyncio", "sleep")}
CLOCK_DOORS = {"relay/runtime/system.py"}


def modules() -> dict[str, Path]:
    found = {}
    for base in (ROOT / "relay", *sorted((ROOT / "plugins").iterdir())):
        for path in base.rglob("*.py"):
            parts = path.relative_to(base.parent).with_suffix("").parts
            if "tests" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path) -> set[str]:
    """Every module that this one names in an import that runs (those for type checking alone do not)."""
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
        todo.extend(ast.iter_child_nodes(node))
    return found


MODULES = modules()
IMPORTS = {name: imports(name, path) for name, path in MODULES.items()}


OURS = [name for name in MODULES if name.split(".")[0] == "relay"]
PLUGINS = [name for name in MODULES if name.split(".")[0] != "relay"]


def floor(name: str) -> int:
    return next(level for prefix, level in FLOORS.items() if name == prefix or name.startswith(f"{prefix}."))


@pytest.mark.parametrize("name", OURS)
def test_imports_point_down(name: str) -> None:
    for used in IMPORTS[name]:
        if used in OURS:
            assert floor(used) <= floor(name), f"{name} (floor {floor(name)}) imports {used} (floor {floor(used)})"


@pytest.mark.parametrize("name", [name for name in OURS if floor(name) <= 1])
def test_the_lower_floors_are_pure(name: str) -> None:
    outside = {used.split(".")[0] for used in IMPORTS[name]} - PURE_MAY_USE
    assert not outside, f"{name} uses {outside}"
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    kinds = {type(node) for node in ast.walk(tree)}
    assert not kinds & {ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith}


def test_no_module_imports_in_a_circle() -> None:
    graph = {name: {used for used in IMPORTS[name] if used in MODULES and used != name} for name in MODULES}
    for package in [name for name, path in MODULES.items() if path.name == "__init__.py"]:
        graph[package] -= {used for used in graph[package] if used.startswith(f"{package}.")}
    state: dict[str, int] = defaultdict(int)

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert state[name] != 1, " → ".join((*way, name))
        if state[name] == 0:
            state[name] = 1
            for used in sorted(graph[name]):
                visit(used, (*way, name))
            state[name] = 2

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("name", PLUGINS)
def test_plugins_use_the_contracts_only(name: str) -> None:
    for used in IMPORTS[name]:
        if used.startswith("relay."):
            assert used.startswith(PLUGINS_MAY_USE), f"{name} imports {used}"


@pytest.mark.parametrize("path", sorted(set(MODULES.values())), ids=lambda path: path.name)
def test_time_comes_in_through_one_door(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    yields = {id(call.func) for call in calls if [ast.dump(arg) for arg in call.args] == ["Constant(value=0)"]}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            call = (node.value.id, node.attr)
            if call in CLOCKS and where not in CLOCK_DOORS and id(node) not in yields:
                pytest.fail(f"{where}:{node.lineno} uses {'.'.join(call)}")
            if call == ("datetime", "now") and where.startswith(("relay/domain", "relay/rules", "relay/insight")):
                pytest.fail(f"{where}:{node.lineno} asks the clock")
