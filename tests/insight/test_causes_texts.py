"""What the words of a line tell, and what is left a question."""

import pytest

from relay.domain.settings import Phrases
from relay.insight.causes.texts import CLOSING, Sign, buyer_signs, shop_signs
from relay.rules.messages import Body

PHRASES = Phrases()


def read(text: str | None, **more: str) -> int:
    return buyer_signs(Body(role="buyer", kind="human", text=text, **more), PHRASES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["谢谢", "谢谢亲", "好的，谢谢！", "多谢啦", "感谢", "Thank you!", "再见", "谢谢😊", "谢谢[微笑]", "bye"]
)
def test_thanks(text: str) -> None:
    assert read(text) == Sign.thanks


@pytest.mark.parametrize(
    "text", ["好的", "嗯嗯", "OK", "ok", "哦", "知道了", "收到", "好的好的", "👌", "🙏🏻", "❤️", "[微笑]", "[ok][赞]"]
)
def test_acknowledgements(text: str) -> None:
    assert read(text) == Sign.acknowledges


@pytest.mark.parametrize("content", ["emoji", "sticker"])
def test_a_picture_without_words_acknowledges(content: str) -> None:
    assert read(None, content=content) == Sign.acknowledges


@pytest.mark.parametrize(
    "text",
    [
        "在吗",
        "你好",
        "好的？",
        "ok?",
        "好吗",
        "不好",
        "不行",
        "谢谢，什么时候发货",
        "？",
        "。。。",
        "1",
        "",
        None,
        "[图片]",
        "[语音]",
        "😡",
        "😭",
        "😢😢",
        "❓",
        "谢谢😡",
        "👎",
        "好的 那几号到",
        "行李箱",
        "thanks but it is broken",
    ],
)
def test_everything_else_is_a_question(text: str | None) -> None:
    assert not read(text) & CLOSING


def test_the_phrases_of_the_shop_count() -> None:
    own = Phrases(thanks=("么么哒",))
    assert buyer_signs(Body(role="buyer", kind="human", text="么么哒"), own) == Sign.thanks
    assert not read("么么哒")


@pytest.mark.parametrize(
    "text",
    [
        "专业代运营，推广引流，加微信 shop8888",
        "兼职日结，详情 https://jobs.example.net",
        "店铺推广 提升销量 QQ：123456789",
        "招代理，佣金高，电话13800138000",
        "SEO and followers: www.example.com",
    ],
)
def test_an_advertisement(text: str) -> None:
    signs = read(text)
    assert signs & Sign.promotes
    assert not signs & Sign.order


@pytest.mark.parametrize(
    "text",
    [
        "我的电话13800138000，浙江省杭州市",
        "这款有货吗 https://item.taobao.com/item.htm?id=1",
        "有推广优惠吗",
        "可以加微信吗",
        "推广引流",
        "专业推广",
        "我在 https://example.com 看到推广，有优惠吗",
        "https://detail.tmall.com 佣金 推广",
    ],
)
def test_a_buyer_is_no_advertiser(text: str) -> None:
    assert not read(text) & Sign.promotes


def test_a_word_of_an_order_is_seen_beside_an_advertisement() -> None:
    both = Sign.promotes | Sign.order
    assert read("我的订单呢 推广 佣金 微信 abc12345") & both == both
    assert read(None, content="order_card") == Sign.order


@pytest.mark.parametrize(
    ("text", "asks"), [("要改吗", True), ("要改吗亲", True), ("改好了", False), ("Shall I?", True), (None, False)]
)
def test_whether_the_shop_asked(text: str | None, asks: bool) -> None:
    assert bool(shop_signs(Body(role="merchant", kind="human", text=text))) is asks
