"""By which name a figure goes: the id of a rule, one of a short list that relay never computes, or `other:` and a name.

Complaints, attitude and the like come from what buyers say and from the platform's own desks. relay takes them down to
show them beside its own figures and works none of them out.
"""

import unicodedata
from collections.abc import Collection
from typing import Final, NamedTuple

from relay.domain.published.number import Unit, UnreadableFigureError

OTHER: Final = "other:"
MOST_NAME: Final = 40
TIMES: Final[tuple[Unit, ...]] = ("h", "d", "min", "s")


class ShopFigure(NamedTuple):
    """A figure that only the platform knows. `units` are those it may be shown in, the usual one first."""

    id: str
    zh: str
    en: str
    units: tuple[Unit, ...]
    also: tuple[str, ...] = ()
    """Other names that sellers' pages use."""


SHOP_FIGURES: Final[dict[str, ShopFigure]] = {
    one.id: one
    for one in (
        ShopFigure("complaints", "投诉", "complaints", ("number", "percent"), ("投诉率", "投诉量", "投诉数")),
        ShopFigure("attitude", "服务态度", "attitude score", ("number",), ("服务态度DSR", "服务态度分")),
        ShopFigure("refund_disputes", "退款纠纷", "refund disputes", ("number", "percent"), ("退款纠纷率",)),
        ShopFigure("refund_time", "退款完结时长", "refund completion time", TIMES, ("退款时长", "退款完成时长")),
        ShopFigure("negative_reviews", "差评", "negative reviews", ("number", "percent"), ("差评率", "差评数")),
        ShopFigure("satisfaction", "客服满意度", "satisfaction", ("percent", "number"), ("满意度", "客户满意率")),
    )
}  # fmt: skip
_BY_NAME: Final = {
    name.casefold(): one.id for one in SHOP_FIGURES.values() for name in (one.id, one.zh, one.en, *one.also)
}


def figure_of(text: str, rules: Collection[str]) -> str:
    """The figure that is meant. `rules` are the rule ids there are. Raises UnreadableFigureError."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in rules:
        return plain
    known = _BY_NAME.get(plain.casefold())
    if known is not None:
        return known
    head, sign, name = plain.partition(":")
    if sign and head.strip().casefold() in ("other", "其他"):
        return OTHER + _free_name(name.strip())
    names = ", ".join((*sorted(rules), *SHOP_FIGURES, f"{OTHER}NAME"))
    raise UnreadableFigureError(
        f'there is no figure "{plain[:40]}"; there are {names}', f'没有指标 "{plain[:40]}"，可用：{names}'
    )


def _free_name(name: str) -> str:
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise UnreadableFigureError(
            f"after {OTHER} comes a name of 1 to {MOST_NAME} printable characters",
            f"{OTHER} 之后须写 1 到 {MOST_NAME} 个可见字符的名称",
        )
    return name


def figure_name(figure: str) -> tuple[str, str]:
    """How people call it, in Chinese and English; of a rule its id."""
    one = SHOP_FIGURES.get(figure)
    if one is not None:
        return one.zh, one.en
    return (figure.removeprefix(OTHER),) * 2
