"""Commands that are understood and refused: nothing changes, and the person is told in their own language."""

from typing import Final

SENTENCES: Final = {
    "unknown_shop": ("this desk has no such shop", "没有这个店铺"),
    "unknown_seat": ("this desk has no such seat", "没有这个子账号"),
    "unknown_conversation": ("there is no open conversation with this buyer", "没有与该买家的进行中会话"),
    "unknown_send": ("there is no such message waiting for an outcome", "没有这条待确认的消息"),
    "not_yours": ("this conversation is on another seat", "该会话在其他客服名下"),
    "observe": ("relay only watches this shop; answer in the shop's own client", "该店铺仅旁观，请在平台客户端回复"),
    "duplicate": ("this was already taken", "该操作已处理"),
    "needs_reason": (
        "a question or an answer is still owed; give a reason to close",
        "仍有未回复或欠答，请填写关闭原因",
    ),
    "no_debt": ("nothing is owed here", "该会话没有欠答"),
    "office_order": ("office changes must be taken in order", "设置变更次序错误"),
}


class Refusal(Exception):
    """Why a command was refused: a stable code with an English and a Chinese sentence."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.en, self.zh = SENTENCES[code]
        super().__init__(f"{code}: {self.en}")
