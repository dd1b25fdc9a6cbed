"""The words that tables use in their columns for role, kind, bot and content, into the words of the message log.

A role or kind that is not listed makes its row unread: a guess there would move a figure unseen. A robot's name in the
kind column says which robot it was and not in which mode it worked, so the kind is `unknown`.
"""

from typing import Final, Literal

Role = Literal["buyer", "merchant", "system"]

_ROLES: Final[dict[Role, str]] = {
    "buyer": "买家 顾客 客户 用户 访客 会员 消费者 咨询者 buyer customer client user visitor consumer",
    "merchant": "商家 卖家 客服 店铺 坐席 座席 人工客服 客服人员 商家客服 merchant seller shop agent staff service",
    "system": "系统 平台 系统消息 系统提示 system platform",
}
_MACHINES: Final[dict[str, str]] = {
    "bot": "机器人 智能客服 机器人客服 bot robot",
    "auto": "自动回复 auto",
}
_KINDS: Final[dict[str, str]] = {
    "human": "人工 人工客服 人工回复 真人 human person manual",
    "assist": "智能辅助 辅助 辅助回复 assist",
    "bot": "机器人 机器人回复 智能客服 全自动 bot robot",
    "auto": "自动 自动回复 auto",
    "helper": "助手 helper",
    "system": "系统 系统消息 系统提示 system",
    "transfer": "转接 transfer",
    "assign": "分配 assign",
    "unknown": "未知 unknown",
}
_BOTS: Final[dict[str, str]] = {
    "dianxiaomi": "店小蜜 阿里店小蜜 dianxiaomi",
    "leyan": "乐言 leyan",
    "xiaowei": "小微 晓微 xiaowei",
    "xiaoduo": "晓多 小多 xiaoduo",
    "relay": "relay",
}
_CONTENTS: Final[dict[str, str]] = {
    "": "文本 文字 文本消息 text txt",
    "image": "图片 图片消息 image picture img",
    "emoji": "表情 emoji",
    "sticker": "贴图 sticker",
    "voice": "语音 语音消息 voice audio",
    "video": "视频 视频消息 video",
    "product_card": "商品 商品卡片 宝贝 宝贝卡片 product_card",
    "order_card": "订单 订单卡片 order_card",
    "refund_card": "退款卡片 退款 refund_card",
    "system_card": "系统卡片 system_card",
    "tip": "提示 系统消息 系统提示 tip",
}


def _looked_up(table: dict[str, str]) -> dict[str, str]:
    return {word: ours for ours, words in table.items() for word in words.split()}


_ROLE_OF: Final[dict[str, Role]] = {word: role for role, words in _ROLES.items() for word in words.split()}
_MACHINE_OF, _KIND_OF, _BOT_OF, _CONTENT_OF = map(_looked_up, (_MACHINES, _KINDS, _BOTS, _CONTENTS))


def role_of(word: str) -> tuple[Role, str | None] | None:
    """The role, and the kind where the word says that too (机器人); None for a word that is not known."""
    word = word.strip().lower()
    if word in _MACHINE_OF:
        return "merchant", _MACHINE_OF[word]
    role = _ROLE_OF.get(word)
    return None if role is None else (role, None)


def kind_of(word: str) -> tuple[str, str | None] | None:
    """The kind, and the bot where the word is a robot's name; None for a word that is not known."""
    word = word.strip().lower()
    if word in _BOT_OF:
        return "unknown", _BOT_OF[word]
    kind = _KIND_OF.get(word)
    return None if kind is None else (kind, None)


def bot_of(word: str) -> str | None:
    """The robot's name in the log's words, `other` for one that the rules do not name; None for an empty cell."""
    word = word.strip().lower()
    return _BOT_OF.get(word, "other") if word else None


def content_of(word: str) -> str | None:
    """What kind of content it is: None for plain text, a word that is not known as it stands."""
    word = word.strip()
    return _CONTENT_OF.get(word.lower(), word) or None
