"""`relay orders`: files as shops export them, into a ledger file, and the report over it."""

import io
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from relay.cli.orders import orders
from relay.cli.orders_file import HEADS, STATES, read_orders
from relay.cli.settings import settings
from relay.cli.starter import CONFIG, KEY_PATH, SETTINGS
from relay.contracts.orders import Order
from relay.domain.names import Millis, ShopId
from relay.domain.streams import ORDERS
from relay.errors import BadInputError
from relay.runtime.settings_text import dump_settings
from relay.store import open_ledger, verify
from tests.domain.world import TEN
from tests.proof.process import SECRET, free_port

PAGE = (Path(__file__).parents[2] / "docs" / "orders.md").read_text(encoding="utf-8")
CHINESE = (
    "订单编号,买家会员名,订单创建时间,订单付款时间,买家实际支付金额,宝贝总数量,订单状态,备注\n"
    '="2026030200000000001",tb_zhang,2026-03-02 10:00:00,2026-03-02 10:01:00,"1,299.05",2,'
    "买家已付款，等待卖家发货,x\n"
    "2026030200000000002,tb_li,2026/03/02 10:00,,0,1,等待买家付款,\n"
)
WANTED = [
    Order(ShopId("shop1"), "2026030200000000001", "tb_zhang", Millis(TEN), Millis(TEN + 60_000), 129_905, 2, "paid"),
    Order(ShopId("shop1"), "2026030200000000002", "tb_li", Millis(TEN), None, 0, 1, "created"),
]


def read(tmp_path: Path, raw: bytes, name: str = "订单.csv", shop: str | None = "shop1") -> list[Order]:
    path = tmp_path / name
    path.write_bytes(raw)
    return read_orders(path, shop, "Asia/Shanghai")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_csv_as_the_platform_writes_it(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, CHINESE.encode(encoding)) == WANTED


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["order", "buyer", "created", "paid", "amount", "items", "status"])
    at = datetime(2026, 3, 2, 10)  # noqa: DTZ001  # a cell has no zone
    sheet.append(["2026030200000000001", "tb_zhang", at, at.replace(minute=1), 1299.05, 2, "paid"])
    sheet.append(["2026030200000000002", "tb_li", at, None, 0, 1, "created"])
    out = io.BytesIO()
    book.save(out)
    assert read(tmp_path, out.getvalue(), "orders.xlsx") == WANTED
    with pytest.raises(BadInputError, match="XLSX"):
        read(tmp_path, b"no zip", "orders.xlsx")


@pytest.mark.parametrize(
    ("cell", "column", "why"),
    [
        ("1.005", "amount", "不足一分"),
        ("free", "amount", "不是金额"),
        ("yesterday", "created", "不是时间"),
        ("1.5", "items", "不是件数"),
        ("lost", "status", "不是已知状态"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(tmp_path: Path, cell: str, column: str, why: str) -> None:
    heads = ["order", "buyer", "created", "amount", "items", "status"]
    good = ["1", "tb", "2026-03-02 10:00:00", "1", "1", "created"]
    bad = [cell if head == column else value for head, value in zip(heads, good, strict=True)]
    raw = "\n".join(",".join(line) for line in (heads, good, bad))
    with pytest.raises(BadInputError, match="line 3") as told:
        read(tmp_path, raw.encode())
    assert why in str(told.value)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="订单编号"):
        read(tmp_path, "买家,下单时间\n".encode())
    with pytest.raises(BadInputError, match="shop"):
        read(tmp_path, b"order,buyer,created\n", shop=None)
    with pytest.raises(BadInputError, match="only these kinds"):
        read(tmp_path, b"", "orders.pdf")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_orders(tmp_path / "none.csv", "shop1", "Asia/Shanghai")


def place(folder: Path) -> None:
    """A configuration with nobody serving, and the settings of `relay init`."""
    (folder / "config.toml").write_text(CONFIG.replace("port = 8765", f"port = {free_port()}"), encoding="utf-8")
    (folder / KEY_PATH).parent.mkdir()
    (folder / KEY_PATH).write_text(SECRET, encoding="ascii")
    (folder / "settings.toml").write_text(dump_settings(SETTINGS), encoding="utf-8")
    applied = ["apply", str(folder / "settings.toml"), "--config", str(folder / "config.toml")]
    assert CliRunner().invoke(settings, applied, catch_exceptions=False).exit_code == 0


def test_imported_twice_it_is_there_once_and_reported(tmp_path: Path) -> None:
    place(tmp_path)
    path = tmp_path / "orders.csv"
    path.write_bytes(CHINESE.encode())

    def run(*arguments: str) -> Result:
        where = ["--config", str(tmp_path / "config.toml")]
        return CliRunner().invoke(orders, [*arguments, *where], catch_exceptions=False)

    assert "2 个订单，未写入" in run("import", str(path), "--shop", "shop1", "--dry-run").output
    assert "new or changed 2, known 0" in run("import", str(path), "--shop", "shop1").output
    assert "new or changed 0, known 2" in run("import", str(path), "--shop", "shop1").output
    assert run("import", str(path), "--shop", "none").exit_code == 2
    assert run("import", str(path), "--shop", "shop1", "--zone", "Mars/Base").exit_code == 2
    data = next(tmp_path.rglob("relay.sqlite"))
    with open_ledger(data) as ledger:
        assert verify(ledger, ledger.heads()) == []
        assert [row.seq for row in ledger.read(ORDERS)] == [1, 2]
    assert "没有订单或接待" in run("report").output
    assert json.loads(run("report", "--json", "--by", "day").output) == {"by": "day", "rows": []}


def test_the_page_has_every_head_and_every_state() -> None:
    for words in (*HEADS.values(), *STATES.values()):
        for word in words:
            assert f"`{word}`" in PAGE
