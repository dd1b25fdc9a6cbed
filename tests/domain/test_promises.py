"""What a text promises, and by when: a table, and what holds for every text."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain.names import HOUR, Millis
from relay.domain.promises import LONGEST_DAYS, SEARCHED, category_of, is_promise, promised_by, read_promise
from relay.domain.settings import MakeUpDay, Shop
from tests.domain.world import DESK, TEN

ZONE = ZoneInfo("Asia/Shanghai")
SHOP = Shop("shop", DESK, holidays=("2026-03-04",), make_up_days=(MakeUpDay("2026-03-07", "wed"),))


def wall(at: Millis | None, zone: ZoneInfo = ZONE) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000, zone).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("半小时内回复您", "03-02 10:30"),
        ("半个小时后联系您", "03-02 10:30"),
        ("一个半小时左右给您答复", "03-02 11:30"),
        ("20分钟后联系您", "03-02 10:20"),
        ("二十五分钟回您", "03-02 10:25"),
        ("十分钟", "03-02 10:10"),
        ("10到20分钟回您", "03-02 10:20"),
        ("一刻钟", "03-02 10:15"),
        ("24小时内回复", "03-03 10:00"),
        ("in half an hour", "03-02 10:30"),
        ("within 2 hours", "03-02 12:00"),
        ("下午回您", "03-02 18:00"),
        ("上午给您答复", "03-02 12:00"),
        ("今晚回复您", "03-02 21:00"),
        ("下班前", "03-02 18:00"),
        ("明天给您答复", "03-03 18:00"),
        ("明早回您", "03-03 10:00"),
        ("明天下午3点给您回电", "03-03 15:00"),
        ("后天上午", "03-04 12:00"),
        ("大后天", "03-05 18:00"),
        ("周五给您答复", "03-06 18:00"),
        ("周一", "03-02 18:00"),
        ("下周一回复您", "03-09 18:00"),
        ("周日", "03-08 18:00"),
        ("3点半前", "03-02 15:30"),
        ("9点", "03-02 21:00"),
        ("上午9点", "03-03 09:00"),
        ("15:30", "03-02 15:30"),
        ("晚上八点", "03-02 20:00"),
        ("中午12点", "03-02 12:00"),
        ("by 3pm", "03-02 15:00"),
        ("tomorrow morning", "03-03 12:00"),
        ("on friday", "03-06 18:00"),
        ("三天内联系您", "03-05 18:00"),
        ("2个工作日内", "03-05 18:00"),  # the 4th is a holiday
        ("5个工作日", "03-09 18:00"),  # the Saturday before is a make-up day
        ("帮您查一下", ""),
        ("稍后联系您", ""),
        ("100天", ""),
        ("0分钟", ""),
    ],
)
def test_by_when(text: str, due: str) -> None:
    assert wall(promised_by(text, SHOP, TEN)) == due


@pytest.mark.parametrize(
    ("clock", "text", "due"),
    [(19, "下午回您", "03-03 18:00"), (16, "3点", "03-03 03:00"), (23, "今晚", "03-03 21:00"),
     (11, "周一", "03-02 18:00"), (20, "周一", "03-09 18:00"), (12, "上午", "03-03 12:00")],
)  # fmt: skip
def test_what_has_passed_today_is_the_next_one(clock: int, text: str, due: str) -> None:
    assert wall(promised_by(text, SHOP, Millis(TEN + (clock - 10) * HOUR))) == due


def test_it_is_the_shops_own_clock() -> None:
    berlin = Shop("shop", DESK, zone="Europe/Berlin")
    at = Millis(int(datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000))
    assert wall(promised_by("明天下午3点", berlin, at), ZoneInfo("Europe/Berlin")) == "03-29 15:00"


@pytest.mark.parametrize(
    "text", ["帮您查一下", "下午回您", "明天给您答复", "稍后联系您", "I'll get back to you", "核实后回复您哦"]
)
def test_these_promise(text: str) -> None:
    assert is_promise(text, SHOP)


@pytest.mark.parametrize("text", ["今天下午发货", "在的亲", "稍等", "好的", "", "明天到货"])
def test_these_do_not(text: str) -> None:
    assert read_promise(text, SHOP, TEN) is None


def test_a_promise_without_a_time_is_due_at_the_shops_usual_one() -> None:
    shop = Shop("shop", DESK, follow_up_s=1800, promises=("等我消息",))
    promise = read_promise("亲，等我消息", shop, TEN)
    assert promise is not None
    assert (promise.due_at - TEN, promise.named) == (1_800_000, False)
    assert read_promise("查一下", shop, TEN) is None


@pytest.mark.parametrize(
    ("text", "category"),
    [("退款的事明天回您", "refund"), ("换货给您处理", "exchange"), ("发票明天开", "invoice"),
     ("快递丢件核实一下", "lost_parcel"), ("差价补偿", "compensation"), ("给您回电", "call_back"), ("查一下", "other")],
)  # fmt: skip
def test_what_it_is_about(text: str, category: str) -> None:
    assert category_of(text) == category


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ["明天", "下午", "周", "五", "下", "3", "点", "半", "十", "小时", "分钟", "工作日", "天", ":", "30", "pm"]
), max_size=8).map("".join), st.integers(0, 4_000_000_000_000))  # fmt: skip
def test_whatever_is_said_it_is_ahead_and_not_too_far(text: str, at: int) -> None:
    due_at = promised_by(text, SHOP, Millis(at))
    assert due_at is None or at < due_at <= at + LONGEST_DAYS * 24 * HOUR


def test_a_hostile_text_costs_no_more() -> None:
    assert read_promise("回您" + "十" * 100_000, SHOP, TEN) is not None
    assert not is_promise("x" * SEARCHED + "回您", SHOP)
