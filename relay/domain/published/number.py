"""A number as a platform shows it. `96.3 %` is a rounded reading of something exact: how many decimals were shown is
part of what was seen, so it is kept as whole digits and the place of the decimal point, and is never a float.

A share of a whole is written with its per cent sign: a spreadsheet that shows 96.3 % may hold 0.963, and nobody can
tell 0.963 from 0.963 % later.
"""

import re
import unicodedata
from fractions import Fraction
from typing import Final, Literal

import msgspec

Unit = Literal["percent", "number", "s", "min", "h", "d"]
"""`number` is a count or a score; the last four are spans of time."""
MOST_DECIMALS: Final = 6
MOST_DIGITS: Final = 12

_SIGNS: Final[dict[str, Unit]] = {
    "%": "percent",
    "s": "s", "秒": "s", "秒钟": "s",
    "min": "min", "分": "min", "分钟": "min",
    "h": "h", "小时": "h", "时": "h",
    "d": "d", "天": "d", "日": "d",
    "次": "number", "个": "number", "件": "number", "人": "number", "笔": "number", "条": "number",
}  # fmt: skip
_SHOWN: Final[dict[Unit, str]] = {"percent": " %", "number": "", "s": " s", "min": " min", "h": " h", "d": " d"}
_NUMBER: Final = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?\s*(?P<sign>\D*)", re.ASCII
)


class UnreadableFigureError(ValueError):
    """What was given is no published figure; says what and what to do, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.en, self.zh = en, zh


class Published(msgspec.Struct, frozen=True):
    """`digits` / 10^`decimals` of a unit: 96.30 % is 9630 with two decimals."""

    digits: int
    decimals: int
    unit: Unit

    @property
    def exact(self) -> Fraction:
        """The number that was shown."""
        return Fraction(self.digits, 10**self.decimals)

    @property
    def half(self) -> Fraction:
        """How far what was rounded may lie from it, either way; the border itself can be rounded up or down."""
        return Fraction(1, 2 * 10**self.decimals)

    def could_be(self, value: Fraction) -> bool:
        """Whether a value, in this unit, can have been shown as this number: rounded to nearest, halves either way."""
        return abs(value - self.exact) <= self.half

    def __str__(self) -> str:
        whole, part = divmod(self.digits, 10**self.decimals)
        shown = f"{whole}.{part:0{self.decimals}d}" if self.decimals else str(whole)
        return shown + _SHOWN[self.unit]


def read_number(text: str, units: tuple[Unit, ...]) -> Published:
    """`96.3%`, `96.30 ％`, `182`, `1,204`, `36h`, `1.5天`. `units` are those that the figure can have, the usual first.

    A number without a sign has the usual unit, if that is no per cent and no span, or nothing else can be meant.
    Raises UnreadableFigureError.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise UnreadableFigureError(
            f'"{_cut(plain)}" is no number such as 96.3% or 182', f'"{_cut(plain)}" 不是数字，应写作 96.3% 或 182'
        )
    whole, part, sign = found["whole"].replace(",", ""), found["part"] or "", found["sign"].strip().lower()
    if len(part) > MOST_DECIMALS or len(whole) + len(part) > MOST_DIGITS:
        raise UnreadableFigureError(
            f'"{_cut(plain)}" has more than {MOST_DECIMALS} decimals or {MOST_DIGITS} digits; give it as it was shown',
            f'"{_cut(plain)}" 超过 {MOST_DECIMALS} 位小数或 {MOST_DIGITS} 位数字，请照页面所示填写',
        )
    number = Published(int(whole + part), len(part), _unit(plain, sign, units))
    _bounded(plain, number, has_sign=bool(sign))
    return number


def _unit(text: str, sign: str, units: tuple[Unit, ...]) -> Unit:
    if sign:
        unit = _SIGNS.get(sign)
        if unit in units:
            return unit
        wanted = " | ".join(_SHOWN[one].strip() or "1" for one in units)
        raise UnreadableFigureError(
            f'"{_cut(text)}": this figure is not given in "{_cut(sign)}" but in {wanted}',
            f'"{_cut(text)}"：该指标的单位不是 "{_cut(sign)}"，应为 {wanted}',
        )
    if units[0] in ("min", "h", "d"):
        raise UnreadableFigureError(
            f'"{_cut(text)}" needs its unit: write {text}h (hours), {text}d (days) or {text}min',
            f'"{_cut(text)}" 须写明单位：{text}小时、{text}天或 {text}分钟',
        )
    return units[0]


def _bounded(text: str, number: Published, *, has_sign: bool) -> None:
    if number.unit != "percent":
        return
    if number.exact > 100:
        raise UnreadableFigureError(f'"{_cut(text)}" is more than 100 %', f'"{_cut(text)}" 超过 100 %')
    if not has_sign and 0 < number.exact <= 1:
        raise UnreadableFigureError(
            f'"{_cut(text)}" may be a share or a per cent: write it with %, such as 96.3%',
            f'"{_cut(text)}" 分不清是比值还是百分数，请带上 %，如 96.3%',
        )


def _cut(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"
