"""Times: every way to write one that we know, with the precision that stands there; all else is no time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rules.instants import InstantReader
from relay_exports.stamps import day, stamp, stamp_of

WRITTEN = {
    "2022-01-07 09:05:03": "2022-01-07T09:05:03",
    "2022/1/7 9:05": "2022-01-07T09:05",
    "2022/1/7  9:05:03": "2022-01-07T09:05:03",
    "2022.01.07 09:05": "2022-01-07T09:05",
    "2022年1月7日 9:05:03": "2022-01-07T09:05:03",
    "2022年1月7日9：05": "2022-01-07T09:05",
    "2022/1/7 上午 9:05:03": "2022-01-07T09:05:03",
    "2022/1/7 下午9:05": "2022-01-07T21:05",
    "2022/1/7 12:05 AM": "2022-01-07T00:05",
    "2022-01-07 12:05:00 PM": "2022-01-07T12:05:00",
    "2022-01-07T09:05:03.250": "2022-01-07T09:05:03.250",
    "2022-01-07T09:05:03+08:00": "2022-01-07T09:05:03+08:00",
    "2022-01-07T09:05:03 +0800": "2022-01-07T09:05:03+08:00",
    "2022-01-07T01:05:03z": "2022-01-07T01:05:03Z",
    "1641517503": "2022-01-07T01:05:03Z",
    "1641517503.5": "2022-01-07T01:05:03.5Z",
    "1641517503250": "2022-01-07T01:05:03.250Z",
    "44568.378506944": "2022-01-07T09:05:03",
    " 2022-1-7 9:05\t": "2022-01-07T09:05",
}
NO_TIME = (
    "", "在吗", "2022-01-07", "09:05:03", "2022-02-30 10:00:00", "2022-01-07 24:00:00", "2022-01-07 10:60", "44568",
    "7/1/2022 9:05", "22/1/7 9:05", "2022-1-79:05", "2022/1/7 13:05 PM", "1989-01-07 09:05", "2101-01-01 00:00:00",
    "2022-01-07 09:05:03 +15:00", "99999.5", "1", "164151750", "16415175032501", "2022-01/07 09:05", "今天 09:05",
    "٢٠٢٢-٠١-٠٧ ٠٩:٠٥:٠٣",
)  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_a_time_is_read(text: str) -> None:
    assert stamp(text) == WRITTEN[text]


@pytest.mark.parametrize("text", NO_TIME)
def test_what_is_no_time_or_has_two_readings_is_none(text: str) -> None:
    assert stamp(text) is None


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("2022/1/7", "9:05", "2022-01-07T09:05"),
        ("20220107", "09:05:03", "2022-01-07T09:05:03"),
        ("2022-01-07 00:00:00", "下午 1:05", "2022-01-07T13:05"),
        ("44568", "0.378506944", "2022-01-07T09:05:03"),
        ("", "2022-01-07 09:05", "2022-01-07T09:05"),
        ("4月3日", "09:05", None),
        ("今天", "09:05", None),
        ("2022-01-07", "", None),
        ("2022-01-07", "昨天", None),
    ],
)
def test_a_date_and_a_time_of_day_are_one_time(date: str, time: str, expected: str | None) -> None:
    assert stamp_of(date, time) == expected


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)), st.integers(0, 6))  # noqa: DTZ001
def test_what_python_writes_is_read_back(at: datetime, digits: int) -> None:
    text = at.strftime("%Y-%m-%d %H:%M:%S") + (f".{at.microsecond:06}"[: digits + 1] if digits else "")
    assert stamp(text) == text.replace(" ", "T")
    assert day(text) == text[:10]


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 30)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001
def test_a_spreadsheet_s_day_number_is_read_to_the_second(at: datetime) -> None:
    days = (at - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    if not days.is_integer():
        assert stamp(repr(days)) == at.isoformat()


@given(st.text(max_size=40) | st.text("0123456789-/:. TZ+上午年月日AMP", max_size=40))
def test_whatever_is_taken_for_a_time_is_one(text: str) -> None:
    if (told := stamp(text)) is not None:
        assert stamp(told) == told
        InstantReader(ZoneInfo("Asia/Shanghai")).read(told)
    day(text)
    stamp_of(text, text)


def test_an_epoch_number_is_an_instant() -> None:
    at = datetime(2022, 1, 7, 1, 5, 3, tzinfo=UTC)
    assert stamp(str(int(at.timestamp()))) == at.isoformat().replace("+00:00", "Z")
