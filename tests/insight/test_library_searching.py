"""Finding a quick reply under pressure: each way of typing it, and the order in which the found ones stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.insight.library.folding import fold
from relay.insight.library.searching import Entry, Index, spoken
from relay.insight.library.slips import Slips

REPLIES = [
    Entry("greet", "您好，欢迎光临，请问想了解哪款商品？", "问候"),
    Entry("return.how", "退货请在订单页面申请售后，寄出后填写快递单号。", "退换货"),
    Entry("return.cost", "由谁承担退货运费要看原因，请说明情况。", "退换货"),
    Entry("restock", "补货后页面会恢复可选。", "库存"),
    Entry("ship", "仓库已经发货，物流更新后可在订单里查看。", "发货"),
    Entry("invoice", "可以开發票，请填写抬头和税号。", "发票"),
    Entry("city", "重庆的仓库离您较近。", "发货"),
    Entry("weight", "重量请看参数栏。", "商品"),
    Entry("sku", "A12型号的QQ糖有货。", "商品"),
]
INDEX = Index(REPLIES)


def ids(query: str, **more: object) -> list[str]:
    return [one.id for one in INDEX.search(query, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "first", "why"),
    [
        ("退货", "return.how", "text"),
        ("發貨", "ship", "text"),
        ("发票", "invoice", "text"),
        ("物 流", "ship", "text"),
        ("运费", "return.cost", "text"),
        ("ＱＱ", "sku", "text"),
        ("a12", "sku", "text"),
        ("th", "return.how", "initials"),
        ("thqz", "return.how", "initials"),
        ("wlgx", "ship", "initials"),
        ("TUIHUO", "return.how", "pinyin"),
        ("fapiao", "invoice", "pinyin"),
        ("wuliu", "ship", "pinyin"),
        ("kuaid", "return.how", "pinyin"),
        ("tui货", "return.how", "pinyin"),
        ("chongqing", "city", "pinyin"),
        ("zhongliang", "weight", "pinyin"),
        ("cq", "city", "initials"),
        ("退伙", "return.how", "sound"),
        ("发飘", "invoice", "sound"),
        ("tuhuo", "return.how", "nearly"),
        ("tuuihuo", "return.how", "nearly"),
        ("tiuhuo", "return.how", "nearly"),
        ("wulliu", "ship", "nearly"),
        ("快弟单号", "return.how", "sound"),
        ("快送单号", "return.how", "nearly"),
        ("页面恢复", "restock", "nearly"),
        ("退货 原因", "return.cost", "text"),
        ("仓库 近", "city", "text"),
        ("t h", "return.how", "initials"),
        ("tui yunfei", "return.cost", "pinyin"),
        ("return.cost", "return.cost", "id"),
        ("ret", "return.how", "id"),
        ("库存", "restock", "topic"),
    ],
)
def test_how_it_is_found(query: str, first: str, why: str) -> None:
    best = INDEX.search(query)[0]
    assert (best.id, best.why) == (first, why)


@pytest.mark.parametrize("query", ["", "  ", "！？", "zzzz", "龘靐", "qwertyuiop" * 9, "\ud800", "12345678"])
def test_what_nobody_has_is_not_found(query: str) -> None:
    assert ids(query) == []


def test_pinyin_begins_with_a_character() -> None:
    assert INDEX.search("uihuo")[0].why == "nearly", "a slip, for no character begins with ui"
    assert ids("kuaididanhao") == ["return.how"]
    assert ids("aididanhao") == []


def test_a_slip_that_may_be_two_words_gives_both_the_same_first_letter_first() -> None:
    assert ids("tuhuo") == ["return.how", "return.cost", "restock"]


def test_own_use_lifts_a_reply_among_those_that_fit_alike() -> None:
    assert ids("退货") == ["return.how", "return.cost"], "the beginning of a text fits better"
    assert ids("退货", uses={"return.cost": 9}) == ["return.cost", "return.how"]
    assert ids("kuaidi", uses={"ship": 999}) == ["return.how"], "use finds nothing that does not fit"


def test_own_use_never_lifts_a_slip_over_words_that_stand_there() -> None:
    index = Index([Entry("exact", "这里有退货运费几个字"), Entry("near", "退货的一切运费")])
    found = index.search("退货运费", {"near": 10**9})
    assert [one.id for one in found] == ["exact", "near"]


def test_ranked_by_fit_then_in_the_librarys_order() -> None:
    found = INDEX.search("dan", limit=99)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    twins = Index([Entry(name, "同样合适") for name in "cab"])
    assert [one.id for one in twins.search("合适")] == ["c", "a", "b"]


@given(st.data())
def test_every_two_neighbouring_characters_are_found_in_each_way(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(REPLIES) - 1))
    words = fold(REPLIES[at].text)
    start = data.draw(st.integers(0, len(words) - 2))
    part = words[start : start + 2]
    assert REPLIES[at].id in ids(part, limit=99)
    if part.isalpha() and not part.isascii():
        whole = spoken(words)
        assert REPLIES[at].id in ids("".join(whole.syllables[:2]), limit=99)
        assert REPLIES[at].id in ids(whole.initials[:3], limit=99)


@given(st.text(max_size=80), st.dictionaries(st.sampled_from([one.id for one in REPLIES]), st.integers(-5, 10**12)))
def test_no_query_is_too_strange(query: str, uses: dict[str, int]) -> None:
    found = INDEX.search(query, uses)
    assert len(found) <= 10
    assert len({one.id for one in found}) == len(found)


def test_slips_see_one_slip_and_not_two() -> None:
    slips = Slips([("tui", "huo"), ("bu", "huo"), ("fa", "piao")])
    assert slips.find("tuhuo") == {0: "tuihuo", 1: "buhuo"}
    assert slips.find("fpaio") == {}
    assert slips.find("fapaio") == {2: "fapiao"}
    assert slips.find("t" * 500) == {}
