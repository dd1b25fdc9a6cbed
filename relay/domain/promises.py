"""What a person's text promises for later: whether, about what, and by when (承诺).

Pure functions of the text, the instant and the shop's zone and calendar; the desk never sees the text, only what is
read here at its edge. A text promises if it has one of the shop's promise phrases in it.

By when, first match counts: a span ("半小时", "20分钟", "3个工作日", "in 2 hours"); a day, a part of the day and a
clock time, each if it is named ("明天下午3点", "周五", "15:30"); else the shop's usual time for such promises.
A part of the day means its end, for that is when the buyer will have waited long enough; a day alone means the end of
its work. What has passed today means the next day. Working days follow the shop's calendar: no Saturdays and Sundays,
no holidays, but make-up days.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from relay.domain.facts import Promise
from relay.domain.names import HOUR, MINUTE, Millis
from relay.domain.phrases import fold
from relay.domain.settings import Category, Shop
from relay.domain.shifts import WEEK, reached

SEARCHED: Final = 500
"""Promises are looked for in so many characters."""
LONGEST_DAYS: Final = 60
END_OF_WORK: Final = "18:00"
_DAY: Final = timedelta(days=1)
_NUMBERS: Final = {"半": 0.5, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
                   "十": 10, "an": 1, "a": 1, "half": 0.5}  # fmt: skip
_NUMBER: Final = r"([0-9]{1,3}|[半一两二三四五六七八九]?十[一二三四五六七八九]?|[半一两二三四五六七八九])"
_SPANS: Final = (
    (re.compile(_NUMBER + r"\s*(?:分钟|分鐘|min(?:ute)?s?\b)"), MINUTE),
    (re.compile(_NUMBER + r"\s*(?:个)?(?:小时|小時|钟头|hours?\b)"), HOUR),
    (re.compile(r"\b(half an|an|a) hour\b"), HOUR),
)
_AND_A_HALF: Final = re.compile(r"([一两二三四五六七八九]|[0-9]{1,2})个半(?:小时|钟头)")
_QUARTER: Final = re.compile(r"([一三])刻钟")
_DAYS: Final = re.compile(_NUMBER + r"\s*(?:个)?(工作日|天|日内|working days?\b|days?\b)")
_NAMED_DAYS: Final = (
    ("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("明早", 1), ("明晚", 1), ("今天", 0), ("今日", 0),
    ("今晚", 0), ("tomorrow", 1), ("today", 0), ("tonight", 0),
)  # fmt: skip
_WEEKDAY: Final = re.compile(r"(下)?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEKDAYS_EN: Final = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b")
_PARTS: Final = (
    ("早上", "10:00"), ("明早", "10:00"), ("上午", "12:00"), ("中午", "13:00"), ("下午", END_OF_WORK),
    ("下班前", END_OF_WORK), ("傍晚", "19:00"), ("晚上", "21:00"), ("今晚", "21:00"), ("明晚", "21:00"),
    ("morning", "12:00"), ("noon", "13:00"), ("afternoon", END_OF_WORK), ("evening", "21:00"), ("tonight", "21:00"),
)  # fmt: skip
_LATE_PARTS: Final = frozenset(
    {"中午", "下午", "傍晚", "晚上", "今晚", "明晚", "noon", "afternoon", "evening", "tonight"}
)
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?:\s*(pm|am))?")
_HOUR: Final = re.compile(r"([0-9]{1,2}|[一两二三四五六七八九]|十[一二]?)点(?:钟)?(半|[0-5]?[0-9]分)?")
_HOUR_EN: Final = re.compile(r"\b([0-9]{1,2})\s*(pm|am)\b")
_ABOUT: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    ("lost_parcel", ("丢件", "丢失", "没收到", "未收到", "物流", "快递", "包裹", "parcel", "lost")),
    ("compensation", ("赔", "补偿", "差价", "compensat")),
    ("exchange", ("换货", "换一件", "换码", "补发", "exchange", "replacement")),
    ("refund", ("退款", "退货", "退钱", "仅退", "refund")),
    ("invoice", ("发票", "开票", "invoice")),
    ("call_back", ("回电", "电话", "打给", "call")),
)


def read_promise(text: str, shop: Shop, at: Millis) -> Promise | None:
    """What this text of a person promises at this instant; None if nothing."""
    if not is_promise(text, shop):
        return None
    due_at = promised_by(text, shop, at)
    usual = Millis(at + shop.follow_up_s * 1000)
    return Promise(due_at if due_at is not None else usual, category_of(text), due_at is not None)


def is_promise(text: str, shop: Shop) -> bool:
    """Whether one of the shop's promise phrases stands in it."""
    words = fold(text[:SEARCHED])
    return any((phrase := fold(one)) and phrase in words for one in shop.promises)


def category_of(text: str) -> Category:
    """What it is about, as far as its words say."""
    words = unicodedata.normalize("NFKC", text[:SEARCHED]).casefold()
    return next((category for category, signs in _ABOUT if any(sign in words for sign in signs)), "other")


