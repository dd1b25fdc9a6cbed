"""A shop's exported orders (CSV, TSV, XLSX) as `Order`s: heads as the platforms write them, in Chinese or English.

Every bad line is named, with what is wrong with it; nothing of a file with a bad line is taken, so that a month is
whole or not there. Amounts are yuan in the file and integer fen from here on, never rounded.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from relay.cli.library.rows import where
from relay.contracts.orders import Order
from relay.domain.names import Millis
from relay.errors import BadInputError
from relay.runtime.sheets import separated, sheet

HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("order", "order_id", "订单编号", "订单号", "主订单编号"),
    "buyer": ("buyer", "buyer_id", "买家会员名", "买家昵称", "买家id", "买家"),
    "created_at": ("created", "created_at", "订单创建时间", "下单时间", "创建时间"),
    "paid_at": ("paid", "paid_at", "订单付款时间", "付款时间", "支付时间"),
    "amount_fen": ("amount", "amount_yuan", "买家实际支付金额", "实付金额", "实付款", "金额"),
    "items": ("items", "宝贝总数量", "商品数量", "件数", "数量"),
    "status": ("status", "订单状态", "状态"),
    "shop": ("shop", "店铺"),
}
"""What a column may be called; the first is ours."""
STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "created": ("created", "等待买家付款", "待付款"),
    "paid": ("paid", "买家已付款，等待卖家发货", "买家已付款,等待卖家发货", "待发货", "已付款"),
    "shipped": ("shipped", "卖家已发货，等待买家确认", "卖家已发货,等待买家确认", "待收货", "已发货"),
    "finished": ("finished", "交易成功", "已完成", "已收货"),
    "closed": ("closed", "交易关闭", "已关闭", "已取消"),
    "refunded": ("refunded", "退款成功", "已退款"),
}
_MOST_NAMED: Final = 20
_WALL: Final = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")


def read_orders(path: Path, shop: str | None, zone: str) -> list[Order]:
    """Every order of the file. `shop`: of all lines that name none. Raises BadInputError naming the lines."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: 无法读取 / cannot be read ({error.strerror or error})") from None
    lines: Iterator[Sequence[object]]
    match path.suffix.casefold():
        case ".csv" | ".tsv" | ".txt":
            lines = separated(path.name, raw)
        case ".xlsx":
            lines = sheet(path.name, raw)
        case _:
            raise BadInputError(f"{path}: 只支持 .csv .tsv .xlsx / only these kinds of file are read")
    return _read(path.name, lines, shop, ZoneInfo(zone))


def _read(name: str, lines: Iterator[Sequence[object]], shop: str | None, zone: ZoneInfo) -> list[Order]:
    keys = _keys(name, next(lines, ()), shop)
    found, wrong = [], []
    for number, cells in enumerate(lines, 2):
        read = {key: cell for key, cell in zip(keys, cells, strict=False) if key and cell not in (None, "")}
        if not read:
            continue
        try:
            found.append(_order({"shop": shop, **read}, zone))
        except (ValueError, msgspec.ValidationError) as error:
            wrong.append(f"{where(number)}: {error}")
    if wrong:
        more = [f"… {len(wrong) - _MOST_NAMED}"] if len(wrong) > _MOST_NAMED else []
        raise BadInputError("\n".join([f"{name}: 未导入 / nothing was taken", *wrong[:_MOST_NAMED], *more]))
    return found


def _keys(name: str, heads: Sequence[object], shop: str | None) -> list[str | None]:
    named = [str(cell).strip().casefold() if cell is not None else "" for cell in heads]
    keys = [next((key for key, words in HEADS.items() if head in words), None) for head in named]
    needed = ("order", "buyer", "created_at", *(() if shop else ("shop",)))
    if missing := [HEADS[key] for key in needed if key not in keys]:
        wanted = "; ".join(" | ".join(words) for words in missing)
        raise BadInputError(f"{name}: 表头缺少 / the first line must have the columns: {wanted}")
    return keys


def _order(read: Mapping[str, Any], zone: ZoneInfo) -> Order:
    told: dict[str, Any] = {"shop": read["shop"], "order": _text(read["order"]), "buyer": _text(read["buyer"])}
    told["created_at"] = _instant(read.get("created_at"), zone)
    if "paid_at" in read:
        told["paid_at"] = _instant(read["paid_at"], zone)
    if "amount_fen" in read:
        told["amount_fen"] = _fen(read["amount_fen"])
    if "items" in read:
        told["items"] = _whole(read["items"])
    told["status"] = _status(read["status"]) if "status" in read else "paid" if "paid_at" in read else "created"
    return msgspec.convert(told, Order)


def _text(cell: object) -> str:
    """A long number that Excel keeps from being one is written `="123"` or with a quote; a float has lost its end."""
    if isinstance(cell, float):
        raise ValueError(f"{cell!r} 被表格存成了数字，可能已失真 / was stored as a number and may have lost digits")
    return str(cell).strip().removeprefix('="').removesuffix('"').removeprefix("'")


def _instant(cell: object, zone: ZoneInfo) -> Millis:
    at = cell if isinstance(cell, datetime) else _parsed(str(cell).strip())
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return Millis(round(at.timestamp() * 1000))


def _parsed(text: str) -> datetime:
    for form in _WALL:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  # the zone is the caller's
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} 不是时间 / is no time, such as 2026-11-11 10:00:00") from None


def _fen(cell: object) -> int:
    """Yuan to fen. A float of a spreadsheet is what it shows."""
    try:
        fen = Decimal(str(cell).strip().removeprefix("¥").removeprefix("￥").replace(",", "")) * 100
    except InvalidOperation:
        raise ValueError(f"{cell!r} 不是金额 / is no amount of yuan") from None
    if fen != fen.to_integral_value():
        raise ValueError(f"{cell!r} 不足一分 / has less than a fen")
    return int(fen)


def _whole(cell: object) -> int:
    text = str(cell).strip().removesuffix(".0")
    if not text.isdecimal():
        raise ValueError(f"{cell!r} 不是件数 / is no number of items")
    return int(text)


def _status(cell: object) -> str:
    word = str(cell).strip().casefold()
    for status, words in STATES.items():
        if word in words:
            return status
    raise ValueError(f"{cell!r} 不是已知状态 / is no status; there are {', '.join(STATES)}")
