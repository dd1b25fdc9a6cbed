"""What the agents' socket says to a person when it cannot do something: a stable code, English and Chinese."""

from typing import Final

from relay.web.frames import Sentence

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "malformed": ("this is no frame of the protocol", "帧格式错误"),
    "too_big": ("a frame may have at most 64 KiB", "帧过大，最多 64 KiB"),
    "not_text": ("frames are UTF-8 text, never binary", "只接受 UTF-8 文本帧"),
    "hello_first": ("the first frame must be hello", "首帧必须是 hello"),
    "hello_again": ("hello was said already", "已经登录，请勿重复发送 hello"),
    "unauthorized": ("this token is not valid; ask for a new one", "令牌无效，请向管理员索取新令牌"),
    "token_ended": ("your token was ended; ask for a new one", "您的令牌已失效，请向管理员索取新令牌"),
    "origin": ("this page may not connect to relay; ask for its address to be allowed", "该网页来源未被允许连接"),
    "choose_desk": ("you serve several desks; name one in hello", "您属于多个客服台，请在 hello 中选择 desk"),
    "unknown_desk": ("you serve no such desk", "您不属于该客服台"),
    "no_desk": ("no desk has anything for you to see", "没有您可查看的客服台"),
    "too_many": ("too many sessions are open; come again later", "连接数已满，请稍后再试"),
    "abuse": ("too many frames that could not be read", "错误帧过多，连接关闭"),
    "slow": ("you read too slowly; connect again with since", "接收过慢，请带 since 重新连接"),
    "going_away": ("relay is stopping; connect again in a moment", "服务正在停止，请稍后重连"),
    "interrupted": ("the desk was interrupted; connect again", "客服台中断，请重新连接"),
    "nothing_left": ("nothing here is yours to see any more", "您已没有可查看的店铺"),
    "forbidden": ("this is not yours to see or do", "您没有权限"),
    "unknown_conversation": ("there is no open conversation with this buyer", "没有与该买家的进行中会话"),
    "not_yours": ("this conversation is on another seat", "该会话在其他客服名下"),
    "unknown_send": ("there is no such message waiting for an outcome", "没有这条待确认的消息"),
    "unknown_alert": ("there is no open alert here that nobody has acknowledged", "这里没有未确认的提醒"),
    "too_late": (
        "this cannot be taken back any more: a minute has passed, or something has happened since",
        "已无法撤销：超过一分钟，或之后又有变化",
    ),
    "text_empty": ("there is nothing to send", "内容为空"),
    "text_long": ("a reply may have at most 2000 characters", "回复最多 2000 字"),
    "text_control": ("control characters are not allowed", "不能包含控制字符"),
    "reason_empty": ("a reason is needed", "请填写原因"),
    "reason_long": ("a reason may have at most 200 characters", "原因最多 200 字"),
    "reply_withdrawn": ("this quick reply is not approved for this shop now", "该快捷短语当前不可用"),
    "reply_changed": (
        "the text is not that of the quick reply; send it without reply",
        "内容与快捷短语不一致，请作为普通回复发送",
    ),
    "draft_void": (
        "this draft is void: the question has changed or the draft was used; send the text as your own",
        "该草稿已失效（问题已变化或草稿已使用），可将文字作为自己的回复发送",
    ),
    "draft_gone": ("the text of this draft is not at hand; write your own", "该草稿的内容不可用，请自行回复"),
    "draft_or_reply": ("name a draft or a quick reply, not both", "草稿与快捷短语只能选一个"),
    "unknown_follow_up": ("there is no such open follow-up", "没有这条待跟进事项"),
    "when_unclear": (
        'no time can be read in this; say for example "tomorrow afternoon", "30 minutes", "15:30"',
        '看不出时间，可以写 "明天下午"、"30分钟"、"15:30"',
    ),
    "note_empty": ("there is nothing to note", "备注内容为空"),
    "note_long": ("a note may have at most 500 characters", "备注最多 500 字"),
    "slot_unfilled": ("fill this in first: {0}", "请先填写：{0}"),
    "no_slot": ("this quick reply has no such slot: {0}", "该快捷短语没有这个变量：{0}"),
    "key_reused": ("this key was used for another text; nothing was sent", "幂等键已用于其他内容，未发送"),
    "busy": ("relay cannot keep up; try again in a second", "系统繁忙，请稍后重试"),
    "unavailable": (
        "the desk stopped serving and cannot say whether it took this; connect again and look",
        "客服台暂停服务，无法确认操作是否受理，请重新连接后查看",
    ),
}
UNKNOWN_ASK: Final = Sentence(
    "Nobody knows whether this text reached the buyer. Look in the shop's own client, then resolve it: yes or no.",
    "无法确认这条消息是否送达。请到平台客户端查看，然后确认：已送达或未送达。",
)


class RefusedHere(Exception):
    """This room refuses a command before any desk is asked. `what` stands for the `{0}` of the two sentences."""

    def __init__(self, code: str, what: tuple[str, str] = ("", "")) -> None:
        super().__init__(code)
        self.code = code
        self.en, self.zh = (sentence.format(word) for sentence, word in zip(SENTENCES[code], what, strict=True))
