"""Every key is explained, and nothing else: in the example, in the documentation, in the comments of the file."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from relay.cli.starter import CONFIG, KEY_PATH
from relay.config import ChannelConfig, NotifierConfig, ResponderConfig, load_config
from relay.config.tables import TABLES, Table
from relay.domain.office.state import SORTS
from relay.domain.settings import Desk, Event, Person, Phrases, QuickReply, Seat, Shop
from relay.runtime.settings_text import EXPLAINED

ROOT = Path(__file__).parents[2]
SUBJECTS: dict[str, type[msgspec.Struct]] = {
    "desk": Desk,
    "person": Person,
    "shop": Shop,
    "seat": Seat,
    "reply": QuickReply,
    "event": Event,
}


def keys_of(cls: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(cls)]


def keys_in_file() -> set[tuple[str, str]]:
    return {(table, key) for table, cls in TABLES.items() for key in keys_of(cls)}


def keys_in_example(text: str) -> Iterable[tuple[str, str, str]]:
    """Table, key and the line above, a key that is commented out too."""
    table, above = "", ""
    for line in text.splitlines():
        if head := re.fullmatch(r"\[+([a-z.]+)\]+", line):
            table = head[1]
        elif key := re.match(r"(?:# )?([a-z_]+) = ", line):
            yield table, key[1], above
        above = line


def test_the_example_is_what_init_writes() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == CONFIG


def test_the_example_loads_and_holds_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    (tmp_path / KEY_PATH).parent.mkdir()
    (tmp_path / KEY_PATH).write_text("whsec_AAAA", "utf-8")
    config = load_config(tmp_path / "config.toml", {})
    for name, cls in TABLES.items():
        table: Table = getattr(config, name)
        usual = msgspec.structs.asdict(cls())
        shown = msgspec.structs.asdict(table)
        if name == "relay":
            usual["data_dir"] = tmp_path / "data"
        assert shown == usual


def test_the_example_has_every_key_once_with_a_comment() -> None:
    shown = [(table, key) for table, key, _ in keys_in_example(CONFIG) if table in TABLES]
    assert sorted(shown) == sorted(keys_in_file())
    for table, key, above in keys_in_example(CONFIG):
        assert above.startswith("# "), f"[{table}] {key} has no comment"
        assert re.search(r"[\u4e00-\u9fff]", above), f"[{table}] {key} has no Chinese comment"
        assert " / " in above, f"[{table}] {key} has no English comment"
    channel = {key for table, key, _ in keys_in_example(CONFIG) if table == "channel"}
    assert channel | {"options"} == set(keys_of(ChannelConfig))
    responder = {key for table, key, _ in keys_in_example(CONFIG) if table == "responder"}
    assert responder | {"options"} == set(keys_of(ResponderConfig))


def test_the_settings_file_explains_every_key() -> None:
    assert set(EXPLAINED) == set(SORTS)
    for sort, cls in SUBJECTS.items():
        assert list(EXPLAINED[sort]) == keys_of(cls), sort  # type: ignore[index]


def documented() -> dict[str, list[str]]:
    """The keys of each table of docs/configuration.md, by its heading."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    sections = re.split(r"^### `\[+([a-z.]+)\]+`", text, flags=re.MULTILINE)[1:]
    return {
        name: re.findall(r"^\| `([a-z_]+)` \|", body, flags=re.MULTILINE)
        for name, body in zip(sections[::2], sections[1::2], strict=True)
    }


def test_the_documentation_has_every_key_and_no_other() -> None:
    expected = {name: keys_of(cls) for name, cls in TABLES.items()}
    expected["channel"] = keys_of(ChannelConfig)
    expected["notifier"] = keys_of(NotifierConfig)
    expected["responder"] = keys_of(ResponderConfig)
    expected |= {sort: keys_of(cls) for sort, cls in SUBJECTS.items()}
    expected["shop.phrases"] = keys_of(Phrases)
    assert documented() == expected


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_documentation_names_each_default(name: str) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for field in msgspec.structs.fields(TABLES[name]):
        [row] = re.findall(rf"^\| `{field.name}` \|(.*)$", text.split(f"### `[{name}]`")[1], flags=re.MULTILINE)[:1]
        default = field.default
        if isinstance(default, tuple):
            shown = str(list(default)).replace("'", '"')
        else:
            shown = "none" if default is None else json.dumps(default) if isinstance(default, int) else f'"{default}"'
        assert row.split("|")[0].strip().strip("`") == shown, field.name
