"""Slots in texts: how they are read, filled in, recognised and refused. Pure functions, table by table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.slots import SLOTS, VALUE_LIMIT, clean, faults, fill, fits, needed, open_gaps, slots_of, words_alone

NAMES = {"agent": "小美", "buyer_name": "橘猫", "position": "3"}


@pytest.mark.parametrize(
    ("text", "values", "filled", "gaps"),
    [
        ("请稍等", {}, "请稍等", []),
        ("{agent}为您服务", NAMES, "小美为您服务", []),
        ("{客服}为您服务", NAMES, "小美为您服务", []),
        ("{ agent }好", NAMES, "小美好", []),
        ("{buyer_name|亲}您好", {}, "亲您好", []),
        ("{buyer_name|}您好", {}, "您好", []),
        ("{buyer_name|亲}您好", NAMES, "橘猫您好", []),
        ("订单{order_no}已发", NAMES, "订单{order_no}已发", ["order_no"]),
        ("订单{订单号}已发", NAMES, "订单{order_no}已发", ["order_no"]),
        ("{{agent}}和{agent}", NAMES, "{agent}和小美", []),
        ("{position}，{order_no}，{order_no}", NAMES, "3，{order_no}，{order_no}", ["order_no", "order_no"]),
        ("{单号}已发", {}, "{单号}已发", ["单号"]),
    ],
)
def test_a_text_is_filled_in_and_its_gaps_are_marked(
    text: str, values: dict[str, str], filled: str, gaps: list[str]
) -> None:
    found = fill(text, values)
    assert found.text == filled
    assert [gap.slot.name for gap in found.gaps] == gaps
    assert [found.text[gap.start : gap.end] for gap in found.gaps] == [f"{{{name}}}" for name in gaps]


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("{ordr_no}", '没有变量 "ordr_no"；是不是 {order_no}？'),
        ("{买家妮称}", '没有变量 "买家妮称"；是不是 {买家昵称}？'),
        ("{phone}", '没有变量 "phone"；可用：'),
        ("{}", '没有变量 ""；可用：'),
        ("a { b", '单独的 "{"'),
        ("a } b", '单独的 "}"'),
        ("{{agent}", '单独的 "}"'),
        ("{agent|{shop}}", '单独的 "{"'),
    ],
)
def test_what_is_no_slot_is_refused_with_the_nearest(text: str, zh: str) -> None:
    found = faults(text)
    assert found
    assert any(one.zh.startswith(zh) for one in found), found
    assert all(one.en for one in found)


@pytest.mark.parametrize("text", ["请稍等", "{agent}", "{买家昵称|亲}", "{{", "}}", "{{x}}{agent}"])
def test_what_may_stand(text: str) -> None:
    assert faults(text) == []


def test_which_slots_a_text_has_and_which_it_needs() -> None:
    text = "{buyer_name|亲}，{agent}请您等{minutes}分钟，{agent}"
    assert slots_of(text) == ("buyer_name", "agent", "minutes")
    assert needed(text) == ("agent", "minutes")


def test_every_slot_says_what_it_is_and_who_knows_it() -> None:
    assert {name for name, slot in SLOTS.items() if slot.personal} == {"buyer_name", "order_no"}
    assert all(slot.zh and slot.en and slot.name == name for name, slot in SLOTS.items())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("橘猫", "橘猫"),
        ("  a \n b\t", "a b"),
        ("{order_no}", "order_no"),
        ("\u202e\x1b\u200b", ""),
        ("长" * 100, "长" * VALUE_LIMIT),
    ],
)
def test_a_value_is_one_short_line_that_is_no_slot(value: str, shown: str) -> None:
    assert clean(value) == shown


@pytest.mark.parametrize(
    ("template", "text", "is_it"),
    [
        ("请稍等", "请稍等", True),
        ("请稍等", "请稍等。", False),
        ("订单{order_no}已发", "订单1已发", True),
        ("订单{order_no}已发", "订单已发", False),
        ("{buyer_name|}您好", "您好", True),
        ("{agent}和{agent}", "a和b和c", True),
        ("{agent}ab{agent}ab", "xababab", True),
        ("{agent}ab{agent}ab", "xabab", False),
        ("{{a}}{agent}", "{a}x", True),
        ("a.c", "abc", False),
    ],
)
def test_a_text_fits_its_template(template: str, text: str, is_it: bool) -> None:
    assert fits(template, text) == is_it


def test_a_hostile_template_costs_no_more_than_its_length() -> None:
    assert not fits("{agent}a" * 60, "a" * 2_000 + "b")


@given(
    st.lists(st.sampled_from(["请", "{agent}", "{buyer_name|亲}", "{{", "}}", "a"]), max_size=8), st.text(max_size=60)
)
def test_what_was_filled_in_fits_its_template(parts: list[str], name: str) -> None:
    text = "".join(parts)
    filled = fill(text, {"agent": name, "buyer_name": name})
    if not filled.gaps and filled.text.strip() == filled.text:
        assert fits(text, filled.text)
    assert (filled.gaps == ()) == ("agent" not in slots_of(text) or bool(clean(name)))


def test_a_mark_in_a_finished_text_is_found() -> None:
    assert [slot.name for slot in open_gaps("订单{order_no}，{客服}，{别的}")] == ["order_no", "agent"]


def test_a_slot_hides_no_word() -> None:
    assert words_alone("微{buyer_name|}信") == "微" + " " * 13 + "信"
    assert words_alone("加{agent|微}信").replace(" ", "") == "加微信"
    assert words_alone("{x}{{") == "{x}{{"
