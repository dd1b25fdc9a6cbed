"""The checks, category by category: what must be found however it is spelled, and what must not be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config.texts import starter, word_lists
from relay.domain.slots import faults, needed
from relay.insight.library.checking import Checker, Objection, Shelf
from relay.insight.library.folding import fold
from relay.insight.library.words import COUNTED, Category, lacking, lay_over, unfit

LISTS = word_lists()
CHECKER = Checker(LISTS)


def found(text: str, checker: Checker = CHECKER) -> list[tuple[str, str]]:
    return [(one.category, one.matched) for one in checker.check(text)]


@pytest.mark.parametrize(
    ("text", "category", "matched"),
    [
        ("加我微信聊", "messenger", "微信"),
        ("加我微 信聊", "messenger", "微 信"),
        ("微\u200b信号发您", "messenger", "微\u200b信"),
        ("微。信", "messenger", "微。信"),
        ("微*-~信", "messenger", "微*-~信"),
        ("微̶信̶", "messenger", "微̶信"),
        ("Ｗｅ Ｃｈａｔ", "messenger", "Ｗｅ Ｃｈａｔ"),
        ("ⓥⓧ联系", "messenger", "ⓥⓧ"),
        ("🅠🅠多少", "messenger", "🅠🅠"),
        ("➕V有礼", "messenger", "➕V"),
        ("加V领券", "messenger", "加V领券"),
        ("+薇有礼", "messenger", "+薇"),
        ("企業號：掃碼加", "messenger", "掃碼加"),
        ("朋友圈發圖", "messenger", "朋友圈"),
        ("加QQ，糖果送您", "messenger", "QQ"),
        ("来电13800138000", "telephone", "13800138000"),
        ("来电138-0013-8000哦", "telephone", "138-0013-8000"),
        ("１３８　００１３　８０００", "telephone", "１３８　００１３　８０００"),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", "telephone", "①③⑧⓪⓪①③⑧⓪⓪⓪"),
        ("一三八零零一三八零零零", "telephone", "一三八零零一三八零零零"),
        ("幺三八〇〇幺三八〇〇〇", "telephone", "幺三八〇〇幺三八〇〇〇"),
        ("+86 138 0013 8000", "telephone", "86 138 0013 8000"),
        ("客服400-820-0000", "telephone", "400-820-0000"),
        ("0571-88880000", "telephone", "0571-88880000"),
        ("2 件 88 13800138000", "telephone", "13800138000"),
        ("看（example.com）", "link", "example.com"),
        ("看 https://example.com/a", "link", "https://example.com/a"),
        ("看ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ", "link", "ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ"),
        ("e x a m p l e 。 c o m", "link", "e x a m p l e 。 c o m"),
        ("example点cn", "link", "example点cn"),
        ("a@example.net", "link", "example.net"),
        ("evil-taobao.com", "link", "evil-taobao.com"),
        ("taobao.com.example.vip", "link", "taobao.com.example.vip"),
        ("全网第一的品质", "absolute", "全网第一"),
        ("全 網 第 一", "absolute", "全 網 第 一"),
        ("全。网。第。一", "absolute", "全。网。第。一"),
        ("顶·级面料", "absolute", "顶·级"),
        ("ＮＯ.１", "absolute", "ＮＯ.１"),
        ("这是最好的", "superlative", "最好"),
        ("好评返现五元", "paid_review", "好评返现"),
        ("好 评 返 红 包", "paid_review", "好 评 返 红 包"),
        ("麻烦刪除差評", "paid_review", "刪除差評"),
        ("5星好评送礼", "paid_review", "5星好评送"),
        ("五 星 好 评", "asked_praise", "五 星 好 评"),
        ("亏本卖给您", "lowest_price", "亏本"),
        ("虧_本", "lowest_price", "虧_本"),
        ("全网最低价", "lowest_price", "全网最低价"),
        ("48小时内发货", "time_promise", "48小时内"),
        ("两 天 内到", "time_promise", "两 天 内"),
        ("今天发货", "time_promise", "今天发"),
        ("假一赔十", "money_promise", "假一赔十"),
        ("赔付您20元红包", "money_promise", "赔付您"),
        ("保 证正品", "money_promise", "保 证"),
        ("没有", "bare_refusal", "没有"),
        ("這個不可以", "bare_refusal", "不可以"),
        ("好" * 200, "length", "好" * 200),
        ("", "length", ""),
    ],
)
def test_what_is_found(text: str, category: str, matched: str) -> None:
    assert (category, matched) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "支持微信支付和花呗",
        "这款QQ糖很有嚼劲",
        "加V领更显脸小",
        "价格请稍微调整一下",
        "价格不是最高，级别相同",
        "越来越好，评价也多",
        "订单1234567890123456789已登记",
        "营业时间9:00-13:00，18:30-22:00",
        "13:00-18:30，128元",
        "尺寸 120-130-140 厘米",
        "2026-11-11 10:00 开始",
        "详见 https://item.taobao.com/item.htm?id=1",
        "A.B两款都有货",
        "请提前，最好先看尺码表",
        "第一次购买吗",
        "第一时间为您处理",
        "最大承重看参数",
        "我们会把最优先的订单排在前面",
        "印刷单据会随货寄出",
        "口碑越来越好，评价送达后可见",
        "到底价格怎么看",
        "七天无理由退货",
        "今天发现少件请告诉我",
        "保证金以页面为准",
        "没有的，因为已经卖完了",
        "不能改价，您可以领券",
        "有没有想要的颜色",
        "还没有收到吗",
        "nvxie 和 swxyz 是型号",
        "书包包装完好",
    ],
)
def test_what_only_looks_alike_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("topic", starter(), ids=lambda topic: topic.id)
def test_the_starter_library_trips_no_check(topic: object) -> None:
    for reply in topic.reply:  # type: ignore[attr-defined]
        assert found(reply.text) == []


def test_the_starter_library_covers_the_handbook_and_repeats_nothing() -> None:
    replies = [reply for topic in starter() for reply in topic.reply]
    shelf = Shelf(LISTS)
    for reply in replies:
        assert shelf.twins(reply.id, reply.text) == []
        shelf.add(reply.id, reply.text)
    assert 40 <= len(replies) == len({reply.id for reply in replies}) <= 80
    assert {reply.purpose for reply in replies} == {
        "greeting", "hold", "answer", "after_hours", "queue_notice", "closing",
    }  # fmt: skip
    assert all(reply.id.startswith(f"{topic.id}.") for topic in starter() for reply in topic.reply)
    assert [one for one in replies if faults(one.text)] == []
    assert {one.purpose for one in replies if needed(one.text)} == {"after_hours"}, "the opening, as relay knows it"


DECORATION = st.sampled_from(["", " ", "\u200b", "\ufeff", "·", "-", "*", "~", "_", "\u0336", "🌷", "  \u2060", "|"])
WORDS = [(one.id, word, bool(one.across)) for one in LISTS.values() if one.id not in COUNTED for word in one.words]


@settings(max_examples=600)
@given(st.data())
def test_decoration_never_hides_a_listed_word(data: st.DataObject) -> None:
    category, word, across = data.draw(st.sampled_from(WORDS))
    marks = DECORATION | st.sampled_from("，。！、") if across else DECORATION
    filled = word.replace("#", data.draw(st.sampled_from(["3", "48", "两", "十五"])))
    dressed = "".join(_dressed(sign, data) + data.draw(marks) for sign in filled[:-1]) + _dressed(filled[-1], data)
    spans = [(one.start, one.end) for one in CHECKER.check(f"亲，{dressed}。") if one.category == category]
    assert spans or _excused(dressed), dressed


def _dressed(sign: str, data: st.DataObject) -> str:
    wide = chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign
    return data.draw(st.sampled_from([sign, sign.upper(), wide]))


def _excused(dressed: str) -> bool:
    """A word that stands plainly within a look-alike of its own is innocent."""
    return any(dressed in word for one in LISTS.values() for word in one.innocent)


@given(st.text(alphabet="加微信vVqQ最好。，返现 48小时内+没有因为\u200b", max_size=40))
def test_an_objection_shows_what_stands_there(text: str) -> None:
    for one in CHECKER.check(text):
        assert one.matched == text[one.start : one.end]
        assert one.zh
        assert one.en


@given(st.text(max_size=60))
def test_no_text_is_too_strange_to_be_judged(text: str) -> None:
    assert CHECKER.check(text) == CHECKER.check(text)


def test_the_lists_are_whole() -> None:
    for one in LISTS.values():
        assert lacking(one) == []
        assert unfit(one) == []
        assert len({fold(word) for word in one.words}) == len(one.words), f"{one.id} names a word twice"
    assert set(COUNTED) <= set(LISTS)


def test_a_shop_lays_its_own_words_over_the_lists() -> None:
    raw = """
