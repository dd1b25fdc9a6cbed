"""§7: what in a buyer's words keeps a machine silent: real spellings, evasions, and look-alikes that must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.rounds import SILENT_TAGS
from relay.domain.settings import Guard, Shop
from relay.insight.guards import GUARDS, faults, read_guard, reads_as_thanks, words_of
from relay.insight.guards.words import SHIPPED
from relay.insight.library.folding import fold

SHOP = Shop("shop", "desk")  # type: ignore[arg-type]

SAID = {
    "threat": (
        "再不处理我就去12315告你们",
        "已经找律师了",
        "我要報警了",
        "等着收律师函吧",
        "我要在抖音曝光你们",
        "我打了消协的电话",
        "不想活了",
        "I will sue you",
        "信不信我起诉",
    ),
    "injury": (
        "用了你家面霜脸上起红疹",
        "孩子的手被割伤了",
        "皮肤过敏了怎么办",
        "充电的时候起火了",
        "吃完拉肚子，上吐下泻",
        "插头漏电",
        "烫伤了",
        "划伤手了流了好多血",
        "my kid is in hospital",
    ),
    "dispute": (
        "我要申请平台介入",
        "凭什么不给退",
        "要求赔偿",
        "退一赔三",
        "小二介入吧",
        "我要维权",
        "I opened a chargeback",
    ),
    "complaint": (
        "我要投诉你们",
        "给你差评",
        "骗子",
        "卖假货的吧",
        "你们这是什么态度",
        "欺诈消费者",
        "举报了",
        "虚假宣传",
        "this is a scam",
        "I want to complain",
    ),
    "person": (
        "转人工",
        "人工",
        "人工！！",
        "人工客服在吗",
        "给我找个真人客服",
        "你是机器人吗",
        "别自动回复了",
        "叫你们老板来",
        "换个客服",
        "I want to talk to a human",
    ),
    "ad": (
        "你好，我们提供刷单服务",
        "专业代运营了解一下",
        "招兼职，日结",
        "达人带货合作",
        "低价快递，空包代发",
        "Promote your store",
    ),
}
HIDDEN = {
    "投 诉": "complaint",
    "投·诉": "complaint",
    "投\u200b诉": "complaint",
    "投訴": "complaint",
    "投、、诉": None,
    "【投】【诉】": "complaint",
    "投🤬诉": "complaint",
    "ｃｏｍｐｌａｉｎｔ": "complaint",
    "T O U S U": "complaint",
    "差 評": "complaint",
    "轉人工": "person",
    "转—人—工": "person",
    "转 ⼈ 工": "person",
    "人 工": "person",
    "Human": "person",
    "１２３１５": "threat",
    "①②③①⑤": "threat",
    "12-315": "threat",
    "起訴你們": "threat",
    "律 師 函": "threat",
    "過 敏 了": "injury",
    "漏⚡電": "injury",
    "燙傷": "injury",
    "平臺介入": "dispute",
    "維　權": "dispute",
    "刷★单": "ad",
}
HARMLESS = (
    "什么时候发货",
    "在吗",
    "能便宜点吗",
    "扫地机器人怎么用",
    "这个机器人玩具几岁能玩",
    "人工皮革耐磨吗",
    "人工智能音箱有吗",
    "安装要人工费吗",
    "人工草坪多少钱一平",
    "真人发假发是真发吗",
    "屏幕有划痕怎么办",
    "会过敏吗",
    "敏感肌可以用吗",
    "防烫伤手套",
    "漏电保护器有货吗",
    "会漏电吗",
    "爆炸盐怎么用",
    "爆炸贴",
    "医院同款口罩",
    "红肿可以用吗",
    "去死皮的",
    "跳楼价还能少吗",
    "烟雾报警器包邮吗",
    "低电量报警功能",
    "麻烦转告你们仓库",
    "报告你们店长一个好消息",
    "告诉我尺码",
    "长曝光怎么设置",
    "曝光度怎么调",
    "是不是假货",
    "不会是假货吧",
    "这店没有差评放心买",
    "差评率高吗",
    "你们不骗人吧",
    "先投，诉求我再说",
    "订单号20231231500123",
    "快递单号 712315998",
    "电话 13123155678",
    "issue with my order",
    "pursue",
    "scampi",
    "复制链接",
    "可以做我们店的代理吗",
    "消费者权益保障标志是什么",
    "退款多久到",
    "运费险赔多少",
    "引流袋有吗",
    "引流条",
    "价格合适就拍",
    "货款两清",
    "垃圾桶多大",
)
THANKS = (
    "谢谢",
    "謝謝",
    "谢 谢~",
    "谢谢亲",
    "好的谢谢啦",
    "嗯嗯，谢谢老板",
    "多谢！",
    "3Q",
    "thx",
    "Thank you so much",
    "拜拜",
    "再见哈",
    "辛苦了",
    "麻烦您了，谢谢",
    "没事了",
    "知道了，谢谢",
    "886",
    "晚安",
    "好滴，谢谢",
    "谢谢❤️",
    "感恩",
)
NO_THANKS = (
    "谢谢，什么时候发货",
    "好的，那颜色呢",
    "谢谢 还有货吗",
    "先谢谢了，帮我看下单号",
    "在吗",
    "",
    "3",
    "麻烦看一下",
    "不谢谢",
    "再见面料是什么",
    "88码有吗",
    "感谢信封",
)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAID.items() for text in texts])
def test_what_people_write(name: str, text: str) -> None:
    assert read_guard(text, SHOP) == name


@pytest.mark.parametrize(("text", "name"), HIDDEN.items())
def test_no_spelling_hides_it(text: str, name: str | None) -> None:
    assert read_guard(text, SHOP) == name


@pytest.mark.parametrize("text", HARMLESS)
def test_a_look_alike_is_none(text: str) -> None:
    assert read_guard(text, SHOP) is None


@pytest.mark.parametrize("text", THANKS)
def test_thanks_and_goodbye(text: str) -> None:
    assert reads_as_thanks(text, SHOP)


@pytest.mark.parametrize("text", NO_THANKS)
def test_thanks_with_more_than_thanks_is_none(text: str) -> None:
    assert not reads_as_thanks(text, SHOP)


def test_of_several_the_gravest_counts() -> None:
    assert read_guard("我要投诉，孩子烫伤了，明天就去起诉，转人工", SHOP) == "threat"
    assert read_guard("我要投诉，孩子烫伤了", SHOP) == "injury"
    assert read_guard("转人工，我要投诉", SHOP) == "complaint"


CHANGES: list[tuple[str, dict[str, Guard], str, str | None]] = [
    ("added", {"complaint": Guard(add=("翻车",))}, "又翻车了", "complaint"),
    ("added in any spelling", {"complaint": Guard(add=("翻车",))}, "翻🚗車", "complaint"),
    ("the shipped ones stay", {"complaint": Guard(add=("翻车",))}, "投诉", "complaint"),
    ("taken out", {"complaint": Guard(without=("差评",))}, "差评", None),
    ("taken out in any spelling", {"complaint": Guard(without=("差評",))}, "差评", None),
    ("replaced: the new one", {"person": Guard(only=("呼叫专员",))}, "呼叫专员", "person"),
    ("replaced: the old one", {"person": Guard(only=("呼叫专员",))}, "转人工", None),
    ("emptied", {"ad": Guard(only=())}, "刷单", None),
    ("another innocent", {"threat": Guard(innocent=("跳楼机票",))}, "跳楼机票", None),
    ("an innocent made guilty", {"complaint": Guard(add=("差评率",))}, "差评率", "complaint"),
    ("a whole text", {"person": Guard(add=("=专员",))}, "专员！", "person"),
    ("not within another", {"person": Guard(add=("=专员",))}, "专员介绍的", None),
    ("another list is left alone", {"ad": Guard(only=())}, "投诉", "complaint"),
]


@pytest.mark.parametrize(("guards", "text", "name"), [pytest.param(*case[1:], id=case[0]) for case in CHANGES])
def test_a_shop_has_its_own_words(guards: dict, text: str, name: str | None) -> None:
    assert read_guard(text, Shop("shop", "desk", guards=guards)) == name  # type: ignore[arg-type]


def test_thanks_are_a_list_too() -> None:
    shop = Shop("shop", "desk", guards={"thanks": Guard(add=("撒花",), without=("没事了",))})  # type: ignore[arg-type]
    assert reads_as_thanks("撒花，谢谢", shop)
    assert not reads_as_thanks("没事了", shop)


def test_every_guard_ships_filled_and_has_a_tag_that_silences() -> None:
    assert set(GUARDS) == {"thanks", *SILENT_TAGS}
    for name in GUARDS:
        assert len(words_of(name, None).words) >= 15
        if name != "thanks":
            for word in SHIPPED[name].words:
                assert read_guard(word.removeprefix("="), SHOP) is not None, word


@pytest.mark.parametrize("name", [name for name in GUARDS if name != "thanks"])
def test_every_shipped_innocent_word_excuses(name: str) -> None:
    for word in SHIPPED[name].innocent:  # type: ignore[index]
        assert read_guard(word, SHOP) is None, word


def test_a_word_that_folds_to_nothing_is_a_fault() -> None:
    guards = {"ad": Guard(add=("！", "刷", "刷单")), "thanks": Guard(only=("拜", "~"))}
    assert list(faults(guards)) == [("ad", "！"), ("ad", "刷"), ("thanks", "~")]  # type: ignore[arg-type]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert read_guard(text, SHOP) in (None, *GUARDS)
    assert isinstance(reads_as_thanks(text, SHOP), bool)


@given(st.sampled_from(["投诉", "转人工", "12315", "漏电"]), st.sampled_from([" ", "\u200b", "·", "_", "⁠"]))
def test_decoration_between_every_letter_changes_nothing(word: str, mark: str) -> None:
    assert read_guard(mark.join(word), SHOP) == read_guard(word, SHOP)
    assert fold(mark.join(word)) == fold(word)