def promised_by(text: str, shop: Shop, at: Millis) -> Millis | None:
    """The instant that the words name, after `at` and at most `LONGEST_DAYS` away; None if they name none."""
    words = unicodedata.normalize("NFKC", text[:SEARCHED]).casefold()
    found = _span(words, at)
    if found is None:
        found = _working_days(words, shop, at) or _day_and_time(words, shop, at)
    return found if found is not None and at < found <= at + LONGEST_DAYS * 24 * HOUR else None


def _number(word: str) -> float:
    if word.isascii() and word.isdecimal():
        return int(word)
    if word in _NUMBERS:
        return _NUMBERS[word]
    tens, _, ones = word.partition("十")
    return (_NUMBERS[tens] if tens else 1) * 10 + (_NUMBERS[ones] if ones else 0)


def _span(words: str, at: Millis) -> Millis | None:
    """A span from now: of several the last one named, as in "10到20分钟"."""
    if (half := _AND_A_HALF.search(words)) is not None:
        return Millis(at + round((_number(half[1]) + 0.5) * HOUR))
    if (quarter := _QUARTER.search(words)) is not None:
        return Millis(at + round(_number(quarter[1]) * 15 * MINUTE))
    for pattern, unit in _SPANS:
        for match in reversed(list(pattern.finditer(words))):
            count = 0.5 if match[1] == "half an" else _number(match[1])
            return Millis(at + round(count * unit))
    return None


def _working_days(words: str, shop: Shop, at: Millis) -> Millis | None:
    """So many days, or working days, from today: until the end of the last one's work."""
    match = _DAYS.search(words)
    if match is None:
        return None
    today = _local(shop, at).date()
    count = max(1, round(_number(match[1])))
    if match[2].startswith(("工作日", "working")):
        day = next(one for number, one in enumerate(_worked(shop, today), 1) if number == min(count, LONGEST_DAYS))
    else:
        day = today + count * _DAY
    return reached(END_OF_WORK, shop.zone, day)


def _worked(shop: Shop, after: date) -> Iterator[date]:
    """The working days after this date."""
    made_up = {one.date for one in shop.make_up_days}
    day = after
    while True:
        day += _DAY
        name = day.isoformat()
        if name in made_up or (day.weekday() < 5 and name not in shop.holidays) or (day - after).days > 400:
            yield day


def _day_and_time(words: str, shop: Shop, at: Millis) -> Millis | None:
    today = _local(shop, at).date()
    day, part = _day(words, today), next((one for one in _PARTS if one[0] in words), None)
    clocks = _clocks(words, part[0] if part is not None else "")
    if not clocks and part is not None:
        clocks = [part[1]]
    if not clocks and day is None:
        return None
    clocks = clocks or [END_OF_WORK]
    instants = [reached(clock, shop.zone, day or today) for clock in clocks]
    ahead = [one for one in instants if one > at]
    if ahead:
        return min(ahead)
    again = 7 if _WEEKDAY.search(words) or _WEEKDAYS_EN.search(words) else 1
    return reached(clocks[0], shop.zone, (day or today) + again * _DAY)


def _day(words: str, today: date) -> date | None:
    for name, days in _NAMED_DAYS:
        if name in words:
            return today + days * _DAY
    if (match := _WEEKDAY.search(words)) is not None:
        wanted = "一二三四五六日".index("日" if match[2] == "天" else match[2])
        monday = today - today.weekday() * _DAY + (7 if match[1] else 0) * _DAY
        day = monday + wanted * _DAY
        return day if day >= today else day + 7 * _DAY
    if (english := _WEEKDAYS_EN.search(words)) is not None:
        wanted = [one[:3] for one in WEEK].index(english[1][:3])
        return today + ((wanted - today.weekday()) % 7) * _DAY
    return None


def _clocks(words: str, part: str) -> list[str]:
    """The clock times that may be meant: "3点" alone is either half of the day, and the next one counts."""
    if (match := _CLOCK.search(words)) is not None:
        return _of_hour(int(match[1]), int(match[2]), part, match[3])
    if (match := _HOUR.search(words)) is not None:
        minute = 30 if match[2] == "半" else int((match[2] or "0").rstrip("分"))
        return _of_hour(round(_number(match[1])), minute, part, None)
    if (match := _HOUR_EN.search(words)) is not None:
        return _of_hour(int(match[1]), 0, part, match[2])
    return []


def _of_hour(hour: int, minute: int, part: str, half: str | None) -> list[str]:
    if hour > 24 or minute > 59:
        return []
    if half == "pm" or (half is None and part in _LATE_PARTS):
        hours = [hour + 12 if hour < 12 and not (part in ("中午", "noon") and hour > 9) else hour]
    elif half == "am" or part or hour >= 12 or hour == 0:
        hours = [hour]
    else:
        hours = [hour, hour + 12]
    return [f"{one % 24:02}:{minute:02}" for one in hours]


def _local(shop: Shop, at: Millis) -> datetime:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(shop.zone))