[[category]]
id = "superlative"
severity = "off"
[[category]]
id = "messenger"
words = ["小窗"]
without = ["公众号"]
[[category]]
id = "house"
severity = "warn"
zh = "本店不用"
en = "not our way"
words = ["宝宝"]
""".encode()
    mine = Checker(word_lists(raw))
    assert found("这是最好的", mine) == []
    assert found("看公众号，小 窗聊", mine) == [("messenger", "小 窗")]
    assert found("微信", mine) == [("messenger", "微信")]
    assert mine.check("宝宝您好") == [Objection(0, 2, "house", "warn", "宝宝", "本店不用", "not our way")]


def test_laying_nothing_over_changes_nothing() -> None:
    assert lay_over(LISTS, ()) == LISTS
    assert lay_over(LISTS, tuple(Category(name) for name in LISTS)) == LISTS


def test_twins_are_named() -> None:
    shelf = Shelf(LISTS)
    shelf.add("a", "您好，请问想了解哪一款商品呢？")
    assert shelf.twins("a", "您好，请问想了解哪一款商品呢？") == [], "a text is no twin of itself"
    [same] = shelf.twins("b", "您好! 請問想了解哪一款商品呢")
    assert (same.category, same.severity) == ("duplicate", "refuse")
    assert same.zh.endswith("：a")
    [near] = shelf.twins("c", "您好，请问您想了解哪一款商品呢？")
    assert (near.category, near.severity) == ("alike", "warn")
    assert shelf.twins("d", "退款会按原路退回，请留意到账通知。") == []


def test_an_empty_text_or_one_the_office_does_not_take_is_refused() -> None:
    assert [one.severity for one in CHECKER.check(" ")] == ["refuse"]
    assert [one.severity for one in CHECKER.check("好" * 501)] == ["refuse"]
    assert [one.severity for one in CHECKER.check("好" * 300)] == ["warn"]
