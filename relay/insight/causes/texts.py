"""What the words of a line tell: it only thanks, it advertises, it is about an order, it asks.

Laws: a text is read when it passes and never kept; what is doubtful is a question. So only a line that is *nothing
but* thanks, a goodbye, an acknowledgement or a friendly picture ends a conversation, and an advertisement needs two
words of the trade beside a way to be reached, and no word about an order: a buyer who sends a telephone number with
an address, or a link to the goods, is a buyer.
"""

import re
from enum import IntEnum
from functools import lru_cache

from relay.domain.phrases import fold, read_buyer_text
from relay.domain.settings import Phrases
from relay.rules.messages import Body


class Sign(IntEnum):
    """What a line shows; a set of them is the sum of its bits."""

    thanks = 1
    acknowledges = 2
    queued = 4
    tagged = 8
    contact = 16
    promotes = 32
    order = 64
    asks = 128
    given = 256  # a placement line that names the seat it was taken from


CLOSING = Sign.thanks | Sign.acknowledges
FEWEST_PROMOTIONS = 2
"""One word of the trade happens in a question ("有推广优惠吗"); two beside a contact hardly do."""

_MORE_THANKS = ("感谢", "非常感谢", "谢了", "辛苦了", "晚安", "拜", "thx", "thanks a lot", "goodbye")
_MORE_ACKNOWLEDGEMENT = (
    "好滴", "好嘞", "行", "哦", "噢", "嗯呢", "知道了", "明白", "明白了", "了解", "了解了", "没事了", "没有了",
    "不用了",
)  # fmt: skip
_EMOTICON = re.compile(
    r"\[(?:微笑|笑|偷笑|大笑|憨笑|呲牙|愉快|可爱|害羞|玫瑰|鲜花|花|爱心|心|拥抱|飞吻|强|赞|胜利|鼓掌|加油|握手|抱拳|ok|谢谢|再见|拜拜)\]"
    r"|/:\^_\^|[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f\u200d]",
    re.IGNORECASE,
)
"""Friendly pictures as exports write them. Any other name in brackets may be a photograph or a card: a question."""
_UPSET = re.compile(
    "[\u2639\u2753-\u2757\U0001f44e\U0001f494\U0001f612-\U0001f616\U0001f61e-\U0001f62b\U0001f62d\U0001f62f-\U0001f631"
    "\U0001f641\U0001f644\U0001f92c\U0001f198]"
)
"""Unhappy and asking pictures: a complaint is no goodbye."""
_PICTURES = frozenset({"emoji", "sticker"})
_ORDER_CARDS = frozenset({"order_card", "product_card"})

_HOST = re.compile(r"(?:https?://|www\.)([a-z0-9.-]+)")
_OUR_HOSTS = ("taobao.com", "tmall.com", "tb.cn", "alicdn.com", "alipay.com", "kuaishou.com", "kwaishop.com")
_HANDLE = re.compile(
    r"(?:微信|薇信|威信|v信|weixin|wechat|vx|wx)[^a-z0-9]{0,4}[a-z][a-z0-9_-]{4,}"
    r"|(?:qq|扣扣)[^0-9]{0,4}[1-9]\d{4,10}"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"
)
_PROMOTIONS = (
    "刷单", "补单", "代运营", "推广", "引流", "涨粉", "加粉", "提升销量", "提升排名", "优化排名", "流量", "直通车",
    "店铺诊断", "爆款打造", "精准客源", "兼职", "日结", "日赚", "月入", "贷款", "佣金", "返佣", "招商", "招代理",
    "网店转让", "资金周转",
    "marketing service", "followers", "seo", "boost your sales", "earn money", "work from home", "top ranking", "loan",
)  # fmt: skip
_ORDER_WORDS = (
    "订单", "单号", "发货", "快递", "物流", "退款", "退货", "换货", "拍下", "拍了", "下单", "付款", "尺码", "收货",
    "发票", "地址", "order", "refund", "parcel", "deliver", "invoice", "shipping",
)  # fmt: skip
_ASKING_ENDS = ("吗", "呢", "么", "嘛", "吗亲", "呢亲", "么亲")


def buyer_signs(body: Body, phrases: Phrases) -> int:
    """What a buyer's line shows."""
    signs = _closing(body.text, body.content, phrases)
    if body.queued:
        signs |= Sign.queued
    if body.tag == "ad":
        signs |= Sign.tagged
    if body.content in _ORDER_CARDS:
        signs |= Sign.order
    if body.text:
        signs |= _trade(body.text.casefold())
    return int(signs)


def shop_signs(body: Body) -> int:
    """Whether a shop's line asks the buyer something, so that "好的" is an answer to it and no goodbye."""
    text = body.text
    if not text:
        return 0
    asks = "?" in text or "？" in text or fold(text).endswith(_ASKING_ENDS)
    return int(Sign.asks) if asks else 0


@lru_cache(maxsize=8192)
def _closing(text: str | None, content: str | None, phrases: Phrases) -> int:
    if not text:
        return int(Sign.acknowledges) if content in _PICTURES else 0
    if "?" in text or "？" in text or _UPSET.search(text):
        return 0
    words = _EMOTICON.sub("", text)
    match read_buyer_text(words, _widened(phrases)):
        case "thanks":
            return int(Sign.thanks)
        case "acknowledgement":
            return int(Sign.acknowledges)
        case _:
            return int(Sign.acknowledges) if words != text and not fold(words) else 0


@lru_cache(maxsize=64)
def _widened(phrases: Phrases) -> Phrases:
    """The shop's phrases and what buyers say besides."""
    return Phrases(
        acknowledgement=phrases.acknowledgement + _MORE_ACKNOWLEDGEMENT, thanks=phrases.thanks + _MORE_THANKS
    )


def _trade(text: str) -> int:
    """Signs of an advertisement, and of the order that makes it none."""
    signs = 0
    if any(word in text for word in _ORDER_WORDS):
        signs |= Sign.order
    if _HANDLE.search(text) or any(not _ours(host) for host in _HOST.findall(text)):
        signs |= Sign.contact
        if sum(word in text for word in _PROMOTIONS) >= FEWEST_PROMOTIONS:
            signs |= Sign.promotes
    return signs


def _ours(host: str) -> bool:
    """A link to the platform's own pages is what buyers send of goods."""
    return any(host == one or host.endswith(f".{one}") for one in _OUR_HOSTS)
