"""What is said in the two shops: topics with questions and answers, and the small words around them.

An agent knows a topic by its question, and the topic says how much work the answer is: `quick` off the cuff, `normal`,
`look_up` (a hold by hand first), `put_off` (somebody else must be asked, so it is left until it hurts).
"""

from typing import Final, Literal

import msgspec

Effort = Literal["quick", "normal", "look_up", "put_off"]
EFFORTS: Final[tuple[Effort, ...]] = ("quick", "normal", "look_up", "put_off")


class Topic(msgspec.Struct, frozen=True):
    effort: Effort
    asks: tuple[str, ...]
    answers: tuple[str, ...]


EVERYWHERE: Final = (
    Topic("quick", ("今天拍下几点发货？", "现在下单今天能寄出吗"), ("四点前付款的今天都能发走，放心拍。",)),
    Topic("quick", ("发什么快递呀", "你们默认哪家快递？"), ("默认中通，偏远地区走邮政，不用补差价。",)),
    Topic("quick", ("可以开发票吗", "能开公司抬头的发票么"), ("可以的，签收后在订单里申请，三天内开好。",)),
    Topic("normal", ("收货地址写错了，能帮我改一下吗", "想换个收货地址"), ("地址已经给您备注好了，打包时按新的寄。",)),
    Topic("normal", ("两件一起买有没有优惠", "买两个能便宜点不"), ("两件减十五，下单时会自动扣掉。",)),
    Topic("normal", ("七天内拆开试过还能退吗", "试用后不合适能退不"), ("配件齐全就能退，运费险会赔运费给您。",)),
    Topic(
        "look_up", ("物流两天没动了，帮我看看到哪了", "快递停在中转站不走了"), ("查到了，今天已经到您市里，明天派送。",)
    ),
    Topic("look_up", ("我的退款到哪一步了", "退货寄回去了，签收没有？"), ("仓库刚签收，退款今天会原路退回。",)),
    Topic(
        "put_off",
        ("仓库里这一批具体还剩几件，我们公司要团购", "能不能问下厂家下个月补货的准确日期"),
        ("问清楚了，够您要的数量，给您单独留出来了。",),
    ),
)
AT_HOME: Final = (
    Topic("quick", ("四件套是纯棉的吗", "面料掉色不"), ("是全棉活性印染，第一遍冷水洗就好，不会掉色。",)),
    Topic("quick", ("枕套一套里有几只", "有没有单卖的枕套"), ("一套里有两只，也有单只卖的。",)),
    Topic("normal", ("一米八的床要哪个尺寸", "被子两米二乘两米四配哪套"), ("选大号那一款，被套正好两米二乘两米四。",)),
    Topic("normal", ("夏天盖会不会太厚", "这床空调被多重"), ("填充一斤半，空调房盖刚刚好。",)),
    Topic(
        "look_up",
        ("收到的颜色和图片不太一样，帮我核对下", "好像发错花型了"),
        ("核对过了，是我们发错，马上给您补寄对的。",),
    ),
)
AT_WORKSHOP: Final = (
    Topic("quick", ("这根线支持快充吗", "充电头多少瓦"), ("支持的，最高六十五瓦，手机电脑都能充。",)),
    Topic("quick", ("保修多久", "坏了怎么保"), ("一年内非人为损坏直接换新。",)),
    Topic("normal", ("平板能用这个支架吗", "支架最大能夹多宽"), ("最宽夹二十三厘米，十二寸以内的平板都行。",)),
    Topic("normal", ("耳机连不上电脑怎么办", "蓝牙总断"), ("先在盒里长按五秒清配对，再重新搜索一次。",)),
    Topic(
        "look_up",
        ("买的键盘有个键没反应，帮我看看订单还保修吗", "帮我查下序列号是不是正品"),
        ("查过了，在保，给您登记换新。",),
    ),
)
PER_SHOP: Final = (AT_HOME, AT_WORKSHOP)
COMPLAINT: Final = Topic(
    "put_off",
    ("我要投诉，坏了换新两次都没人管", "再不处理我就投诉了"),
    ("非常抱歉让您久等，主管已经看过，今天给您补发新的，运费我们出。",),
)
"""Nobody answers it quickly either; and no machine may."""

GREETINGS: Final = ("在吗", "你好", "老板在不在", "有人吗")
NAGS: Final = ("人呢？", "还在吗", "怎么没人回呀", "麻烦快一点")
THANKS: Final = ("谢谢", "好的谢谢", "谢谢亲")
WELCOME: Final = ("不客气，有事随时找我。", "应该的，祝您用得开心。", "不客气哦。")
HOLDS_BY_HAND: Final = ("稍等", "稍等一下哦亲", "请稍等")
ANSWER_TO_ANYTHING: Final = "您好，这个我帮您记下了，今天之内给您准信。"
ADDED_WHEN_REFUSED: Final = ("（换个说法）", "（重发）")

_ALL: Final = (EVERYWHERE, *PER_SHOP, (COMPLAINT,))
_TOPIC_OF: Final = {ask: topic for topics in _ALL for topic in topics for ask in topic.asks}


def topics_of(place: int) -> tuple[Topic, ...]:
    """What is asked in the shop with this number."""
    return EVERYWHERE + PER_SHOP[place % len(PER_SHOP)]


def topic_of(texts: list[str]) -> Topic | None:
    """The topic of these unanswered messages that is most work; None if none is about anything known."""
    known = [topic for text in texts if (topic := _TOPIC_OF.get(text)) is not None]
    return max(known, key=lambda topic: EFFORTS.index(topic.effort), default=None)


def is_thanks(text: str) -> bool:
    return text in THANKS


def puts_off(text: str) -> bool:
    """Whether a shop's text only buys time, as a buyer reads it."""
    return "稍等" in text
