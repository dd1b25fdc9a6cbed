"""docs/readers.md: its samples are read as it says, its example keeps the contract, and nothing is left out of it."""

import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from relay.contracts import Reader, Utterance
from relay.runtime.plugins import Plugins
from relay.testing.contracts_reader import ReaderContract
from relay_exports import READERS, columns, decoding, pages, pane, pieces
from relay_exports.tests import samples

PAGE = (Path(__file__).parents[3] / "docs" / "readers.md").read_text("utf-8")
BY_NAME = {reader.name: reader for reader in READERS}


def section(name: str) -> str:
    [body] = re.findall(rf"^## `{name}`\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE)
    return str(body)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_reader_has_a_section_and_a_row(name: str) -> None:
    assert section(name)
    assert f"| [`{name}`](#{name}) | " in PAGE


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - {"table"}))
def test_the_sample_of_a_format_is_read(name: str, tmp_path: Path) -> None:
    [sample, *_] = re.findall(r"```(?:json)?\n(.*?)```", section(name), re.DOTALL)
    path = tmp_path / "sample"
    path.write_text(sample, "utf-8")
    assert BY_NAME[name].fits(sample.encode(), path.name) >= 80
    assert "在吗" in [text for _, _, text in samples.told(BY_NAME[name].read(path))]


def test_every_field_of_a_table_is_explained_and_the_mappings_are_real() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", section("table"), re.MULTILINE)
    assert sorted(explained) == sorted(columns.FIELDS)
    mappings = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", section("table"), re.DOTALL)]
    assert len(mappings) == 2
    assert all(set(mapping) <= set(columns.FIELDS) and not columns.missing(mapping) for mapping in mappings)


def test_what_is_dropped_and_limited_is_listed() -> None:
    for word in (*pane.NOISE, *pane.READ_MARKERS, *pieces.NOISE):
        assert f"`{word}`" in PAGE, word
    assert f"{pieces.MOST_MEMBERS:,} members, {pieces.MOST_BYTES // pieces.MIB} MiB each" in PAGE
    assert f"a JSON page {pages.LARGEST_PAGE // pieces.MIB} MiB" in PAGE
    assert f"{pieces.MOST_BYTES_IN_ALL // pieces.MIB // 1024} GiB in all" in PAGE
    assert decoding.text_of("在".encode("gb18030")) == "在"


def example() -> Reader:
    [source] = re.findall(r"<!-- example: reader -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    module, plugins = ModuleType("arrow"), Plugins()
    exec(source, module.__dict__)
    module.register(plugins)
    [reader] = plugins.readers.values()
    return reader


class TestTheExample(ReaderContract):
    @pytest.fixture
    def reader(self) -> Reader:
        return example()

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        path = tmp_path / "arrow.txt"
        path.write_text("09:05 2022-01-07 小鱼 > 在吗\n09:06 2022-01-07 小美 > 在\n", "utf-8")
        return path


def test_the_example_reads_what_the_page_says(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("09:05 2022-01-07 nick > text\n", "utf-8")
    assert list(example().read(path)) == [Utterance(where=1, t="2022-01-07T09:05", nick="nick", text="text")]
