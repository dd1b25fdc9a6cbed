"""The reader contract over every reader, from a plain file and from a zip."""

from datetime import datetime
from pathlib import Path

import pytest

from relay.contracts import Reader
from relay.runtime.plugins import Plugins
from relay.testing.contracts_reader import ReaderContract
from relay_exports import READERS, register
from relay_exports.tests import samples

BY_NAME = {reader.name: reader for reader in READERS}
FILES: dict[str, tuple[str, str, bytes]] = {
    "table": ("table", "log.csv", samples.csv().encode("utf-8-sig")),
    "table gb18030": ("table", "log.csv", samples.csv().encode("gb18030")),
    "table tsv": ("table", "log.tsv", "时间\t昵称\t内容\n2022-1-7 9:05\ta\tx\n2022-1-7 9:06\tb\ty\n".encode()),
    "jd": ("jd-txt", "jd.txt", samples.jd().encode()),
    "jd zip": ("jd-txt", "jd.zip", samples.zipped({"会话.log": samples.jd().encode("gb18030")})),
    "im": ("wangwang-im", "im.txt", samples.wangwang_im().replace("\n", "\r\n").encode("gb18030")),
    "im utf-16": ("wangwang-im", "im.txt", samples.wangwang_im().encode("utf-16")),
    "chat": ("wangwang-chat", "chat.txt", samples.wangwang_chat().encode("utf-8-sig")),
    "pane": ("qianniu-pane", "pane.txt", samples.pane().encode()),
    "page": ("qianniu-json", "a.json", samples.page().encode()),
    "pages zip": ("qianniu-json", "all.zip", samples.zipped({f"{n}.json": samples.page().encode() for n in "ab"})),
}


class TestReaders(ReaderContract):
    @pytest.fixture(params=sorted(FILES))
    def case(self, request: pytest.FixtureRequest) -> tuple[str, str, bytes]:
        return FILES[request.param]

    @pytest.fixture
    def reader(self, case: tuple[str, str, bytes]) -> Reader:
        return BY_NAME[case[0]]

    @pytest.fixture
    def sample(self, case: tuple[str, str, bytes], tmp_path: Path) -> Path:
        path = tmp_path / case[1]
        path.write_bytes(case[2])
        return path


class TestWorkbook(ReaderContract):
    @pytest.fixture
    def reader(self) -> Reader:
        return BY_NAME["table"]

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        rows = [["时间", "昵称", "内容"], [datetime(2022, 1, 7, 9, 5), "a", "x"], ["2022-1-7 9:06", "b", "y"]]  # noqa: DTZ001
        return samples.xlsx(tmp_path / "log.xlsx", rows)


def test_the_plugin_offers_every_reader() -> None:
    plugins = Plugins()
    register(plugins)
    assert sorted(plugins.readers) == [
        "jd-txt", "qianniu-json", "qianniu-pane", "table", "wangwang-chat", "wangwang-im",
    ]  # fmt: skip
